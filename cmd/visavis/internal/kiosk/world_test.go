package kiosk

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock moves only when a test moves it.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	timers []timer
}

type timer struct {
	due time.Time
	c   chan time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := timer{c.at.Add(d), make(chan time.Time, 1)}
	if d <= 0 {
		t.c <- c.at
	} else {
		c.timers = append(c.timers, t)
	}
	return t.c
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	var left []timer
	for _, t := range c.timers {
		if t.due.After(c.at) {
			left = append(left, t)
			continue
		}
		t.c <- c.at
	}
	c.timers = left
}

// fakeEye is a keeper that shows what a test says.
type fakeEye struct {
	clock  eye.Clock
	events chan eye.Event

	mu      sync.Mutex
	camera  *biometrics.CameraInfo
	broken  error // what Open answers
	opened  []string
	watch   int
	preview bool
	closed  bool
}

func (e *fakeEye) Cue(eye.Cue)                           {}
func (e *fakeEye) Weights() string                       { return "made up" }
func (e *fakeEye) Clock() eye.Clock                      { return e.clock }
func (e *fakeEye) Events() <-chan eye.Event              { return e.events }
func (e *fakeEye) Subscribe() (<-chan eye.Event, func()) { return nil, func() {} }

func (e *fakeEye) Cameras(context.Context) ([]biometrics.CameraInfo, error) {
	return []biometrics.CameraInfo{chattest.Camera()}, nil
}

func (e *fakeEye) Camera() (biometrics.CameraInfo, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.camera == nil {
		return biometrics.CameraInfo{}, false
	}
	return *e.camera, true
}

func (e *fakeEye) Open(_ context.Context, source string) (biometrics.CameraInfo, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened = append(e.opened, source)
	if e.broken != nil {
		return biometrics.CameraInfo{}, e.broken
	}
	info := chattest.Camera()
	e.camera = &info
	return info, nil
}

func (e *fakeEye) Watch(fps int, preview bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.watch, e.preview = fps, preview
}

func (e *fakeEye) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		close(e.events)
	}
	return nil
}

func (e *fakeEye) breakWith(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = err
	if err != nil {
		e.camera = nil
	}
}

// cable is the desk's network: it can be cut while the server lives on.
type cable struct {
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

var errCut = &net.OpError{Op: "dial", Err: errors.New("the cable is cut")}

func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return nil, errCut
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

// pull cuts it, mend makes it whole.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}

// desk is a kiosk in a world, and everything that it showed.
type desk struct {
	t     *testing.T
	w     *chattest.World
	k     *Kiosk
	clock *clock
	eye   *fakeEye
	dir   string
	cable cable

	mu     sync.Mutex
	states []flow.State
	frames int
	news   chan struct{}
	face   *chattest.Eye
	hold   chan struct{} // when set, a capture waits for it

	before chattest.Face // who sits there while the test waits; 0 for nobody

	stop func() error
}

// newDesk starts a kiosk in a folder of the world. The world's clock is the server's and the keys'; the desk's own is its timers'.
func newDesk(t *testing.T, w *chattest.World, name string) *desk {
	t.Helper()
	return newDeskWith(t, w, name, eye.Options{})
}

// newDeskWith is newDesk with a real keeper, when the eye's options have a launcher.
func newDeskWith(t *testing.T, w *chattest.World, name string, eyes eye.Options) *desk {
	t.Helper()
	d := &desk{t: t, w: w, clock: newClock(), dir: filepath.Join(w.Dir, "desks", name), news: make(chan struct{}, 1)}
	d.eye = &fakeEye{clock: d.clock, events: make(chan eye.Event)}
	d.face = w.Eye(1)
	options := w.DeskOptions()
	options.Dial = d.cable.dial
	k, err := New(Options{
		Dir: d.dir, Client: options, Eye: eyes, Clock: d.clock, Show: d.show,
		Frame: func(*image.RGBA) { d.mu.Lock(); d.frames++; d.mu.Unlock() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if k.o.Eye.Launch == nil {
		k.world = world{
			start: func(context.Context, eye.Options) (keeper, error) { return d.eye, nil },
			look:  func(_ eye.Watched, p func(eye.Progress)) client.Eye { return &looker{d, p} },
		}
	}
	d.k = k
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	d.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := d.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("run: %v", err)
		}
	})
	return d
}

// looker is the made-up face before a desk's camera.
type looker struct {
	d        *desk
	progress func(eye.Progress)
}

func (l *looker) is() *chattest.Eye {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	return l.d.face
}

func (l *looker) Camera() (biometrics.CameraInfo, error) {
	info, open := l.d.eye.Camera()
	if !open {
		return info, eye.ErrNoCamera
	}
	return info, nil
}

func (l *looker) Settle(ctx context.Context) error {
	l.progress(eye.Progress{Phase: eye.Settling, Gesture: liveness.Neutral})
	return l.is().Settle(ctx)
}

func (l *looker) Capture(ctx context.Context, c liveness.Challenge) (biometrics.Evidence, error) {
	l.progress(eye.Progress{Phase: eye.Playing, Gesture: liveness.TurnLeft, Fraction: 0.5})
	l.d.mu.Lock()
	hold := l.d.hold
	l.d.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return biometrics.Evidence{}, ctx.Err()
		}
	}
	seen, err := l.is().Capture(ctx, c)
	if err == nil {
		l.progress(eye.Progress{Phase: eye.Done, Gesture: liveness.Neutral, Fraction: 1})
	}
	return seen, err
}

