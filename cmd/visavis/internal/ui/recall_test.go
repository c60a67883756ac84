package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

// Three groups from paper: Enter goes on to the next, and hands in the last; what is not whole is not sent, what is wrong is said where it is, and
// nothing of it stays.
func TestRecallByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	s := entryStates()["recall"]
	w.Show(s)
	p := w.page.(*recallPage)
	if got := p.asked[1].name.Text; !strings.Contains(got, "5") {
		t.Fatalf("asked for %q", got)
	}
	for _, group := range []string{"efgh", "qr", "4567"} {
		w.typed(group)
		w.key(fyne.KeyReturn)
	}
	if len(w.take()) != 0 || !p.asked[1].wrong.object.Visible() || w.window.Canvas().Focused() != fyne.Focusable(p.asked[1].group) {
		t.Fatal("a part of a group is sent, or nobody says which it is")
	}
	w.typed("ST")
	w.key(fyne.KeyReturn, fyne.KeyReturn)
	got, ok := w.only().(flow.GroupsTyped)
	if !ok || string(got.Groups[0]) != "efgh" || !strings.EqualFold(string(got.Groups[1]), "qrST") || string(got.Groups[2]) != "4567" {
		t.Fatalf("posted %T", got)
	}
	for try := 1; try <= 2; try++ { // the same answer twice is said twice
		s.Recall.Wrong, s.Recall.Tries = [3]bool{false, true, true}, try
		w.Show(s)
		if p.asked[0].wrong.object.Visible() || !p.asked[1].wrong.object.Visible() || !p.asked[2].wrong.object.Visible() {
			t.Fatal("nobody says which groups are wrong")
		}
		w.typed("zzzz")
		if p.asked[1].group.Text != "zzzz" || p.asked[1].wrong.object.Visible() {
			t.Fatalf("typed over what was wrong: %q", p.asked[1].group.Text)
		}
	}
	w.press(say("recall.again"))
	if got := w.only(); got != (flow.PhraseAgain{}) {
		t.Errorf("posted %v", got)
	}
	w.key(fyne.KeyEscape)
	if got := w.only(); got != (flow.Cancelled{}) {
		t.Errorf("Esc posted %v", got)
	}
	s.Busy = flow.Finishing
	w.Show(s)
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Error("it is handed in while it is being finished")
	}
	w.Show(desk(flow.LogIn))
	for _, f := range p.asked {
		if f.group.Text != "" {
			t.Error("something of it stays")
		}
	}
}

// Who walked away from the form finds it empty: the next one reads nothing off it.
func TestRecallIsForgotten(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(entryStates()["recall"])
	p := w.page.(*recallPage)
	w.typed("efgh")
	w.pass(formKept)
	if p.asked[0].group.Text != "" {
		t.Error("what was typed stays for whoever comes by")
	}
}
