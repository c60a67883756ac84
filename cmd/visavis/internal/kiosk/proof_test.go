package kiosk

import (
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// An admin's deed of more than a minute after the log-in asks for the password, goes on with it, and is lost with Esc alone.
func TestADeedAsksWhoIsThere(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.Desks})
	asks := func(s flow.State) bool { return s.Proof.Wanted && s.Proof.Busy == flow.Idle }
	later := func() { w.Clock.Move(2 * time.Minute) }

	later()
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("the dialog", asks)
	given := flow.Password("a wrong password")
	d.k.Post(flow.ProofGiven{Password: given})
	s := d.until("it was wrong", func(s flow.State) bool { return s.Proof.Problem.Kind == flow.WrongProof })
	if s.Doing.Verb != flow.InviteDesk || s.Panel != flow.Desks || !s.Secret.IsZero() {
		t.Fatalf("%+v", s)
	}
	for _, b := range given {
		if b != 0 {
			t.Fatal("the password was not wiped")
		}
	}
	d.k.Post(flow.ProofGiven{Password: password("ada")})
	d.until("the invite", func(s flow.State) bool { return !s.Secret.IsZero() && s.Busy == flow.Idle && s.Proof == flow.Proof{} })
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("another, unasked", func(x flow.State) bool { return x.Busy == flow.Idle && x.Secret != s.Secret })

	later()
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("the dialog again", asks)
	d.k.Post(flow.ProofLeft{})
	s = d.until("it is left", func(s flow.State) bool { return s.Busy == flow.Idle })
	if s.Doing != (flow.Action{}) || s.Page != flow.Inside || !s.Problem.IsZero() {
		t.Fatalf("%+v", s)
	}
	given = password("ada")
	d.k.Post(flow.ProofGiven{Password: given}) // nobody asks any more
	d.settle()
	for _, b := range given {
		if b != 0 {
			t.Fatal("a password that nobody took was not wiped")
		}
	}
}

// inviting is an admin at a desk, more than a minute after the log-in, whose deed waits for a proof by face.
func inviting(t *testing.T) (*chattest.World, *desk) {
	t.Helper()
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.Desks})
	w.Clock.Move(2 * time.Minute)
	d.invites()
	return w, d
}

// invites asks for an invite, up to the question who sits there.
func (d *desk) invites() {
	d.t.Helper()
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("a look is offered", offered)
}

func offered(s flow.State) bool { return s.Proof.ByFace && s.Proof.Busy == flow.Idle }

// asksPassword is the password's field, and why it is there.
func asksPassword(k flow.Kind) func(flow.State) bool {
	return func(s flow.State) bool {
		return s.Proof.Wanted && !s.Proof.ByFace && s.Proof.Busy == flow.Idle && s.Proof.Problem.Kind == k
	}
}

// faceIs puts a face before the look alone; who sits there while nobody looks stays.
func (d *desk) faceIs(f chattest.Face, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.face = d.w.Eye(f)
	d.face.Err = err
}

// holds makes the next look stand amid a gesture until the channel is closed, and begins it.
func (d *desk) holds(asks liveness.Gesture) (hold chan struct{}) {
	d.t.Helper()
	hold = make(chan struct{})
	d.mu.Lock()
	d.hold, d.asks = hold, asks
	d.mu.Unlock()
	d.k.Post(flow.ProofPressed{})
	d.until("it looks", func(s flow.State) bool { return s.Proof.Busy == flow.Looking && s.Capture.Gesture == asks })
	return hold
}

// unproven holds that the server has seen no proof, and done nothing for one.
func (d *desk) unproven() {
	d.t.Helper()
	if n := d.w.Audited("prove.face ok", d.state().Person.Account); n != 0 || !d.state().Secret.IsZero() {
		d.t.Errorf("%d proofs were given", n)
	}
}

