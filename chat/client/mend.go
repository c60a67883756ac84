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
)

// mending is what has to be mended of one room: what this person lacks of its keys.
type mending struct {
	due    bool // look at it
	asked  bool // the server keeps a question
	failed bool // the last look did not come to its end
	skip   int  // of what is lacking, that nobody has given
	// odd is what was shown of entries that were not plainly good, by number.
	odd map[uint64]oddity
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
	for {
		var r *room
		var asked *wire.BoxAsked
		s.mu.Lock()
		every := s.mendEvery
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(s.ctx, every)
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

func (s *Session) mendAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		r.mending.due = r.mending.due || r.mending.asked || r.mending.failed
	}
}

// noteMending marks a room whose last entry may have left this person without a key; mu is held.
func (s *Session) noteMending(r *room, ev e2e.Event) {
	if o := oddityOf(ev); o != (oddity{}) {
		if r.mending.odd == nil {
			r.mending.odd = map[uint64]oddity{}
		}
		r.mending.odd[ev.Seq] = o
	}
	joined := ev.Kind == e2e.EventNotice && ev.Change.Kind == trust.ChangeJoined
	if joined { // who asked may have been ahead of this log
		s.asked, s.nothing = append(s.asked, s.nothing...), nil
	}
	if joined && ev.Change.Account == s.keys.Account() || ev.Kind == e2e.EventGeneration && (ev.Cause != e2e.CauseNone || r.mending.asked || r.keys.Late()) {
		r.mending.due = true
	}
}

// keysChanged asks again where the own keys are others now, which others seal to again, and looks again at what others asked for; mu is held.
func (s *Session) keysChanged(c trust.DirectoryChange) {
	if c.Type != trust.LabelIdentity {
		return
	}
	s.asked, s.nothing = append(s.asked, s.nothing...), nil
	for _, r := range s.rooms {
		r.mending.due = r.mending.due || r.mending.asked || s.vault != nil && c.Account == s.vault.Account
	}
}

// lacks is what this person lacks of a room's keys now.
func (s *Session) lacks(r *room) wire.BoxAsk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return wire.BoxAsk{Room: r.keys.ID(), Generations: append([]models.Hash{}, r.keys.Lacks(r.mending.skip)...), Waiting: r.keys.Waiting()}
}

// mendRoom fetches what was sealed to this person meanwhile, reads the log again for it, and asks the others for the rest. What fails is tried again
// with the next look.
func (s *Session) mendRoom(r *room) {
	err := s.repair(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mending.failed = err != nil
}

func (s *Session) repair(r *room) error {
	ask := s.lacks(r)
	for {
		some := false
		for _, g := range ask.Generations {
			boxes, err := s.boxes(s.ctx, ask.Room, g)
			if err != nil {
				return err
			}
			s.mu.Lock()
			some = s.rooms[ask.Room] == r && r.keys.Offer(g, boxes) || some
			s.mu.Unlock()
		}
		if !some {
			break
		}
		ask = s.lacks(r)
	}
	if s.isLate(r) {
		if err := s.reread(s.ctx, r); err != nil {
			return err
		}
		ask = s.lacks(r)
	}
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

func (s *Session) isLate(r *room) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[r.keys.ID()] == r && r.keys.Late()
}

// reread reads a room's log again with the keys that have come since, beside the reading that goes on. What turns out otherwise than it was shown comes as an
// update that says Again.
func (s *Session) reread(ctx context.Context, r *room) error {
	s.mu.Lock()
	again := &rereading{keys: r.keys.Again(), odd: map[uint64]oddity{}}
	id := r.keys.ID()
	s.mu.Unlock()
	for {
		var page wire.LogReadReply
		if err := s.call(ctx, wire.TypeLogRead, wire.LogRead{Room: id, After: again.keys.Next() - 1}, &page); err != nil {
			return err
		}
		for _, w := range page.Entries {
			if done, err := s.rereadEntry(r, again, entryOf(w)); done || err != nil {
				return err
			}
		}
		if len(page.Entries) == 0 {
			return e2e.ErrOrder // the server has less now than it had
		}
	}
}

// rereading is a room's log on its way to where the room is.
type rereading struct {
	keys  *e2e.Room
	odd   map[uint64]oddity
	title string
	found []Update
}

// rereadEntry applies one entry again, and puts the reading in the room's place when it has come as far.
func (s *Session) rereadEntry(r *room, again *rereading, e models.Entry) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[e.Room] != r {
		return true, errLeft
	}
	ev, err := again.keys.ApplyAgain(e, r.keys)
	if err != nil {
		return true, err
	}
	o, was := oddityOf(ev), r.mending.odd[e.Seq]
	if o != (oddity{}) {
		again.odd[e.Seq] = o
	}
	if o != was && o.cause != e2e.CauseExpired {
		again.found = append(again.found, Update{Room: e.Room, Event: &ev, Again: true})
	}
	if ev.Kind == e2e.EventMessage && ev.Message.Kind == e2e.KindTitle {
		again.title = string(ev.Message.Content)
	}
	if again.keys.Next() < r.keys.Next() {
		return false, nil
	}
	again.keys.Succeed(r.keys)
	r.keys, r.mending.odd = again.keys, again.odd
	if again.title != "" {
		r.title = again.title
	}
	r.mending.due = r.mending.due || r.keys.Late()
	s.updates = append(s.updates, again.found...)
	s.changed.Broadcast()
	return true, nil
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
