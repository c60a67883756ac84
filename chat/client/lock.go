package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"visavis/chat/e2e"
	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

var errLocked = errors.New("locked")

// Locked is a session whose person walked away. It holds a token without its key, which the server has, and what shows the session to the
// server again; neither opens anything alone. It prints redacted. Its methods may be called from any goroutine.
type Locked struct {
	desk *Desk
	name string

	trying sync.Mutex // one try at a time; taken before mu

	mu    sync.Mutex
	conn  *Conn
	claim claim
	vault e2e.VaultMark // what the server has to give back, or one that follows
	token fernet.Token  // nil when it is over
}

// Lock seals what the session needs to begin again under a fresh key, gives that key to the server, and wipes key, session and rooms here. The
// connection stays. What was seen is kept in the vault before, and dropped when that does not work: who walked away is not waited for. Until ctx
// ends a server that does not answer keeps the session unwiped, so give it a deadline. On an
// error there is no lock: the session has ended and is wiped, and the person logs in again; so a window may show its locked screen first and call Lock
// behind it.
//
// Entries that were sent and not acknowledged have the same fate as in a connection that is cut: see SendAs.
func (s *Session) Lock(ctx context.Context) (*Locked, error) {
	s.pin()
	err := errors.Join(s.pinDesk(), s.saveVault(ctx))
	if errors.Is(err, ErrOldVault) {
		s.Close()
		return nil, fmt.Errorf("lock: %w", err)
	}
	l, err := s.lock(ctx)
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("lock: %w", err)
	}
	s.end(errLocked)
	s.wipe()
	return l, nil
}

func (s *Session) lock(ctx context.Context) (*Locked, error) {
	key, err := trust.NewSecret(s.desk.random())
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	s.mu.Lock()
	l := &Locked{desk: s.desk, name: s.name, conn: s.conn, claim: s.claim, vault: s.vault.Mark()}
	l.token, err = l.sealed().Seal(s.export, key, s.desk.now())
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if err := s.hand(ctx, key, l.claim); err != nil {
		l.claim.wipe()
		return nil, err
	}
	s.conn.deafen()
	return l, nil
}

// hand gives a lock's key to the server. It goes sealed, since whoever finds the connection's keys in the memory of a locked desk, and has
// recorded what went over it, would have it otherwise.
func (s *Session) hand(ctx context.Context, key trust.Secret, of claim) error {
	defer of.wipe()
	defer clear(key[:])
	var carrier wire.LockKeyReply
	if err := s.call(ctx, wire.TypeLockKey, wire.Empty{}, &carrier); err != nil {
		return err
	}
	sealed, err := trust.CarryLockKey(key, carrier.Carrier, trust.LockPlace{Org: s.desk.org, Account: of.account, Session: of.session})
	if err != nil {
		return err
	}
	return s.call(ctx, wire.TypeLock, wire.SessionLock{Key: sealed}, new(wire.Empty))
}

func (l *Locked) sealed() e2e.Locked {
	return e2e.Locked{Org: l.desk.org, Account: l.claim.account, Session: l.claim.session}
}

// Account is whose session it is.
func (l *Locked) Account() models.AccountID { return l.claim.account }

// Name is the person's canonical name.
func (l *Locked) Name() string { return l.name }

// Hello is what the server said of itself when the connection that it has now began.
func (l *Locked) Hello() trust.Hello { return l.connection().Hello() }

// Done is closed when the connection that it has now has ended; the next Unlock goes on over a new one, unless Err is ErrOver. After an
// Unlock that failed, ask again.
func (l *Locked) Done() <-chan struct{} { return l.connection().Done() }

// Err says why the connection has ended: nil while it lives, and ErrOver when there is nothing left to unlock.
func (l *Locked) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.conn.Err()
	switch {
	case l.token == nil, err != nil && !passing(err):
		return errors.Join(ErrOver, err)
	}
	return err
}

func (l *Locked) connection() *Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn
}

// Unlock shows the person's face and goes on with the session: as a new Session with a new stream, whose rooms have to be entered again. It
// settles the eye, asks for a challenge and captures it, so call it when somebody has pressed the button. Where the connection was cut, it goes
// on over a new one.
//
// After ErrOver it is wiped, and the person logs in again. After any other error it is as locked as before: a face that was refused (CodeFace), a
// wait (CodeWait), an eye that sees nothing, a network that is down.
func (l *Locked) Unlock(ctx context.Context, eye Eye) (*Session, error) {
	l.trying.Lock()
	defer l.trying.Unlock()
	return l.settle(l.unlock(ctx, eye))
}

// settle wipes the lock when there is a session, or never will be.
func (l *Locked) settle(s *Session, err error) (*Session, error) {
	switch {
	case err == nil:
		l.wipe()
	case !lasts(err):
		l.end()
		err = fmt.Errorf("unlock: %w: %w", ErrOver, err)
	}
	return s, err
}

// lasts says that what went wrong leaves the lock as it is.
func lasts(err error) bool {
	return passing(err) || errors.Is(err, wire.Refuse(wire.CodeFace)) ||
		errors.Is(err, wire.Refuse(wire.CodeNotSignedIn)) || // the challenge's time was over
		errors.Is(err, wire.Refuse(wire.CodeVirtualCamera))
}

