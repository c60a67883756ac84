package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// hits types as a keyboard does: into what has the focus, or into the window.
func (w *world) hits(text string) {
	for _, r := range text {
		if f := w.window.Canvas().Focused(); f != nil {
			if r == ' ' {
				f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			}
			f.TypedRune(r)
		} else {
			if r == ' ' {
				w.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeySpace})
			}
			w.window.Canvas().OnTypedRune()(r)
		}
		w.pass(100 * time.Millisecond)
	}
}

// Who types on while the desk locks by itself, or the session ends, presses no button and writes nothing anybody can read.
func TestHandsThatGoOnTyping(t *testing.T) {
	away, stranger, ended := desk(flow.Locked), desk(flow.Locked), desk(flow.LogIn)
	away.Note, away.Person.Name, stranger.Note = flow.NoteAway, "ada", flow.NoteStranger
	ended.Problem = flow.Problem{Kind: flow.SessionEnded}
	for _, to := range []flow.State{away, stranger, ended} {
		w := newWorld(t, screens[0])
		w.Show(desk(flow.Inside))
		w.Show(to)
		w.take()
		w.hits("what nobody else is to read ")
		if events := w.take(); len(events) != 0 {
			t.Errorf("%s/%s: typing posts %v", to.Page, to.Note, events)
		}
		if all := w.everything(); strings.Contains(all, "nobody") || strings.Contains(all, "read ") {
			t.Errorf("%s: what was typed stands on the page", to.Page)
		}
		w.Show(to) // whatever is shown meanwhile
		if w.window.Canvas().Focused() != nil {
			t.Errorf("%s: something has the focus before the hands rest", to.Page)
		}
		w.pass(handsRest)
		if w.window.Canvas().Focused() == nil {
			t.Errorf("%s: the keys lead nowhere for ever", to.Page)
		}
	}
	w := newWorld(t, screens[0])
	w.Show(desk(flow.Inside))
	w.Show(desk(flow.Locked)) // by the person's own press
	if w.window.Canvas().Focused() == nil {
		t.Error("who locks has to wait for the keys")
	}
}

// A form that somebody began and left is empty for the next one, who can neither send nor reveal nor undo it.
func TestAFormThatWasLeft(t *testing.T) {
	for _, page := range []flow.Page{flow.LogIn, flow.SignUp, flow.Enrol} {
		w := newWorld(t, screens[0])
		w.Show(desk(page))
		fields := formOf(w.page)
		for _, f := range fields {
			test.Type(f, "secret of ada")
		}
		w.pass(formKept - time.Second)
		test.Type(fields[0], "!") // still there
		w.pass(formKept - time.Second)
		if fields[0].Text == "" {
			t.Errorf("%s: emptied before somebody's eyes", page)
		}
		w.pass(2 * time.Second)
		for _, f := range fields {
			f.Undo()
		}
		if all := w.everything(); strings.Contains(all, "secret of ada") {
			t.Errorf("%s: the next one finds what was typed", page)
		}
		w.Show(desk(flow.Found))
		w.pass(2 * formKept)
		if n := len(w.later); n != 0 {
			t.Errorf("%s: %d waits outlive it", page, n)
		}
	}
}

func formOf(s screen) []*field {
	switch p := s.(type) {
	case *logIn:
		return []*field{p.name, p.password}
	case *signUp:
		return []*field{p.name, p.email, p.password, p.again}
	case *enrol:
		return []*field{p.invite, p.name}
	}
	return nil
}

// The first admin's waiting page has no way to leave it that leads nowhere.
func TestTheFounderWaits(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Waiting)
	w.Show(s)
	back := w.page.(*waiting).back
	if !back.Visible() {
		t.Error("nobody else has a way back")
	}
	s.Founder = true
	if w.Show(s); back.Visible() {
		t.Error("a button that does nothing")
	}
}

// A room that was made or joined opens by itself, amid a sentence that is meant for another: its end is written nowhere, and Enter sends nothing.
func TestARoomThatOpensUnderTheHands(t *testing.T) {
	w, p := lined(t, castLines())
	typed(p.composer.text, "only for the first ")
	s := insideState()
	s.Talk.Open.Room = talk.Room{ID: roomID(2), Title: "another", Member: true}
	w.Show(s)
	w.hits("room")
	w.hits(" and its people")
	if f := w.window.Canvas().Focused(); f != nil {
		t.Fatalf("%T has the focus", f)
	}
	if got := p.composer.text.Text; got != "" {
		t.Errorf("the other room's composer holds %q", got)
	}
	if events := w.take(); len(events) != 0 {
		t.Errorf("posted %v", events)
	}
	w.pass(handsRest)
	if w.window.Canvas().Focused() != p.composer.text {
		t.Error("nobody can write afterwards")
	}
	w.Show(insideState())
	if got := p.composer.text.Text; got != "only for the first " {
		t.Errorf("what was written before is %q", got)
	}
}

// Settings that somebody opened before the log-in and left do not go on showing who walks by. Inside, the lock sees to that.
func TestSettingsThatWereLeft(t *testing.T) {
	for page, closes := range map[flow.Page]bool{flow.LogIn: true, flow.Inside: false} {
		w := newWorld(t, screens[0])
		s := desk(page)
		s.Panel = flow.Settings
		w.Show(s)
		w.take()
		w.pass(formKept)
		if events := w.take(); (len(events) == 1 && events[0] == flow.Event(flow.PanelOpened{})) != closes {
			t.Errorf("%s: posted %v", page, events)
		}
	}
}
