package churn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/goleak"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/models"
)

// Settings are what a run is made of. Dir is empty or missing before it.
type Settings struct {
	Dir            string
	Members, Rooms int
	For            time.Duration // of the world's clock
	Step           time.Duration // that passes from round to round, beside what faces take
	Blows          int           // rounds from one blow to the next: a network cut, a desk revoked, a server stopped or killed
	Seed           uint64
	Patience       time.Duration // of the wall's clock, after which something counts as stuck
	CheapPasswords bool          // that cost no time, and protect nothing
	Log            *slog.Logger  // the servers'; nil for none
	Tell           func(Progress)
	Stuck          func(goroutines []byte) // what everybody does when something has lasted nearly that long, once; nil for nobody to look at it

	wrap func(models.Store) models.Store // what the server gets to see of the store; nil for all
}

// Progress is how far a run is.
type Progress struct {
	What      string
	Done, All time.Duration // of the world's clock; none before the first round
	Round     int
	Here      int // seats that are taken
	Sent      int
}

// The least that makes a churn.
const (
	leastMembers = 4
	membersADesk = 3
	doorsAtOnce  = 4 // log-ins at once; a real password takes 64 MiB
)

// errSettings is of settings that make no churn.
var errSettings = errors.New("not a churn")

func (s Settings) check() error {
	if s.Members < leastMembers || s.Rooms < 1 || s.Rooms > s.Members || s.Blows < 1 || s.Step <= 0 || s.For <= 0 || s.Patience <= 0 || s.Dir == "" {
		return fmt.Errorf("%d members, %d rooms, a blow every %d rounds of %v, for %v: %w", s.Members, s.Rooms, s.Blows, s.Step, s.For, errSettings)
	}
	return nil
}

// world is everything in a run. Only the run's own goroutine changes it; seats count in counts, write in book, and leave what they have read.
type world struct {
	Settings
	clock  *Clock
	house  *house
	random *rand.Rand
	counts *Counts
	book   *book
	judge  *judge
	doors  chan struct{}
	pepper trust.Pepper

	people    []*person
	byAccount map[models.AccountID]*person
	seats     []*seat
	desks     []*bay
	enrolled  int
	deck      []blow
	began     time.Time // of the rounds, by the world's clock

	stuck    sync.Once
	officeMu sync.Mutex
	office   *seat // the admin's, who is in no room

	mu    sync.Mutex
	ended []*reading
}

// Run makes a world, lets it churn, and counts. The counts say what went wrong in the product; the error, why the run could not be finished.
func Run(ctx context.Context, s Settings) (*Counts, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	before, began := goleak.IgnoreCurrent(), time.Now()
	clock := NewClock(began.UTC().Truncate(time.Second))
	h, err := newHouse(clock, s)
	if err != nil {
		return nil, err
	}
	w := &world{
		Settings: s, clock: clock, house: h, random: rand.New(rand.NewPCG(s.Seed, 0)), counts: &Counts{Members: s.Members, Rooms: s.Rooms}, book: &book{},
		doors: make(chan struct{}, doorsAtOnce), byAccount: map[models.AccountID]*person{},
	}
	w.judge = &judge{rooms: map[models.RoomID]*history{}, dir: newRegistry(), book: w.book, counts: w.counts, now: clock.Now}
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	err = w.live(ctx)
	for _, s := range append(w.seats, w.office) {
		if s != nil && s.session != nil {
			s.session.Close()
			s.leave()
		}
	}
	err = errors.Join(err, h.close(false))
	if left := goleak.Find(before); left != nil {
		w.counts.Goroutines = strings.Count(left.Error(), "Goroutine ")
		w.counts.wrong(nil, "%v", left)
	}
	w.counts.Took = time.Since(began)
	return w.counts, err
}

func (w *world) live(ctx context.Context) error {
	if err := w.settleDown(ctx); err != nil {
		return err
	}
	w.began = w.clock.Now()
	for w.clock.Now().Sub(w.began) < w.For {
		if err := w.round(ctx); err != nil {
			return err
		}
	}
	w.counts.World = w.clock.Now().Sub(w.began)
	if err := w.gather(ctx); err != nil {
		return err
	}
	return w.haunt(ctx)
}

func (w *world) tell(what string) {
	if w.Tell == nil {
		return
	}
	p := Progress{What: what, Round: w.counts.Rounds, Sent: w.counts.Acknowledged}
	if !w.began.IsZero() {
		p.Done, p.All = w.clock.Now().Sub(w.began), w.For
	}
	for _, s := range w.seats {
		if s.live() {
			p.Here++
		}
	}
	w.Tell(p)
}

// patiently bounds what may last. Shortly before the end it is looked at what everybody is at: afterwards they have gone on.
func (w *world) patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, w.Patience)
	if w.Stuck == nil {
		return ctx, cancel
	}
	late := time.AfterFunc(w.Patience-w.Patience/8, func() { w.stuck.Do(w.look) })
	return ctx, func() { late.Stop(); cancel() }
}

func (w *world) look() {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 2); err == nil {
		w.Stuck(b.Bytes())
	}
}

// official does something as the admin, who comes back before it if he has to.
func (w *world) official(ctx context.Context, do func(*client.Session) error) error {
	w.officeMu.Lock()
	defer w.officeMu.Unlock()
	ctx, cancel := w.patiently(ctx)
	defer cancel()
	in, err := w.office.in(ctx)
	if err != nil {
		return fmt.Errorf("the admin: %w", err)
	}
	if !in {
		return fmt.Errorf("the admin has to wait: %w", errTries)
	}
	return do(w.office.session)
}

