package server

import (
	"context"
	"errors"
	"time"

	"visavis/chat/login"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

func (c *conn) recoverStart(ctx context.Context, b wire.RecoverStart) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	r, err := svc.RecoverStart(ctx, lc, b.Name)
	if err != nil {
		return nil, err
	}
	return wire.RecoverReply{Login: r.Login, Account: r.Account}, nil
}

func (c *conn) recoverPhrase(ctx context.Context, b wire.RecoverPhrase) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	return wire.Empty{}, svc.RecoverPhrase(ctx, lc, b.Login, b.Signed)
}

func (c *conn) recoverChallenge(ctx context.Context, b wire.ByLogin) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	ch, err := svc.RecoverChallenge(ctx, lc, b.Login)
	if err != nil {
		return nil, err
	}
	return wire.ChallengeReply{Challenge: canon.MustMarshal(ch)}, nil
}

func (c *conn) recoverFace(ctx context.Context, b wire.LoginFace) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	account, err := svc.RecoverFace(ctx, lc, b.Login, b.Evidence)
	if err != nil {
		return nil, err
	}
	vault, err := c.cleared(ctx, account)
	if err != nil {
		return nil, err
	}
	return wire.VaultReply{Version: vault.Version, Prev: vault.Prev, Vault: vault.Body}, nil
}

func (c *conn) recoverCode(ctx context.Context, b wire.LoginCode) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	account, grant, err := svc.RecoverCode(ctx, lc, b.Login, trust.Secret(b.Code))
	if err != nil {
		return nil, err
	}
	vault, err := c.cleared(ctx, account)
	if err != nil {
		return nil, err
	}
	return wire.RecoverCodeReply{Grant: grant, Version: vault.Version, Prev: vault.Prev, Vault: vault.Body}, nil
}

// cleared releases the vault of somebody who has given both proofs of a recovery. The sessions of the account end before: none of them puts another
// vault in between. Who was revoked while the face was judged has no connection that would be cut: so it is asked again, last.
func (c *conn) cleared(ctx context.Context, account models.AccountID) (models.Vault, error) {
	c.srv.endSessions(ctx, "recovery", account)
	vault, err := c.srv.store.VaultOf(ctx, account)
	if err != nil {
		return models.Vault{}, err
	}
	svc, lc, err := c.loginConn()
	if err == nil {
		err = svc.Standing(ctx, lc, "recover.vault", account)
	}
	if err != nil {
		return models.Vault{}, err
	}
	c.auditFor(account, "recover.vault", "ok", "")
	return vault, nil
}

// endSessions ends the sessions and locks of an account, wherever they are.
func (s *Server) endSessions(ctx context.Context, why string, account models.AccountID) {
	s.dropSessions(ctx, why, func(x *session) bool { return x.account == account })
}

func (c *conn) recoverRegister(ctx context.Context, b wire.RecoverRegister) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	params, response, err := svc.RecoverRegister(ctx, lc, b.Login, b.Request)
	if err != nil {
		return nil, err
	}
	return wire.RecoverRegisterReply{Params: canon.MustMarshal(params), Response: response}, nil
}

func (c *conn) recoverFinish(ctx context.Context, b wire.RecoverFinish) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	account, err := svc.RecoverFinish(ctx, lc, b.Login, b.Record, models.Vault{Version: b.Version, Prev: b.Prev, Body: b.Vault})
	if !account.IsZero() {
		c.srv.endSessions(ctx, "recovery", account) // one that the old password began meanwhile
	}
	return wire.Empty{}, err
}

// loginCode is loginFace with a one-time code.
func (c *conn) loginCode(ctx context.Context, b wire.LoginCode) (any, error) {
	svc, lc, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	proved, grant, err := svc.Code(ctx, lc, b.Login, trust.Secret(b.Code))
	defer clear(proved.SessionKey[:])
	if err != nil {
		return nil, err
	}
	in, err := c.admit(ctx, &proved, lc.Org)
	if err != nil {
		return nil, err
	}
	return wire.LoginCodeReply{Grant: grant, Session: in.Session, VaultVersion: in.VaultVersion, VaultPrev: in.VaultPrev, Vault: in.Vault}, nil
}

