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
	"visavis/biometrics/match"
	"visavis/chat/trust"
	"visavis/models"
)

// maxCaptures are a person's enrolments in one sign-up: one, and another with or without glasses.
const maxCaptures = 2

// enrolling is the face of a sign-up, as far as it has come. Nothing of it is stored before the sign-up is finished.
type enrolling struct {
	record    []byte // OPAQUE's, as the first evidence was handed in with: all that follows comes with the same
	shown     []byte // the standing challenge's canonical encoding; empty when there is none
	challenge liveness.Challenge
	issued    time.Time
	drawn     uint32         // challenges
	captures  int            // that were accepted
	face      match.Template // of those captures
}

// wipe overwrites the views.
func (r *enrolling) wipe() {
	clear(r.face.Views)
	r.face = match.Template{}
}

// stands says whether a challenge of the kind was shown that can still be played in time.
func (r *enrolling) stands(kind liveness.Kind, now time.Time, most time.Duration) bool {
	return len(r.shown) > 0 && r.challenge.Kind == kind && !now.Add(r.challenge.Duration()+startMargin).After(r.issued.Add(most))
}

// allows says whether a challenge of the kind may be asked for now: a try needs something to try against, and it does not count as a capture.
func (r *enrolling) allows(kind liveness.Kind) bool {
	switch kind {
	case liveness.Enrolment:
		return r.captures < maxCaptures
	case liveness.Entry:
		return r.captures > 0
	}
	return false
}

// SignupChallenge returns a challenge to enrol with, or to try what was enrolled; asking again returns the same. A challenge counts as a face
// once it is drawn, whatever becomes of it. ErrFaces leaves the sign-up as it is: what was accepted can be finished.
func (s *Service) SignupChallenge(ctx context.Context, c Conn, id models.LoginID, kind liveness.Kind) (shown liveness.Challenge, err error) {
	err = step(ctx, s, s.signups, c, id, "signup.challenge", func(e entry, u *signup, until time.Time) (over time.Time, err error) {
		now := s.now()
		switch {
		case !u.allows(kind):
			return over, refuse(NotSignedIn, errOrder)
		case u.stands(kind, now, s.policy.MaxElapsed):
		case u.drawn >= s.limits.SignupFaces:
			return until, fmt.Errorf("sign-up: %w", ErrFaces)
		default:
			if u.challenge, u.shown, err = s.draw(kind); err != nil {
				return over, fmt.Errorf("%s: %w", e.event, err)
			}
			u.issued = now
			u.drawn++
		}
		shown = u.challenge
		return until, nil
	})
	return shown, err
}

// SignupFace judges signed evidence for the challenge that was asked for last, once. A refused face takes nothing away of what was accepted
// before; it may be shown again, with another challenge. Another record than before ends the sign-up.
func (s *Service) SignupFace(ctx context.Context, c Conn, id models.LoginID, record, evidence []byte) error {
	received := s.now()
	return step(ctx, s, s.signups, c, id, "signup.face", func(e entry, u *signup, until time.Time) (over time.Time, err error) {
		if len(u.shown) == 0 {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = u.account
		if err := s.sameRecord(u, record); err != nil {
			return over, &signupError{ErrSignup, errors.Join(err, s.audit(ctx, e, "denied", errResult.Error()))}
		}
		shown := u.shown
		u.shown = nil
		seen, err := s.openEvidence(c, evidence, trust.Evidence{
			Purpose: trust.PurposeSignup, Login: id, Account: u.account, Challenge: trust.ChallengeHash(shown),
			Handshake: trust.HandshakeHash(u.request, u.response, record),
		})
		if err != nil {
			if _, refused := RefusalOf(err); !refused {
				until = over
			}
			return until, s.faceError(ctx, e, err)
		}
		defer clear(seen.Frames)
		e.event = signupEvents[u.challenge.Kind]
		verdict := s.judgeSignup(u, seen, received.Sub(u.issued))
		if verdict.Decision != gate.Accepted {
			return until, s.denyFace(ctx, e, verdict)
		}
		return until, s.audit(ctx, e, "ok", measured(verdict))
	})
}

var signupEvents = map[liveness.Kind]string{liveness.Enrolment: "signup.face", liveness.Entry: "signup.try"}

// sameRecord holds every record of a sign-up against the first.
func (s *Service) sameRecord(u *signup, record []byte) error {
	if u.record == nil {
		if err := s.passwords.CheckRecord(record); err != nil {
			return err
		}
		u.record = bytes.Clone(record)
	}
	if !bytes.Equal(u.record, record) {
		return errOtherRecord
	}
	return nil
}

// judgeSignup lets an accepted capture into the template; a try changes nothing. A try is not held against other people: whoever enrols a
// face would learn from it whether somebody like that is known here.
func (s *Service) judgeSignup(u *signup, seen biometrics.Evidence, elapsed time.Duration) (v judged) {
	if u.challenge.Kind == liveness.Entry {
		v.Verdict = gate.Verify(seen, u.challenge, elapsed, gate.Claim{Template: u.face, Others: match.Nobody}, s.policy)
		return v
	}
	var face match.Template
	face, v.Verdict = gate.Enrol(seen, u.challenge, elapsed, s.policy, u.face.Views...)
	if v.Decision == gate.Accepted {
		clear(u.face.Views)
		u.face = face
		u.captures++
	}
	return v
}
