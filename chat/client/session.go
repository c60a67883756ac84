package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrEnded says that the session is over: by log-out, or since its connection ended.
var ErrEnded = errors.New("the session has ended")

// Session is a person logged in at this desk over one connection. Five goroutines live as long as it does: one takes events off the
// connection, one applies them in order, one keeps the vault, one mends what lacks a key, here and for others, one looks after the person's own keys; a sixth
// looks at the audit log for an admin, once. Its methods may be called from any
// goroutine. LogOut, Lock, Suspend or Close ends it and wipes the keys.
type Session struct {
	desk          *Desk
	conn          *Conn
	export        []byte // the password's, under mu: for a vault that was changed at another desk meanwhile
	name          string
	byCode        *CodeUse // set before anybody has the session
	boxesPerFrame int
	patience      time.Duration // between two looks at the directory for what a room's entries name
	suspends      time.Duration // for so long it can be resumed
	auditAnswer   time.Duration // for so long the server may look for its audit log
	mendEvery     time.Duration
	welcomeAfter  time.Duration

	saving chan struct{} // holds one: one version of the vault at a time; taken before mu

	ctx    context.Context // of what the session's own goroutines ask for: ends with it
	cancel context.CancelFunc
	done   chan struct{} // closed with err

	takesKeys bool // the server does, under wire.FeatureKeys

	mu       sync.Mutex
	changed  *sync.Cond // on mu: something was applied, queued or has ended
	claim    claim
	closed   bool // ended here, for good
	vault    *e2e.Vault
	keys     *e2e.Session
	dir      *trust.Directory
	dirSeq   uint64 // entries of the directory's log that were applied
	rooms    map[models.RoomID]*room
	dirIn    []wire.Entry // arrived and not applied
	roomIn   []wire.Entry
	inBytes  int    // of roomIn's bodies
	taken    uint64 // entries that work took out of roomIn, ever
	asking   bool   // work waits for an answer: what arrives before it has to be taken
	fetched  fetched
	updates  []Update
	checked  bool      // the directory is the one that the desk knows: it may pin what comes
	unkept   bool      // the vault is to be saved
	untended bool      // there is a reason to look after keys
	kept     time.Time // when it was
	looked   *AuditLog // at the server's audit log, by an admin's session
	asked    []wire.BoxAsked
	nothing  []wire.BoxAsked // asked, and answered with nothing, until somebody's keys change
	err      error           // why it ended

	workers sync.WaitGroup
}

type room struct {
	keys    *e2e.Room
	applied uint64
	sending sync.Mutex                // one sealed entry at a time, in the order of their counters
	unsent  unsent                    // under sending and mu
	acked   map[models.MessageID]bool // sent by SendAs
	open    bool
	title   string
	titled  bool // the title was said under the current generation
	mending mending
}

// Update is something to show. Exactly one of Event, News, Directory, Keys and Audit is meant by each.
type Update struct {
	Room      models.RoomID
	Event     *e2e.Event // a line of the room's log
	News      bool       // the person may enter the room now, or, when Open is false, no longer
	Open      bool
	Again     bool      // of an Event that came before: it turned out otherwise, since something has come
	Was       e2e.Cause // with Again: why it did not count then
	Directory *trust.DirectoryChange
	At        time.Time // of Directory: when the server received it
	Keys      bool      // somebody's keys wait for an admin, who this person is
	Audit     *AuditLog // what an admin's log-in has found changed in the server's audit log
}

