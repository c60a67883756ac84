package liveness_test

import (
	"slices"
	"testing"

	"visavis/biometrics"
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
		is := liveness.TurnFrames(c, clean, g)
		if len(is) < 3 || !slices.IsSorted(is) {
			t.Errorf("%v: frames %v", g, is)
		}
		if !slices.Equal(is, liveness.TurnFrames(c, spoiled, g)) {
			t.Errorf("%v: what a frame shows decides whether it is matched", g)
		}
		for _, i := range is {
			if s := c.Steps[clean[i].Cue]; s.Gesture != g {
				t.Errorf("frame %d of %v counts for %v", i, s.Gesture, g)
			}
		}
	}
	if !slices.Equal(liveness.NeutralFrames(c, clean), liveness.TurnFrames(c, clean, liveness.Neutral)) {
		t.Error("NeutralFrames differs")
	}
	if is := liveness.TurnFrames(c, clean, 0); is != nil {
		t.Errorf("the zero gesture: %v", is)
	}
}

// TestEveryStepHasAWindow holds at the borders: a frame at the window's start counts, one at its end does not.
func TestEveryStepHasAWindow(t *testing.T) {
	for seed := range byte(50) {
		c := drawn(t, seed)
		for i, w := range liveness.Windows(c) {
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
