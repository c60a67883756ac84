package login

import (
	"context"
	"fmt"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
)

// Lock is a locked session, as the server that keeps it says: whose password was proven when it began.
type Lock struct {
	Session models.SessionID
	Account models.AccountID
	Name    string // canonical
}

// Unlocked proves that the person of a locked session is back. Only UnlockFace makes one.
type Unlocked struct {
	Session models.SessionID
	Account models.AccountID
}

// UnlockStart begins an unlocking on the connection that has the locked session.
func (s *Service) UnlockStart(ctx context.Context, c Conn, l Lock) (models.LoginID, error) {
	e := entry{event: "lock.start", account: l.Account, desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return models.LoginID{}, err
	}
	var id models.LoginID
	if err := models.Draw(&id, s.random); err != nil {
		return models.LoginID{}, fmt.Errorf("%s: %w", e.event, err)
	}
	a := &signin{
		stage: proven, purpose: trust.PurposeUnlock, session: l.Session, account: l.Account,
		nameKey: s.passwords.NameKey(l.Name), handshake: trust.UnlockHash(l.Session),
	}
	now := s.now()
	if err := s.logins.begin(c, id, a, now.Add(provenLife), now); err != nil {
		return models.LoginID{}, s.limited(ctx, e, err)
	}
	return id, nil
}

// UnlockChallenge is Challenge of an unlocking: the one that stands for the account at this desk.
func (s *Service) UnlockChallenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return s.challenge(ctx, c, id, "lock.challenge", trust.PurposeUnlock)
}

// UnlockFace judges signed evidence, once, as Face does.
func (s *Service) UnlockFace(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (u Unlocked, err error) {
	err = step(ctx, s, s.logins, c, id, "lock.face", func(e entry, a *signin, _ time.Time) (over time.Time, err error) {
		if a.purpose != trust.PurposeUnlock || a.stage != challenged {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = a.account
		if _, err = s.face(ctx, e, c, id, a, evidence); err == nil {
			u = Unlocked{Session: a.session, Account: a.account}
		}
		return over, err
	})
	return u, err
}

// Standing says whether desk and account may still have a session: what a resumption asks anew.
func (s *Service) Standing(ctx context.Context, c Conn, account models.AccountID) error {
	e := entry{event: "session.resume", account: account, desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return err
	}
	_, err := s.admitted(ctx, e, account)
	return err
}
