package server

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"visavis/chat/login"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// hub knows the directory and the rooms: their logs, and the states that the logs lead to. Only the writer of the logs changes states.
type hub struct {
	srv    *Server
	dir    *trust.Directory // safe by itself
	dirLog *roomLog

	mu    sync.RWMutex // tier 2
	rooms map[models.RoomID]*room
	login *login.Service // nil until the organisation is founded
}

type room struct {
	log   *roomLog
	state *trust.Room // under hub.mu
}

// open says whether an account may read the room's log: members may, and who is invited. hub.mu is held.
func (r *room) open(account models.AccountID) bool {
	_, member := r.state.Member(account)
	return member || r.state.IsInvited(account)
}

// loadHub walks every log from its beginning.
func loadHub(ctx context.Context, s *Server) (*hub, error) {
	h := &hub{srv: s, dir: trust.NewDirectory(models.OrgID{}), rooms: map[models.RoomID]*room{}}
	last, err := walk(ctx, s.store, models.RoomID{}, func(e models.Entry) {
		if _, err := h.dir.Apply(e.Body); err != nil {
			s.log.Warn("skipped a statement of the directory", "seq", e.Seq, "cause", err)
		}
	})
	if err != nil {
		return nil, err
	}
	h.dirLog = newRoomLog(models.RoomID{}, s.store, last)
	ids, err := s.store.Rooms(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		r := &room{state: trust.NewRoom(h.dir.Org(), id)}
		last, err := walk(ctx, s.store, id, func(e models.Entry) {
			if e.Kind == models.EntryMessage {
				return
			}
			if _, err := r.state.Apply(e, h.dir); err != nil {
				s.log.Warn("skipped an entry", "room", id.Short(), "seq", e.Seq, "cause", err)
			}
		})
		if err != nil {
			return nil, err
		}
		r.log = newRoomLog(id, s.store, last)
		h.rooms[id] = r
	}
	if err := h.reconcile(ctx); err != nil {
		return nil, err
	}
	if !h.dir.Org().IsZero() {
		return h, h.founded()
	}
	return h, nil
}

// walk gives every entry of a log to f, in order, and returns the last one's sequence number.
func walk(ctx context.Context, logs models.Logs, id models.RoomID, f func(models.Entry)) (uint64, error) {
	var after uint64
	for {
		entries, err := logs.Entries(ctx, id, after, storeChunk)
		if err != nil {
			return after, fmt.Errorf("walk the log of room %s: %w", id.Short(), err)
		}
		for _, e := range entries {
			f(e)
			after = e.Seq
		}
		if len(entries) < storeChunk {
			return after, nil
		}
	}
}

// reconcile brings accounts and desks of the store to what the directory says, should the server have stopped between the two.
func (h *hub) reconcile(ctx context.Context) error {
	store := h.srv.store
	for _, status := range []models.UserStatus{models.UserWaiting, models.UserActive} {
		users, err := store.UsersByStatus(ctx, status)
		if err != nil {
			return err
		}
		for _, u := range users {
			want := status
			switch id, listed := h.dir.Identity(u.ID); {
			case listed:
				want = models.UserActive
			case id.Revoked:
				want = models.UserDisabled
			}
			if want == status {
				continue
			}
			if err := store.SetUserStatus(ctx, u.ID, want); err != nil {
				return err
			}
		}
	}
	desks, err := store.Desks(ctx)
	if err != nil {
		return err
	}
	for _, d := range desks {
		want := d.Status
		switch k, listed := h.dir.Desk(d.ID); {
		case d.Status == models.DeskRevoked: // final, though only the operator said so
		case listed:
			want = models.DeskActive
		case k.Revoked:
			want = models.DeskRevoked
		}
		if want == d.Status {
			continue
		}
		if err := store.SetDeskStatus(ctx, d.ID, want, h.srv.now()); err != nil {
			return err
		}
	}
	return nil
}