func (d *desk) show(s flow.State) {
	d.mu.Lock()
	d.states = append(d.states, s)
	d.mu.Unlock()
	select {
	case d.news <- struct{}{}:
	default:
	}
}

func (d *desk) state() flow.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.states) == 0 {
		return flow.State{}
	}
	return d.states[len(d.states)-1]
}

// until waits for a state, while the desk's clock goes on by itself.
func (d *desk) until(what string, is func(flow.State) bool) flow.State {
	d.t.Helper()
	return d.wait(what, is, 50*time.Millisecond)
}

// still waits for a state while the desk's clock stands.
func (d *desk) still(what string, is func(flow.State) bool) flow.State {
	d.t.Helper()
	return d.wait(what, is, 0)
}

func (d *desk) wait(what string, is func(flow.State) bool, step time.Duration) flow.State {
	d.t.Helper()
	late := time.After(30 * time.Second)
	for {
		if s := d.state(); is(s) {
			return s
		}
		select {
		case <-d.news:
		case <-time.After(3 * time.Millisecond):
			if step > 0 && d.before != 0 && d.state().Page == flow.Inside {
				d.sees(d.before, 1)
			} else {
				d.clock.move(step)
			}
		case <-late:
			d.t.Fatalf("never %s; pages: %s; now %s", what, d.pages(), brief(d.state()))
		}
	}
}

// pages are the pages that were shown, each as often as it was come to.
func (d *desk) pages() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []string
	for _, s := range d.states {
		if p := brief(s); len(list) == 0 || list[len(list)-1] != p {
			list = append(list, p)
		}
	}
	if len(list) > 60 {
		list = list[len(list)-60:]
	}
	return strings.Join(list, " ")
}

func brief(s flow.State) string {
	b := string(s.Page)
	for _, x := range []string{string(s.Busy), string(s.Problem.Kind), string(s.Note)} {
		if x != "" {
			b += "/" + x
		}
	}
	if s.Problem.Detail != "" {
		b += "(" + s.Problem.Detail + ")"
	}
	return b
}

func on(p flow.Page) func(flow.State) bool {
	return func(s flow.State) bool { return s.Page == p && s.Busy == flow.Idle }
}

func said(k flow.Kind) func(flow.State) bool {
	return func(s flow.State) bool { return s.Problem.Kind == k }
}

// sees shows a face at the rate at which a desk is watched.
func (d *desk) sees(f chattest.Face, frames int) {
	for range frames {
		d.clock.move(250 * time.Millisecond)
		d.emit(eye.Seen{Face: biometrics.Face{Descriptor: d.w.Eye(f).Look(), Landmarks: ahead}})
	}
}

func (d *desk) seesNobody(frames int) {
	for range frames {
		d.clock.move(250 * time.Millisecond)
		var q biometrics.Quality
		d.emit(eye.Seen{Face: biometrics.Face{Quality: q.With(biometrics.NoFace)}})
	}
}

// emit makes the eye say something, and returns when the kiosk has heard it.
func (d *desk) emit(e eye.Event) {
	d.eye.events <- e
	d.eye.events <- eye.Preview{} // taken once the one before was passed on
	d.settle()
}

