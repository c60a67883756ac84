package liveness

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"
)

func TestDrawFailsWithItsRandomness(t *testing.T) {
	broken := errors.New("no entropy")
	for n := range 24 {
		r := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{1}, n)), iotest.ErrReader(broken))
		if c, err := Draw(r, Entry); !errors.Is(err, broken) || c.Steps != nil {
			t.Errorf("after %d bytes: %v, %v", n, c, err)
		}
	}
	if _, err := Draw(bytes.NewReader(make([]byte, 128)), Entry); !errors.Is(err, ErrChallenge) {
		t.Errorf("an id of zeros: %v", err)
	}
	if _, err := Draw(bytes.NewReader(append(bytes.Repeat([]byte{9}, 16), bytes.Repeat([]byte{255}, 16)...)), Entry); err == nil {
		t.Error("bytes that would favour some orders were used")
	}
}

func TestValidateRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*Challenge)
	}{
		{"no id", func(c *Challenge) { c.ID = [16]byte{} }},
		{"no steps", func(c *Challenge) { c.Steps = nil }},
		{"a step less", func(c *Challenge) { c.Steps = c.Steps[:6] }},
		{"a step more", func(c *Challenge) { c.Steps = append(c.Steps, Step{Gesture: Neutral, Millis: 1000}) }},
		{"does not begin with neutral", func(c *Challenge) { c.Steps[0].Gesture = TurnLeft }},
		{"does not end with neutral", func(c *Challenge) { c.Steps[6].Gesture = TurnLeft }},
		{"no neutral between turns", func(c *Challenge) { c.Steps[2].Gesture = TurnRight }},
		{"neutral for a turn", func(c *Challenge) { c.Steps[1].Gesture = Neutral }},
		{"left only", func(c *Challenge) {
			for i := 1; i < steps; i += 2 {
				c.Steps[i].Gesture = TurnLeft
			}
		}},
		{"right only", func(c *Challenge) {
			for i := 1; i < steps; i += 2 {
				c.Steps[i].Gesture = TurnRight
			}
		}},
		{"an unknown gesture", func(c *Challenge) { c.Steps[3].Gesture = 4 }},
		{"the zero gesture", func(c *Challenge) { c.Steps[3].Gesture = 0 }},
		{"a time that is not drawn", func(c *Challenge) { c.Steps[3].Millis++ }},
		{"no time", func(c *Challenge) { c.Steps[3].Millis = 0 }},
		{"the first step's time in another", func(c *Challenge) { c.Steps[2].Millis = 600 }},
		{"too long a time", func(c *Challenge) { c.Steps[0].Millis = 65535 }},
	} {
		c := drawn(t, 5)
		tt.edit(&c)
		if err := c.Validate(); !errors.Is(err, ErrChallenge) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestOutcomes(t *testing.T) {
	if Outcomes != sequences*pow(len(firstMillis), 1)*pow(len(laterMillis), steps-1) || Outcomes < 1<<12 {
		t.Fatalf("%d outcomes", Outcomes)
	}
	// All are different: no order and no time twice.
	seen := map[any]bool{}
	for _, o := range orders {
		seen[o] = true
	}
	for _, m := range firstMillis {
		seen[[2]any{"first", m}] = true
	}
	for _, m := range laterMillis {
		seen[[2]any{"later", m}] = true
	}
	if len(seen) != sequences+4+4 {
		t.Errorf("%d different parts", len(seen))
	}
}

func pow(n, times int) int {
	p := 1
	for range times {
		p *= n
	}
	return p
}

func TestDraw(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	const draws = 6000
	var sum, longest time.Duration
	count := map[[3]Gesture]int{}
	outcomes := map[string]bool{}
	for range draws {
		c, err := Draw(random, Entry)
		if err != nil {
			t.Fatal(err)
		}
		sum, longest = sum+c.Duration(), max(longest, c.Duration())
		count[[3]Gesture{c.Steps[1].Gesture, c.Steps[3].Gesture, c.Steps[5].Gesture}]++
		var key []byte
		for _, s := range c.Steps {
			key = append(key, byte(s.Gesture), byte(s.Millis>>8), byte(s.Millis))
		}
		outcomes[string(key)] = true
	}
	if mean := sum / draws; mean < 7500*time.Millisecond || mean > 8500*time.Millisecond || longest > MaxDuration {
		t.Errorf("a challenge takes %v, at most %v", mean, longest)
	}
	for _, o := range orders {
		if n := count[o]; n < draws/sequences*8/10 || n > draws/sequences*12/10 {
			t.Errorf("order %v: %d of %d", o, n, draws)
		}
	}
	if len(outcomes) < draws*9/10 {
		t.Errorf("%d different challenges in %d draws", len(outcomes), draws)
	}
}

func TestStepAt(t *testing.T) {
	c := Challenge{Steps: []Step{{Gesture: Neutral, Millis: 600}, {Gesture: TurnLeft, Millis: 1000}}}
	for _, tt := range []struct {
		at   time.Duration
		want int
	}{{-1, 0}, {0, 0}, {599 * time.Millisecond, 0}, {600 * time.Millisecond, 1}, {1599 * time.Millisecond, 1}, {1600 * time.Millisecond, 1}, {time.Hour, 1}} {
		if got := c.StepAt(tt.at); got != tt.want {
			t.Errorf("at %v: step %d, want %d", tt.at, got, tt.want)
		}
	}
	if got := (Challenge{}).StepAt(0); got != -1 {
		t.Errorf("no steps: %d", got)
	}
}
