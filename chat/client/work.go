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

// What may wait to be applied. Beyond crowded, nothing more is taken off the connection, which holds the server up; but while work waits for
// an answer that lies behind, everything is, up to flooded.
const (
	crowdedEntries = 4096
	crowdedBytes   = 8 << 20
	floodedBytes   = 256 << 20
)

// directoryEvery is how soon after a look at the directory another one is taken for what a room's entries name. Who names heads that are
// none could otherwise make every reader ask for each line.
const directoryEvery = time.Second

var errFlood = errors.New("the server sends more than it was asked for")

// fetched is the last look at the directory that an entry asked for.
type fetched struct {
	began  time.Time // on the real clock
	covers uint64    // entries that had arrived before: what they can rightly name was seen
}

// receive takes events off the connection, so that replies behind them are never held up.
func (s *Session) receive() {
	for {
		select {
		case <-s.done:
			return
		case f, more := <-s.conn.Events():
			if !more {
				s.end(s.conn.Err())
				return
			}
			if err := s.enqueue(f); err != nil {
				s.fail(err)
				return
			}
		}
		if s.until(context.Background(), func() bool { return s.asking || !s.crowded() }) != nil {
			return
		}
	}
}

// crowded says that work has enough to do; mu is held.
func (s *Session) crowded() bool { return len(s.roomIn) >= crowdedEntries || s.inBytes >= crowdedBytes }

func (s *Session) enqueue(f wire.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed.Broadcast()
	switch f.Type {
	case wire.EventEntry:
		var e wire.Entry
		if err := f.Decode(&e); err != nil {
			return err
		}
		if e.Room.IsZero() {
			s.dirIn = append(s.dirIn, e)
		} else {
			s.roomIn = append(s.roomIn, e)
			if s.inBytes += len(e.Body); s.inBytes > floodedBytes {
				return errFlood
			}
		}
	case wire.EventRoom:
		var n wire.RoomNews
		if err := f.Decode(&n); err != nil {
			return err
		}
		if r := s.rooms[n.Room]; r != nil {
			r.open = n.Open
		}
		s.updates = append(s.updates, Update{Room: n.Room, News: true, Open: n.Open})
	case wire.EventAsked:
		var a wire.BoxAsked
		if err := f.Decode(&a); err != nil {
			return err
		}
		if len(s.asked) < mostAsked {
			s.asked = append(s.asked, a)
		}
	case wire.EventGiven:
		var g wire.BoxGiven
		if err := f.Decode(&g); err != nil {
			return err
		}
		if r := s.rooms[g.Room]; r != nil {
			r.mending.due = true
		}
	case wire.EventKeys:
		s.untended = true
		s.updates = append(s.updates, Update{Keys: true})
	default:
		return fmt.Errorf("event of type %q: %w", f.Type, wire.Refuse(wire.CodeUnknownType))
	}
	return nil
}

// end ends the session with its first reason, and says whether this is it. The connection is left to whoever gave it.
func (s *Session) end(err error) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false
	}
	s.err = fmt.Errorf("%w: %w", ErrEnded, err)
	s.cancel()
	close(s.done)
	s.changed.Broadcast()
	return true
}

// fail ends session and connection, unless the session has ended already: then the connection may be somebody else's.
func (s *Session) fail(err error) {
	if s.end(err) {
		_ = s.conn.Close()
	}
}

// work applies what has arrived, the directory before the rooms, since rooms are judged by it.
func (s *Session) work() {
	for {
		err := s.until(context.Background(), func() bool { return len(s.dirIn)+len(s.roomIn) > 0 })
		if err != nil {
			return
		}
		if err := s.step(); err != nil {
			s.fail(err)
			return
		}
	}
}

func (s *Session) step() error {
	s.mu.Lock()
	s.applyDirectory()
	if len(s.roomIn) == 0 {
		s.mu.Unlock()
		s.pinSeen()
		return nil
	}
	e := s.roomIn[0]
	s.roomIn = s.roomIn[1:]
	s.inBytes -= len(e.Body)
	s.taken++
	s.changed.Broadcast()
	s.mu.Unlock()
	s.pinSeen()
	return s.applyRoom(e)
}

// pinSeen makes the desk remember the directory as it is shown. A desk whose disk is full goes on, and tries again with what comes next and
// at the session's end.
func (s *Session) pinSeen() { _ = s.pinDesk() }

// applyDirectory applies what has arrived of the directory; mu is held. A statement that does not apply is skipped, not believed.
func (s *Session) applyDirectory() {
	for _, e := range s.dirIn {
		if e.Seq <= s.dirSeq {
			continue // asked for twice
		}
		s.dirSeq = e.Seq
		if change, err := s.dir.Apply(e.Body); err == nil {
			s.updates = append(s.updates, Update{Directory: &change, At: timeOf(e.At)})
			s.ownKeys(change)
			s.directoryGrew(change)
		}
	}
	s.dirIn = nil
	s.changed.Broadcast()
}

// ownKeys follows a change of the person's own keys, in the same moment as the directory; mu is held.
func (s *Session) ownKeys(c trust.DirectoryChange) {
	if !s.checked {
		return
	}
	if c.Type == trust.LabelRevoke && !c.Desk.IsZero() {
		s.untended = true // it may have seen them
	}
	if c.Account != s.vault.Account || c.Type != trust.LabelIdentity {
		return
	}
	id, _ := s.dir.Identity(c.Account)
	if s.vault.Keys.Follow(id) {
		s.vault.Keys.Use(s.desk.id)
		s.unkept = true
	} else {
		s.untended = true
	}
}

