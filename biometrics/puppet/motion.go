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

// How far the head goes when it is asked to, give or take one part of by: in degrees, and how many times nearer. Of a head that nods further
// the model makes another face.
const (
	turned, nodded, leant, nearer = 20.0, 12.0, 16.0, 1.25
	by                            = 20.0
)

// pose is where a thing is: yaw, pitch and roll in degrees (positive towards the picture's right, up, and clockwise), how many times nearer
// than at rest, and the sway of the picture as a whole: x and y in pixels, and its scale.
type pose struct{ yaw, pitch, roll, near, x, y, scale float64 }

// rest is the pose of who looks into the camera.
func atRest() pose { return pose{near: 1, scale: 1} }

// gestures are the poses that are asked for.
var gestures = map[liveness.Gesture]pose{
	liveness.TurnLeft:   {yaw: turned, near: 1},
	liveness.TurnRight:  {yaw: -turned, near: 1},
	liveness.LookUp:     {pitch: nodded, near: 1},
	liveness.LookDown:   {pitch: -nodded, near: 1},
	liveness.TiltLeft:   {roll: leant, near: 1},
	liveness.TiltRight:  {roll: -leant, near: 1},
	liveness.ComeCloser: {near: nearer},
}

// motion is where the thing is at any time. It is not safe for concurrent use.
type motion struct {
	cue      eye.Cue
	since    time.Duration // when the cue's gesture was asked for
	from, to pose          // before and after it, without sway
	returns  int           // how often it was asked to look into the camera again
	resting  bool          // that is what it was asked last
	sways    [7]sway       // in the order of a pose's fields; the fourth is none
	random   *rand.Rand
}

// The sizes of sways, in the order of a pose's fields.
var (
	standing = [7]float64{0.7, 0.5, 0.35, 0, 1.6, 1.2, 0.004}
	inHand   = [7]float64{1.6, 1.6, 1.0, 0, 5, 4, 0.012} // a phone that is held before a camera
)

func newMotion(sizes [7]float64, random *rand.Rand) *motion {
	m := &motion{from: atRest(), to: atRest(), random: random}
	for i, size := range sizes {
		m.sways[i] = newSway(size, random)
	}
	return m
}

// obey takes a cue that came at t.
func (m *motion) obey(c eye.Cue, t time.Duration) {
	before := m.cue
	m.cue = c
	if c.Challenge == before.Challenge && c.Step == before.Step && c.Gesture == before.Gesture {
		return // another light
	}
	m.from, m.since = m.way(t), t
	m.to = atRest()
	if c.Challenge != before.Challenge {
		m.returns = 0
	}
	g, asked := gestures[c.Gesture]
	m.resting = !asked
	how := 1 + (2*m.random.Float64()-1)/by
	if !asked {
		if c.Step > 0 {
			m.returns++
		}
		return
	}
	m.to.yaw, m.to.pitch, m.to.roll, m.to.near = g.yaw*how, g.pitch*how, g.roll*how, 1+(g.near-1)*how
}

// way is from pose to pose, with the least jerk.
func (m *motion) way(t time.Duration) pose {
	p := min(1, max(0, float64(t-m.since-reaction)/float64(turning)))
	w := p * p * p * (10 + p*(6*p-15))
	between := func(a, b float64) float64 { return a + (b-a)*w }
	return pose{
		yaw: between(m.from.yaw, m.to.yaw), pitch: between(m.from.pitch, m.to.pitch), roll: between(m.from.roll, m.to.roll),
		near: between(m.from.near, m.to.near), scale: 1,
	}
}

// settled says that the last cue has been obeyed.
func (m *motion) settled(t time.Duration) bool { return t-m.since >= reaction+turning }

func (m *motion) pose(t time.Duration) pose {
	p := m.way(t)
	for i, v := range []*float64{&p.yaw, &p.pitch, &p.roll, &p.near, &p.x, &p.y, &p.scale} {
		*v += m.sways[i].at(t)
	}
	return p
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
