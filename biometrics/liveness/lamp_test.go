package liveness_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

func bland(liveness.Gesture) (d biometrics.Descriptor) { return d }

// TestLampTable measures.
func TestLampTable(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{3}))
	source := rand.NewChaCha8([32]byte{4})
	for _, tt := range []struct {
		name  string
		m     func(*actor.Manner)
		other bool
	}{
		{"lamp 3%", func(m *actor.Manner) {}, false},
		{"lamp 1%", func(m *actor.Manner) { m.Lamp = 0.01 }, false},
		{"lamp 0.5%", func(m *actor.Manner) { m.Lamp = 0.005 }, false},
		{"lamp 0.3%", func(m *actor.Manner) { m.Lamp = 0.003 }, false},
		{"lamp 0.2%", func(m *actor.Manner) { m.Lamp = 0.002 }, false},
		{"film of other light, 3%", func(m *actor.Manner) {}, true},
		{"film of other light, 1%", func(m *actor.Manner) { m.Lamp = 0.01 }, true},
		{"lamp 1%, strong sheen", func(m *actor.Manner) { m.Lamp, m.Sheen = 0.01, 0.01 }, false},
		{"lamp 3%, strong sheen", func(m *actor.Manner) { m.Sheen = 0.01 }, false},
		{"lamp 1%, strong drift", func(m *actor.Manner) { m.Lamp, m.Drift = 0.01, 0.02 }, false},
		{"lamp 3%, strong drift", func(m *actor.Manner) { m.Drift = 0.02 }, false},
		{"lamp 1%, 1 level", func(m *actor.Manner) { m.Lamp, m.Grain = 0.01, 1 }, false},
		{"no light, strong drift", func(m *actor.Manner) { m.Lamp, m.Drift = 0, 0.02 }, false},
		{"no light, strong sheen", func(m *actor.Manner) { m.Lamp, m.Sheen = 0, 0.01 }, false},
		{"no light", func(m *actor.Manner) { m.Lamp = 0 }, false},
	} {
		var scores []float64
		for range 1000 {
			c, _ := liveness.Draw(source, liveness.Entry)
			shown := c
			if tt.other {
				o, _ := liveness.Draw(source, liveness.Entry)
				shown.Light = o.Light
			}
			m := actor.Honest()
			m.Vary, m.Stray = 0.2, 0.2
			tt.m(&m)
			scores = append(scores, liveness.Lamp(c, m.Play(shown, random, bland)))
		}
		slices.Sort(scores)
		q := func(p float64) float64 { return scores[int(p*float64(len(scores)-1))] }
		t.Logf("%-26s 0.1%% %+.2f 1%% %+.2f 5%% %+.2f 50%% %+.2f 95%% %+.2f 99%% %+.2f 99.9%% %+.2f max %+.2f", tt.name, q(0.001), q(0.01), q(0.05), q(0.5), q(0.95), q(0.99), q(0.999), q(1))
	}
}