// settle returns when the kiosk has done all that it had been told.
func (d *desk) settle() {
	done := make(chan struct{})
	d.k.mail.put(message{do: func() { close(done) }})
	<-done
}

var ahead = biometrics.Landmarks{{X: 364, Y: 200}, {X: 336, Y: 200}, {X: 276, Y: 200}, {X: 304, Y: 200}, {X: 320, Y: 240}}

// showFace puts a person before the camera.
func (d *desk) showFace(f chattest.Face) {
	d.before = f
	d.mu.Lock()
	defer d.mu.Unlock()
	d.face = d.w.Eye(f)
}

func password(name string) flow.Password {
	return flow.Password("umbrella " + name + " 7 quartz lantern")
}

// signUp signs somebody up, up to the phrase.
func (d *desk) signUp(name string, f chattest.Face) flow.State {
	d.t.Helper()
	d.showFace(f)
	d.k.Post(flow.SignUpAsked{Name: name, Email: name + "@example.org", Password: password(name), Consent: chattest.Consent})
	d.until("the look of a sign-up", func(s flow.State) bool { return s.Page == flow.Look })
	d.k.Post(flow.Pressed{})
	return d.until("the phrase of "+name, on(flow.Phrase))
}

// logIn logs somebody in.
func (d *desk) logIn(name string, f chattest.Face) flow.State {
	d.t.Helper()
	d.showFace(f)
	d.k.Post(flow.LogInAsked{Name: name, Password: password(name)})
	d.until("the look of a log-in", func(s flow.State) bool { return s.Page == flow.Look })
	d.k.Post(flow.Pressed{})
	return d.until(name+" inside", on(flow.Inside))
}

func (d *desk) do(a flow.Action) {
	d.t.Helper()
	d.k.Post(flow.Asked{Action: a})
}

// lines are what a room shows as text.
func lines(s flow.State) string {
	if s.Talk == nil || s.Talk.Open == nil {
		return ""
	}
	var list []string
	for _, l := range s.Talk.Open.Lines {
		if l.Text != "" {
			list = append(list, fmt.Sprintf("%s:%s", l.By, l.Text))
		}
	}
	return strings.Join(list, " ")
}

// holds says whether a value, or anything that can be reached from it, has a text in it.
func holds(v any, text string) string {
	h := &hunt{text: text, seen: map[visit]bool{}}
	h.walk(reflect.ValueOf(v), "kiosk")
	return h.found
}

// busy are types that other goroutines write while the walk goes on, and that hold no texts: contexts, sockets, and who waits for an answer.
func busy(t reflect.Type) bool {
	switch t.PkgPath() {
	case "context", "net", "sync", "testing":
		return true
	}
	return t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Chan
}

type visit struct {
	at  uintptr
	typ reflect.Type
}

type hunt struct {
	text  string
	seen  map[visit]bool
	found string
}

func (h *hunt) walk(v reflect.Value, path string) {
	if h.found != "" || !v.IsValid() || busy(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || h.been(v.Pointer(), v.Type()) {
			return
		}
		h.walk(v.Elem(), path)
	case reflect.Interface:
		h.walk(v.Elem(), path)
	case reflect.String:
		if strings.Contains(v.String(), h.text) {
			h.found = path
		}
	case reflect.Struct:
		for i := range v.NumField() {
			h.walk(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			h.walk(it.Key(), path+"[key]")
			h.walk(it.Value(), path+"[value]")
		}
	case reflect.Slice, reflect.Array:
		h.list(v, path)
	}
}

func (h *hunt) been(at uintptr, t reflect.Type) bool {
	x := visit{at, t}
	if h.seen[x] {
		return true
	}
	h.seen[x] = true
	return false
}

// list walks a slice up to its capacity: what was cut off may still be there.
func (h *hunt) list(v reflect.Value, path string) {
	if v.Kind() == reflect.Slice {
		if v.IsNil() || v.Cap() == 0 || h.been(v.Pointer(), v.Type()) {
			return
		}
		v = v.Slice(0, v.Cap())
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		if strings.Contains(string(b), h.text) {
			h.found = path
		}
		return
	}
	for i := range v.Len() {
		h.walk(v.Index(i), path+"[]")
	}
}
