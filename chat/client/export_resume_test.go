package client

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Cut ends the connection as a network does.
func (c *Conn) Cut() { _ = c.net.NetConn().Close() }

// Claim is a resumption with which a test does as it likes.
type Claim struct {
	trust.Resumption
	Key   trust.Secret
	Sent  uint64 // the counter beside the MAC
	NoMAC bool
}

// Claim is a session's next good claim for a connection of a desk.
func (s *Session) Claim(c *Conn, d *Desk) Claim {
	s.mu.Lock()
	defer s.mu.Unlock()
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, s.claim.session[:])
	if err != nil {
		panic(err)
	}
	n := s.claim.counter + 1
	return Claim{Key: s.claim.key, Sent: n, Resumption: trust.Resumption{
		Org: d.org, Session: s.claim.session, Desk: d.id, Counter: n, Exporter: [32]byte(exporter),
	}}
}

// Claim asks for a session.
func (c *Conn) Claim(ctx context.Context, x Claim) error {
	ask := wire.SessionResume{Session: x.Session, Counter: x.Sent}
	if !x.NoMAC {
		ask.MAC = x.MAC(x.Key)
	}
	return c.Call(ctx, wire.TypeResume, ask, new(wire.ResumeReply))
}

// Holds says whether a key is left.
func (x *Suspended) Holds() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.export != nil || !x.claim.key.IsZero()
}

// Holds says whether a key is left.
func (s *Session) Holds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := !s.claim.key.IsZero()
	for _, b := range s.export {
		held = held || b != 0
	}
	return held || len(s.rooms) > 0 || len(s.updates) > 0
}

// PinOf is how far the vault says that a room was seen.
func (s *Session) PinOf(id models.RoomID) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vault.Rooms[id].Seq
}

// Secrets are what a session holds of its person's, by name.
func (s *Session) Secrets(id models.RoomID) map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	inside := func(x any, fields ...string) reflect.Value {
		v := reflect.ValueOf(x).Elem()
		for _, f := range fields {
			if v = v.FieldByName(f); v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
				v = v.Index(0)
			}
		}
		return v
	}
	all := map[string][]byte{
		"export key": append([]byte(nil), s.export...), "signing key": s.vault.Keys.Signing().Seed(),
		"vault key": append([]byte(nil), inside(s.vault, "key").Bytes()...), "box key": append([]byte(nil), inside(s.vault.Keys, "boxes", "seed").Bytes()...),
	}
	for it := inside(s.rooms[id].keys, "secrets").MapRange(); it.Next(); {
		all[fmt.Sprintf("generation's secret %d", len(all))] = append([]byte(nil), it.Value().Bytes()...)
	}
	return all
}

// Still calls f while nothing of the session changes.
func (s *Session) Still(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// Login is the attempt's id.
func (a *Attempt) Login() models.LoginID { return a.look.evidence.Login }

// Connection is the connection that a lock has.
func (l *Locked) Connection() *Conn { return l.connection() }

// Hear makes the connection of a locked desk keep what it is sent.
func (l *Locked) Hear() { l.connection().deaf.Store(false) }

// DeskID is the desk that is locked.
func (l *Locked) DeskID() models.DeskID { return l.desk.id }

// Token is what was sealed.
func (l *Locked) Token() []byte { return l.token }

// Holds says whether something is left.
func (l *Locked) Holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.token != nil || !l.claim.key.IsZero()
}

// Opens says whether a key is the lock's.
func (l *Locked) Opens(key []byte) bool {
	if len(key) != 32 {
		return false
	}
	_, err := l.sealed().Open(l.token, e2e.LockKey(key))
	return err == nil
}

// Evidence is what a desk would hand in for a face.
func (l *Locked) Evidence(ctx context.Context, eye Eye) (models.LoginID, []byte, error) {
	k, err := l.begun(ctx, l.connection())
	if err != nil {
		return models.LoginID{}, nil, err
	}
	evidence, err := k.play(ctx, l.desk, l.connection(), eye, wire.TypeLockChallenge)
	return k.evidence.Login, evidence, err
}

// Answered goes on with what a server answered to the face, as Unlock does.
func (l *Locked) Answered(ctx context.Context, reply wire.UnlockReply) (*Session, error) {
	return l.settle(l.given(ctx, l.connection(), reply))
}

// GoOn gives the lock another connection.
func (l *Locked) GoOn(c *Conn) error { return l.goOn(c) }

// WipeLocked is what Lock does once the server has the key.
func (s *Session) WipeLocked() {
	s.end(errLocked)
	s.wipe()
}

// SetSuspends says for how long the session can be resumed.
func (s *Session) SetSuspends(d time.Duration) { s.suspends = d }

// Given goes on with a vault that a server gives to a resumption.
func (x *Suspended) Given(ctx context.Context, c *Conn, stored models.Vault) (*Session, error) {
	return x.desk.open(ctx, c, x.claim, x.export, stored, x.seen)
}

// Deafen makes the session miss what it is told from now on.
func (s *Session) Deafen() { s.conn.deafen() }

// KeysOf is what the session opens a room with.
func (s *Session) KeysOf(id models.RoomID) *e2e.Room {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[id].keys
}

// LockPlace is what a lock's key of the session is sealed for.
func (s *Session) LockPlace() trust.LockPlace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return trust.LockPlace{Org: s.desk.org, Account: s.claim.account, Session: s.claim.session}
}

// SetDesk puts the desk on another machine's network.
func (x *Suspended) SetDesk(d *Desk) { x.desk = d }
