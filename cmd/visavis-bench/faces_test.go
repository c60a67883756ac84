package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/match"
	"visavis/cmd/visavis-bench/internal/aims"
	"visavis/cmd/visavis-bench/internal/trials"
)

// painter describes pictures of one colour: red is the person, green says how many faces are in view until it is cropped.
type painter struct{}

func (painter) Cameras() ([]biometrics.CameraInfo, error) { return nil, nil }
func (painter) OpenCamera(context.Context, string) (biometrics.Camera, error) {
	return nil, biometrics.ErrCameraMissing
}
func (painter) OpenDescriber() (biometrics.Describer, error) { return painter{}, nil }
func (painter) Weights() string                              { return "paint-1" }
func (painter) Close() error                                 { return nil }

func (painter) Decode(picture []byte) (biometrics.Frame, error) {
	m, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return biometrics.Frame{}, err
	}
	b := m.Bounds()
	f := biometrics.Frame{Width: b.Dx(), Height: b.Dy()}
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			f.Pix = append(f.Pix, c.R, c.G, c.B, 255)
		}
	}
	return f, nil
}

const wide = 100

func (painter) Describe(f biometrics.Frame) (biometrics.Face, error) {
	person, kind, number := f.Pix[0], f.Pix[1], f.Pix[2]
	switch {
	case kind == 1 && f.Width == wide:
		return biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.TwoFaces)}, nil
	case kind == 2:
		return biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.NoFace)}, nil
	}
	return biometrics.Face{Descriptor: painted(person, number)}, nil
}

func painted(person, number byte) (d biometrics.Descriptor) {
	own, other := rand.New(rand.NewPCG(uint64(person), 1)), rand.New(rand.NewPCG(uint64(person), uint64(number)+2))
	var v [128]float64
	length := 0.0
	for i := range v {
		v[i] = own.NormFloat64() + 0.15*other.NormFloat64()
		length += v[i] * v[i]
	}
	for i := range d {
		d[i] = float32(1.42 * v[i] / math.Sqrt(length))
	}
	return d
}

