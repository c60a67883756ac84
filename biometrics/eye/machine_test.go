package eye

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/webcam"
)

// machine is a Backend with one webcam, which a test pulls out, breaks and covers. It runs on the time of a synctest bubble.
type machine struct {
	fakeBackend
	every time.Duration        // between two frames
	side  int                  // of a frame; 0 for a tiny one
	slow  biometrics.Describer // nil is a fake's

	mu     sync.Mutex
	info   biometrics.CameraInfo
	gone   bool
	refuse error         // what opening says
	hang   chan struct{} // opening waits for it, or for its context
	fault  error         // what Read says
	opens  []time.Time
	asked  []string // sources
	light  int      // cameras that are open
	rates  []int
	reads  int
}

func newMachine() *machine {
	return &machine{every: 40 * time.Millisecond, info: biometrics.CameraInfo{
		Name: "HD Webcam", Driver: "uvcvideo", Vendor: "046d", Product: "0825", Serial: "A1", Port: "1-4"}}
}

// identity is how the machine's camera is found again.
const identity = "usb:046d:0825?port=1-4&serial=A1"

func (m *machine) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *machine) OpenCamera(ctx context.Context, source string) (biometrics.Camera, error) {
	m.mu.Lock()
	m.opens, m.asked = append(m.opens, time.Now()), append(m.asked, source)
	hang := m.hang
	m.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.refuse != nil:
		return nil, fmt.Errorf("open: %w", m.refuse)
	case m.gone || source != "" && source != identity:
		return nil, fmt.Errorf("open: %w", biometrics.ErrCameraMissing)
	}
	m.light++
	return &lamp{m: m, info: m.info, opened: time.Now()}, nil
}

func (m *machine) OpenDescriber() (biometrics.Describer, error) {
	if m.slow != nil {
		return m.slow, nil
	}
	return &fakeDescriber{}, nil
}

func (m *machine) lights() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.light
}

// tries returns when and as what the camera was asked for since the last call.
func (m *machine) tries() ([]time.Time, []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	opens, asked := m.opens, m.asked
	m.opens, m.asked = nil, nil
	return opens, asked
}

// lamp is the machine's camera.
type lamp struct {
	m    *machine
	info biometrics.CameraInfo
	n    int

	opened time.Time
}

var _ Webcam = (*lamp)(nil)

func (l *lamp) Info() biometrics.CameraInfo { return l.info }

func (l *lamp) Rate(fps int) { l.m.set(func() { l.m.rates = append(l.m.rates, fps) }) }

func (l *lamp) Read() (biometrics.Frame, error) {
	<-time.After(l.m.every)
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.m.reads++
	l.n++
	switch {
	case l.m.gone:
		return biometrics.Frame{}, fmt.Errorf("read: %w", biometrics.ErrCameraMissing)
	case l.m.fault != nil:
		return biometrics.Frame{}, fmt.Errorf("read: %w", l.m.fault)
	}
	f := frameOf(byte(l.n))
	if side := l.m.side; side > 0 {
		f = biometrics.Frame{Width: side, Height: side, Pix: make([]byte, 4*side*side)}
	}
	f.At = time.Since(l.opened)
	return f, nil
}

func (l *lamp) Close() error {
	l.m.set(func() { l.m.light-- })
	return nil
}

// passing is a fault that may pass.
func passing(err error) error { return fmt.Errorf("%w: %w", err, webcam.ErrPassing) }

// inBubble keeps an eye on a machine, on the time of a bubble, and collects what it says but pictures and faces.
func inBubble(t *testing.T, m *machine, test func(t *testing.T, k *Keeper, said *events)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k, err := Start(t.Context(), Options{Launch: Local(m, nil)})
		if err != nil {
			t.Fatal(err)
		}
		s := &events{began: time.Now()}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range k.Events() {
				s.add(e)
			}
		}()
		synctest.Wait()
		test(t, k, s)
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		<-done
		if n := m.lights(); n != 0 {
			t.Errorf("%d cameras are open at the end", n)
		}
	})
}

// events is what a keeper said and when.
type events struct {
	mu       sync.Mutex
	began    time.Time
	said     []string
	previews int
	seen     []Seen
}

func (s *events) add(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	switch e := e.(type) {
	case Preview:
		s.previews++
		return
	case Seen:
		s.seen = append(s.seen, e)
		return
	case CameraOpened:
		text = "opened " + e.Info.Port
	case CameraFailed:
		text = "failed " + word(e.Err)
		if e.Again {
			text += ", looks for it"
		}
	case CameraTrouble:
		text = "trouble " + word(e.Err)
	case Died:
		text = "died"
	default:
		return
	}
	s.said = append(s.said, fmt.Sprintf("%v %s", time.Since(s.began).Round(time.Millisecond), text))
}

// word is an error's name.
func word(err error) string {
	for name, e := range map[string]error{
		"missing": biometrics.ErrCameraMissing, "busy": biometrics.ErrCameraBusy, "dark": biometrics.ErrCameraDark,
		"frozen": biometrics.ErrCameraFrozen, "slow": biometrics.ErrCameraSlow, "ended": biometrics.ErrCameraEnded,
	} {
		if errors.Is(err, e) {
			return name
		}
	}
	return fmt.Sprint(err)
}

// wait lets a time go by, from the beginning, and compares what was said since the last call.
func (s *events) wait(t *testing.T, until time.Duration, want ...string) {
	t.Helper()
	<-time.After(time.Until(s.began.Add(until)))
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.said, want) {
		t.Errorf("until %v: %q, want %q", until, s.said, want)
	}
	s.said = nil
}

// counts returns how many previews and faces came since the last call.
func (s *events) counts() (previews, faces int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	previews, faces = s.previews, len(s.seen)
	s.previews, s.seen = 0, nil
	return previews, faces
}

func opens(t *testing.T, k *Keeper, source string) {
	t.Helper()
	if _, err := k.Open(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}
