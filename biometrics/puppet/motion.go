package puppet

import (
	"math"
	"math/rand/v2"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
)

// A person's times: from the cue to the first movement, and from there to the pose.
const (
	reaction = 180 * time.Millisecond
	turning  = 400 * time.Millisecond
)

// turned is how far the head turns, in degrees, give or take turnedBy.
const turned, turnedBy = 14.0, 0.7

// motion is where the head is at any time. It is not safe for concurrent use.
type motion struct {
	cue      eye.Cue
	since    time.Duration // when the cue came
	from, to float64       // yaw before and after it, in degrees, positive towards the picture's right
	sways    [5]sway       // yaw in degrees, x and y in pixels, roll in radians, scale
	random   *rand.Rand
}

func newMotion(random *rand.Rand) *motion {
	m := &motion{random: random}
	for i, size := range [...]float64{0.7, 1.6, 1.2, 0.006, 0.004} {
		m.sways[i] = newSway(size, random)
	}
	return m
}

// obey takes a cue that came at t.
func (m *motion) obey(c eye.Cue, t time.Duration) {
	if c == m.cue {
		return
	}
	m.from, m.since, m.cue = m.yaw(t), t, c
	m.to = 0
	angle := turned + turnedBy*(2*m.random.Float64()-1)
	switch c.Gesture {
	case liveness.TurnLeft:
		m.to = angle
	case liveness.TurnRight:
		m.to = -angle
	}
}

// yaw is the way from pose to pose, with the least jerk.
func (m *motion) yaw(t time.Duration) float64 {
	p := min(1, max(0, float64(t-m.since-reaction)/float64(turning)))
	return m.from + (m.to-m.from)*p*p*p*(10+p*(6*p-15))
}

// settled says that the last cue has been obeyed.
func (m *motion) settled(t time.Duration) bool { return t-m.since >= reaction+turning }

type pose struct{ yaw, x, y, roll, scale float64 }

func (m *motion) pose(t time.Duration) pose {
	s := func(i int) float64 { return m.sways[i].at(t) }
	return pose{m.yaw(t) + s(0), s(1), s(2), s(3), 1 + s(4)}
}

// sway is the small movement of somebody who stands still: three waves a sway, from one in seven seconds to one a second.
type sway [3]struct{ size, speed, phase float64 }

func newSway(size float64, random *rand.Rand) sway {
	var s sway
	for i, hz := range [...]float64{0.15, 0.4, 1.0} {
		s[i].size = size / float64(int(1)<<i)
		s[i].speed = 2 * math.Pi * hz * (0.8 + 0.4*random.Float64())
		s[i].phase = 2 * math.Pi * random.Float64()
	}
	return s
}

func (s sway) at(t time.Duration) float64 {
	var v float64
	for _, w := range s {
		v += w.size * math.Sin(w.speed*t.Seconds()+w.phase)
	}
	return v
}

// grain is a sensor's noise: a long strip of it, entered at another place for each frame.
type grain struct {
	strip  []int8
	random *rand.Rand
}

func newGrain(random *rand.Rand) *grain {
	const levels = 1.6 // standard deviation
	g := &grain{strip: make([]int8, 1<<20), random: random}
	for i := range g.strip {
		g.strip[i] = int8(max(-127, min(127, math.Round(levels*random.NormFloat64()))))
	}
	return g
}

func (g *grain) add(pix []byte) {
	at := g.random.IntN(len(g.strip))
	for i := range pix {
		if i%4 == 3 {
			continue
		}
		pix[i] = uint8(max(0, min(255, int(pix[i])+int(g.strip[(at+i)&(len(g.strip)-1)]))))
	}
}
