package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// lined is a window inside a room with lines.
func lined(t *testing.T, lines []talk.Line) (*world, *roomPane) {
	w := newWorld(t, screens[0])
	w.Show(insideWith(lines))
	w.take()
	return w, w.page.(*inside).room
}

func insideWith(lines []talk.Line) flow.State {
	s := insideState()
	s.Talk.Open.Lines = lines
	return s
}

// top is the first row in view, and where its upper edge is.
func (l *roll) top() (uint64, float32) { return l.place, l.offset }

// yOf is where a row stands.
func yOf(t *testing.T, l *roll, id uint64) float32 {
	t.Helper()
	it, ok := l.live[id]
	if !ok {
		t.Fatalf("line %d is not in view", id)
	}
	return it.Position().Y
}

func TestRollMakesWhatIsSeen(t *testing.T) {
	oneGoroutine(t)
	_, p := lined(t, manyLines(10_000))
	l := p.lines.roll
	if n := len(l.live); n == 0 || n > 60 {
		t.Fatalf("%d rows exist", n)
	}
	if _, ok := l.live[10_000]; !ok || !l.stuck {
		t.Fatal("it does not begin at its end")
	}
	for range 200 {
		l.scroll(1000)
	}
	if n := len(l.live); n > 60 {
		t.Errorf("%d rows exist after scrolling", n)
	}
	for y, i := float32(0), 0; i < len(l.box.Objects); i++ { // rows follow each other without gap or overlap
		o := l.box.Objects[i]
		if i > 0 && o.Position().Y != y {
			t.Errorf("row %d begins at %f, the one before ends at %f", i, o.Position().Y, y)
		}
		y = o.Position().Y + o.Size().Height
	}
}

// Rows that come into view again are as whole as they were.
func TestRollShowsRowsAgain(t *testing.T) {
	_, p := lined(t, manyLines(300))
	l := p.lines.roll
	for _, dy := range []float32{900, -900, 5000, -5000} {
		l.scroll(dy)
		for id, it := range l.live {
			if words := fmt.Sprintf("line %d", id-1); !strings.Contains(texts(it), words) {
				t.Fatalf("scrolled by %f, row %d does not say %q", dy, id, words)
			}
		}
	}
	l.scroll(5000)
	l.toEnd()
	if all := texts(p.middle); !strings.Contains(all, "line 299") || !strings.Contains(all, "line 295") {
		t.Error("back at the end, it is blank")
	}
}

func TestRollKeepsItsPlace(t *testing.T) {
	all := manyLines(3000)
	w, p := lined(t, all[1000:2000])
	l := p.lines.roll
	l.scroll(5000)
	id, _ := l.top()
	before := yOf(t, l, id)

	for name, lines := range map[string][]talk.Line{"newer": all[1000:2500], "older": all[500:2500], "both": all[:3000], "fewer": all[1200:2100]} {
		w.Show(insideWith(lines))
		if got := yOf(t, l, id); got != before {
			t.Errorf("%s lines moved line %d from %f to %f", name, id, before, got)
		}
	}
	changed := append([]talk.Line(nil), all...)
	changed[0].Text, changed[2999].Text = "shorter", "shorter"
	w.Show(insideWith(changed))
	if got := yOf(t, l, id); got != before {
		t.Errorf("other lines' changes moved line %d from %f to %f", id, before, got)
	}
	w.Show(insideWith(all[:10])) // the place itself is gone
	if len(l.live) != 10 {
		t.Errorf("%d of 10 lines are shown", len(l.live))
	}
}

func TestRollStaysAtItsEnd(t *testing.T) {
	all := manyLines(500)
	w, p := lined(t, all[:400])
	l := p.lines.roll
	w.Show(insideWith(all[:450]))
	if _, ok := l.live[450]; !ok || p.pill.Visible() {
		t.Fatalf("line 450 is in view: %v; the way to it shows: %v", ok, p.pill.Visible())
	}
	l.scroll(300)
	if p.pill.Visible() {
		t.Error("nothing new came, and the way to it shows")
	}
	w.Show(insideWith(all))
	if _, ok := l.live[500]; ok || !p.pill.Visible() {
		t.Fatalf("line 500 is in view: %v; the way to it shows: %v", ok, p.pill.Visible())
	}
	w.photograph("inside-newer")
	p.pill.Tapped(nil)
	if _, ok := l.live[500]; !ok || p.pill.Visible() {
		t.Errorf("line 500 is in view: %v; the way to it shows: %v", ok, p.pill.Visible())
	}
	l.scroll(200)
	l.scroll(-5000)
	if !l.stuck {
		t.Error("scrolled to the end, it does not stay there")
	}
}

