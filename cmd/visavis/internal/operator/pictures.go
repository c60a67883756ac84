package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"visavis/biometrics"
	"visavis/biometrics/match"
)

// Describer describes pictures: eye.Keeper does.
type Describer interface {
	DescribeAlone(ctx context.Context, pictures [][]byte) ([]biometrics.Face, error)
	Weights() string
}

// Picture is an encoded picture and what to call it.
type Picture struct {
	Name string
	Data []byte
}

// Errors of pictures. None of them says that a face is another's.
var (
	ErrUnusable = errors.New("not good enough to be compared")
	ErrFew      = fmt.Errorf("too few pictures: a template is made of at least %d, better of five that differ (front, left, right, up, down)", match.MinViews)
	ErrMany     = fmt.Errorf("too many pictures: a template is made of at most %d, of which it keeps %d", 2*match.MaxViews, match.MaxViews)
	ErrWeights  = errors.New("the template was described by other face models")
)

// describe describes pictures, one face in each. It names every picture that will not do, and why.
func describe(ctx context.Context, d Describer, pictures []Picture) ([]match.Vector, error) {
	var views []match.Vector
	var bad []error
	for _, p := range pictures {
		faces, err := d.DescribeAlone(ctx, [][]byte{p.Data})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		if err := usable(faces[0]); err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", p.Name, err))
			continue
		}
		v, err := match.Unit(faces[0].Descriptor)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w: %w", p.Name, ErrUnusable, err))
			continue
		}
		views = append(views, v)
	}
	return views, errors.Join(bad...)
}

// usable refuses a picture whose descriptor says little. How the head is held does not count: pictures for a template are to differ.
func usable(f biometrics.Face) error {
	if f.Quality.Good() {
		return nil
	}
	var why []string
	for _, r := range f.Quality.Reasons() {
		why = append(why, fmt.Sprintf("%s (%s)", r, r.Cure()))
	}
	return fmt.Errorf("%w: %s", ErrUnusable, strings.Join(why, ", "))
}

// EnrolPictures makes a template of pictures of one person: of at most match.MaxViews of them, those that differ most, the first among them.
// Whether anybody was there when they were taken, nobody knows. match.ErrNotOneFace says that they show more than one person.
func EnrolPictures(ctx context.Context, d Describer, level match.Level, pictures []Picture) (match.Template, error) {
	if len(pictures) < match.MinViews {
		return match.Template{}, ErrFew
	}
	if len(pictures) > 2*match.MaxViews { // as many as match.Apart compares
		return match.Template{}, ErrMany
	}
	views, err := describe(ctx, d, pictures)
	if err != nil {
		return match.Template{}, err
	}
	// All are judged before the most diverse are kept, so that a stranger among many is seen, and not picked for being so different.
	if apart := match.Apart(views...); !(apart <= level.Bounds(min(len(views), match.MaxViews)).View) {
		return match.Template{}, fmt.Errorf("the pictures: %w", match.ErrNotOneFace)
	}
	return match.NewTemplate(d.Weights(), level, match.Diverse(match.MaxViews, views...)...)
}

// Outcome is what a comparison came to. The zero Outcome is a denial.
type Outcome struct {
	Accepted bool
	Why      string
}

// VerifyPictures compares pictures of one person with a template, by the same bounds as a log-in: their mean, and each of them. It is no log-in:
// a picture of a picture passes as well.
func VerifyPictures(ctx context.Context, d Describer, level match.Level, t match.Template, pictures []Picture) (Outcome, error) {
	views, err := describe(ctx, d, pictures)
	if err != nil {
		return Outcome{}, err
	}
	if t.Weights != d.Weights() {
		return Outcome{}, ErrWeights
	}
	mean, err := match.Mean(views...)
	if err != nil {
		return Outcome{}, err
	}
	b := level.Bounds(len(t.Views))
	for i, v := range views {
		if !(match.Distance(v, t.Centroid) <= b.Front) {
			return Outcome{Why: "another person in " + pictures[i].Name}, nil
		}
	}
	if !(match.Distance(mean, t.Centroid) <= b.Fused) {
		return Outcome{Why: "another person"}, nil
	}
	return Outcome{Accepted: true, Why: "the same person"}, nil
}
