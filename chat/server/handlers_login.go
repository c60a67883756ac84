package server

import (
	"context"
	"time"

	"visavis/chat/login"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// session is a person logged in on one connection; it ends with the connection, at log-out, after Idle and after Longest.
type session struct {
	id      models.SessionID
	account models.AccountID
	name    string
	login   models.LoginID
	ends    time.Time
}

// loginConn is what the steps of a log-in get to know of this connection.
func (c *conn) loginConn() (*login.Service, login.Conn, error) {
	svc, org, err := c.srv.hub.logins()
	if err != nil {
		return nil, login.Conn{}, err
	}
	desk, listed := c.srv.hub.dir.Desk(c.desk.ID)
	if !listed {
		return nil, login.Conn{}, wire.Refuse(wire.CodeDesk)
	}
	return svc, login.Conn{
		Org: org, Server: c.srv.serverID, Desk: c.desk.ID, DeviceKey: desk.Device, TLSKeyHash: c.desk.TLSKeyHash,
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
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	r, err := svc.SignupStart(ctx, lc, login.SignupRequest{
		Name: b.Name, Email: b.Email, Consent: b.Consent, ConsentAt: time.UnixMilli(b.ConsentAt).UTC(), Request: b.Request,
	})
	if err != nil {
		return nil, err
	}
	return wire.SignupReply{Login: r.Login, Account: r.Account, Params: canon.MustMarshal(r.Params), Response: r.Response}, nil
}

func (c *conn) signupChallenge(ctx context.Context, b wire.ByLogin) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	ch, err := svc.SignupChallenge(ctx, lc, b.Login)
	if err != nil {
		return nil, err
	}
	return wire.ChallengeReply{Challenge: canon.MustMarshal(ch)}, nil
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
	err = svc.SignupFinish(ctx, lc, b.Login, login.SignupResult{Record: b.Record, Bundle: b.Bundle, Vault: b.Vault, Evidence: b.Evidence})
	return wire.Empty{}, err
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

func (c *conn) loginFace(ctx context.Context, b wire.LoginFace) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	proof, err := svc.Face(ctx, lc, b.Login, b.Evidence)
	defer clear(proof.SessionKey[:]) // proves reconnections, which this version does not have
	if err != nil {
		return nil, err
	}
	return c.begin(ctx, &proof)
}

// begin is the one place where a connection gets its person, and where a vault is released: after the last proof.
func (c *conn) begin(ctx context.Context, p *login.Proof) (any, error) {
	vault, err := c.srv.store.VaultOf(ctx, p.Account)
	if err != nil {
		return nil, err
	}
	var id models.SessionID
	if err := models.Draw(&id, c.srv.Random); err != nil {
		return nil, err
	}
	c.session = &session{
		id: id, account: p.Account, name: p.Name, login: p.Login,
		ends: time.Now().Add(c.srv.Config.Session.Longest.Std()),
	}
	c.person.Store(&c.session.account)
	// Asked again now that a revocation would find this connection: one that came in between found nobody.
	if _, admitted := c.srv.hub.dir.Identity(p.Account); !admitted {
		c.end("revoked")
		return nil, wire.Refuse(wire.CodeNotAdmitted)
	}
	if _, listed := c.srv.hub.dir.Desk(c.desk.ID); !listed {
		c.end("revoked")
		return nil, wire.Refuse(wire.CodeDesk)
	}
	c.log.Info("session begins", "account", p.Account.Short(), "session", id.Short())
	c.audit("session.begin", "ok")
	return wire.SessionReply{Session: id, VaultVersion: vault.Version, VaultPrev: vault.Prev, Vault: vault.Body}, nil
}

// end ends the session, if there is one; only the reader's goroutine calls it.
func (c *conn) end(why string) {
	if c.session == nil {
		return
	}
	c.unfollowAll()
	c.staged = staged{}
	c.person.Store(nil)
	c.audit("session.end", why)
	c.log.Info("session ends", "account", c.session.account.Short(), "why", why)
	c.session = nil
}

func (c *conn) logout(context.Context, wire.Empty) (any, error) {
	c.end("log-out")
	return wire.Empty{}, nil
}

func (c *conn) vaultGet(ctx context.Context, _ wire.Empty) (any, error) {
	v, err := c.srv.store.VaultOf(ctx, c.session.account)
	if err != nil {
		return nil, err
	}
	return wire.VaultReply{Version: v.Version, Prev: v.Prev, Vault: v.Body}, nil
}

func (c *conn) vaultPut(ctx context.Context, b wire.VaultPut) (any, error) {
	if len(b.Vault) == 0 || len(b.Vault) > maxVault {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	err := c.srv.store.PutVault(ctx, models.Vault{Account: c.session.account, Version: b.Version, Prev: b.Prev, Body: b.Vault})
	return wire.Empty{}, err
}

// audit writes a security event; a store that can not keep it is logged, and what happened stays as it is.
func (c *conn) audit(event, outcome string) { c.auditOf(event, outcome, "") }

func (c *conn) auditOf(event, outcome, detail string) {
	e := models.AuditEvent{At: c.srv.now().UTC(), Event: event, Outcome: outcome, Desk: c.desk.ID, Detail: detail}
	if c.session != nil {
		e.Account = c.session.account
	}
	if err := c.srv.store.AddAudit(context.WithoutCancel(c.ctx), e); err != nil {
		c.log.Error("audit event not stored", "event", event, "cause", err)
	}
}
