package trials

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"

	"visavis/biometrics"
	"visavis/biometrics/match"
)

// Face is one described photograph.
type Face struct {
	Number int // among the person's, as the file is named
	V      match.Vector
	Norm   float64               // before scaling
	raw    biometrics.Descriptor // for what was tried and not kept
}

// NewFace scales a descriptor.
func NewFace(number int, d biometrics.Descriptor) (Face, error) {
	v, err := match.Unit(d)
	if err != nil {
		return Face{}, fmt.Errorf("photograph %d: %w", number, err)
	}
	sum := 0.0
	for _, x := range d {
		sum += float64(x) * float64(x)
	}
	return Face{Number: number, V: v, Norm: math.Sqrt(sum), raw: d}, nil
}

// Person is a name and the photographs of whoever bears it.
type Person struct {
	Name  string
	Faces []Face
}

// Face returns the photograph of a number.
func (p Person) Face(number int) (Face, bool) {
	i := slices.IndexFunc(p.Faces, func(f Face) bool { return f.Number == number })
	if i < 0 {
		return Face{}, false
	}
	return p.Faces[i], true
}

// Halves divides persons by a hash of their names: what is tuned on one half is judged on the other.
func Halves(people []Person) (a, b []Person) {
	for _, p := range people {
		if hash(p.Name)%2 == 0 {
			a = append(a, p)
		} else {
			b = append(b, p)
		}
	}
	return a, b
}

// AtLeast are the persons of so many photographs.
func AtLeast(people []Person, photographs int) int {
	n := 0
	for _, p := range people {
		if len(p.Faces) >= photographs {
			n++
		}
	}
	return n
}

func hash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(name)))
	x := h.Sum64() // whose lowest bit alone is not even
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// chances are those of one person in one kind of trial.
func chances(name string, kind ...int) *rand.Rand {
	return rand.New(rand.NewPCG(hash(name), hash(fmt.Sprint(kind))))
}

// inParallel calls work with every index below n, on all processors; work is told which of the workers calls it, and there are at most as many as
// returned by workers.
func inParallel(n int, work func(worker, i int)) {
	var wg sync.WaitGroup
	for w := range workers() {
		wg.Go(func() {
			for i := w; i < n; i += workers() {
				work(w, i)
			}
		})
	}
	wg.Wait()
}

func workers() int { return runtime.GOMAXPROCS(0) }

// gather tallies in parallel: work adds to a Tally of its own.
func gather(n int, work func(t *Tally, i int)) Tally {
	parts := make([]Tally, workers())
	inParallel(n, func(w, i int) { work(&parts[w], i) })
	var all Tally
	for i := range parts {
		all.merge(&parts[i])
	}
	return all
}
