package login

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
)

// unfold writes an error and everything inside it.
func unfold(b *strings.Builder, err error) {
	if err == nil {
		return
	}
	fmt.Fprintf(b, "%v\n%+v\n%#v\n", err, err, err)
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			unfold(b, inner)
		}
	case interface{ Unwrap() error }:
		unfold(b, e.Unwrap())
	}
}

// TestNothingLeaks runs log-ins that go well and badly and reads every text that comes of them: audit, errors with all that is inside, a
// logged Proof. None holds a password, a key, a name, an e-mail address, or a number of a descriptor.
func TestNothingLeaks(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	var out strings.Builder
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))

	a := w.begin(alice).to(challenged)
	e := a.evidence()
	proof, err := w.Face(w.ctx, a.conn, a.login, a.sign(e))
	w.must(err)
	logger.Info("in", "proof", proof, "login", a.login)
	fmt.Fprintf(&out, "%v %+v %#v\n", proof, proof, proof)

	bad := w.begin(alice)
	w.must(bad.start([]byte("a wrong password")))
	unfold(&out, bad.prove())
	b := w.begin(alice).to(challenged)
	stranger := newPerson("mallory").play(b.challenge)
	forged := b.evidence()
	forged.Seen = stranger
	_, err = w.Face(w.ctx, b.conn, b.login, b.sign(forged))
	unfold(&out, err)
	c := w.begin(alice).to(challenged)
	forged = c.evidence()
	forged.Exporter[0] ^= 1
	_, err = w.Face(w.ctx, c.conn, c.login, c.sign(forged))
	unfold(&out, err)
	u := w.enrol(newPerson("bob"))
	w.must(u.start())
	w.must(u.ask(liveness.Enrolment))
	flat := u.evidence(u.p)
	still(flat.Seen.Frames)
	unfold(&out, u.hand(flat))
	w.must(u.show(liveness.Enrolment, u.p))
	unfold(&out, u.show(liveness.Entry, newPerson("mallory")))
	m := u.made()
	m.vault = nil
	unfold(&out, u.finish(m))
	for _, event := range w.audits() {
		fmt.Fprintf(&out, "%+v\n", event)
	}

	text := strings.ReplaceAll(out.String(), alice.account.String(), "")
	text += log.String()
	forbidden := map[string]string{
		"password": string(alice.password), "wrong password": "a wrong password", "e-mail": "@example.org",
		"session key": hex.EncodeToString(proof.SessionKey[:8]), "session key as numbers": numbers(proof.SessionKey[:4]),
		"KE1": hex.EncodeToString(a.ke1[:8]), "exporter": hex.EncodeToString(e.Exporter[:8]),
	}
	for _, seen := range []biometrics.Evidence{e.Seen, stranger} {
		for _, v := range seen.Frames[0].Descriptor[:8] {
			forbidden[fmt.Sprintf("descriptor %v", v)] = fmt.Sprintf("%.5f", v)
		}
	}
	for what, secret := range forbidden {
		if strings.Contains(text, secret) {
			t.Errorf("%s stands in an error, the audit or a log", what)
		}
	}
	for _, event := range w.audits() {
		if strings.Contains(event.Detail, "alice") || strings.Contains(event.Detail, "bob") || len(event.Detail) > 160 {
			t.Errorf("audit detail %q", event.Detail)
		}
	}
}

func numbers(b []byte) string { return strings.Trim(fmt.Sprint(b), "[]") }

// The outside of every refusal is one of five texts, whatever is inside.
func TestRefusalTexts(t *testing.T) {
	inner := errors.New("inner cause")
	for r := NotSignedIn; r <= DeskNotAccepted; r++ {
		err := refuse(r, errDesk, inner)
		if strings.Contains(err.Error(), "inner") || strings.Contains(err.Error(), errDesk.Error()) || err.Error() == "" {
			t.Errorf("%d prints %q", r, err)
		}
		if !errors.Is(err, inner) || !errors.Is(err, errDesk) {
			t.Errorf("%d has lost its cause", r)
		}
	}
	if Refusal(0).String() == NotSignedIn.String() || !strings.Contains(Refusal(9).String(), "unknown") {
		t.Error("a refusal that is none has a refusal's text")
	}
	if s := (&Error{Refusal: Wait, After: 1500 * time.Millisecond}).Error(); !strings.Contains(s, " 2 seconds") {
		t.Errorf("a wait of 1.5 s prints %q", s)
	}
	if _, ok := RefusalOf(inner); ok {
		t.Error("any error is a refusal")
	}
}

