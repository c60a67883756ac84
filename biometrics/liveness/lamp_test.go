package liveness_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

// TestLamp is what the light's score is made of: how high it comes when the face follows the light, and when it does not.
func TestLamp(t *testing.T) {
	source, random := rand.NewChaCha8([32]byte{5}), rand.New(rand.NewChaCha8([32]byte{6}))
	follows := func(m actor.Manner, c liveness.Challenge) []biometrics.Observation {
		return m.Play(c, random, faces(random))
	}
	another := func(m actor.Manner, c liveness.Challenge) []biometrics.Observation {
		shown := c
		shown.Light = drawnFrom(t, source, liveness.Entry).Light
		return m.Play(shown, random, faces(random))
	}
	for _, tt := range []struct {
		name         string
		lamp, grain  float64
		sheen, drift float64
		shown        func(actor.Manner, liveness.Challenge) []biometrics.Observation
		least, most  float64 // share that reaches the bound
	}{
		{"face lit by 3%, 0.3 levels of noise", 0.03, 0.3, 0.004, 0.004, follows, 0.98, 1},
		{"face lit by 3%, 1 level of noise", 0.03, 1, 0.004, 0.004, follows, 0.98, 1},
		{"face lit by 3%, strong drift", 0.03, 0.3, 0.004, 0.02, follows, 0.98, 1},
		{"face lit by 3%, strong sheen", 0.03, 0.3, 0.01, 0.004, follows, 0.98, 1},
		{"face lit by 1%, 0.3 levels of noise", 0.01, 0.3, 0.004, 0.004, follows, 0.98, 1},
		{"face lit by 1%, 1 level of noise", 0.01, 1, 0.004, 0.004, follows, 0.6, 1},
		{"face lit by 1%, strong drift", 0.01, 0.3, 0.004, 0.02, follows, 0.7, 1},
		{"face lit by 0.5%", 0.005, 0.3, 0.004, 0.004, follows, 0.9, 1},
		{"face lit by 0.2%, a bright room", 0.002, 0.3, 0.004, 0.004, follows, 0, 0.3},
		{"calm: no light", 0, 0.3, 0.004, 0.004, follows, 0, 0.01},
		{"calm, strong drift", 0, 0.3, 0.004, 0.02, follows, 0, 0.03},
		{"calm, strong sheen", 0, 0.3, 0.01, 0.004, follows, 0, 0.03},
		{"film under another light, 3%", 0.03, 0.3, 0.004, 0.004, another, 0, 0.03},
		{"film under another light, 1%", 0.01, 0.3, 0.004, 0.004, another, 0, 0.03},
	} {
		tr := trials(t, 120, 1000)
		var scores []float64
		reached := 0
		for range tr.n {
			m := people()
			m.Lamp, m.Grain, m.Sheen, m.Drift = tt.lamp, tt.grain, tt.sheen, tt.drift
			c := drawnFrom(t, source, liveness.Entry)
			s := liveness.Lamp(c, tt.shown(m, c))
			scores = append(scores, s)
			if s >= liveness.DefaultRules().MinLamp {
				reached++
			}
		}
		slices.Sort(scores)
		q := func(p float64) float64 { return scores[int(p*float64(len(scores)-1))] }
		low, high := tr.report(tt.name+" reach the bound", reached)
		t.Logf("    scores: 1%% %+.2f, median %+.2f, 99%% %+.2f", q(0.01), q(0.5), q(0.99))
		if high < tt.least || low > tt.most {
			t.Errorf("%s: want %v to %v", tt.name, tt.least, tt.most)
		}
	}
}

// TestLampCanNotSay: where there is nothing to measure, there is no score.
func TestLampCanNotSay(t *testing.T) {
	c := drawn(t, 3)
	edit := func(f func(i int, o *biometrics.Observation)) []biometrics.Observation {
		obs := person(c)
		for i := range obs {
			f(i, &obs[i])
		}
		return obs
	}
	for name, obs := range map[string][]biometrics.Observation{
		"nothing":      nil,
		"few frames":   person(c)[:39],
		"no colours":   edit(func(_ int, o *biometrics.Observation) { o.Skin, o.Scene = biometrics.Tone{}, biometrics.Tone{} }),
		"dark":         edit(func(_ int, o *biometrics.Observation) { o.Skin = biometrics.Tone{R: 2000, G: 2000, B: 2000} }),
		"burnt":        edit(func(_ int, o *biometrics.Observation) { o.Scene = biometrics.Tone{R: 65000, G: 65000, B: 65000} }),
		"no face":      edit(func(_ int, o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.NoFace) }),
		"no landmarks": edit(func(_ int, o *biometrics.Observation) { o.Landmarks = biometrics.Landmarks{} }),
		"one colour": edit(func(_ int, o *biometrics.Observation) {
			o.Skin, o.Scene = biometrics.Tone{R: 30000, G: 20000, B: 20000}, biometrics.Tone{R: 30000, G: 30000, B: 30000}
		}),
	} {
		if s := liveness.Lamp(c, obs); !math.IsNaN(s) {
			t.Errorf("%s: %v", name, s)
		}
	}
	if s := liveness.Lamp(liveness.Challenge{}, person(c)); !math.IsNaN(s) {
		t.Errorf("no challenge: %v", s)
	}
}
