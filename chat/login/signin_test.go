package login

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
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
	if proof.SessionKey != a.session || proof.SessionKey == (pake.SessionKey{}) {
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

// Each row changes one thing of a face that would be accepted.
func TestFaceRefused(t *testing.T) {
	tests := map[string]func(*attempt, *trust.Evidence){
		"evidence of a sign-up":        func(_ *attempt, e *trust.Evidence) { e.Purpose = trust.PurposeSignup },
		"another organisation":         func(_ *attempt, e *trust.Evidence) { e.Org[0] ^= 1 },
		"another server":               func(_ *attempt, e *trust.Evidence) { e.Server[0] ^= 1 },
		"another login":                func(_ *attempt, e *trust.Evidence) { e.Login[0] ^= 1 },
		"another account":              func(_ *attempt, e *trust.Evidence) { e.Account[0] ^= 1 },
		"another desk":                 func(_ *attempt, e *trust.Evidence) { e.Desk[0] ^= 1 },
		"another TLS key":              func(_ *attempt, e *trust.Evidence) { e.TLSKey[0] ^= 1 },
		"another connection":           func(_ *attempt, e *trust.Evidence) { e.Exporter[0] ^= 1 },
		"another challenge":            func(_ *attempt, e *trust.Evidence) { e.Challenge[0] ^= 1 },
		"another password handshake":   func(_ *attempt, e *trust.Evidence) { e.Handshake[0] ^= 1 },
		"another desk's device key":    func(a *attempt, _ *trust.Evidence) { _, a.device, _ = ed25519.GenerateKey(rand.Reader) },
		"another camera":               func(_ *attempt, e *trust.Evidence) { e.Seen.Camera.Serial = "B2" },
		"a virtual camera":             func(_ *attempt, e *trust.Evidence) { e.Seen.Camera.Virtual = true },
		"other weights":                func(_ *attempt, e *trust.Evidence) { e.Seen.Weights = "weights-2" },
		"nobody":                       func(_ *attempt, e *trust.Evidence) { e.Seen.Frames = nil },
		"a stranger":                   func(a *attempt, e *trust.Evidence) { e.Seen = newPerson("mallory").play(a.challenge) },
		"a head that does not turn":    func(_ *attempt, e *trust.Evidence) { still(e.Seen.Frames) },
		"another challenge, as played": func(a *attempt, e *trust.Evidence) { e.Seen = a.p.play(other(a.challenge)) },
		"quicker than time passed":     func(a *attempt, _ *trust.Evidence) { a.w.clock.move(-a.challenge.Duration()) },
		"after the challenge's time":   func(a *attempt, _ *trust.Evidence) { a.w.clock.move(3 * time.Minute) },
		"the challenge taken by another": func(a *attempt, _ *trust.Evidence) {
			_, err := a.w.store.TakeChallenge(a.w.ctx, a.account, a.w.desk)
			a.w.must(err)
		},
	}
	for what, change := range tests {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
			e := a.evidence()
			change(a, &e)
			proof, err := w.Face(w.ctx, a.conn, a.login, a.sign(e))
			w.wantRefusal(what, err, FaceNotAccepted)
			if proof != (Proof{}) {
				t.Error("a refused face gave a proof")
			}
			seen, err := w.peek(w.ctx, models.AttemptFace, a.account.String())
			w.must(err)
			if seen.InRow != 1 || seen.Total != 1 {
				t.Errorf("counted %d in a row and %d in all, want 1", seen.InRow, seen.Total)
			}
		})
	}
}

func still(frames []biometrics.Observation) {
	for i := range frames {
		frames[i].Landmarks = landmarks(0)
	}
}

// other is the challenge with left and right exchanged.
func other(c liveness.Challenge) liveness.Challenge {
	swap := map[liveness.Gesture]liveness.Gesture{liveness.Neutral: liveness.Neutral, liveness.TurnLeft: liveness.TurnRight, liveness.TurnRight: liveness.TurnLeft}
	o := liveness.Challenge{ID: c.ID}
	for _, s := range c.Steps {
		o.Steps = append(o.Steps, liveness.Step{Gesture: swap[s.Gesture], Millis: s.Millis})
	}
	return o
}

