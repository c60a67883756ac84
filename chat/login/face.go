package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// Proof says who is at a desk. Only Face and Code make one, after the last proof. Its session key is the caller's to wipe.
type Proof struct {
	Account    models.AccountID
	Name       string
	Desk       models.DeskID
	Login      models.LoginID
	SessionKey pake.SessionKey
	Record     models.Hash // RecordHash of the password that was proven
	At         time.Time
}

// Face judges signed evidence, once. The login is over, and the try counted, before anything of the evidence is looked at.
func (s *Service) Face(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (Proof, error) {
	var user models.User
	var key *pake.SessionKey
	err := step(ctx, s, s.logins, c, id, "login.face", func(e entry, a *signin, _ time.Time) (over time.Time, err error) {
		if a.purpose != trust.PurposeLogin || a.stage != challenged {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = a.account
		if user, err = s.face(ctx, e, c, id, a, evidence); err == nil {
			key, a.key = a.key, nil
		}
		return over, err
	})
	if err != nil {
		return Proof{}, err
	}
	return s.proof(c, id, user, key), nil
}

// proof is the one place where a Proof comes to be, after the last of what a log-in asks for; it wipes key.
func (s *Service) proof(c Conn, id models.LoginID, user models.User, key *pake.SessionKey) Proof {
	defer clear(key[:])
	return Proof{Account: user.ID, Name: user.Name, Desk: c.Desk, Login: id, SessionKey: *key, Record: RecordHash(user.Record), At: s.now()}
}

// face returns whom the evidence shows, which is the one whose password was proven.
func (s *Service) face(ctx context.Context, e entry, c Conn, id models.LoginID, a *signin, evidence []byte) (models.User, error) {
	tried, err := s.countFace(ctx, a.account, a.nameKey, c.Desk, s.limits.of(a.purpose))
	if err != nil {
		return models.User{}, s.limited(ctx, e, err)
	}
	user, err := s.admitted(ctx, e, a.account)
	if err != nil {
		return models.User{}, err
	}
	if err := s.sameSecret(ctx, e, a, user); err != nil {
		return models.User{}, err
	}
	verdict, err := s.judge(ctx, c, id, a, user, evidence)
	if err != nil {
		return models.User{}, s.faceError(ctx, e, err)
	}
	if verdict.Decision != gate.Accepted {
		return models.User{}, s.denyFace(ctx, e, verdict)
	}
	if err := tried.right(ctx); err != nil {
		return models.User{}, fmt.Errorf("%s: %w", e.event, err)
	}
	return user, s.audit(ctx, e, "ok", measured(verdict))
}

// judged is a verdict, and whether somebody else who looks alike made its bound tighter.
type judged struct {
	gate.Verdict
	tightened bool
}

// judge takes the challenge away and holds the evidence against everything that the server knows of this login.
func (s *Service) judge(ctx context.Context, c Conn, id models.LoginID, a *signin, user models.User, signed []byte) (judged, error) {
	received := s.now()
	standing, err := s.store.TakeChallenge(ctx, a.account, c.Desk)
	if errors.Is(err, models.ErrNotFound) {
		return judged{}, refuse(FaceNotAccepted, errChallenge)
	}
	if err != nil {
		return judged{}, err
	}
	if !bytes.Equal(standing.Body, a.shown) {
		// Another login of this person was shown a newer one: theirs goes on.
		_, err := s.store.PutChallenge(ctx, standing)
		return judged{}, refuse(FaceNotAccepted, errChallenge, err)
	}
	seen, err := s.openEvidence(c, signed, trust.Evidence{
		Purpose: a.purpose, Login: id, Account: a.account, Challenge: trust.ChallengeHash(a.shown), Handshake: a.handshake,
	})
	if err != nil {
		return judged{}, err
	}
	defer clear(seen.Frames)
	var challenge liveness.Challenge
	if err := canon.Unmarshal(a.shown, &challenge); err != nil {
		return judged{}, err
	}
	enrolled, err := template.Open(s.templates, user.ID, user.Template)
	if err != nil {
		return judged{}, err
	}
	defer clear(enrolled.Views)
	claim := gate.Claim{Template: enrolled, Others: s.others(ctx, user.ID)}
	verdict := gate.Verify(seen, challenge, received.Sub(standing.IssuedAt), claim, s.policy)
	return judged{verdict, verdict.Bound < s.policy.Level.Bounds(len(enrolled.Views)).Fused}, nil
}

// faceError audits a refusal, and passes trouble of the server's own on as it is.
func (s *Service) faceError(ctx context.Context, e entry, err error) error {
	if r, refused := errors.AsType[*Error](err); refused {
		return s.deny(ctx, e, r.Refusal, r.why, r.cause)
	}
	return errors.Join(fmt.Errorf("%s: %w", e.event, err), s.audit(ctx, e, "error", "the server's own trouble"))
}

// openEvidence checks the desk's signature and every binding. want holds what the step knows; what the connection is comes from c. Any
// failure is FaceNotAccepted.
func (s *Service) openEvidence(c Conn, signed []byte, want trust.Evidence) (biometrics.Evidence, error) {
	e, err := trust.OpenEvidence(signed, c.DeviceKey)
	if err != nil {
		return biometrics.Evidence{}, refuse(FaceNotAccepted, errEvidence, err)
	}
	exporter, err := c.Exporter(want.Login)
	if err != nil {
		return biometrics.Evidence{}, fmt.Errorf("export from the connection: %w", err)
	}
	for _, b := range []struct {
		what  string
		holds bool
	}{
		{"purpose", e.Purpose == want.Purpose},
		{"organisation", e.Org == c.Org},
		{"server", e.Server == c.Server},
		{"login", e.Login == want.Login},
		{"account", e.Account == want.Account},
		{"desk", e.Desk == c.Desk},
		{"TLS key", e.TLSKey == c.TLSKeyHash},
		{"connection", e.Exporter == exporter},
		{"challenge", e.Challenge == want.Challenge},
		{"handshake", e.Handshake == want.Handshake},
	} {
		if !b.holds {
			return biometrics.Evidence{}, refuse(FaceNotAccepted, fmt.Errorf("%w: another %s", errBinding, b.what))
		}
	}
	if !s.directory.Camera(c.Desk, e.Seen.Camera) {
		return biometrics.Evidence{}, refuse(FaceNotAccepted, errCamera)
	}
	return e.Seen, nil
}
