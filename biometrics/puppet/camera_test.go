package puppet_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

var (
	_ biometrics.Camera = (*puppet.Camera)(nil)
	_ eye.Cued          = (*puppet.Camera)(nil)
)

// drawing is a picture with two drawn faces, at 100 and at 220, and where their landmarks are.
func drawing(t *testing.T) (path string, find puppet.Finder) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for i := range m.Pix {
		x, y := i/4%320, i/4/320
		m.Pix[i] = uint8(128 + 60*math.Sin(float64(x)/9)*math.Cos(float64(y)/11))
	}
	marks := func(x, y int) biometrics.Landmarks {
		for _, at := range [][2]int{{x - 15, y}, {x + 15, y}, {x, y + 20}} {
			for d := range 25 {
				m.Set(at[0]+d%5-2, at[1]+d/5-2, color.RGBA{A: 255})
			}
		}
		f := func(v int) float32 { return float32(v) }
		return biometrics.Landmarks{{X: f(x + 20), Y: f(y)}, {X: f(x + 10), Y: f(y)}, {X: f(x - 20), Y: f(y)}, {X: f(x - 10), Y: f(y)}, {X: f(x), Y: f(y + 20)}}
	}
	faces := []biometrics.Landmarks{marks(220, 90), marks(100, 90)} // the right one first: order is not the finder's
	path = filepath.Join(t.TempDir(), "two.png")
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func(biometrics.Frame) ([]biometrics.Landmarks, error) { return faces, nil }
}

func open(t *testing.T, o puppet.Options, find puppet.Finder, clock eye.Clock) *puppet.Camera {
	t.Helper()
	c, err := puppet.Open(context.Background(), o, find, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func read(t *testing.T, c *puppet.Camera) biometrics.Frame {
	t.Helper()
	f, err := c.Read()
	if err != nil {
		t.Fatal(err)
	}
	if f.Width != puppet.Width || f.Height != puppet.Height || len(f.Pix) != 4*f.Width*f.Height {
		t.Fatalf("a frame of %d×%d in %d bytes", f.Width, f.Height, len(f.Pix))
	}
	return f
}

func TestOpenRefuses(t *testing.T) {
	photo, find := drawing(t)
	broken := errors.New("no eyes")
	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		options puppet.Options
		find    puppet.Finder
		want    error
	}{
		{"no options", t.Context(), puppet.Options{}, find, puppet.ErrSource},
		{"nobody with a photograph", t.Context(), puppet.Options{Mode: puppet.Nobody, Photo: photo}, find, puppet.ErrSource},
		{"no such photograph", t.Context(), puppet.Options{Photo: "nowhere.jpg", Face: 1, Mode: puppet.Turn}, find, biometrics.ErrCameraMissing},
		{"no picture", t.Context(), puppet.Options{Photo: notes, Face: 1, Mode: puppet.Turn}, find, camera.ErrPicture},
		{"a third face of two", t.Context(), puppet.Options{Photo: photo, Face: 3, Mode: puppet.Turn}, find, puppet.ErrNoSuchFace},
		{"the other's third face", t.Context(), puppet.Options{Photo: photo, Face: 1, Mode: puppet.Mix, With: photo, WithFace: 3}, find, puppet.ErrNoSuchFace},
		{"a blind finder", t.Context(), puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn}, func(biometrics.Frame) ([]biometrics.Landmarks, error) { return nil, broken }, broken},
		{"landmarks in one point", t.Context(), puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn}, func(biometrics.Frame) ([]biometrics.Landmarks, error) { return make([]biometrics.Landmarks, 1), nil }, liveness.ErrLandmarks},
		{"too late", cancelled, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn}, find, context.Canceled},
	} {
		if c, err := puppet.Open(tt.ctx, tt.options, tt.find, &stepped{}); !errors.Is(err, tt.want) || c != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestClosedCameraGivesNothing(t *testing.T) {
	photo, find := drawing(t)
	c := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn}, find, &stepped{})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(); !errors.Is(err, biometrics.ErrCameraClosed) {
		t.Errorf("read after close: %v", err)
	}
}

