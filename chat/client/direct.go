package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrNoPeer says that nobody has a room of two with himself, or with somebody whom the directory does not list.
var ErrNoPeer = errors.New("no room of two with this person")

// Direct enters the room of two that the person has with another, and makes it when there is none. It is found again by either of the two, at any
// desk; whoever is out of it is asked in again.
func (s *Session) Direct(ctx context.Context, peer models.AccountID) (models.RoomID, error) {
	fail := func(err error) (models.RoomID, error) {
		return models.RoomID{}, fmt.Errorf("a room with %s: %w", peer.Short(), err)
	}
	if _, listed := s.dir.Identity(peer); !listed || peer == s.Account() {
		return fail(ErrNoPeer)
	}
	if !slices.Contains(s.conn.hello.Features, wire.FeatureRooms) {
		return fail(wire.Refuse(wire.CodeUnsupported))
	}
	if k := s.Knows(peer); k.Standing == e2e.StandingChanged { // before a room is made that nobody can be asked into
		return fail(&e2e.ChangedError{Who: []models.AccountID{peer}})
	}
	for range rebases {
		id, err := s.findDirect(ctx, peer)
		if err == nil && id.IsZero() {
			id, err = s.makeDirect(ctx, peer)
		}
		switch {
		case errors.Is(err, wire.Refuse(wire.CodeExists)):
			continue // the other was faster
		case err != nil:
			return fail(err)
		}
		if err := s.meet(ctx, id, peer); err != nil {
			return fail(err)
		}
		return id, nil
	}
	return fail(wire.Refuse(wire.CodeConflict))
}

func (s *Session) findDirect(ctx context.Context, peer models.AccountID) (models.RoomID, error) {
	var reply wire.RoomDirectReply
	err := s.call(ctx, wire.TypeRoomDirect, wire.RoomDirect{Account: peer}, &reply)
	return reply.Room, err
}

func (s *Session) makeDirect(ctx context.Context, peer models.AccountID) (models.RoomID, error) {
	s.mu.Lock()
	e, err := s.keys.NewDirect(trust.DefaultPolicy(), peer)
	s.mu.Unlock()
	if err != nil {
		return models.RoomID{}, err
	}
	_, err = s.append(ctx, e)
	return e.Room, err
}

// meet enters a room of two, whatever the server calls one, and sees that both are in it or asked in.
func (s *Session) meet(ctx context.Context, id models.RoomID, peer models.AccountID) error {
	if err := s.Enter(ctx, id); err != nil {
		return err
	}
	r, err := s.room(id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	state := r.keys.State()
	pair, member := state.IsPair(s.Account(), peer), r.keys.Member()
	_, other := state.Member(peer)
	asked := state.IsInvited(peer)
	s.mu.Unlock()
	if !pair {
		return fmt.Errorf("room %s is another: %w", id.Short(), wire.Refuse(wire.CodeInternal))
	}
	if !member {
		if err := s.Join(ctx, id); err != nil && !s.in(r) { // at another desk, or by another call, he may have joined meanwhile
			return err
		}
	}
	if other || asked {
		return nil
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.Invite(peer, trust.RoleOwner) })
}

// in says whether the person is a member of a room, as far as it was read.
func (s *Session) in(r *room) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.Member()
}

// Asker says who asks the person into a room of two, as the statement says that made it; false for other rooms. It reads nothing else of the room.
func (s *Session) Asker(ctx context.Context, id models.RoomID) (models.AccountID, bool, error) {
	if !s.conn.speaks(wire.FeatureRooms) {
		return models.AccountID{}, false, nil
	}
	var page wire.LogReadReply
	if err := s.call(ctx, wire.TypeLogRead, wire.LogRead{Room: id}, &page); err != nil {
		return models.AccountID{}, false, fmt.Errorf("who asks into room %s: %w", id.Short(), err)
	}
	if len(page.Entries) == 0 {
		return models.AccountID{}, false, nil
	}
	r := trust.NewRoom(s.dir.Org(), id)
	if _, err := r.Apply(entryOf(page.Entries[0]), s.dir); err != nil {
		return models.AccountID{}, false, fmt.Errorf("who asks into room %s: %w", id.Short(), err)
	}
	peer, ok := peerIn(r, s.Account())
	return peer, ok, nil
}

// peerIn is the other one of a room of two that one is of.
func peerIn(r *trust.Room, me models.AccountID) (models.AccountID, bool) {
	a, b, ok := r.Pair()
	switch {
	case !ok || a != me && b != me:
		return models.AccountID{}, false
	case a == me:
		return b, true
	}
	return a, true
}

// Peer says with whom a room of two is; false for other rooms, and before it was entered.
func (s *Session) Peer(id models.RoomID) (models.AccountID, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		return models.AccountID{}, false
	}
	return peerIn(r.keys.State(), s.keys.Account())
}