func (l *Locked) unlock(ctx context.Context, eye Eye) (*Session, error) {
	c, err := l.connected(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.desk.allowed(c, eye); err != nil {
		return nil, err
	}
	if err := eye.Settle(ctx); err != nil {
		return nil, err
	}
	reply, err := l.show(ctx, c, eye)
	if err != nil {
		return nil, err
	}
	return l.given(ctx, c, reply)
}

// given goes on with a key that was given back, once: it works or it is over.
func (l *Locked) given(ctx context.Context, c *Conn, reply wire.UnlockReply) (*Session, error) {
	defer clear(reply.Key)
	s, err := l.begin(ctx, c, reply)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOver, err)
	}
	return s, nil
}

// connected returns the connection, or goes on over a new one. The session is locked on it.
func (l *Locked) connected(ctx context.Context) (*Conn, error) {
	l.mu.Lock()
	c, of, over := l.conn, l.claim, l.token == nil
	l.mu.Unlock()
	if over {
		return nil, ErrOver
	}
	if c.Err() == nil {
		return c, nil
	}
	if !passing(c.Err()) {
		return nil, c.Err()
	}
	next, reply, err := of.resume(ctx, l.desk)
	l.mu.Lock()
	l.claim.counter = of.counter
	l.mu.Unlock()
	of.wipe()
	if err != nil {
		return nil, err
	}
	if !reply.Locked { // the key was given back, and never came
		_ = next.Call(ctx, wire.TypeLogout, wire.Empty{}, new(wire.Empty))
		_ = next.Close()
		return nil, ErrOver
	}
	next.deafen()
	_ = c.Close()
	return next, l.goOn(next)
}

// goOn makes a connection the lock's, unless it was closed meanwhile: then nobody else would end it.
func (l *Locked) goOn(c *Conn) error {
	l.mu.Lock()
	over := l.token == nil
	if !over {
		l.conn = c
	}
	l.mu.Unlock()
	if over {
		_ = c.Close()
		return ErrOver
	}
	return nil
}

// begun begins an unlocking at the server.
func (l *Locked) begun(ctx context.Context, c *Conn) (look, error) {
	var started wire.ByLogin
	if err := c.Call(ctx, wire.TypeLockStart, wire.Empty{}, &started); err != nil {
		return look{}, err
	}
	return look{evidence: trust.Evidence{
		Purpose: trust.PurposeUnlock, Login: started.Login, Account: l.claim.account, Handshake: trust.UnlockHash(l.claim.session),
	}}, nil
}

// show shows a face for the lock's key.
func (l *Locked) show(ctx context.Context, c *Conn, eye Eye) (reply wire.UnlockReply, err error) {
	k, err := l.begun(ctx, c)
	if err != nil {
		return reply, err
	}
	evidence, err := k.play(ctx, l.desk, c, eye, wire.TypeLockChallenge)
	if err != nil {
		return reply, err
	}
	c.deaf.Store(false) // what the server tells the person from now on is for the new session
	if err = c.Call(ctx, wire.TypeLockFace, wire.LoginFace{Login: k.evidence.Login, Evidence: evidence}, &reply); err != nil {
		c.deafen()
	}
	return reply, err
}

// begin opens the token and begins the session.
func (l *Locked) begin(ctx context.Context, c *Conn, reply wire.UnlockReply) (*Session, error) {
	var key e2e.LockKey
	if copy(key[:], reply.Key) != len(reply.Key) {
		return nil, fmt.Errorf("a key of %d bytes: %w", len(reply.Key), e2e.ErrLock)
	}
	defer clear(key[:])
	l.mu.Lock()
	token, of, seen := bytes.Clone(l.token), l.claim, pins{vault: l.vault}
	l.mu.Unlock()
	defer of.wipe()
	defer clear(token) // what this key opens is not to be found beside the next one
	if token == nil {  // closed meanwhile, and with it the connection
		return nil, ErrOver
	}
	export, err := l.sealed().Open(token, key)
	if err != nil {
		return nil, err
	}
	defer clear(export)
	stored := models.Vault{Account: of.account, Version: reply.VaultVersion, Prev: reply.VaultPrev, Body: reply.Vault}
	return l.desk.open(ctx, c, of, export, stored, seen)
}

// LogOut ends the session at the server, which forgets the key, and wipes what is left of it here, whatever the server says.
func (l *Locked) LogOut(ctx context.Context) error {
	l.trying.Lock()
	defer l.trying.Unlock()
	defer l.end()
	c, err := l.connected(ctx)
	if err != nil {
		return err
	}
	return c.Call(ctx, wire.TypeLogout, wire.Empty{}, new(wire.Empty))
}

// Close ends the connection and wipes what is left here. The server forgets the key in its time.
func (l *Locked) Close() { l.end() }

// end wipes what is left, and ends the connection unless a session has it by now.
func (l *Locked) end() {
	c := l.connection()
	if l.wipe() {
		_ = c.Close()
	}
}

// wipe says whether there was something left.
func (l *Locked) wipe() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.token != nil
	l.claim.wipe()
	clear(l.token)
	l.token = nil
	return was
}

func (*Locked) String() string   { return "locked session(redacted)" }
func (*Locked) GoString() string { return "locked session(redacted)" }

// Format keeps every verb from printing it.
func (*Locked) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "locked session(redacted)") }
