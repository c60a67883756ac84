package client

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrEnded says that the session is over: by log-out, or since its connection ended.
var ErrEnded = errors.New("the session has ended")

// Session is a person logged in at this desk over one connection. Two goroutines live as long as it does: one takes events off the
// connection, one applies them in order. Its methods may be called from any goroutine. LogOut or Close ends it and wipes
// the keys.
type Session struct {
	desk          *Desk
	conn          *Conn
	unlock        e2e.Unlock // for a vault that was changed at another desk meanwhile
	name          string
	boxesPerFrame int

	mu      sync.Mutex
	changed *sync.Cond // on mu: something was applied, queued or has ended
	vault   *e2e.Vault
	keys    *e2e.Session
	dir     *trust.Directory
	dirSeq  uint64 // entries of the directory's log that were applied
	rooms   map[models.RoomID]*room
	dirIn   []wire.Entry // arrived and not applied
	roomIn  []wire.Entry
	updates []Update
	err     error // why it ended

	workers sync.WaitGroup
}

type room struct {
	keys    *e2e.Room
	applied uint64
	sending sync.Mutex // one sealed entry at a time, in the order of their counters
	unsent  unsent     // under sending and mu
	open    bool
	title   string
	titled  bool // the title was said under the current generation
}

// Update is something to show. Exactly one of Event, News and Directory is meant by each.
type Update struct {
	Room      models.RoomID
	Event     *e2e.Event // a line of the room's log
	News      bool       // the person may enter the room now, or, when Open is false, no longer
	Open      bool
	Directory *trust.DirectoryChange
}

// begin hands in the evidence, opens the vault and checks that this is the person's organisation and identity.
func (d *Desk) begin(ctx context.Context, a *Attempt, evidence []byte) (*Session, error) {
	c, account := a.conn, a.look.evidence.Account
	var reply wire.SessionReply
	if err := c.Call(ctx, wire.TypeLoginFace, wire.LoginFace{Login: a.look.evidence.Login, Evidence: evidence}, &reply); err != nil {
		return nil, err
	}
	s := &Session{
		desk: d, conn: c, boxesPerFrame: boxesPerFrame, rooms: map[models.RoomID]*room{}, dir: trust.NewDirectory(d.org),
		unlock: e2e.Unlock{Export: append([]byte(nil), a.export[:]...), Pepper: d.pepper},
	}
	s.changed = sync.NewCond(&s.mu)
	s.workers.Go(s.receive)
	s.workers.Go(s.work)
	err := s.start(ctx, models.Vault{Account: account, Version: reply.VaultVersion, Prev: reply.VaultPrev, Body: reply.Vault})
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Session) start(ctx context.Context, stored models.Vault) error {
	vault, err := e2e.OpenVault(stored, s.unlock)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVault, err)
	}
	s.mu.Lock()
	s.vault = vault
	s.mu.Unlock()
	if vault.Org != s.desk.org || vault.Root != s.desk.root {
		return fmt.Errorf("vault of another organisation: %w", ErrVault)
	}
	if err := s.readDirectory(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir.Len() < s.conn.hello.Seq || !s.desk.knows(s.dir) {
		return ErrOldDirectory
	}
	s.keys, err = e2e.NewSession(e2e.Config{Vault: vault, Directory: s.dir, Desk: s.desk.id, Random: s.desk.random(), Now: s.desk.now})
	if err != nil {
		return err
	}
	id, _ := s.dir.Identity(vault.Account)
	s.name = id.Name
	return s.desk.pin(s.dir)
}

// readDirectory follows the directory and waits until it has been applied as far as the server has it now.
func (s *Session) readDirectory(ctx context.Context) error {
	s.mu.Lock()
	after := s.dirSeq
	s.mu.Unlock()
	var reply wire.LogFollowReply
	if err := s.conn.Call(ctx, wire.TypeLogFollow, wire.LogFollow{After: after}, &reply); err != nil {
		return err
	}
	return s.until(ctx, func() bool { return s.dirSeq >= reply.Last })
}

// until waits for a condition that is looked at under mu.
func (s *Session) until(ctx context.Context, ok func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case ok():
			return nil
		case s.err != nil:
			return s.err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		s.changed.Wait()
	}
}

// Account is who is logged in.
func (s *Session) Account() models.AccountID { return s.keys.Account() }

// Name is the person's canonical name.
func (s *Session) Name() string { return s.name }

// Desk is the desk that the session is at.
func (s *Session) Desk() *Desk { return s.desk }

// IsAdmin says whether the directory makes the person an admin.
func (s *Session) IsAdmin() bool { return s.dir.IsAdmin(s.Account()) }

// Directory is the organisation as far as it was read; it grows by itself and is safe to read.
func (s *Session) Directory() *trust.Directory { return s.dir }

// NameOf is what people call an account; its short id when the directory does not list it.
func (s *Session) NameOf(a models.AccountID) string {
	if id, ok := s.dir.Identity(a); ok {
		return id.Name
	}
	return a.Short()
}

