package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

const (
	// mendEvery is how soon somebody who lacks keys asks for them again; the server then brings it before others.
	mendEvery = time.Minute
	// welcomeAfter is how long a member waits before he makes a generation for those who have joined: for whoever joins with them, and for a message that
	// brings one anyway.
	welcomeAfter = time.Second
	mostAsked    = 256 // questions that wait; what is beyond is asked again
	mostLooks    = 16  // doublings of the time until a log is fetched again
)

// mending is what has to be mended of one room.
type mending struct {
	due    bool // look at it
	asked  bool // the server keeps a question
	failed bool // the last look did not come to its end
	skip   int  // of what is lacking, that nobody has given
	// odd is what was shown of entries that were not plainly good, by number.
	odd   map[uint64]oddity
	fetch bool // the log is to be fetched again
	rest  int  // ticks until then
	looks int  // how often it was
	// twins are messages under a number that another has, and proofs what was made of the two, by number of the later; nil for what is no proof.
	twins  map[uint64]uint64
	proofs map[uint64][]byte
}

// repairs are what is done by itself about a room's entries that do not count, by the repair that e2e names for their cause, in this order. What is
// not due does nothing; what fails is tried again with the next look.
var repairs = []struct {
	repair e2e.Repair
	do     func(*Session, *room) error
}{
	{e2e.RepairAsk, (*Session).collect},
	{e2e.RepairAsk, (*Session).readLate},
	{e2e.RepairFollow, (*Session).readLate},
	{e2e.RepairAsk, (*Session).askOthers},
	{e2e.RepairProve, (*Session).keepProofs},
	{e2e.RepairFetch, (*Session).fetchAgain},
}

// oddity is what is shown of an entry beside what it says; the zero oddity is nothing.
type oddity struct {
	refused bool
	cause   e2e.Cause
	warn    e2e.Warning
}

func oddityOf(ev e2e.Event) oddity {
	return oddity{ev.Kind == e2e.EventRefused || ev.Kind == e2e.EventSkipped, ev.Cause, ev.Warn}
}

// errSettled says that somebody else has made the generation.
var errSettled = errors.New("nothing is needed any more")

// mend asks for what this person lacks, reads logs again when it has come, and gives others what they lack.
func (s *Session) mend() {
	if !slices.Contains(s.conn.hello.Features, wire.FeatureRooms) {
		return
	}
	ticked := time.Now()
	for {
		var r *room
		var asked *wire.BoxAsked
		s.mu.Lock()
		next := ticked.Add(s.mendEvery)
		s.mu.Unlock()
		ctx, cancel := context.WithDeadline(s.ctx, next)
		err := s.until(ctx, func() bool {
			r, asked = s.nextMending()
			return r != nil || asked != nil
		})
		cancel()
		switch {
		case asked != nil:
			s.give(*asked)
		case r != nil:
			s.mendRoom(r)
		case errors.Is(err, context.DeadlineExceeded) && s.ctx.Err() == nil:
			ticked = time.Now()
			s.mendAll()
		default:
			return
		}
	}
}

// nextMending takes what is to be done next; mu is held.
func (s *Session) nextMending() (*room, *wire.BoxAsked) {
	if len(s.asked) > 0 {
		a := s.asked[0]
		s.asked = s.asked[1:]
		return nil, &a
	}
	for _, r := range s.rooms {
		if r.mending.due && r.open {
			r.mending.due = false
			return r, nil
		}
	}
	return nil, nil
}

// mendAll is done at every tick.
func (s *Session) mendAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		r.mending.due = r.mending.tick() || r.mending.due || r.mending.asked || r.mending.failed
	}
}

// tick says whether a log is to be fetched again now. The times between grow: a member who posts what opens for nobody has nobody read
// without end, and a server that has handed out a wrong copy once is asked until the session ends.
func (m *mending) tick() bool {
	doubted := false
	for _, o := range m.odd {
		doubted = doubted || o.cause.Remedy().Repair == e2e.RepairFetch
	}
	switch {
	case !doubted || m.fetch:
	case m.rest > 0:
		m.rest--
	default:
		m.fetch, m.rest, m.looks = true, 1<<m.looks, min(m.looks+1, mostLooks)
	}
	return m.fetch
}

// noteMending marks a room whose last entry may have left this person without a key; mu is held.
func (s *Session) noteMending(r *room, ev e2e.Event) {
	if o := oddityOf(ev); o != (oddity{}) {
		if r.mending.odd == nil {
			r.mending.odd = map[uint64]oddity{}
		}
		r.mending.odd[ev.Seq] = o
	}
	r.mending.noteTwin(ev)
	joined := ev.Kind == e2e.EventNotice && ev.Change.Kind == trust.ChangeJoined
	if joined { // who asked may have been ahead of this log
		s.asked, s.nothing = append(s.asked, s.nothing...), nil
	}
	if joined && ev.Change.Account == s.keys.Account() || ev.Kind == e2e.EventGeneration && (ev.Cause.Remedy().Repair == e2e.RepairAsk || r.mending.asked || r.keys.Late()) {
		r.mending.due = true
	}
}

