package liveness_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

// measure asks for the numbers that docs/biometrics.md states, which take minutes.
var measure = flag.Bool("measure", false, "measure with all that docs/biometrics.md says, for minutes")

// people are made-up persons with the reactions and the carelessness of people.
func people() actor.Manner {
	m := actor.Honest()
	m.Interval = actor.Span{Least: 66 * time.Millisecond, Most: 100 * time.Millisecond}
	m.Reaction = actor.Span{Least: 250 * time.Millisecond, Most: 450 * time.Millisecond}
	m.Moving = actor.Span{Least: 300 * time.Millisecond, Most: 500 * time.Millisecond}
	m.Vary, m.Stray = 0.3, 0.15
	return m
}

// interval is Wilson's 95% interval of k of n.
func interval(k, n int) (low, high float64) {
	const z = 1.96
	p, N := float64(k)/float64(n), float64(n)
	mid, half := (p+z*z/(2*N))/(1+z*z/N), z/(1+z*z/N)*math.Sqrt(p*(1-p)/N+z*z/(4*N*N))
	return max(0, mid-half), min(1, mid+half)
}

// replay plays a film of another challenge against c, begun late by a shift (early when it is negative), with its labels put right.
func replay(c liveness.Challenge, film []biometrics.Observation, shift time.Duration) []biometrics.Observation {
	var shown []biometrics.Observation
	for _, o := range film {
		at := time.Duration(o.Offset)*time.Millisecond + shift
		if at < 0 || at >= c.Duration() {
			continue
		}
		o.Offset, o.Cue, o.Number = uint32(at.Milliseconds()), uint8(c.StepAt(at)), uint32(len(shown)+1)
		shown = append(shown, o)
	}
	return shown
}

// faces are made-up descriptors, none like another: who it is, is not judged here.
func faces(random *rand.Rand) func(liveness.Gesture) biometrics.Descriptor {
	return func(liveness.Gesture) (d biometrics.Descriptor) {
		d[0], d[1] = float32(random.Float64()), float32(random.Float64())
		return d
	}
}

// trial counts outcomes and states their rate.
type trial struct {
	t *testing.T
	n int
}

func (tr trial) report(what string, k int) (low, high float64) {
	low, high = interval(k, tr.n)
	tr.t.Logf("%s: %d of %d, %.2f%% (%.2f%% to %.2f%%)", what, k, tr.n, 100*float64(k)/float64(tr.n), 100*low, 100*high)
	return low, high
}

func trials(t *testing.T, few, many int) trial {
	if *measure {
		return trial{t, many}
	}
	return trial{t, few}
}

// TestPeople: how many honest people are refused, by their times and the eye's.
func TestPeople(t *testing.T) {
	const ms = time.Millisecond
	span := func(least, most time.Duration) actor.Span { return actor.Span{Least: least * ms, Most: most * ms} }
	for _, tt := range []struct {
		name                       string
		reaction, moving, interval actor.Span
		most                       float64 // share that may be refused, of entries
	}{
		{"10 to 15 frames a second", span(250, 450), span(300, 500), span(66, 100), 0.01},
		{"25 frames a second", span(250, 450), span(300, 500), span(40, 40), 0.01},
		{"8 to 10 frames a second", span(250, 450), span(300, 500), span(100, 125), 0.01},
		{"7 to 8 frames a second", span(250, 450), span(300, 500), span(125, 145), 0.02},
		{"slow people", span(350, 500), span(400, 600), span(66, 100), 0.04},
		{"very slow people", span(400, 550), span(500, 700), span(66, 100), 0.6},
	} {
		for _, kind := range []liveness.Kind{liveness.Entry, liveness.Enrolment} {
			source, random := rand.NewChaCha8([32]byte{byte(kind), 1}), rand.New(rand.NewChaCha8([32]byte{byte(kind), 2}))
			tr, whys, refused := trials(t, 150, 5000), map[liveness.Reason]int{}, 0
			for range tr.n {
				m := people()
				m.Reaction, m.Moving, m.Interval = tt.reaction, tt.moving, tt.interval
				c := drawnFrom(t, source, kind)
				if v := liveness.Judge(c, m.Play(c, random, faces(random)), liveness.DefaultRules()); !v.Live {
					refused++
					whys[v.Why]++
				}
			}
			if low, _ := tr.report(tt.name+", "+kindName(kind)+", refused", refused); low > tt.most {
				t.Errorf("more than %v: %v", tt.most, whys)
			}
		}
	}
}

func kindName(k liveness.Kind) string {
	return map[liveness.Kind]string{liveness.Entry: "entry", liveness.Enrolment: "enrolment"}[k]
}

