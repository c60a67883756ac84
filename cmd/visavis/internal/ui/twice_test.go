package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// someProof is as long as one of two short messages.
var someProof = "visavis-proof-1:" + strings.Repeat("gwFZAY2CWQFHkwFnbWVzc2FnZQFYIOz6", 43)

func twiceState(brought bool, list ...flow.Twice) flow.State {
	s := insideState()
	s.Panel, s.Proofs = flow.TwiceSaid, flow.Proofs{Looked: true, Brought: brought, List: list}
	return s
}

func someTwice(name, one, other string) flow.Twice {
	return flow.Twice{Name: name, Text: flow.NewSecret(someProof), Said: [2]flow.Quote{
		{At: morning, Kind: e2e.KindText, Text: one}, {At: morning.Add(time.Minute), Kind: e2e.KindText, Text: other},
	}}
}

// twiceStates are the panel as full as it gets.
func twiceStates() map[string]flow.State {
	good := twiceState(true, someTwice(jose, "I agree.", "I do not agree."))
	good.Note = flow.NoteProven
	bad := twiceState(true)
	bad.Problem.Kind = flow.BadProof
	veiled := twiceState(false, someTwice(jose, secret, "I do not agree."))
	veiled.Onlooker, veiled.Veiled = true, true
	long := someTwice(long, strings.Repeat("I agree to all of it. ", 150), "No\n"+strings.Repeat("no ", 300))
	long.Text = flow.NewSecret("visavis-proof-1:" + strings.Repeat("gwFZAY2CWQFHkwFnbWVzc2FnZQFYIOz6", 300))
	return map[string]flow.State{
		"twice": twiceState(false, someTwice(jose, "I agree.", "I do not agree.")), "twice-none": twiceState(false), "twice-good": good, "twice-bad": bad,
		"twice-veiled": veiled, "twice-long": twiceState(false, long, good.Proofs.List[0]),
	}
}

// The line that tells of it opens the panel, by keys and by the pointer; the proof is copied by Enter, and nothing of it stays when its person has gone.
func TestTwiceIsHandedOn(t *testing.T) {
	w, p := lined(t, []talk.Line{{ID: 1, Kind: talk.Closed, At: morning, Cause: e2e.CauseReused, Count: 1}})
	l := p.lines.roll
	w.window.Canvas().Focus(l)
	l.current = 1
	press(l, fyne.KeyReturn)
	l.live[1].(*middleRow).Tapped(nil)
	for _, got := range w.take() {
		if got != (flow.PanelOpened{Panel: flow.TwiceSaid}) {
			t.Fatalf("posted %v", got)
		}
	}
	s := twiceState(false)
	s.Proofs.Looked = false
	w.Show(s)
	panel := w.panel.(*twice)
	w.Show(twiceState(false))
	if !strings.Contains(w.everything(), say("more.closed.reused")) || panel.copied.Visible() {
		t.Error("without a proof nobody says why")
	}
	s = twiceState(false, someTwice(jose, "I agree.", "I do\u202e not agree."), someTwice(olga, "yes", "no"))
	w.Show(s)
	if shown := w.everything(); !strings.Contains(shown, "“I agree.”") || !strings.Contains(shown, "[U+202E]") || len(panel.code.Objects) == 0 {
		t.Errorf("what was said is not shown, or as it likes: %q", shown)
	}
	if w.window.Canvas().Focused() != fyne.Focusable(panel.copied) {
		t.Error("the keys are not at the copy")
	}
	press(panel.copied, fyne.KeyReturn)
	if w.app.Clipboard().Content() != someProof {
		t.Error("it is not copied")
	}
	press(panel.next, fyne.KeyReturn)
	if !strings.Contains(w.everything(), "“yes”") || strings.Contains(w.everything(), "I agree") {
		t.Error("the next one is not shown, or the first one still is")
	}
	s.Veiled, s.Onlooker = true, true
	w.Show(s)
	if shown := w.everything(); strings.Contains(shown, "“yes”") || panel.copied.Visible() || len(panel.code.Objects) != 0 {
		t.Error("who looks over the shoulder reads it")
	}
	s.Veiled, s.Onlooker = false, false
	w.Show(s)
	w.Show(desk(flow.LogIn))
	if panel.said[0].what.Text != "" || len(panel.proofs.List) != 0 || len(panel.code.Objects) != 0 || w.app.Clipboard().Content() != "" {
		t.Error("what was said stays")
	}
}

// What does not fit is reached by keys, wherever they are.
func TestTwiceIsReadByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	s := twiceStates()["twice-long"]
	s.Prefs.TextSize = 130
	w.Show(s)
	p := w.panel.(*twice)
	place := func() float32 {
		return w.app.Driver().AbsolutePositionForObject(p.holds).Y
	}
	for _, at := range []fyne.Focusable{p.copied, p.text} {
		before := place()
		press(at, fyne.KeyPageDown)
		if after := place(); after >= before {
			t.Errorf("at %T: from %.0f to %.0f", at, before, after)
		}
		press(at, fyne.KeyPageUp)
		if place() != before {
			t.Errorf("at %T: not back again", at)
		}
	}
}

// What somebody hands on is pasted and checked; without anything the field says so, and what is no proof stays to be compared.
func TestTwiceIsChecked(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(twiceState(false))
	p := w.panel.(*twice)
	if w.window.Canvas().Focused() != fyne.Focusable(p.text) {
		t.Fatal("without a proof the keys are not where one is pasted")
	}
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 || !p.wrong.object.Visible() {
		t.Fatal("nothing is sent to be checked")
	}
	w.typed(someProof)
	w.key(fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.CheckTwice, Text: someProof}) {
		t.Fatalf("it asked for %+v", got)
	}
	bad := twiceState(true)
	bad.Problem.Kind = flow.BadProof
	w.Show(bad)
	if p.text.Text != someProof || strings.Contains(w.everything(), say("twice.none")) || !strings.Contains(w.everything(), say("problem.bad-proof.what")) {
		t.Error("what is none is taken for one, or nobody says so")
	}
	good := twiceState(true, someTwice(jose, "I agree.", "I do not agree."))
	w.Show(good)
	if !strings.Contains(w.everything(), say("twice.proven", "name", jose)) {
		t.Error("nobody says whose keys signed it")
	}
	w.key(fyne.KeyEscape)
	if got := w.take(); len(got) == 0 || got[len(got)-1] != (flow.PanelOpened{}) {
		t.Errorf("Esc posted %v", got)
	}
}
