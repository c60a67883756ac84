package ui

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
)

// asked is a window whose panel of approvals waits for a proof, with half a fingerprint typed.
func asked(t *testing.T) (*world, flow.State) {
	t.Helper()
	w, s := opened(t, flow.Approvals)
	typed(w.panel.(*approvals).print, letters[:10])
	s.Busy, s.Doing, s.Proof = flow.Acting, flow.Action{Verb: flow.ApproveSignup}, flow.Proof{Wanted: true}
	w.Show(s)
	w.take()
	return w, s
}

func TestProofByKeys(t *testing.T) {
	w, s := asked(t)
	p := w.proof
	if w.window.Canvas().Focused() != p.password {
		t.Fatal("it does not begin at the password")
	}
	press(p.password, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Fatal("nothing was handed in")
	}
	typed(p.password, "correct horse")
	w.photograph("proof")
	press(p.password, fyne.KeyReturn)
	if got := w.take(); len(got) != 1 || !bytes.Equal(got[0].(flow.ProofGiven).Password, []byte("correct horse")) {
		t.Fatalf("%v was posted", got)
	}
	s.Proof.Busy = flow.Checking
	w.Show(s)
	press(p.password, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Error("it was handed in twice")
	}
	s.Proof = flow.Proof{Wanted: true, Problem: flow.Problem{Kind: flow.WrongProof}}
	w.Show(s)
	if p.password.Text != "" || !strings.Contains(w.everything(), say("problem.wrong-proof.what")) {
		t.Error("a wrong one stays, or nothing is said of it")
	}
	press(p.password, fyne.KeyEscape)
	if got := w.take(); len(got) != 1 || got[0] != (flow.ProofLeft{}) {
		t.Errorf("Esc posted %v", got)
	}
}

// What was typed beneath the dialog is there when it is gone, and what was typed into it is not.
func TestProofLosesNothing(t *testing.T) {
	w, s := asked(t)
	p := w.proof
	typed(p.password, "correct horse")
	s.Busy, s.Doing, s.Proof = flow.Idle, flow.Action{}, flow.Proof{}
	w.Show(s)
	panel := w.panel.(*approvals)
	if strings.ReplaceAll(strings.ToLower(panel.print.Text), "-", "") != letters[:10] {
		t.Errorf("the panel holds %q", panel.print.Text)
	}
	if p.password.Text != "" || strings.Contains(w.everything(), "correct horse") || w.proof != nil {
		t.Error("the password is still there")
	}
	if w.window.Canvas().Focused() == nil {
		t.Error("nothing has the focus")
	}
}

// A lock takes the dialog off with all that lies beneath; a panel that closes beneath it leaves it there.
func TestProofOverWhatChanges(t *testing.T) {
	w, s := asked(t)
	s.Panel = flow.NoPanel
	w.Show(s)
	if n := len(w.window.Canvas().Overlays().List()); n != 1 || w.proof == nil {
		t.Fatalf("%d overlays without the panel", n)
	}
	typed(w.proof.password, "correct horse")
	locked := desk(flow.Locked)
	locked.Busy = flow.Locking
	w.Show(locked)
	if n := len(w.window.Canvas().Overlays().List()); n != 0 || strings.Contains(w.everything(), "correct horse") {
		t.Errorf("%d overlays over a lock", n)
	}
}

// proofStates are the question and its ends, each as full as it gets.
func proofStates() map[string]flow.State {
	with := func(p flow.Proof, change func(*flow.State)) flow.State {
		s := insideState()
		s.Panel, s.Busy, s.Doing = flow.Desks, flow.Acting, flow.Action{Verb: flow.InviteDesk}
		s.Proof = p
		if s.Proof.Wanted = true; p.ByFace {
			s.Capture = flow.Capture{Purpose: flow.ToProve, Seen: true}
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	face := func(b flow.Busy, change func(*flow.State)) flow.State {
		return with(flow.Proof{ByFace: true, Busy: b}, change)
	}
	word := func(p flow.Problem) flow.State { return with(flow.Proof{Problem: p}, nil) }
	return map[string]flow.State{
		"proof-face": face(flow.Idle, nil),
		"proof-dark": face(flow.Idle, func(s *flow.State) {
			s.Proof.Problem, s.Capture.Reasons = flow.Problem{Kind: flow.NoGoodPicture, Reason: biometrics.Backlit}, []biometrics.Reason{biometrics.Backlit}
		}),
		"proof-turn": face(flow.Looking, func(s *flow.State) {
			s.Capture.Gesture, s.Capture.Tint, s.Capture.Fraction = liveness.TurnLeft, liveness.Warm, 0.4
			s.Capture.Left, s.Capture.Of = time.Second, 2*time.Second
		}),
		"proof-finishing": face(flow.Finishing, nil),
		"proof-password":  word(flow.Problem{}),
		"proof-refused":   word(flow.Problem{Kind: flow.FaceRefused, Flaw: liveness.NotTurned}),
		"proof-many":      word(flow.Problem{Kind: flow.TooMany, Wait: 29 * time.Second}),
		"proof-blind": with(flow.Proof{Problem: flow.Problem{Kind: flow.CameraGone}}, func(s *flow.State) {
			s.Eye = flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.CameraGone}}
		}),
		"proof-film": with(flow.Proof{}, func(s *flow.State) { s.Eye.Virtual, s.Desk.Virtual = true, false }),
	}
}

