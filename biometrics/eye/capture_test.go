package eye

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// world is an eye that sees a frame every 100 ms of a bubble's time and describes each 30 ms later, in order.
type world struct {
	mu      sync.Mutex
	cue     Cue
	since   time.Time
	cues    []Cue
	quality biometrics.Quality
	noOne   bool // no camera
	still   bool // gives no frames any more
	lose    bool // the next frame gets lost on its way

	events chan Event
	quit   chan struct{}
	wg     sync.WaitGroup
	frame  uint8
}

func newWorld() *world {
	w := &world{events: make(chan Event, 1000), quit: make(chan struct{})}
	w.wg.Go(func() {
		for {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-w.quit:
				return
			}
			w.mu.Lock()
			if w.still {
				w.mu.Unlock()
				continue
			}
			s := Seen{Challenge: w.cue.Challenge, Step: w.cue.Step, Gesture: w.cue.Gesture, Face: biometrics.Face{Quality: w.quality}}
			if w.cue.Challenge != ([16]byte{}) {
				s.Offset = time.Since(w.since)
			}
			w.frame++
			s.Number, s.Face.Box.W = uint32(w.frame), float32(w.frame)
			if w.lose {
				w.lose = false
				w.mu.Unlock()
				continue
			}
			w.mu.Unlock()
			w.wg.Go(func() {
				<-time.After(30 * time.Millisecond)
				w.events <- s
			})
		}
	})
	return w
}

func (w *world) stop() { close(w.quit); w.wg.Wait() }

func (w *world) Cue(c Cue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Challenge != w.cue.Challenge {
		w.since = time.Now()
	}
	w.cue = c
	w.cues = append(w.cues, c)
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) Subscribe() (<-chan Event, func()) { return w.events, func() {} }
func (w *world) Camera() (biometrics.CameraInfo, bool) {
	return biometrics.CameraInfo{Name: "cam"}, !w.noOne
}
func (w *world) Weights() string { return "fake/1" }
func (w *world) Clock() Clock    { return systemClock{} }

func challenge() liveness.Challenge {
	return liveness.Challenge{ID: [16]byte{3}, Steps: []liveness.Step{
		{Gesture: liveness.Neutral, Millis: 1000}, {Gesture: liveness.TurnLeft, Millis: 1550},
		{Gesture: liveness.Neutral, Millis: 900}, {Gesture: liveness.TurnRight, Millis: 1500}, {Gesture: liveness.Neutral, Millis: 1000},
	}, Light: []liveness.Shade{
		{Tint: liveness.Warm, Millis: 700}, {Tint: liveness.Cool, Millis: 850}, {Tint: liveness.Plain, Millis: 1000}, {Tint: liveness.Warm, Millis: 850},
		{Tint: liveness.Cool, Millis: 850}, {Tint: liveness.Plain, Millis: 850}, {Tint: liveness.Cool, Millis: 850},
	}}
}

func TestCaptureKeepsEveryFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		var phases []Progress
		go func() { // in the middle, the light goes off for a while
			<-time.After(3 * time.Second)
			w.set(func() { w.quality = biometrics.Quality(0).With(biometrics.TooDark) })
			<-time.After(time.Second)
			w.set(func() { w.quality = 0 })
		}()
		c := challenge()
		e, err := Capture(t.Context(), w, c, func(p Progress) { phases = append(phases, p) })
		if err != nil {
			t.Fatal(err)
		}
		if n, want := len(e.Frames), int(c.Duration()/(100*time.Millisecond)); n < want-1 || n > want+1 {
			t.Errorf("%d frames, want %d", n, want)
		}
		dark := 0
		for i, f := range e.Frames {
			if i > 0 && (f.Box.W != e.Frames[i-1].Box.W+1 || f.Offset <= e.Frames[i-1].Offset) {
				t.Errorf("frame %d follows frame %d", int(f.Box.W), int(e.Frames[i-1].Box.W))
			}
			if f.Number != uint32(f.Box.W) {
				t.Errorf("frame %d has number %d", int(f.Box.W), f.Number)
			}
			if f.Quality.Has(biometrics.TooDark) {
				dark++
			}
			if want := stepAt(c, time.Duration(f.Offset)*time.Millisecond); f.Cue != want {
				t.Errorf("frame at %d ms has cue %d, want %d", f.Offset, f.Cue, want)
			}
		}
		if dark < 9 {
			t.Errorf("%d dark frames: bad frames must stay", dark)
		}
		if e.Camera.Name != "cam" || e.Weights != "fake/1" {
			t.Errorf("%+v %q", e.Camera, e.Weights)
		}
		if last := w.cues[len(w.cues)-1]; last != (Cue{}) {
			t.Errorf("last cue %+v", last)
		}
		if end := phases[len(phases)-1]; phases[0].Phase != Settling || end.Phase != Done || end.Fraction != 1 || end.Frames != len(e.Frames) {
			t.Errorf("progress from %+v to %+v", phases[0], end)
		}
	})
}

