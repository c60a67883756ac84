package liveness_test

import (
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

func TestFramesArePickedByTimeAlone(t *testing.T) {
	c := drawn(t, 4)
	clean := person(c)
	spoiled := slices.Clone(clean)
	for i := range spoiled {
		spoiled[i] = biometrics.Observation{Offset: clean[i].Offset, Cue: 99, Quality: biometrics.Quality(0).With(biometrics.NoFace)}
	}
	for _, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.TurnRight} {
		is := liveness.GestureFrames(c, clean, g)
		if len(is) < 3 || !slices.IsSorted(is) {
			t.Errorf("%v: frames %v", g, is)
		}
		if !slices.Equal(is, liveness.GestureFrames(c, spoiled, g)) {
			t.Errorf("%v: what a frame shows decides whether it is matched", g)
		}
		for _, i := range is {
			if s := c.Steps[clean[i].Cue]; s.Gesture != g {
				t.Errorf("frame %d of %v counts for %v", i, s.Gesture, g)
			}
		}
	}
	if !slices.Equal(liveness.NeutralFrames(c, clean), liveness.GestureFrames(c, clean, liveness.Neutral)) {
		t.Error("NeutralFrames differs")
	}
	if is := liveness.GestureFrames(c, clean, 0); is != nil {
		t.Errorf("the zero gesture: %v", is)
	}
}

// TestEveryStepHasAWindow holds at the borders: a frame at the window's start counts, one at its end does not.
func TestEveryStepHasAWindow(t *testing.T) {
	for seed := range byte(50) {
		c := drawn(t, seed)
		for i, w := range liveness.Windows(c, nil) {
			if w.Until()-w.From() != 300 {
				t.Errorf("step %d has %d ms", i, w.Until()-w.From())
			}
			for _, tt := range []struct {
				at   uint32
				want bool
			}{{w.From() - 1, false}, {w.From(), true}, {w.Until() - 1, true}, {w.Until(), false}} {
				if w.Holds(biometrics.Observation{Offset: tt.at}) != tt.want {
					t.Errorf("step %d: frame at %d ms", i, tt.at)
				}
			}
		}
	}
}

// TestASlowEyesWindowsAreLonger: three frames, by their offsets alone, and never more than 0.45 s.
func TestASlowEyesWindowsAreLonger(t *testing.T) {
	c := drawn(t, 1)
	for _, tt := range []struct {
		interval    time.Duration
		least, most uint32 // milliseconds
		frames      int
	}{{40, 300, 300, 7}, {80, 300, 300, 3}, {120, 300, 360, 3}, {145, 300, 435, 3}, {200, 300, 450, 2}, {400, 300, 450, 1}} {
		m := actor.Honest()
		m.Interval = actor.Span{Least: tt.interval * time.Millisecond, Most: tt.interval * time.Millisecond}
		obs := played(c, m)
		for i, w := range liveness.Windows(c, obs) {
			if i == 0 && tt.interval > 120 { // the first step is shorter
				continue
			}
			n := 0
			for _, o := range obs {
				if w.Holds(o) {
					n++
				}
			}
			if long := w.Until() - w.From(); n < tt.frames || n > tt.frames+1 || long < tt.least || long > tt.most {
				t.Errorf("every %d ms, step %d: %d frames in %d ms", tt.interval, i, n, long)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	for r := range liveness.ReasonEnd {
		if r.String() == "" || (r.Cure() == "") != (r == liveness.Followed) {
			t.Errorf("reason %d: %q, %q", r, r, r.Cure())
		}
	}
	if s := liveness.Reason(200).String(); s != "unknown reason 200" {
		t.Error(s)
	}
	if s := liveness.Gesture(200).String(); s != "unknown gesture 200" {
		t.Error(s)
	}
}
