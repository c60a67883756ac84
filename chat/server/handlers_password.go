package server

import (
	"context"

	"visavis/chat/login"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

func (c *conn) passwordStart(ctx context.Context, b wire.PasswordStart) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	r, err := svc.PasswordStart(ctx, lc, c.sitting(), b.Request)
	if err != nil {
		return nil, err
	}
	return wire.PasswordReply{Login: r.Login, Params: canon.MustMarshal(r.Params), Response: r.Response}, nil
}

// passwordFinish replaces record and vault, and ends whatever else began under the password before.
func (c *conn) passwordFinish(ctx context.Context, b wire.PasswordFinish) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	s := c.session
	v := models.Vault{Account: s.account, Version: b.Version, Prev: b.Prev, Body: b.Vault}
	// A desk that goes away does not end it half-way: the store does all or nothing, and then the others have to go.
	ctx = context.WithoutCancel(ctx)
	if err := svc.PasswordFinish(ctx, lc, c.sitting(), b.Login, b.Record, v); err != nil {
		return nil, err
	}
	c.srv.sessions.repassword(s, login.RecordHash(b.Record))
	c.srv.dropSessions(ctx, "password", func(x *session) bool { return x.account == s.account && x.id != s.id })
	return wire.Empty{}, nil
}
