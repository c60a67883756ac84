package login

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

type stage uint8

const (
	answered   stage = 1
	proven     stage = 2
	challenged stage = 3
	cleared    stage = 4 // of a recovery: both proofs were given
	registered stage = 5 // and the new password was answered
)

// signin is a log-in between two steps; or a recovery; or an unlocking, which begins in PROVEN; or a proof in an open session, by a password or a face.
type signin struct {
	stage     stage
	purpose   trust.Purpose     // of its evidence, and of the steps that take it
	session   models.SessionID  // to be unlocked, or that stands open; zero in a log-in
	account   models.AccountID  // in a log-in, made up until the password is proven
	name      string            // canonical, of a recovery
	phrase    ed25519.PublicKey // that a recovery was begun with
	nameKey   [16]byte
	tried     tally // of the password
	pending   *pake.Pending
	record    models.Hash // that it was answered under; zero where no password is proven
	ke1, ke2  []byte
	handshake models.Hash
	key       *pake.SessionKey // the one copy: Face's in the end, else wiped
	shown     []byte           // the challenge's canonical encoding
}

// wipe clears the session key, unless Face took it.
func (a *signin) wipe() {
	if a.key != nil {
		clear(a.key[:])
	}
}

// StartReply answers a KE1, in the same way for every name.
type StartReply struct {
	Login models.LoginID
	pake.Answer
}

// Start answers a KE1 for a name as it was typed. One answered KE1 is one try, until its KE3 takes it back.
func (s *Service) Start(ctx context.Context, c Conn, name string, ke1 []byte) (StartReply, error) {
	e := entry{event: "login.start", desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return StartReply{}, err
	}
	canonical, err := models.CanonicalName(name)
	if err != nil {
		return StartReply{}, refuse(NotSignedIn, errName)
	}
	return s.answer(ctx, e, c, canonical, ke1, &signin{purpose: trust.PurposeLogin})
}

// answer answers the KE1 of a canonical name for a, which is then in ANSWERED. Whoever has the name has to be a's account, where that is known.
func (s *Service) answer(ctx context.Context, e entry, c Conn, canonical string, ke1 []byte, a *signin) (reply StartReply, err error) {
	a.stage, a.nameKey = answered, s.passwords.NameKey(canonical)
	if a.tried, err = s.countPassword(ctx, a.nameKey, c.Desk); err != nil {
		return StartReply{}, s.limited(ctx, e, err)
	}
	user, err := s.userByName(ctx, canonical)
	if err != nil {
		return StartReply{}, fmt.Errorf("%s: %w", e.event, err)
	}
	if user != nil {
		e.account, a.record = user.ID, RecordHash(user.Record)
	}
	answer, pending, err := s.passwords.Answer(canonical, user, ke1)
	if err != nil {
		why := errProof
		if errors.Is(err, pake.ErrRecord) {
			why = errRecord
		}
		return StartReply{}, s.deny(ctx, e, NotSignedIn, why, err)
	}
	if !a.account.IsZero() && a.account != answer.Account {
		return StartReply{}, s.deny(ctx, e, NotSignedIn, errNoAccount)
	}
	a.account, a.pending, a.ke1, a.ke2 = answer.Account, pending, bytes.Clone(ke1), answer.KE2
	id, err := s.answered(ctx, c, e, a, user != nil)
	if err != nil {
		return StartReply{}, err
	}
	return StartReply{Login: id, Answer: answer}, nil
}

// answered begins a log-in or a recovery whose name is known or not: both are drawn, written down and kept alike.
func (s *Service) answered(ctx context.Context, c Conn, e entry, a *signin, known bool) (models.LoginID, error) {
	var id models.LoginID
	if err := models.Draw(&id, s.random); err != nil {
		return models.LoginID{}, fmt.Errorf("%s: %w", e.event, err)
	}
	if err := s.audit(ctx, e, "answered", knownText[known]); err != nil {
		return models.LoginID{}, err
	}
	now := s.now()
	if err := s.logins.begin(c, id, a, now.Add(answerLife), now); err != nil {
		return models.LoginID{}, s.limited(ctx, e, err)
	}
	return id, nil
}

var knownText = map[bool]string{true: "", false: "unknown name"}

// userByName returns nil for a name that nobody has.
func (s *Service) userByName(ctx context.Context, name string) (*models.User, error) {
	u, err := s.store.UserByName(ctx, name)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &u, nil
}

// Password checks a KE3, once. A right one takes the try back; only then is the account's standing looked at.
func (s *Service) Password(ctx context.Context, c Conn, id models.LoginID, ke3 []byte) error {
	return step(ctx, s, s.logins, c, id, "login.password", func(e entry, a *signin, _ time.Time) (over time.Time, err error) {
		if err := s.password(ctx, e, a, ke3, trust.PurposeLogin); err != nil {
			return over, err
		}
		a.stage, a.handshake = proven, trust.HandshakeHash(a.ke1, a.ke2, ke3)
		return s.now().Add(provenLife), nil
	})
}

