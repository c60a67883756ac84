package gate

import (
	"math"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// check is one condition. It can only refuse: what holds is nothing but the absence of one reason to.
type check struct {
	why   Reason // what its refusal says
	holds func(facts) bool
}

// Both tables are in the order in which refusals are reported: what the desk is, what the evidence is, whether it lives, who it is.
var (
	cameraCheck   = check{VirtualCamera, func(f facts) bool { return f.hardware || f.policy.AllowVirtual }}
	weightsCheck  = check{OtherWeights, func(f facts) bool { return f.weights }}
	templateCheck = check{BadTemplate, func(f facts) bool { return f.template }}
	countCheck    = check{FrameCount, func(f facts) bool { return countFits(f.frames) }}
	// Both durations end when the evidence arrives, and the server's began before the first frame.
	clockCheck = check{TooQuick, func(f facts) bool { return f.told <= f.elapsed }}
	ageCheck   = check{TooOld, func(f facts) bool { return f.elapsed <= f.policy.MaxElapsed }}
	liveCheck  = check{NotLive, func(f facts) bool { return f.live.Live }}
	facesCheck = check{BadDescriptor, func(f facts) bool { return f.faces }}
	lampCheck  = check{NoLamp, func(f facts) bool { return !f.policy.Lamp.refuses(f.live.Lamp, f.policy.Rules.MinLamp) }}
	entryCheck = check{OtherKind, func(f facts) bool { return f.kind == liveness.Entry }}
	enrolCheck = check{OtherKind, func(f facts) bool { return f.kind == liveness.Enrolment }}
	// A mean alone would let two frames of the right person carry a third of another (97.8% of tries), so each frame has its bound.
	viewsCheck  = check{MixedViews, func(f facts) bool { return f.views <= f.bounds().View }}
	fusedCheck  = check{OtherPerson, func(f facts) bool { return f.fused <= f.bounds().Fused }}
	rivalCheck  = check{NearerOther, func(f facts) bool { return f.fused-f.rival <= f.bounds().Rival }}
	frontCheck  = check{OtherFrame, func(f facts) bool { return f.front <= f.bounds().Front }}
	turnedCheck = check{OtherTurned, func(f facts) bool { return f.turned <= f.bounds().Turned }}
	stepCheck   = check{Discontinuous, func(f facts) bool { return f.step <= f.bounds().Step }}
)

func verifyChecks() []check {
	return []check{
		cameraCheck, weightsCheck, templateCheck, entryCheck, countCheck, clockCheck, ageCheck, liveCheck, lampCheck, facesCheck,
		fusedCheck, rivalCheck, frontCheck, turnedCheck, stepCheck,
	}
}

// An enrolment has no one to be compared with but itself: its views with each other, its frames with the template they made, and with what
// the same person made before.
func enrolChecks() []check {
	return []check{
		cameraCheck, weightsCheck, enrolCheck, countCheck, clockCheck, ageCheck, liveCheck, lampCheck, facesCheck,
		viewsCheck, templateCheck, fusedCheck, frontCheck, turnedCheck, stepCheck,
	}
}

// bounds are those that the person is held against.
func (f facts) bounds() match.Bounds { return f.policy.Level.Bounds(f.enrolled).Tightened(f.nearest) }

func countFits(frames int) bool { return frames > 0 && frames <= biometrics.MaxObservations }

// judge accepts when no check refuses. Without checks it denies.
func (f facts) judge(checks []check) Verdict {
	v := Verdict{
		Live:     f.live.Why,
		Lamp:     f.live.Lamp,
		Fused:    f.fused,
		Bound:    f.bounds().Fused,
		Rival:    f.rival,
		Worst:    math.Max(f.front, f.turned),
		Step:     f.step,
		Parallax: f.live.Parallax,
	}
	for _, c := range checks {
		if !c.holds(f) {
			v.Why = c.why
			return v
		}
	}
	if len(checks) > 0 {
		v.Decision, v.Why = Accepted, Passed
	}
	return v
}
