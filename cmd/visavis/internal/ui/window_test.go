package ui

import (
	"image"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// slow makes a window whose UI goroutine does only what the test lets it do.
func slow(t *testing.T) (w *world, asked *[]func()) {
	w = newWorld(t, screens[0])
	asked = new([]func())
	do := func(f func()) { *asked = append(*asked, f) }
	w.do, w.kit.pictures.do = do, do
	return w, asked
}

func TestShowCoalesces(t *testing.T) {
	w, asked := slow(t)
	before := len(w.shown)
	for range 100 {
		w.Show(desk(flow.Enrol))
	}
	w.Show(desk(flow.LogIn))
	if len(*asked) != 1 {
		t.Fatalf("%d calls wait for the UI goroutine, want 1", len(*asked))
	}
	(*asked)[0]()
	if w.state.Page != flow.LogIn || len(w.shown) != before+1 {
		t.Fatalf("page %q after %d paints, want the newest after one", w.state.Page, len(w.shown)-before)
	}
	w.Show(desk(flow.SignUp))
	if len(*asked) != 2 {
		t.Fatal("a state after the paint asked for none")
	}
}

func TestFrameCoalesces(t *testing.T) {
	w, asked := slow(t)
	w.put(desk(flow.Look))
	for range 50 {
		w.Frame(portrait(64, 48))
	}
	newest := portrait(64, 48)
	w.Frame(newest)
	if len(*asked) != 1 {
		t.Fatalf("%d calls wait for the UI goroutine, want 1", len(*asked))
	}
	(*asked)[0]()
	if w.kit.pictures.now != newest || w.kit.pictures.count != 1 {
		t.Fatal("not the newest picture, once")
	}
}

// TestBeforeStart holds that nothing reaches a widget before the UI goroutine runs: Fyne would run it on the caller's.
func TestBeforeStart(t *testing.T) {
	a := test.NewTempApp(t)
	var asked int
	w := newWindow(Options{App: a, Post: func(flow.Event) {}, Now: time.Now}, func(func()) { asked++ },
		func(time.Duration, func()) func() bool { return func() bool { return true } })
	w.Show(desk(flow.LogIn))
	w.Frame(portrait(64, 48))
	if asked != 0 || w.page != nil {
		t.Fatal("a state came through before the start")
	}
	w.start()
	if w.state.Page != flow.LogIn {
		t.Fatal("the state that waited is not shown at the start")
	}
}

// TestStartWithoutAState holds that a window whose kiosk has said nothing yet says that it starts.
func TestStartWithoutAState(t *testing.T) {
	w := newWindow(Options{App: test.NewTempApp(t), Post: func(flow.Event) {}, Now: time.Now}, func(func()) {},
		func(time.Duration, func()) func() bool { return func() bool { return true } })
	w.start()
	if w.state.Page != flow.Starting || w.page == nil {
		t.Fatalf("page %q", w.state.Page)
	}
}

// secretive is a page or panel with a text of a person, to see whether it goes.
type secretive struct {
	label *widget.Label
	left  *int
}

func (s *secretive) content() fyne.CanvasObject { return s.label }
func (s *secretive) show(flow.State)            {}
func (s *secretive) focus() fyne.Focusable      { return nil }
func (s *secretive) leave()                     { s.label.SetText(""); *s.left++ }

// TestLockLeavesNothing holds that page, panel and menus of a session are off the tree as soon as Locked is on it, wiped, and what was
// copied with them.
func TestLockLeavesNothing(t *testing.T) {
	w := newWorld(t, screens[0])
	left := 0
	make := func(text string) func(*kit) screen {
		return func(*kit) screen { return &secretive{widget.NewLabel(text), &left} }
	}
	w.pages[flow.Inside], w.panels[flow.Members] = make("rendezvous at noon"), make("bob of accounting")
	inside := desk(flow.Inside)
	inside.Panel = flow.Members
	w.Show(inside)
	label := w.page.(*secretive).label
	menu := widget.NewPopUp(widget.NewLabel("copied words"), w.window.Canvas())
	menu.Show()
	w.app.Clipboard().SetContent("copied words")
	if all := w.everything(); !strings.Contains(all, "rendezvous") || !strings.Contains(all, "bob of") {
		t.Fatalf("the session is not on screen: %s", all)
	}
	locked := desk(flow.Locked)
	locked.Busy = flow.Locking
	w.Show(locked)
	all := w.everything()
	for _, secret := range []string{"rendezvous", "bob of", "copied"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is still in the tree", secret)
		}
	}
	if left != 2 || label.Text != "" {
		t.Errorf("%d screens were left and wiped, want 2", left)
	}
	if w.app.Clipboard().Content() != "" {
		t.Error("what was copied is still there")
	}
	if len(w.window.Canvas().Overlays().List()) != 0 {
		t.Error("something lies over the lock")
	}
	if w.kit.mush == nil {
		t.Error("nothing shimmers through")
	}
	w.Show(desk(flow.LogIn))
	if w.kit.mush != nil {
		t.Error("what shimmered through outlives the lock")
	}
}