// TestFramesAreEqualForEqualSeeds and never otherwise: noise and sway are there, and come from the seed alone.
func TestFramesAreEqualForEqualSeeds(t *testing.T) {
	photo, find := drawing(t)
	o := puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn, Seed: 7}
	other := o
	other.Seed = 8
	a, b, c := open(t, o, find, &stepped{}), open(t, o, find, &stepped{}), open(t, other, find, &stepped{})
	var before []byte
	for n := range 12 {
		if n == 4 {
			for _, cam := range []*puppet.Camera{a, b, c} {
				cam.Cue(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: liveness.TurnRight})
			}
		}
		x, y, z := read(t, a), read(t, b), read(t, c)
		if !bytes.Equal(x.Pix, y.Pix) {
			t.Fatalf("frame %d differs for one seed", n)
		}
		if bytes.Equal(x.Pix, z.Pix) || bytes.Equal(x.Pix, before) {
			t.Fatalf("frame %d repeats", n)
		}
		before = x.Pix
	}
}

func TestStillIsStill(t *testing.T) {
	photo, find := drawing(t)
	c := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Still}, find, &stepped{})
	first := read(t, c)
	c.Cue(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: liveness.TurnRight})
	for range 20 {
		if !bytes.Equal(first.Pix, read(t, c).Pix) {
			t.Fatal("it moved")
		}
	}
	if first.Pix[0] = 255 - first.Pix[0]; bytes.Equal(first.Pix, read(t, c).Pix) {
		t.Error("a frame is not its reader's own")
	}
}

func TestPace(t *testing.T) {
	photo, find := drawing(t)
	clock := &stepped{now: time.Unix(100, 0)}
	c := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn}, find, clock)
	for n := range 5 {
		if f := read(t, c); f.At != time.Duration(n)*40*time.Millisecond {
			t.Errorf("frame %d at %v", n, f.At)
		}
	}
	<-clock.After(time.Second) // the reader was away: one frame at once, and no burst of those it missed
	late := read(t, c).At
	if next := read(t, c).At; late != 1160*time.Millisecond || next != late+40*time.Millisecond && next != late {
		t.Errorf("after a second: %v, %v", late, next)
	}
}

// difference is the mean difference of two frames' face regions, in levels.
func difference(a, b biometrics.Frame) float64 {
	sum, n := 0, 0
	for y := 180; y < 320; y++ {
		for x := 260; x < 380; x++ {
			d := int(a.Pix[4*(y*a.Width+x)]) - int(b.Pix[4*(y*a.Width+x)])
			sum, n = sum+max(d, -d), n+1
		}
	}
	return float64(sum) / float64(n)
}

// settledFrame cues a step and waits until it is obeyed.
func settledFrame(t *testing.T, clock *stepped, c *puppet.Camera, step uint8, g liveness.Gesture) biometrics.Frame {
	t.Helper()
	c.Cue(eye.Cue{Challenge: [16]byte{1}, Step: step, Gesture: g})
	<-clock.After(time.Second)
	return read(t, c)
}

// TestMixShowsAnotherInOneReturn: with one seed in the first neutral return, with another in the second, and never in the first step or in a turn.
func TestMixShowsAnotherInOneReturn(t *testing.T) {
	photo, find := drawing(t)
	for seed := range uint64(2) {
		var here, there stepped
		self := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn, Seed: seed}, find, &here)
		mix := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Mix, With: photo, WithFace: 2, Seed: seed}, find, &there)
		for step := range uint8(7) {
			g := []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.Neutral, liveness.TurnRight}[step%4]
			a, b := settledFrame(t, &here, self, step, g), settledFrame(t, &there, mix, step, g)
			if other := !bytes.Equal(a.Pix, b.Pix); other != (uint64(step) == 2+2*seed) {
				t.Errorf("seed %d, step %d: another's face: %v", seed, step, other)
			}
		}
	}
}

func TestTurnsAndComesBack(t *testing.T) {
	photo, find := drawing(t)
	var clock stepped
	c := open(t, puppet.Options{Photo: photo, Face: 2, Mode: puppet.Turn, Seed: 1}, find, &clock)
	rest := settledFrame(t, &clock, c, 0, liveness.Neutral)
	left := settledFrame(t, &clock, c, 1, liveness.TurnLeft)
	back := settledFrame(t, &clock, c, 2, liveness.Neutral)
	right := settledFrame(t, &clock, c, 3, liveness.TurnRight)
	if d := difference(rest, back); d >= difference(rest, left) || d >= difference(rest, right) || d >= difference(left, right) {
		t.Errorf("back %.1f, left %.1f, right %.1f, left to right %.1f", d, difference(rest, left), difference(rest, right), difference(left, right))
	}
}
