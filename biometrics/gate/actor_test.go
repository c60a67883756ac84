package gate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

const testWeights = "dlib-test-1"

func testPolicy() Policy { return DefaultPolicy(testWeights) }

// chance is randomness that is the same in every run.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 7))} }

func (c chance) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c.Uint32())
	}
	return len(b), nil
}

// draw draws what is asked of somebody who logs in; drawEnrolment, of somebody who signs up.
func draw(t testing.TB, seed uint64) liveness.Challenge { return drawn(t, seed, liveness.Entry) }

func drawEnrolment(t testing.TB, seed uint64) liveness.Challenge {
	return drawn(t, seed, liveness.Enrolment)
}

func drawn(t testing.TB, seed uint64, kind liveness.Kind) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(newChance(seed), kind)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// direction is a point on the unit sphere, of a made-up person, pose or noise.
type direction [128]float64

func pointed(r *rand.Rand) direction {
	var d direction
	for i := range d {
		d[i] = r.NormFloat64()
	}
	return d.scaled(1)
}

func (d direction) scaled(length float64) direction {
	var sum float64
	for _, x := range d {
		sum += x * x
	}
	for i := range d {
		d[i] *= length / math.Sqrt(sum)
	}
	return d
}

func (d direction) plus(e direction, share float64) direction {
	for i := range d {
		d[i] += share * e[i]
	}
	return d
}

func (d direction) descriptor() biometrics.Descriptor {
	var out biometrics.Descriptor
	for i, x := range d.scaled(1.42) {
		out[i] = float32(x)
	}
	return out
}

// person is a made-up face: its descriptor moves a little with each pose, as a real one does.
type person struct {
	face  direction
	poses map[liveness.Gesture]direction
}

func newPerson(seed uint64) person {
	r := newChance(seed).Rand
	p := person{face: pointed(r), poses: map[liveness.Gesture]direction{}}
	for g := liveness.TurnLeft; g <= liveness.ComeCloser; g++ {
		p.poses[g] = pointed(r)
	}
	return p
}

// alike is somebody whose every pose is at about the given distance from p's.
func (p person) alike(distance float64, seed uint64) person {
	p.face = p.face.plus(pointed(newChance(seed).Rand), distance)
	return p
}

func (p person) seen(g liveness.Gesture, noise *rand.Rand) biometrics.Descriptor {
	d := p.face
	if pose, ok := p.poses[g]; ok {
		d = d.plus(pose, 0.2)
	}
	return d.plus(pointed(noise), 0.08).descriptor()
}

// play is the evidence of p following c honestly.
func (p person) play(c liveness.Challenge, seed uint64) biometrics.Evidence {
	return p.perform(c, seed, actor.Honest())
}

func (p person) perform(c liveness.Challenge, seed uint64, m actor.Manner) biometrics.Evidence {
	noise := newChance(seed).Rand
	return biometrics.Evidence{
		Camera: biometrics.CameraInfo{Name: "test", Driver: "uvcvideo"}, Weights: testWeights,
		Frames: m.Play(c, noise, func(g liveness.Gesture) biometrics.Descriptor { return p.seen(g, noise) }),
	}
}

// enough is the time that the server's clock shows for an honest challenge.
func enough(c liveness.Challenge) time.Duration { return c.Duration() + 3*time.Second }
