package server

import (
	"context"
	"errors"
	"time"

	"visavis/chat/login"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

func (c *conn) loginFace(ctx context.Context, b wire.LoginFace) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	proved, err := svc.Face(ctx, lc, b.Login, b.Evidence)
	defer clear(proved.SessionKey[:])
	if err != nil {
		return nil, err
	}
	return c.admit(ctx, &proved, lc.Org)
}

// admit begins the session of somebody who has just proved everything, by face or by code.
func (c *conn) admit(ctx context.Context, proved *login.Proof, org models.OrgID) (wire.SessionReply, error) {
	s, err := c.newSession(proved, org)
	if err != nil {
		return wire.SessionReply{}, err
	}
	vault, err := c.begin(ctx, s, "session.begin", proof{proved.At})
	if err != nil {
		return wire.SessionReply{}, err
	}
	return wire.SessionReply{Session: s.id, VaultVersion: vault.Version, VaultPrev: vault.Prev, Vault: vault.Body}, nil
}

// newSession makes the session of somebody who has just proved everything.
func (c *conn) newSession(p *login.Proof, org models.OrgID) (*session, error) {
	s := &session{
		account: p.Account, name: p.Name, desk: p.Desk, record: p.Record,
		ends: c.srv.now().Add(c.srv.Config.Session.Longest.Std()),
	}
	if err := models.Draw(&s.id, c.srv.Random); err != nil {
		return nil, err
	}
	var err error
	s.key, err = trust.ResumeKey(p.SessionKey[:], org, s.account, s.desk, s.id)
	return s, err
}

// begin is the one place where a connection gets its person, and where a vault is released: after the last proof, which was of a log-in, a
// resumption or an unlocking.
func (c *conn) begin(ctx context.Context, s *session, event string, last proof) (models.Vault, error) {
	vault, err := c.srv.store.VaultOf(ctx, s.account)
	if err != nil {
		return models.Vault{}, err
	}
	if err := c.srv.sessions.hold(s, c); err != nil {
		return models.Vault{}, err
	}
	c.session, c.locked, c.proof, c.root = s, nil, last, false
	c.ends = c.until(s.ends)
	c.person.Store(&s.account)
	// Asked again now that a revocation would find this connection: one that came in between found nobody.
	if _, admitted := c.srv.hub.dir.Identity(s.account); !admitted {
		c.end("revoked")
		return models.Vault{}, wire.Refuse(wire.CodeNotAdmitted)
	}
	if _, listed := c.srv.hub.dir.Desk(c.desk.ID); !listed {
		c.end("revoked")
		return models.Vault{}, wire.Refuse(wire.CodeDesk)
	}
	if err := c.samePassword(ctx, s); err != nil {
		return models.Vault{}, err
	}
	c.settle(ctx)
	c.log.Info("session begins", "event", event, "account", s.account.Short(), "session", s.id.Short())
	c.audit(event, "ok")
	return vault, nil
}

// samePassword ends a session whose password was changed elsewhere, now that whoever changes it would find this connection.
func (c *conn) samePassword(ctx context.Context, s *session) error {
	u, err := c.srv.store.UserByID(ctx, s.account)
	if err == nil && login.RecordHash(u.Record) != c.srv.sessions.under(s) {
		err = wire.Refuse(wire.CodeEnded)
	}
	if err != nil {
		c.end("password")
	}
	return err
}

// until is a time of the server's clock as the network's deadlines have it.
func (c *conn) until(at time.Time) time.Time { return time.Now().Add(at.Sub(c.srv.now())) }

// whose is the session that the connection has, open or locked; nil for none.
func (c *conn) whose() *session {
	if c.session != nil {
		return c.session
	}
	return c.locked
}

// end ends the session, if there is one; only the reader's goroutine calls it.
func (c *conn) end(why string) {
	s := c.whose()
	if s == nil {
		return
	}
	if c.srv.sessions.remove(s, c) {
		c.audit("session.end", why)
	}
	c.log.Info("session ends", "account", s.account.Short(), "why", why)
	c.nobody()
}

