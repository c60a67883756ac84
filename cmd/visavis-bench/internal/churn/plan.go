package churn

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// How likely somebody does something in a round, in percent: per room, or per seat.
const (
	invites   = 60
	joins     = 75
	leaves    = 12
	removes   = 20
	policies  = 10
	roles     = 20
	terms     = 25 // of a round
	hopes     = 10 // that somebody who was revoked is invited
	logOuts   = 3
	locks     = 1
	mostTexts = 3 // of a seat in a round
	mostAway  = 4 // rounds
	firstIn   = 3 // one in so many members is invited when a room is made
)

// blow is something that happens to the world while everybody is at work.
type blow func(context.Context) error

// plan is what a round is to bring.
type plan struct {
	tasks map[*seat][]task
	blow  blow // nil for none
	beat  *beat
}

// beat counts tasks that are done, so that a blow falls amid them.
type beat struct {
	mu      sync.Mutex
	left    int
	reached chan struct{} // closed when so many are done
}

func newBeat(after int) *beat {
	b := &beat{left: after, reached: make(chan struct{})}
	if after == 0 {
		close(b.reached)
	}
	return b
}

func (b *beat) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left--; b.left == 0 {
		close(b.reached)
	}
}

// settleDown founds the organisation, signs everybody up, and fills the rooms.
func (w *world) settleDown(ctx context.Context) error {
	w.tell("found")
	if err := w.found(ctx); err != nil {
		return err
	}
	w.counts.Desks = max(2, w.Members/membersADesk)
	for range w.counts.Desks {
		b, err := w.newDesk(ctx)
		if err != nil {
			return err
		}
		w.desks = append(w.desks, b)
	}
	if err := w.signUpAll(ctx); err != nil {
		return err
	}
	w.clock.Move(time.Hour) // the challenges of the sign-ups do not count any more
	titles, made := plan{tasks: map[*seat][]task{}, beat: newBeat(0)}, w.people[:w.Rooms]
	for i, p := range made {
		titles.tasks[p.seats[0]] = []task{create(fmt.Sprintf("Room %d", i+1))}
	}
	w.tell("log in")
	for _, p := range []func() plan{func() plan { return titles }, w.firstInvitations, w.plan} {
		if err := w.carryOut(ctx, p()); err != nil {
			return err
		}
		if err := w.quiet(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) signUpAll(ctx context.Context) error {
	var run sync.WaitGroup
	failed := make([]error, w.Members)
	for i := range w.Members {
		p := newPerson(fmt.Sprintf("member%d", i+1), i+1)
		w.people = append(w.people, p)
		for k := range 2 {
			w.seats = append(w.seats, w.newSeat(p, w.desks[(i+k*(len(w.desks)/2))%len(w.desks)]))
		}
		run.Go(func() { _, failed[i] = w.signUp(ctx, p.seats[0].bay, p) })
	}
	run.Wait()
	for i, p := range w.people {
		if failed[i] != nil {
			return failed[i]
		}
		w.byAccount[p.account] = p
	}
	return w.approve(ctx)
}

// firstInvitations ask some into each room.
func (w *world) firstInvitations() plan {
	p := plan{tasks: map[*seat][]task{}, beat: newBeat(0)}
	for _, h := range w.histories() {
		owner := w.byAccount[h.owners()[0]]
		for range max(1, w.Members/firstIn) {
			if whom := w.outsider(h); whom != nil {
				p.tasks[owner.seats[0]] = append(p.tasks[owner.seats[0]], invite(h.id, whom))
			}
		}
	}
	return p
}

// chance draws with so many percent.
func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }

// plan draws a round.
func (w *world) plan() plan {
	p := plan{tasks: map[*seat][]task{}}
	total := 0
	for _, s := range w.seats {
		if s.away == 0 && !s.empty {
			p.tasks[s] = w.day(s)
		}
	}
	if s := w.seats[w.random.IntN(len(w.seats))]; s.away == 0 && !s.empty && w.chance(terms) {
		p.tasks[s] = append(p.tasks[s], serve())
	}
	for _, h := range w.histories() {
		w.changes(p, h)
	}
	for _, s := range w.seats {
		w.random.Shuffle(len(p.tasks[s]), func(i, j int) { p.tasks[s][i], p.tasks[s][j] = p.tasks[s][j], p.tasks[s][i] })
		total += len(p.tasks[s])
	}
	p.beat = newBeat(w.random.IntN(total + 1))
	if w.counts.Rounds > 0 && w.counts.Rounds%w.Blows == 0 {
		p.blow = w.deal()
	}
	return p
}

// day is what somebody does at a seat by himself.
func (w *world) day(s *seat) []task {
	var rooms []models.RoomID
	for _, h := range w.histories() {
		if h.in(s.who.account) {
			rooms = append(rooms, h.id)
		}
	}
	var tasks []task
	if len(rooms) > 0 {
		for range w.random.IntN(mostTexts + 1) {
			tasks = append(tasks, send(rooms[w.random.IntN(len(rooms))], fmt.Sprintf("round %d, %s, %x", w.counts.Rounds, s.who.name, w.random.Uint64())))
		}
	}
	switch {
	case w.chance(logOuts):
		tasks = append(tasks, logOut(1+w.random.IntN(mostAway)))
	case w.chance(locks):
		tasks = append(tasks, lock())
	}
	return tasks
}

// changes are what happens to a room's roster.
func (w *world) changes(p plan, h *history) {
	give := func(a models.AccountID, t task) {
		seats := w.byAccount[a].seats
		s := seats[w.random.IntN(len(seats))]
		if s.away == 0 && !s.empty {
			p.tasks[s] = append(p.tasks[s], t)
		}
	}
	here := h.here()
	if len(here) == 0 {
		return
	}
	member := func() models.AccountID { return here[w.random.IntN(len(here))] }
	if whom := w.outsider(h); whom != nil && w.chance(invites) {
		give(member(), invite(h.id, whom))
	}
	for _, p := range w.people {
		if p.ends != nil && !h.in(p.account) && w.chance(hopes) {
			give(member(), invite(h.id, p))
		}
	}
	for _, a := range sorted(maps.Keys(h.invited), func(models.AccountID) bool { return true }) {
		if w.chance(joins) {
			give(a, join(h.id))
		}
	}
	owners := h.owners()
	owner := func() models.AccountID { return owners[w.random.IntN(len(owners))] }
	if w.chance(policies) {
		give(owner(), rule(h.id, w.rules()))
	}
	if a := member(); !h.owns(a) && w.chance(leaves) {
		give(a, leave(h.id))
	}
	if a, by := member(), owner(); a != by && w.chance(removes) {
		give(by, remove(h.id, w.byAccount[a]))
	}
	for range 2 { // at once: two owners may take each other's role away
		a, by := member(), owner()
		if h.owns(a) {
			a = owner()
		}
		if a == by || !w.chance(roles) {
			continue
		}
		give(by, stand(h.id, w.byAccount[a], map[bool]trust.RoomRole{false: trust.RoleOwner, true: trust.RoleMember}[h.owns(a)]))
	}
}

// rules draws a policy.
func (w *world) rules() trust.Policy {
	p := trust.DefaultPolicy()
	p.History = uint8(trust.HistoryNone + w.random.IntN(3))
	if p.History == trust.HistoryLast {
		p.Last = uint32(1 + w.random.IntN(30))
	}
	if w.chance(50) {
		p.MaxAge = uint32(60 * (3 + w.random.IntN(10)))
	}
	return p
}

// outsider draws somebody who is neither in a room nor invited; nil when there is nobody.
func (w *world) outsider(h *history) *person {
	var out []*person
	for _, p := range w.people {
		if p.ends == nil && !h.in(p.account) && h.invited[p.account] == 0 {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out[w.random.IntN(len(out))]
}

// deal draws the next blow of a shuffled deck, so that a short run has all kinds too.
func (w *world) deal() blow {
	if len(w.deck) == 0 {
		stop := func(killed bool, n *int) blow {
			return func(ctx context.Context) error {
				w.counts.add(n)
				if err := w.house.close(killed); err != nil {
					return err
				}
				return w.house.open(ctx)
			}
		}
		w.deck = []blow{w.cut, w.cut, w.cut, w.end, w.banish, w.banish, stop(false, &w.counts.Restarts), stop(true, &w.counts.Kills)}
		w.random.Shuffle(len(w.deck), func(i, j int) { w.deck[i], w.deck[j] = w.deck[j], w.deck[i] })
	}
	b := w.deck[0]
	w.deck = w.deck[1:]
	return b
}

// cut pulls a desk's cable, and puts it back.
func (w *world) cut(context.Context) error {
	b := w.desks[w.random.IntN(len(w.desks))].now()
	n := b.wires.cut()
	w.counts.add(&w.counts.Cuts)
	w.counts.mu.Lock()
	defer w.counts.mu.Unlock()
	w.counts.Connections += n
	return nil
}

// end revokes a desk.
func (w *world) end(ctx context.Context) error {
	return w.revoke(ctx, w.desks[w.random.IntN(len(w.desks))].now())
}
