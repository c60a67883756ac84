package ui

import (
	"bytes"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

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
	p := w.proof.screen.(*proof)
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
	s.Proof.Busy = true
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
	p := w.proof.screen.(*proof)
	typed(p.password, "correct horse")
	s.Busy, s.Doing, s.Proof = flow.Idle, flow.Action{}, flow.Proof{}
	w.Show(s)
	panel := w.panel.(*approvals)
	if strings.ReplaceAll(strings.ToLower(panel.print.Text), "-", "") != letters[:10] {
		t.Errorf("the panel holds %q", panel.print.Text)
	}
	if p.password.Text != "" || strings.Contains(w.everything(), "correct horse") || w.proof.screen != nil {
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
	if n := len(w.window.Canvas().Overlays().List()); n != 1 || w.proof.screen == nil {
		t.Fatalf("%d overlays without the panel", n)
	}
	typed(w.proof.screen.(*proof).password, "correct horse")
	locked := desk(flow.Locked)
	locked.Busy = flow.Locking
	w.Show(locked)
	if n := len(w.window.Canvas().Overlays().List()); n != 0 || strings.Contains(w.everything(), "correct horse") {
		t.Errorf("%d overlays over a lock", n)
	}
}
