package client

import (
	"context"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// CreateRoomUnder makes a room with rules of its own, enters it and gives it a title, which only its members can read.
func (s *Session) CreateRoomUnder(ctx context.Context, title string, rules trust.Policy) (models.RoomID, error) {
	s.mu.Lock()
	e, err := s.keys.NewRoom(rules)
	s.mu.Unlock()
	if err != nil {
		return models.RoomID{}, err
	}
	if _, err := s.append(ctx, e); err != nil {
		return models.RoomID{}, err
	}
	if err := s.Enter(ctx, e.Room); err != nil {
		return models.RoomID{}, err
	}
	_, err = s.send(ctx, e.Room, e2e.Draft{Kind: e2e.KindTitle, Content: []byte(title)})
	return e.Room, err
}

// Rules are an open room's; zero for one that is not open.
func (s *Session) Rules(id models.RoomID) trust.Policy {
	r, err := s.room(id)
	if err != nil {
		return trust.Policy{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.State().Policy()
}

// SetRules gives a room other rules: an owner's right. They hold for what is said from then on.
func (s *Session) SetRules(ctx context.Context, id models.RoomID, rules trust.Policy) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.SetPolicy(rules) })
}

// SetRole makes a member an owner, or an owner a member again: an owner's right.
func (s *Session) SetRole(ctx context.Context, id models.RoomID, account models.AccountID, role trust.RoomRole) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.SetRole(account, role) })
}
