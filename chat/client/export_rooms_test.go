package client

import (
	"context"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/models"
)

// SetMending says how soon members ask again, and how long they wait for others before they welcome somebody.
func (s *Session) SetMending(every, welcome time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mendEvery, s.welcomeAfter = every, welcome
}

// LacksOf is what the person lacks of a room's keys.
func (s *Session) LacksOf(id models.RoomID) wire.BoxAsk {
	r, err := s.room(id)
	if err != nil {
		return wire.BoxAsk{}
	}
	return s.lacks(r)
}

// UntilMended waits until nothing is lacking in a room, and what came late was read again.
func (s *Session) UntilMended(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.until(ctx, func() bool {
		return len(r.keys.Lacks(0)) == 0 && !r.keys.Waiting() && !r.keys.Late() && !r.mending.due
	})
}

// WaitAsked waits until the server keeps a question of this person.
func (s *Session) WaitAsked(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.until(ctx, func() bool { return r.mending.asked })
}

// WaitGeneration waits until a room has had so many generations.
func (s *Session) WaitGeneration(ctx context.Context, id models.RoomID, number uint64) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.until(ctx, func() bool {
		g, _ := r.keys.State().Current()
		return g.Number >= number
	})
}

// Kept counts the questions that wait for somebody's joining, or other keys.
func (s *Session) Kept() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.nothing)
}

// KeptHeld is Kept inside Until.
func (s *Session) KeptHeld() int { return len(s.nothing) }

// GiveRaw takes a question from a server that says what it likes.
func (s *Session) GiveRaw(a wire.BoxAsked) { s.give(a) }

// FetchAgain fetches a room's log again, now.
func (s *Session) FetchAgain(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.reread(ctx, r, true)
}

// SealTwice seals two texts under one number, as no honest client does.
func (s *Session) SealTwice(id models.RoomID, one, other string) (both []wire.LogAppend, err error) {
	r, err := s.room(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	unsent := *r.keys
	for _, text := range []string{one, other} {
		*r.keys = unsent
		e, err := r.keys.Seal(e2e.Draft{Kind: e2e.KindText, Content: []byte(text)})
		if err != nil {
			return nil, err
		}
		both = append(both, wire.LogAppend{Room: e.Room, Kind: e.Kind, Message: e.Message, Body: e.Body, Boxes: []wire.Box{}})
	}
	return both, nil
}

// HeldProofs are a room's proofs, as they lie in memory.
func (s *Session) HeldProofs(id models.RoomID) (all [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, proof := range s.rooms[id].mending.proofs {
		all = append(all, proof)
	}
	return all
}

// WaitProofs waits until there is so much proof against members of a room.
func (s *Session) WaitProofs(ctx context.Context, id models.RoomID, n int) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.until(ctx, func() bool { return len(r.mending.proofs) >= n })
}

// Fetches are the ticks, of so many, at which a log is fetched again that stays as wrong as it was.
func Fetches(ticks int) (at []int) {
	m := mending{odd: map[uint64]oddity{1: {refused: true, cause: e2e.CauseToken}}}
	for i := range ticks {
		if m.tick() {
			at = append(at, i)
		}
		m.fetch = false
	}
	return at
}

// Tick is a mending's tick, now.
func (s *Session) Tick() {
	s.mendAll()
	s.changed.Broadcast()
}

// Repairs are those that a session does.
func Repairs() (all []e2e.Repair) {
	for _, x := range repairs {
		all = append(all, x.repair)
	}
	return all
}

// KeepNothing keeps what is seen from now on out of the vault, until something else has it saved.
func (s *Session) KeepNothing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = s.desk.now().Add(24 * time.Hour)
}
