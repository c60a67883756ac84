package gate

import (
	"testing"
	"time"

	"visavis/biometrics/liveness"
)

// slides are still pictures of a person, one of each pose, swapped a moment after the cue: new noise in every frame, and no way between.
var slides = manner{interval: 100 * time.Millisecond, reaction: 250 * time.Millisecond, shift: 0.15}

// TestSwappedPictures goes through the frame rates of honest eyes, and the shifts that photographs have.
func TestSwappedPictures(t *testing.T) {
	alice := newPerson(1)
	tmpl := enrolled(t, alice)
	for _, interval := range []time.Duration{40, 66, 80, 100, 125, 150} {
		for _, shift := range []float64{0.11, 0.15, 0.25, 0.4} {
			for seed := range uint64(5) {
				c, m := draw(t, 100+seed), slides
				m.interval, m.shift, m.reaction = interval*time.Millisecond, shift, time.Duration(200+40*seed)*time.Millisecond
				e := alice.perform(c, seed, m)
				if v := Verify(e, c, enough(c), alone(tmpl), testPolicy()); v.Decision != Denied || v.Live != liveness.Snapped {
					t.Errorf("every %v, shift %v, seed %d: %v, %v", interval, shift, seed, v.Decision, v.Live)
				}
				if made, v := Enrol(e, c, enough(c), testPolicy()); v.Decision != Denied || made.Views != nil || v.Live != liveness.Snapped {
					t.Errorf("enrol: every %v, shift %v, seed %d: %v, %v", interval, shift, seed, v.Decision, v.Live)
				}
			}
		}
	}
}

// TestQuickPeople: what stops swapped pictures bears a person's quickest turn, and a slow eye.
func TestQuickPeople(t *testing.T) {
	alice := newPerson(1)
	tmpl := enrolled(t, alice)
	for _, tt := range []struct{ interval, turning time.Duration }{{66, 250}, {80, 250}, {100, 300}, {100, 400}, {125, 400}, {143, 450}} {
		for seed := range uint64(10) {
			c, m := draw(t, 200+seed), honest
			m.interval, m.turning = tt.interval*time.Millisecond, tt.turning*time.Millisecond
			if v := Verify(alice.perform(c, seed, m), c, enough(c), alone(tmpl), testPolicy()); v.Decision != Accepted {
				t.Errorf("%v ms to turn, a frame every %v ms, seed %d: %v, %v", tt.turning, tt.interval, seed, v.Why, v.Live)
			}
		}
	}
}