// password checks the KE3 of a signin that is in ANSWERED for a purpose.
func (s *Service) password(ctx context.Context, e entry, a *signin, ke3 []byte, p trust.Purpose) error {
	if a.purpose != p || a.stage != answered {
		return refuse(NotSignedIn, errOrder)
	}
	key, err := a.pending.Finish(ke3)
	a.pending = nil
	if err != nil {
		return s.deny(ctx, e, NotSignedIn, errProof, err)
	}
	a.key, e.account = &key, a.account
	if err := a.tried.right(ctx); err != nil {
		return fmt.Errorf("%s: %w", e.event, err)
	}
	user, err := s.admitted(ctx, e, a.account)
	if err != nil {
		return err
	}
	if err := s.samePassword(ctx, e, a, user); err != nil {
		return err
	}
	return s.audit(ctx, e, "ok", "")
}

// admitted looks the account up anew: it may have been revoked or deleted since the last step.
func (s *Service) admitted(ctx context.Context, e entry, account models.AccountID) (models.User, error) {
	u, err := s.store.UserByID(ctx, account)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return models.User{}, s.deny(ctx, e, NotSignedIn, errNoAccount)
	case err != nil:
		return models.User{}, fmt.Errorf("%s: %w", e.event, err)
	case u.Status == models.UserDisabled:
		return models.User{}, s.deny(ctx, e, NotAdmitted, errDisabled)
	case !s.directory.Admitted(account):
		return models.User{}, s.deny(ctx, e, NotAdmitted, errUnadmitted)
	}
	return u, nil
}

// Challenge returns the challenge that stands for the account at this desk; asking again returns the same. Told to wait, the
// login stays where it was.
func (s *Service) Challenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return s.challenge(ctx, c, id, "login.challenge", trust.PurposeLogin)
}

func (s *Service) challenge(ctx context.Context, c Conn, id models.LoginID, event string, p trust.Purpose) (shown liveness.Challenge, err error) {
	err = step(ctx, s, s.logins, c, id, event, func(e entry, a *signin, until time.Time) (over time.Time, err error) {
		if a.purpose != p || a.stage != proven && a.stage != challenged {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = a.account
		challenge, body, err := s.standing(ctx, e, s.limits.of(p))
		if err != nil {
			err = s.limited(ctx, e, err)
			if r, _ := RefusalOf(err); r != Wait {
				until = over
			}
			return until, err
		}
		shown, a.stage, a.shown = challenge, challenged, body
		return until, nil
	})
	return shown, err
}

// startMargin is what a person needs, beside the challenge's own time, to read it and begin.
const startMargin = 10 * time.Second

// standing returns the outstanding challenge of an account at a desk, or draws one. One that nobody can fulfil any more was left:
// that is a failed face.
func (s *Service) standing(ctx context.Context, e entry, limits Limits) (liveness.Challenge, []byte, error) {
	for range 3 {
		if err := s.mayShowFace(ctx, e.account, limits); err != nil {
			return liveness.Challenge{}, nil, err
		}
		drawn, body, err := s.draw(liveness.Entry)
		if err != nil {
			return liveness.Challenge{}, nil, err
		}
		now := s.now()
		stands, err := s.store.PutChallenge(ctx, models.Challenge{Account: e.account, Desk: e.desk, Body: body, IssuedAt: now})
		if err != nil {
			return liveness.Challenge{}, nil, err
		}
		if bytes.Equal(stands.Body, body) {
			return drawn, body, s.countChallenge(ctx, e)
		}
		var old liveness.Challenge
		if err := canon.Unmarshal(stands.Body, &old); err == nil && !now.Add(old.Duration()+startMargin).After(stands.IssuedAt.Add(s.policy.MaxElapsed)) {
			return old, stands.Body, nil
		}
		if err := s.leave(ctx, e, stands); err != nil {
			return liveness.Challenge{}, nil, err
		}
	}
	return liveness.Challenge{}, nil, &waitError{after: time.Second, why: errChallenge} // others ask for the same account right now
}

func (s *Service) draw(kind liveness.Kind) (liveness.Challenge, []byte, error) {
	c, err := liveness.Draw(s.random, kind)
	if err != nil {
		return liveness.Challenge{}, nil, fmt.Errorf("draw a challenge: %w", err)
	}
	return c, canon.MustMarshal(c), nil
}

// countChallenge takes the drawn challenge back when there were too many.
func (s *Service) countChallenge(ctx context.Context, e entry) error {
	var t tally
	err := s.window(ctx, &t, models.AttemptChallenge, e.account.String(), s.limits.ChallengesHour, time.Hour)
	if err != nil {
		_, gone := s.store.TakeChallenge(ctx, e.account, e.desk)
		return errors.Join(err, gone)
	}
	return s.audit(ctx, e, "ok", "")
}

// leave removes a challenge that was shown and not answered, and counts it as a failed face: both, though whoever asked may be gone in between.
func (s *Service) leave(ctx context.Context, e entry, old models.Challenge) error {
	ctx = context.WithoutCancel(ctx)
	taken, err := s.store.TakeChallenge(ctx, e.account, e.desk)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return nil // somebody else was here, and counts it
	case err != nil:
		return err
	case !bytes.Equal(taken.Body, old.Body):
		_, err := s.store.PutChallenge(ctx, taken)
		return err
	}
	if _, err := s.failFace(ctx, e.account, func(models.Attempts) error { return nil }); err != nil {
		return err
	}
	return s.audit(ctx, entry{event: "login.face", account: e.account, desk: e.desk}, "denied", errLeft.Error())
}
