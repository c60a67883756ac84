package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// rebases is how often a statement or generation is made again when somebody else's came first.
const rebases = 8

// ErrRoom says that a room is not open here: Enter it first.
var ErrRoom = errors.New("the room is not open")

func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// maxRooms bounds the list that a server gives.
const maxRooms = 10_000

// Rooms lists the rooms that the person is in or invited to.
func (s *Session) Rooms(ctx context.Context) ([]wire.Room, error) {
	var list []wire.Room
	var after wire.RoomList
	for {
		var page wire.RoomListReply
		if err := s.call(ctx, wire.TypeRoomList, after, &page); err != nil {
			return nil, err
		}
		list = append(list, page.Rooms...)
		if !page.More || len(page.Rooms) == 0 || len(list) >= maxRooms {
			return list, nil
		}
		after.After = page.Rooms[len(page.Rooms)-1].ID
	}
}

// CreateRoom is CreateRoomUnder the usual rules.
func (s *Session) CreateRoom(ctx context.Context, title string) (models.RoomID, error) {
	return s.CreateRoomUnder(ctx, title, trust.DefaultPolicy())
}

// Enter begins to read a room and waits until it has been read to the end that it has now. Its lines come as updates. It fails with
// e2e.ErrFork when the log ends before what the person has seen of it: its lines come, but they are not the whole.
func (s *Session) Enter(ctx context.Context, id models.RoomID) error {
	s.mu.Lock()
	r := s.rooms[id]
	if r == nil {
		r = &room{keys: s.keys.Room(id), acked: map[models.MessageID]bool{}}
		s.rooms[id] = r
	}
	r.open = true
	after := r.applied
	s.mu.Unlock()
	var reply wire.LogFollowReply
	if err := s.call(ctx, wire.TypeLogFollow, wire.LogFollow{Room: id, After: after}, &reply); err != nil {
		return err
	}
	if err := s.until(ctx, func() bool { return r.applied >= reply.Last }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mending.due = true
	s.changed.Broadcast()
	if r.keys.Behind() {
		return fmt.Errorf("room %s was cut at entry %d: %w", id.Short(), r.applied, e2e.ErrFork)
	}
	return nil
}

func (s *Session) room(id models.RoomID) (*room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, s.err
	}
	if r := s.rooms[id]; r != nil && r.open {
		return r, nil
	}
	return nil, fmt.Errorf("room %s: %w", id.Short(), ErrRoom)
}

// Members lists who is in a room.
func (s *Session) Members(id models.RoomID) ([]trust.Member, error) {
	r, err := s.room(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.State().Members(), nil
}

// Waiting says that nobody has sealed the room's key to this person yet: a member has to send first.
func (s *Session) Waiting(id models.RoomID) bool {
	r, err := s.room(id)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.Waiting()
}

// boxesPerFrame is how many boxes go out at once: 300 of 1,168 bytes leave room in a frame.
const boxesPerFrame = 300

// append sends an entry and returns its place once it is durable. A large room's generation has more boxes than a frame holds: those
// go ahead of it.
func (s *Session) append(ctx context.Context, e models.Entry) (uint64, error) {
	boxes := make([]wire.Box, 0, len(e.Boxes))
	for _, b := range e.Boxes {
		boxes = append(boxes, wire.Box{Account: b.Account, Key: b.Key, Body: b.Body})
	}
	for ; len(boxes) > s.boxesPerFrame; boxes = boxes[s.boxesPerFrame:] {
		put := wire.BoxPut{Room: e.Room, Generation: trust.GenerationID(e.Body), Boxes: boxes[:s.boxesPerFrame]}
		if err := s.call(ctx, wire.TypeBoxPut, put, new(wire.Empty)); err != nil {
			return 0, err
		}
	}
	req := wire.LogAppend{Room: e.Room, Kind: e.Kind, Message: e.Message, Body: e.Body, Boxes: boxes}
	var reply wire.LogAppendReply
	if err := s.call(ctx, wire.TypeLogAppend, req, &reply); err != nil {
		return 0, err
	}
	return reply.Seq, nil
}

// change makes an entry on top of the room's newest state, sends it, and makes it again when somebody else's came first. It
// returns when the entry has been applied here too.
func (s *Session) change(ctx context.Context, r *room, build func() (models.Entry, error)) error {
	var err error
	for range rebases {
		s.mu.Lock()
		var e models.Entry
		e, err = build()
		s.mu.Unlock()
		if err != nil {
			return err
		}
		var seq uint64
		seq, err = s.append(ctx, e)
		if err == nil {
			return s.until(ctx, func() bool { return r.applied >= seq || !r.open })
		}
		if !errors.Is(err, wire.Refuse(wire.CodeConflict)) {
			return err
		}
		if err := s.catchUp(ctx, r); err != nil {
			return err
		}
	}
	return err
}

// catchUp reads room and directory to their ends, after a refusal that says that they are further than here, and takes the person's own keys, where those are
// others by now.
func (s *Session) catchUp(ctx context.Context, r *room) error {
	if err := s.readDirectory(ctx); err != nil {
		return err
	}
	if err := s.followKeys(ctx); err != nil {
		return err
	}
	return s.Enter(ctx, r.keys.ID())
}

// Invite asks an account into a room.
func (s *Session) Invite(ctx context.Context, id models.RoomID, account models.AccountID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.Invite(account, trust.RoleMember) })
}

// Join accepts an invitation and enters the room.
func (s *Session) Join(ctx context.Context, id models.RoomID) error {
	if err := s.Enter(ctx, id); err != nil {
		return err
	}
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.Join() })
}

// Remove puts a member out of a room, or takes an invitation back.
func (s *Session) Remove(ctx context.Context, id models.RoomID, account models.AccountID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	return s.change(ctx, r, func() (models.Entry, error) { return r.keys.Remove(account) })
}

// Leave leaves a room; its lines stop here.
func (s *Session) Leave(ctx context.Context, id models.RoomID) error {
	r, err := s.room(id)
	if err != nil {
		return err
	}
	err = s.change(ctx, r, func() (models.Entry, error) { return r.keys.Leave() })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.open = false
	r.keys.Pin()
	r.keys.Wipe()
	r.mending.wipeProofs()
	delete(s.rooms, id)
	s.unkept = true
	s.changed.Broadcast()
	return nil
}

// Title is what the room is called, as far as this person may know.
func (s *Session) Title(id models.RoomID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.rooms[id]; r != nil {
		return r.title
	}
	return ""
}