// The face proves it like the password: the deed goes on by itself, and for a minute nothing is asked. Before the press the picture's trouble is told.
func TestADeedByFace(t *testing.T) {
	w, d := inviting(t)
	var dark biometrics.Quality
	d.clock.move(time.Second)
	d.emit(eye.Seen{Face: biometrics.Face{Quality: dark.With(biometrics.Backlit)}})
	if c := d.state().Capture; !c.Seen || len(c.Reasons) != 1 || d.state().Sight().Rate < 25 {
		t.Fatalf("%+v", c)
	}
	d.k.Post(flow.ProofPressed{})
	s := d.until("the invite", func(s flow.State) bool { return !s.Secret.IsZero() && s.Busy == flow.Idle })
	if s.Proof != (flow.Proof{}) || s.Capture.Purpose != "" || s.Panel != flow.Desks || w.Audited("prove.face ok", s.Person.Account) != 1 {
		t.Errorf("%+v", s.Proof)
	}
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("another, unasked", func(x flow.State) bool { return x.Busy == flow.Idle && x.Secret != s.Secret })
	d.stopped(func() {
		if d.k.stay.asked != nil {
			t.Error("something of the proof goes on")
		}
	})
}

// Somebody else's face is refused, the password is asked for with the reason, and so is a face after too many; the password then does it.
func TestAnotherFaceProvesNothing(t *testing.T) {
	w, d := inviting(t)
	d.faceIs(9, nil)
	for range 5 {
		d.k.Post(flow.ProofTurned{ByFace: true})
		d.until("a look", offered)
		d.k.Post(flow.ProofPressed{})
		d.until("refused", asksPassword(flow.FaceRefused))
	}
	d.faceIs(1, nil)
	d.k.Post(flow.ProofTurned{ByFace: true})
	d.k.Post(flow.ProofPressed{})
	if s := d.until("too many", asksPassword(flow.TooMany)); s.Proof.Problem.Wait <= 0 || s.Doing.Verb != flow.InviteDesk {
		t.Errorf("%+v", s.Proof)
	}
	d.unproven()
	d.k.Post(flow.ProofGiven{Password: password("ada")})
	s := d.until("the invite", func(s flow.State) bool { return !s.Secret.IsZero() && s.Proof == flow.Proof{} })
	if n := w.Audited("prove.face denied", s.Person.Account); n < 5 {
		t.Errorf("%d refused faces were audited", n)
	}
}

// Whoever walks away amid a proof finds the desk locked, and so does who takes the chair: at once while all look ahead, and as from an empty chair
// while a gesture is asked for. The look that was begun proves nothing any more.
func TestWalkingAwayFromAProof(t *testing.T) {
	for _, c := range []struct {
		name  string
		asks  liveness.Gesture
		comes func(*desk)
		note  flow.Note
	}{
		{"nobody is there", liveness.Neutral, func(d *desk) { d.seesNobody(20) }, flow.NoteAway},
		{"nobody, amid a turn", liveness.TurnLeft, func(d *desk) { d.seesNobody(20) }, flow.NoteAway},
		{"somebody else", liveness.Neutral, func(d *desk) { d.sees(9, 3) }, flow.NoteStranger},
		{"somebody else, amid a turn", liveness.TurnLeft, func(d *desk) { d.sees(9, 20) }, flow.NoteAway},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, d := inviting(t)
			hold := d.holds(c.asks)
			d.sees(1, 20)
			if s := d.state(); s.Page != flow.Inside || s.Proof.Busy != flow.Looking {
				t.Fatalf("the person is there, and it is %s", brief(s))
			}
			c.comes(d)
			s := d.still("locked", func(s flow.State) bool { return s.Page == flow.Locked })
			if s.Note != c.note || s.Proof != (flow.Proof{}) || s.Capture.Purpose != "" || s.Doing.Verb != "" {
				t.Errorf("%+v", s)
			}
			close(hold)
			d.until("the lock is made", on(flow.Locked))
			d.unproven()
			d.k.Post(flow.Pressed{})
			d.until("ada is back", on(flow.Inside))
			w.Clock.Move(2 * time.Minute)
			d.invites()
		})
	}
}

// After a proof the watch is what it was: who takes the chair is locked out at once.
func TestTheWatchGoesOnAfterAProof(t *testing.T) {
	for _, left := range []bool{false, true} {
		_, d := inviting(t)
		hold := d.holds(liveness.TurnLeft)
		if left {
			d.k.Post(flow.ProofLeft{})
		}
		close(hold)
		d.until("it is over", func(s flow.State) bool { return s.Busy == flow.Idle })
		d.sees(9, 3)
		if s := d.still("locked", func(s flow.State) bool { return s.Page == flow.Locked }); s.Note != flow.NoteStranger {
			t.Errorf("%+v", s)
		}
	}
}

