package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// A room that random schedules are played on: some people, each at two desks, who write, change the room and its rules against each other, lose connections
// at any point, change keys, and read in batches of any size, on an honest server that now and then starts anew. Whatever the schedule, what is promised
// holds in the end. A schedule is drawn from a number; one that fails is shortened and told.
var (
	scheduleSeed  = flag.Uint64("schedule.seed", 0, "play this schedule alone")
	scheduleCount = flag.Int("schedule.count", 30, "play so many schedules")
	scheduleSteps = flag.Int("schedule.steps", 120, "of so many steps each")
)

// step is one thing that happens, at a seat. Its numbers choose whom it is about, and how it goes.
type step struct {
	what string
	seat uint32
	whom uint32
	how  uint32
}

func (s step) String() string { return fmt.Sprintf("%s(%d,%d,%d)", s.what, s.seat, s.whom, s.how) }

// acts are what can happen, as often as they stand here.
var acts = []string{
	"say", "say", "say", "say", "say", "say", "read", "read", "read", "read", "learn",
	"invite", "invite", "join", "join", "join", "leave", "remove", "role", "policy", "race", "race",
	"drop", "drop", "lose", "late", "late", "hold", "hold", "hold", "lapse", "arrive", "arrive", "renew", "restart", "mend", "wait",
}

func drawSchedule(seed uint64, steps int) []step {
	random := rand.New(rand.NewPCG(seed, 1))
	all := []step{{what: "invite"}, {what: "join"}, {what: "invite"}, {what: "join"}, {what: "policy", how: random.Uint32N(3)}}
	for len(all) < steps {
		all = append(all, step{acts[random.IntN(len(acts))], random.Uint32N(1000), random.Uint32N(1000), random.Uint32N(1000)})
	}
	return all
}

// TestSchedules plays schedules that nobody has thought of.
func TestSchedules(t *testing.T) {
	first, last := uint64(1), uint64(*scheduleCount)
	if *scheduleSeed > 0 {
		first, last = *scheduleSeed, *scheduleSeed
	}
	var did tally
	for seed := first; seed <= last; seed++ {
		steps := drawSchedule(seed, *scheduleSteps)
		err := playSchedule(t, seed, steps, &did)
		if err == nil {
			continue
		}
		short := shorten(steps, func(steps []step) bool { return playSchedule(t, seed, steps, &tally{}) != nil })
		t.Errorf("schedule %d: %v\nits shortest: %v\n-> %v\nagain: go test ./chat/e2e -run TestSchedules -schedule.seed %d -schedule.steps %d",
			seed, err, short, playSchedule(t, seed, short, &tally{}), seed, *scheduleSteps)
	}
	t.Logf("%+v", did)
	if *scheduleSeed == 0 && *scheduleCount >= 30 && slices.Contains([]int{did.read, did.rejoined, did.resent, did.lost, did.given, did.refused, did.renewed, did.lapsed}, 0) {
		t.Errorf("the schedules are tame: %+v", did)
	}
}

// shorten takes steps out as long as what is left still fails, the larger pieces first.
func shorten(steps []step, fails func([]step) bool) []step {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(steps); {
			if less := slices.Concat(steps[:at], steps[at+size:]); fails(less) {
				steps = less
			} else {
				at += size
			}
		}
	}
	return steps
}

// TestShorten: what matters is left.
func TestShorten(t *testing.T) {
	steps := drawSchedule(1, 40)
	got := shorten(steps, func(s []step) bool { return slices.Contains(s, steps[7]) && slices.Contains(s, steps[31]) })
	if !slices.Equal(got, []step{steps[7], steps[31]}) {
		t.Errorf("left are %v", got)
	}
	if again := drawSchedule(1, 40); !slices.Equal(again, steps) {
		t.Error("a seed gives another schedule the second time")
	}
}

// tally counts what schedules brought.
type tally struct{ read, rejoined, resent, lost, given, refused, renewed, lapsed int }

// playSchedule plays one from the beginning and says what does not hold.
func playSchedule(t testing.TB, seed uint64, steps []step, did *tally) error {
	p := newPlay(t, seed, did)
	for _, s := range steps {
		p.take(s)
		if p.err != nil {
			return fmt.Errorf("at %v: %w", s, p.err)
		}
	}
	p.settle()
	p.judge()
	return p.err
}

// take plays one step.
func (p *play) take(st step) {
	s, whom := p.who(st)
	switch st.what {
	case "say":
		s.say(p.text(), sent)
	case "lose": // the answer
		s.say(p.text(), lost)
		s.drop()
	case "late":
		s.say(p.text(), late)
		s.drop()
	case "hold":
		s.say(p.text(), held)
	case "lapse":
		p.lapse(s, st.how)
	case "drop":
		s.drop()
	case "arrive":
		p.arrive(int(st.how))
	case "read":
		s.read(1 + int(st.how)%12)
	case "learn":
		s.learn()
	case "mend":
		s.mend()
		p.give(s)
	case "renew":
		p.renew(int(st.whom))
	case "restart":
		p.restart()
	case "wait":
		p.w.now = p.w.now.Add(GenerationRetry / 2)
	case "race": // two changes on top of the same state
		other := p.seats[int(st.how)%len(p.seats)]
		s.learn()
		other.learn()
		one, errOne := s.change(p.kind(st.how), whom, st.how)
		two, errTwo := other.change(p.kind(st.whom), whom, st.whom)
		s.hand(one, errOne)
		other.hand(two, errTwo)
	default:
		s.learn()
		s.read(len(p.w.log))
		s.hand(s.change(st.what, whom, st.how))
	}
}

// who is to do a step, and to whom: mostly somebody who may, so that something comes of it.
func (p *play) who(st step) (*seat, models.AccountID) {
	in := func(a models.AccountID) bool { _, in := p.state.Member(a); return in }
	by, about := func(*seat) bool { return true }, in
	switch st.what {
	case "join":
		by = func(s *seat) bool { return p.state.IsInvited(s.vault.Account) }
	case "say", "lose", "late", "hold", "lapse", "leave", "invite", "race", "read", "mend":
		by = func(s *seat) bool { return in(s.vault.Account) }
	case "remove", "role", "policy":
		by = func(s *seat) bool {
			m, _ := p.state.Member(s.vault.Account)
			return m.Role == trust.RoleOwner || st.how%8 == 0
		}
	}
	if st.what == "invite" {
		about = func(a models.AccountID) bool { return !in(a) }
	}
	seats := slices.DeleteFunc(slices.Clone(p.seats), func(s *seat) bool { return !by(s) })
	people := slices.DeleteFunc(slices.Clone(p.people), func(a *actor) bool { return !about(a.vault.Account) })
	if len(seats) == 0 {
		seats = p.seats
	}
	if len(people) == 0 {
		people = p.people
	}
	return seats[int(st.seat)%len(seats)], people[int(st.whom)%len(people)].vault.Account
}

func (p *play) kind(n uint32) string {
	return []string{"invite", "remove", "role", "policy", "leave"}[int(n)%5]
}

func (p *play) text() string {
	p.texts++
	return strings.Repeat("x", p.texts%300) + fmt.Sprint(" ", p.texts)
}