func TestRollKeepsWhatDoesNotChange(t *testing.T) {
	lines := manyLines(100)
	w, p := lined(t, lines)
	l := p.lines.roll
	kept, changed := l.live[99], l.live[100]
	next := append([]talk.Line(nil), lines...)
	next[99].Delivery, next[99].Mine = talk.Sending, true
	w.Show(insideWith(next))
	if l.live[99] != kept {
		t.Error("a line that stayed the same was made again")
	}
	if l.live[100] == changed {
		t.Error("a line that changed was not made again")
	}
}

func TestRollFitsAnyWidth(t *testing.T) {
	w, p := lined(t, manyLines(300))
	for _, size := range []fyne.Size{screens[1], screens[0], {Width: 1024, Height: 300}} {
		w.window.Resize(size)
		for id, it := range p.lines.roll.live {
			if it.Size().Width != p.lines.roll.width || it.Size().Height != it.height(p.lines.roll.width) {
				t.Errorf("at %v line %d has the size %v", size, id, it.Size())
			}
		}
	}
	if !p.lines.roll.stuck {
		t.Error("another size took it from its end")
	}
}

func TestRollKeys(t *testing.T) {
	w, p := lined(t, castLines())
	l := p.lines.roll
	key := func(names ...fyne.KeyName) {
		for _, n := range names {
			l.TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	w.window.Canvas().Focus(l)
	if l.current != 17 {
		t.Fatalf("the keys begin at line %d", l.current)
	}
	key(fyne.KeyUp, fyne.KeyUp)
	l.TypedShortcut(&fyne.ShortcutCopy{Clipboard: w.app.Clipboard()})
	if got := w.app.Clipboard().Content(); got == "" || got != p.lines.all[l.index[l.current]].Text {
		t.Errorf("copied %q", got)
	}
	key(fyne.KeyHome)
	if id, y := l.top(); id != 1 || y != 0 {
		t.Errorf("Home went to line %d at %f", id, y)
	}
	key(fyne.KeyDown)
	if l.current != 5 { // days and notices are passed over; what does not open can be asked about
		t.Errorf("Down went to line %d", l.current)
	}
	for range 30 {
		key(fyne.KeyDown)
	}
	if l.current != 17 || !l.stuck {
		t.Errorf("Down ended at line %d", l.current)
	}
	key(fyne.KeyEnter)
	if got := w.take(); len(got) != 1 || got[0].(flow.Asked).Action.Verb != flow.ResendText {
		t.Errorf("Enter on what was not sent posted %v", got)
	}
	key(fyne.KeyPageUp, fyne.KeyPageUp, fyne.KeyPageUp, fyne.KeyEnd)
	if !l.stuck {
		t.Error("End is not the end")
	}
}

func TestRollBar(t *testing.T) {
	_, p := lined(t, manyLines(10_000))
	l := p.lines.roll
	_, length, _ := l.bar.measures()
	if length != shortestThumb {
		t.Errorf("the thumb is %f long", length)
	}
	l.bar.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, -5000)})
	if id, y := l.top(); id != 1 || y != 0 {
		t.Errorf("dragged to line %d at %f", id, y)
	}
	l.bar.Tapped(&fyne.PointEvent{Position: fyne.NewPos(4, l.Size().Height/2)})
	if id, _ := l.top(); id < 4000 || id > 6000 {
		t.Errorf("the middle is line %d", id)
	}
	l.bar.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, 5000)})
	if !l.stuck {
		t.Error("the lower end is not the end")
	}
}

// A message as long as it may be is folded, and shown whole when it is asked for.
func TestLongMessageIsFolded(t *testing.T) {
	lines := manyLines(3)
	for range 300 {
		lines[1].Text += "\nrow"
	}
	w, p := lined(t, lines)
	l := p.lines.roll
	folded := l.exact[2]
	if folded > float32(foldedRows+6)*22 {
		t.Fatalf("it is %f high", folded)
	}
	l.current = 2
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnter})
	if l.exact[2] < 4*folded {
		t.Errorf("unfolded it is %f high, folded %f", l.exact[2], folded)
	}
	w.photograph("inside-unfolded")
}