// Next returns the next update, waiting for it. ErrEnded, wrapped with the reason, comes after the last one.
func (s *Session) Next(ctx context.Context) (Update, error) {
	var u Update
	err := s.until(ctx, func() bool {
		if len(s.updates) == 0 {
			return false
		}
		u = s.updates[0]
		s.updates = s.updates[1:]
		return true
	})
	return u, err
}

// receive takes events off the connection, so that replies behind them are never held up.
func (s *Session) receive() {
	for f := range s.conn.Events() {
		if err := s.enqueue(f); err != nil {
			s.end(err)
			_ = s.conn.Close()
			return
		}
	}
	s.end(s.conn.Err())
}

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
	default:
		return fmt.Errorf("event of type %q: %w", f.Type, wire.Refuse(wire.CodeUnknownType))
	}
	return nil
}

func (s *Session) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fmt.Errorf("%w: %w", ErrEnded, err)
	}
	s.changed.Broadcast()
}

// work applies what has arrived, the directory before the rooms, since rooms are judged by it.
func (s *Session) work() {
	for {
		err := s.until(context.Background(), func() bool { return len(s.dirIn)+len(s.roomIn) > 0 })
		if err != nil {
			return
		}
		if err := s.step(); err != nil {
			s.end(err)
			_ = s.conn.Close()
			return
		}
	}
}

func (s *Session) step() error {
	s.mu.Lock()
	s.applyDirectory()
	if len(s.roomIn) == 0 {
		s.mu.Unlock()
		return nil
	}
	e := s.roomIn[0]
	s.roomIn = s.roomIn[1:]
	s.mu.Unlock()
	return s.applyRoom(e)
}

// applyDirectory applies what has arrived of the directory; mu is held. A statement that does not apply is skipped, not believed.
func (s *Session) applyDirectory() {
	for _, e := range s.dirIn {
		if e.Seq <= s.dirSeq {
			continue // asked for twice
		}
		s.dirSeq = e.Seq
		if change, err := s.dir.Apply(e.Body); err == nil {
			s.updates = append(s.updates, Update{Directory: &change})
		}
	}
	s.dirIn = nil
	s.changed.Broadcast()
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
	wants := r.keys.WantsBox(e)
	s.mu.Unlock()
	ctx := context.Background() // ends with the connection
	if wants {
		boxes, err := s.boxes(ctx, e)
		if err != nil {
			return err
		}
		e.Boxes = boxes
	}
	ev, err := s.walk(r, e)
	if errors.Is(err, e2e.ErrDirectoryBehind) {
		if err := s.fetchDirectory(ctx); err != nil {
			return err
		}
		ev, err = s.walk(r, e)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.applied = e.Seq
	r.learnTitle(ev)
	s.updates = append(s.updates, Update{Room: e.Room, Event: &ev})
	s.changed.Broadcast()
	return nil
}

func (r *room) learnTitle(ev e2e.Event) {
	switch {
	case ev.Kind == e2e.EventGeneration && ev.Change.Current:
		r.titled = false
	case ev.Kind == e2e.EventMessage && ev.Message.Kind == e2e.KindTitle:
		r.title, r.titled = string(ev.Message.Content), true
	}
}

func (s *Session) walk(r *room, e models.Entry) (e2e.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.Apply(e)
}

// fetchDirectory reads the directory to its end from within work, which applies it.
func (s *Session) fetchDirectory(ctx context.Context) error {
	s.mu.Lock()
	after := s.dirSeq
	s.mu.Unlock()
	var reply wire.LogFollowReply
	if err := s.conn.Call(ctx, wire.TypeLogFollow, wire.LogFollow{After: after}, &reply); err != nil {
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
func (s *Session) boxes(ctx context.Context, e models.Entry) ([]models.Box, error) {
	id := trust.GenerationID(e.Body)
	var reply wire.BoxReply
	if err := s.conn.Call(ctx, wire.TypeBoxGet, wire.BoxGet{Room: e.Room, Generation: id}, &reply); err != nil {
		return nil, err
	}
	var boxes []models.Box
	for _, b := range reply.Boxes {
		boxes = append(boxes, models.Box{Room: e.Room, Generation: id, Account: b.Account, Key: b.Key, Body: b.Body})
	}
	return boxes, nil
}

// LogOut keeps what was seen in the vault, ends the session at the server, and wipes it here. Its connection ends with it: the next person
// gets a new one.
func (s *Session) LogOut(ctx context.Context) error {
	s.mu.Lock()
	for _, r := range s.rooms {
		r.keys.Pin()
	}
	s.keys.PinDirectory()
	s.mu.Unlock()
	err := s.saveVault(ctx)
	if cerr := s.conn.Call(ctx, wire.TypeLogout, wire.Empty{}, new(wire.Empty)); err == nil {
		err = cerr
	}
	s.Close()
	return err
}

// Close ends the session and its connection without a word, and wipes what it held.
func (s *Session) Close() {
	s.end(errors.New("closed here"))
	_ = s.conn.Close()
	s.workers.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		r.keys.Wipe()
	}
	clear(s.rooms)
	if s.vault != nil {
		s.vault.Wipe()
	}
	clear(s.unlock.Export)
	s.updates, s.roomIn, s.dirIn = nil, nil, nil
}
