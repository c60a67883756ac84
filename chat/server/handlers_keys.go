package server

import (
	"context"
	"fmt"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// keysPerPage are the changes of one page: bundles of the largest size leave room in a frame.
const keysPerPage = 32

// keysChange keeps what somebody asks to have in place of the keys, until an admin has signed it.
func (c *conn) keysChange(ctx context.Context, b wire.KeysChange) (any, error) {
	id, _ := c.srv.hub.dir.Identity(c.session.account)
	bundle, err := trust.OpenBundle(b.Bundle, c.srv.hub.dir)
	if err == nil && bundle.Hash == id.Bundle {
		return wire.Empty{}, nil // signed meanwhile
	}
	if err != nil || len(bundle.Boxes) != 1 || !bundle.Succeeds(id) {
		return nil, fmt.Errorf("%w: %w", wire.Refuse(wire.CodeInvalid), orNotNext(err))
	}
	if wait := waitFor(c.srv.keyChanges.take(c.session.account, c.srv.now())); wait != nil {
		return nil, wait
	}
	k := models.KeyChange{Account: c.session.account, Bundle: b.Bundle, Known: b.Known, At: c.srv.now().UTC()}
	if err := c.srv.store.PutKeyChange(ctx, k); err != nil {
		return nil, err
	}
	c.auditOf("keys.change", "asked", knownText[b.Known])
	c.srv.tellAdmins()
	return wire.Empty{}, nil
}

var knownText = map[bool]string{true: "the password may be known"}

// orNotNext is why a bundle is none that follows.
func orNotNext(err error) error {
	if err != nil {
		return err
	}
	return trust.ErrIdentity
}

// tellAdmins says that somebody's keys wait.
func (s *Server) tellAdmins() {
	s.each(func(c *conn) {
		if who := c.person.Load(); who != nil && c.keys.Load() && s.hub.isAdmin(*who) {
			c.send(wire.NewFrame(wire.Event, 0, wire.EventKeys, wire.Empty{}))
		}
	})
}

func (c *conn) keysList(ctx context.Context, b wire.KeysList) (any, error) {
	waiting, err := c.srv.store.KeyChanges(ctx, b.After, keysPerPage+1)
	if err != nil {
		return nil, err
	}
	reply := wire.KeysListReply{Waiting: []wire.KeysWaiting{}, More: len(waiting) > keysPerPage}
	for _, k := range waiting[:min(len(waiting), keysPerPage)] {
		reply.Waiting = append(reply.Waiting, wire.KeysWaiting{Account: k.Account, Bundle: k.Bundle, Known: k.Known, At: k.At.UnixMilli()})
	}
	return reply, nil
}

// keysReject drops a change that an admin has looked at; one that came meanwhile stays.
func (c *conn) keysReject(ctx context.Context, b wire.KeysReject) (any, error) {
	k, err := c.srv.store.KeyChangeOf(ctx, b.Account)
	if err != nil {
		return nil, err
	}
	if trust.LabelBundle.Hash(k.Bundle) != b.Bundle {
		return nil, wire.Refuse(wire.CodeConflict)
	}
	if err := c.srv.store.DropKeyChange(ctx, b.Account); err != nil {
		return nil, err
	}
	c.auditOf("keys.change", "rejected", "account "+b.Account.String())
	return wire.Empty{}, nil
}

// usual says that a statement hands a person's place to the keys that wait for it, which the ones before have signed, where nobody has a reason to look at it: no desk was
// revoked since that may have seen those, and the person has not said that somebody may have the password. Whether it is signed rightly the directory says.
func (s *Server) usual(ctx context.Context, st trust.Statement) bool {
	account, ok := st.Succeeds()
	if !ok || len(s.hub.dir.DesksRevokedSince(account)) > 0 {
		return false
	}
	k, err := s.store.KeyChangeOf(ctx, account)
	if err != nil || k.Known {
		return false
	}
	waits, err := trust.OpenBundle(k.Bundle, s.hub.dir)
	return err == nil && st.Lists(waits)
}

// settleKeys drops what can not be signed any more, should the server have stopped between the directory and the store.
func (h *hub) settleKeys(ctx context.Context) error {
	var after models.AccountID
	for {
		waiting, err := h.srv.store.KeyChanges(ctx, after, keysPerPage)
		if err != nil {
			return err
		}
		for _, k := range waiting {
			after = k.Account
			id, _ := h.dir.Identity(k.Account)
			if b, err := trust.OpenBundle(k.Bundle, h.dir); err == nil && b.Succeeds(id) {
				continue
			}
			if err := h.srv.store.DropKeyChange(ctx, k.Account); err != nil {
				return err
			}
		}
		if len(waiting) < keysPerPage {
			return nil
		}
	}
}
