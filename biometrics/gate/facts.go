package gate

import (
	"math"
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
	live     liveness.Verdict
	faces    bool    // every descriptor is a face's
	fused    float64 // the mean of all neutral frames to the centroid
	front    float64 // the farthest neutral frame from the centroid
	turned   float64 // the farthest other frame from the centroid
	step     float64 // the farthest two neighbouring frames
	views    float64 // the farthest enrolled view from the mean of the others
}

// seen is the evidence's faces, frame by frame in order.
type seen struct {
	neutral []match.Vector // of all frames in which the challenge had the person look into the camera
	others  []match.Vector // of all other frames with a face, good or poor: none may be another person's
	left    []match.Vector // of the good ones in which the head was turned left
	right   []match.Vector
}

// observe measures what needs no template.
func observe(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, p Policy) (facts, seen) {
	f := facts{
		policy:   p,
		hardware: !e.Camera.Virtual,
		weights:  p.Weights != "" && e.Weights == p.Weights,
		frames:   len(e.Frames),
		elapsed:  elapsed,
		fused:    math.NaN(),
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
	for _, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.TurnRight} {
		for _, i := range liveness.TurnFrames(c, frames, g) {
			poses[i] = g
		}
	}
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
		switch {
		case poses[i] == liveness.TurnLeft && o.Quality.Good():
			s.left = append(s.left, v)
		case poses[i] == liveness.TurnRight && o.Quality.Good():
			s.right = append(s.right, v)
		}
	}
	return s, all, nil
}

// compare measures the faces against a template.
func (f *facts) compare(s seen, t match.Template) {
	f.weights = f.weights && t.Weights == f.policy.Weights
	f.template = len(t.Views) >= match.MinViews && !t.Centroid.IsZero()
	f.front = farthest(t.Centroid, s.neutral)
	f.turned = farthest(t.Centroid, s.others)
	if mean, err := match.Mean(s.neutral...); err == nil {
		f.fused = match.Distance(mean, t.Centroid)
	}
}

// enrol makes a template of the faces and measures them against it; the zero Template where they are not of one person.
func (f *facts) enrol(s seen) match.Template {
	var views []match.Vector
	for _, pose := range [][]match.Vector{s.neutral, s.left, s.right} {
		view, err := match.Mean(pose...)
		if err != nil {
			return match.Template{}
		}
		views = append(views, view)
	}
	f.views = match.Apart(views...)
	t, err := match.NewTemplate(f.policy.Weights, f.policy.Level, views...)
	if err != nil {
		return match.Template{}
	}
	f.compare(s, t)
	return t
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
