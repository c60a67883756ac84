package webcam

import (
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// double is a Port whose devices break as a test says.
type double struct {
	open map[Backend]func() (*film, error) // nil: that backend does not know the camera

	mu    sync.Mutex
	asked []Backend
}

var errNoBackend = errors.New("not opened")

func (d *double) Open(_ Device, b Backend) (Stream, error) {
	d.mu.Lock()
	d.asked = append(d.asked, b)
	d.mu.Unlock()
	open := d.open[b]
	if open == nil {
		return nil, errNoBackend
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *double) tried() []Backend {
	d.mu.Lock()
	defer d.mu.Unlock()
	tried := d.asked
	d.asked = nil
	return tried
}

// film is a Stream: pictures at a rate, each as a test says.
type film struct {
	rate    float64
	picture func(n int) biometrics.Frame // by number, from 0; nil gives noise
	breaks  int                          // number of the picture at which it ends; 0 for never
	silent  int                          // number of the picture that never comes; 0 for none
	release chan struct{}                // ends the silence
	grants  func(Format) Format

	mu      sync.Mutex
	started time.Time
	next    int // number of the next picture
	reads   int
	skips   int
	closes  int
}

func (f *film) Ask(want Format) Format {
	if f.grants != nil {
		return f.grants(want)
	}
	return want
}

// wait waits for the next picture; those that nobody waited for have gone by.
func (f *film) wait() int {
	every := time.Duration(float64(time.Second) / f.rate)
	if f.started.IsZero() {
		f.started = time.Now()
	}
	if now := int(time.Since(f.started) / every); now > f.next {
		f.next = now
	}
	if f.silent > 0 && f.next >= f.silent {
		<-f.release
		f.silent = 0
	}
	if f.breaks > 0 && f.next >= f.breaks {
		return -1
	}
	<-time.After(time.Until(f.started.Add(time.Duration(f.next+1) * every)))
	f.next++
	return f.next - 1
}

func (f *film) Read() (biometrics.Frame, error) {
	n := f.wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if n < 0 {
		return biometrics.Frame{}, errors.New("no picture")
	}
	if f.picture == nil {
		return noise(n, 100), nil
	}
	return f.picture(n), nil
}

func (f *film) Skip() {
	f.wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.skips++; f.skips > 1<<16 {
		panic("a device that gives nothing is asked for ever")
	}
}

func (f *film) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closes++
	return nil
}

// closed says how often it was closed.
func (f *film) closed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closes
}

func (f *film) counts() (reads, skips int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads, f.skips
}

// grey is a picture of one level.
func grey(level byte) biometrics.Frame {
	f := biometrics.Frame{Width: 32, Height: 24, Pix: make([]byte, 4*32*24)}
	for i := range f.Pix {
		f.Pix[i] = level
	}
	return f
}

// noise is a picture as a sensor gives it: about a level, and never the same twice.
func noise(n int, level byte) biometrics.Frame {
	f := grey(level)
	f.Pix[4*(n%300)] ^= 3
	f.Pix[4*(n/300%300)+1] ^= 1
	return f
}

// world is a machine with one camera.
type world struct {
	tree   tree
	port   *double
	film   *film // that V4L2 opens
	kernel func(path string, streams bool) (node, error)
	opener *Opener
}

func newWorld(t *testing.T, rate float64) *world {
	w := &world{tree: newTree(t), film: &film{rate: rate, release: make(chan struct{})}}
	w.tree.plug(0, webcam("1-4", "A1"))
	w.port = &double{open: map[Backend]func() (*film, error){V4L2: func() (*film, error) { return w.film, nil }}}
	w.kernel = func(path string, _ bool) (node, error) {
		devices, err := Devices(w.tree.root)
		if d, ok := Find(devices, path); err == nil && ok {
			return node{dev: d.Dev, driver: d.Info.Driver, picture: true}, nil
		}
		return node{}, errors.New("no such node")
	}
	w.opener = NewOpener(Options{Port: w.port, Sysfs: w.tree.root, ask: func(path string, streams bool) (node, error) { return w.kernel(path, streams) }})
	return w
}

// camera opens the world's camera.
func (w *world) camera(t *testing.T) *Camera {
	t.Helper()
	c, err := w.opener.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
