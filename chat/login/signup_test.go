package login

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
)

func TestSignupStartRefused(t *testing.T) {
	tests := map[string]struct {
		change func(*SignupRequest)
		want   error
	}{
		"name too short":       {func(r *SignupRequest) { r.Name = "a" }, models.ErrName},
		"name with a space":    {func(r *SignupRequest) { r.Name = "two words" }, models.ErrName},
		"name taken":           {func(r *SignupRequest) { r.Name = "alice" }, ErrNameTaken},
		"name taken, in caps":  {func(r *SignupRequest) { r.Name = "ALICE" }, ErrNameTaken},
		"no e-mail":            {func(r *SignupRequest) { r.Email = "" }, ErrEmail},
		"e-mail without @":     {func(r *SignupRequest) { r.Email = "bob" }, ErrEmail},
		"e-mail with a name":   {func(r *SignupRequest) { r.Email = "Bob <bob@example.org>" }, ErrEmail},
		"two e-mails":          {func(r *SignupRequest) { r.Email = "a@example.org,b@example.org" }, ErrEmail},
		"e-mail with a header": {func(r *SignupRequest) { r.Email = "bob@example.org\r\nBcc: x@example.org" }, ErrEmail},
		"e-mail with a trick":  {func(r *SignupRequest) { r.Email = "bob\u202e@example.org" }, ErrEmail},
		"e-mail too long":      {func(r *SignupRequest) { r.Email = strings.Repeat("b", 250) + "@example.org" }, ErrEmail},
		"no consent":           {func(r *SignupRequest) { r.Consent = models.Hash{} }, ErrConsent},
		"consent of last year": {func(r *SignupRequest) { r.ConsentAt = r.ConsentAt.AddDate(-1, 0, 0) }, ErrConsent},
		"consent of tomorrow":  {func(r *SignupRequest) { r.ConsentAt = r.ConsentAt.AddDate(0, 0, 1) }, ErrConsent},
		"consent without time": {func(r *SignupRequest) { r.ConsentAt = time.Time{} }, ErrConsent},
		"no request":           {func(r *SignupRequest) { r.Request = nil }, ErrSignup},
		"no element":           {func(r *SignupRequest) { r.Request = make([]byte, pake.RequestSize) }, ErrSignup},
	}
	w := newWorld(t)
	w.join(newPerson("alice"), true)
	for what, test := range tests {
		u := w.enrol(newPerson("bob"))
		wish := u.wish()
		test.change(&wish)
		reply, err := w.SignupStart(w.ctx, u.conn, wish)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", what, err, test.want)
		}
		if !reply.Account.IsZero() || reply.Response != nil {
			t.Errorf("%s: answered", what)
		}
	}
}

// Consent is on record before a face can be asked for.
func TestConsentComesFirst(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob"))
	w.must(u.start())
	events := w.audits()
	last := events[len(events)-1]
	if last.Event != "signup.consent" || last.Account != u.reply.Account || !strings.Contains(last.Detail, u.consent.String()) {
		t.Errorf("before the challenge the audit ends in %+v", last)
	}
}

func TestSignupSteps(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob"))
	w.must(u.start())
	m := u.made()
	w.wantRefusal("finished without a face", u.finish(m), NotSignedIn)
	w.wantRefusal("and then asked", u.ask(liveness.Enrolment), NotSignedIn)

	u = w.enrol(newPerson("ben"))
	w.must(u.start())
	w.must(u.ask(liveness.Enrolment))
	w.wantRefusal("finished without a face that was judged", u.finish(u.made()), NotSignedIn)

	u = w.enrol(newPerson("bill"))
	w.must(u.start())
	w.wantRefusal("a face without a challenge", u.hand(u.evidence(u.p)), NotSignedIn)

	u = w.enrol(newPerson("bert"))
	w.must(u.start())
	w.must(u.ask(liveness.Enrolment))
	first := u.challenge
	w.must(u.ask(liveness.Enrolment))
	if u.challenge.ID != first.ID {
		t.Error("asking again gives another challenge")
	}
	w.must(u.hand(u.evidence(u.p)))
	m = u.made()
	w.must(u.finish(m))
	w.wantRefusal("finished twice", u.finish(m), NotSignedIn)

	u = w.enrol(newPerson("carol"))
	w.must(u.start())
	u.conn = w.connect()
	w.wantRefusal("on another connection", u.ask(liveness.Enrolment), NotSignedIn)

	u = w.enrol(newPerson("carl"))
	w.must(u.start())
	w.clock.move(signupLife + time.Second)
	w.wantRefusal("too late", u.ask(liveness.Enrolment), NotSignedIn)

	a := w.begin(newPerson("bob"))
	a.login = u.reply.Login
	w.wantRefusal("a log-in's step with a sign-up's id", a.ask(), NotSignedIn)

	for _, kind := range []liveness.Kind{0, 3, liveness.Entry} {
		u = w.enrol(newPerson(fmt.Sprint("dora", kind)))
		w.must(u.start())
		w.wantRefusal("a first challenge of no enrolment", u.ask(kind), NotSignedIn)
	}
}

