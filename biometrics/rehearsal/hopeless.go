package rehearsal

import (
	"math"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Hopeless says that of the steps that are over one asked for a gesture of which not half was made, against the neutral steps so far. The
// frames to come can not mend that: they could only move the rest that it is measured from, by less than the other half. So such a play needs
// not be described to its end to be refused; a bench plays some to the end, and shows that none of them is accepted.
func Hopeless(c liveness.Challenge, frames []biometrics.Observation) (step int, hopeless bool) {
	if len(frames) == 0 {
		return 0, false
	}
	half := liveness.DefaultRules()
	for _, bound := range []*float64{&half.MinTurn, &half.MinUp, &half.MinDown, &half.MinTilt, &half.MinCloser} {
		*bound /= 2
	}
	half.MaxAside = math.Inf(1)
	last, end := frames[len(frames)-1].Offset, uint32(0)
	var rest []liveness.Pose
	for i, s := range c.Steps {
		start := end
		end += uint32(s.Millis)
		if last < end-uint32(fewBefore[1].Milliseconds()) {
			break
		}
		held := poses(c, frames, s.Gesture, start, end)
		if s.Gesture == liveness.Neutral {
			rest = append(rest, held...)
		} else if len(held) > 0 && len(rest) > 0 && !half.Reached(middle(held), middle(rest), s.Gesture) {
			return i, true
		}
	}
	return 0, false
}

// poses are those of the frames that a step is judged by.
func poses(c liveness.Challenge, frames []biometrics.Observation, g liveness.Gesture, start, end uint32) []liveness.Pose {
	var ps []liveness.Pose
	for _, i := range liveness.GestureFrames(c, frames, g) {
		if o := frames[i]; o.Offset >= start && o.Offset < end {
			if p, err := liveness.PoseOf(o.Landmarks); err == nil {
				ps = append(ps, p)
			}
		}
	}
	return ps
}

// middle is the median of each of the pose's numbers.
func middle(ps []liveness.Pose) liveness.Pose {
	median := func(of func(liveness.Pose) float64) float64 {
		vs := make([]float64, len(ps))
		for i, p := range ps {
			vs[i] = of(p)
		}
		slices.Sort(vs)
		return (vs[(len(vs)-1)/2] + vs[len(vs)/2]) / 2
	}
	return liveness.Pose{
		Shift: median(func(p liveness.Pose) float64 { return p.Shift }), Lift: median(func(p liveness.Pose) float64 { return p.Lift }),
		Roll: median(func(p liveness.Pose) float64 { return p.Roll }), Size: median(func(p liveness.Pose) float64 { return p.Size }),
	}
}

// Stopped says that evidence of an early play is not all of it, and at which step it was given up.
func Stopped(c liveness.Challenge, e biometrics.Evidence) (step int, stopped bool) {
	n := len(e.Frames)
	if n == 0 || time.Duration(e.Frames[n-1].Offset)*time.Millisecond+fewGap >= c.Duration() {
		return 0, false
	}
	return Hopeless(c, e.Frames)
}
