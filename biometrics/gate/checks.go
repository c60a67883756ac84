package gate

import (
	"math"

	"visavis/biometrics"
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
	// A mean alone would let two frames of the right person carry a third of another (97.8% of tries), so each frame has its bound.
	viewsCheck  = check{MixedViews, func(f facts) bool { return f.views <= f.policy.Level.Bounds().View }}
	fusedCheck  = check{OtherPerson, func(f facts) bool { return f.fused <= f.policy.Level.Bounds().Fused }}
	frontCheck  = check{OtherFrame, func(f facts) bool { return f.front <= f.policy.Level.Bounds().Front }}
	turnedCheck = check{OtherTurned, func(f facts) bool { return f.turned <= f.policy.Level.Bounds().Turned }}
	stepCheck   = check{Discontinuous, func(f facts) bool { return f.step <= f.policy.Level.Bounds().Step }}
)

func verifyChecks() []check {
	return []check{cameraCheck, weightsCheck, templateCheck, countCheck, clockCheck, ageCheck, liveCheck, facesCheck, fusedCheck, frontCheck, turnedCheck, stepCheck}
}

// An enrolment has no one to be compared with but itself: its views with each other, its frames with the template they made.
func enrolChecks() []check {
	return []check{cameraCheck, weightsCheck, countCheck, clockCheck, ageCheck, liveCheck, facesCheck, viewsCheck, templateCheck, fusedCheck, frontCheck, turnedCheck, stepCheck}
}

func countFits(frames int) bool { return frames > 0 && frames <= biometrics.MaxObservations }

// judge accepts when no check refuses. Without checks it denies.
func (f facts) judge(checks []check) Verdict {
	v := Verdict{
		Live:     f.live.Why,
		Fused:    f.fused,
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
