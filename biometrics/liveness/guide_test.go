package liveness_test

import (
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

// TestGuide: the tick comes when the gesture is made, and goes when the next is asked for.
func TestGuide(t *testing.T) {
	for _, kind := range []liveness.Kind{liveness.Entry, liveness.Enrolment} {
		for seed := range byte(10) {
			c := drawnOf(t, seed, kind)
			g := liveness.NewGuide(c, liveness.DefaultRules())
			var start time.Duration
			for _, o := range person(c) {
				at := time.Duration(o.Offset) * time.Millisecond
				step := c.StepAt(at)
				start = liveness.Challenge{Steps: c.Steps[:step]}.Duration()
				reached := g.Reached(o)
				settled := at-start > 700*time.Millisecond || step == 0
				if c.Steps[step].Gesture == liveness.ComeCloser || step > 0 && c.Steps[step-1].Gesture == liveness.ComeCloser {
					settled = at-start > 900*time.Millisecond
				}
				if settled && !reached || step > 0 && at-start < 250*time.Millisecond && reached {
					t.Errorf("%s, seed %d: %v, %v after the cue: %v", kindName(kind), seed, c.Steps[step].Gesture, at-start, reached)
				}
			}
		}
	}
}

func TestGuideDoesNotTick(t *testing.T) {
	c := drawn(t, 1)
	still := actor.Honest()
	still.Turn, still.Up, still.Tilt, still.Closer = 0, 0, 0, 0
	g := liveness.NewGuide(c, liveness.DefaultRules())
	for _, o := range played(c, still) {
		if g.Reached(o) && c.Steps[o.Cue].Gesture != liveness.Neutral {
			t.Errorf("%v: who does nothing does it", c.Steps[o.Cue].Gesture)
		}
	}
	for name, o := range map[string]biometrics.Observation{
		"no face":           {Quality: biometrics.Quality(0).With(biometrics.NoFace)},
		"no landmarks":      {},
		"a step too far":    {Cue: liveness.Steps, Landmarks: landmarks(200, 200, 0)},
		"turned, at first":  {Landmarks: landmarks(200, 200, 0), Quality: biometrics.Quality(0).With(biometrics.Turned)},
		"asked to turn yet": {Cue: 1, Landmarks: landmarks(200, 200, 0.4)},
	} {
		if liveness.NewGuide(c, liveness.DefaultRules()).Reached(o) {
			t.Errorf("%s: reached", name)
		}
	}
}
