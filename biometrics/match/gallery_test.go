package match

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

func id(n uint64) (out ID) {
	binary.BigEndian.PutUint64(out[8:], n)
	return out
}

func put(t testing.TB, g *Gallery, n uint64, v Vector) {
	t.Helper()
	if err := g.Put(id(n), Template{Weights: "w1", Centroid: v}); err != nil {
		t.Fatal(err)
	}
}

// plainly is the search that nobody can get wrong.
func plainly(v Vector, people map[ID]Vector, within float64, except ...ID) (hits []Hit) {
	for id, c := range people {
		if d := Distance(v, c); d <= within && !slices.Contains(except, id) {
			hits = append(hits, Hit{id, d})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if c := compare(a.Distance, b.Distance); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return hits
}

// TestGalleryIsExact holds every answer against the plain loop, through additions, replacements and removals, over the border of a block.
func TestGalleryIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	g := NewGallery("w1", MaxGallery)
	people := map[ID]Vector{}
	crowd := unit(t, made(0))
	for step := range 2600 {
		n := uint64(rng.IntN(1500))
		switch {
		case step%5 == 4:
			_, known := people[id(n)]
			delete(people, id(n))
			if g.Remove(id(n)) != known {
				t.Fatalf("step %d: removal", step)
			}
		default:
			// Crowded, so that many are within rounding of each other.
			v := near(t, crowd, 0.1*rng.Float64(), uint64(rng.IntN(40)+2))
			people[id(n)] = v
			put(t, g, n, v)
		}
		if g.Len() != len(people) {
			t.Fatalf("step %d: %d, want %d", step, g.Len(), len(people))
		}
		if step%50 != 0 {
			continue
		}
		v := near(t, crowd, 0.2*rng.Float64(), uint64(rng.IntN(60)+2))
		except := []ID{id(n), id(n + 1), id(99999)}
		want := plainly(v, people, 2, except...)
		got, found := g.Nearest(v, except...)
		if found != (len(want) > 0) || found && got != want[0] {
			t.Fatalf("step %d: nearest is %v, want %v", step, got, want[:min(1, len(want))])
		}
		d := 0.1 * rng.Float64()
		if got := g.Within(v, d, except...); !slices.Equal(got, plainly(v, people, d, except...)) {
			t.Fatalf("step %d: %d within %.3f, want %d", step, len(got), d, len(plainly(v, people, d, except...)))
		}
	}
}

func TestGalleryTies(t *testing.T) {
	a := unit(t, made(1))
	g := NewGallery("w1", 10)
	for _, n := range []uint64{7, 3, 5} {
		put(t, g, n, a)
	}
	for _, tt := range []struct {
		except []ID
		want   ID
	}{{nil, id(3)}, {[]ID{id(3)}, id(5)}, {[]ID{id(3), id(5)}, id(7)}} {
		if h, found := g.Nearest(a, tt.except...); !found || h != (Hit{tt.want, 0}) {
			t.Errorf("%v", h)
		}
	}
	if hits := g.Within(a, 0); len(hits) != 3 || hits[0].ID != id(3) || hits[2].ID != id(7) {
		t.Errorf("%v", hits)
	}
	if h, found := g.Nearest(a, id(3), id(5), id(7)); found {
		t.Errorf("%v is left", h)
	}
}

func TestGalleryRefuses(t *testing.T) {
	a := unit(t, made(1))
	g := NewGallery("w1", 2)
	broken := a
	broken.v[3] = float32(math.NaN())
	for name, tt := range map[string]struct {
		t    Template
		want error
	}{
		"other weights": {Template{Weights: "w2", Centroid: a}, ErrWeights},
		"no weights":    {Template{Centroid: a}, ErrWeights},
		"no centroid":   {Template{Weights: "w1"}, ErrNorm},
		"NaN":           {Template{Weights: "w1", Centroid: broken}, ErrNorm},
	} {
		if err := g.Put(id(1), tt.t); !errors.Is(err, tt.want) || g.Len() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := NewGallery("", 2).Put(id(1), Template{Centroid: a}); !errors.Is(err, ErrWeights) {
		t.Errorf("a gallery of no weights: %v", err)
	}
	put(t, g, 1, a)
	put(t, g, 2, a)
	if err := g.Put(id(3), Template{Weights: "w1", Centroid: a}); !errors.Is(err, ErrFull) {
		t.Errorf("a third of two: %v", err)
	}
	put(t, g, 2, near(t, a, 0.2, 5)) // replacing is not adding
	ids := g.IDs()
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	if !slices.Equal(ids, []ID{id(1), id(2)}) {
		t.Errorf("%v", ids)
	}
	for name, v := range map[string]Vector{"zero": {}, "NaN": broken} {
		if h, found := g.Nearest(v); found {
			t.Errorf("%s: %v", name, h)
		}
		if hits := g.Within(v, 2); len(hits) != 0 {
			t.Errorf("%s: %v", name, hits)
		}
		if d := g.Others(id(1))(v); !math.IsNaN(d) {
			t.Errorf("%s: %v", name, d)
		}
	}
	for _, d := range []float64{math.NaN(), -0.1, math.Inf(-1)} {
		if hits := g.Within(a, d); len(hits) != 0 {
			t.Errorf("within %v: %v", d, hits)
		}
	}
	if hits := g.Within(a, math.Inf(1)); len(hits) != 2 {
		t.Errorf("within everything: %v", hits)
	}
}

func TestOthers(t *testing.T) {
	a := unit(t, made(1))
	g := NewGallery("w1", 10)
	if d := g.Others(id(1))(a); !math.IsInf(d, 1) || !math.IsInf(Nobody(a), 1) {
		t.Errorf("nobody is %v away", d)
	}
	put(t, g, 1, a)
	if d := g.Others(id(1))(a); !math.IsInf(d, 1) {
		t.Errorf("nobody else is %v away", d)
	}
	put(t, g, 2, near(t, a, 0.3, 5))
	if d := g.Others(id(1))(a); math.Abs(d-0.3) > 1e-5 {
		t.Errorf("the other is %v away", d)
	}
	if d := g.Others(id(9))(a); d != 0 {
		t.Errorf("for somebody who is not in it the nearest is %v away", d)
	}
}

// What was removed is gone from memory that the gallery still holds.
func TestGalleryForgets(t *testing.T) {
	a := unit(t, made(1))
	g := NewGallery("w1", 10)
	for n := range uint64(3) {
		put(t, g, n, near(t, a, 0.1, n+2))
	}
	blocks := slices.Clone(g.blocks)
	g.Remove(id(0))
	g.Remove(id(2))
	if h, found := g.Nearest(a); !found || h.ID != id(1) {
		t.Fatal("the wrong one is left")
	}
	for i := 1; i < blockRows; i++ {
		if blocks[0][i] != ([size]float32{}) {
			t.Errorf("row %d still holds a face", i)
		}
	}
	g.Remove(id(1))
	if blocks[0][0] != ([size]float32{}) || len(g.blocks) != 0 {
		t.Error("the last one left a face behind")
	}
	put(t, g, 5, a)
	blocks = slices.Clone(g.blocks)
	g.Wipe()
	if blocks[0][0] != ([size]float32{}) || g.Len() != 0 || len(g.at) != 0 {
		t.Error("Wipe left a face behind")
	}
	if text := fmt.Sprintf("%v %+v %#v %x %s", g, g, g, g, g); text != "gallery(redacted) gallery(redacted) gallery(redacted) gallery(redacted) gallery(redacted)" {
		t.Error(text)
	}
}

func TestGalleryConcurrently(t *testing.T) {
	g := NewGallery("w1", 2000)
	a := unit(t, made(1))
	put(t, g, 5000, a)
	var wg sync.WaitGroup
	for w := range uint64(4) {
		wg.Go(func() {
			for n := range uint64(200) {
				put(t, g, 1000*w%2000+n, near(t, a, 0.5, n+2))
				if n%3 == 0 {
					g.Remove(id(1000*w%2000 + n))
				}
			}
		})
		wg.Go(func() {
			for range 50 {
				if h, found := g.Nearest(a); !found || h != (Hit{id(5000), 0}) {
					t.Errorf("%v", h)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkGallery searches 100,000 persons, and in the same run reads the same memory and does nothing with it.
func BenchmarkGallery(b *testing.B) {
	const people = 100_000
	g := NewGallery("w1", people)
	for n := range uint64(people) {
		put(b, g, n, unit(b, made(n)))
	}
	v := unit(b, made(people+1))
	var read, searched time.Duration
	var sum float32
	for b.Loop() {
		start := time.Now()
		for _, block := range g.blocks {
			for r := range block {
				for i := 0; i < size; i += 16 { // a cache line
					sum += block[r][i]
				}
			}
		}
		between := time.Now()
		if _, found := g.Nearest(v); !found {
			b.Fatal("nobody")
		}
		read, searched = read+between.Sub(start), searched+time.Since(between)
	}
	if sum == 0 {
		b.Fatal("nothing was read")
	}
	b.ReportMetric(float64(searched.Microseconds())/1000/float64(b.N), "ms/search")
	b.ReportMetric(float64(searched)/float64(read), "×reading")
}
