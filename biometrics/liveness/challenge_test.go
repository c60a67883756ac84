package liveness_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"

	"visavis/biometrics/liveness"
)

func TestDrawFailsWithItsRandomness(t *testing.T) {
	broken := errors.New("no entropy")
	for n := range 40 {
		r := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{1}, n)), iotest.ErrReader(broken))
		if c, err := liveness.Draw(r, liveness.Entry); !errors.Is(err, broken) || c.Steps != nil {
			t.Errorf("after %d bytes: %v, %v", n, c, err)
		}
	}
	if _, err := liveness.Draw(bytes.NewReader(make([]byte, 128)), liveness.Entry); !errors.Is(err, liveness.ErrChallenge) {
		t.Errorf("an id of zeros: %v", err)
	}
	// Numbers that would favour some orders are never used, and a source of nothing else is no source.
	if _, err := liveness.Draw(bytes.NewReader(bytes.Repeat([]byte{255}, 1<<10)), liveness.Entry); err == nil {
		t.Error("a source that repeats itself was used")
	}
}

func TestValidateRefuses(t *testing.T) {
	turn := func(gs ...liveness.Gesture) func(*liveness.Challenge) {
		return func(c *liveness.Challenge) {
			for i, g := range gs {
				c.Steps[2*i+1].Gesture = g
			}
			for i := range c.Steps[1:] { // times that would do
				c.Steps[i+1].Millis = 1100
			}
		}
	}
	for _, tt := range []struct {
		name string
		edit func(*liveness.Challenge)
	}{
		{"no id", func(c *liveness.Challenge) { c.ID = [16]byte{} }},
		{"no kind", func(c *liveness.Challenge) { c.Kind = 0 }},
		{"another kind", func(c *liveness.Challenge) { c.Kind = liveness.Enrolment }},
		{"an unknown kind", func(c *liveness.Challenge) { c.Kind = 3 }},
		{"no steps", func(c *liveness.Challenge) { c.Steps = nil }},
		{"a step less", func(c *liveness.Challenge) { c.Steps = c.Steps[:liveness.Steps-1] }},
		{"a step more", func(c *liveness.Challenge) {
			c.Steps = append(c.Steps, liveness.Step{Gesture: liveness.Neutral, Millis: 1000})
		}},
		{"does not begin with neutral", func(c *liveness.Challenge) { c.Steps[0].Gesture = liveness.TurnLeft }},
		{"does not end with neutral", func(c *liveness.Challenge) { c.Steps[liveness.Steps-1].Gesture = liveness.TurnLeft }},
		{"no neutral between turns", func(c *liveness.Challenge) { c.Steps[2].Gesture = liveness.TurnRight }},
		{"neutral for a turn", func(c *liveness.Challenge) { c.Steps[1].Gesture = liveness.Neutral }},
		{"left only", turn(liveness.TurnLeft, liveness.TurnLeft, liveness.TurnLeft, liveness.TurnLeft)},
		{"no right", turn(liveness.TurnLeft, liveness.LookUp, liveness.TiltLeft, liveness.TiltRight)},
		{"no left", turn(liveness.TurnRight, liveness.LookUp, liveness.TiltLeft, liveness.TiltRight)},
		{"a look down, which is enrolment's", turn(liveness.TurnRight, liveness.TurnLeft, liveness.LookDown, liveness.TiltRight)},
		{"an unknown gesture", turn(liveness.TurnRight, liveness.TurnLeft, 9, liveness.TiltRight)},
		{"the zero gesture", turn(liveness.TurnRight, liveness.TurnLeft, 0, liveness.TiltRight)},
		{"a time that is not drawn", func(c *liveness.Challenge) { c.Steps[3].Millis++ }},
		{"no time", func(c *liveness.Challenge) { c.Steps[3].Millis = 0 }},
		{"the first step's time in another", func(c *liveness.Challenge) { c.Steps[2].Millis = 600 }},
		{"too long a time", func(c *liveness.Challenge) { c.Steps[0].Millis = 65535 }},
		{"no light", func(c *liveness.Challenge) { c.Light = nil }},
		{"light that ends too soon", func(c *liveness.Challenge) { c.Light = c.Light[:len(c.Light)-1] }},
		{"light that goes on", func(c *liveness.Challenge) {
			c.Light = append(c.Light, liveness.Shade{Tint: c.Light[len(c.Light)-1].Tint%3 + 1, Millis: 400})
		}},
		{"a light that does not change", func(c *liveness.Challenge) { c.Light[1].Tint = c.Light[0].Tint }},
		{"a light of no tint", func(c *liveness.Challenge) { c.Light[2].Tint = 0 }},
		{"a light of an unknown tint", func(c *liveness.Challenge) { c.Light[2].Tint = 4 }},
		{"a light that flickers", func(c *liveness.Challenge) { c.Light[2].Millis = 100 }},
	} {
		c := drawn(t, 5)
		tt.edit(&c)
		if err := c.Validate(); !errors.Is(err, liveness.ErrChallenge) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestDraw(t *testing.T) {
	for _, tt := range []struct {
		kind     liveness.Kind
		orders   int
		outcomes int
		most     time.Duration
		gesture  []liveness.Gesture // those that come
	}{
		{liveness.Entry, liveness.EntryOrders, 302 << 18, 9500 * time.Millisecond, []liveness.Gesture{2, 3, 4, 6, 7, 8}},
		{liveness.Enrolment, liveness.EnrolmentOrders, 24 << 18, 11500 * time.Millisecond, []liveness.Gesture{2, 3, 4, 5}},
	} {
		random := rand.NewChaCha8([32]byte{1})
		if tt.kind.Outcomes() != tt.outcomes {
			t.Errorf("kind %d: %d outcomes, want %d", tt.kind, tt.kind.Outcomes(), tt.outcomes)
		}
		const draws = 20000
		var sum, longest time.Duration
		count, times, asked := map[[liveness.Asked]liveness.Gesture]int{}, map[[2]int]int{}, map[liveness.Gesture]bool{}
		for range draws {
			c, err := liveness.Draw(random, tt.kind)
			if err != nil {
				t.Fatal(err)
			}
			sum, longest = sum+c.Duration(), max(longest, c.Duration())
			var o [liveness.Asked]liveness.Gesture
			for i := range o {
				o[i] = c.Steps[2*i+1].Gesture
				asked[o[i]] = true
			}
			count[o]++
			times[[2]int{0, int(c.Steps[0].Millis)}]++
		}
		t.Logf("kind %d: mean %v, longest %v of %d", tt.kind, sum/draws, longest, draws)
		if mean := sum / draws; mean > tt.most || longest > liveness.MaxDuration {
			t.Errorf("kind %d takes %v, at most %v", tt.kind, mean, longest)
		}
		if len(count) != tt.orders || len(asked) != len(tt.gesture) || len(times) != 4 {
			t.Errorf("kind %d: %d orders of %d gestures", tt.kind, len(count), len(asked))
		}
		for _, g := range tt.gesture {
			if !asked[g] {
				t.Errorf("kind %d never asks to %v", tt.kind, g)
			}
		}
		for o, n := range count { // six deviations of a count, over 326 orders: never by chance
			want := float64(draws) / float64(tt.orders)
			if d := math.Abs(float64(n) - want); d > 6*math.Sqrt(want) {
				t.Errorf("order %v: %d of %d, want about %.0f", o, n, draws, want)
			}
		}
	}
	for _, kind := range []liveness.Kind{0, 3, 255} {
		if c, err := liveness.Draw(rand.NewChaCha8([32]byte{1}), kind); !errors.Is(err, liveness.ErrChallenge) || c.Steps != nil {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}

// TestTheLightIsSlow: at most two changes and a half a second, and every moment of a challenge has its tint.
func TestTheLightIsSlow(t *testing.T) {
	for seed := range byte(40) {
		c := drawn(t, seed)
		seen := map[liveness.Tint]bool{}
		for at := time.Duration(0); at < c.Duration(); at += 10 * time.Millisecond {
			seen[c.TintAt(at)] = true
		}
		for i, s := range c.Light {
			if s.Millis < 400 || i > 0 && s.Tint == c.Light[i-1].Tint {
				t.Errorf("seed %d: shade %d is %+v", seed, i, s)
			}
		}
		if len(seen) < 2 || seen[0] || c.TintAt(-1) != liveness.Plain || c.TintAt(c.Duration()) != liveness.Plain {
			t.Errorf("seed %d: tints %v", seed, seen)
		}
	}
	if got := (liveness.Challenge{}).TintAt(0); got != liveness.Plain {
		t.Errorf("no challenge: %v", got)
	}
}

func TestStepAt(t *testing.T) {
	c := liveness.Challenge{Steps: []liveness.Step{{Gesture: liveness.Neutral, Millis: 600}, {Gesture: liveness.TurnLeft, Millis: 1000}}}
	for _, tt := range []struct {
		at   time.Duration
		want int
	}{{-1, 0}, {0, 0}, {599 * time.Millisecond, 0}, {600 * time.Millisecond, 1}, {1599 * time.Millisecond, 1}, {1600 * time.Millisecond, 1}, {time.Hour, 1}} {
		if got := c.StepAt(tt.at); got != tt.want {
			t.Errorf("at %v: step %d, want %d", tt.at, got, tt.want)
		}
	}
	if got := (liveness.Challenge{}).StepAt(0); got != -1 {
		t.Errorf("no steps: %d", got)
	}
}
