package puppet_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

// performance is a challenge played by one of the cast, with each of the camera's 25 frames a second described.
type performance struct {
	Name      string
	Challenge liveness.Challenge
	Evidence  biometrics.Evidence
}

func performances(t *testing.T) []performance {
	t.Helper()
	const each = 3
	all := remembered[[]performance](t, "turns")
	if all != nil {
		return all
	}
	d := describer(t)
	for i, p := range cast {
		for seed := range uint64(each) {
			c := challengeOf(t, uint64(40+each*i)+seed)
			o := puppet.Options{Photo: photoOf(t, p.photo), Face: p.face, Mode: puppet.Turn, Seed: 50 + seed}
			all = append(all, performance{fmt.Sprintf("%s face %d seed %d", p.photo, p.face, o.Seed), c, perform(t, d, puppet.Search(d), o, c, every(cameraFrame))})
		}
	}
	remember(t, "turns", all)
	return all
}

// thinned keeps the frames of a describer that takes the newest one at a rate, starting at a phase from 0 to 1, and numbers them anew.
func thinned(frames []biometrics.Observation, rate, phase float64) []biometrics.Observation {
	every := 1000 / rate
	next := phase * every
	var kept []biometrics.Observation
	for _, o := range frames {
		if float64(o.Offset) < next {
			continue
		}
		for next <= float64(o.Offset) {
			next += every
		}
		o.Number = uint32(len(kept) + 1)
		kept = append(kept, o)
	}
	return kept
}

// slides shows, 250 ms after each cue, frames in which the same puppet held the new pose: three still pictures with a sensor's noise,
// held in a hand that sways, and swapped at once.
func slides(p performance, random *rand.Rand) []biometrics.Observation {
	pools := map[liveness.Gesture][]int{}
	for _, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.TurnRight} {
		is := liveness.TurnFrames(p.Challenge, p.Evidence.Frames, g)
		pools[g] = slices.DeleteFunc(is, func(i int) bool { return !p.Evidence.Frames[i].Quality.Good() })
	}
	shown := slices.Clone(p.Evidence.Frames)
	for i, o := range shown {
		g := p.Challenge.Steps[p.Challenge.StepAt(time.Duration(o.Offset)*time.Millisecond-250*time.Millisecond)].Gesture
		shown[i] = p.Evidence.Frames[pools[g][random.IntN(len(pools[g]))]]
		shown[i].Number, shown[i].Offset, shown[i].Cue = o.Number, o.Offset, o.Cue
		// Each frame has its own noise: one that is drawn twice differs in its last bit, and is no repetition.
		shown[i].Descriptor[i%128] *= 1 + float32(i)*1e-6
	}
	return shown
}

// TestFrameRates says how many honest turns are refused when the describer is slow, and how many shows of swapped pictures are not.
func TestFrameRates(t *testing.T) {
	if !*calibrate {
		t.Skip("minutes: asked for with -calibrate")
	}
	const phases = 12
	all, random := performances(t), rand.New(rand.NewPCG(1, 2))
	for _, rate := range []float64{25, 15, 12.5, 10, 7} {
		honest, swapped, n := map[string]int{}, map[string]int{}, 0
		for _, p := range all {
			for i := range phases {
				n++
				honest[liveness.Judge(p.Challenge, thinned(p.Evidence.Frames, rate, float64(i)/phases), liveness.DefaultRules()).Why.String()]++
				swapped[liveness.Judge(p.Challenge, thinned(slides(p, random), rate, float64(i)/phases), liveness.DefaultRules()).Why.String()]++
			}
		}
		t.Logf("%4.1f frames a second, %d each: turns %v; swapped pictures %v", rate, n, honest, swapped)
		passed := liveness.Followed.String()
		least, most := 97, 2 // per cent
		if rate < 10 {
			least, most = 94, 6
		}
		if honest[passed] < n*least/100 || swapped[passed] > n*most/100 {
			t.Error("outside of what docs/biometrics.md says")
		}
	}
}
