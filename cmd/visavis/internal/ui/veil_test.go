package ui

import (
	"image/color"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// visibleTexts are all texts that can be seen.
func visibleTexts(w *world) string {
	var all []string
	walk(w.window.Content(), func(o fyne.CanvasObject) bool {
		if !o.Visible() {
			return false
		}
		switch o := o.(type) {
		case *canvas.Text:
			all = append(all, o.Text)
		case *widget.Label:
			all = append(all, o.Text)
		}
		return true
	})
	return strings.Join(all, "\n")
}

func (w *world) says(text string) bool { return strings.Contains(w.everything(), text) }

// TestTheVeil holds that nothing that was said can be read while a second face looks, that it comes back when the person says so, and that
// keys do not reach it meanwhile.
func TestTheVeil(t *testing.T) {
	w := newWorld(t, screens[0])
	s := insideState()
	w.Show(s)
	const words, last = "Until then I look after it by hand", "I left the manual at the desk"
	if got := w.everything(); !strings.Contains(got, last) {
		t.Fatal("the room is empty")
	}
	p := w.page.(*inside)
	w.window.Canvas().Focus(p.room.lines.roll)
	s.Onlooker, s.Veiled = true, true
	w.Show(s)
	if p.room.lines.roll.Visible() || !p.room.veil.over.Visible() {
		t.Error("the room can be read")
	}
	if got := visibleTexts(w); strings.Contains(got, words) || strings.Contains(got, last) {
		t.Error("something of what was said can be read")
	}
	if w.window.Canvas().Focused() == fyne.Focusable(p.room.lines.roll) {
		t.Error("keys reach what can not be seen")
	}
	if !strings.Contains(visibleTexts(w), say("room.onlooker")) {
		t.Error("nobody says why")
	}
	w.take()
	p.room.veil.show.OnTapped()
	w.Window.shortcut(&desktop.CustomShortcut{KeyName: fyne.KeyS, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift})
	if events := w.take(); !reflect.DeepEqual(events, []flow.Event{flow.ShowAsked{}, flow.ShowAsked{}}) {
		t.Errorf("Show posts %v", events)
	}
	s.Veiled = false
	w.Show(s)
	if !p.room.lines.roll.Visible() || p.room.veil.over.Visible() || p.room.veil.show.Visible() || !p.room.veil.strip.card.Visible() {
		t.Error("shown, with a word that somebody looks: not so")
	}
	s.Onlooker = false
	w.Show(s)
	if p.room.veil.strip.card.Visible() {
		t.Error("the onlooker is gone, and the word is not")
	}
}

// TestTheVeilTellsNothing holds that the bars are the same over every room.
func TestTheVeilTellsNothing(t *testing.T) {
	a := bars(color.White, color.Black)
	w := newWorld(t, screens[0])
	s := insideState()
	s.Onlooker, s.Veiled = true, true
	w.Show(s)
	full := w.page.(*inside).room.veil.over.Image
	s.Talk.Open.Lines = nil
	empty := newWorld(t, screens[0])
	empty.Show(s)
	if !reflect.DeepEqual(full, empty.page.(*inside).room.veil.over.Image) {
		t.Error("the veil depends on what it hides")
	}
	if reflect.DeepEqual(a, bars(color.White, color.White)) {
		t.Error("there are no bars")
	}
}

// TestLookalikes holds that an admin is told of a face that looks like somebody's, and of the right one's alone.
func TestLookalikes(t *testing.T) {
	w, s := opened(t, flow.Approvals)
	p := w.panel.(*approvals)
	if p.like.card.Visible() {
		t.Error("nobody looks like anybody")
	}
	s.Admin.Signups = castSignups()
	s.Admin.Signups[0].Like = jose
	s.Admin.Signups[1].Like, s.Admin.Signups[1].Same = olga, true
	w.Show(s)
	if p.like.text.Text != say("approvals.like", "name", jose) {
		t.Errorf("%q", p.like.text.Text)
	}
	p.turn(account(51))
	if p.like.text.Text != say("approvals.same", "name", olga) {
		t.Errorf("%q", p.like.text.Text)
	}
	p.turn(account(52))
	if p.like.card.Visible() {
		t.Error("the warning stays for somebody else")
	}
	p.turn(account(50))
	s.Panel = flow.NoPanel
	w.Show(s)
	if strings.Contains(p.like.text.Text, jose) {
		t.Error("a name stays in a panel that was left")
	}
}

// TestTypingIsToldOnce holds that the camera is made ready with a form's first key, and once.
func TestTypingIsToldOnce(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.LogIn))
	w.typed("ali")
	w.key(fyne.KeyTab)
	w.typed("password")
	if w.typing != 1 {
		t.Errorf("told %d times", w.typing)
	}
	w.Show(desk(flow.SignUp))
	w.Show(desk(flow.LogIn))
	w.typed("b")
	if w.typing != 2 {
		t.Errorf("told %d times of two forms", w.typing)
	}
}
