package ui

import (
	"image"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// Options are what a window needs from outside.
type Options struct {
	App   fyne.App
	Post  func(flow.Event) // takes what the person does; called on the UI goroutine and must not block
	Shown func(Shown)      // told after a state was put on screen; nil for nobody
	Now   func() time.Time // the clock
	Full  bool             // full screen

	Left   Left        // of the process before; zero when there was none
	Invite flow.Secret // stands in the enrol page's field at first; empty for none
	Typed  func()      // told after a typed rune changed an entry's text; nil for nobody
}

// Window shows states. Show and Frame may be called from any goroutine, everything else belongs to the UI goroutine.
type Window struct {
	o      Options
	do     func(func()) // fyne.Do
	window fyne.Window
	kit    *kit
	theme  look

	mu      sync.Mutex
	next    *flow.State // the newest state that is not on screen yet
	pending bool        // whether a call to paint is under way
	running bool        // whether the UI goroutine runs
	ending  bool        // it is to end as soon as it runs
	keeps   Left        // for the process that follows

	state   flow.State // on screen
	pages   map[flow.Page]func(*kit) screen
	panels  map[flow.Panel]func(*kit) screen
	page    screen
	panel   screen
	kits    struct{ page, panel *kit } // what they were made with
	overlay fyne.CanvasObject
	proof   *proof // over page and panel; nil for none
	opened  flow.Panel
	header  *header
	body    *fyne.Container
	onPage  int  // pictures since the page or the panel changed
	ticking bool // a countdown's next second is asked for
	closed  bool

	resting bool        // nothing has the focus: see rest
	rested  func() bool // stops the wait for hands that rest
	left    func() bool // stops the wait for who left a form
	begun   bool        // a key went into the page's form
	shut    func() bool // stops the wait for who left a panel
}

// New makes the window, in flow's first state; Run puts it on the display. It takes the app's hook of Lifecycle().SetOnStarted.
func New(o Options) *Window {
	return newWindow(o, fyne.Do, func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop })
}

func newWindow(o Options, do func(func()), after func(time.Duration, func()) func() bool) *Window {
	w := &Window{o: o, do: do, pages: pages(), panels: panels(), window: o.App.NewWindow(say("window.title"))}
	w.kit = &kit{post: o.Post, now: o.Now, do: do, after: after, app: o.App, window: w.window, pictures: newPictures(do), invite: o.Invite, typed: o.Typed}
	w.kit.pictures.onTurn = w.pictured
	w.kit.escape, w.kit.shortcut, w.kit.key, w.kit.touched = w.escape, w.shortcut, w.key, w.touched
	w.kit.rest = w.rest
	w.theme = newLook(flow.DefaultPrefs())
	o.App.Settings().SetTheme(w.theme)
	w.header = newHeader(w.kit)
	w.body = container.NewStack()
	w.window.SetIcon(icon())
	w.window.SetPadded(false)
	w.window.SetContent(container.NewBorder(w.header.object, nil, nil, nil, w.body))
	w.window.Canvas().SetOnTypedKey(w.strayKey)
	w.window.Canvas().SetOnTypedRune(w.strayRune)
	w.addShortcuts()
	w.window.SetFullScreen(o.Full)
	w.window.Resize(w.takeUp(o.Left))
	w.window.SetOnClosed(func() { w.closed = true })
	o.App.Lifecycle().SetOnStarted(w.start)
	return w
}

// Show puts a state on screen. At most one call waits for the UI goroutine; a newer state takes the place of one that waits.
func (w *Window) Show(s flow.State) {
	w.mu.Lock()
	w.next = &s
	ask := w.running && !w.pending
	w.pending = w.pending || ask
	w.mu.Unlock()
	if ask {
		w.do(w.paint)
	}
}

// start lets states and pictures through. Before it, Fyne would run what is given to its UI goroutine on the caller's.
func (w *Window) start() {
	w.mu.Lock()
	w.running = true
	if w.ending {
		w.mu.Unlock()
		w.o.App.Quit()
		return
	}
	if w.next == nil { // most desks know by now whether they are enrolled: Starting is not even laid out then
		s := flow.Start()
		w.next = &s
	}
	w.mu.Unlock()
	w.kit.pictures.start()
	w.paint()
}

// Frame shows the camera's newest picture wherever the page has a place for it. The picture must not change afterwards.
func (w *Window) Frame(img *image.RGBA) { w.kit.pictures.add(img) }

func (w *Window) paint() {
	w.mu.Lock()
	s := w.next
	w.next, w.pending = nil, false
	w.mu.Unlock()
	if s != nil {
		w.put(*s)
	}
}

// put changes what is on screen to s.
func (w *Window) put(s flow.State) {
	old := w.state
	w.state = s
	if old.Page != s.Page || old.Panel != s.Panel {
		w.onPage = 0
	}
	if l := lookOf(s); l != w.theme {
		w.theme = l
		w.o.App.Settings().SetTheme(l)
	}
	changed := w.header.show(s)
	w.putPage(old, s)
	if changed {
		w.window.Content().Refresh() // texts of the header and its banner take another place
	}
	w.putPanel(s)
	w.putProof(s)
	w.keepFocus()
	w.count(s)
	w.fade(old, s)
	w.keep()
	w.tell()
}

