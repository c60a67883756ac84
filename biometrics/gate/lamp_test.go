package gate

import (
	"errors"
	"math"
	"testing"

	"visavis/biometrics/actor"
)

func TestLampNames(t *testing.T) {
	for l := range lampEnd {
		if again, err := ParseLamp(l.String()); err != nil || again != l {
			t.Errorf("%v: %v, %v", l, again, err)
		}
	}
	for _, name := range []string{"", "Noted", "required ", "unknown lamp policy 3"} {
		if l, err := ParseLamp(name); !errors.Is(err, ErrLamp) || l != LampRequired {
			t.Errorf("%q: %v, %v", name, l, err)
		}
	}
}

func TestLampRefuses(t *testing.T) {
	for l := range Lamp(5) {
		for _, score := range []float64{-1, 0, 0.49, 0.5, 1, math.NaN(), math.Inf(1)} {
			want := l >= LampRequired && !(score >= 0.5) // an unknown policy is the strictest
			if got := l.refuses(score, 0.5); got != want {
				t.Errorf("%v, %v: %v", l, score, got)
			}
		}
	}
}

// A face on which no light shows, a film, say, is noted by default and refused where the policy demands the light.
func TestAFaceThatTheLightDoesNotChange(t *testing.T) {
	alice, c := newPerson(1), draw(t, 3)
	tmpl := enrolled(t, alice)
	unlit := actor.Honest()
	unlit.Lamp = 0
	for _, tt := range []struct {
		lamp Lamp
		m    actor.Manner
		want Reason
	}{
		{LampIgnored, unlit, Passed}, {LampNoted, unlit, Passed}, {LampRequired, unlit, NoLamp},
		{LampRequired, actor.Honest(), Passed},
	} {
		p := testPolicy()
		p.Lamp = tt.lamp
		if v := Verify(alice.perform(c, 2, tt.m), c, enough(c), alone(tmpl), p); v.Why != tt.want {
			t.Errorf("%v: %v, score %.2f", tt.lamp, v.Why, v.Lamp)
		}
	}
	if testPolicy().Lamp != LampNoted {
		t.Error("the light is not noted by default")
	}
}
