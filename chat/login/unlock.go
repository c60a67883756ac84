package login

import (
	"context"
	"fmt"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
)

// Session is one that stands, open or locked, as the server that keeps it says: whose password and face were proven when it began.
type Session struct {
	ID      models.SessionID
	Account models.AccountID
	Name    string      // canonical
	Record  models.Hash // RecordHash of the password that was proven last
}

// Present proves that the person of a session is before the desk. Only UnlockFace, ProvePassword and ProveFace make one.
type Present struct {
	Session models.SessionID
	Account models.AccountID
}

// present is who is there when a step of a session went well.
func (a *signin) present() Present { return Present{Session: a.session, Account: a.account} }

// UnlockStart begins an unlocking on the connection that has the locked session.
func (s *Service) UnlockStart(ctx context.Context, c Conn, l Session) (models.LoginID, error) {
	return s.lookStart(ctx, c, l, "lock.start", trust.PurposeUnlock, trust.UnlockHash(l.ID))
}

// UnlockChallenge is Challenge of an unlocking: the one that stands for the account at this desk.
func (s *Service) UnlockChallenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return s.challenge(ctx, c, id, "lock.challenge", trust.PurposeUnlock)
}

// UnlockFace judges signed evidence, once, as Face does.
func (s *Service) UnlockFace(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (Present, error) {
	return s.lookFace(ctx, c, id, evidence, "lock.face", trust.PurposeUnlock)
}

// lookStart begins the look of a session's person into the camera.
func (s *Service) lookStart(ctx context.Context, c Conn, of Session, event string, p trust.Purpose, handshake models.Hash) (models.LoginID, error) {
	e := entry{event: event, account: of.Account, desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return models.LoginID{}, err
	}
	var id models.LoginID
	if err := models.Draw(&id, s.random); err != nil {
		return models.LoginID{}, fmt.Errorf("%s: %w", e.event, err)
	}
	a := &signin{
		stage: proven, purpose: p, session: of.ID, account: of.Account, nameKey: s.passwords.NameKey(of.Name), handshake: handshake,
	}
	now := s.now()
	if err := s.logins.begin(c, id, a, now.Add(provenLife), now); err != nil {
		return models.LoginID{}, s.limited(ctx, e, err)
	}
	return id, nil
}

func (s *Service) lookFace(ctx context.Context, c Conn, id models.LoginID, evidence []byte, event string, p trust.Purpose) (who Present, err error) {
	err = step(ctx, s, s.logins, c, id, event, func(e entry, a *signin, _ time.Time) (over time.Time, err error) {
		if a.purpose != p || a.stage != challenged {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = a.account
		if _, err = s.face(ctx, e, c, id, a, evidence); err == nil {
			who = a.present()
		}
		return over, err
	})
	return who, err
}

// Standing says whether desk and account may still have a session: what a resumption asks anew, and what is asked again before a vault is given out.
func (s *Service) Standing(ctx context.Context, c Conn, event string, account models.AccountID) error {
	e := entry{event: event, account: account, desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return err
	}
	_, err := s.admitted(ctx, e, account)
	return err
}
