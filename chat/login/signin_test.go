package login

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/models"
)

func TestSignUpAndLogIn(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	u, err := w.store.UserByID(w.ctx, alice.account)
	w.must(err)
	if u.Status != models.UserWaiting || u.Name != "alice" || len(u.Template) == 0 || len(u.Record) == 0 || u.Desk != w.desk {
		t.Errorf("the account is kept as %+v", u)
	}
	a := w.begin(alice).to(challenged)
	proof, err := a.face()
	w.must(err)
	if proof.Account != alice.account || proof.Name != "alice" || proof.Desk != w.desk || proof.Login != a.login {
		t.Errorf("the proof names %v", proof)
	}
	if proof.SessionKey != a.session || a.session == (pake.SessionKey{}) {
		t.Error("desk and server do not share the session key")
	}
}

// TestStates goes through every state and every event. An event out of order is refused, and ends the login.
func TestStates(t *testing.T) {
	events := map[string]func(*attempt) error{
		"Password":  func(a *attempt) error { return a.prove2() },
		"Challenge": func(a *attempt) error { return a.ask() },
		"Face":      func(a *attempt) error { _, err := a.face(); return err },
	}
	states := map[string]struct {
		reach   func(*world, *person) *attempt
		allowed string
		again   string // allowed too, and stays
	}{
		"START":      {reach: func(w *world, p *person) *attempt { return w.begin(p) }},
		"ANSWERED":   {reach: func(w *world, p *person) *attempt { return w.begin(p).to(answered) }, allowed: "Password"},
		"PROVEN":     {reach: func(w *world, p *person) *attempt { return w.begin(p).to(proven) }, allowed: "Challenge"},
		"CHALLENGED": {reach: func(w *world, p *person) *attempt { return w.begin(p).to(challenged) }, allowed: "Face", again: "Challenge"},
		"DONE": {reach: func(w *world, p *person) *attempt {
			a := w.begin(p).to(challenged)
			_, err := a.face()
			w.must(err)
			return a
		}},
		"FAILED": {reach: func(w *world, p *person) *attempt {
			a := w.begin(p).to(challenged)
			a.p = newPerson("mallory")
			_, err := a.face()
			w.wantRefusal("a stranger", err, FaceNotAccepted)
			a.p = p
			return a
		}},
	}
	for state, s := range states {
		for event, do := range events {
			t.Run(state+"/"+event, func(t *testing.T) {
				w := newWorld(t)
				a := s.reach(w, w.join(newPerson("alice"), true))
				err := do(a)
				if event == s.allowed || event == s.again {
					w.must(err)
					return
				}
				w.wantRefusal("out of order", err, NotSignedIn)
				if s.allowed != "" {
					w.wantRefusal("what was allowed before", events[s.allowed](a), NotSignedIn)
				}
			})
		}
	}
}

// prove2 proves without having to know the state.
func (a *attempt) prove2() error {
	if a.ke3 == nil && a.pake != nil {
		return a.prove()
	}
	if a.ke3 == nil {
		a.ke3 = make([]byte, pake.KE3Size)
	}
	return a.w.Password(a.w.ctx, a.conn, a.login, a.ke3)
}

// A stolen login id is worth nothing on another connection, and does not end the login that it was stolen from.
func TestOtherConnection(t *testing.T) {
	w := newWorld(t)
	a := w.begin(w.join(newPerson("alice"), true)).to(answered)
	own := a.conn
	thief := w.connect()
	away, _ := w.elsewhere()
	tunnel := own // as if two desks shared a connection
	tunnel.Desk, tunnel.DeviceKey = away.Desk, away.DeviceKey
	for _, conn := range []Conn{thief, away, tunnel} {
		a.conn = conn
		w.wantRefusal("Password elsewhere", a.prove2(), NotSignedIn)
		w.wantRefusal("Challenge elsewhere", a.ask(), NotSignedIn)
		_, err := a.face()
		w.wantRefusal("Face elsewhere", err, NotSignedIn)
	}
	a.conn = own
	w.must(w.Password(w.ctx, a.conn, a.login, a.ke3))
}

func TestPasswordRefused(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)

	a := w.begin(alice).to(answered)
	w.clock.move(answerLife + time.Second)
	w.wantRefusal("KE2 expired", a.prove(), NotSignedIn)

	a = w.begin(alice).to(proven)
	w.wantRefusal("KE3 twice", w.Password(w.ctx, a.conn, a.login, a.ke3), NotSignedIn)

	a = w.begin(alice).to(answered)
	ke3, _, _, err := a.pake.Finish(a.answer)
	w.must(err)
	noise := bytes.Repeat([]byte{1}, pake.KE3Size)
	w.wantRefusal("a wrong KE3", w.Password(w.ctx, a.conn, a.login, noise), NotSignedIn)
	w.wantRefusal("the right one after it", w.Password(w.ctx, a.conn, a.login, ke3), NotSignedIn)

	a, b := w.begin(alice).to(answered), w.begin(alice).to(answered)
	w.must(a.prove())
	w.wantRefusal("KE3 of another login", w.Password(w.ctx, b.conn, b.login, a.ke3), NotSignedIn)

	a = w.begin(alice).to(proven)
	w.clock.move(provenLife + time.Second)
	w.wantRefusal("proven long ago", a.ask(), NotSignedIn)

	a = w.begin(alice)
	_, err = w.Start(w.ctx, a.conn, "alice", []byte("no KE1"))
	w.wantRefusal("no KE1", err, NotSignedIn)
	for _, name := range []string{"", "a", "two words", "\xff\xff"} {
		_, err := w.Start(w.ctx, a.conn, name, make([]byte, pake.KE1Size))
		w.wantRefusal("no name", err, NotSignedIn)
	}
}

