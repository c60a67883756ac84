package server

import (
	"context"
	"time"

	"visavis/chat/login"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models/canon"
)

// proof is when the person of a connection proved last that it is he: by log-in, unlocking, password or face, on this connection. A resumption is
// none: it proves the desk. The zero proof is none.
type proof struct{ at time.Time }

// fresh says that the proof is at most so old. One of later than now was made before the clock was set back, nobody knows how long.
func (p proof) fresh(now time.Time, most time.Duration) bool {
	age := now.Sub(p.at)
	return !p.at.IsZero() && age >= 0 && age <= most
}

// changes says that an entry changes the directory: who does that has to have proved just now that it is still he. It is not so for what
// an admin's desk signs by itself: keys that follow others in the usual way, and heads of the audit log.
func (c *conn) changes(ctx context.Context, b wire.LogAppend) bool {
	if !b.Room.IsZero() {
		return false
	}
	st, err := trust.ParseStatement(b.Body)
	return err != nil || st.Type != trust.LabelAudit.Type() && !c.srv.usual(ctx, st)
}

// sitting is the connection's session as the log-in service has to know it.
func (c *conn) sitting() login.Session {
	s := c.whose()
	return login.Session{ID: s.id, Account: s.account, Name: s.name, Record: c.srv.sessions.under(s)}
}

func (c *conn) proveBegin(ctx context.Context, b wire.ProveBegin) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	r, err := svc.ProveStart(ctx, lc, c.sitting(), b.KE1)
	if err != nil {
		return nil, err
	}
	return wire.LoginReply{Login: r.Login, Account: r.Account, Params: canon.MustMarshal(r.Params), KE2: r.KE2}, nil
}

func (c *conn) provePassword(ctx context.Context, b wire.LoginPassword) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	return c.proven(svc.ProvePassword(ctx, lc, b.Login, b.KE3))
}

func (c *conn) proveLook(ctx context.Context, _ wire.Empty) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	id, err := svc.ProveLook(ctx, lc, c.sitting())
	return wire.ByLogin{Login: id}, err
}

func (c *conn) proveChallenge(ctx context.Context, b wire.ByLogin) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	ch, err := svc.ProveChallenge(ctx, lc, b.Login)
	if err != nil {
		return nil, err
	}
	return wire.ChallengeReply{Challenge: canon.MustMarshal(ch)}, nil
}

func (c *conn) proveFace(ctx context.Context, b wire.LoginFace) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	return c.proven(svc.ProveFace(ctx, lc, b.Login, b.Evidence))
}

// proven takes a proof that the person of this very session is there.
func (c *conn) proven(who login.Present, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if !c.session.shows(who) {
		return nil, wire.Refuse(wire.CodeNotAllowed)
	}
	c.proof = proof{c.srv.now()}
	return wire.Empty{}, nil
}

// shows says that the session's person is there.
func (s *session) shows(who login.Present) bool {
	return s != nil && who == login.Present{Session: s.id, Account: s.account}
}
