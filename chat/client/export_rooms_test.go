package client

import (
	"context"
	"time"

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
