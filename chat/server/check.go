package server

import (
	"errors"
	"fmt"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// check says whether the state allows an entry now.
func (s *Server) check(e models.Entry) error {
	h := s.hub
	if e.Room.IsZero() {
		if err := h.checkDirectory(e); err != nil {
			return err
		}
		return s.pace.allow(e, s.now())
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	r := h.rooms[e.Room]
	if r == nil {
		if e.Kind != models.EntryStatement {
			return wire.Refuse(wire.CodeNotFound)
		}
		r = &room{state: trust.NewRoom(h.dir.Org(), e.Room)}
	}
	if _, listed := h.dir.Identity(e.Author); !listed { // whose revocation overtook what he had under way
		return stateRefusal(trust.ErrRevoked)
	}
	if err := r.state.Check(e, h.dir); err != nil {
		return stateRefusal(err)
	}
	switch e.Kind {
	case models.EntryGeneration:
		if err := r.state.CheckBoxes(e.Body, e.Boxes, h.dir); err != nil {
			return stateRefusal(err)
		}
		if g, ok := r.state.Current(); !ok || !r.state.Fits(g.Hash, h.dir) {
			return nil // the room needs one: never refused, and bounded by what changed it
		}
	case models.EntryStatement:
		if err := h.fits(r, e); err != nil {
			return err
		}
	}
	return s.pace.allow(e, s.now())
}

// fits bounds how many people are in a room, and how many rooms one is in, for a statement that the room's state accepts. hub.mu is held.
func (h *hub) fits(r *room, e models.Entry) error {
	st, err := trust.ParseStatement(e.Body)
	if err != nil {
		return stateRefusal(err)
	}
	var full bool
	switch st.Type {
	case trust.LabelCreate.Type():
		if h.another(st) {
			return wire.Refuse(wire.CodeExists)
		}
		full = h.memberships(e.Author) >= roomsPerAccount
	case trust.LabelInvite.Type():
		asked, err := st.Invites()
		if err != nil {
			return stateRefusal(err)
		}
		people := len(r.state.Members()) + len(r.state.Invited())
		full = h.memberships(asked) >= roomsPerAccount || people >= h.srv.Config.Limits.RoomMembers
	}
	if full {
		return wire.Refuse(wire.CodeFull)
	}
	return nil
}

// memberships counts the rooms that an account is in. Invitations do not count: others make them, and could fill the list. hub.mu is held.
func (h *hub) memberships(account models.AccountID) int {
	n := 0
	for _, r := range h.of[account] {
		if _, member := r.state.Member(account); member {
			n++
		}
	}
	return n
}

func (h *hub) checkDirectory(e models.Entry) error {
	if e.Kind != models.EntryStatement {
		return wire.Refuse(wire.CodeInvalid)
	}
	st, err := trust.ParseStatement(e.Body)
	if err != nil || st.Author != e.Author {
		return wire.Refuse(wire.CodeInvalid)
	}
	return stateRefusal(h.dir.Check(e.Body))
}

// stateRefusal says of a statement only whether trying again on top of the newest state may help.
func stateRefusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, trust.ErrPrev), errors.Is(err, trust.ErrStaleHead), errors.Is(err, trust.ErrUnknownHead), errors.Is(err, trust.ErrState):
		return fmt.Errorf("%w: %w", wire.Refuse(wire.CodeConflict), err)
	case errors.Is(err, trust.ErrNotAllowed), errors.Is(err, trust.ErrRevoked):
		return fmt.Errorf("%w: %w", wire.Refuse(wire.CodeNotAllowed), err)
	case errors.Is(err, trust.ErrFull):
		return fmt.Errorf("%w: %w", wire.Refuse(wire.CodeFull), err)
	}
	return fmt.Errorf("%w: %w", wire.Refuse(wire.CodeInvalid), err)
}
