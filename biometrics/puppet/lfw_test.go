package puppet_test

import (
	"encoding/gob"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/face"
	"visavis/biometrics/match"
)

// TestStrangers measures what match.Level's bounds and the range of norms stand on: Labeled Faces in the Wild, development view, as this
// repository's own describer sees it. It prints, and checks that no bound is looser than the rate that it is named by.
func TestStrangers(t *testing.T) {
	if !*calibrate {
		t.Skip("minutes: asked for with -calibrate")
	}
	w := wildFaces(t)
	w.norms(t)
	w.pairs(t)
	w.fused(t)
	w.mixed(t)
}

// wild are the described photographs of each person, in the order of their file names.
type wild struct {
	persons [][]match.Vector
	raw     []float64 // norms as the network gives them
	photos  int
}

func wildFaces(t *testing.T) wild {
	t.Helper()
	paths := headsOf(t, "lfw-view1/*/*.jpg")
	known := remembered[map[string]biometrics.Descriptor](t, "lfw")
	if known == nil {
		known = map[string]biometrics.Descriptor{}
		d := describer(t)
		for i, path := range paths {
			if seen, ok := describeSubject(t, d, path); ok {
				known[filepath.Base(path)] = seen.Descriptor
			}
			if i%500 == 499 {
				t.Logf("%d of %d photographs", i+1, len(paths))
			}
		}
		remember(t, "lfw", known)
	}
	w := wild{photos: len(paths)}
	person := ""
	for _, path := range paths {
		d, ok := known[filepath.Base(path)]
		if !ok {
			continue
		}
		w.raw = append(w.raw, length(d))
		v, err := match.Unit(d)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		if p := filepath.Dir(path); p != person {
			person = p
			w.persons = append(w.persons, nil)
		}
		last := &w.persons[len(w.persons)-1]
		*last = append(*last, v)
	}
	return w
}

// describeSubject describes the face in the middle: these photographs are centred on whom they are named by.
func describeSubject(t *testing.T, d *face.Describer, path string) (biometrics.Face, bool) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := camera.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, margin := range []int{0, 50, 70} {
		seen, err := d.Describe(inner(f, margin))
		if err != nil {
			t.Fatal(err)
		}
		if !seen.Quality.Has(biometrics.NoFace) && !seen.Quality.Has(biometrics.TwoFaces) {
			return seen, true
		}
	}
	return biometrics.Face{}, false
}

func inner(f biometrics.Frame, margin int) biometrics.Frame {
	out := biometrics.Frame{Width: f.Width - 2*margin, Height: f.Height - 2*margin}
	for y := margin; y < f.Height-margin; y++ {
		out.Pix = append(out.Pix, f.Pix[4*(y*f.Width+margin):4*(y*f.Width+f.Width-margin)]...)
	}
	return out
}

func (w wild) norms(t *testing.T) {
	t.Helper()
	slices.Sort(w.raw)
	n := len(w.raw)
	t.Logf("%d of %d photographs described, %d persons; norm %.3f to %.3f, median %.3f", n, w.photos, len(w.persons), w.raw[0], w.raw[n-1], w.raw[n/2])
}

// pairs compares every photograph with every photograph of another person.
func (w wild) pairs(t *testing.T) {
	t.Helper()
	var h histogram
	for i, p := range w.persons {
		for _, q := range w.persons[i+1:] {
			for _, a := range p {
				for _, b := range q {
					h.add(match.Distance(a, b))
				}
			}
		}
	}
	t.Logf("photograph to photograph, %d pairs of strangers: 1 in 1,000 at %.3f, 1 in 10,000 at %.3f, lowest %.3f", h.n, h.at(1e-3), h.at(1e-4), h.at(0))
	if step := match.OneIn10000.Bounds(match.MinViews).Step; h.at(1e-4) < step-0.005 {
		t.Errorf("Step is %.3f", step)
	}
}