// TestShimmer holds that of a text nothing is left: two pages that differ in their words differ by less than a person can see. The
// colours stay: a locked window is not black.
func TestShimmer(t *testing.T) {
	newWorld(t, screens[0])
	blurred := func(text string) image.Image {
		l := newParagraph(strings.Repeat(text+" ", 60), textBody)
		return shimmer(l, screens[0])
	}
	a, b := blurred("attack at dawn"), blurred("retreat at six")
	if a.Bounds().Dx() != mushWide || a.Bounds().Dy() != mushHigh {
		t.Fatalf("the mush is %v", a.Bounds())
	}
	for y := range mushHigh {
		for x := range mushWide {
			ra, _, _, _ := a.At(x, y).RGBA()
			rb, _, _, _ := b.At(x, y).RGBA()
			if d := int(ra>>8) - int(rb>>8); d > 24 || d < -24 {
				t.Fatalf("cell %d,%d differs by %d of 255", x, y, d)
			}
			if ra>>8 < 0x80 {
				t.Fatalf("cell %d,%d of a light page is dark", x, y)
			}
		}
	}
	if newMush(image.NewRGBA(image.Rect(0, 0, 3, 3))).Bounds().Dx() != mushWide {
		t.Error("a tiny screen is not blurred")
	}
}

func BenchmarkShimmer(b *testing.B) {
	test.NewTempApp(b).Settings().SetTheme(newLook(flow.Prefs{Theme: flow.ThemeLight}))
	for range b.N {
		b.StopTimer()
		w := newWindow(Options{App: fyne.CurrentApp(), Post: func(flow.Event) {}, Now: time.Now}, func(f func()) { f() }, nil)
		w.start()
		w.window.Resize(screens[0])
		w.Show(insideState())
		b.StartTimer()
		shimmer(w.page.content(), w.body.Size())
	}
}

func TestKeysOfTheWindow(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.LogIn))
	p := w.page.(*logIn)
	focused := map[string]fyne.Focusable{"an entry": p.name, "a tick": p.reveal, "a button": p.submit}
	for name, f := range focused {
		w.window.Canvas().Focus(f)
		f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
		f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		events := w.take()
		if len(events) != 2 || events[0] != (flow.PanelOpened{Panel: flow.About}) || events[1] != (flow.Cancelled{}) {
			t.Errorf("F1 and Esc in %s post %v", name, events)
		}
	}
	p.name.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyComma, Modifier: fyne.KeyModifierControl})
	if events := w.take(); len(events) != 1 || events[0] != (flow.PanelOpened{Panel: flow.Settings}) {
		t.Errorf("Ctrl+comma in an entry posts %v", events)
	}
	open := desk(flow.LogIn)
	open.Panel = flow.About
	w.Show(open)
	w.escape()
	if events := w.take(); len(events) != 1 || events[0] != (flow.PanelOpened{Panel: flow.NoPanel}) {
		t.Errorf("Esc over a panel posts %v", events)
	}
}

func TestHeader(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.LogIn)
	w.Show(s)
	if strings.Contains(w.visibleText(), say("header.demonstration")) {
		t.Error("a real camera is called a demonstration")
	}
	for name, change := range map[string]func(*flow.State){
		"a virtual desk": func(s *flow.State) { s.Desk.Virtual = true },
		"a virtual eye":  func(s *flow.State) { s.Eye.Virtual = true },
	} {
		for _, page := range []flow.Page{flow.Enrol, flow.LogIn, flow.Look, flow.Locked, flow.Waiting} {
			s := desk(page)
			change(&s)
			w.Show(s)
			if !strings.Contains(w.visibleText(), say("header.demonstration")) {
				t.Errorf("%s on %s is not called a demonstration", name, page)
			}
		}
	}
	s.Link, s.Eye = flow.LinkDown, flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.EyeDied}}
	w.Show(s)
	if all := w.visibleText(); !strings.Contains(all, say("link.down")) || !strings.Contains(all, say("eye.eye-died")) {
		t.Error("a lost server and a dead eye are not shown")
	}
	test.Tap(w.header.shade)
	if events := w.take(); len(events) != 1 || events[0].(flow.PrefsPicked).Prefs.Theme != flow.ThemeDark {
		t.Errorf("the shade's button posts %v", events)
	}
}

