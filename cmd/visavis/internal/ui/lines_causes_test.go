package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/talk"
)

// Every cause and every warning has its words, and more of them for who asks.
func TestCausesHaveWords(t *testing.T) {
	words := english()
	for c := e2e.CauseNone + 1; !strings.HasPrefix(c.String(), "unknown cause"); c++ {
		key, ok := closedKeys[c]
		if !ok {
			t.Errorf("%s: has no words of its own", c)
		}
		for _, k := range []string{key, key + ".one", "more." + key} {
			if words[k] == "" {
				t.Errorf("%s: %q has no text", c, k)
			}
		}
	}
	for r := e2e.RepairAsk; !strings.HasPrefix(r.String(), "unknown repair"); r++ {
		if key, ok := repairKeys[r]; r != e2e.RepairAuthor && (!ok || words[key] == "") {
			t.Errorf("%s: has no words", r)
		}
	}
	told := e2e.Warning(0)
	for _, w := range warningKeys {
		told |= w.warning
		if words[w.key] == "" || words["more."+w.key] == "" {
			t.Errorf("%s: %q has no text", w.warning, w.key)
		}
	}
	for w := e2e.Warning(1); w != 0 && w.String() != ""; w <<= 1 {
		if !told.Has(w) {
			t.Errorf("%s: is told by nothing", w)
		}
	}
}

// A line that is closed says why when it is asked, by key or by pointer, and folds again.
func TestClosedLinesOpen(t *testing.T) {
	w, p := lined(t, []talk.Line{
		{ID: 1, Kind: talk.Closed, At: morning, Cause: e2e.CauseForged, Count: 2},
		{ID: 2, Kind: talk.Message, At: morning, By: jose, Text: "hello", First: true, Delivery: talk.Stored, Warn: e2e.WarnGap},
	})
	l := p.lines.roll
	more, gap := say("more.closed.tampered")[:20], say("more.warn.gap")[:20]
	shows := func(text string) bool { return strings.Contains(w.everything(), text) }
	if shows(more) || shows(gap) {
		t.Fatal("it says everything at once")
	}
	w.window.Canvas().Focus(l)
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	l.current = 1
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !shows(more) {
		t.Error("Enter does not say why")
	}
	l.live[1].(*middleRow).Tapped(nil)
	if shows(more) {
		t.Error("it does not fold again")
	}
	p.lines.unfold(2)
	if !shows(gap) {
		t.Error("a warning says no more")
	}
}
