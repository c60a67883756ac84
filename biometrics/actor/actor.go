package actor

import (
	"math"
	"math/rand/v2"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Span is a time from which one is drawn evenly.
type Span struct{ Least, Most time.Duration }

func (s Span) draw(random *rand.Rand) time.Duration {
	return s.Least + time.Duration(random.Float64()*float64(s.Most-s.Least))
}

// Manner is how somebody follows a challenge, how often an eye looks, and what it sees. The zero Manner can not be played.
type Manner struct {
	Interval Span // from frame to frame
	Reaction Span // from a cue to the first movement
	Moving   Span // from pose to pose, half as long again for a step closer; none is what pictures do that are swapped

	Turn   float64 // shift of a turned head
	Up     float64 // lift that a head which looks up loses
	Down   float64 // and that one which looks down gains
	Tilt   float64 // roll of a tilted head, in radians
	Closer float64 // logarithm of how much larger a head is that came closer
	Stray  float64 // how far a gesture strays into the other dimensions, as a share of what it would be there
	Aside  float64 // shift that every gesture but a turn strays to
	Vary   float64 // how much each gesture's size varies, as a share

	Jitter float64       // of each landmark, in pixels, with the eyes 60 apart
	Lamp   float64       // share by which the window's light changes the red and the blue of the face
	Lag    time.Duration // of the camera, behind the light
	Grain  float64       // of the colours, in levels of 255
	Sheen  float64       // share by which the face's red and blue change with each tenth of shift, and, by chance, from step to step
	Drift  float64       // share by which white balance and room change the face's red and blue in a second, by chance
}

// Honest is a person at a desk with a usual eye.
func Honest() Manner {
	return Manner{
		Interval: Span{80 * time.Millisecond, 80 * time.Millisecond},
		Reaction: Span{250 * time.Millisecond, 250 * time.Millisecond},
		Moving:   Span{400 * time.Millisecond, 400 * time.Millisecond},
		Turn:     0.25, Up: 0.12, Down: 0.10, Tilt: 0.26, Closer: 0.28, Jitter: 0.3, Lamp: 0.03, Lag: 100 * time.Millisecond, Grain: 0.3, Sheen: 0.004, Drift: 0.004,
	}
}

// move is a way to a pose that begins at a time.
type move struct {
	from, takes time.Duration
	to          liveness.Pose
}

// Follow says where the head is, from its rest, at any time since the first cue.
func (m Manner) Follow(c liveness.Challenge, random *rand.Rand) func(time.Duration) liveness.Pose {
	moves := m.moves(c, random)
	return func(t time.Duration) liveness.Pose { return poseAt(moves, t) }
}

// Play is what an eye sees from the first cue to the end. look describes the face while the head makes a gesture. The same random gives the same frames.
func (m Manner) Play(c liveness.Challenge, random *rand.Rand, look func(liveness.Gesture) biometrics.Descriptor) []biometrics.Observation {
	moves := m.moves(c, random)
	var obs []biometrics.Observation
	x, y := 320+10*random.NormFloat64(), 220+10*random.NormFloat64()
	drift, hue := 0.0, make([]float64, len(c.Steps))
	for i := range hue {
		hue[i] = m.Sheen * random.NormFloat64()
	}
	last := time.Duration(0)
	for t := m.Interval.draw(random) / 2; t < c.Duration(); t += max(time.Millisecond, m.Interval.draw(random)) {
		o := biometrics.Observation{Number: uint32(len(obs) + 1), Offset: uint32(t.Milliseconds()), Cue: uint8(c.StepAt(t))}
		p := poseAt(moves, t)
		o.Landmarks, o.Box = m.draw(p, x, y, random)
		drift += m.Drift * math.Sqrt((t - last).Seconds()) * random.NormFloat64()
		o.Skin, o.Scene = m.colours(c, t, drift+10*m.Sheen*p.Shift+hue[madeAt(moves, t)], random)
		o.Descriptor = look(c.Steps[madeAt(moves, t)].Gesture)
		obs = append(obs, o)
		last = t
		x, y = x+0.3*random.NormFloat64(), y+0.3*random.NormFloat64()
	}
	return obs
}

// moves plans a movement for each step; the first finds the head at rest.
func (m Manner) moves(c liveness.Challenge, random *rand.Rand) []move {
	var moves []move
	var start time.Duration
	for i, s := range c.Steps {
		w := move{from: start + m.Reaction.draw(random), takes: m.Moving.draw(random), to: m.pose(s.Gesture, random)}
		if s.Gesture == liveness.ComeCloser || i > 0 && c.Steps[i-1].Gesture == liveness.ComeCloser {
			w.takes += w.takes / 2
		}
		if i == 0 {
			w.from, w.takes = 0, 0
		}
		moves = append(moves, w)
		start += time.Duration(s.Millis) * time.Millisecond
	}
	return moves
}

// pose is where a gesture takes the head from rest.
func (m Manner) pose(g liveness.Gesture, random *rand.Rand) liveness.Pose {
	size := 1 + m.Vary*(2*random.Float64()-1)
	if g == liveness.Neutral {
		size = 0.15 * m.Vary * random.NormFloat64()
		return liveness.Pose{Shift: size * m.Turn, Lift: size * m.Up, Roll: size * m.Tilt, Size: size * m.Closer}
	}
	stray := func(of float64) float64 { return m.Stray * of * random.NormFloat64() }
	p := liveness.Pose{Shift: stray(m.Turn), Lift: stray(m.Up), Roll: stray(m.Tilt), Size: stray(m.Closer)}
	p.Shift += m.Aside
	switch g {
	case liveness.TurnLeft:
		p.Shift = size * m.Turn
	case liveness.TurnRight:
		p.Shift = -size * m.Turn
	case liveness.LookUp:
		p.Lift = -size * m.Up
	case liveness.LookDown:
		p.Lift = size * m.Down
	case liveness.TiltLeft:
		p.Roll = size * m.Tilt
	case liveness.TiltRight:
		p.Roll = -size * m.Tilt
	case liveness.ComeCloser:
		p.Size = size * m.Closer
	}
	return p
}

// poseAt goes from pose to pose with the least jerk.
func poseAt(moves []move, t time.Duration) liveness.Pose {
	var p liveness.Pose
	for _, w := range moves {
		if t < w.from {
			break
		}
		way := 1.0
		if w.takes > 0 {
			way = min(1, float64(t-w.from)/float64(w.takes))
		}
		s := way * way * way * (10 + way*(6*way-15))
		p.Shift += s * (w.to.Shift - p.Shift)
		p.Lift += s * (w.to.Lift - p.Lift)
		p.Roll += s * (w.to.Roll - p.Roll)
		p.Size += s * (w.to.Size - p.Size)
	}
	return p
}

// madeAt is the step whose gesture the head makes: the last of whose way half lies behind.
func madeAt(moves []move, t time.Duration) int {
	made := 0
	for i, w := range moves {
		if t >= w.from+w.takes/2 {
			made = i
		}
	}
	return made
}

// draw puts a head into a frame of 640×480: the eyes 60 pixels apart at rest, nearer to each other when it is turned; a tilt moves them sideways,
// since a head tilts about its neck.
func (m Manner) draw(p liveness.Pose, x, y float64, random *rand.Rand) (biometrics.Landmarks, biometrics.Box) {
	const between, eye, nose, neck, yaw = 60, 0.25, 0.65, 2.2, 1.3 // in eye distances, and radians a shift
	apart := between * math.Exp(p.Size) * math.Cos(yaw*p.Shift)
	sin, cos := math.Sincos(p.Roll)
	x += neck * between * sin
	at := func(dx, dy float64) biometrics.Point {
		return biometrics.Point{
			X: float32(x + apart*(dx*cos-dy*sin) + m.Jitter*random.NormFloat64()),
			Y: float32(y + apart*(dx*sin+dy*cos) + m.Jitter*random.NormFloat64()),
		}
	}
	box := biometrics.Box{X: float32(x - 1.2*apart), Y: float32(y - 1.1*apart), W: float32(2.4 * apart), H: float32(2.6 * apart)}
	return biometrics.Landmarks{at(0.5+eye, 0), at(0.5-eye, 0), at(-0.5-eye, 0), at(-0.5+eye, 0), at(p.Shift, nose+p.Lift)}, box
}

// colours are the face's and the scene's at a time; by is the share by which the face's red and blue are changed otherwise.
func (m Manner) colours(c liveness.Challenge, t time.Duration, by float64, random *rand.Rand) (skin, scene biometrics.Tone) {
	lit := map[liveness.Tint]float64{liveness.Warm: m.Lamp, liveness.Cool: -m.Lamp}[c.TintAt(t-m.Lag)]
	tone := func(r, g, b, lit float64) biometrics.Tone {
		level := func(v, more float64) uint16 {
			return uint16(max(0, min(65535, 256*(v*(1+more)+m.Grain*random.NormFloat64()))))
		}
		return biometrics.Tone{R: level(r, lit), G: level(g, 0), B: level(b, -lit)}
	}
	return tone(150, 115, 95, lit+by), tone(120, 118, 112, 0)
}