// founded makes the log-in service, which works for one organisation.
func (h *hub) founded() error {
	svc, err := h.srv.newLogin(h)
	if err != nil {
		return fmt.Errorf("log-in of organisation %s: %w", h.dir.Org().Short(), err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.login = svc
	return nil
}

// logins returns the log-in service; before the organisation is founded nobody logs in.
func (h *hub) logins() (*login.Service, models.OrgID, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.login == nil {
		return nil, models.OrgID{}, wire.Refuse(wire.CodeNotAllowed)
	}
	return h.login, h.dir.Org(), nil
}

func (h *hub) isAdmin(id models.AccountID) bool { return h.dir.IsAdmin(id) }

// withLog calls f with the log of a room that the account may read: the directory, and rooms that it is in or invited to. The room's
// state stands still meanwhile, so that who is put out can not slip in between the look and the act. f must not block.
func (h *hub) withLog(id models.RoomID, account models.AccountID, f func(*roomLog) error) error {
	if id.IsZero() {
		return f(h.dirLog)
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	r := h.rooms[id]
	if r == nil || !r.open(account) {
		return wire.Refuse(wire.CodeNotFound)
	}
	return f(r.log)
}

// revokedDesk says whether the directory has ended a desk, whatever the store says.
func (h *hub) revokedDesk(id models.DeskID) bool {
	d, _ := h.dir.Desk(id)
	return d.Revoked
}

// roomsOf lists the rooms that an account is in or invited to.
func (h *hub) roomsOf(account models.AccountID) []wire.Room {
	h.mu.RLock()
	defer h.mu.RUnlock()
	list := []wire.Room{}
	for id, r := range h.rooms {
		_, member := r.state.Member(account)
		if r.open(account) {
			list = append(list, wire.Room{ID: id, Member: member, Last: r.log.last()})
		}
	}
	return list
}

// check says whether the state allows an entry now.
func (s *Server) check(e models.Entry) error {
	h := s.hub
	if e.Room.IsZero() {
		return h.checkDirectory(e)
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
	if err := r.state.Check(e, h.dir); err != nil {
		return stateRefusal(err)
	}
	if e.Kind == models.EntryGeneration {
		return stateRefusal(r.state.CheckBoxes(trust.GenerationID(e.Body), e.Boxes, h.dir))
	}
	return nil
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

// publish brings a stored entry into state and log. Only the writer of the logs calls it.
func (s *Server) publish(ctx context.Context, e models.Entry) error {
	if e.Room.IsZero() {
		return s.publishDirectory(ctx, e)
	}
	r, change, err := s.hub.apply(e)
	if err != nil { // checked a moment ago: the entry stands in the log, and every client skips it as we do
		s.log.Error("stored entry does not apply", "room", e.Room.Short(), "seq", e.Seq, "cause", err)
	}
	if err := r.log.append(e); err != nil {
		return err
	}
	if e.Kind == models.EntryStatement {
		s.announce(e.Room, r, change)
	}
	return nil
}

// apply brings an entry into its room's state; the first entry makes the room.
func (h *hub) apply(e models.Entry) (*room, trust.Change, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[e.Room]
	if r == nil {
		r = &room{log: newRoomLog(e.Room, h.srv.store, e.Seq-1), state: trust.NewRoom(h.dir.Org(), e.Room)}
		h.rooms[e.Room] = r
	}
	if e.Kind == models.EntryMessage {
		return r, trust.Change{}, nil
	}
	change, err := r.state.Apply(e, h.dir)
	return r, change, err
}

// announce tells people of whom a statement speaks that a room is open to them now, or no longer.
func (s *Server) announce(id models.RoomID, r *room, change trust.Change) {
	if change.Account.IsZero() {
		return
	}
	s.hub.mu.RLock()
	open := r.open(change.Account)
	s.hub.mu.RUnlock()
	s.each(func(c *conn) {
		if who := c.person.Load(); who == nil || *who != change.Account {
			return
		}
		if !open {
			c.unfollow(id)
		}
		c.send(wire.NewFrame(wire.Event, 0, wire.EventRoom, wire.RoomNews{Room: id, Open: open}))
	})
}

// publishDirectory also does what the statement means for accounts, desks and live connections.
func (s *Server) publishDirectory(ctx context.Context, e models.Entry) error {
	change, err := s.hub.dir.Apply(e.Body)
	if err != nil {
		s.log.Error("stored statement does not apply", "seq", e.Seq, "cause", err)
	}
	if err := s.hub.dirLog.append(e); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	switch change.Type {
	case trust.LabelFound:
		return s.hub.founded()
	case trust.LabelIdentity:
		return s.store.SetUserStatus(ctx, change.Account, models.UserActive)
	case trust.LabelDesk:
		return s.store.SetDeskStatus(ctx, change.Desk, models.DeskActive, s.now())
	case trust.LabelRevoke:
		return s.revoke(ctx, change)
	}
	return nil
}

func (s *Server) revoke(ctx context.Context, change trust.DirectoryChange) error {
	if !change.Desk.IsZero() {
		s.cutDesks(func(id models.DeskID) bool { return id == change.Desk })
		return s.store.SetDeskStatus(ctx, change.Desk, models.DeskRevoked, s.now())
	}
	s.each(func(c *conn) {
		if who := c.person.Load(); who != nil && *who == change.Account {
			c.cancel(wire.Refuse(wire.CodeEnded))
		}
	})
	return s.store.SetUserStatus(ctx, change.Account, models.UserDisabled)
}