func drawnFrom(t testing.TB, source *rand.ChaCha8, kind liveness.Kind) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(source, kind)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loop plays the first two gestures of a film over and over.
func loop(film []biometrics.Observation, c, of liveness.Challenge) []biometrics.Observation {
	period := liveness.Challenge{Steps: of.Steps[1:5]}.Duration()
	from := liveness.Challenge{Steps: of.Steps[:1]}.Duration()
	var all []biometrics.Observation
	for round := time.Duration(0); round*period < c.Duration()+from; round++ {
		for _, o := range film {
			if at := time.Duration(o.Offset) * time.Millisecond; at < from && round == 0 || at >= from && at < from+period {
				o.Offset += uint32((round * period).Milliseconds())
				all = append(all, o)
			}
		}
	}
	return all
}

// renewed has its descriptors changed a little: a sensor's noise.
func renewed(obs []biometrics.Observation, random *rand.Rand) []biometrics.Observation {
	look := faces(random)
	for i := range obs {
		obs[i].Descriptor = look(0)
	}
	return obs
}

// TestReplayedFilms says what films of people who followed another challenge are worth against the next one, their labels put right.
func TestReplayedFilms(t *testing.T) {
	for _, tt := range []struct {
		kind     liveness.Kind
		once, at float64 // the share that passes, begun with the first cue and at the best of 13 moments; not less than measured
		many     int
	}{{liveness.Entry, 0.005, 0.01, 5000}, {liveness.Enrolment, 0.03, 0.05, 1000}} {
		source, random := rand.NewChaCha8([32]byte{byte(tt.kind), 3}), rand.New(rand.NewChaCha8([32]byte{byte(tt.kind), 4}))
		rules, tr := liveness.DefaultRules(), trials(t, 100, tt.many)
		atOnce, shifted, looped := 0, 0, 0
		for range tr.n {
			of, c := drawnFrom(t, source, tt.kind), drawnFrom(t, source, tt.kind)
			film := people().Play(of, random, faces(random))
			if liveness.Judge(c, replay(c, film, 0), rules).Live {
				atOnce++
			}
			if liveness.Judge(c, renewed(replay(c, loop(film, c, of), 0), random), rules).Live {
				looped++
			}
			for s := -600 * time.Millisecond; s <= 600*time.Millisecond; s += 100 * time.Millisecond {
				if liveness.Judge(c, replay(c, film, s), rules).Live {
					shifted++
					break
				}
			}
		}
		name := kindName(tt.kind)
		if low, _ := tr.report("films of another "+name+", begun with the first cue, pass", atOnce); low > tt.once {
			t.Errorf("more than %v", tt.once)
		}
		if low, _ := tr.report("films of another "+name+", begun at the best of 13 moments, pass", shifted); low > tt.at {
			t.Errorf("more than %v", tt.at)
		}
		if low, _ := tr.report("loops of two gestures of another "+name+" pass", looped); low > tt.once {
			t.Errorf("more than %v", tt.once)
		}
	}
}

// TestSwappedPictures: still pictures, one of each pose, with the noise that landmarks have of real faces and each swapped a moment after its cue,
// pass everything but the way from pose to pose; and how many honest people with landmarks as noisy are refused.
func TestSwappedPictures(t *testing.T) {
	for _, kind := range []liveness.Kind{liveness.Entry, liveness.Enrolment} {
		for _, interval := range []time.Duration{40, 66, 80, 100, 125, 145} {
			source, random := rand.NewChaCha8([32]byte{byte(kind), 7}), rand.New(rand.NewChaCha8([32]byte{byte(kind), 8}))
			tr, passed, refused := trials(t, 60, 1000), 0, 0
			for range tr.n {
				m := people()
				m.Interval = actor.Span{Least: interval * time.Millisecond, Most: interval * time.Millisecond}
				m.Jitter = 0.8
				c := drawnFrom(t, source, kind)
				if !liveness.Judge(c, m.Play(c, random, faces(random)), liveness.DefaultRules()).Live {
					refused++
				}
				m.Moving = actor.Span{}
				if liveness.Judge(c, m.Play(c, random, faces(random)), liveness.DefaultRules()).Live {
					passed++
				}
			}
			name := fmt.Sprintf("a frame every %d ms, %s: ", interval, kindName(kind))
			tr.report(name+"people with noisy landmarks refused", refused)
			if low, _ := tr.report(name+"swapped pictures pass", passed); low > 0.02 {
				t.Error("more than 2%")
			}
		}
	}
}
