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
	maxBoxes       = 4 * 2000 // a generation's boxes: every key of every member of the largest room
)

func (c *conn) roomList(context.Context, wire.Empty) (any, error) {
	return wire.RoomListReply{Rooms: c.srv.hub.roomsOf(c.session.account)}, nil
}

// logFollow sets a room's cursor on this connection; the entries after it follow as events, behind the reply.
func (c *conn) logFollow(_ context.Context, f wire.Frame) (any, error) {
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
	return nil, errLater
}

// logAppend hands an entry to the writer of the logs, which answers once it is durable; meanwhile the reader goes on.
func (c *conn) logAppend(ctx context.Context, f wire.Frame) (any, error) {
	var b wire.LogAppend
	if err := f.Decode(&b); err != nil {
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
		for _, x := range b.Boxes {
			if len(x.Body) != trust.BoxSize || x.Account.IsZero() || x.Key.IsZero() {
				return models.Entry{}, wire.Refuse(wire.CodeInvalid)
			}
			e.Boxes = append(e.Boxes, models.Box{Room: b.Room, Generation: id, Account: x.Account, Key: x.Key, Body: x.Body})
		}
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
