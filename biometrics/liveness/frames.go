package liveness

import (
	"time"

	"visavis/biometrics"
)

func (j *judge) finite() Reason {
	for _, o := range j.obs {
		vs := []float32{o.Box.X, o.Box.Y, o.Box.W, o.Box.H}
		for _, p := range o.Landmarks {
			vs = append(vs, p.X, p.Y)
		}
		for _, v := range append(vs, o.Descriptor[:]...) {
			if !finite(float64(v)) {
				return j.at(o, NotFinite)
			}
		}
	}
	return Followed
}

// clock: the offset decides which step a frame belongs to, and the cue that the eye had been told must say the same, but for the
// slack around a border, where the cue may still be on its way.
func (j *judge) clock() Reason {
	slack := j.r.CueSlack
	for i, o := range j.obs {
		t := time.Duration(o.Offset) * time.Millisecond
		if i > 0 && o.Offset <= j.obs[i-1].Offset || t >= j.c.Duration()+slack {
			return j.at(o, OutOfOrder)
		}
		low, high := j.c.StepAt(t-slack), j.c.StepAt(t+slack)
		if int(o.Cue) < low || int(o.Cue) > high {
			return j.at(o, WrongCue)
		}
	}
	return Followed
}

// numbers: they grow, from 1 on, and of those between the first and the last only a few are missing. So whoever sends the frames must
// make numbers up in order to leave many out.
func (j *judge) numbers() Reason {
	before := uint32(0)
	for _, o := range j.obs {
		if o.Number <= before {
			return j.at(o, OutOfOrder)
		}
		before = o.Number
	}
	if n := len(j.obs); n > 0 {
		all := float64(before-j.obs[0].Number) + 1
		if !(all-float64(n) <= j.r.MaxMissing*all) {
			return LeftOut
		}
	}
	return Followed
}

func (j *judge) faces() Reason {
	for _, o := range j.obs {
		if o.Quality.Has(biometrics.TwoFaces) {
			return j.at(o, SecondFace)
		}
		if faceless(o.Quality) {
			continue
		}
		if _, err := PoseOf(o.Landmarks); err != nil {
			return j.at(o, NotAFace)
		}
	}
	return Followed
}

// gaps: from the first cue to the end, a face is seen at least every MaxGap.
func (j *judge) gaps() Reason {
	limit := uint32(max(0, j.r.MaxGap.Milliseconds()))
	last := uint32(0)
	for _, o := range j.obs {
		if faceless(o.Quality) {
			continue
		}
		if o.Offset-last > limit {
			return j.at(o, Gap)
		}
		last = o.Offset
	}
	if end := uint32(j.c.Duration().Milliseconds()); end > last && end-last > limit {
		return j.in(j.c.StepAt(time.Duration(last)*time.Millisecond), Gap)
	}
	return Followed
}

// counts finds each window's good frames, and the pose held in it on the way.
func (j *judge) counts() Reason {
	j.held = make([]Pose, len(j.windows))
	for i, w := range j.windows {
		var poses []Pose
		for _, o := range j.obs {
			if !w.holds(o) {
				continue
			}
			if !j.usable(o.Quality, w.gesture) {
				if w.gesture == Neutral {
					return j.in(i, BadFrame)
				}
				continue
			}
			p, err := PoseOf(o.Landmarks)
			if err != nil {
				return j.in(i, NotAFace)
			}
			poses = append(poses, p)
		}
		if len(poses) < max(1, j.r.MinFrames) {
			return j.in(i, TooFew)
		}
		j.held[i] = heldPose(poses)
	}
	return Followed
}

// usable says whether a frame's landmarks count for a gesture: who comes closer, as asked, may come too close for a descriptor. Light from behind is told
// beforehand, and is nobody's fault when it comes and goes at its bound: what it does to a
// descriptor is for the bounds of faces to say.
func (j *judge) usable(q biometrics.Quality, g Gesture) bool {
	q = q.Without(biometrics.Backlit)
	if g == ComeCloser {
		q = q.Without(biometrics.TooClose).Without(biometrics.OffCentre)
	}
	return q.Good()
}
