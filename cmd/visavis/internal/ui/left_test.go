package ui

import (
	"bytes"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"visavis/cmd/visavis/internal/flow"
)

// A window whose process takes another's place looks as that did, and takes no keys that were meant for it.
func TestLeftToTheNextProcess(t *testing.T) {
	before := newWorld(t, screens[1])
	before.Show(desk(flow.Inside))
	atLock := desk(flow.Locked)
	atLock.Busy, atLock.Person.Name = flow.Locking, "ada"
	before.Show(atLock)
	atLock.Busy = flow.Renewing
	before.Show(atLock)
	before.key(fyne.KeyReturn, fyne.KeyTab, fyne.KeyReturn)
	test.Tap(before.page.(*locked).logOut)
	if events := before.take(); len(events) != 0 {
		t.Errorf("a window that is about to end posts %v", events)
	}
	left := before.Left()
	if len(left.Mush) != 4*mushWide*mushHigh || bytes.Count(left.Mush, []byte{0}) == len(left.Mush) {
		t.Fatalf("%d bytes of colours are left", len(left.Mush))
	}

	w := newWorldAfter(t, screens[1], left)
	if size := w.takeUp(left); size != before.window.Canvas().Size() {
		t.Errorf("the next is %v, the one before %v", size, before.window.Canvas().Size())
	}
	w.Show(atLock)
	if m, ok := w.page.(*locked).back.Image.(*image.RGBA); !ok || !bytes.Equal(m.Pix, left.Mush) {
		t.Error("other colours lie behind the lock")
	}
	w.hits("what nobody else is to read ")
	atLock.Busy = flow.Idle
	w.Show(atLock)
	w.hits(" ")
	if events := w.take(); len(events) != 0 {
		t.Errorf("hands that go on typing post %v", events)
	}
	w.pass(handsRest)
	w.key(fyne.KeyReturn)
	if events := w.take(); len(events) != 1 || events[0] != (flow.Pressed{}) {
		t.Errorf("Enter posts %v", events)
	}
	if l := w.Left(); l.Wide != left.Wide || !bytes.Equal(l.Mush, left.Mush) {
		t.Error("the next but one would look otherwise")
	}
	w.Show(desk(flow.LogIn))
	if l := w.Left(); len(l.Mush) != 0 {
		t.Error("colours of a room are left at the log-in")
	}
}

// What another version has left is no window's size and no colours.
func TestLeftByAnother(t *testing.T) {
	w := newWorldAfter(t, screens[0], Left{Mush: []byte{1, 2, 3}})
	if w.kit.mush != nil || w.takeUp(Left{Wide: 7}) != fyne.NewSize(1280, 800) {
		t.Error("taken up")
	}
}

// A window that is told to end before it runs ends as soon as it does.
func TestClosedBeforeItRuns(t *testing.T) {
	w := newWorld(t, screens[0])
	w.running, w.state = false, flow.State{}
	w.Close()
	w.shown = nil
	w.start()
	if len(w.shown) != 0 {
		t.Error("it shows something first")
	}
}
