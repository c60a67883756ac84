package gate

import (
	"testing"
	"time"

	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

func always(d time.Duration) actor.Span { return actor.Span{Least: d, Most: d} }

// slides are still pictures of a person, one of each pose, swapped a moment after the cue: new noise in every frame, and no way between.
func slides(interval, reaction time.Duration) actor.Manner {
	m := actor.Honest()
	m.Interval, m.Reaction, m.Moving = always(interval), always(reaction), actor.Span{}
	return m
}

// TestSwappedPictures goes through the frame rates of honest eyes: they neither let anybody in nor enrol.
func TestSwappedPictures(t *testing.T) {
	alice := newPerson(1)
	tmpl := enrolled(t, alice)
	for _, interval := range []time.Duration{40, 66, 80, 100, 125} {
		for seed := range uint64(5) {
			m := slides(interval*time.Millisecond, time.Duration(200+40*seed)*time.Millisecond)
			c := draw(t, 100+seed)
			if v := Verify(alice.perform(c, seed, m), c, enough(c), alone(tmpl), testPolicy()); v.Decision != Denied || v.Live == liveness.Followed {
				t.Errorf("every %v, seed %d: %v, %v", interval, seed, v.Decision, v.Live)
			}
			c = drawEnrolment(t, 100+seed)
			if made, v := Enrol(alice.perform(c, seed, m), c, enough(c), testPolicy()); v.Decision != Denied || made.Views != nil || v.Live == liveness.Followed {
				t.Errorf("enrol: every %v, seed %d: %v, %v", interval, seed, v.Decision, v.Live)
			}
		}
	}
}