// A proof that is left in the very moment in which its last picture is taken proves nothing: the server never hears of it.
func TestAProofThatIsLeftAtItsEnd(t *testing.T) {
	_, d := inviting(t)
	d.mu.Lock()
	d.last = func() {
		d.k.Post(flow.ProofLeft{})
		d.settle()
	}
	d.mu.Unlock()
	d.k.Post(flow.ProofPressed{})
	if s := d.until("it is left", func(s flow.State) bool { return s.Busy == flow.Idle }); s.Doing.Verb != "" || !s.Problem.IsZero() || s.Page != flow.Inside {
		t.Errorf("%+v", s)
	}
	d.settle()
	d.unproven()
	d.mu.Lock()
	d.last = nil
	d.mu.Unlock()
	d.invites()
}

// Nobody answers: what was asked for is given up after two minutes, and said so.
func TestAProofThatNobodyGives(t *testing.T) {
	_, d := inviting(t)
	d.sees(1, 4*100)
	if !offered(d.state()) {
		t.Fatalf("%s", brief(d.state()))
	}
	d.sees(1, 4*25)
	s := d.until("it is given up", func(s flow.State) bool { return s.Busy == flow.Idle })
	if s.Note != flow.NoteUnproven || s.Doing.Verb != "" || s.Panel != flow.Desks {
		t.Errorf("%+v", s)
	}
	d.unproven()
}

// Without an eye, with one that is busy, or one that fails amid the look: the password, with the reason; what can be mended before the camera is
// tried again there.
func TestAProofWithoutAnEye(t *testing.T) {
	_, d := inviting(t)
	for err, then := range map[error]func(flow.State) bool{
		&eye.SettleError{Reason: biometrics.TooDark}: func(s flow.State) bool { return offered(s) && s.Proof.Problem.Reason == biometrics.TooDark },
		&eye.SettleError{Blind: true}:                func(s flow.State) bool { return offered(s) && s.Proof.Problem.Kind == flow.NothingSeen },
		eye.ErrDied:                                  func(s flow.State) bool { return offered(s) && s.Proof.Problem.Kind == flow.Interrupted },
		biometrics.ErrCameraMissing:                  asksPassword(flow.NoCamera),
		biometrics.ErrCameraBusy:                     asksPassword(flow.CameraBusy),
	} {
		d.faceIs(1, err)
		d.k.Post(flow.ProofTurned{ByFace: true})
		d.until("a look", offered)
		d.k.Post(flow.ProofPressed{})
		d.until("its end", then)
	}
	d.k.Post(flow.ProofTurned{ByFace: true})
	d.eye.breakWith(biometrics.ErrCameraBusy)
	d.emit(eye.CameraFailed{Err: biometrics.ErrCameraBusy})
	if s := d.still("the password", asksPassword(flow.NoProblem)); s.Eye.Problem.Kind != flow.CameraBusy {
		t.Errorf("%+v", s.Eye)
	}
	d.k.Post(flow.ProofTurned{ByFace: true})
	d.settle()
	if d.state().Proof.ByFace {
		t.Error("a look without an eye")
	}
	d.k.Post(flow.ProofGiven{Password: password("ada")})
	d.still("the invite", func(s flow.State) bool { return !s.Secret.IsZero() && s.Busy == flow.Idle })
}

// A server that takes the look and never answers: it has an end, and is tried again.
func TestAProofThatNobodyAnswers(t *testing.T) {
	_, d := inviting(t)
	d.impatient()
	d.cable.silent.Store(true)
	d.k.Post(flow.ProofPressed{})
	d.until("it gives up", func(s flow.State) bool { return offered(s) && s.Proof.Problem.Kind == flow.Unreachable })
	given := password("ada")
	d.k.Post(flow.ProofGiven{Password: given})
	d.until("the password too", asksPassword(flow.Unreachable))
	if strings.Trim(string(given), "\x00") != "" {
		t.Error("the password was not wiped")
	}
	d.k.Post(flow.ProofLeft{})
	d.until("it is left", on(flow.Inside))
}