// paint leaves a picture as a photograph of a person in a folder.
func paint(t *testing.T, dir string, person, kind, number byte) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, wide, wide))
	for i := range wide * wide {
		m.SetRGBA(i%wide, i/wide, color.RGBA{person, kind, number, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, fmt.Sprint("person ", person))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("person_%04d.png", number)), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// describePainted describes a folder by eyes that run in this process.
func describePainted(t *testing.T, dir string) (*described, error) {
	t.Helper()
	paths, err := photographs(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := &described{Paths: paths, Faces: map[string]biometrics.Descriptor{}}
	w := describing{
		d: d, dir: dir, e: &env{t.Context(), &bytes.Buffer{}, &bytes.Buffer{}},
		options: eye.Options{Launch: eye.Local(painter{}, slog.New(slog.DiscardHandler))},
	}
	return d, w.run(3)
}

func TestDescribing(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	paint(t, dir, 1, 0, 1)
	paint(t, dir, 1, 1, 2) // two in view, one after a crop
	paint(t, dir, 2, 2, 1) // nobody, ever
	paint(t, dir, 2, 0, 7)
	d, err := describePainted(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	people, err := d.people()
	if err != nil || d.Weights != "paint-1" || d.Cropped != 1 || len(d.Faces) != 3 || len(people) != 2 {
		t.Fatalf("%v, weights %q, %d faces, %d cropped, %d people", err, d.Weights, len(d.Faces), d.Cropped, len(people))
	}
	if people[0].Name != "person 1" || len(people[0].Faces) != 2 || people[1].Faces[0].Number != 7 {
		t.Errorf("%q of %d, %q", people[0].Name, len(people[0].Faces), people[1].Name)
	}
	if want, err := match.Unit(painted(1, 2)); err != nil || match.Distance(people[0].Faces[1].V, want) > 1e-6 {
		t.Error("another face than the eye's")
	}
}

func TestDescribingFails(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	paint(t, dir, 1, 0, 1)
	broken := filepath.Join(dir, "person 1", "person_0002.png")
	if err := os.WriteFile(broken, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := describePainted(t, dir); !errors.Is(err, eye.ErrPicture) || !strings.Contains(err.Error(), "person_0002.png") {
		t.Errorf("%v", err)
	}
	if _, err := photographs(t.TempDir()); err == nil {
		t.Error("an empty folder is no error")
	}
}

// What was described is kept only where a folder is named, and is not taken for that of other photographs.
func TestKept(t *testing.T) {
	d := &described{Weights: "w", Paths: []string{"a/a_1.jpg"}, Faces: map[string]biometrics.Descriptor{"a/a_1.jpg": painted(1, 1)}}
	if err := keep("", d); err != nil {
		t.Error(err)
	}
	folder := t.TempDir()
	if got, err := recall(folder, d.Paths); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	if err := keep(folder, d); err != nil {
		t.Fatal(err)
	}
	got, err := recall(folder, d.Paths)
	if err != nil || got == nil || got.Faces["a/a_1.jpg"] != painted(1, 1) {
		t.Fatalf("%v", err)
	}
	if got, err := recall(folder, []string{"b/b_1.jpg"}); err != nil || got != nil {
		t.Error("taken for other photographs")
	}
	if info, err := os.Stat(filepath.Join(folder, keptName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestPrints goes through all that is printed for a few made-up people, and checks the figures that can be said beforehand.
func TestPrints(t *testing.T) {
	d := &described{Weights: "w", Faces: map[string]biometrics.Descriptor{}}
	for person := range byte(12) {
		for number := range byte(8) {
			path := fmt.Sprintf("p%d/p%d_%d.jpg", person, person, number)
			d.Paths = append(d.Paths, path)
			d.Faces[path] = painted(person, number)
		}
	}
	d.Paths = append(d.Paths, "p99/p99_1.jpg")
	people, err := d.people()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &facesPrinter{out: &out}
	p.acquired(d, people)
	single, rates := trials.Single(people), trials.Measure(people)
	p.single(&single, people, []trials.Pair{{Name: [2]string{"p1", "p1"}, Number: [2]int{1, 2}}, {Name: [2]string{"p1", "p2"}, Number: [2]int{1, 2}}})
	p.fused(&single, rates, people)
	if err := p.levels(match.Shipped(), rates, people); err != nil {
		t.Fatal(err)
	}
	if err := p.insiders(people); err != nil {
		t.Fatal(err)
	}
	p.heldOut(people, "w")
	p.mixed(people)
	p.search(trials.Search{People: 2000, Searches: 3, Reading: 1})
	p.tried(people)
	for _, want := range []string{
		"96 photographs of 12 persons; 12 persons have 2 or more", "Failure to acquire: 1 of 97",
		"strangers who pass, in a million, of 4224", "right people refused, of 336", "Listed pairs (1 of one person, 1 of two; 0 with",
		"It equals the shipped one.", "| 1 in 10,000 | 3, 2 |", "nobody nearer", "two and one, as three views of a template | 132 |", "mean to mean (kept)", "Who is nearest among 2000: median",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not say %q:\n%s", want, out.String())
		}
	}
	other := match.Shipped()
	other.Floor = 0.1
	out.Reset()
	if err := p.levels(other, rates, people); err != nil || !strings.Contains(out.String(), "DIFFERS") {
		t.Errorf("another table is not told, %v", err)
	}
}

// TestFacesAims: bounds that strangers pass, other levels than the shipped ones and a slow search are missed aims; what too few people show is skipped.
func TestFacesAims(t *testing.T) {
	single, rates := trials.Outcome{}, &trials.Rates{}
	for range 100 {
		single.Impostor.Add(0.5, 1000)
		single.Genuine.Add(0.2, 1)
	}
	rates[0][1].Impostor.Add(0.5, 50_000)
	outcomes := func(table match.Table, search time.Duration) (got []aims.Outcome) {
		lines, err := facesAims(&single, rates, table, trials.Search{People: 9, Searches: 1, Median: search, Reading: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			got = append(got, l.Outcome)
		}
		return got
	}
	good := []aims.Outcome{aims.Held, aims.Held, aims.Held, aims.Held, aims.Held, aims.Skipped, aims.Held}
	if got := outcomes(match.Shipped(), time.Millisecond); !slices.Equal(got, good) {
		t.Errorf("%v, want %v", got, good)
	}
	rates[0][1].Impostor.Add(0.1, 50)
	other := match.Shipped()
	other.Floor = 0.1
	bad := []aims.Outcome{aims.Held, aims.Held, aims.Held, aims.Missed, aims.Missed, aims.Skipped, aims.Missed}
	if got := outcomes(other, 16*time.Millisecond); !slices.Equal(got, bad) {
		t.Errorf("%v, want %v", got, bad)
	}
}