func TestGarbageAsEvidence(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	for _, b := range [][]byte{nil, {0}, make([]byte, trust.MaxEvidence+1)} {
		a := w.begin(alice).to(challenged)
		_, err := w.Face(w.ctx, a.conn, a.login, b)
		w.wantRefusal(fmt.Sprintf("%d bytes", len(b)), err, FaceNotAccepted)
	}
}

// What was accepted once is worth nothing a second time: neither for its own login nor for the next.
func TestReplayedEvidence(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	a := w.begin(alice).to(challenged)
	signed := a.sign(a.evidence())
	_, err := w.Face(w.ctx, a.conn, a.login, signed)
	w.must(err)
	_, err = w.Face(w.ctx, a.conn, a.login, signed)
	w.wantRefusal("the same login", err, NotSignedIn)
	b := w.begin(alice).to(challenged)
	_, err = w.Face(w.ctx, b.conn, b.login, signed)
	w.wantRefusal("the next login", err, FaceNotAccepted)
}

// Two log-ins of one person at one desk are shown one challenge; only one of them can use it up.
func TestChallengeIsSticky(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	a, b := w.begin(alice).to(proven), w.begin(alice).to(proven)
	w.must(a.ask())
	first := a.challenge
	w.must(a.ask())
	w.must(b.ask())
	if a.challenge.ID != first.ID || b.challenge.ID != first.ID {
		t.Error("asking again gives another challenge")
	}
	w.clock.move(first.Duration() + time.Second)
	_, err := a.face()
	w.must(err)
	_, err = b.face()
	w.wantRefusal("a challenge that was used", err, FaceNotAccepted)
	c := w.begin(alice).to(proven)
	w.must(c.ask())
	if c.challenge.ID == first.ID {
		t.Error("a used challenge was shown again")
	}

	away, device := w.elsewhere()
	d := &attempt{w: w, p: alice, conn: away, device: device}
	d.to(challenged)
	if d.challenge.ID == c.challenge.ID {
		t.Error("two desks share a challenge")
	}
}

// A login whose challenge was replaced meanwhile fails, and leaves the newer challenge to those who were shown it.
func TestChallengeReplaced(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	a := w.begin(alice).to(challenged)
	w.clock.move(w.policy.MaxElapsed - startMargin - a.challenge.Duration())
	b := w.begin(alice).to(challenged)
	if b.challenge.ID == a.challenge.ID {
		t.Fatal("the challenge was not replaced")
	}
	_, err := a.face()
	w.wantRefusal("the challenge before", err, FaceNotAccepted)
	_, err = b.face()
	w.must(err)
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

	a, b := w.begin(alice).to(answered), w.begin(alice).to(answered)
	w.must(a.prove())
	w.wantRefusal("KE3 of another login", w.Password(w.ctx, b.conn, b.login, a.ke3), NotSignedIn)

	a = w.begin(alice).to(proven)
	w.clock.move(provenLife + time.Second)
	w.wantRefusal("proven long ago", a.ask(), NotSignedIn)

	a = w.begin(alice)
	_, err := w.Start(w.ctx, a.conn, "alice", []byte("no KE1"))
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
	w.must(u.start())
	w.must(u.ask())
	m := u.made()
	w.dir.mu.Lock()
	w.dir.revoked[w.desk] = true
	w.dir.mu.Unlock()
	w.wantRefusal("Start", w.begin(alice).start(alice.password), DeskNotAccepted)
	w.wantRefusal("Password", stages[0].prove(), DeskNotAccepted)
	w.wantRefusal("Challenge", stages[1].ask(), DeskNotAccepted)
	_, err := stages[2].face()
	w.wantRefusal("Face", err, DeskNotAccepted)
	w.wantRefusal("SignupStart", u.start(), DeskNotAccepted)
	w.wantRefusal("SignupChallenge", u.ask(), DeskNotAccepted)
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

// Of many that send one login's evidence at once, one gets a proof.
func TestFaceOnceConcurrently(t *testing.T) {
	w := newWorld(t)
	a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
	signed := a.sign(a.evidence())
	var wg sync.WaitGroup
	var mu sync.Mutex
	proofs := 0
	for range 8 {
		wg.Go(func() {
			if _, err := w.Face(w.ctx, a.conn, a.login, signed); err == nil {
				mu.Lock()
				proofs++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if proofs != 1 {
		t.Errorf("%d proofs, want 1", proofs)
	}
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
		if _, err := New(config); err == nil {
			t.Errorf("%s: made", what)
		}
	}
}