// keepFocus puts the focus where typing begins when nothing has it: what would have had it may only now be enabled.
func (w *Window) keepFocus() {
	switch {
	case w.resting, w.window.Canvas().Focused() != nil:
	case w.proof != nil:
		w.focusOn(w.proof)
	case w.panel != nil:
		w.focusOn(w.panel)
	default:
		w.focusOn(w.page)
	}
}

// tell tells Shown what stands on screen.
func (w *Window) tell() {
	if w.o.Shown != nil {
		s := shown(w.state, w.kit.pictures.count)
		s.Resting = w.resting
		w.o.Shown(s)
	}
}

// pictured tells of the first picture on a page, and then of one a second.
func (w *Window) pictured() {
	if w.onPage%25 == 0 {
		w.tell()
	}
	w.onPage++
}

func (w *Window) putPage(old, s flow.State) {
	if w.page != nil && old.Page == s.Page {
		w.page.show(s)
		return
	}
	w.blur(old, s)
	if w.page != nil {
		w.leavePage()
	}
	w.page, w.begun = w.make(s.Page), false
	w.body.Objects = []fyne.CanvasObject{w.page.content()}
	w.page.show(s)
	settle(w.body)
	if w.untouched(); surprise(old, s) {
		w.rest()
	}
	if s.Panel == flow.NoPanel && !w.resting {
		w.focusOn(w.page)
	}
}

// leavePage wipes the page and whatever lies over it: menus of entries too.
func (w *Window) leavePage() {
	canvas := w.window.Canvas()
	canvas.Unfocus()
	w.leaveProof()
	if w.panel != nil {
		w.leavePanel()
	}
	for _, o := range canvas.Overlays().List() {
		canvas.Overlays().Remove(o)
	}
	w.page.leave()
	w.kits.page.stopWheels()
	w.body.RemoveAll()
}

func (w *Window) leavePanel() {
	if w.shut != nil {
		w.shut()
		w.shut = nil
	}
	w.leaveProof() // Fyne takes what lies over a panel off with it
	w.panel.leave()
	w.kits.panel.stopWheels()
	w.window.Canvas().Overlays().Remove(w.overlay)
	w.panel, w.overlay = nil, nil
}

// blur keeps what shimmers through while a session is locked, and drops it afterwards. What was copied goes when its person goes.
func (w *Window) blur(old, s flow.State) {
	unlocking := s.Page == flow.Look && s.Capture.Purpose == flow.ToUnlock
	switch {
	case old.Page == flow.Inside && s.Page == flow.Locked:
		w.kit.mush = shimmer(w.page.content(), w.body.Size())
	case s.Page != flow.Locked && s.Page != flow.Starting && !unlocking:
		w.kit.mush = nil
	}
	if old.Page != flow.Starting { // what was copied before the window began is the invite
		w.o.App.Clipboard().SetContent("")
	}
}

func (w *Window) putPanel(s flow.State) {
	if w.panel != nil && w.opened == s.Panel {
		w.panel.show(s)
		return
	}
	canvas := w.window.Canvas()
	if w.panel != nil {
		w.leavePanel()
		w.focusOn(w.page)
	}
	f, ok := w.panels[s.Panel]
	if w.opened = s.Panel; !ok {
		return
	}
	own := *w.kit
	w.kits.panel = &own
	w.panel = f(w.kits.panel)
	w.overlay = newOver(w.panel.content())
	w.panel.show(s)
	canvas.Unfocus() // what is beneath would not hear that the panel's Shift is let go, and take Enter for a line's end
	canvas.Overlays().Add(w.overlay)
	w.overlay.Resize(canvas.Size())
	if s.Page != flow.Inside {
		w.unseen(w.panel)
	}
	w.focusOn(w.panel)
}

// count goes on with a countdown that stands on screen, once a second.
func (w *Window) count(s flow.State) {
	waits := func(p flow.Problem) bool { return p.Kind == flow.TooMany && p.Wait > 0 }
	if w.ticking || !waits(s.Problem) && !waits(s.Proof.Problem) {
		return
	}
	w.ticking = true
	w.kit.after(time.Second, func() {
		w.do(func() {
			w.ticking = false
			if !w.closed {
				w.page.show(w.state)
				if w.proof != nil {
					w.proof.show(w.state)
				}
				w.count(w.state)
			}
		})
	})
}

// readNote is how long a good word stands over a room.
const readNote = 6 * time.Second

// fade takes a good word off a room once it could be read.
func (w *Window) fade(old, s flow.State) {
	if s.Page != flow.Inside || s.Note == flow.NoNote || s.Note == old.Note || s.Note == flow.NoteUnproven { // nobody was there to read that
		return
	}
	w.kit.after(readNote, func() {
		w.do(func() {
			if !w.closed && w.state.Page == flow.Inside && w.state.Note == s.Note && w.state.Problem.IsZero() {
				w.o.Post(flow.Dismissed{})
			}
		})
	})
}

// make makes a page. One that nobody knows is shown as the page that only waits.
func (w *Window) make(p flow.Page) screen {
	own := *w.kit
	w.kits.page = &own
	if f, ok := w.pages[p]; ok {
		return f(w.kits.page)
	}
	return newStarting(w.kits.page)
}

func (w *Window) focusOn(s screen) {
	if f := s.focus(); f != nil {
		w.window.Canvas().Focus(f)
	}
}
