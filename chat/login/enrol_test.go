package login

import (
	"errors"
	"testing"
	"time"

	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/chat/trust"
	"visavis/models"
)

// Each row changes one thing of an enrolment that would be accepted. The sign-up goes on, and the person may show the face again.
func TestSignupFaceRefused(t *testing.T) {
	for what, change := range map[string]func(*enrolment, *trust.Evidence){
		"evidence of a log-in":           func(_ *enrolment, e *trust.Evidence) { e.Purpose = trust.PurposeLogin },
		"evidence of an unlocking":       func(_ *enrolment, e *trust.Evidence) { e.Purpose = trust.PurposeUnlock },
		"evidence of another account":    func(_ *enrolment, e *trust.Evidence) { e.Account[0] ^= 1 },
		"evidence of another login":      func(_ *enrolment, e *trust.Evidence) { e.Login[0] ^= 1 },
		"evidence of another connection": func(_ *enrolment, e *trust.Evidence) { e.Exporter[0] ^= 1 },
		"evidence of another challenge":  func(_ *enrolment, e *trust.Evidence) { e.Challenge[0] ^= 1 },
		"evidence for another record":    func(_ *enrolment, e *trust.Evidence) { e.Handshake[0] ^= 1 },
		"evidence of a virtual camera":   func(_ *enrolment, e *trust.Evidence) { e.Seen.Camera.Virtual = true },
		"a head that does not turn":      func(_ *enrolment, e *trust.Evidence) { still(e.Seen.Frames) },
		"too late":                       func(u *enrolment, _ *trust.Evidence) { u.w.clock.move(3 * time.Minute) },
		"two persons in turn": func(u *enrolment, e *trust.Evidence) {
			frames := newPerson("mallory").play(u.challenge).Frames
			copy(e.Seen.Frames[len(frames)/2:], frames[len(frames)/2:])
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			u := w.enrol(newPerson("bob"))
			w.must(u.start())
			w.must(u.ask(liveness.Enrolment))
			e := u.evidence(u.p)
			change(u, &e)
			w.wantRefusal(what, u.hand(e), FaceNotAccepted)
			if held := w.signups.rows[u.reply.Login].value; held.captures != 0 || len(held.face.Views) != 0 {
				t.Error("a refused face is kept")
			}
			w.wantRefusal("the same evidence, mended", u.hand(u.evidence(u.p)), NotSignedIn)
			w.noAccount("bob")
		})
	}
}

// What a refused face leaves: the form, the record, and the faces that are still allowed.
func TestSignupFaceAgain(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob"))
	w.must(u.start())
	w.must(u.ask(liveness.Enrolment))
	first := u.challenge.ID
	flat := u.evidence(u.p)
	still(flat.Seen.Frames)
	w.wantRefusal("a flat face", u.hand(flat), FaceNotAccepted)
	w.must(u.ask(liveness.Enrolment))
	if u.challenge.ID == first {
		t.Error("a judged challenge was shown again")
	}
	w.must(u.hand(u.evidence(u.p)))
	w.must(u.finish(u.made()))
}

// Another record than before is another password: the sign-up is over, whatever its face was.
func TestSignupRecordStays(t *testing.T) {
	w := newWorld(t)
	mine, other := w.enrol(newPerson("bob")), w.enrol(newPerson("bob"))
	w.must(mine.start())
	w.must(other.start())
	w.must(mine.show(liveness.Enrolment, mine.p))
	w.must(mine.ask(liveness.Entry))
	right := mine.record
	mine.record = other.record
	if err := mine.hand(mine.evidence(mine.p)); !errors.Is(err, ErrSignup) || err.Error() != ErrSignup.Error() {
		t.Errorf("another record: %v, want %v", err, ErrSignup)
	}
	mine.record = right
	w.wantRefusal("finished with the right one", mine.finish(mine.made()), NotSignedIn)
	w.noAccount("bob")

	for _, record := range [][]byte{nil, {1}, make([]byte, 4096)} {
		u := w.enrol(newPerson("carol"))
		w.must(u.start())
		w.must(u.ask(liveness.Enrolment))
		u.record = record
		if err := u.hand(u.evidence(u.p)); !errors.Is(err, ErrSignup) {
			t.Errorf("a record of %d bytes: %v, want %v", len(record), err, ErrSignup)
		}
	}
}