// nobody takes the connection's person away.
func (c *conn) nobody() {
	c.unfollowAll()
	c.staged, c.carrier = staged{}, nil
	c.person.Store(nil)
	c.session, c.locked, c.proof = nil, nil, proof{}
}

// leave is called when the connection is at its end. A session that was not ended rests: its desk may come back with another connection.
func (c *conn) leave() {
	if svc, lc, err := c.leftConn(); err == nil {
		if n := svc.Left(lc); n > 0 {
			c.log.Info("left half-way", "logins", n)
		}
	}
	s := c.whose()
	if s == nil {
		return
	}
	cause := context.Cause(c.ctx)
	for _, code := range []wire.Code{wire.CodeEnded, wire.CodeDesk} {
		if errors.Is(cause, wire.Refuse(code)) {
			c.end("over")
			return
		}
	}
	if c.srv.sessions.rest(s, c, c.srv.now().Add(c.srv.Config.Session.Disconnected.Std())) {
		c.log.Info("session rests", "account", s.account.Short(), "session", s.id.Short())
	}
	c.nobody()
}

func (c *conn) logout(context.Context, wire.Empty) (any, error) {
	c.end("log-out")
	return wire.Empty{}, nil
}

// sessionResume gives a session to this connection, which proves that it is the session's desk and knows its key. A connection that had it
// until now, and may not know yet that it is cut, is ended. What is wrong with a claim is told to nobody.
func (c *conn) sessionResume(ctx context.Context, b wire.SessionResume) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, b.Session[:])
	if err != nil {
		return nil, err
	}
	wants := claim{mac: b.MAC, Resumption: trust.Resumption{
		Org: lc.Org, Session: b.Session, Desk: c.desk.ID, Counter: b.Counter, Exporter: [32]byte(exporter),
	}}
	account, ok := c.srv.sessions.account(wants, c.srv.now())
	if !ok {
		return nil, c.notResumed()
	}
	if err := svc.Standing(ctx, lc, "session.resume", account); err != nil {
		if _, refused := login.RefusalOf(err); refused { // there is nothing to go on with, and nothing to try again
			c.srv.dropSessions(ctx, "revoked", func(x *session) bool { return x.id == b.Session })
		}
		return nil, err
	}
	s, locked, from := c.srv.sessions.take(wants, c, c.srv.now())
	if s == nil {
		return nil, c.notResumed()
	}
	if from != nil {
		from.log.Info("cut: its session was resumed on another connection", "by", c.id)
		from.cancel(wire.Refuse(wire.CodeEnded))
	}
	if locked {
		c.settle(ctx)
		c.lockedUntil(s)
		c.audit("session.resume", "locked")
		return wire.ResumeReply{Locked: true, Vault: []byte{}}, nil
	}
	vault, err := c.begin(ctx, s, "session.resume", proof{})
	if err != nil {
		c.srv.sessions.rest(s, c, c.srv.now().Add(c.srv.Config.Session.Disconnected.Std()))
		return nil, err
	}
	return wire.ResumeReply{VaultVersion: vault.Version, VaultPrev: vault.Prev, Vault: vault.Body}, nil
}

// notResumed is the one refusal of a resumption.
func (c *conn) notResumed() error {
	c.denied("session.resume")
	return wire.Refuse(wire.CodeEnded)
}

// lockKey draws what the key of the next lock is sealed to: the connection's own keys are still in the desk's memory when it is locked.
func (c *conn) lockKey(context.Context, wire.Empty) (any, error) {
	carrier, err := trust.NewLockCarrier()
	if err != nil {
		return nil, err
	}
	c.carrier = carrier
	return wire.LockKeyReply{Carrier: carrier.Public()}, nil
}

