package server

import (
	"bytes"
	"context"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// roomDirect finds the room of two that the person has with another, so that none is made twice. It saves the desk a walk through all of its rooms;
// the desk looks for itself whether it is such a room.
func (c *conn) roomDirect(_ context.Context, b wire.RoomDirect) (any, error) {
	h := c.srv.hub
	h.mu.RLock()
	defer h.mu.RUnlock()
	return wire.RoomDirectReply{Room: h.direct(c.session.account, b.Account)}, nil
}

// direct is the room of two that account may read and was made for it and peer; of several, one in which peer still is, and then the one with
// the least id. hub.mu is held.
func (h *hub) direct(account, peer models.AccountID) (best models.RoomID) {
	var there bool
	for id, r := range h.of[account] {
		if !r.state.IsPair(account, peer) {
			continue
		}
		open := r.open(peer)
		if best.IsZero() || open && !there || open == there && bytes.Compare(id[:], best[:]) < 0 {
			best, there = id, open
		}
	}
	return best
}

// another says whether a room that begins now would be the second of the same two. hub.mu is held.
func (h *hub) another(st trust.Statement) bool {
	peer, ok := st.Peer()
	return ok && !h.direct(st.Author, peer).IsZero()
}
