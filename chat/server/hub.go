package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
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

	memory *logMemory // of all logs together

	mu    sync.RWMutex // tier 2
	rooms map[models.RoomID]*room
	of    map[models.AccountID]map[models.RoomID]*room // the rooms that an account may read
	login *login.Service                               // nil until the organisation is founded
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
	h := &hub{
		srv: s, dir: trust.NewDirectory(models.OrgID{}), memory: &logMemory{most: allLogsMemory},
		rooms: map[models.RoomID]*room{}, of: map[models.AccountID]map[models.RoomID]*room{},
	}
	last, err := walk(ctx, s.store, models.RoomID{}, func(e models.Entry) {
		if _, err := h.dir.Apply(e.Body); err != nil {
			s.log.Warn("skipped a statement of the directory", "seq", e.Seq, "cause", err)
		}
	})
	if err != nil {
		return nil, err
	}
	h.dirLog = newRoomLog(models.RoomID{}, s.store, last, h.memory)
	ids, err := s.store.Rooms(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		r := &room{state: trust.NewRoom(h.dir.Org(), id)}
		last, err := walk(ctx, s.store, id, func(e models.Entry) {
			if e.Kind == models.EntryMessage || e.Kind == models.EntryExpired {
				return
			}
			if _, err := r.state.Apply(e, h.dir); err != nil {
				s.log.Warn("skipped an entry", "room", id.Short(), "seq", e.Seq, "cause", err)
			}
		})
		if err != nil {
			return nil, err
		}
		r.log = newRoomLog(id, s.store, last, h.memory)
		h.rooms[id] = r
		for _, m := range append(r.state.Members(), r.state.Invited()...) {
			h.index(m.Account, r)
		}
	}
	if err := errors.Join(h.reconcile(ctx), h.settleKeys(ctx)); err != nil {
		return nil, err
	}
	if !h.dir.Org().IsZero() {
		return h, h.founded(ctx)
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
	renewals, err := store.Renewals(ctx)
	if err != nil {
		return err
	}
	for _, r := range renewals {
		if err := h.renewed(ctx, r.Account); err != nil {
			return err
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
func (h *hub) founded(ctx context.Context) error {
	svc, err := h.srv.newLogin(ctx, h)
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

// index notes whether an account may read a room. hub.mu is held.
func (h *hub) index(account models.AccountID, r *room) {
	id, mine := r.state.ID(), h.of[account]
	switch {
	case !r.open(account):
		delete(mine, id)
		if len(mine) == 0 {
			delete(h.of, account)
		}
	case mine == nil:
		h.of[account] = map[models.RoomID]*room{id: r}
	default:
		mine[id] = r
	}
}

// roomsOf lists the rooms that an account is in or invited to, by their ids, of those whose ids come after one.
func (h *hub) roomsOf(account models.AccountID, after models.RoomID) wire.RoomListReply {
	h.mu.RLock()
	defer h.mu.RUnlock()
	list := []wire.Room{}
	for id, r := range h.of[account] {
		if bytes.Compare(id[:], after[:]) <= 0 {
			continue
		}
		_, member := r.state.Member(account)
		list = append(list, wire.Room{ID: id, Member: member, Last: r.log.last()})
	}
	slices.SortFunc(list, func(a, b wire.Room) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	n := min(len(list), roomsPerPage)
	return wire.RoomListReply{Rooms: list[:n], More: n < len(list)}
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
		r = &room{log: newRoomLog(e.Room, h.srv.store, e.Seq-1, h.memory), state: trust.NewRoom(h.dir.Org(), e.Room)}
		h.rooms[e.Room] = r
	}
	if e.Kind == models.EntryMessage {
		return r, trust.Change{}, nil
	}
	change, err := r.state.Apply(e, h.dir)
	if err == nil {
		h.index(change.Account, r)
		h.index(change.Author, r)
	}
	return r, change, err
}

// announce tells people of whom a statement speaks that a room is open to them now, or no longer.
func (s *Server) announce(id models.RoomID, r *room, change trust.Change) {
	if change.Account.IsZero() {
		return
	}
	s.announceTo(id, r, change.Account)
	if change.Kind == trust.ChangeCreated && change.Author != change.Account { // a room of two
		s.announceTo(id, r, change.Author)
	}
}

func (s *Server) announceTo(id models.RoomID, r *room, account models.AccountID) {
	s.hub.mu.RLock()
	open := r.open(account)
	s.hub.mu.RUnlock()
	s.each(func(c *conn) {
		if who := c.person.Load(); who == nil || *who != account {
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
		return s.hub.founded(ctx)
	case trust.LabelIdentity:
		if err := s.hub.renewed(ctx, change.Account); err != nil {
			return err
		}
		s.compare(ctx, change.Account)
		if err := s.store.DropKeyChange(ctx, change.Account); err != nil {
			return err
		}
		return s.store.SetUserStatus(ctx, change.Account, models.UserActive)
	case trust.LabelDesk:
		return s.store.SetDeskStatus(ctx, change.Desk, models.DeskActive, s.now())
	case trust.LabelRevoke:
		return s.revoke(ctx, change)
	}
	return nil
}

// compare lets a face that was approved be held against others'. Where that fails the account is as good as any, and the audit says so.
func (s *Server) compare(ctx context.Context, account models.AccountID) {
	svc, _, err := s.hub.logins()
	if err == nil {
		err = svc.Approved(ctx, account)
	}
	if err != nil {
		s.log.Error("a face is not compared with others", "account", account.Short(), "cause", err)
	}
}

func (s *Server) revoke(ctx context.Context, change trust.DirectoryChange) error {
	if !change.Desk.IsZero() {
		s.cutDesks(ctx, func(id models.DeskID) bool { return id == change.Desk })
		return s.store.SetDeskStatus(ctx, change.Desk, models.DeskRevoked, s.now())
	}
	s.dropSessions(ctx, "revoked", func(x *session) bool { return x.account == change.Account })
	if svc, _, err := s.hub.logins(); err == nil {
		svc.Gone(change.Account)
	}
	return errors.Join(s.store.DropKeyChange(ctx, change.Account), s.store.SetUserStatus(ctx, change.Account, models.UserDisabled))
}