// TestCaptureTellsTheCueAtEachChange: eye and window are told of every step and every tint at its moment, and how much of the step is left.
func TestCaptureTellsTheCueAtEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		c := challenge()
		var start time.Time
		tints := map[liveness.Tint]bool{}
		if _, err := Capture(t.Context(), w, c, func(p Progress) {
			if p.Phase != Playing {
				return
			}
			if start.IsZero() {
				start = time.Now()
			}
			since := time.Since(start)
			if since >= c.Duration() {
				if p.Tint != liveness.Plain || p.Left != 0 {
					t.Errorf("after the end: %+v", p)
				}
				return
			}
			i := c.StepAt(since)
			s := c.Steps[i]
			tints[p.Tint] = true
			left := liveness.Challenge{Steps: c.Steps[:i+1]}.Duration() - since
			if p.Tint != c.TintAt(since) || p.Step != i || p.Steps != len(c.Steps) || p.Gesture != s.Gesture || p.Left != left || p.StepTime != time.Duration(s.Millis)*time.Millisecond {
				t.Errorf("%v after the start: %+v, want step %d, %v, %v left", since, p, i, c.TintAt(since), left)
			}
		}); err != nil {
			t.Fatal(err)
		}
		if len(tints) != 3 {
			t.Errorf("the window was told of %v", tints)
		}
		want := []Cue{}
		for _, m := range marksOf(c) {
			want = append(want, Cue{Challenge: c.ID, Step: uint8(c.StepAt(m.at)), Gesture: c.Steps[c.StepAt(m.at)].Gesture, Tint: c.TintAt(m.at)})
		}
		if len(want) != 10 || !slices.Equal(w.cues[:len(want)], want) { // 5 steps and 7 shades, of which two pairs begin together
			t.Errorf("cues %+v, want %+v", w.cues, want)
		}
	})
}

// TestSettleIsPatientWithPosture: it asks for open eyes and a still face that looks into the camera, but not for ever, and for light for ever.
func TestSettleIsPatientWithPosture(t *testing.T) {
	good := biometrics.Quality(0)
	for _, tt := range []struct {
		name    string
		quality biometrics.Quality
		least   time.Duration
		most    time.Duration
		want    biometrics.Reason
	}{
		{"good", good, 0, time.Second, 0},
		{"eyes that look closed", good.With(biometrics.EyesHidden), 3 * time.Second, 4 * time.Second, 0},
		{"never quite ahead", good.With(biometrics.Turned), 6 * time.Second, 7 * time.Second, 0},
		{"never quite still", good.With(biometrics.Moving).With(biometrics.EyesHidden), 6 * time.Second, 7 * time.Second, 0},
		{"dark", good.With(biometrics.TooDark).With(biometrics.EyesHidden), SettleTime, SettleTime, biometrics.TooDark},
		{"so dark that no face is found", good.With(biometrics.NoFace).With(biometrics.TooDark), SettleTime, SettleTime, biometrics.TooDark},
		{"two", good.With(biometrics.Turned).With(biometrics.TwoFaces), SettleTime, SettleTime, biometrics.TwoFaces},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				defer w.stop()
				w.set(func() { w.quality = tt.quality })
				start := time.Now()
				var last Progress
				err := Settle(t.Context(), w, func(p Progress) { last = p })
				took := time.Since(start)
				if took < tt.least || took > tt.most {
					t.Errorf("took %v", took)
				}
				if s := (*SettleError)(nil); tt.most < SettleTime && err != nil || tt.most == SettleTime && (!errors.As(err, &s) || s.Reason != tt.want) {
					t.Errorf("error %v", err)
				}
				if err == nil && !last.Quality.Clear() {
					t.Errorf("the window was told of %v last", last.Quality.Reasons())
				}
			})
		})
	}
}

func stepAt(c liveness.Challenge, at time.Duration) uint8 {
	for i := range c.Steps {
		if at < (liveness.Challenge{Steps: c.Steps[:i+1]}).Duration() {
			return uint8(i)
		}
	}
	return uint8(len(c.Steps) - 1)
}

