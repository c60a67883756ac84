package pad

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// supply are a clip's frames with a face, by what they may be shown for.
type supply struct {
	frames []biometrics.Observation
	poses  []liveness.Pose
	pools  map[liveness.Gesture][]int // of frames, the best first; always one for Neutral and the two turns
}

// newSupply sorts a clip's frames; nil, and why, where there are too few.
func newSupply(frames []biometrics.Observation, rules liveness.Rules) (*supply, string) {
	s := &supply{pools: map[liveness.Gesture][]int{}}
	for _, o := range frames {
		p, err := liveness.PoseOf(o.Landmarks)
		if err != nil || !o.Quality.Good() {
			continue
		}
		s.frames, s.poses = append(s.frames, o), append(s.poses, p)
	}
	if len(s.frames) < fewFaces {
		return nil, "hardly a good face in it"
	}
	rest := s.rest()
	for g := liveness.Neutral; g <= liveness.ComeCloser; g++ {
		s.pools[g] = s.pool(g, rest, rules)
	}
	return s, ""
}

// rest is the pose of the frame that looks most straight into the camera, as they go.
func (s *supply) rest() liveness.Pose {
	order := s.sorted(func(p liveness.Pose) float64 { return math.Abs(p.Shift) })
	return s.poses[order[len(order)/8]]
}

// sorted are all frames, those with the least value first.
func (s *supply) sorted(value func(liveness.Pose) float64) []int {
	order := make([]int, len(s.poses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(value(s.poses[a]), value(s.poses[b])) })
	return order
}

// along is how far a pose goes the way of a gesture.
func along(g liveness.Gesture, p liveness.Pose) float64 {
	switch g {
	case liveness.TurnLeft:
		return p.Shift
	case liveness.TurnRight:
		return -p.Shift
	case liveness.LookUp:
		return -p.Lift
	case liveness.LookDown:
		return p.Lift
	case liveness.TiltLeft:
		return p.Roll
	case liveness.TiltRight:
		return -p.Roll
	}
	return p.Size
}

// apart is how far two poses lie from each other, in what a gesture takes.
func apart(a, b liveness.Pose) float64 {
	return math.Sqrt(sq((a.Shift-b.Shift)/0.1) + sq((a.Lift-b.Lift)/0.1) + sq((a.Roll-b.Roll)/0.15) + sq((a.Size-b.Size)/0.15))
}

func sq(v float64) float64 { return v * v }

// pool are the frames for a gesture: those in which it is made, or, of a turn that never is, those that come nearest to it.
func (s *supply) pool(g liveness.Gesture, rest liveness.Pose, rules liveness.Rules) []int {
	if g == liveness.Neutral {
		return s.sorted(func(p liveness.Pose) float64 { return apart(p, rest) })[:1+len(s.poses)/8]
	}
	order := s.sorted(func(p liveness.Pose) float64 { return -along(g, p) })
	made := 0
	for _, i := range order {
		if rules.Reached(s.poses[i], rest, g) {
			made++
		}
	}
	if made == 0 && g != liveness.TurnLeft && g != liveness.TurnRight {
		return nil
	}
	return order[:max(1, made, len(order)/8)]
}

// manner is how a presenter arranges: how far each gesture goes, as a share from the farthest frame in which it is made to the nearest, and the
// time from pose to pose.
type manner struct {
	share  float64
	moving time.Duration
}

func newManner(random *rand.Rand) manner {
	return manner{random.Float64(), 300*time.Millisecond + time.Duration(random.IntN(150))*time.Millisecond}
}

// held are the frames of a gesture's pool that the manner shows: an eighth of the clip at most.
func (m manner) held(pool []int, all int) []int {
	n := min(len(pool), max(1, all/8))
	from := int(m.share * float64(len(pool)-n))
	return pool[from : from+n]
}

// A presenter's reaction to a cue, and how often his camera looks.
const (
	presentReaction = 200 * time.Millisecond
	presentEvery    = 80 * time.Millisecond
)

// arrange shows the clip's frames as the challenge asks: those of a pose while it is held, and on the way to the next those that lie between. The
// face stays in its place, as a presenter would keep it, and each frame has a little noise of its own.
func (s *supply) arrange(c liveness.Challenge, random *rand.Rand) []biometrics.Observation {
	var out []biometrics.Observation
	m := newManner(random)
	before, start := liveness.Neutral, time.Duration(0)
	for _, step := range c.Steps {
		end := start + time.Duration(step.Millis)*time.Millisecond
		for at := time.Duration(len(out)) * presentEvery; at < end; at = time.Duration(len(out)) * presentEvery {
			o := s.noisy(s.frames[s.pick(m, before, step.Gesture, at-start, len(out))], random)
			o.Number, o.Offset, o.Cue = uint32(len(out)+1), uint32(at.Milliseconds()), uint8(c.StepAt(at))
			out = append(out, o)
		}
		before, start = step.Gesture, end
	}
	return out
}

// pick is the frame to show so long after a cue.
func (s *supply) pick(m manner, before, g liveness.Gesture, since time.Duration, n int) int {
	way := min(1, max(0, float64(since-presentReaction)/float64(m.moving)))
	way = way * way * way * (10 + way*(6*way-15))
	from, to := m.held(s.pools[before], len(s.frames)), m.held(s.pools[g], len(s.frames))
	switch {
	case way < 0.05:
		return from[n%len(from)]
	case way > 0.95:
		return to[n%len(to)]
	}
	a, b := s.poses[from[0]], s.poses[to[0]]
	between := func(x, y float64) float64 { return x + (y-x)*way }
	want := liveness.Pose{Shift: between(a.Shift, b.Shift), Lift: between(a.Lift, b.Lift), Roll: between(a.Roll, b.Roll), Size: between(a.Size, b.Size)}
	return s.sorted(func(p liveness.Pose) float64 { return apart(p, want) })[0]
}

// noisy moves a face into the middle and gives its landmarks and descriptor what makes them differ from any other frame's.
func (s *supply) noisy(o biometrics.Observation, random *rand.Rand) biometrics.Observation {
	var x, y float32
	for _, p := range o.Landmarks[:4] {
		x, y = x+p.X/4, y+p.Y/4
	}
	dx, dy := 320-x, 240-y
	for i := range o.Landmarks {
		o.Landmarks[i].X += dx + float32(random.NormFloat64())*0.2
		o.Landmarks[i].Y += dy + float32(random.NormFloat64())*0.2
	}
	o.Box.X, o.Box.Y = o.Box.X+dx, o.Box.Y+dy
	o.Descriptor[random.IntN(len(o.Descriptor))] *= 1 + float32(random.Float64())*1e-4
	return o
}
