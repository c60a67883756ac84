package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/template"
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
)

// signin is a log-in between two steps.
type signin struct {
	stage     stage
	account   models.AccountID // made up until the password is proven
	name      string
	nameKey   [16]byte
	tried     tally // of the password
	pending   *pake.Pending
	ke1, ke2  []byte
	handshake models.Hash
	key       pake.SessionKey
	shown     []byte // the challenge's canonical encoding
}

// StartReply answers a KE1, in the same way for every name.
type StartReply struct {
	Login models.LoginID
	pake.Answer
}

// Start answers a KE1 for a name as it was typed. One answered KE1 is one try, until its KE3 takes it back.
func (s *Service) Start(ctx context.Context, c Conn, name string, ke1 []byte) (StartReply, error) {
	const event = "login.start"
	if err := s.checkDesk(ctx, event, c); err != nil {
		return StartReply{}, err
	}
	canonical, err := models.CanonicalName(name)
	if err != nil {
		return StartReply{}, refuse(NotSignedIn, errName)
	}
	a := signin{stage: answered, name: canonical, nameKey: s.passwords.NameKey(canonical)}
	e := entry{event: event, desk: c.Desk}
	if a.tried, err = s.countPassword(ctx, a.nameKey, c.Desk); err != nil {
		return StartReply{}, s.limited(ctx, e, err)
	}
	user, err := s.userByName(ctx, canonical)
	if err != nil {
		return StartReply{}, fmt.Errorf("%s: %w", event, err)
	}
	if user != nil {
		e.account = user.ID
	}
	answer, pending, err := s.passwords.Answer(canonical, user, ke1)
	if err != nil {
		why := errProof
		if errors.Is(err, pake.ErrRecord) {
			why = errRecord
		}
		return StartReply{}, s.deny(ctx, e, NotSignedIn, why, err)
	}
	a.account, a.pending, a.ke1, a.ke2 = answer.Account, pending, bytes.Clone(ke1), answer.KE2
	var id models.LoginID
	if err := models.Draw(&id, s.random); err != nil {
		return StartReply{}, fmt.Errorf("%s: %w", event, err)
	}
	if err := s.audit(ctx, e, "answered", knownText[user != nil]); err != nil {
		return StartReply{}, err
	}
	if err := s.hold(c, id, a, s.now().Add(answerLife)); err != nil {
		return StartReply{}, s.limited(ctx, e, err)
	}
	return StartReply{Login: id, Answer: answer}, nil
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

// hold puts a login into the table for its next step.
func (s *Service) hold(c Conn, id models.LoginID, a signin, until time.Time) error {
	conn, err := c.bind(id)
	if err != nil {
		return err
	}
	return s.logins.put(id, row[signin]{conn: conn, until: until, value: a}, s.now())
}

// step takes a login for one step; want says in which states the step may come. Out of order ends the login.
func (s *Service) step(c Conn, id models.LoginID, want ...stage) (signin, time.Time, error) {
	conn, err := c.bind(id)
	if err != nil {
		return signin{}, time.Time{}, err
	}
	r, err := s.logins.take(id, conn, s.now())
	if err != nil {
		return signin{}, time.Time{}, err
	}
	for _, w := range want {
		if r.value.stage == w {
			return r.value, r.until, nil
		}
	}
	clear(r.value.key[:])
	return signin{}, time.Time{}, errOrder
}

// Password checks a KE3, once. A right one takes the try back; only then is the account's standing looked at.
func (s *Service) Password(ctx context.Context, c Conn, id models.LoginID, ke3 []byte) error {
	e := entry{event: "login.password", desk: c.Desk}
	if err := s.checkDesk(ctx, e.event, c); err != nil {
		return err
	}
	a, _, err := s.step(c, id, answered)
	if err != nil {
		return refuse(NotSignedIn, err)
	}
	key, err := a.pending.Finish(ke3)
	if err != nil {
		return s.deny(ctx, e, NotSignedIn, errProof, err)
	}
	e.account = a.account
	if err := a.tried.right(ctx); err != nil {
		return fmt.Errorf("%s: %w", e.event, err)
	}
	if _, err := s.admitted(ctx, e, a.account); err != nil {
		return err
	}
	if err := s.audit(ctx, e, "ok", ""); err != nil {
		return err
	}
	a.stage, a.key, a.pending = proven, key, nil
	a.handshake = trust.HandshakeHash(a.ke1, a.ke2, ke3)
	if err := s.hold(c, id, a, s.now().Add(provenLife)); err != nil {
		return fmt.Errorf("%s: %w", e.event, err)
	}
	return nil
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
	e := entry{event: "login.challenge", desk: c.Desk}
	if err := s.checkDesk(ctx, e.event, c); err != nil {
		return liveness.Challenge{}, err
	}
	a, until, err := s.step(c, id, proven, challenged)
	if err != nil {
		return liveness.Challenge{}, refuse(NotSignedIn, err)
	}
	e.account = a.account
	challenge, body, err := s.standing(ctx, e)
	if err != nil {
		err = s.limited(ctx, e, err)
		if r, ok := RefusalOf(err); ok && r == Wait {
			if held := s.hold(c, id, a, until); held != nil {
				return liveness.Challenge{}, fmt.Errorf("%s: %w", e.event, held)
			}
		}
		return liveness.Challenge{}, err
	}
	a.stage, a.shown = challenged, body
	if err := s.hold(c, id, a, until); err != nil {
		return liveness.Challenge{}, fmt.Errorf("%s: %w", e.event, err)
	}
	return challenge, nil
}

// startMargin is what a person needs, beside the challenge's own time, to read it and begin.
const startMargin = 10 * time.Second

// standing returns the outstanding challenge of an account at a desk, or draws one. One that nobody can fulfil any more was left:
// that is a failed face.
func (s *Service) standing(ctx context.Context, e entry) (liveness.Challenge, []byte, error) {
	for range 3 {
		if err := s.mayShowFace(ctx, e.account); err != nil {
			return liveness.Challenge{}, nil, err
		}
		drawn, body, err := s.draw()
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

func (s *Service) draw() (liveness.Challenge, []byte, error) {
	c, err := liveness.Draw(s.random)
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

// leave removes a challenge that was shown and not answered, and counts it as a failed face.
func (s *Service) leave(ctx context.Context, e entry, old models.Challenge) error {
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

// Proof says who is at a desk. Only Face makes one, after the last proof.
type Proof struct {
	Account    models.AccountID
	Name       string
	Desk       models.DeskID
	Login      models.LoginID
	SessionKey pake.SessionKey
	At         time.Time
}

// Face judges signed evidence, once, and is the one place where a Proof comes to be. The login is over, and the try counted, before
// anything of the evidence is looked at.
func (s *Service) Face(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (Proof, error) {
	e := entry{event: "login.face", desk: c.Desk}
	if err := s.checkDesk(ctx, e.event, c); err != nil {
		return Proof{}, err
	}
	a, _, err := s.step(c, id, challenged)
	if err != nil {
		return Proof{}, refuse(NotSignedIn, err)
	}
	defer clear(a.key[:])
	e.account = a.account
	tried, err := s.countFace(ctx, a.account, a.nameKey, c.Desk)
	if err != nil {
		return Proof{}, s.limited(ctx, e, err)
	}
	user, err := s.admitted(ctx, e, a.account)
	if err != nil {
		return Proof{}, err
	}
	verdict, err := s.judge(ctx, c, id, a, user, evidence)
	if err != nil {
		return Proof{}, s.faceError(ctx, e, err)
	}
	if verdict.Decision != gate.Accepted {
		return Proof{}, s.denyFace(ctx, e, verdict)
	}
	if err := tried.right(ctx); err != nil {
		return Proof{}, fmt.Errorf("%s: %w", e.event, err)
	}
	if err := s.audit(ctx, e, "ok", measured(verdict)); err != nil {
		return Proof{}, err
	}
	return Proof{Account: user.ID, Name: user.Name, Desk: c.Desk, Login: id, SessionKey: a.key, At: s.now()}, nil
}

// judge takes the challenge away and holds the evidence against everything that the server knows of this login.
func (s *Service) judge(ctx context.Context, c Conn, id models.LoginID, a signin, user models.User, signed []byte) (gate.Verdict, error) {
	received := s.now()
	standing, err := s.store.TakeChallenge(ctx, a.account, c.Desk)
	if errors.Is(err, models.ErrNotFound) {
		return gate.Verdict{}, refuse(FaceNotAccepted, errChallenge)
	}
	if err != nil {
		return gate.Verdict{}, err
	}
	if !bytes.Equal(standing.Body, a.shown) {
		// Another login of this person was shown a newer one: theirs goes on.
		_, err := s.store.PutChallenge(ctx, standing)
		return gate.Verdict{}, refuse(FaceNotAccepted, errChallenge, err)
	}
	seen, err := s.openEvidence(c, signed, trust.Evidence{
		Purpose: trust.PurposeLogin, Login: id, Account: a.account, Challenge: trust.ChallengeHash(a.shown), Handshake: a.handshake,
	})
	if err != nil {
		return gate.Verdict{}, err
	}
	var challenge liveness.Challenge
	if err := canon.Unmarshal(a.shown, &challenge); err != nil {
		return gate.Verdict{}, err
	}
	enrolled, err := template.Open(s.templates, user.ID, user.Template)
	if err != nil {
		return gate.Verdict{}, err
	}
	return gate.Verify(seen, challenge, received.Sub(standing.IssuedAt), enrolled, s.policy), nil
}

// faceError audits a refusal, and passes trouble of the server's own on as it is.
func (s *Service) faceError(ctx context.Context, e entry, err error) error {
	if r, refused := errors.AsType[*Error](err); refused {
		return s.deny(ctx, e, r.Refusal, r.why, r.cause)
	}
	return errors.Join(fmt.Errorf("%s: %w", e.event, err), s.audit(ctx, e, "error", "the server's own trouble"))
}

// ResetFace clears the failed faces of an account; by is the admin who said so.
func (s *Service) ResetFace(ctx context.Context, account, by models.AccountID) error {
	subjects := []string{account.String()}
	for d := range int64(weekBuckets) {
		subjects = append(subjects, dayBucket(account, d))
	}
	for _, subject := range subjects {
		if err := s.count(ctx, models.AttemptFace, subject, func(a *models.Attempts) error {
			*a = models.Attempts{}
			return nil
		}); err != nil {
			return fmt.Errorf("reset failed faces: %w", err)
		}
	}
	return s.audit(ctx, entry{event: "login.reset", account: account}, "ok", "by "+by.String())
}
