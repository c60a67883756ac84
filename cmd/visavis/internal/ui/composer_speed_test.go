package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// keyTimes types n letters into a composer that holds a draft, with lines in the room, and returns how long each took, the shortest first.
func keyTimes(w *world, draft string, n int) []time.Duration {
	text := w.page.(*inside).room.composer.text
	text.SetText(draft)
	text.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown}) // to the end, where one writes
	var took []time.Duration
	for i := range n {
		began := time.Now()
		text.TypedRune(rune("typing goes on "[i%15]))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took
}

// TestTypingSpeed says how long a key takes with 2,000 lines in the room. A slow machine is no failure; making every row again is.
func TestTypingSpeed(t *testing.T) {
	oneGoroutine(t)
	w, p := lined(t, manyLines(2000))
	rows := make(map[uint64]item)
	for id, it := range p.lines.roll.live {
		rows[id] = it
	}
	const samples = 60 // as many as stay in one row
	for _, letters := range []int{0, 200, 1000, 3000} {
		took := keyTimes(w, strings.Repeat("some words ", letters/11), samples)
		for id, it := range p.lines.roll.live {
			if old, ok := rows[id]; letters == 0 && ok && old != it {
				t.Fatalf("typing made line %d again", id)
			}
		}
		t.Logf("a draft of %4d letters: p50 %v, p95 %v, longest %v", letters, took[samples/2], took[samples*95/100], took[samples-1])
	}
}