// The desk's cameras stand in its statement; a desk that is not listed has none.
func TestVerifiedDirectory(t *testing.T) {
	w := newWorld(t)
	d := w.dir.Directory
	same := testCamera
	same.Name = "another name, the same camera"
	for what, test := range map[string]struct {
		desk models.DeskID
		c    biometrics.CameraInfo
		want bool
	}{
		"listed":       {w.desk, same, true},
		"another port": {w.desk, func(c biometrics.CameraInfo) biometrics.CameraInfo { c.Port = "9"; return c }(testCamera), false},
		"virtual":      {w.desk, func(c biometrics.CameraInfo) biometrics.CameraInfo { c.Virtual = true; return c }(testCamera), false},
		"nothing":      {w.desk, biometrics.CameraInfo{}, false},
		"unknown desk": {models.DeskID{1}, testCamera, false},
	} {
		if got := d.Camera(test.desk, test.c); got != test.want {
			t.Errorf("%s: %v, want %v", what, got, test.want)
		}
	}
	if _, listed := d.Desk(models.DeskID{1}); listed {
		t.Error("an unknown desk is listed")
	}
	if d.Admitted(models.AccountID{}) || d.Admitted(models.AccountID{1}) {
		t.Error("an unknown account is admitted")
	}
	if _, err := d.Bundle(nil); !errors.Is(err, trust.ErrFormat) {
		t.Errorf("no bundle: %v", err)
	}
}

// Each row ends a login whose password was proven. Whichever way it ends, its session key is left nowhere but in a Proof.
func TestKeyIsWiped(t *testing.T) {
	for what, test := range map[string]struct {
		from stage
		end  func(*world, *attempt)
	}{
		"out of order": {proven, func(w *world, a *attempt) { w.wantRefusal("KE3 twice", a.prove2(), NotSignedIn) }},
		"too late": {proven, func(w *world, a *attempt) {
			w.clock.move(provenLife + time.Second)
			w.wantRefusal("too late", a.ask(), NotSignedIn)
		}},
		"left with its connection": {proven, func(w *world, a *attempt) { w.Left(a.conn) }},
		"swept out by the clock": {proven, func(w *world, _ *attempt) {
			w.clock.move(provenLife + time.Second)
			w.Sweep(w.ctx)
		}},
		"swept out": {proven, func(w *world, a *attempt) {
			w.clock.move(provenLife + time.Second)
			w.must(w.begin(newPerson("nobody")).start(a.p.password))
		}},
		"no more faces": {proven, func(w *world, a *attempt) {
			for range w.limits.FaceTotal {
				_, err := w.failFace(w.ctx, a.account, func(models.Attempts) error { return nil })
				w.must(err)
			}
			w.wantRefusal("no more faces", a.ask(), FaceNotAccepted)
		}},
		"a stranger": {challenged, func(w *world, a *attempt) {
			a.p = newPerson("mallory")
			_, err := a.face()
			w.wantRefusal("a stranger", err, FaceNotAccepted)
		}},
		"a closed store": {challenged, func(w *world, a *attempt) {
			w.must(w.store.Close())
			if _, err := a.face(); !errors.Is(err, models.ErrClosed) {
				t.Errorf("%v, want models.ErrClosed", err)
			}
		}},
		"accepted": {challenged, func(w *world, a *attempt) {
			proof, err := a.face()
			w.must(err)
			if proof.SessionKey != a.session {
				t.Error("the proof has another key")
			}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, func(c *Config) { c.Limits.FaceTotal = 3 })
			a := w.begin(w.join(newPerson("alice"), true)).to(test.from)
			key := w.logins.rows[a.login].value.key
			if *key != a.session {
				t.Fatal("the login holds another key")
			}
			test.end(w, a)
			if *key != (pake.SessionKey{}) {
				t.Error("the key is still there")
			}
		})
	}
}