func TestSettleNamesTheCure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		w.set(func() { w.quality = biometrics.Quality(0).With(biometrics.Blurred).With(biometrics.TooFar) })
		err := Settle(t.Context(), w, nil)
		var s *SettleError
		if !errors.As(err, &s) || s.Blind || s.Reason != biometrics.TooFar || s.Error() != "too far away: come closer" {
			t.Errorf("error %v", err)
		}
		w.set(func() { w.still = true })
		<-time.After(time.Second)
		for len(w.events) > 0 {
			<-w.events
		}
		if err := Settle(t.Context(), w, nil); !errors.As(err, &s) || !s.Blind {
			t.Errorf("blind: %v", err)
		}
		w.noOne = true
		if err := Settle(t.Context(), w, nil); !errors.Is(err, ErrNoCamera) {
			t.Errorf("no camera: %v", err)
		}
	})
}

// A frame that got lost between the eye and the evidence is a missing number: who judges can see it.
func TestALostFrameIsAMissingNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		go func() {
			<-time.After(3 * time.Second)
			w.set(func() { w.lose = true })
		}()
		e, err := Capture(t.Context(), w, challenge(), nil)
		if err != nil {
			t.Fatal(err)
		}
		holes := uint32(0)
		for i, f := range e.Frames[1:] {
			holes += f.Number - e.Frames[i].Number - 1
		}
		if holes != 1 {
			t.Errorf("%d numbers are missing, want 1", holes)
		}
	})
}

// A capture is whole or an error: whatever interrupts the eye spoils it, so no frame can be lost on purpose.
func TestCaptureIsSpoiled(t *testing.T) {
	for name, tc := range map[string]struct {
		event Event
		want  error
	}{
		"eye dies":         {Died{Err: ErrDied}, ErrDied},
		"camera fails":     {CameraFailed{Err: biometrics.ErrCameraMissing}, biometrics.ErrCameraMissing},
		"camera is dark":   {CameraTrouble{Err: biometrics.ErrCameraDark}, biometrics.ErrCameraDark},
		"another camera":   {CameraOpened{}, ErrInterrupted},
		"other weights":    {Ready{}, ErrInterrupted},
		"events were lost": {Seen{Missed: 1}, ErrInterrupted},
		"no weights":       {NoWeights{Err: ErrNoWeights}, ErrNoWeights},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				defer w.stop()
				go func() {
					<-time.After(2 * time.Second)
					w.events <- tc.event
				}()
				if _, err := Capture(t.Context(), w, challenge(), nil); !errors.Is(err, tc.want) {
					t.Errorf("error %v", err)
				}
				if last := w.cues[len(w.cues)-1]; last != (Cue{}) {
					t.Errorf("the challenge goes on: %+v", last)
				}
			})
		})
	}
}

func TestCaptureEndsWhenTheCameraStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		go func() {
			<-time.After(4 * time.Second)
			w.set(func() { w.still = true })
		}()
		if _, err := Capture(t.Context(), w, challenge(), nil); !errors.Is(err, ErrInterrupted) {
			t.Errorf("error %v", err)
		}
	})
}

func TestCaptureIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := Capture(ctx, w, challenge(), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestCaptureBoundsItsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		defer w.stop()
		long := challenge()
		long.Steps[0].Millis = 60000
		if _, err := Capture(t.Context(), w, long, nil); !errors.Is(err, ErrChallenge) {
			t.Errorf("error %v", err)
		}
	})
	for name, c := range map[string]liveness.Challenge{
		"no id": {Steps: challenge().Steps}, "no steps": {ID: [16]byte{1}}, "too many": {ID: [16]byte{1}, Steps: make([]liveness.Step, 256)},
	} {
		if _, err := Capture(t.Context(), nobody{}, c, nil); !errors.Is(err, ErrChallenge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// nobody is never asked anything.
type nobody struct{ Watched }

// The whole way: capture over a keeper, its pipes, and an eye that serves a fake camera.
func TestCaptureOverAKeeper(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	k.Watch(MaxRate, false)
	if _, err := k.Open(t.Context(), "cam"); err != nil {
		t.Fatal(err)
	}
	c := liveness.Challenge{ID: [16]byte{1}, Steps: []liveness.Step{{Gesture: liveness.Neutral, Millis: 300}, {Gesture: liveness.TurnLeft, Millis: 300}}}
	e, err := Capture(t.Context(), k, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	steps := map[uint8]int{}
	for _, f := range e.Frames {
		steps[f.Cue]++
	}
	if steps[0] == 0 || steps[1] == 0 || len(steps) != 2 {
		t.Errorf("frames by step: %v", steps)
	}
}
