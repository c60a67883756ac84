package liveness

import (
	"slices"
	"time"

	"visavis/biometrics"
)

// Judge says whether obs show one solid head that followed c. Every rule can only refuse.
//
// A frame without a face is as if it were missing: the gap it leaves counts. In the settled part of a neutral step there may be none,
// nor one of poor quality, since all frames there are matched. Two faces in any frame refuse.
func Judge(c Challenge, obs []biometrics.Observation, r Rules) Verdict {
	if c.Validate() != nil {
		return Verdict{Why: BadChallenge}
	}
	if len(obs) > biometrics.MaxObservations {
		return Verdict{Why: TooManyFrames}
	}
	j := judge{v: Verdict{Lamp: lamp(c, obs)}, c: c, obs: obs, r: r, windows: windows(c, obs)}
	for _, rule := range []func() Reason{
		j.finite, j.clock, j.numbers, j.faces, j.gaps, j.counts, // frames that can be judged, in their order
		j.continuity, j.motion, // one face, never the same picture
		j.rest, j.gestures, j.parallax, j.ways, // a head that does as it is told
	} {
		if why := rule(); why != Followed {
			j.v.Why = why
			return j.v
		}
	}
	j.v.Live, j.v.Why = true, Followed
	return j.v
}

// judge is one judgement. A rule answers Followed if nothing speaks against; a later rule may rely on those before it.
type judge struct {
	c       Challenge
	obs     []biometrics.Observation
	r       Rules
	windows []window
	held    []Pose // the pose in each step's window
	rests   Pose   // the pose held in all neutral windows
	v       Verdict
}

func faceless(q biometrics.Quality) bool {
	return q.Has(biometrics.NoFace) || q.Has(biometrics.TwoFaces)
}

// at remembers the step in which a frame lies, for the verdict.
func (j *judge) at(o biometrics.Observation, why Reason) Reason {
	return j.in(j.c.StepAt(time.Duration(o.Offset)*time.Millisecond), why)
}

// in remembers a step for the verdict.
func (j *judge) in(step int, why Reason) Reason {
	j.v.Step = step
	return why
}

// median of at least one value; the middle between the two middle ones of an even number.
func median(vs []float64) float64 {
	vs = slices.Sorted(slices.Values(vs))
	n := len(vs)
	return (vs[(n-1)/2] + vs[n/2]) / 2
}
