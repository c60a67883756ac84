package server

import (
	"context"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Bounds of what one person asks for.
const (
	followsPerConn = 512
	roomsPerPage   = 500
	maxBoxes       = 4 * 2000 // a generation's boxes: every key of every member of the largest room
)

func (c *conn) roomList(_ context.Context, b wire.RoomList) (any, error) {
	return c.srv.hub.roomsOf(c.session.account, b.After), nil
}

// logFollow sets a room's cursor on this connection; the entries after it follow as events, behind the reply.
func (c *conn) logFollow(ctx context.Context, f wire.Frame) (any, error) {
	var b wire.LogFollow
	if err := f.Decode(&b); err != nil {
		return nil, err
	}
	c.mu.Lock()
	_, again := c.follows[b.Room]
	full := !again && len(c.follows) >= followsPerConn
	c.mu.Unlock()
	if full {
		return nil, wire.Refuse(wire.CodeFull)
	}
	err := c.srv.hub.withLog(b.Room, c.session.account, func(l *roomLog) error {
		last := l.last()
		if b.After > last {
			return wire.Refuse(wire.CodeConflict) // a cursor from the future: the log was cut, or the client is confused
		}
		c.reply(wire.NewFrame(wire.Response, f.ID, f.Type, wire.LogFollowReply{Last: last}))
		c.follow(l, b.After)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.tellAsks(ctx, b.Room)
	return nil, errLater
}

// logAppend hands an entry to the writer of the logs, which answers once it is durable; meanwhile the reader goes on.
func (c *conn) logAppend(ctx context.Context, f wire.Frame) (any, error) {
	var b wire.LogAppend
	if err := f.Decode(&b); err != nil {
		return nil, err
	}
	if err := c.meets(rule{need: needSession, fresh: c.changes(ctx, b)}); err != nil {
		return nil, err
	}
	e, err := c.entry(b)
	if err != nil {
		return nil, err
	}
	err = c.srv.submit(ctx, pending{entry: e, done: func(a models.Appended, err error) {
		c.answer(f, wire.LogAppendReply{Seq: a.Seq, At: a.At.UnixMilli()}, err)
	}})
	if err != nil {
		return nil, err
	}
	return nil, errLater
}

// staged are boxes that came before their generation, of which one connection has one at a time.
type staged struct {
	room       models.RoomID
	generation models.Hash
	boxes      []models.Box
}

// boxPut keeps boxes for a generation that one frame is too small for.
func (c *conn) boxPut(_ context.Context, b wire.BoxPut) (any, error) {
	if b.Room.IsZero() || b.Generation.IsZero() {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	if c.staged.room != b.Room || c.staged.generation != b.Generation {
		c.staged = staged{room: b.Room, generation: b.Generation}
	}
	if len(c.staged.boxes)+len(b.Boxes) > maxBoxes {
		return nil, wire.Refuse(wire.CodeFull)
	}
	boxes, err := boxesOf(b.Room, b.Generation, b.Boxes)
	if err != nil {
		return nil, err
	}
	c.staged.boxes = append(c.staged.boxes, boxes...)
	return wire.Empty{}, nil
}

// takeStaged returns what was handed in for a generation, once.
func (c *conn) takeStaged(room models.RoomID, generation models.Hash) []models.Box {
	if c.staged.room != room || c.staged.generation != generation {
		return nil
	}
	boxes := c.staged.boxes
	c.staged = staged{}
	return boxes
}

func boxesOf(room models.RoomID, generation models.Hash, boxes []wire.Box) ([]models.Box, error) {
	var all []models.Box
	for _, x := range boxes {
		if len(x.Body) != trust.BoxSize || x.Account.IsZero() || x.Key.IsZero() {
			return nil, wire.Refuse(wire.CodeInvalid)
		}
		all = append(all, models.Box{Room: room, Generation: generation, Account: x.Account, Key: x.Key, Body: x.Body})
	}
	return all, nil
}

// entry makes the entry of a request. Its author is the session's person, whatever the body says.
func (c *conn) entry(b wire.LogAppend) (models.Entry, error) {
	switch {
	case b.Message.IsZero(), len(b.Body) == 0, len(b.Boxes) > maxBoxes,
		b.Kind < models.EntryStatement || b.Kind > models.EntryMessage,
		len(b.Boxes) > 0 && b.Kind != models.EntryGeneration:
		return models.Entry{}, wire.Refuse(wire.CodeInvalid)
	}
	e := models.Entry{Room: b.Room, Kind: b.Kind, Author: c.session.account, Message: b.Message, Body: b.Body}
	if b.Kind == models.EntryGeneration {
		id := trust.GenerationID(b.Body)
		boxes, err := boxesOf(b.Room, id, b.Boxes)
		if err != nil {
			return models.Entry{}, err
		}
		e.Boxes = append(c.takeStaged(b.Room, id), boxes...)
	}
	return e, nil
}

func (c *conn) boxGet(ctx context.Context, b wire.BoxGet) (any, error) {
	boxes, err := c.srv.store.BoxFor(ctx, b.Room, b.Generation, c.session.account)
	if err != nil {
		return nil, err
	}
	reply := wire.BoxReply{Boxes: []wire.Box{}}
	for _, x := range boxes {
		reply.Boxes = append(reply.Boxes, wire.Box{Account: x.Account, Key: x.Key, Body: x.Body})
	}
	return reply, nil
}
