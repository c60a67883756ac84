package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

func TestChangePassword(t *testing.T) {
	w, s := opened(t, flow.MyKeys)
	p := w.panel.(*myKeys)
	if w.window.Canvas().Focused() != p.old {
		t.Fatal("it does not begin at the old password")
	}
	typed(p.old, "the old one")
	press(p.old, fyne.KeyReturn)
	typed(p.fresh, "the new one")
	press(p.fresh, fyne.KeyReturn)
	typed(p.again, "the new on")
	press(p.again, fyne.KeyReturn)
	if len(w.take()) != 0 || !strings.Contains(w.everything(), say("signup.differ")) {
		t.Fatal("two different passwords were sent, or nothing is said of it")
	}
	typed(p.again, "e")
	press(p.again, fyne.KeyReturn)
	got, ok := w.only().(flow.PasswordAsked)
	if !ok || string(got.Old) != "the old one" || string(got.New) != "the new one" || got.Known {
		t.Fatalf("it asked for %#v", got)
	}
	s.Busy = flow.Acting
	w.Show(s)
	press(p.again, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Error("it was sent twice")
	}
	s.Busy, s.Problem = flow.Idle, flow.Problem{Kind: flow.WrongProof}
	w.Show(s)
	if p.old.Text != "" || p.fresh.Text == "" || w.window.Canvas().Focused() != p.old {
		t.Error("after a wrong password more is typed again than that")
	}
	s.Problem, s.Note, s.Busy = flow.Problem{}, flow.NotePassword, flow.Acting
	w.Show(s)
	s.Busy = flow.Idle
	w.Show(s)
	if p.old.Text+p.fresh.Text+p.again.Text != "" {
		t.Error("the passwords stay on the page")
	}
}

func TestPasswordMayBeKnown(t *testing.T) {
	w, s := opened(t, flow.MyKeys)
	p := w.panel.(*myKeys)
	w.press(say("keys.known"))
	if p.asking.Visible() {
		t.Fatal("it asks before there is a password")
	}
	for f, text := range map[*field]string{p.old: "the old one", p.fresh: "the new one", p.again: "the new one"} {
		typed(f, text)
	}
	w.press(say("keys.known"))
	w.press(say("people.no"))
	w.press(say("keys.known"))
	if len(w.take()) != 0 {
		t.Fatal("it was done without a question")
	}
	w.press(say("keys.known.really"))
	if got, ok := w.only().(flow.PasswordAsked); !ok || !got.Known {
		t.Fatalf("it asked for %#v", got)
	}
	s.Keys = flow.OwnKeys{Asked: true, Known: true, Compared: true, Fingerprint: print4}
	w.Show(s)
	if !strings.Contains(w.everything(), say("keys.waits.known")) || !p.print.Visible() || len(p.code.Objects) != 1 {
		t.Error("it does not say what is left for an admin, or shows no fingerprint")
	}
	s.Panel = flow.NoPanel
	w.Show(s)
	if p.old.Text+p.fresh.Text+p.print.Text != "" {
		t.Error("the panel was left and remembers")
	}
}

func TestApproveKeys(t *testing.T) {
	w, s := opened(t, flow.Approvals)
	s.Admin.Signups = []flow.Signup{{Account: account(60), Name: lena, At: morning, Keys: flow.CompareKnown}}
	w.Show(s)
	p := w.panel.(*approvals)
	if !strings.Contains(w.everything(), say("approvals.keys.known")) {
		t.Error("it does not say why they are compared")
	}
	typed(p.print, letters)
	press(p.print, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.ApproveKeys, Account: account(60), Text: print4}) {
		t.Errorf("it asked for %+v", got)
	}
	w.press(say("approvals.reject"))
	w.press(say("approvals.reject.really"))
	if got := w.action(); got != (flow.Action{Verb: flow.RejectKeys, Account: account(60)}) {
		t.Errorf("it asked for %+v", got)
	}
}