// The right face with a wrong password never gets as far as a challenge; nor does a name that nobody has.
func TestFaceNeedsPassword(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	for _, p := range []*person{alice, newPerson("nobody")} {
		a := w.begin(p)
		w.must(a.start([]byte("not the password at all")))
		w.wantRefusal("wrong password", a.prove(), NotSignedIn)
		w.wantRefusal("challenge after it", a.ask(), NotSignedIn)
		_, err := a.face()
		w.wantRefusal("face after it", err, NotSignedIn)
	}
}

func TestNamesAreNotTold(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	known, unknown, again := w.begin(alice), w.begin(newPerson("nobody")), w.begin(newPerson("NOBODY"))
	for _, a := range []*attempt{known, unknown, again} {
		w.must(a.start(alice.password))
	}
	if len(known.answer.KE2) != len(unknown.answer.KE2) || known.answer.Params != unknown.answer.Params {
		t.Error("the answers have different shapes")
	}
	if unknown.account != again.account || unknown.account == alice.account {
		t.Error("an unknown name's account is not stable")
	}
}

func TestNotAdmitted(t *testing.T) {
	w := newWorld(t)
	bob := w.join(newPerson("bob"), false)
	a := w.begin(bob)
	w.must(a.start([]byte("not the password at all")))
	w.wantRefusal("waiting, wrong password", a.prove(), NotSignedIn)
	a = w.begin(bob)
	w.must(a.start(bob.password))
	w.wantRefusal("waiting, right password", a.prove(), NotAdmitted)
	w.wantRefusal("challenge after it", a.ask(), NotSignedIn)

	alice := w.join(newPerson("alice"), true)
	a = w.begin(alice).to(challenged)
	w.dir.mu.Lock()
	w.dir.admitted[alice.account] = false
	w.dir.mu.Unlock()
	_, err := a.face()
	w.wantRefusal("revoked before the face", err, NotAdmitted)

	carol := w.join(newPerson("carol"), true)
	w.must(w.store.SetUserStatus(w.ctx, carol.account, models.UserDisabled))
	a = w.begin(carol)
	w.must(a.start(carol.password))
	w.wantRefusal("disabled", a.prove(), NotAdmitted)

	dave := w.join(newPerson("dave"), true)
	a = w.begin(dave).to(challenged)
	w.must(w.store.DeleteUser(w.ctx, dave.account))
	_, err = a.face()
	w.wantRefusal("deleted before the face", err, NotSignedIn)
}

// A desk that is revoked while it is connected gets no further, whatever the step.
func TestDeskNotAccepted(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	stages := []*attempt{w.begin(alice).to(answered), w.begin(alice).to(proven), w.begin(alice).to(challenged)}
	u := w.enrol(newPerson("bob"))
	u.enrolled()
	w.must(u.ask(liveness.Entry))
	m, try := u.made(), u.evidence(u.p)
	w.dir.mu.Lock()
	w.dir.revoked[w.desk] = true
	w.dir.mu.Unlock()
	w.wantRefusal("Start", w.begin(alice).start(alice.password), DeskNotAccepted)
	w.wantRefusal("Password", stages[0].prove(), DeskNotAccepted)
	w.wantRefusal("Challenge", stages[1].ask(), DeskNotAccepted)
	_, err := stages[2].face()
	w.wantRefusal("Face", err, DeskNotAccepted)
	w.wantRefusal("SignupStart", u.start(), DeskNotAccepted)
	w.wantRefusal("SignupChallenge", u.ask(liveness.Entry), DeskNotAccepted)
	w.wantRefusal("SignupFace", u.hand(try), DeskNotAccepted)
	w.wantRefusal("SignupFinish", u.finish(m), DeskNotAccepted)

	w.dir.mu.Lock()
	w.dir.revoked[w.desk] = false
	w.dir.mu.Unlock()
	a := w.begin(alice)
	a.conn.DeviceKey, _, _ = ed25519.GenerateKey(rand.Reader)
	w.wantRefusal("another device key", a.start(alice.password), DeskNotAccepted)
	a.conn = Conn{}
	w.wantRefusal("no connection", a.start(alice.password), DeskNotAccepted)
}

// A store that fails is nobody's wrong password, and nobody's way in.
func TestStoreFails(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	stages := []*attempt{w.begin(alice).to(answered), w.begin(alice).to(proven), w.begin(alice).to(challenged)}
	w.must(w.store.Close())
	check := func(what string, err error) {
		t.Helper()
		if _, refused := RefusalOf(err); err == nil || refused || !errors.Is(err, models.ErrClosed) {
			t.Errorf("%s over a closed store: %v, want models.ErrClosed", what, err)
		}
	}
	check("Start", w.begin(alice).start(alice.password))
	check("Password", stages[0].prove())
	check("Challenge", stages[1].ask())
	proof, err := stages[2].face()
	check("Face", err)
	if proof != (Proof{}) {
		t.Error("a proof over a closed store")
	}
	check("SignupStart", w.enrol(newPerson("bob")).start())
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t)
	for what, change := range map[string]func(*Config){
		"no store":     func(c *Config) { c.Store = nil },
		"no passwords": func(c *Config) { c.Passwords = nil },
		"no directory": func(c *Config) { c.Directory = nil },
		"no clock":     func(c *Config) { c.Now = nil },
		"no policy":    func(c *Config) { c.Policy.MaxElapsed = 0 },
		"no limits":    func(c *Config) { c.Limits = Limits{} },
		"one limit":    func(c *Config) { c.Limits.FaceWeek = 0 },
		"one wait":     func(c *Config) { c.Limits.FaceWait = 0 },
	} {
		config := w.config
		change(&config)
		if _, err := New(w.ctx, config); err == nil {
			t.Errorf("%s: made", what)
		}
	}
}