// sessionLock keeps the key of what the desk has sealed, and takes the connection's person away.
func (c *conn) sessionLock(_ context.Context, b wire.SessionLock) (any, error) {
	s, carrier := c.session, c.carrier
	c.carrier = nil
	key, err := carrier.Open(b.Key, trust.LockPlace{Org: c.srv.hub.dir.Org(), Account: s.account, Session: s.id})
	if err != nil {
		c.log.Warn("no lock's key", "cause", err)
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	defer clear(key[:])
	if !c.srv.sessions.shut(s, c, key, c.srv.now().Add(c.srv.Config.Session.Locked.Std())) {
		return nil, wire.Refuse(wire.CodeEnded)
	}
	c.audit("session.lock", "ok")
	c.nobody()
	c.lockedUntil(s)
	return wire.Empty{}, nil
}

// lockedUntil makes the connection wait for a locked session's person.
func (c *conn) lockedUntil(s *session) {
	c.locked = s
	if until, ok := c.srv.sessions.locked(s, c, c.srv.now()); ok {
		c.ends = c.until(until)
	}
}

// stillLocked ends the connection when its lock's time is over.
func (c *conn) stillLocked() error {
	if _, ok := c.srv.sessions.locked(c.locked, c, c.srv.now()); ok {
		return nil
	}
	c.end("locked")
	c.cancel(wire.Refuse(wire.CodeEnded))
	return wire.Refuse(wire.CodeEnded)
}

func (c *conn) lockStart(ctx context.Context, _ wire.Empty) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	if err := c.stillLocked(); err != nil {
		return nil, err
	}
	id, err := svc.UnlockStart(ctx, lc, c.sitting())
	return wire.ByLogin{Login: id}, err
}

func (c *conn) lockChallenge(ctx context.Context, b wire.ByLogin) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	if err := c.stillLocked(); err != nil {
		return nil, err
	}
	ch, err := svc.UnlockChallenge(ctx, lc, b.Login)
	if r, _ := login.RefusalOf(err); r == login.FaceNotAccepted { // none is judged any more, until an admin has reset them
		return nil, c.endLock()
	}
	if err != nil {
		return nil, c.notUnlocked(err)
	}
	body := canon.MustMarshal(ch)
	if !c.srv.sessions.showing(c.locked, c, trust.ChallengeHash(body)) {
		return nil, c.endLock()
	}
	return wire.ChallengeReply{Challenge: body}, nil
}

// notUnlocked ends a lock whose tries are used up, or that would be over before it may be tried again: a password is what is left.
func (c *conn) notUnlocked(err error) error {
	refused, ok := errors.AsType[*login.Error](err)
	if !ok {
		return err
	}
	switch refused.Refusal {
	case login.FaceNotAccepted:
		if !c.srv.sessions.failed(c.locked, c) {
			return c.endLock()
		}
	case login.Wait:
		if until, ok := c.srv.sessions.locked(c.locked, c, c.srv.now()); !ok || until.Before(c.srv.now().Add(refused.After)) {
			return c.endLock()
		}
	}
	return err
}

func (c *conn) endLock() error {
	c.end("too many faces")
	return wire.Refuse(wire.CodeEnded)
}

// lockFace gives the lock's key out, once, and the session back.
func (c *conn) lockFace(ctx context.Context, b wire.LoginFace) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	if err := c.stillLocked(); err != nil {
		return nil, err
	}
	s := c.locked
	who, err := svc.UnlockFace(ctx, lc, b.Login, b.Evidence)
	if err != nil {
		return nil, c.notUnlocked(err)
	}
	if !s.shows(who) {
		return nil, wire.Refuse(wire.CodeNotAllowed)
	}
	vault, err := c.begin(ctx, s, "session.unlock", proof{c.srv.now()})
	if err != nil {
		return nil, err
	}
	key, ok := c.srv.sessions.open(s, c, c.srv.now())
	if !ok {
		c.end("locked")
		return nil, wire.Refuse(wire.CodeEnded)
	}
	// The reply's own copy is not ours to wipe: it is on its way to the desk.
	return wire.UnlockReply{Key: key[:], VaultVersion: vault.Version, VaultPrev: vault.Prev, Vault: vault.Body}, nil
}
