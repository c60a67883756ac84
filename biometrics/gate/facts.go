package gate

import (
	"math"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// facts are everything that is measured about one piece of evidence; the checks look at nothing else. A distance that was not
// measured is NaN.
type facts struct {
	policy   Policy
	hardware bool          // the camera is part of the desk's hardware
	weights  bool          // the evidence's, the server's and the template's version are one
	template bool          // there is a template to compare with
	frames   int           // in the evidence, with or without a face
	told     time.Duration // the time that the frames tell of
	elapsed  time.Duration // the time that passed on the server's clock
	kind     liveness.Kind
	live     liveness.Verdict
	enrolled int     // views of the template that is compared with
	nearest  float64 // from the template's centroid to the nearest other person's
	faces    bool    // every descriptor is a face's
	fused    float64 // the mean of all neutral frames to the centroid
	rival    float64 // the same mean to the nearest other person's centroid
	front    float64 // the farthest neutral frame from the centroid
	turned   float64 // the farthest other frame from the centroid
	step     float64 // the farthest two neighbouring frames
	views    float64 // how far apart the enrolled views are
}

// seen is the evidence's faces, frame by frame in order.
type seen struct {
	neutral []match.Vector                      // of all frames in which the challenge had the person look into the camera
	others  []match.Vector                      // of all other frames with a face, good or poor: none may be another person's
	posed   map[liveness.Gesture][]match.Vector // of the good ones of others in which a pose was held
}

// posesOf are the gestures that a view is made of beside the front, in the order of a template's views.
var posesOf = [...]liveness.Gesture{liveness.TurnLeft, liveness.TurnRight, liveness.LookUp, liveness.LookDown}

// observe measures what needs no template.
func observe(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, p Policy) (facts, seen) {
	f := facts{
		policy:   p,
		hardware: !e.Camera.Virtual,
		weights:  p.Weights != "" && e.Weights == p.Weights,
		frames:   len(e.Frames),
		kind:     c.Kind,
		elapsed:  elapsed,
		nearest:  math.NaN(),
		fused:    math.NaN(),
		rival:    math.NaN(),
		front:    math.NaN(),
		turned:   math.NaN(),
		step:     math.NaN(),
		views:    math.NaN(),
	}
	if !countFits(len(e.Frames)) {
		return f, seen{}
	}
	for _, o := range e.Frames {
		f.told = max(f.told, time.Duration(o.Offset)*time.Millisecond)
	}
	f.live = liveness.Judge(c, e.Frames, p.Rules)
	s, all, err := byPose(e.Frames, c)
	if err != nil {
		return f, seen{}
	}
	f.faces = true
	f.step = farthestStep(all)
	return f, s
}

// byPose scales the descriptors of all frames with a face and assigns them to the poses; all holds them in the order of the frames. A neutral
// frame counts whatever it says of itself: none of them can be left out of the mean.
func byPose(frames []biometrics.Observation, c liveness.Challenge) (s seen, all []match.Vector, err error) {
	poses := make([]liveness.Gesture, len(frames))
	for _, g := range slices.Concat(posesOf[:], []liveness.Gesture{liveness.Neutral}) {
		for _, i := range liveness.GestureFrames(c, frames, g) {
			poses[i] = g
		}
	}
	s.posed = map[liveness.Gesture][]match.Vector{}
	for i, o := range frames {
		neutral := poses[i] == liveness.Neutral
		if !neutral && (o.Quality.Has(biometrics.NoFace) || o.Quality.Has(biometrics.TwoFaces)) {
			continue
		}
		v, err := match.Unit(o.Descriptor)
		if err != nil {
			return seen{}, nil, err
		}
		all = append(all, v)
		if neutral {
			s.neutral = append(s.neutral, v)
			continue
		}
		s.others = append(s.others, v)
		if slices.Contains(posesOf[:], poses[i]) && o.Quality.Good() {
			s.posed[poses[i]] = append(s.posed[poses[i]], v)
		}
	}
	return s, all, nil
}

// claim measures the faces against a claimed person, among others.
func (f *facts) claim(s seen, c Claim) {
	f.compare(s, c.Template)
	if c.Others == nil {
		return
	}
	f.nearest = c.Others(c.Template.Centroid)
	if mean, err := match.Mean(s.neutral...); err == nil {
		f.rival = c.Others(mean)
	}
}

// compare measures the faces against a template.
func (f *facts) compare(s seen, t match.Template) {
	f.weights = f.weights && t.Weights == f.policy.Weights
	f.template = len(t.Views) >= match.MinViews && !t.Centroid.IsZero()
	f.enrolled = len(t.Views)
	f.front = farthest(t.Centroid, s.neutral)
	f.turned = farthest(t.Centroid, s.others)
	if mean, err := match.Mean(s.neutral...); err == nil {
		f.fused = match.Distance(mean, t.Centroid)
	}
}

// enrol makes a template of the faces, and of earlier views, and measures the faces against it; the zero Template where they are not of one person.
// A view leaves out the frames of its pose that lie farthest off, but what is measured leaves out none.
func (f *facts) enrol(s seen, earlier []match.Vector) match.Template {
	f.nearest = math.Inf(1)
	views, ok := s.views()
	if !ok {
		return match.Template{}
	}
	all := slices.Concat(views, earlier)
	f.views = match.Apart(all...)
	f.enrolled = min(len(all), match.MaxViews)
	t, err := match.NewTemplate(f.policy.Weights, f.policy.Level, match.Diverse(match.MaxViews, all...)...)
	if err != nil {
		return match.Template{}
	}
	f.compare(s, t)
	if len(earlier) > 0 && !f.again(s, earlier) {
		return match.Template{}
	}
	return t
}

// views are one of each pose, the front first.
func (s seen) views() (views []match.Vector, ok bool) {
	front, err := match.Mean(match.Trimmed(s.neutral)...)
	if err != nil {
		return nil, false
	}
	views = append(views, front)
	for _, pose := range posesOf {
		view, err := match.Mean(match.Trimmed(s.posed[pose])...)
		if err != nil {
			return nil, false
		}
		views = append(views, view)
	}
	return views, true
}

// again measures the faces against earlier views alone: a template of two persons, half and half, would be near both.
func (f *facts) again(s seen, earlier []match.Vector) bool {
	before, err := match.Restore(f.policy.Weights, earlier...)
	if err != nil {
		f.template = false
		return false
	}
	g := *f
	g.compare(s, before)
	f.fused, f.front, f.turned = math.Max(f.fused, g.fused), math.Max(f.front, g.front), math.Max(f.turned, g.turned)
	return true
}

// farthest is the greatest distance of vs from v; NaN when there are none, or one is no face.
func farthest(v match.Vector, vs []match.Vector) float64 {
	worst := math.NaN()
	for i, u := range vs {
		if d := match.Distance(u, v); i == 0 {
			worst = d
		} else {
			worst = math.Max(worst, d)
		}
	}
	return worst
}

// farthestStep is the greatest distance of two neighbours; NaN when there are none.
func farthestStep(vs []match.Vector) float64 {
	worst := math.NaN()
	for i := 1; i < len(vs); i++ {
		if d := match.Distance(vs[i-1], vs[i]); i == 1 {
			worst = d
		} else {
			worst = math.Max(worst, d)
		}
	}
	return worst
}