// directoryGrew looks again at rooms with entries that waited for it. It asks again where the own keys are others now, which others seal to again, and
// looks again at what others asked for; mu is held.
func (s *Session) directoryGrew(c trust.DirectoryChange) {
	own := false
	if c.Type == trust.LabelIdentity {
		s.asked, s.nothing = append(s.asked, s.nothing...), nil
		own = s.vault != nil && c.Account == s.vault.Account
	}
	for _, r := range s.rooms {
		r.mending.due = r.mending.due || r.keys.Late() || own || c.Type == trust.LabelIdentity && r.mending.asked
	}
}

// lacks is what this person lacks of a room's keys now.
func (s *Session) lacks(r *room) wire.BoxAsk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return wire.BoxAsk{Room: r.keys.ID(), Generations: append([]models.Hash{}, r.keys.Lacks(r.mending.skip)...), Waiting: r.keys.Waiting()}
}

// mendRoom does what is due. What fails is tried again with the next tick.
func (s *Session) mendRoom(r *room) {
	var err error
	for _, x := range repairs {
		if err = x.do(s, r); err != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mending.failed = err != nil
	s.changed.Broadcast() // it is mended, or asked for
}

// collect takes what was sealed to this person meanwhile.
func (s *Session) collect(r *room) error {
	for some := true; some; {
		some = false
		ask := s.lacks(r)
		for _, g := range ask.Generations {
			boxes, err := s.boxes(s.ctx, ask.Room, g)
			if err != nil {
				return err
			}
			s.mu.Lock()
			some = s.rooms[ask.Room] == r && r.keys.Offer(g, boxes) || some
			s.mu.Unlock()
		}
	}
	return nil
}

// askOthers asks the other members for what is lacking still.
func (s *Session) askOthers(r *room) error {
	ask := s.lacks(r)
	s.mu.Lock()
	wanting, before := len(ask.Generations) > 0 || ask.Waiting, r.mending.asked
	if r.mending.skip += len(ask.Generations); len(ask.Generations) < wire.MaxAsked {
		r.mending.skip = 0
	}
	s.mu.Unlock()
	if !wanting && !before {
		return nil
	}
	if err := s.call(s.ctx, wire.TypeBoxAsk, ask, new(wire.Empty)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mending.asked = wanting
	s.changed.Broadcast()
	return nil
}

// Lacking says how many generations of an open room this person may open and can not yet: other members were asked for them.
func (s *Session) Lacking(id models.RoomID) int {
	r, err := s.room(id)
	if err != nil {
		return 0
	}
	n := len(s.lacks(r).Generations)
	if s.isLate(r) {
		n++ // has come, and the log is not read again yet
	}
	return n
}

// give does for another member what he lacks, as far as the room's rules give it to him.
func (s *Session) give(a wire.BoxAsked) {
	r, err := s.room(a.Room)
	if err != nil || s.early(r, a) {
		return
	}
	if a.Waiting {
		s.welcome(r, a.Account)
	}
	for _, b := range s.gift(r, a) {
		give := wire.BoxGive{Room: a.Room, Generation: b.Generation, Boxes: []wire.Box{{Account: b.Account, Key: b.Key, Body: b.Body}}}
		if s.call(s.ctx, wire.TypeBoxGive, give, new(wire.Empty)) != nil {
			return
		}
	}
}

// early keeps a question of somebody who is no member as far as this log was read: his joining brings it up again.
func (s *Session) early(r *room, a wire.BoxAsked) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, member := r.keys.State().Member(a.Account)
	if !member {
		s.keepAsked(a)
	}
	return !member
}

// gift seals what a question asks for. One that is answered with nothing is kept: who asks may be left out until his new keys are listed.
func (s *Session) gift(r *room, a wire.BoxAsked) []models.Box {
	s.mu.Lock()
	defer s.mu.Unlock()
	boxes, err := r.keys.Give(a.Account, a.Generations)
	if err == nil && len(boxes) == 0 && len(a.Generations) > 0 {
		s.keepAsked(a)
	}
	return boxes
}

// keepAsked keeps a question until somebody joins or has other keys; mu is held, as it was when the answer was looked for.
func (s *Session) keepAsked(a wire.BoxAsked) {
	if len(s.nothing) < mostAsked {
		s.nothing = append(s.nothing, a)
	}
}

// welcome makes the generation that a member waits for, if the room still needs one after a moment, and says the title under it.
func (s *Session) welcome(r *room, account models.AccountID) {
	needed := func() bool {
		_, member := r.keys.State().Member(account)
		return member && r.open && r.keys.NeedsGeneration()
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.welcomeAfter)
	err := s.until(ctx, func() bool { return !needed() })
	cancel()
	if !errors.Is(err, context.DeadlineExceeded) {
		return
	}
	r.sending.Lock()
	defer r.sending.Unlock()
	err = s.change(s.ctx, r, func() (models.Entry, error) {
		if !needed() {
			return models.Entry{}, errSettled
		}
		return r.keys.Generation()
	})
	if err == nil {
		s.sayTitle(s.ctx, r)
	}
}
