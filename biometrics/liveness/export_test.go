package liveness

import "visavis/biometrics"

// What the tests, which a made-up person keeps outside of the package, need of its inside.
const (
	Steps     = steps
	Asked     = asked
	ReasonEnd = reasonEnd
)

// Window is a step's settled part.
type Window = window

func (w window) Holds(o biometrics.Observation) bool { return w.holds(o) }
func (w window) From() uint32                        { return w.from }
func (w window) Until() uint32                       { return w.until }

// Windows are the settled parts of all steps, for an eye of these frames.
func Windows(c Challenge, obs []biometrics.Observation) []Window { return windows(c, obs) }

// Follows says whether the landmarks of one frame may follow those of another.
func (r Rules) Follows(before, now biometrics.Landmarks, seconds float64) bool {
	a, errA := eyesOf(before)
	b, errB := eyesOf(now)
	return errA == nil && errB == nil && r.follows(a, b, seconds)
}

// Lamp is the light's score alone.
func Lamp(c Challenge, obs []biometrics.Observation) float64 { return lamp(c, obs) }