// freshly does something that wants a proof of just now; the admin gives it, by password.
func (w *world) freshly(ctx context.Context, admin *client.Session, deed func() error) error {
	return client.Freshly(deed, func() error { return admin.ProvePassword(ctx, []byte(w.office.who.password)) })
}

// histories are the rooms, in the order of their ids.
func (w *world) histories() []*history {
	var list []*history
	for _, h := range w.judge.rooms {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b *history) int { return strings.Compare(a.id.String(), b.id.String()) })
	return list
}

// all does something at every seat at once.
func (w *world) all(do func(*seat)) {
	var run sync.WaitGroup
	for _, s := range w.seats {
		run.Go(func() { do(s) })
	}
	run.Wait()
}

// round is a plan that is carried out by everybody at once, while a blow falls, and a quiet time after it.
func (w *world) round(ctx context.Context) error {
	w.counts.Rounds++
	p := w.plan()
	if err := w.carryOut(ctx, p); err != nil {
		return err
	}
	if err := w.quiet(ctx); err != nil {
		return err
	}
	w.tell("round")
	w.clock.Move(w.Step)
	for _, s := range w.seats {
		s.away = max(0, s.away-1)
	}
	return ctx.Err()
}

func (w *world) carryOut(ctx context.Context, p plan) error {
	var run sync.WaitGroup
	for s, tasks := range p.tasks {
		run.Go(func() {
			for _, t := range tasks {
				s.perform(ctx, t)
				p.beat.tick()
			}
		})
	}
	var err error
	if p.blow != nil {
		run.Go(func() {
			<-p.beat.reached
			err = p.blow(ctx)
		})
	}
	run.Wait()
	return err
}

// quiet waits until everything is said and read by everybody who is there, and judges it.
func (w *world) quiet(ctx context.Context) error {
	w.all(func(s *seat) { s.settle(ctx) })
	w.all(func(s *seat) { s.depart(ctx) })
	if err := w.readLogs(ctx); err != nil {
		return err
	}
	if err := w.renew(ctx); err != nil {
		return err
	}
	if err := w.readLogs(ctx); err != nil {
		return err
	}
	w.all(func(s *seat) { s.catchUp(ctx) })
	w.mu.Lock()
	readings := w.ended
	w.ended = nil
	w.mu.Unlock()
	for _, s := range w.seats {
		if s.read != nil {
			readings = append(readings, s.read)
		}
	}
	if err := w.readLogs(ctx); err != nil { // a member may have welcomed another meanwhile
		return err
	}
	for _, r := range readings {
		r.each(w.judge.walked)
		if r.strange > 0 {
			w.counts.wrong(r.who, "was shown %d entries out of the log's order", r.strange)
		}
	}
	w.judge.stored()
	w.judge.lawful()
	for _, p := range w.people {
		w.judge.silent(p)
	}
	w.did()
	w.all(func(s *seat) { s.knock(ctx) })
	return ctx.Err()
}

// readLogs takes in what the database holds.
func (w *world) readLogs(ctx context.Context) error {
	ids, err := w.house.store.Rooms(ctx)
	if err != nil {
		return err
	}
	w.counts.Rekeys = 0
	for _, id := range ids {
		if w.judge.rooms[id] == nil {
			w.judge.rooms[id] = newHistory(id)
		}
		h := w.judge.rooms[id]
		if err := h.read(ctx, w.house.store); err != nil {
			return err
		}
		w.counts.Rekeys += len(h.made)
	}
	return w.judge.dir.read(ctx, w.house.store) // after the rooms: it has all heads that they name
}

// did holds acknowledged changes against the logs, which may hold more: an answer can be lost.
func (w *world) did() {
	stood := map[string]int{}
	for _, h := range w.judge.rooms {
		for typ, n := range h.did {
			stood[typ] += n
		}
	}
	for _, x := range []struct {
		what  trust.Label
		acked int
	}{
		{trust.LabelJoin, w.counts.Joins}, {trust.LabelLeave, w.counts.Leaves}, {trust.LabelRemove, w.counts.Removals}, {trust.LabelRoomRole, w.counts.Roles}, {trust.LabelInvite, w.counts.Invitations},
	} {
		if n := stood[x.what.Type()]; n < x.acked {
			w.counts.wrong(nil, "of %d that were acknowledged %d stand in the logs: %s", x.acked, n, x.what.Type())
		}
	}
}

// gather brings everybody back for a last look, also those who have to wait for their next log-in.
func (w *world) gather(ctx context.Context) error {
	const wait, hours = 15 * time.Minute, 8
	for range hours {
		for _, s := range w.seats {
			s.away = 0
		}
		if err := w.quiet(ctx); err != nil {
			return err
		}
		w.tell("gather")
		if !slices.ContainsFunc(w.seats, func(s *seat) bool { return !s.empty && (!s.live() || len(s.outbox) > 0 || s.read.owed()) }) {
			return nil
		}
		w.clock.Move(wait)
	}
	for _, s := range w.seats {
		if s.read != nil {
			s.read.each(w.judge.owing)
		}
		if !s.empty && (!s.live() || len(s.outbox) > 0) {
			w.counts.wrong(s.who, "did not come back within %v", hours*wait)
		}
	}
	return nil
}
