package operator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/match"
)

const madeUp = "made up"

// descriptor is a made-up person's, at about a distance from what it is for 0; each take lies elsewhere.
func descriptor(person, take uint64, distance float64) biometrics.Descriptor {
	axis, away := direction(person, 0), direction(person, take+1)
	angle := 2 * math.Asin(distance/2)
	var d biometrics.Descriptor
	for i := range d {
		d[i] = float32(1.4 * (math.Cos(angle)*axis[i] + math.Sin(angle)*away[i]))
	}
	return d
}

// direction is random and of unit length; two of them are nearly at right angles.
func direction(person, take uint64) (v [128]float64) {
	rng := rand.New(rand.NewPCG(person, take))
	var sum float64
	for i := range v {
		v[i] = rng.NormFloat64()
		sum += v[i] * v[i]
	}
	for i := range v {
		v[i] /= math.Sqrt(sum)
	}
	return v
}

func enrolled(t *testing.T, person uint64) match.Template {
	t.Helper()
	var views []match.Vector
	for take := range uint64(5) {
		v, err := match.Unit(descriptor(person, take, 0.15))
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, v)
	}
	template, err := match.NewTemplate(madeUp, match.OneIn10000, views...)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// album describes pictures by what is written on them: "person take reasons…".
type album struct{ weights string }

func (a album) Weights() string { return a.weights }

var errNoPicture = errors.New("no picture")

func (a album) DescribeAlone(_ context.Context, pictures [][]byte) ([]biometrics.Face, error) {
	var faces []biometrics.Face
	for _, p := range pictures {
		var person, take, quality uint64
		if _, err := fmt.Sscan(string(p), &person, &take, &quality); err != nil {
			return nil, errNoPicture
		}
		f := biometrics.Face{Quality: biometrics.Quality(quality)}
		if !f.Quality.Has(biometrics.NoFace) && person > 0 {
			f.Descriptor = descriptor(person, take, 0.15)
		}
		faces = append(faces, f)
	}
	return faces, nil
}

func of(person uint64, takes ...uint64) (pictures []Picture) {
	for _, take := range takes {
		pictures = append(pictures, bad(person, take, 0)...)
	}
	return pictures
}

func bad(person, take uint64, q biometrics.Quality) []Picture {
	return []Picture{{Name: fmt.Sprintf("%d-%d.jpg", person, take), Data: fmt.Appendf(nil, "%d %d %d", person, take, q)}}
}

func join(parts ...[]Picture) (all []Picture) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestEnrolPictures(t *testing.T) {
	var q biometrics.Quality
	for _, c := range []struct {
		name     string
		pictures []Picture
		views    int
		err      error
		text     string
	}{
		{"none", nil, 0, ErrFew, "at least 3"},
		{"two", of(1, 1, 2), 0, ErrFew, ""},
		{"fifteen", of(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), 0, ErrMany, "at most 14"},
		{"fourteen", of(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), 7, nil, ""},
		{"no picture", join(of(1, 1, 2, 3), []Picture{{"x.txt", []byte("?")}}), 0, errNoPicture, "x.txt"},
		{"nobody in one", join(of(1, 1, 2, 3), bad(1, 4, q.With(biometrics.NoFace))), 0, ErrUnusable, "1-4.jpg: not good enough to be compared: no face in view (look into the camera)"},
		{"two in one", join(of(1, 1, 2, 3), bad(1, 4, q.With(biometrics.TwoFaces))), 0, ErrUnusable, "only one person"},
		{"numbers that are no face's", join(of(1, 1, 2, 3), of(0, 1)), 0, ErrUnusable, "0-1.jpg"},
		{"a stranger among three", join(of(1, 1, 2), of(2, 1)), 0, match.ErrNotOneFace, ""},
		{"a stranger among seven, in front", join(of(2, 1), of(1, 1, 2, 3, 4, 5, 6)), 0, match.ErrNotOneFace, ""},
		{"a stranger among twelve", join(of(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), of(2, 1)), 0, match.ErrNotOneFace, ""},
		{"three", of(1, 1, 2, 3), 3, nil, ""},
		{"turned, with closed eyes", join(of(1, 1, 2), bad(1, 3, q.With(biometrics.Turned).With(biometrics.EyesHidden))), 3, nil, ""},
		{"nine, of which seven are kept", of(1, 1, 2, 3, 4, 5, 6, 7, 8, 9), 7, nil, ""},
	} {
		got, err := EnrolPictures(t.Context(), album{madeUp}, match.OneIn10000, c.pictures)
		if !errors.Is(err, c.err) || len(got.Views) != c.views || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %d views, %v", c.name, len(got.Views), err)
		}
	}
	if _, err := EnrolPictures(t.Context(), album{madeUp}, 0, of(1, 1, 2, 3)); err == nil {
		t.Error("enrolled at no level")
	}
}

func TestVerifyPictures(t *testing.T) {
	var q biometrics.Quality
	me := enrolled(t, 1)
	for _, c := range []struct {
		name     string
		level    match.Level
		pictures []Picture
		accepted bool
		why      string
		err      error
	}{
		{"nothing", 1, nil, false, "", match.ErrNoVectors},
		{"the person", 1, of(1, 20), true, "the same person", nil},
		{"three of him", 1, of(1, 20, 21, 22), true, "the same person", nil},
		{"a stranger", 1, of(2, 1), false, "another person in 2-1.jpg", nil},
		{"two of him and one of a stranger", 1, join(of(1, 20, 21), of(2, 1)), false, "another person in 2-1.jpg", nil},
		{"too dark to say", 1, bad(1, 20, q.With(biometrics.TooDark)), false, "", ErrUnusable},
		{"no level", 0, of(1, 20), false, "another person in 1-20.jpg", nil},
	} {
		got, err := VerifyPictures(t.Context(), album{madeUp}, c.level, me, c.pictures)
		if got.Accepted != c.accepted || got.Why != c.why || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	if got, err := VerifyPictures(t.Context(), album{"others"}, 1, me, of(1, 20)); got.Accepted || !errors.Is(err, ErrWeights) {
		t.Errorf("descriptors of other models: %+v, %v", got, err)
	}
	if got, _ := VerifyPictures(t.Context(), album{madeUp}, 1, match.Template{Weights: madeUp}, of(1, 20)); got.Accepted {
		t.Error("accepted as nobody")
	}
}
