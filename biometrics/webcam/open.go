package webcam

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"visavis/biometrics"
)

// Options say where cameras are found and how they are opened. The zero value of each but Port is the machine's.
type Options struct {
	Port  Port
	Sysfs string // "/sys"
	Clock Clock
	Log   *slog.Logger // nil discards
	Wide  bool         // asks for 1280×720 instead of 640×480

	ask asker // the kernel
}

// asker asks about a device node, see askKernel.
type asker func(path string, streams bool) (node, error)

func (o Options) filled() Options {
	if o.Sysfs == "" {
		o.Sysfs = "/sys"
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ask == nil {
		o.ask = askKernel
	}
	return o
}

// Times of opening.
const (
	askTime   = time.Second     // for the kernel to say what a node is
	openTime  = 4 * time.Second // that each backend gets
	closeTime = time.Second     // for a device to close, before it is left behind
)

// errHangs says that a driver still has not answered an earlier call.
var errHangs = errors.New("the driver hangs")

// Opener opens cameras. It remembers, for as long as it lives, which backend gave pictures of which camera. It is safe for concurrent use.
type Opener struct {
	o Options

	mu    sync.Mutex
	won   map[string]Backend       // by Source
	stuck map[attempt]*hand        // that were left behind, in opening or closing
	turns map[string]chan struct{} // one question at a time about a node
}

// attempt is a camera by a backend.
type attempt struct {
	source  string
	backend Backend
}

// NewOpener returns an Opener.
func NewOpener(o Options) *Opener {
	return &Opener{o: o.filled(), won: map[string]Backend{}, stuck: map[attempt]*hand{}, turns: map[string]chan struct{}{}}
}

// List lists the cameras that can be opened, without turning one on.
func (o *Opener) List() ([]Device, error) {
	devices, err := Devices(o.o.Sysfs)
	if err != nil {
		return nil, err
	}
	cameras := make([]Device, 0, len(devices))
	for _, d := range devices {
		n, err := o.ask(d.Path, false)
		if err == nil && !n.picture {
			continue
		}
		d.Info.Virtual = d.Info.Virtual || err == nil && virtualDriver(n.driver)
		cameras = append(cameras, d)
	}
	return cameras, nil
}

// Usable says what would keep a listed camera from opening now: it is busy, not allowed, or gone. It does not turn the camera on.
func (o *Opener) Usable(d Device) error {
	_, err := d.check(o.ask(d.Path, true))
	return err
}

// Open opens the camera that a source names, see Find. A backend that does not answer in time is left behind, and what it opens later is closed;
// until then it is not asked for that camera again. Errors are biometrics.Err… values or the context's, wrapped.
func (o *Opener) Open(ctx context.Context, source string) (*Camera, error) {
	c, err := o.open(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("open camera %q: %w", Printable(source), err)
	}
	return c, nil
}

func (o *Opener) open(ctx context.Context, source string) (*Camera, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, err := o.find(source)
	if err != nil {
		return nil, err
	}
	if err := o.awaitClosing(ctx, Source(d.Info)); err != nil {
		return nil, err
	}
	if d, err = d.check(o.ask(d.Path, true)); err != nil {
		if errors.Is(err, biometrics.ErrCameraBusy) && o.keeps(Source(d.Info)) {
			err = fmt.Errorf("%w: %w", biometrics.ErrCameraSlow, errHangs) // it is ourselves who have it
		}
		return nil, err
	}
	var failed error
	for _, b := range o.order(d) {
		h, format, err := o.try(ctx, d, b)
		if ctx.Err() != nil {
			if err == nil {
				o.leave(attempt{Source(d.Info), b}, h)
			}
			return nil, ctx.Err()
		}
		if err != nil {
			o.o.Log.Warn("camera does not open", "camera", d.Info.Name, "backend", b, "err", err)
			failed = errors.Join(failed, fmt.Errorf("%v: %w", b, err))
			continue
		}
		c := newCamera(o.o, d.Info, h, format)
		c.device, c.opener, c.attempt = &d, o, attempt{Source(d.Info), b}
		if again, err := o.find(Source(d.Info)); err != nil || again.Path != d.Path || again.Dev != d.Dev {
			c.letGo() // another device took the number meanwhile
			return nil, fmt.Errorf("%w: it was pulled out while it opened", biometrics.ErrCameraMissing)
		}
		return c, nil
	}
	return nil, fmt.Errorf("%w: %w", o.whatNow(d), failed)
}

// ask asks the kernel about a node, but not for long: a driver may hang there too.
func (o *Opener) ask(path string, streams bool) (node, error) {
	type answer struct {
		n   node
		err error
	}
	turn, told, late := o.turn(path), make(chan answer, 1), o.o.Clock.After(askTime)
	select {
	case turn <- struct{}{}:
	case <-late:
		return node{}, errHangs
	}
	go func() {
		n, err := o.o.ask(path, streams)
		<-turn
		told <- answer{n, err}
	}()
	select {
	case a := <-told:
		return a.n, a.err
	case <-late:
		return node{}, errHangs
	}
}

// turn is who asks about a node.
func (o *Opener) turn(path string) chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.turns[path] == nil {
		o.turns[path] = make(chan struct{}, 1)
	}
	return o.turns[path]
}