func entryOf(e wire.Entry) models.Entry {
	return models.Entry{Room: e.Room, Seq: e.Seq, Kind: e.Kind, Author: e.Author, Message: e.Message, Body: e.Body, At: timeOf(e.At)}
}

// applyRoom walks one entry of a room's log. Only work calls it.
func (s *Session) applyRoom(w wire.Entry) error {
	e := entryOf(w)
	s.mu.Lock()
	r := s.rooms[e.Room]
	if r == nil || e.Seq <= r.applied {
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	wants, err := s.wantsBox(r, e)
	if err != nil {
		return err
	}
	if wants {
		if err := s.ask(func(ctx context.Context) (err error) {
			e.Boxes, err = s.boxes(ctx, e.Room, trust.GenerationID(e.Body))
			return err
		}); err != nil {
			return err
		}
	}
	err = s.walk(r, e)
	if errors.Is(err, e2e.ErrDirectoryBehind) {
		if err := s.lookAgain(); err != nil {
			return err
		}
		err = s.walk(r, e)
	}
	if errors.Is(err, errLeft) {
		return nil
	}
	return err
}

// wantsBox says whether this person's boxes of an entry are to be fetched: those of a generation that counts, not of whatever anybody
// calls one.
func (s *Session) wantsBox(r *room, e models.Entry) (bool, error) {
	look := func() (wants bool, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !r.keys.WantsBox(e) {
			return false, nil
		}
		err = r.keys.State().Check(e, s.dir)
		return err == nil, err
	}
	wants, err := look()
	if errors.Is(err, trust.ErrUnknownHead) {
		if err := s.lookAgain(); err != nil {
			return false, err
		}
		wants, _ = look()
	}
	return wants, nil // Apply says of the others why they do not count
}

func (r *room) learnTitle(ev e2e.Event) {
	switch {
	case ev.Kind == e2e.EventGeneration && ev.Change.Current:
		r.titled = false
	case ev.Kind == e2e.EventMessage && ev.Message.Kind == e2e.KindTitle:
		r.title, r.titled = string(ev.Message.Content), true
	}
}

// errLeft says that the person left the room, and its keys were wiped, while the entry waited.
var errLeft = errors.New("the room was left")

// walk applies an entry and says so, in one moment: a log that is read again meanwhile has been shown as far as it was applied.
func (s *Session) walk(r *room, e models.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[e.Room] != r {
		return errLeft
	}
	ev, err := r.keys.Apply(e)
	if err != nil {
		return err
	}
	r.applied = e.Seq
	r.learnTitle(ev)
	s.noteMending(r, ev)
	s.seen()
	s.updates = append(s.updates, Update{Room: e.Room, Event: &ev})
	s.changed.Broadcast()
	return nil
}

// ask lets work wait for answers, whatever arrives before them.
func (s *Session) ask(f func(context.Context) error) error {
	set := func(asking bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asking = asking
		s.changed.Broadcast()
	}
	set(true)
	defer set(false)
	return f(s.ctx)
}

// lookAgain reads the directory for an entry that names a head which is not known. One look is enough for all entries that had arrived
// before it, since nobody can rightly name what came later; and another one waits until it is due.
func (s *Session) lookAgain() error {
	s.mu.Lock()
	covered, due := s.taken <= s.fetched.covers, s.patience-time.Since(s.fetched.began)
	s.mu.Unlock()
	if covered {
		return nil
	}
	if due > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), due)
		defer cancel()
		if err := s.until(ctx, func() bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	s.mu.Lock()
	s.fetched = fetched{began: time.Now(), covers: s.taken + uint64(len(s.roomIn))}
	s.mu.Unlock()
	err := s.ask(s.fetchDirectory)
	s.pinSeen()
	return err
}

// fetchDirectory reads the directory to its end from within work, which applies it.
func (s *Session) fetchDirectory(ctx context.Context) error {
	s.mu.Lock()
	after := s.dirSeq
	s.mu.Unlock()
	var reply wire.LogFollowReply
	if err := s.call(ctx, wire.TypeLogFollow, wire.LogFollow{After: after}, &reply); err != nil {
		return err
	}
	for {
		s.mu.Lock()
		s.applyDirectory()
		done := s.dirSeq >= reply.Last
		s.mu.Unlock()
		if done {
			return nil
		}
		if err := s.until(ctx, func() bool { return len(s.dirIn) > 0 }); err != nil {
			return err
		}
	}
}

// boxes fetches what was sealed to this person of a generation.
func (s *Session) boxes(ctx context.Context, room models.RoomID, id models.Hash) ([]models.Box, error) {
	var reply wire.BoxReply
	if err := s.call(ctx, wire.TypeBoxGet, wire.BoxGet{Room: room, Generation: id}, &reply); err != nil {
		return nil, err
	}
	var boxes []models.Box
	for _, b := range reply.Boxes {
		boxes = append(boxes, models.Box{Room: room, Generation: id, Account: b.Account, Key: b.Key, Body: b.Body})
	}
	return boxes, nil
}
