package kiosk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
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
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	hold   chan struct{}    // when set, a capture waits for it
	asks   liveness.Gesture // what a capture asks for; zero is a turn to the left
	last   func()           // when set, done after the last picture

	before chattest.Face // who sits there while the test waits; 0 for nobody

	stop func() error // ends it, and says how it ended
	over func() error // waits until it has ended by itself
}

// newDesk starts a kiosk in a folder of the world. The world's clock is the server's and the keys'; the desk's own is its timers'.
func newDesk(t *testing.T, w *chattest.World, name string) *desk {
	t.Helper()
	return newDeskWith(t, w, name, eye.Options{})
}

// newDeskWith is newDesk with a real keeper, when the eye's options have a launcher.
func newDeskWith(t *testing.T, w *chattest.World, name string, eyes eye.Options, change ...func(*Options)) *desk {
	t.Helper()
	d := &desk{t: t, w: w, clock: newClock(), dir: filepath.Join(w.Dir, "desks", name), news: make(chan struct{}, 1)}
	d.eye = &fakeEye{clock: d.clock, events: make(chan eye.Event)}
	d.face = w.Eye(1)
	options := w.DeskOptions()
	options.Dial = d.cable.dial
	o := Options{
		Dir: d.dir, Client: options, Eye: eyes, Clock: d.clock, Show: d.show,
		Frame: func(*image.RGBA) { d.mu.Lock(); d.frames++; d.mu.Unlock() },
	}
	for _, c := range change {
		c(&o)
	}
	k, err := New(o)
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
	d.over = sync.OnceValue(func() error { return <-ended })
	d.stop = func() error { cancel(); return d.over() }
	t.Cleanup(func() {
		if err := d.stop(); !errors.Is(err, context.Canceled) && !k.renewed {
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
	l.d.mu.Lock()
	hold, asks := l.d.hold, cmp.Or(l.d.asks, liveness.TurnLeft)
	l.d.mu.Unlock()
	l.progress(eye.Progress{Phase: eye.Playing, Gesture: asks, Fraction: 0.5})
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return biometrics.Evidence{}, ctx.Err()
		}
	}
	seen, err := l.is().Capture(context.WithoutCancel(ctx), c)
	l.d.mu.Lock()
	last := l.d.last
	l.d.mu.Unlock()
	if last != nil {
		last()
	}
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
	if s.Talk != nil {
		b += fmt.Sprintf(", %d rooms, one open: %t", len(s.Talk.Rooms), s.Talk.Open != nil)
	}
	return b
}

func on(p flow.Page) func(flow.State) bool {
	return func(s flow.State) bool { return s.Page == p && s.Busy == flow.Idle }
}

func looksTo(p flow.Purpose) func(flow.State) bool {
	return func(s flow.State) bool { return s.Page == flow.Look && s.Busy == flow.Idle && s.Capture.Purpose == p }
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

// signUp signs somebody up, who notes the phrase.
func (d *desk) signUp(name string, f chattest.Face) flow.State {
	d.t.Helper()
	d.captured(name, f)
	_, s := d.notes()
	return s
}

// notes goes through the phrase as who writes it down and types it from paper, to what comes then. It returns the phrase too.
func (d *desk) notes() (string, flow.State) {
	d.t.Helper()
	s := d.until("the phrase", on(flow.Phrase))
	d.k.Post(flow.PhraseKept{})
	asked := d.until("what is asked back", on(flow.Recalled))
	d.k.Post(flow.GroupsTyped{Groups: groups(s.Secret.Reveal(), asked.Recall.Places)})
	return s.Secret.Reveal(), d.until("what comes after the phrase", func(s flow.State) bool { return s.Page == flow.Waiting || s.Page == flow.LogIn })
}

// groups are a phrase's at some places.
func groups(phrase string, at e2e.Recall) (typed [e2e.RecallGroups]flow.Password) {
	all := strings.Split(phrase, "-")
	for i, place := range at {
		typed[i] = flow.Password(all[place-1])
	}
	return typed
}

// captured signs somebody up, up to the phrase.
func (d *desk) captured(name string, f chattest.Face) flow.State {
	d.t.Helper()
	d.showFace(f)
	d.k.Post(flow.SignUpAsked{Name: name, Email: name + "@example.org", Password: password(name), Consent: chattest.Consent})
	d.until("the look of a sign-up", func(s flow.State) bool { return s.Page == flow.Look && s.Eye.Stage == flow.EyeOpen })
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{})
	d.until("the try", looksTo(flow.ToTry))
	d.k.Post(flow.Pressed{})
	return d.until("the phrase of "+name, on(flow.Phrase))
}

// logIn logs somebody in.
func (d *desk) logIn(name string, f chattest.Face) flow.State {
	d.t.Helper()
	d.showFace(f)
	d.k.Post(flow.LogInAsked{Name: name, Password: password(name)})
	d.until("the look of a log-in", func(s flow.State) bool { return s.Page == flow.Look && s.Eye.Stage == flow.EyeOpen })
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