// Two people who want one name: the second is told at the end, if not at the start.
func TestNameTakenMeanwhile(t *testing.T) {
	w := newWorld(t)
	one, two := w.enrol(newPerson("bob")).enrolled(), w.enrol(newPerson("bob")).enrolled()
	w.must(one.finish(one.made()))
	if err := two.finish(two.made()); !errors.Is(err, ErrNameTaken) {
		t.Errorf("the second: %v, want ErrNameTaken", err)
	}
}

// Each row changes one thing of a sign-up that would be accepted.
func TestSignupFinishRefused(t *testing.T) {
	tests := []struct {
		what   string
		change func(*enrolment, *made)
	}{
		{"no record", func(_ *enrolment, m *made) { m.record = nil }},
		{"another record than the faces were shown with", func(u *enrolment, m *made) {
			other := u.w.enrol(newPerson("bob"))
			u.w.must(other.start())
			m.record = other.record
		}},
		{"record damaged", func(_ *enrolment, m *made) { m.record[len(m.record)-1] ^= 1; m.record = m.record[:50] }},
		{"no vault", func(_ *enrolment, m *made) { m.vault = nil }},
		{"vault too large", func(_ *enrolment, m *made) { m.vault = make([]byte, MaxVault+1) }},
		{"bundle of another account", func(_ *enrolment, m *made) { m.bundle.Account[0] ^= 1 }},
		{"bundle of another name", func(_ *enrolment, m *made) { m.bundle.Name = "bobby" }},
		{"bundle of another organisation", func(_ *enrolment, m *made) { m.bundle.Org[0] ^= 1 }},
		{"bundle with another consent", func(_ *enrolment, m *made) { m.bundle.Consent[0] ^= 1 }},
		{"bundle of an unknown desk", func(_ *enrolment, m *made) { m.bundle.Desk[0] ^= 1 }},
		{"bundle of another desk", func(u *enrolment, _ *made) { u.w.dir.alter = func(b *trust.Bundle) { b.Desk[0] ^= 1 } }},
		{"bundle that follows an older key", func(_ *enrolment, m *made) { m.bundle.Succession = make([]byte, 64) }},
		{"bundle signed by another desk", func(u *enrolment, _ *made) { _, u.w.device, _ = ed25519.GenerateKey(rand.Reader) }},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t)
			u := w.enrol(newPerson("bob")).enrolled()
			m := u.made()
			test.change(u, &m)
			if err := u.finish(m); !errors.Is(err, ErrSignup) || err.Error() != ErrSignup.Error() {
				t.Errorf("%v, want %v and no more text", err, ErrSignup)
			}
			w.noAccount("bob")
		})
	}
}

func (w *world) noAccount(name string) {
	w.t.Helper()
	if _, err := w.store.UserByName(w.ctx, name); !errors.Is(err, models.ErrNotFound) {
		w.t.Errorf("a refused sign-up left an account: %v", err)
	}
}

func TestSignupLimit(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.DeskSignups = 3 })
	for range 3 {
		w.must(w.enrol(newPerson("bob")).start())
	}
	w.restart()
	w.wantWait("the fourth", w.enrol(newPerson("bob")).start(), time.Minute, time.Hour)
	w.clock.move(time.Hour)
	w.must(w.enrol(newPerson("bob")).start())
}
