package login

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
)

const (
	codesHour = 10              // one-time codes made for one account in an hour
	codeSlack = 5 * time.Minute // between an admin's clock and the server's
)

// errCode stands in the audit for a code that is not the one that stands for the account at this desk, or of which there is none.
var errCode = errors.New("not the one-time code")

// ErrCodeGrant says that what an admin signed is no code that counts here and now.
var ErrCodeGrant = errors.New("no code that counts: not this admin's, not for somebody else at a desk, or the desk's clock is wrong")

// GrantCode keeps a one-time code that an admin's client has made and signed (trust.NewCodeGrant); the code before it, for the same account and desk, is
// gone. What was signed stands in the audit: no code counts that no admin made.
func (s *Service) GrantCode(ctx context.Context, by models.AccountID, at models.DeskID, signed []byte) error {
	e := entry{event: "code.make", account: by, desk: at}
	now := s.now()
	g, err := s.directory.Code(signed)
	if err != nil || g.By != by || now.Sub(g.Made).Abs() > codeSlack {
		return &signupError{ErrCodeGrant, errors.Join(err, s.audit(ctx, e, "denied", "not a code of this admin's"))}
	}
	var t tally
	if err := s.window(ctx, &t, models.AttemptCode, g.Account.String(), codesHour, time.Hour); err != nil {
		return s.limited(ctx, e, err)
	}
	detail := fmt.Sprintf("for %s at %s: %s", g.Account, g.Desk.Short(), base64.RawURLEncoding.EncodeToString(signed))
	if err := s.audit(ctx, e, "ok", detail); err != nil {
		return err
	}
	return s.store.PutCode(ctx, models.Code{Account: g.Account, Desk: g.Desk, Grant: signed, Tries: trust.CodeTries, Until: earlier(g.Until, now.Add(trust.CodeLife))})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Code takes a one-time code, stretched, in the place of the face: the password was proven, as for a Proof by Face. It returns what the admin
// signed, for the desk to check and the person to see. A wrong code leaves the log-in where it was, as long as a code stands.
func (s *Service) Code(ctx context.Context, c Conn, id models.LoginID, stretched trust.Secret) (Proof, []byte, error) {
	var key *pake.SessionKey
	var user models.User
	var grant []byte
	err := s.coded(ctx, c, id, "login.code", trust.PurposeLogin, stretched, func(a *signin, u models.User, g []byte) (over time.Time) {
		user, grant = u, g
		key, a.key = a.key, nil
		return over
	})
	if err != nil {
		return Proof{}, nil, err
	}
	return s.proof(c, id, user, key), grant, nil
}

// RecoverCode is RecoverFace with a one-time code.
func (s *Service) RecoverCode(ctx context.Context, c Conn, id models.LoginID, stretched trust.Secret) (account models.AccountID, grant []byte, err error) {
	err = s.coded(ctx, c, id, "recover.code", trust.PurposeRecover, stretched, func(a *signin, u models.User, g []byte) time.Time {
		account, grant, a.stage = u.ID, g, cleared
		return s.now().Add(clearedLife)
	})
	return account, grant, err
}

// coded is the step of both. A try is used up, durably, before it is judged; faces that failed do not count here.
func (s *Service) coded(ctx context.Context, c Conn, id models.LoginID, event string, p trust.Purpose, stretched trust.Secret,
	good func(*signin, models.User, []byte) time.Time) error {
	return step(ctx, s, s.logins, c, id, event, func(e entry, a *signin, until time.Time) (over time.Time, err error) {
		if a.purpose != p || a.stage != proven && a.stage != challenged {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = a.account
		user, err := s.admitted(ctx, e, a.account)
		if err != nil {
			return over, err
		}
		if err := s.sameSecret(ctx, e, a, user); err != nil {
			return over, err
		}
		place, now := trust.CodePlace{Org: c.Org, Account: a.account, Desk: c.Desk}, s.now()
		var by models.AccountID
		code, err := s.store.TryCode(ctx, a.account, c.Desk, now, func(code models.Code) bool {
			g, err := s.directory.Code(code.Grant) // the admin may be none any more
			by = g.By
			return err == nil && g.Good(stretched, place, now)
		})
		switch {
		case errors.Is(err, models.ErrConflict):
			return until, s.deny(ctx, e, FaceNotAccepted, errCode)
		case errors.Is(err, models.ErrNotFound):
			return over, s.deny(ctx, e, FaceNotAccepted, errCode)
		case err != nil:
			return over, fmt.Errorf("%s: %w", e.event, err)
		}
		if err := s.audit(ctx, e, "ok", "by "+by.String()); err != nil {
			return over, err
		}
		return good(a, user, code.Grant), nil
	})
}
