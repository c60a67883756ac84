package gate

import (
	"fmt"

	"visavis/biometrics/liveness"
)

// Decision is whether somebody is let in. The zero value is Denied.
type Decision uint8

// The decisions.
const (
	Denied   Decision = 0
	Accepted Decision = 1
)

// String names the decision; whatever is not Accepted is denied.
func (d Decision) String() string {
	if d == Accepted {
		return "accepted"
	}
	return "denied"
}

// Verdict is the gate's answer. The zero Verdict is a denial. The numbers are distances between unit vectors, NaN where they could not
// be measured; they are never sent to a desk, which could climb them like a hill.
type Verdict struct {
	Decision Decision
	Why      Reason          // Passed if and only if Accepted; otherwise the first check that refused
	Live     liveness.Reason // what the liveness rules said
	Lamp     float64         // how well the face's colour follows the window's light, −1 to 1
	Fused    float64         // mean of all neutral frames to the template's centroid
	Bound    float64         // what Fused was held against: the level's bound, tightened for the person
	Rival    float64         // the same mean to the nearest other person's centroid; +Inf when there is none
	Worst    float64         // the farthest single frame from the template's centroid
	Step     float64         // the farthest two neighbouring frames
	Parallax float64         // shift(left) − shift(right), in eye distances
}

// Reason is why a verdict is what it is, from a closed list.
type Reason uint8

const (
	Unjudged      Reason = iota // the zero value: nothing was judged
	VirtualCamera               // not a camera of the desk's hardware, and the policy allows no other
	OtherWeights                // described by other model files than the template, or than the server works with
	BadTemplate                 // a template that was never enrolled
	FrameCount                  // no frames, or too many
	TooQuick                    // the frames tell of more time than passed between challenge and evidence
	TooOld                      // the challenge was issued too long ago
	NotLive                     // Verdict.Live says why
	BadDescriptor               // not finite, or a norm that no face has
	OtherPerson                 // the fused distance is over the bound
	OtherFrame                  // one neutral frame is over its bound
	OtherTurned                 // one frame of a turned head is over its bound
	Discontinuous               // two neighbouring frames are not of one face
	MixedViews                  // an enrolment's views are not of one person
	OtherKind                   // the challenge is for something else
	NoLamp                      // the face does not follow the window's light, and the policy demands that
	NearerOther                 // somebody else who is enrolled is clearly nearer
	Passed                      // the one reason that is an acceptance
	reasonEnd
)

var reasonTexts = [reasonEnd]string{
	Unjudged:      "not judged",
	VirtualCamera: "virtual camera",
	OtherWeights:  "other weights",
	BadTemplate:   "no template",
	FrameCount:    "number of frames",
	TooQuick:      "more time in the frames than passed",
	TooOld:        "challenge too old",
	NotLive:       "not live",
	BadDescriptor: "descriptor is no face's",
	OtherPerson:   "another person",
	OtherFrame:    "another person in one frame",
	OtherTurned:   "another person in a turned frame",
	Discontinuous: "the face changed",
	MixedViews:    "views of more than one person",
	OtherKind:     "a challenge of another kind",
	NoLamp:        "the face does not follow the light",
	NearerOther:   "nearer to another person who is enrolled",
	Passed:        "passed",
}

// String says why, for the audit.
func (r Reason) String() string {
	if r >= reasonEnd {
		return fmt.Sprintf("unknown reason %d", uint8(r))
	}
	return reasonTexts[r]
}
