package liveness

import (
	"math"

	"visavis/biometrics"
)

// continuity compares neighbours among the frames that show a face; gaps has bounded the time between them.
func (j *judge) continuity() Reason {
	var before eyes
	var when uint32
	for _, o := range j.obs {
		if faceless(o.Quality) {
			continue
		}
		now, err := eyesOf(o.Landmarks)
		if err != nil {
			return j.at(o, NotAFace)
		}
		if before != (eyes{}) && !j.r.follows(before, now, float64(o.Offset-when)/1000) {
			return j.at(o, Jumped)
		}
		before, when = now, o.Offset
	}
	return Followed
}

// follows says whether eyes may have come from one place to another in a time, in seconds.
func (r Rules) follows(before, now eyes, seconds float64) bool {
	near, far := min(before.apart, now.apart), max(before.apart, now.apart)
	reach := min(r.MaxMove, r.MaxJump+r.MaxSpeed*seconds)
	spin := math.Abs(math.Remainder(now.angle-before.angle, 2*math.Pi))
	return math.Hypot(now.x-before.x, now.y-before.y) <= reach*(near+far)/2 && far <= r.MaxScale*near && spin <= r.MaxTwist+r.MaxSpin*seconds
}

// motion: a sensor's noise alone changes every picture, so a descriptor that comes back is a picture that was fed again, however
// many others lie between.
func (j *judge) motion() Reason {
	faces := map[biometrics.Descriptor]int{}
	samePoints := 0
	var before biometrics.Landmarks
	for _, o := range j.obs {
		if faceless(o.Quality) {
			continue
		}
		if o.Landmarks != before {
			samePoints = 0
		}
		samePoints, before = samePoints+1, o.Landmarks
		faces[o.Descriptor]++
		if faces[o.Descriptor] > j.r.MaxSameFace || samePoints > j.r.MaxSamePoints {
			return j.at(o, Frozen)
		}
	}
	return Followed
}