// find looks a source up among the cameras of this moment.
func (o *Opener) find(source string) (Device, error) {
	devices, err := Devices(o.o.Sysfs)
	if err != nil {
		return Device{}, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	d, ok := Find(devices, source)
	if !ok {
		return Device{}, biometrics.ErrCameraMissing
	}
	return d, nil
}

// whatNow says what it means that a camera gives nothing: it was pulled out, or it does not answer.
func (o *Opener) whatNow(d Device) error {
	again, err := o.find(Source(d.Info))
	if err != nil || again.Path != d.Path || again.Dev != d.Dev {
		return biometrics.ErrCameraMissing
	}
	return biometrics.ErrCameraSlow
}

// order is the backends for a camera, the one that gave its pictures before first.
func (o *Opener) order(d Device) []Backend {
	o.mu.Lock()
	defer o.mu.Unlock()
	order := []Backend{V4L2, GStreamer, Any}
	for i, b := range order {
		if b == o.won[Source(d.Info)] {
			copy(order[1:], order[:i])
			order[0] = b
		}
	}
	return order
}

// try opens a camera with one backend.
func (o *Opener) try(ctx context.Context, d Device, b Backend) (*hand, Format, error) {
	a := attempt{Source(d.Info), b}
	if o.hangs(a) {
		return nil, Format{}, errHangs
	}
	h, told := newHand(o.o.Clock, o.o.Log, func() (Stream, Format, error) {
		s, err := o.o.Port.Open(d, b)
		if err != nil {
			return nil, Format{}, err
		}
		return s, negotiate(s, o.o.Wide), nil
	})
	select {
	case x := <-told:
		if x.err == nil {
			h.open = true
			return h, x.format, nil
		}
		<-h.done
		return nil, Format{}, x.err
	case <-ctx.Done():
		o.leave(a, h)
		return nil, Format{}, ctx.Err()
	case <-o.o.Clock.After(openTime):
		o.leave(a, h)
		return nil, Format{}, fmt.Errorf("%w: nothing in %v", errHangs, openTime)
	}
}

// leave lets a hand go and remembers it until the driver gives it back.
func (o *Opener) leave(a attempt, h *hand) {
	h.letGo()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stuck[a] = h
}

// hangs says whether a hand is still with a driver.
func (o *Opener) hangs(a attempt) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, left := o.stuck[a]
	if left && h.gone() {
		delete(o.stuck, a)
		return false
	}
	return left
}

// awaitClosing gives a camera time to close that was closed a moment ago, or is still starting: else nobody could open it again.
func (o *Opener) awaitClosing(ctx context.Context, source string) error {
	late := o.o.Clock.After(openTime)
	for _, b := range []Backend{V4L2, GStreamer, Any} {
		o.mu.Lock()
		h := o.stuck[attempt{source, b}]
		o.mu.Unlock()
		if h == nil || !h.open {
			continue
		}
		select {
		case <-h.done:
		case <-late:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// keeps says whether a hand is still with a camera, by whatever backend.
func (o *Opener) keeps(source string) bool {
	for _, b := range []Backend{V4L2, GStreamer, Any} {
		if o.hangs(attempt{source, b}) {
			return true
		}
	}
	return false
}

// wins notes that a backend gives pictures; one that opens and then gives none is tried last.
func (o *Opener) wins(a attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.won[a.source] = a.backend
}

// loses notes that a backend opened a camera and gave no picture: the next one is tried first.
func (o *Opener) loses(a attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.won[a.source] = a.backend%Any + 1
}

const (
	wantRate   = 30.0
	enoughRate = 24.0
	motionJPEG = "MJPG"
)

// negotiate asks for the size, and for pictures that the camera compresses only where it takes that to give enough of them: a descriptor of a
// face likes what no compression has touched.
func negotiate(s Stream, wide bool) Format {
	want := Format{Width: 640, Height: 480, Rate: wantRate}
	if wide {
		want.Width, want.Height = 1280, 720
	}
	own := s.Ask(want)
	if fits(own, want) && (own.Rate == 0 || own.Rate >= enoughRate) {
		return own
	}
	want.Code = motionJPEG
	compressed := s.Ask(want)
	if compressed.Code == motionJPEG && fits(compressed, want) && (compressed.Rate > own.Rate || !fits(own, want)) {
		return compressed
	}
	want.Code = own.Code
	return s.Ask(want)
}

// fits says whether a driver granted the size that it was asked for.
func fits(got, want Format) bool { return got.Width == want.Width && got.Height == want.Height }
