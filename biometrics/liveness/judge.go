package liveness

import (
	"math"
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
	j := judge{c: c, obs: obs, r: r, windows: windows(c)}
	for _, rule := range []func() Reason{j.finite, j.clock, j.numbers, j.faces, j.gaps, j.counts, j.continuity, j.motion, j.rest, j.turns, j.ways} {
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
	medians [steps]float64 // the median shift in each step's window
	v       Verdict
}

func faceless(q biometrics.Quality) bool {
	return q.Has(biometrics.NoFace) || q.Has(biometrics.TwoFaces)
}

// at remembers the step in which a frame lies, for the verdict.
func (j *judge) at(o biometrics.Observation, why Reason) Reason {
	j.v.Step = j.c.StepAt(time.Duration(o.Offset) * time.Millisecond)
	return why
}

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
		if _, err := eyesOf(o.Landmarks); err != nil {
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
		j.v.Step = j.c.StepAt(time.Duration(last) * time.Millisecond)
		return Gap
	}
	return Followed
}

// counts finds each window's good frames, and their median shift on the way.
func (j *judge) counts() Reason {
	for i, w := range j.windows {
		var shifts []float64
		for _, o := range j.obs {
			if !w.holds(o) {
				continue
			}
			if !o.Quality.Good() {
				if w.gesture == Neutral {
					j.v.Step = i
					return BadFrame
				}
				continue
			}
			s, err := Shift(o.Landmarks)
			if err != nil || !finite(s) {
				j.v.Step = i
				return NotAFace
			}
			shifts = append(shifts, s)
		}
		if len(shifts) < max(1, j.r.MinFrames) {
			j.v.Step = i
			return TooFew
		}
		j.medians[i] = median(shifts)
	}
	return Followed
}

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
		if before != (eyes{}) {
			near, far := min(before.apart, now.apart), max(before.apart, now.apart)
			reach := min(j.r.MaxMove, j.r.MaxJump+j.r.MaxSpeed*float64(o.Offset-when)/1000)
			if !(math.Hypot(now.x-before.x, now.y-before.y) <= reach*near) || !(far <= j.r.MaxScale*near) {
				return j.at(o, Jumped)
			}
		}
		before, when = now, o.Offset
	}
	return Followed
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

func (j *judge) rest() Reason {
	var all []float64
	for _, i := range NeutralFrames(j.c, j.obs) {
		s, err := Shift(j.obs[i].Landmarks)
		if err != nil {
			return j.at(j.obs[i], NotAFace)
		}
		all = append(all, s)
	}
	j.v.Neutral = median(all)
	for i, w := range j.windows {
		if w.gesture == Neutral && !(math.Abs(j.medians[i]-j.v.Neutral) <= j.r.MaxNeutral) {
			j.v.Step = i
			return NotAtRest
		}
	}
	return Followed
}

func (j *judge) turns() Reason {
	var sum, n [TurnRight + 1]float64
	for i, w := range j.windows {
		if w.gesture == Neutral {
			continue
		}
		moved := j.medians[i] - j.v.Neutral
		sum[w.gesture] += moved
		n[w.gesture]++
		if w.gesture == TurnRight {
			moved = -moved
		}
		if !(moved >= j.r.MinTurn) {
			j.v.Step = i
			if moved <= -j.r.MinTurn {
				return WrongWay
			}
			return NotTurned
		}
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
// and whether there was much time between these two frames. Earlier frames do not count: over many, noise alone would bring one there.
func (j *judge) arrival(i int) (onTheWay, slow bool) {
	from, to := j.medians[i-1], j.medians[i]
	last := j.windows[i-1].until
	for _, o := range j.obs {
		if o.Offset < j.windows[i-1].until || o.Offset >= j.windows[i].until || faceless(o.Quality) {
			continue
		}
		s, err := Shift(o.Landmarks)
		if err != nil {
			return false, false
		}
		way := (s - from) / (to - from)
		if way > 1-j.r.OnTheWay {
			return onTheWay, time.Duration(o.Offset-last)*time.Millisecond > j.r.SlowFrame
		}
		onTheWay, last = way >= j.r.OnTheWay, o.Offset
	}
	return false, false
}

// median of at least one value; the lower middle of an even number, so that it is one that was seen.
func median(vs []float64) float64 {
	vs = slices.Sorted(slices.Values(vs))
	return vs[(len(vs)-1)/2]
}