// A second capture widens the template; a third is not taken, nor is one of somebody else.
func TestSecondCapture(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob")).enrolled()
	before := append([]match.Vector(nil), w.signups.rows[u.reply.Login].value.face.Views...)
	w.wantRefusal("somebody else", u.show(liveness.Enrolment, newPerson("mallory")), FaceNotAccepted)
	held := w.signups.rows[u.reply.Login].value
	if held.captures != 1 || len(held.face.Views) != len(before) || held.face.Views[0] != before[0] {
		t.Fatal("a refused second capture changed what the first made")
	}
	w.must(u.show(liveness.Enrolment, u.p))
	if held = w.signups.rows[u.reply.Login].value; held.captures != 2 {
		t.Fatalf("%d captures, want 2", held.captures)
	}
	w.must(u.show(liveness.Entry, u.p))
	w.must(u.finish(u.made()))

	u = w.enrol(newPerson("carol")).enrolled()
	w.must(u.show(liveness.Enrolment, u.p))
	w.wantRefusal("a third", u.ask(liveness.Enrolment), NotSignedIn)
}

// A try is a log-in's face against what was captured. It says yes or no, and changes nothing; it is no enrolment, and no enrolment is a try.
func TestTry(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob")).enrolled()
	views := append([]match.Vector(nil), w.signups.rows[u.reply.Login].value.face.Views...)
	audited := func(event, outcome string) {
		t.Helper()
		if last := w.lastAudit(); last.Event != event || last.Outcome != outcome || last.Account != u.reply.Account || last.Desk != u.conn.Desk {
			t.Errorf("the audit says %+v, want %s %s", last, event, outcome)
		}
	}
	audited("signup.face", "ok")
	w.wantRefusal("somebody else's try", u.show(liveness.Entry, newPerson("mallory")), FaceNotAccepted)
	audited("signup.try", "denied")
	w.must(u.show(liveness.Entry, u.p))
	audited("signup.try", "ok")
	held := w.signups.rows[u.reply.Login].value
	if held.captures != 1 || len(held.face.Views) != len(views) || held.face.Views[0] != views[0] {
		t.Error("a try changed the template")
	}

	w.must(u.ask(liveness.Entry))
	try := u.evidence(u.p)
	w.must(u.ask(liveness.Enrolment))
	w.wantRefusal("a try handed in as an enrolment", u.hand(try), FaceNotAccepted)
	w.must(u.finish(u.made()))

	u = w.enrol(newPerson("carol")).enrolled()
	w.must(u.ask(liveness.Enrolment))
	capture := u.evidence(u.p)
	w.must(u.ask(liveness.Entry))
	w.wantRefusal("an enrolment handed in as a try", u.hand(capture), FaceNotAccepted)
	w.must(u.finish(u.made()))
}

// The seventh face of a sign-up is refused, whatever became of the six; what was accepted can still be finished.
func TestSignupFaces(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob")).enrolled()
	for range w.limits.SignupFaces - 1 {
		w.wantRefusal("somebody else", u.show(liveness.Entry, newPerson("mallory")), FaceNotAccepted)
	}
	for range 2 {
		if err := u.ask(liveness.Entry); !errors.Is(err, ErrFaces) {
			t.Errorf("one more: %v, want %v", err, ErrFaces)
		}
	}
	w.wantRefusal("a face without a challenge ends it", u.hand(u.evidence(u.p)), NotSignedIn)

	u = w.enrol(newPerson("carol")).enrolled()
	for range w.limits.SignupFaces - 1 { // a challenge that is left for another counts as well
		w.must(u.ask(liveness.Entry))
		w.clock.move(w.policy.MaxElapsed)
	}
	if err := u.ask(liveness.Enrolment); !errors.Is(err, ErrFaces) {
		t.Errorf("one more: %v, want %v", err, ErrFaces)
	}
	w.must(u.finish(u.made()))
}

