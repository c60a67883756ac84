package login

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
)

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

// still makes the head stand as in its first frame.
func still(frames []biometrics.Observation) {
	for i := range frames {
		frames[i].Landmarks, frames[i].Box = frames[0].Landmarks, frames[0].Box
	}
}

// other is the challenge with left and right exchanged.
func other(c liveness.Challenge) liveness.Challenge {
	swap := map[liveness.Gesture]liveness.Gesture{liveness.TurnLeft: liveness.TurnRight, liveness.TurnRight: liveness.TurnLeft}
	c.Steps = slices.Clone(c.Steps)
	for i, s := range c.Steps {
		c.Steps[i].Gesture = cmp.Or(swap[s.Gesture], s.Gesture)
	}
	return c
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

// What a log-in, an unlocking or a recovery sees, of the person or of somebody else, is never learned from: a template is what was enrolled.
func TestTemplatesLearnNothing(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	w.givePhrase(alice)
	before, err := w.store.UserByID(w.ctx, alice.account)
	w.must(err)
	a := w.begin(alice).to(challenged)
	_, err = a.face()
	w.must(err)
	a.unlocking(someSession)
	w.clock.move(a.challenge.Duration() + time.Second)
	_, err = w.UnlockFace(w.ctx, a.conn, a.login, a.sign(a.unlockEvidence(someSession)))
	w.must(err)
	r := w.recovery(alice)
	w.must(r.prove())
	w.must(r.ask())
	_, err = r.show(alice)
	w.must(err)
	w.wantRefusal("a stranger", w.fail(alice), FaceNotAccepted)
	after, err := w.store.UserByID(w.ctx, alice.account)
	w.must(err)
	if len(after.Template) == 0 || !bytes.Equal(after.Template, before.Template) {
		t.Error("the template has changed")
	}
}
