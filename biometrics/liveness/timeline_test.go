package liveness

import (
	"slices"
	"testing"

	"visavis/biometrics"
)

func TestFramesArePickedByTimeAlone(t *testing.T) {
	c := drawn(t, 4)
	clean := person(c, 0.3, 0.3)
	spoiled := slices.Clone(clean)
	for i := range spoiled {
		spoiled[i] = biometrics.Observation{Offset: clean[i].Offset, Cue: 99, Quality: biometrics.Quality(0).With(biometrics.NoFace)}
	}
	for _, g := range []Gesture{Neutral, TurnLeft, TurnRight} {
		is := TurnFrames(c, clean, g)
		if len(is) < 3 || !slices.IsSorted(is) {
			t.Errorf("%v: frames %v", g, is)
		}
		if !slices.Equal(is, TurnFrames(c, spoiled, g)) {
			t.Errorf("%v: what a frame shows decides whether it is matched", g)
		}
		for _, i := range is {
			if s := c.Steps[clean[i].Cue]; s.Gesture != g {
				t.Errorf("frame %d of %v counts for %v", i, s.Gesture, g)
			}
		}
	}
	if !slices.Equal(NeutralFrames(c, clean), TurnFrames(c, clean, Neutral)) {
		t.Error("NeutralFrames differs")
	}
	if is := TurnFrames(c, clean, 0); is != nil {
		t.Errorf("the zero gesture: %v", is)
	}
}

// TestEveryStepHasAWindow holds at the borders: a frame at the window's start counts, one at its end does not.
func TestEveryStepHasAWindow(t *testing.T) {
	for seed := range byte(50) {
		c := drawn(t, seed)
		for i, w := range windows(c) {
			if w.until-w.from < 300 {
				t.Errorf("step %d has %d ms", i, w.until-w.from)
			}
			for _, tt := range []struct {
				at   uint32
				want bool
			}{{w.from - 1, false}, {w.from, true}, {w.until - 1, true}, {w.until, false}} {
				if w.holds(biometrics.Observation{Offset: tt.at}) != tt.want {
					t.Errorf("step %d: frame at %d ms", i, tt.at)
				}
			}
		}
	}
}

func TestReasons(t *testing.T) {
	for r := range reasonEnd {
		if r.String() == "" || (r.Cure() == "") != (r == Followed) {
			t.Errorf("reason %d: %q, %q", r, r, r.Cure())
		}
	}
	if s := Reason(200).String(); s != "unknown reason 200" {
		t.Error(s)
	}
	if s := Gesture(200).String(); s != "unknown gesture 200" {
		t.Error(s)
	}
}
