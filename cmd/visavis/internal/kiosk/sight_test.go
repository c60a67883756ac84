package kiosk

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// backend is an eye's native part: one camera, which can be taken away.
type backend struct {
	gone atomic.Bool
	open atomic.Int32 // cameras that are open
}

func (b *backend) Cameras() ([]biometrics.CameraInfo, error) {
	return []biometrics.CameraInfo{chattest.Camera()}, nil
}

func (b *backend) OpenCamera(context.Context, string) (biometrics.Camera, error) {
	if b.gone.Load() {
		return nil, fmt.Errorf("open camera: %w", biometrics.ErrCameraMissing)
	}
	b.open.Add(1)
	return &camera{b: b, tick: time.NewTicker(2 * time.Millisecond)}, nil
}

func (b *backend) OpenDescriber() (biometrics.Describer, error) { return describer{}, nil }
func (b *backend) Decode([]byte) (biometrics.Frame, error)      { return biometrics.Frame{}, eye.ErrPicture }

type camera struct {
	b     *backend
	tick  *time.Ticker
	count time.Duration
}

func (c *camera) Read() (biometrics.Frame, error) {
	<-c.tick.C
	if c.b.gone.Load() {
		return biometrics.Frame{}, fmt.Errorf("read: %w", biometrics.ErrCameraMissing)
	}
	c.count++
	return biometrics.Frame{Width: 2, Height: 1, Pix: make([]byte, 8), At: c.count * 40 * time.Millisecond}, nil
}

func (c *camera) Info() biometrics.CameraInfo { return chattest.Camera() }

func (c *camera) Close() error {
	c.tick.Stop()
	c.b.open.Add(-1)
	return nil
}

type describer struct{}

func (describer) Describe(biometrics.Frame) (biometrics.Face, error) {
	var q biometrics.Quality
	return biometrics.Face{Quality: q.With(biometrics.NoFace)}, nil
}
func (describer) Weights() string { return "made up" }
func (describer) Close() error    { return nil }

func (d *desk) pictures() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.frames
}

// With the real keeper: the camera is opened while the name is typed, pictures come only where somebody looks, a camera that was pulled out
// is looked for until it is back, and it is closed at the end.
func TestARealKeeper(t *testing.T) {
	w := chattest.New(t, nil)
	founded(t, w).stop()
	b := new(backend)
	d := newDeskWith(t, w, "first", eye.Options{Launch: eye.Local(b, slog.New(slog.DiscardHandler))})
	d.until("the camera is open at the log-in", func(s flow.State) bool { return s.Page == flow.LogIn && s.Eye.Stage == flow.EyeOpen })
	if n := d.pictures(); n != 0 {
		t.Errorf("%d pictures were taken of somebody who typed a name", n)
	}
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.until("what is wrong with the picture", func(s flow.State) bool {
		return s.Page == flow.Look && s.Capture.Seen && len(s.Capture.Reasons) == 1 && s.Capture.Reasons[0] == biometrics.NoFace
	})
	d.until("pictures", func(flow.State) bool { return d.pictures() > 3 })
	b.gone.Store(true)
	d.until("it is gone", func(s flow.State) bool { return s.Eye.Stage == flow.EyeFailed && s.Eye.Problem.Kind == flow.CameraGone })
	b.gone.Store(false)
	d.until("it is back", func(s flow.State) bool { return s.Eye.Stage == flow.EyeOpen && s.Eye.Back })
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))
	d.settle()
	before := d.pictures()
	d.k.Post(flow.PanelOpened{Panel: flow.Settings})
	d.until("the cameras", func(s flow.State) bool { return len(s.Cameras) == 1 })
	d.until("the settings' picture", func(flow.State) bool { return d.pictures() > before+3 })
	_ = d.stop()
	if n := b.open.Load(); n != 0 {
		t.Errorf("%d cameras are still open", n)
	}
}