// What a finished sign-up stores is the template of its captures, sealed for its account and nobody else.
func TestSignupSealsTheTemplate(t *testing.T) {
	w := newWorld(t)
	u := w.enrol(newPerson("bob")).enrolled()
	centroid := w.signups.rows[u.reply.Login].value.face.Centroid
	w.must(u.finish(u.made()))
	user, err := w.store.UserByName(w.ctx, "bob")
	w.must(err)
	face, err := template.Open(w.templates, user.ID, user.Template)
	w.must(err)
	if d := match.Distance(face.Centroid, centroid); d != 0 {
		t.Errorf("the stored face is %v from the captured one", d)
	}
	if _, err := template.Open(w.templates, models.AccountID{1}, user.Template); err == nil {
		t.Error("the template opens for another account")
	}
}

// However a sign-up ends, no view of the face is left behind.
func TestViewsAreWiped(t *testing.T) {
	for what, end := range map[string]func(*world, *enrolment){
		"finished":     func(w *world, u *enrolment) { w.must(u.finish(u.made())) },
		"out of order": func(w *world, u *enrolment) { w.wantRefusal("no challenge", u.hand(u.evidence(u.p)), NotSignedIn) },
		"refused at the end": func(w *world, u *enrolment) {
			m := u.made()
			m.vault = nil
			if err := u.finish(m); !errors.Is(err, ErrSignup) {
				t.Errorf("%v, want %v", err, ErrSignup)
			}
		},
		"left, and too late": func(w *world, u *enrolment) {
			w.clock.move(signupLife + time.Second)
			w.wantRefusal("too late", u.ask(liveness.Entry), NotSignedIn)
		},
		"left, and swept out by the next": func(w *world, _ *enrolment) {
			w.clock.move(signupLife + time.Second)
			w.must(w.enrol(newPerson("carol")).start())
		},
		"left, and swept out by the clock": func(w *world, u *enrolment) {
			w.clock.move(signupLife - time.Minute)
			w.Sweep(w.ctx)
			if _, on := w.signups.rows[u.reply.Login]; !on {
				t.Error("swept out in its time")
			}
			w.clock.move(time.Minute)
			w.Sweep(w.ctx)
		},
		"left with its connection": func(w *world, u *enrolment) {
			other := w.enrol(newPerson("carol")).enrolled()
			w.Left(u.conn)
			w.must(other.finish(other.made()))
			w.wantRefusal("went on", u.ask(liveness.Entry), NotSignedIn)
		},
		"the store closed": func(w *world, u *enrolment) {
			w.must(w.store.Close())
			if err := u.finish(u.made()); !errors.Is(err, models.ErrClosed) {
				t.Errorf("%v, want models.ErrClosed", err)
			}
		},
		"a second capture": func(w *world, u *enrolment) { w.must(u.show(liveness.Enrolment, u.p)) },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			u := w.enrol(newPerson("bob")).enrolled()
			held := w.signups.rows[u.reply.Login].value
			views := held.face.Views
			if len(views) < match.MinViews || views[0].IsZero() {
				t.Fatal("there are no views to wipe")
			}
			end(w, u)
			for i, v := range views {
				if !v.IsZero() {
					t.Errorf("view %d is still there", i)
				}
			}
			if _, on := w.signups.rows[u.reply.Login]; !on && (held.face.Weights != "" || !held.face.Centroid.IsZero()) {
				t.Error("the centroid is still there")
			}
		})
	}
}
