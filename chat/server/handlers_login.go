package server

import (
	"context"
	"errors"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/login"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// loginConn is what the steps of a log-in get to know of this connection.
func (c *conn) loginConn() (*login.Service, login.Conn, error) {
	svc, lc, err := c.leftConn()
	if err != nil {
		return nil, login.Conn{}, err
	}
	desk, listed := c.srv.hub.dir.Desk(c.desk.ID)
	if !listed {
		return nil, login.Conn{}, wire.Refuse(wire.CodeDesk)
	}
	lc.DeviceKey = desk.Device
	return svc, lc, nil
}

// leftConn is loginConn at the connection's end, which may have come because the desk is listed no more.
func (c *conn) leftConn() (*login.Service, login.Conn, error) {
	svc, org, err := c.srv.hub.logins()
	if err != nil {
		return nil, login.Conn{}, err
	}
	return svc, login.Conn{
		Org: org, Server: c.srv.serverID, Desk: c.desk.ID, TLSKeyHash: c.desk.TLSKeyHash,
		Exporter: func(id models.LoginID) ([32]byte, error) {
			b, err := pki.Exporter(c.state, wire.ExporterLabel, id[:])
			if err != nil {
				return [32]byte{}, err
			}
			return [32]byte(b), nil
		},
	}, nil
}

func (c *conn) signupStart(ctx context.Context, b wire.SignupStart) (any, error) {
	return c.startSignup(ctx, b, (*login.Service).SignupStart)
}

func (c *conn) startSignup(ctx context.Context, b wire.SignupStart,
	start func(*login.Service, context.Context, login.Conn, login.SignupRequest) (login.SignupReply, error)) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	r, err := start(svc, ctx, lc, login.SignupRequest{
		Name: b.Name, Email: b.Email, Consent: b.Consent, ConsentAt: time.UnixMilli(b.ConsentAt).UTC(), Request: b.Request,
	})
	if err != nil {
		return nil, err
	}
	return wire.SignupReply{Login: r.Login, Account: r.Account, Params: canon.MustMarshal(r.Params), Response: r.Response}, nil
}

func (c *conn) signupChallenge(ctx context.Context, b wire.SignupChallenge) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	ch, err := svc.SignupChallenge(ctx, lc, b.Login, liveness.Kind(b.Kind))
	if err != nil {
		return nil, err
	}
	return wire.ChallengeReply{Challenge: canon.MustMarshal(ch)}, nil
}

func (c *conn) signupFace(ctx context.Context, b wire.SignupFace) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	return wire.Empty{}, svc.SignupFace(ctx, lc, b.Login, b.Record, b.Evidence)
}

func (c *conn) signupFinish(ctx context.Context, b wire.SignupFinish) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	// Somebody whose bundle names more keys than rooms seal to would look as if the server had left them out.
	if bundle, err := trust.OpenBundle(b.Bundle, c.srv.hub.dir); err == nil && len(bundle.Boxes) != 1 {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	return wire.Empty{}, svc.SignupFinish(ctx, lc, b.Login, login.SignupResult{Record: b.Record, Bundle: b.Bundle, Vault: b.Vault})
}

func (c *conn) loginStart(ctx context.Context, b wire.LoginStart) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	r, err := svc.Start(ctx, lc, b.Name, b.KE1)
	if err != nil {
		return nil, err
	}
	return wire.LoginReply{Login: r.Login, Account: r.Account, Params: canon.MustMarshal(r.Params), KE2: r.KE2}, nil
}

func (c *conn) loginPassword(ctx context.Context, b wire.LoginPassword) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	return wire.Empty{}, svc.Password(ctx, lc, b.Login, b.KE3)
}

func (c *conn) loginChallenge(ctx context.Context, b wire.ByLogin) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	ch, err := svc.Challenge(ctx, lc, b.Login)
	if err != nil {
		return nil, err
	}
	return wire.ChallengeReply{Challenge: canon.MustMarshal(ch)}, nil
}

// signupStatus tells a desk of a sign-up that was made at it. Whoever asks otherwise gets the answer for one that is no more.
func (c *conn) signupStatus(ctx context.Context, b wire.SignupStatus) (any, error) {
	if wait := waitFor(c.srv.statuses.take(c.desk.ID, c.srv.now())); wait != nil {
		return nil, wait
	}
	u, err := c.srv.store.UserByID(ctx, b.Account)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return nil, err
	}
	reply := wire.SignupStatusReply{State: wire.SignupGone}
	if r, err := c.srv.store.RenewalOf(ctx, b.Account); err == nil && r.User.Desk == c.desk.ID && trust.LabelBundle.Hash(r.User.Bundle) == b.Bundle {
		reply.State = wire.SignupWaiting
		return reply, nil
	}
	_, admitted := c.srv.hub.dir.Identity(b.Account)
	switch {
	case err != nil, u.Desk != c.desk.ID, trust.LabelBundle.Hash(u.Bundle) != b.Bundle:
	case admitted:
		reply.State = wire.SignupAdmitted
	case u.Status == models.UserWaiting:
		reply.State = wire.SignupWaiting
	}
	return reply, nil
}

func (c *conn) vaultGet(ctx context.Context, _ wire.Empty) (any, error) {
	v, err := c.srv.store.VaultOf(ctx, c.session.account)
	if err != nil {
		return nil, err
	}
	return wire.VaultReply{Version: v.Version, Prev: v.Prev, Vault: v.Body}, nil
}

func (c *conn) vaultPut(ctx context.Context, b wire.VaultPut) (any, error) {
	svc, _, err := c.srv.hub.logins()
	if err != nil {
		return nil, err
	}
	next := models.Vault{Account: c.session.account, Version: b.Version, Prev: b.Prev, Body: b.Vault}
	before, err := svc.PutVault(ctx, next)
	if err != nil {
		return nil, err
	}
	if moved(before, next) {
		c.srv.scrub(context.WithoutCancel(ctx)) // the vault before is under an older pepper
	}
	return wire.Empty{}, nil
}
