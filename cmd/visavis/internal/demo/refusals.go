package demo

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"time"

	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/chat/client"
	"visavis/chat/pki"
	"visavis/chat/wire"
	"visavis/models"
)

// refusals: what must fail, fails, each with the refusal that a desk may know. What the server measured stands beside it.
func (s *story) refusals(ctx context.Context) error {
	counter := s.desks[0]
	ben, other := s.cast["ben"], s.cast["benedict"]
	if err := s.replay(ctx, counter, ben); err != nil {
		return err
	}
	for _, p := range []struct {
		what, name, password string
		code                 wire.Code
	}{
		{"ben's name with a wrong password", ben.name, "not " + ben.password, wire.CodeNotSignedIn},
		{"a name that nobody has", "mallory", ben.password, wire.CodeNotSignedIn},
		{"benedict, whom no admin approved, with his password", other.name, other.password, wire.CodeNotAdmitted},
		{"benedict with a wrong one: the answer tells nothing of him", other.name, "not " + other.password, wire.CodeNotSignedIn},
	} {
		if err := s.passwordRefused(ctx, counter, p.name, p.password, p.code, p.what); err != nil {
			return err
		}
	}
	return s.strangeDesks(ctx)
}

// patience is how often a face is shown again when it was not followed.
const patience = 3

// Verdicts after which a face is shown again: a person who means well tries again whenever the turns were not clear; somebody who is to be
// refused, only when this machine was too busy to see enough of him. No refusal that the story is about reads like that.
var (
	unclear = []string{gate.NotLive.String()}
	unseen  = []string{liveness.Gap.String(), liveness.TooFew.String(), liveness.LeftOut.String(), liveness.Snapped.String()}
)

func (s *story) patiently(ctx context.Context, d *desk, event string, again []string, show func() error) error {
	for tries := 1; ; tries++ {
		err := show()
		if err == nil || tries == patience {
			return err
		}
		var refusal *wire.Error
		if errors.As(err, &refusal) && refusal.Code == wire.CodeWait {
			s.note("asked to wait %d s after too many tries: waiting", refusal.Seconds)
			select {
			case <-time.After(time.Duration(refusal.Seconds) * time.Second):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		verdict, verr := s.lastVerdict(ctx, d, event)
		if verr != nil || !slices.ContainsFunc(again, func(why string) bool { return strings.Contains(verdict, why) }) {
			return errors.Join(err, verr)
		}
		s.note("not followed (%s): once more", verdict)
	}
}

func (s *story) passwordRefused(ctx context.Context, d *desk, name, password string, code wire.Code, what string) error {
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	a, err := d.ProvePassword(ctx, c, name, []byte(password))
	if err == nil {
		a.Wipe()
	}
	return s.refused(err, code, "%s", what)
}

// replay: evidence that let ben in a moment ago, bit for bit, for his next log-in.
func (s *story) replay(ctx context.Context, d *desk, p *person) error {
	look, err := d.look(ctx, p.photo.source(seedLogIn))
	if err != nil {
		return err
	}
	var evidence []byte
	err = s.patiently(ctx, d, "login.face", unclear, func() (err error) { evidence, err = s.taken(ctx, d, p, look); return err })
	if err != nil {
		return err
	}
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	a, err := d.ProvePassword(ctx, c, p.name, []byte(p.password))
	if err != nil {
		return err
	}
	defer a.Wipe()
	if _, err := a.Challenge(ctx); err != nil {
		return err
	}
	_, err = a.Finish(ctx, evidence)
	return s.faceRefused(ctx, d, err, "the same evidence a second time", "another login")
}

// taken logs in and keeps the evidence.
func (s *story) taken(ctx context.Context, d *desk, p *person, look client.Eye) ([]byte, error) {
	c, err := d.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	a, err := d.ProvePassword(ctx, c, p.name, []byte(p.password))
	if err != nil {
		return nil, err
	}
	defer a.Wipe()
	if err := look.Settle(ctx); err != nil {
		return nil, err
	}
	challenge, err := a.Challenge(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := look.Capture(ctx, challenge)
	if err != nil {
		return nil, err
	}
	d.rest()
	evidence, err := a.Sign(seen)
	if err != nil {
		return nil, err
	}
	session, err := a.Finish(ctx, evidence)
	if err != nil {
		return nil, err
	}
	session.Close()
	s.true("%s logged in once more; the desk kept the evidence: %d frames, %d kB, signed", p.name, len(seen.Frames), len(evidence)/1000)
	return evidence, nil
}

// strangeDesks: a desk without a certificate, and one whose certificate another authority made.
func (s *story) strangeDesks(ctx context.Context) error {
	other, err := pki.NewAuthority(nil, "Another café", time.Now())
	if err != nil {
		return err
	}
	key, err := pki.NewKey(nil)
	if err != nil {
		return err
	}
	der, err := other.IssueDesk(nil, models.DeskID{1}, key.Public().(ed25519.PublicKey), time.Now())
	if err != nil {
		return err
	}
	foreign, err := pki.NewCertificate(key, der)
	if err != nil {
		return err
	}
	for _, d := range []struct {
		what  string
		certs []tls.Certificate
	}{{"a desk without a certificate", nil}, {"a desk with another organisation's certificate", []tls.Certificate{foreign}}} {
		// Whether the server is the right one is not the question here: this is the attacker's own client.
		dialer := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{pki.ProtoChat}, Certificates: d.certs, InsecureSkipVerify: true}}
		nc, err := dialer.DialContext(ctx, "tcp", s.wire.Address())
		if err == nil {
			_, err = nc.Read(make([]byte, 1)) // under TLS 1.3 a refusal shows here
			_ = nc.Close()
		}
		if err := s.check(pki.Refused(err), "%s: refused in the handshake (%v)", d.what, err); err != nil {
			return err
		}
	}
	return nil
}

// revocation: the admin revokes the desk at the window while cleo is logged in there.
func (s *story) revocation(ctx context.Context) error {
	window := s.desks[1]
	if err := s.keepLive(); err != nil {
		return err
	}
	// Proven before, so that the time which is taken is the revocation's.
	if err := s.ada.ProvePassword(ctx, []byte(s.cast["ada"].password)); err != nil {
		return err
	}
	took, err := seconds(func() error {
		if err := s.ada.RevokeDesk(ctx, window.ID()); err != nil {
			return err
		}
		for {
			if _, err := s.cleo.Next(ctx); err != nil {
				return s.refused(err, wire.CodeDesk, "cleo's live connection at desk %q, which ada has just revoked", window.name)
			}
		}
	})
	if err != nil {
		return err
	}
	s.cleo.Close()
	s.true("that took %.0f ms", 1000*took)
	_, err = window.Connect(ctx)
	return s.refused(err, wire.CodeDesk, "a new connection of the revoked desk")
}
