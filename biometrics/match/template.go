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

// NewTemplate makes the template of a person who enrols; it copies views. They must be no farther [Apart] than the level's bound for a view: of
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

// Apart is the farthest distance of one of views from the mean of the others, or from the first one, which looks into the camera: half of the views
// of one person and half of another's are near the mean of what is left, but not near the first. NaN when there are fewer than two, or one is no face.
func Apart(views ...Vector) float64 {
	if len(views) < 2 {
		return math.NaN()
	}
	var farthest float64
	for i := range views {
		others, err := Mean(slices.Concat(views[:i], views[i+1:])...)
		if err != nil {
			return math.NaN()
		}
		farthest = math.Max(farthest, math.Max(Distance(views[i], others), Distance(views[i], views[0])))
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
