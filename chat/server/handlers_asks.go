package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Bounds of what members ask each other for.
const (
	askedAtOnce  = 3         // members who are told of one who lacks keys, before he asks again
	askedAFollow = 16        // who lack keys, of whom a member is told who enters the room
	readBytes    = 256 << 10 // bodies in one answer to log.read
)

// asks are whom each member's last question for keys was brought before. It is in memory: after a restart, somebody may be told twice.
type asks struct {
	mu   sync.Mutex // no other lock is taken while it is held
	told map[inRoom]map[models.AccountID]struct{}
}

func newAsks() *asks { return &asks{told: map[inRoom]map[models.AccountID]struct{}{}} }

// take notes that account is told of what who lacks; false when it was before.
func (a *asks) take(who inRoom, account models.AccountID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.told[who]
	if t == nil {
		t = map[models.AccountID]struct{}{}
		a.told[who] = t
	}
	_, before := t[account]
	t[account] = struct{}{}
	return !before
}

// forget lets everybody be told again.
func (a *asks) forget(who inRoom) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.told, who)
}

// boxAsk keeps what the person lacks, and tells a few members who are there. Whoever of them has it gives it, by the room's rules as he knows them:
// the server can not widen those by asking in somebody's name.
func (c *conn) boxAsk(ctx context.Context, b wire.BoxAsk) (any, error) {
	if len(b.Generations) > wire.MaxAsked {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	me := inRoom{c.session.account, b.Room}
	if !c.srv.hub.member(b.Room, me.account) {
		return nil, wire.Refuse(wire.CodeNotFound)
	}
	if err := waitFor(c.srv.pace.asks.take(me, c.srv.now())); err != nil {
		return nil, err
	}
	a := models.Ask{Room: b.Room, Account: me.account, Generations: b.Generations, Waiting: b.Waiting}
	if err := c.srv.store.PutAsk(ctx, a); err != nil {
		return nil, err
	}
	if len(b.Generations) == 0 && !b.Waiting {
		c.srv.asks.forget(me)
		return wire.Empty{}, nil
	}
	if c.srv.tell(a) == 0 { // everybody was told before: from the beginning
		c.srv.asks.forget(me)
		c.srv.tell(a)
	}
	return wire.Empty{}, nil
}

// tell brings a question before members who follow the room, and says before how many.
func (s *Server) tell(a models.Ask) (n int) {
	in := s.hub.members(a.Room)
	s.each(func(c *conn) {
		who := c.person.Load()
		if n >= askedAtOnce || who == nil || *who == a.Account || !c.rooms.Load() || !c.reads(a.Room) || !slices.Contains(in, *who) {
			return
		}
		if s.asks.take(inRoom{a.Account, a.Room}, *who) {
			c.send(asked(a))
			n++
		}
	})
	return n
}

func asked(a models.Ask) wire.Frame {
	generations := append([]models.Hash{}, a.Generations...)
	return wire.NewFrame(wire.Event, 0, wire.EventAsked, wire.BoxAsked{Room: a.Room, Account: a.Account, Generations: generations, Waiting: a.Waiting})
}

// tellAsks tells a member who has entered a room of those who lack keys, for whom he may be the first to come.
func (c *conn) tellAsks(ctx context.Context, room models.RoomID) {
	me := c.session.account
	if !c.rooms.Load() || room.IsZero() || !c.srv.hub.member(room, me) {
		return
	}
	all, err := c.srv.store.Asks(ctx, room)
	if err != nil {
		c.log.Error("who asks for keys is not read", "room", room.Short(), "cause", err)
		return
	}
	in, n := c.srv.hub.members(room), 0
	for _, a := range all {
		if n < askedAFollow && a.Account != me && slices.Contains(in, a.Account) && c.srv.asks.take(inRoom{a.Account, room}, me) {
			c.send(asked(a))
			n++
		}
	}
}

// boxGive keeps boxes that a member seals to others of a generation that stands, beside those that came with it.
func (c *conn) boxGive(ctx context.Context, b wire.BoxGive) (any, error) {
	if len(b.Boxes) == 0 || len(b.Boxes) > wire.MaxAsked {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	boxes, err := boxesOf(b.Room, b.Generation, b.Boxes)
	if err != nil {
		return nil, err
	}
	me := inRoom{c.session.account, b.Room}
	if err := c.srv.hub.mayGive(me, c.srv.now(), b.Generation, boxes); err != nil {
		return nil, err
	}
	if err := waitFor(c.srv.pace.gifts.take(me, c.srv.now())); err != nil {
		return nil, err
	}
	if err := c.srv.store.GiveBoxes(ctx, me.account, boxes); err != nil {
		return nil, err
	}
	c.srv.each(func(o *conn) {
		who := o.person.Load()
		if who != nil && o.rooms.Load() && slices.ContainsFunc(boxes, func(x models.Box) bool { return x.Account == *who }) {
			o.send(wire.NewFrame(wire.Event, 0, wire.EventGiven, wire.BoxGiven{Room: b.Room}))
		}
	})
	return wire.Empty{}, nil
}

// mayGive says whether a member may give boxes of a generation to others: all are in the room, and the boxes are to their first keys.
func (h *hub) mayGive(giver inRoom, at time.Time, generation models.Hash, boxes []models.Box) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	r := h.rooms[giver.room]
	if r == nil {
		return wire.Refuse(wire.CodeNotFound)
	}
	if _, member := r.state.Member(giver.account); !member {
		return wire.Refuse(wire.CodeNotFound)
	}
	if _, known := r.state.Generation(generation); !known {
		return wire.Refuse(wire.CodeNotFound)
	}
	keys := map[models.AccountID]models.Hash{}
	for _, id := range r.state.Recipients(h.dir, at) {
		keys[id.Account] = id.Boxes[0].ID
	}
	for _, b := range boxes {
		if key, ok := keys[b.Account]; !ok || key != b.Key || b.Account == giver.account {
			return stateRefusal(trust.ErrUnknown)
		}
	}
	return nil
}

// member says whether an account is in a room; members lists all who are.
func (h *hub) member(room models.RoomID, account models.AccountID) bool {
	return slices.Contains(h.members(room), account)
}

func (h *hub) members(room models.RoomID) []models.AccountID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var in []models.AccountID
	if r := h.rooms[room]; r != nil {
		for _, m := range r.state.Members() {
			in = append(in, m.Account)
		}
	}
	return in
}

// logRead gives entries to somebody who reads a log again, beside his cursor.
func (c *conn) logRead(ctx context.Context, b wire.LogRead) (any, error) {
	if err := c.srv.hub.withLog(b.Room, c.session.account, func(*roomLog) error { return nil }); err != nil {
		return nil, err
	}
	entries, err := c.srv.store.Entries(ctx, b.Room, b.After, storeChunk)
	if err != nil {
		return nil, err
	}
	reply, size := wire.LogReadReply{Entries: []wire.Entry{}}, 0
	for _, e := range entries {
		if size += len(e.Body); size > readBytes && len(reply.Entries) > 0 {
			break
		}
		reply.Entries = append(reply.Entries, wireEntry(e))
	}
	return reply, nil
}
