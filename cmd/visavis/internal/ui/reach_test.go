package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

// What is rarely needed stands right before where the keys begin: one step back, and Enter.
func TestRareThingsAreOneStepBack(t *testing.T) {
	desks := insideState()
	desks.Panel = flow.Desks
	for name, tt := range map[string]struct {
		state flow.State
		want  flow.Event
	}{
		"a lost workstation, in the list of them":  {desks, flow.PanelOpened{Panel: flow.VaultPepper}},
		"the root sheet, where a password is lost": {desk(flow.Recover), flow.Went{To: flow.ByRoot}},
	} {
		w := newWorld(t, screens[0])
		w.Show(tt.state)
		canvas := w.window.Canvas()
		canvas.FocusPrevious()
		press(canvas.Focused(), fyne.KeyReturn)
		if got := w.only(); got != tt.want {
			t.Errorf("%s: posted %v", name, got)
		}
	}
}

// The pages of what was lost are left by Esc, and begin where one types or chooses the harmless.
func TestLostThingsByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(desk(flow.ByRoot))
	if w.window.Canvas().Focused() != fyne.Focusable(w.page.(*rootPage).lines[0]) {
		t.Error("the sheet's page does not begin at its first line")
	}
	w.key(fyne.KeyEscape)
	if got := w.only(); got != (flow.Cancelled{}) {
		t.Errorf("Esc posted %v", got)
	}
	w.Show(pepperState(flow.Peppers{}, ""))
	w.Show(pepperState(flow.Peppers{Looked: true, Moved: 2, All: 2}, ""))
	p := w.panel.(*pepper)
	w.key(fyne.KeyReturn)
	if w.window.Canvas().Focused() != fyne.Focusable(p.no) {
		t.Fatal("Enter does not lead to the question, at no")
	}
	w.key(fyne.KeyReturn)
	if got := w.take(); len(got) != 0 || p.asking.Visible() {
		t.Errorf("no posted %v", got)
	}
}