// open begins a session with the vault that the server has released, and checks that this is the person's organisation and identity. It
// copies claim and export; on an error the connection has ended.
func (d *Desk) open(ctx context.Context, c *Conn, of claim, export []byte, stored models.Vault, seen pins) (*Session, error) {
	s := &Session{
		desk: d, conn: c, claim: of, boxesPerFrame: boxesPerFrame, patience: directoryEvery, suspends: suspendedMost, auditAnswer: auditAnswer, mendEvery: mendEvery, welcomeAfter: welcomeAfter, kept: d.now(), done: make(chan struct{}),
		rooms: map[models.RoomID]*room{}, dir: trust.NewDirectory(d.org),
		export: bytes.Clone(export), saving: make(chan struct{}, 1), takesKeys: c.speaks(wire.FeatureKeys),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.changed = sync.NewCond(&s.mu)
	s.workers.Go(s.receive)
	s.workers.Go(s.work)
	s.workers.Go(s.keep)
	if err := s.start(ctx, stored, seen); err != nil {
		s.Close()
		return nil, err
	}
	s.workers.Go(s.watchAudit)
	s.workers.Go(s.mend)
	s.workers.Go(s.tend)
	return s, nil
}

func (s *Session) start(ctx context.Context, stored models.Vault, seen pins) error {
	unlock, err := s.desk.unlockFor(stored, s.export)
	if err != nil {
		return err
	}
	vault, err := e2e.OpenVault(stored, unlock)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVault, err)
	}
	s.mu.Lock()
	s.vault = vault
	s.mu.Unlock()
	if !vault.Since(seen.vault) {
		return ErrOldVault
	}
	seen.carry(vault)
	if vault.Org != s.desk.org || vault.Root != s.desk.root {
		return fmt.Errorf("vault of another organisation: %w", ErrVault)
	}
	n, head := s.desk.pinned()
	if err := s.readDirectory(ctx); err != nil {
		return err
	}
	if err := s.startKeys(vault, n, head); err != nil {
		return err
	}
	if err := s.followPepper(ctx); err != nil {
		return err
	}
	return s.pinDesk()
}

func (s *Session) startKeys(vault *e2e.Vault, seen uint64, head models.Hash) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir.Len() < s.conn.hello.Seq || !goesOn(s.dir, seen, head) {
		return ErrOldDirectory
	}
	s.checked = true
	s.keys, err = e2e.NewSession(e2e.Config{Vault: vault, Directory: s.dir, Desk: s.desk.id, Random: s.desk.random(), Now: s.desk.now})
	if err != nil {
		return err
	}
	id, _ := s.dir.Identity(vault.Account)
	s.name = id.Name
	s.unkept, s.untended = vault.Keys.Use(s.desk.id), true
	s.changed.Broadcast()
	return nil
}

// pinDesk makes the desk remember how much of the directory it has shown, once that is known to be the right one.
func (s *Session) pinDesk() error {
	s.mu.Lock()
	checked := s.checked
	n, head := s.dir.Tip()
	s.mu.Unlock()
	if !checked {
		return nil
	}
	return errors.Join(s.desk.pin(n, head), s.desk.followPeppers(s.dir))
}

// readDirectory follows the directory and waits until it has been applied as far as the server has it now.
func (s *Session) readDirectory(ctx context.Context) error {
	s.mu.Lock()
	after := s.dirSeq
	s.mu.Unlock()
	var reply wire.LogFollowReply
	if err := s.call(ctx, wire.TypeLogFollow, wire.LogFollow{After: after}, &reply); err != nil {
		return err
	}
	return s.until(ctx, func() bool { return s.dirSeq >= reply.Last })
}

// call is Conn.Call while the session lasts: afterwards its connection may be another session's.
func (s *Session) call(ctx context.Context, typ string, request, reply any) error {
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", typ, err)
	}
	return s.conn.Call(ctx, typ, request, reply)
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

// Hello is what the server said of itself when the session's connection began.
func (s *Session) Hello() trust.Hello { return s.conn.Hello() }

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

// LogOut keeps what was seen in the vault, ends the session at the server, and wipes it here. Its connection ends with it: the next person
// gets a new one.
func (s *Session) LogOut(ctx context.Context) error {
	s.pin()
	err := errors.Join(s.pinDesk(), s.saveVault(ctx))
	if cerr := s.call(ctx, wire.TypeLogout, wire.Empty{}, new(wire.Empty)); err == nil {
		err = cerr
	}
	s.Close()
	return err
}

// Done is closed when the session has ended; Next says why, after the last update.
func (s *Session) Done() <-chan struct{} { return s.done }

// Close ends the session and its connection without a word, and wipes what it held. At the server it rests for a while, until nobody has
// resumed it.
func (s *Session) Close() {
	if s.end(errors.New("closed here")) || !s.wiped() {
		_ = s.conn.Close()
		s.wipe()
	}
}

// wiped says that the session ended here, for good; a connection that it left to a lock is not its own any more.
func (s *Session) wiped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// wipe waits for the workers of a session that has ended, and overwrites what it held.
func (s *Session) wipe() {
	s.workers.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	clear(s.claim.key[:])
	for _, r := range s.rooms {
		r.keys.Wipe()
		r.mending.wipeProofs()
	}
	clear(s.rooms)
	if s.vault != nil {
		s.vault.Wipe()
	}
	clear(s.export)
	s.updates, s.roomIn, s.dirIn, s.asked, s.nothing, s.inBytes = nil, nil, nil, nil, nil, 0
}
