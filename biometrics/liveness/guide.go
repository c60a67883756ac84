package liveness

import "visavis/biometrics"

// Guide says, while a challenge is played, whether the head does what is asked for right now: what a window shows a tick for. It decides
// nothing: Judge does, later, from all frames. One goroutine owns it.
type Guide struct {
	rules   Rules
	windows []window
	atRest  []Pose // of the neutral steps' windows so far
	rest    Pose   // that they hold
}

// NewGuide makes a guide through c.
func NewGuide(c Challenge, r Rules) *Guide {
	return &Guide{rules: r, windows: windows(c, nil)}
}

// Reached takes the next frame and says whether it shows the gesture of its step. Before the rest is known, any face that looks into the camera is at rest.
func (g *Guide) Reached(o biometrics.Observation) bool {
	if faceless(o.Quality) || int(o.Cue) >= len(g.windows) {
		return false
	}
	p, err := PoseOf(o.Landmarks)
	if err != nil {
		return false
	}
	w := g.windows[o.Cue]
	if w.gesture == Neutral && w.holds(o) {
		g.atRest = append(g.atRest, p)
		g.rest = heldPose(g.atRest)
	}
	if len(g.atRest) == 0 {
		return w.gesture == Neutral && !o.Quality.Has(biometrics.Turned)
	}
	return g.rules.Reached(p, g.rest, w.gesture)
}
