package liveness

import (
	"math"
	"time"
)

// rest: the person's own pose is that held in all neutral frames, and every neutral step's lies near it, in every dimension.
func (j *judge) rest() Reason {
	var all []Pose
	for _, i := range NeutralFrames(j.c, j.obs) {
		p, err := PoseOf(j.obs[i].Landmarks)
		if err != nil {
			return j.at(j.obs[i], NotAFace)
		}
		all = append(all, p)
	}
	j.rests = heldPose(all)
	j.v.Neutral = j.rests.Shift
	for i, w := range j.windows {
		if w.gesture == Neutral && !j.r.atRest(j.held[i], j.rests, j.left(i)) {
			return j.in(i, NotAtRest)
		}
	}
	return Followed
}

// left is the pose that a neutral step comes back from; rest for the first.
func (j *judge) left(i int) Pose {
	if i == 0 {
		return j.rests
	}
	return j.held[i-1]
}

// atRest says whether a pose is near enough to the person's own: within a bound, or, after a gesture that went far, most of the way back from it.
func (r Rules) atRest(p, rest, left Pose) bool {
	for a, bound := range [axes]float64{r.MaxNeutral, r.MaxNeutralLift, r.MaxNeutralRoll, r.MaxNeutralSize} {
		own := rest.along(axis(a))
		if !(math.Abs(p.along(axis(a))-own) <= max(bound, r.MaxLag*math.Abs(left.along(axis(a))-own))) {
			return false
		}
	}
	return true
}

// least is how far a gesture must go from rest.
func (r Rules) least(g Gesture) float64 {
	return [gestureEnd]float64{
		TurnLeft: r.MinTurn, TurnRight: r.MinTurn, LookUp: r.MinUp, LookDown: r.MinDown,
		TiltLeft: r.MinTilt, TiltRight: r.MinTilt, ComeCloser: r.MinCloser,
	}[g]
}

// Reached says whether a pose is, against a person's pose at rest, the gesture that was asked for; of Neutral, whether it is at rest.
func (r Rules) Reached(p, rest Pose, g Gesture) bool {
	if g == Neutral {
		return r.atRest(p, rest, rest)
	}
	return g > Neutral && g < gestureEnd && p.moved(rest, g) >= r.least(g) && !r.aside(p, rest, g)
}

// aside says that a head is turned that was not asked to turn. A turned head's eyes stand nearer to each other and, in landmarks, at a slant,
// so it would do for a tilted one, or one that looks down.
func (r Rules) aside(p, rest Pose, g Gesture) bool {
	return gestures[g].axis != turnAxis && !(math.Abs(p.Shift-rest.Shift) <= r.MaxAside)
}

// missed is what is said of a gesture that was not made.
var missed = [gestureEnd]Reason{
	TurnLeft: NotTurned, TurnRight: NotTurned, LookUp: NotUp, LookDown: NotDown, TiltLeft: NotTilted, TiltRight: NotTilted, ComeCloser: NotCloser,
}

// gestures: each was made, to the side that was asked for.
func (j *judge) gestures() Reason {
	for i, w := range j.windows {
		if w.gesture != Neutral && !j.r.Reached(j.held[i], j.rests, w.gesture) {
			return j.in(i, j.r.instead(j.held[i], j.rests, w.gesture))
		}
	}
	return Followed
}

// instead says what a head did that did not make a gesture: the other way, another gesture, or not enough of it.
func (r Rules) instead(p, rest Pose, g Gesture) Reason {
	way := p.moved(rest, g)
	switch {
	case way <= -r.least(g):
		return WrongWay
	case r.aside(p, rest, g):
		return WrongGesture
	case way >= r.least(g)/2: // it was begun: what else moved does not matter
		return missed[g]
	}
	for other := TurnLeft; other < gestureEnd; other++ {
		if gestures[other].axis != gestures[g].axis && r.Reached(p, rest, other) {
			return WrongGesture
		}
	}
	return missed[g]
}

// parallax: the turns together show the nose before the plane of the eyes.
func (j *judge) parallax() Reason {
	var sum, n [gestureEnd]float64
	for i, w := range j.windows {
		sum[w.gesture] += j.held[i].Shift - j.rests.Shift
		n[w.gesture]++
	}
	j.v.Left, j.v.Right = sum[TurnLeft]/n[TurnLeft], sum[TurnRight]/n[TurnRight]
	j.v.Parallax = j.v.Left - j.v.Right
	if !(j.v.Parallax >= j.r.MinParallax) {
		return Flat
	}
	return Followed
}

// ways: between one pose and the next a head is somewhere between them, and a frame shows it. Pictures that are swapped show nothing of
// the way. Not every change of pose needs such a frame: a describer may lose a turning face, and one that is slow is excused once more.
func (j *judge) ways() Reason {
	seen, excused := 0, 0
	for i := 1; i < len(j.windows); i++ {
		onTheWay, slow := j.arrival(i)
		if onTheWay {
			seen++
		} else if slow {
			excused = 1
		}
	}
	if seen < max(1, j.r.MinSeen-excused) {
		return Snapped
	}
	return Followed
}

// arrival says whether the frame before the first in which the head has arrived at step i's pose lies between that pose and the one before,
// in the dimension in which the two differ, and whether there was much time between these two frames. Earlier frames do not count: over
// many, noise alone would bring one there.
func (j *judge) arrival(i int) (onTheWay, slow bool) {
	g := max(j.windows[i-1].gesture, j.windows[i].gesture) // the other is Neutral
	from, to := j.held[i-1].moved(j.rests, g), j.held[i].moved(j.rests, g)
	last := j.windows[i-1].until
	for _, o := range j.obs {
		if o.Offset < j.windows[i-1].until || o.Offset >= j.windows[i].until || faceless(o.Quality) {
			continue
		}
		p, err := PoseOf(o.Landmarks)
		if err != nil {
			return false, false
		}
		way := (p.moved(j.rests, g) - from) / (to - from)
		if way > 1-j.r.OnTheWay {
			return onTheWay, time.Duration(o.Offset-last)*time.Millisecond > j.r.SlowFrame
		}
		onTheWay, last = way >= j.r.OnTheWay, o.Offset
	}
	return false, false
}