// visibleText is what can be read now.
func (w *world) visibleText() string {
	var all []string
	walk(w.window.Content(), func(o fyne.CanvasObject) bool {
		if l, ok := o.(*widget.Label); ok && o.Visible() {
			all = append(all, l.Text)
		}
		return o.Visible()
	})
	return strings.Join(all, "\n")
}

func TestCountdown(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.LogIn)
	s.Problem = flow.Problem{Kind: flow.TooMany, Wait: 90 * time.Second}
	w.Show(s)
	for _, step := range []struct {
		pass time.Duration
		want string
	}{{0, "1:30"}, {time.Second, "1:29"}, {80 * time.Second, "0:09"}, {9 * time.Second, say("problem.too-many.over")}} {
		w.pass(step.pass)
		w.Show(s) // the same state again does not begin anew
		if !strings.Contains(w.visibleText(), step.want) {
			t.Errorf("after %v more: no %q in %s", step.pass, step.want, w.visibleText())
		}
	}
	w.Show(desk(flow.LogIn))
	w.pass(2 * time.Second)
	if len(w.later) != 0 {
		t.Error("a countdown goes on that nobody sees")
	}
}

// TestNothingTurns holds that after a walk through all pages and panels nothing animates: an idle window costs nothing.
func TestNothingTurns(t *testing.T) {
	w := newWorld(t, screens[0])
	for _, s := range entryStates() {
		w.Show(s)
		if s.Busy == flow.Checking && len(w.later) == 0 {
			t.Error("a wheel stands still while a password is checked")
		}
	}
	for _, s := range insideStates() {
		w.Show(s)
	}
	w.Show(desk(flow.LogIn))
	w.pass(readNote + time.Second) // a good word of the last room waits that long
	for _, c := range w.later {
		if c.call != nil {
			t.Error("something turns on an idle page")
		}
	}
	left := map[*widget.Activity]bool{}
	walk(w.window.Content(), func(o fyne.CanvasObject) bool {
		if a, ok := o.(*widget.Activity); ok {
			left[a] = true
		}
		return true
	})
	if len(left) != 0 {
		t.Errorf("%d of Fyne's own wheels on the log-in", len(left))
	}
}

func TestShownHoldsNoText(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.LogIn)
	s.Problem = flow.Problem{Kind: flow.ServerTrouble, Detail: "words of somebody"}
	w.Show(s)
	last := w.shown[len(w.shown)-1]
	if want := (Shown{Page: flow.LogIn, Problem: flow.ServerTrouble, Link: flow.LinkUp, Eye: flow.EyeOpen}); last != want {
		t.Errorf("shown %+v, want %+v", last, want)
	}
}

// A good word leaves the room by itself; what went wrong stays until it was read.
func TestGoodWordsFade(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Inside)
	s.Note = flow.NoteInvited
	w.Show(s)
	w.posted = nil
	w.pass(readNote - time.Second)
	if len(w.posted) != 0 {
		t.Fatalf("too early: %v", w.posted)
	}
	w.pass(2 * time.Second)
	if len(w.posted) != 1 || w.posted[0] != (flow.Dismissed{}) {
		t.Fatalf("posted %v, want Dismissed", w.posted)
	}
	s.Note, s.Problem = flow.NoNote, flow.Problem{Kind: flow.NotStored}
	w.Show(s)
	w.posted = nil
	w.pass(time.Minute)
	for _, e := range w.posted {
		if e == (flow.Dismissed{}) {
			t.Fatal("a problem was taken off")
		}
	}
}

// oneGoroutine skips a test that measures or lays out at length: the race detector has nothing to see there, and takes minutes.
func oneGoroutine(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("one goroutine, at length: nothing for the race detector")
	}
}