// Every state of the question fits on both screens, with the largest text too.
func TestProofFits(t *testing.T) {
	oneGoroutine(t)
	looked := []flow.Theme{flow.ThemeLight}
	if os.Getenv("VISAVIS_PICTURES") != "" {
		looked = append(looked, flow.ThemeDark)
	}
	for name, s := range proofStates() {
		for _, size := range screens {
			for _, text := range []int{100, 130} {
				for _, th := range looked {
					w := newWorld(t, size)
					s.Prefs.TextSize, s.Prefs.Theme = text, th
					w.Show(s)
					w.Frame(portrait(640, 480))
					w.pass(time.Second)
					if got := w.window.Canvas().Size(); got.Width > size.Width || got.Height > size.Height {
						t.Errorf("%s, %d%%: the window grew to %v", name, text, got)
					}
					if got, room := w.proof.tidy.MinSize(), size.SubtractWidthHeight(2*gapL+2*gapXL, 2*gapL+2*gapXL); !s.Proof.ByFace && (got.Width > room.Width || got.Height > room.Height) {
						t.Errorf("%s, %d%%: it needs %v of %v", name, text, got, room)
					}
					inBounds(t, w, name, size)
					w.photograph(fmt.Sprintf("%s-%s-%.0f-%d", name, th, size.Width, text))
				}
			}
		}
	}
}

// looked is a window that asks for the face over the panel of workstations.
func looked(t *testing.T) (*world, flow.State) {
	t.Helper()
	s := proofStates()["proof-face"]
	w := newWorld(t, screens[1])
	w.Show(s)
	w.take()
	return w, s
}

// Enter begins a look, Tab goes on to the password, Esc leaves, and amid the look Esc alone does something.
func TestProofByFaceByKeys(t *testing.T) {
	w, s := looked(t)
	canvas := w.window.Canvas()
	if canvas.Focused() != w.proof.look.start || !w.proof.stage.Visible() || w.proof.form.Visible() {
		t.Fatal("it does not begin at Start")
	}
	w.key(fyne.KeyReturn)
	canvas.FocusNext()
	w.key(fyne.KeyReturn)
	canvas.FocusNext()
	w.key(fyne.KeyReturn, fyne.KeyEscape)
	want := []flow.Event{flow.ProofPressed{}, flow.ProofTurned{}, flow.ProofLeft{}, flow.ProofLeft{}}
	if got := w.take(); !reflect.DeepEqual(got, want) {
		t.Errorf("posted %v, want %v", got, want)
	}
	w, s = looked(t)
	s.Proof.Busy, s.Capture.Gesture = flow.Looking, liveness.TurnLeft
	w.Show(s)
	if !strings.Contains(w.everything(), gestureWords(liveness.TurnLeft)) {
		t.Error("nobody says what to do")
	}
	w.key(fyne.KeyReturn, fyne.KeyEscape)
	if got := w.take(); !reflect.DeepEqual(got, want[3:]) {
		t.Errorf("amid a look %v was posted", got)
	}
}

// A look that failed leaves the password with the reason, and the focus in its field; the face can be asked for again, but not without an eye.
func TestProofTurns(t *testing.T) {
	w, s := looked(t)
	s.Proof.Busy = flow.Looking
	w.Show(s)
	s.Proof, s.Capture = flow.Proof{Wanted: true, Problem: flow.Problem{Kind: flow.FaceRefused}}, flow.Capture{}
	w.Show(s)
	if w.window.Canvas().Focused() != w.proof.password || !w.proof.form.Visible() || w.proof.stage.Visible() {
		t.Fatal("the password is not asked for")
	}
	if !strings.Contains(w.everything(), say("problem.face-refused.what")) {
		t.Error("nobody says why")
	}
	w.press(say("proof.by.face"))
	if got := w.only(); got != (flow.ProofTurned{ByFace: true}) {
		t.Errorf("posted %v", got)
	}
	typed(w.proof.password, "correct horse")
	s.Eye = flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.CameraBusy}}
	w.Show(s)
	if w.proof.face.Visible() || !strings.Contains(w.everything(), say("eye.camera-busy")) {
		t.Error("a look is offered without an eye, or nobody says why there is none")
	}
	if w.proof.password.Text != "correct horse" || w.window.Canvas().Focused() != w.proof.password {
		t.Error("what the camera does takes away what was typed")
	}
	p := w.proof
	s.Eye = flow.Eye{Stage: flow.EyeOpen}
	s.Proof, s.Capture.Purpose = flow.Proof{Wanted: true, ByFace: true}, flow.ToProve
	w.Show(s)
	if p.password.Text != "" || w.window.Canvas().Focused() != p.look.start {
		t.Error("a half-typed password stays behind the look")
	}
}

// A wait is counted down in the dialog too.
func TestProofCountsDown(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(proofStates()["proof-many"])
	w.pass(9 * time.Second)
	if !strings.Contains(w.everything(), "0:20") {
		t.Errorf("it says %q", w.proof.notice.why.Text)
	}
}

// Nothing of a look stays when it is over: neither a picture nor words, whoever ends it.
func TestProofLooksAreWiped(t *testing.T) {
	for _, next := range []flow.State{insideState(), desk(flow.Locked), desk(flow.LogIn)} {
		w, _ := looked(t)
		w.Frame(portrait(640, 480))
		p := w.proof
		w.Show(next)
		if w.proof != nil || len(w.window.Canvas().Overlays().List()) != 0 {
			t.Fatalf("%s: it is still there", next.Page)
		}
		if p.look.title.Text != "" || p.look.picture.buffer != nil && slices.ContainsFunc(p.look.picture.buffer.Pix, func(b byte) bool { return b != 0 }) {
			t.Errorf("%s: something of the look stays", next.Page)
		}
	}
}
