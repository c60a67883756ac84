package client

import (
	"context"

	"visavis/chat/trust"
	"visavis/models"
)

// Policy returns a room's rules, as far as it was read.
func (s *Session) Policy(id models.RoomID) (trust.Policy, error) {
	r, err := s.room(id)
	if err != nil {
		return trust.Policy{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.State().Policy(), nil
}

// SetPolicy changes a room's rules, for what is said from the next message on; owners may.
func (s *Session) SetPolicy(ctx context.Context, id models.RoomID, p trust.Policy) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.SetPolicy(p) })
}

// SetRole gives a member another role; owners may.
func (s *Session) SetRole(ctx context.Context, id models.RoomID, account models.AccountID, role trust.RoomRole) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.SetRole(account, role) })
}
