package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrOver says that a session can not be gone on with: it was ended at the server, or what the server gave is not what it was. What was kept
// of it here is wiped; the person logs in again.
var ErrOver = errors.New("the session can not be gone on with: log in again")

// claim is what a session is gone on with over another connection. It opens nothing by itself, and the server knows its key too.
type claim struct {
	account models.AccountID
	session models.SessionID
	key     trust.Secret
	counter uint64 // of the last try
}

func (x *claim) wipe() { clear(x.key[:]) }

// resume connects and asks for the session. On an error there is no connection.
func (x *claim) resume(ctx context.Context, d *Desk) (*Conn, wire.ResumeReply, error) {
	var reply wire.ResumeReply
	c, err := d.Connect(ctx)
	if err != nil {
		return nil, reply, err
	}
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, x.session[:])
	if err == nil {
		x.counter++ // whether the server gets to see it or not
		r := trust.Resumption{Org: d.org, Session: x.session, Desk: d.id, Counter: x.counter, Exporter: [32]byte(exporter)}
		err = c.Call(ctx, wire.TypeResume, wire.SessionResume{Session: x.session, Counter: x.counter, MAC: r.MAC(x.key)}, &reply)
	}
	if err != nil {
		_ = c.Close()
		return nil, wire.ResumeReply{}, err
	}
	return c, reply, nil
}

// pins are how far the person has seen things, where the vault may not say so yet; and the vault's latest version that this desk knows the server
// to have: an older one is not opened.
type pins struct {
	vault e2e.VaultMark
	head  models.Hash
	seq   uint64
	rooms map[models.RoomID]e2e.RoomPin
}

// carry moves a vault's pins to these, where they are further on.
func (p pins) carry(v *e2e.Vault) {
	if !p.head.IsZero() && (v.Head.IsZero() || p.seq > v.HeadSeq) {
		v.Head, v.HeadSeq = p.head, p.seq
	}
	for id, pin := range p.rooms {
		if pin.Seq > v.Rooms[id].Seq {
			v.Rooms[id] = pin
		}
	}
}

// Suspended is a session without a connection, at this desk: what opens the vault, and what proves it to the server. It prints redacted.
// Its methods may be called from any goroutine. It lives in memory alone, and wipes itself after ten minutes, which is as long as the server
// keeps its side at most: whoever is away longer than the network was does not leave the keys behind.
type Suspended struct {
	desk *Desk
	name string

	ends context.Context // its time, and that of a try: Wipe waits for no server
	stop context.CancelFunc

	mu     sync.Mutex // one try at a time
	claim  claim
	export []byte // nil when it is over
	seen   pins
}

// Suspend ends the session and its connection and wipes all of it but for what resumes it. It is false, and nothing is left, when the session
// was ended for good: here, by LogOut, Lock or Close; or by the server, since its time was over, or account or desk were revoked.
//
// A window calls it when Next returned ErrEnded, or Done was closed, and then Resume until that works or fails with ErrOver.
func (s *Session) Suspend() (*Suspended, bool) {
	s.end(fmt.Errorf("suspended: %w", ErrClosed))
	s.mu.Lock()
	goesOn := !s.closed && s.keys != nil && errors.Is(s.err, ErrClosed) && passing(s.err)
	s.mu.Unlock()
	if !goesOn {
		s.Close()
		return nil, false
	}
	s.pin()
	s.mu.Lock()
	x := &Suspended{
		desk: s.desk, name: s.name, claim: s.claim, export: bytes.Clone(s.export),
		seen: pins{vault: s.vault.Mark(), head: s.vault.Head, seq: s.vault.HeadSeq, rooms: s.vault.Rooms},
	}
	s.mu.Unlock()
	s.Close()
	x.ends, x.stop = context.WithTimeout(context.Background(), s.suspends)
	context.AfterFunc(x.ends, x.wiped)
	return x, true
}

// Account is whose session it was.
func (x *Suspended) Account() models.AccountID { return x.claim.account }

// Name is the person's canonical name.
func (x *Suspended) Name() string { return x.name }

// Resume connects again and goes on with the session: as a new Session with a new stream, whose rooms have to be entered again. After an error
// that is not ErrOver it may be called again, at a pace that is the caller's: the network is not back yet, or the server. ErrOver is final.
func (x *Suspended) Resume(ctx context.Context) (*Session, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.export == nil || x.ends.Err() != nil {
		x.wipe()
		return nil, fmt.Errorf("resume: %w", ErrOver)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(x.ends, cancel)()
	s, err := x.resume(ctx)
	switch {
	case err == nil:
		x.wipe()
	case !passing(err):
		x.wipe()
		err = fmt.Errorf("resume: %w: %w", ErrOver, err)
	}
	return s, err
}

func (x *Suspended) resume(ctx context.Context) (*Session, error) {
	c, reply, err := x.claim.resume(ctx, x.desk)
	if err != nil {
		return nil, err
	}
	if reply.Locked { // it never was, as far as this desk knows: the server has somebody else's
		_ = c.Close()
		return nil, ErrOver
	}
	stored := models.Vault{Account: x.claim.account, Version: reply.VaultVersion, Prev: reply.VaultPrev, Body: reply.Vault}
	return x.desk.open(ctx, c, x.claim, x.export, stored, x.seen)
}

// Wipe overwrites what it holds; the session is left to end at the server by itself.
func (x *Suspended) Wipe() {
	x.stop()
	x.wiped()
}

func (x *Suspended) wiped() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.wipe()
}

func (x *Suspended) wipe() {
	x.claim.wipe()
	clear(x.export)
	x.export = nil
	x.stop()
}

// suspendedMost is how long a Suspended can be resumed: the longest that a server may be told to wait.
const suspendedMost = 10 * time.Minute

func (*Suspended) String() string   { return "suspended session(redacted)" }
func (*Suspended) GoString() string { return "suspended session(redacted)" }

// Format keeps every verb from printing it.
func (*Suspended) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "suspended session(redacted)")
}

// passingCodes are refusals that say nothing of the session.
var passingCodes = map[wire.Code]bool{
	wire.CodeInternal: true, wire.CodeNotDurable: true, wire.CodeSlow: true, wire.CodeGoodbye: true, wire.CodeFull: true, wire.CodeWait: true,
}

// final are this desk's own verdicts on what the server shows.
var final = []error{ErrOver, ErrVault, ErrOldVault, ErrOldDirectory, ErrServer, e2e.ErrFork, e2e.ErrIdentity, e2e.ErrLock, wire.ErrMalformed}

// passing says that an error may pass: the same thing tried again can work.
func passing(err error) bool {
	var refusal *wire.Error
	if errors.As(err, &refusal) {
		return passingCodes[refusal.Code]
	}
	for _, f := range final {
		if errors.Is(err, f) {
			return false
		}
	}
	return true
}