func (c *conn) codeMake(ctx context.Context, b wire.CodeMake) (any, error) {
	svc, _, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	return wire.Empty{}, svc.GrantCode(ctx, c.session.account, c.desk.ID, b.Grant)
}

// faceReset forgives the failed faces of somebody else: whoever stands before an admin's open desk gives himself no more tries.
func (c *conn) faceReset(ctx context.Context, b wire.ByAccount) (any, error) {
	svc, err := c.forSomebodyElse(b.Account)
	if err != nil {
		return nil, err
	}
	return wire.Empty{}, svc.ResetFace(ctx, b.Account, c.session.account)
}

// forSomebodyElse refuses what admins do for people whom the directory lists when it is for themselves.
func (c *conn) forSomebodyElse(account models.AccountID) (*login.Service, error) {
	svc, _, err := c.loginConn()
	if err != nil {
		return nil, err
	}
	if _, listed := c.srv.hub.dir.Identity(account); !listed {
		return nil, wire.Refuse(wire.CodeNotFound)
	}
	if account == c.session.account {
		return nil, wire.Refuse(wire.CodeNotAllowed)
	}
	return svc, nil
}

// renewalTime is how long a person has for a sign-up that an admin allowed for an account that there is.
const renewalTime = time.Hour

func (c *conn) renewAllow(ctx context.Context, b wire.ByAccount) (any, error) {
	if _, err := c.forSomebodyElse(b.Account); err != nil {
		return nil, err
	}
	err := c.srv.store.AllowRenewal(ctx, b.Account, c.session.account, c.srv.now().Add(renewalTime))
	if err == nil {
		c.auditOf("renew.allow", "ok", "account "+b.Account.String())
	}
	return wire.Empty{}, err
}

// renewStart begins a sign-up for an account that there is. The rest of it is as of every sign-up.
func (c *conn) renewStart(ctx context.Context, b wire.SignupStart) (any, error) {
	return c.startSignup(ctx, b, (*login.Service).RenewStart)
}

func (c *conn) renewList(ctx context.Context, _ wire.Empty) (any, error) {
	renewals, err := c.srv.store.Renewals(ctx)
	if err != nil {
		return nil, err
	}
	reply := wire.RenewListReply{Waiting: []wire.Signup{}}
	size := 0
	for _, r := range renewals { // the rest shows when these were decided
		u := r.User
		if size += len(u.Bundle) + len(u.Name) + len(u.Email) + listedRow; size > listedBytes {
			break
		}
		reply.Waiting = append(reply.Waiting, wire.Signup{Account: u.ID, Name: u.Name, Email: u.Email, Desk: u.Desk, At: u.CreatedAt.UnixMilli(), Bundle: u.Bundle})
	}
	return reply, nil
}

// renewReject drops what was made anew, or the leave for it; the account stays what it is.
func (c *conn) renewReject(ctx context.Context, b wire.ByAccount) (any, error) {
	err := c.srv.store.DropRenewal(ctx, b.Account)
	if err == nil {
		c.auditOf("renew.reject", "ok", "account "+b.Account.String())
	}
	return wire.Empty{}, err
}

// renewed makes an account what the directory says since it was listed with other keys: record, template and vault are those of the sign-up that the
// admin has compared, and everything of before is gone. An identity that no renewal waits for changes nothing.
func (h *hub) renewed(ctx context.Context, account models.AccountID) error {
	r, err := h.srv.store.RenewalOf(ctx, account)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if id, listed := h.dir.Identity(account); !listed || len(r.User.Bundle) == 0 || trust.LabelBundle.Hash(r.User.Bundle) != id.Bundle {
		return nil
	}
	if err := h.srv.store.FinishRenewal(ctx, account, r.User.Bundle); err != nil {
		return err
	}
	h.srv.endSessions(ctx, "renewed", account)
	svc, _, err := h.logins()
	if err != nil {
		return nil // at the start nobody logs in yet
	}
	return svc.ResetFace(ctx, account, r.By)
}
