package match

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// MinViews and MaxViews bound the views of a template.
const (
	MinViews = 3
	MaxViews = 7
)

// The errors of a template.
var (
	ErrWeights    = errors.New("no weights version")
	ErrViews      = errors.New("too few or too many views")
	ErrNotOneFace = errors.New("the views are not of one person")
)

// Template is an enrolled person: diverse views of one face, each the mean of the frames of one pose, and their centroid. Views
// come in the order front, left, right, then others. The zero Template is nobody.
type Template struct {
	Weights  string // version of the model files that described the views; others' descriptors must not be compared
	Views    []Vector
	Centroid Vector
}

// NewTemplate makes the template of a person who enrols; it copies views. They must be no farther [Apart] than the level's bound for views: of
// templates that mix two persons, one in nine would let both in.
func NewTemplate(weights string, level Level, views ...Vector) (Template, error) {
	t, err := Restore(weights, views...)
	if err != nil {
		return Template{}, err
	}
	if apart := Apart(views...); !(apart <= level.Bounds(len(views)).View) {
		return Template{}, fmt.Errorf("template: %w: one is %.3f from the others", ErrNotOneFace, apart)
	}
	return t, nil
}

// Apart is how far apart views are: however they are parted in two, the means of both parts are at most this far from each other. Two persons' views are
// found by the parting between them, half and half as well as one among many. NaN when there are fewer than two, more than a sign-up has
// (two captures' worth), or one is no face.
func Apart(views ...Vector) float64 {
	if len(views) < 2 || len(views) > 2*MaxViews {
		return math.NaN()
	}
	farthest := 0.0
	for parting := 1; parting < 1<<(len(views)-1); parting++ { // the last view is always on the other side
		var parts [2][]Vector
		for i := range views {
			side := parting >> i & 1
			parts[side] = append(parts[side], views[i])
		}
		one, err := Mean(parts[1]...)
		if err != nil {
			return math.NaN()
		}
		other, err := Mean(parts[0]...)
		if err != nil {
			return math.NaN()
		}
		farthest = math.Max(farthest, Distance(one, other))
	}
	return farthest
}

// Restore makes a template again that NewTemplate made once, perhaps at another level: it checks its form, not whether the
// views are of one person.
func Restore(weights string, views ...Vector) (Template, error) {
	if weights == "" {
		return Template{}, fmt.Errorf("template: %w", ErrWeights)
	}
	if len(views) < MinViews || len(views) > MaxViews {
		return Template{}, fmt.Errorf("template: %w: %d", ErrViews, len(views))
	}
	centroid, err := Mean(views...)
	if err != nil {
		return Template{}, fmt.Errorf("template: %w", err)
	}
	return Template{Weights: weights, Views: slices.Clone(views), Centroid: centroid}, nil
}
