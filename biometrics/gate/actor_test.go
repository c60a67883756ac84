package gate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
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

func draw(t testing.TB, seed uint64) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(newChance(seed), liveness.Entry)
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
type person struct{ face, left, right direction }

func newPerson(seed uint64) person {
	r := newChance(seed).Rand
	return person{pointed(r), pointed(r), pointed(r)}
}

// alike is somebody whose every pose is at about the given distance from p's.
func (p person) alike(distance float64, seed uint64) person {
	p.face = p.face.plus(pointed(newChance(seed).Rand), distance)
	return p
}

func (p person) seen(g liveness.Gesture, noise *rand.Rand) biometrics.Descriptor {
	d := p.face
	switch g {
	case liveness.TurnLeft:
		d = d.plus(p.left, 0.2)
	case liveness.TurnRight:
		d = d.plus(p.right, 0.2)
	}
	return d.plus(pointed(noise), 0.08).descriptor()
}

// manner is how somebody follows a challenge, and how often the eye looks.
type manner struct {
	interval time.Duration // from frame to frame
	reaction time.Duration // from the cue to the first movement
	turning  time.Duration // from pose to pose; 0 is what pictures do that are swapped
	shift    float64       // of a turned head
}

var honest = manner{interval: 100 * time.Millisecond, reaction: 200 * time.Millisecond, turning: 400 * time.Millisecond, shift: 0.25}

// looks is where the head points.
func (m manner) looks(c liveness.Challenge, at time.Duration) float64 {
	const samples = 40
	sum := 0.0
	for i := range time.Duration(samples) {
		g := c.Steps[c.StepAt(at-m.reaction-i*m.turning/samples)].Gesture
		sum += map[liveness.Gesture]float64{liveness.TurnLeft: m.shift, liveness.TurnRight: -m.shift}[g]
	}
	return sum / samples
}

// play is the evidence of p following c honestly.
func (p person) play(c liveness.Challenge, seed uint64) biometrics.Evidence {
	return p.perform(c, seed, honest)
}

func (p person) perform(c liveness.Challenge, seed uint64, m manner) biometrics.Evidence {
	const eyes = 60 // pixels
	noise := newChance(seed).Rand
	e := biometrics.Evidence{Camera: biometrics.CameraInfo{Name: "test", Driver: "uvcvideo"}, Weights: testWeights}
	for at := m.interval / 2; at < c.Duration(); at += m.interval {
		g := c.Steps[c.StepAt(at-m.reaction-m.turning/2)].Gesture
		shift := m.looks(c, at)
		x, y := 320+noise.Float64(), 240+noise.Float64()
		point := func(dx, dy float64) biometrics.Point {
			return biometrics.Point{X: float32(x + dx), Y: float32(y + dy)}
		}
		e.Frames = append(e.Frames, biometrics.Observation{
			Number: uint32(len(e.Frames) + 1),
			Offset: uint32(at.Milliseconds()),
			Cue:    uint8(c.StepAt(at)),
			Box:    biometrics.Box{X: 250, Y: 170, W: 140, H: 140},
			Landmarks: biometrics.Landmarks{
				point(eyes/2+12, 0), point(eyes/2-12, 0), point(-eyes/2-12, 0), point(-eyes/2+12, 0), point(shift*eyes+0.6*noise.NormFloat64(), 40),
			},
			Descriptor: p.seen(g, noise),
		})
	}
	return e
}

// enough is the time that the server's clock shows for an honest challenge.
func enough(c liveness.Challenge) time.Duration { return c.Duration() + 3*time.Second }