// fused compares the mean of three photographs with the mean of three others.
func (w wild) fused(t *testing.T) {
	t.Helper()
	var strangers, genuine, front histogram
	var centres []match.Vector
	for _, p := range w.persons {
		if len(p) < 3 {
			continue
		}
		centres = append(centres, mean(t, p[:3]))
		if len(p) >= 6 {
			genuine.add(match.Distance(centres[len(centres)-1], mean(t, p[3:6])))
		}
	}
	for i, c := range centres {
		for _, other := range centres[i+1:] {
			strangers.add(match.Distance(c, other))
		}
	}
	at := 0
	for _, p := range w.persons {
		if len(p) < 3 {
			continue
		}
		for _, q := range w.persons {
			if &q[0] != &p[0] {
				front.add(match.Distance(centres[at], q[0]))
			}
		}
		at++
	}
	b := match.OneIn10000.Bounds(match.MinViews)
	t.Logf("mean of three to mean of three: %d pairs of strangers, lowest %.3f, 1 in 10,000 at %.3f, %d within Fused (%.3f); %d genuine, highest %.3f, %d within",
		strangers.n, strangers.at(0), strangers.at(1e-4), strangers.within(b.Fused), b.Fused, genuine.n, genuine.at(1), genuine.within(b.Fused))
	t.Logf("one photograph to a mean of three: %d of %d strangers within Front (%.3f)", front.within(b.Front), front.n, b.Front)
	if strangers.within(b.Fused) > strangers.n/10000 {
		t.Error("Fused lets in more than 1 in 10,000")
	}
}

// mixed puts one photograph of a stranger among two.
func (w wild) mixed(t *testing.T) {
	t.Helper()
	b := match.OneIn10000.Bounds(match.MinViews)
	tries, byMean, byFrames, templates := 0, 0, 0, 0
	for _, p := range w.persons {
		if len(p) < 5 {
			continue
		}
		centre := mean(t, p[:3])
		for _, q := range w.persons {
			if &q[0] == &p[0] {
				continue
			}
			tries++
			if match.Distance(centre, mean(t, []match.Vector{p[3], p[4], q[0]})) <= b.Fused {
				byMean++
				if match.Distance(centre, q[0]) <= b.Front {
					byFrames++
				}
			}
			if match.Apart(p[0], p[1], q[0]) <= b.View {
				templates++
			}
		}
	}
	t.Logf("two photographs of a person and one of a stranger, %d tries: %d pass by their mean, %d of them by Front too; as a template %d pass View (%.3f)",
		tries, byMean, byFrames, templates, b.View)
}

func mean(t *testing.T, vs []match.Vector) match.Vector {
	t.Helper()
	v, err := match.Mean(vs...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// histogram counts distances in steps of a thousandth.
type histogram struct {
	bins [2001]int
	n    int
}

func (h *histogram) add(d float64) {
	h.bins[min(len(h.bins)-1, int(d*1000))]++
	h.n++
}

// at is the distance below which lies a share of all; 0 asks for the lowest, 1 for the highest.
func (h *histogram) at(share float64) float64 {
	sum := 0
	for i, n := range h.bins {
		if sum += n; n > 0 && sum >= max(1, int(share*float64(h.n))) {
			return float64(i) / 1000
		}
	}
	return 0
}

// within counts what lies below a distance of whole thousandths.
func (h *histogram) within(d float64) int {
	sum := 0
	for i := range h.bins {
		if float64(i)/1000 < d {
			sum += h.bins[i]
		}
	}
	return sum
}

// remembered reads what an earlier run left in the folder DESCRIBED, which has to be outside the repository: it holds descriptors of people.
func remembered[T any](t *testing.T, name string) (v T) {
	t.Helper()
	folder := os.Getenv("DESCRIBED")
	if folder == "" {
		return v
	}
	in, err := os.Open(filepath.Join(folder, name+".gob"))
	if errors.Is(err, fs.ErrNotExist) {
		return v
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := gob.NewDecoder(in).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func remember[T any](t *testing.T, name string, v T) {
	t.Helper()
	folder := os.Getenv("DESCRIBED")
	if folder == "" {
		return
	}
	out, err := os.OpenFile(filepath.Join(folder, name+".gob"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(gob.NewEncoder(out).Encode(v), out.Close()); err != nil {
		t.Fatal(err)
	}
}
