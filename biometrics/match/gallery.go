package match

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// blockRows is how many centroids lie in one piece of memory: a gallery grows by such pieces and never moves what it holds, so that no copy is
// left behind in memory that was given back.
const blockRows = 1024

// scanSlack bounds how far the quick product of two unit vectors may be from the exact one: 128 products and sums of float32, each rounded by at
// most 2^-24 of a sum below 1, and norms within unitSlack of 1.
const scanSlack = 6e-5

// MaxGallery bounds a gallery: its centroids take 512 MiB.
const MaxGallery = 1 << 20

// ErrFull says that a gallery holds as many persons as it may.
var ErrFull = errors.New("the gallery is full")

type block [blockRows][size]float32

// ID names a person in a gallery.
type ID = [16]byte

// Hit is somebody found in a gallery.
type Hit struct {
	ID       ID
	Distance float64
}

// Gallery is the exact search among the centroids of all enrolled persons, one to many. It compares everybody, and says what [Distance] would say.
// It is safe for concurrent use: searches run beside each other, and wait for a change as a change waits for them. It prints redacted.
type Gallery struct {
	weights string
	limit   int

	mu     sync.RWMutex
	blocks []*block
	ids    []ID
	at     map[ID]int
}

// NewGallery makes a gallery for templates of one version of the weights, which holds at most limit persons, and never more than MaxGallery.
func NewGallery(weights string, limit int) *Gallery {
	return &Gallery{weights: weights, limit: min(limit, MaxGallery), at: map[ID]int{}}
}

// Put adds a person, or replaces what is known of one. It refuses a template of other weights, and one without a centroid.
func (g *Gallery) Put(id ID, t Template) error {
	if t.Weights == "" || t.Weights != g.weights {
		return fmt.Errorf("put into gallery: %w", ErrWeights)
	}
	if !t.Centroid.valid() {
		return fmt.Errorf("put into gallery: %w", ErrNorm)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i, known := g.at[id]
	if !known {
		if i = len(g.ids); i >= g.limit {
			return fmt.Errorf("put into gallery: %w: %d persons", ErrFull, i)
		}
		if i == len(g.blocks)*blockRows {
			g.blocks = append(g.blocks, new(block))
		}
		g.ids = append(g.ids, id)
		g.at[id] = i
	}
	*g.row(i) = t.Centroid.v
	return nil
}

// Remove wipes a person from the gallery, and says whether he was in it.
func (g *Gallery) Remove(id ID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i, known := g.at[id]
	if !known {
		return false
	}
	last := len(g.ids) - 1
	*g.row(i) = *g.row(last)
	g.ids[i] = g.ids[last]
	g.at[g.ids[i]] = i
	clear(g.row(last)[:])
	delete(g.at, id)
	g.ids = g.ids[:last]
	if need := (last + blockRows - 1) / blockRows; need < len(g.blocks) {
		g.blocks[need] = nil
		g.blocks = g.blocks[:need]
	}
	return true
}

// Wipe removes everybody.
func (g *Gallery) Wipe() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, b := range g.blocks {
		*b = block{}
	}
	g.blocks, g.ids = nil, nil
	clear(g.at)
}

// Len is how many persons the gallery holds.
func (g *Gallery) Len() int {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return len(g.ids)
}

// IDs lists everybody, in any order.
func (g *Gallery) IDs() []ID {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.Clone(g.ids)
}

// Nearest returns who is nearest to v, but for those excepted; of several at one distance the one with the lowest id. It finds nobody in
// an empty gallery, and for a v that is no face.
func (g *Gallery) Nearest(v Vector, except ...ID) (Hit, bool) {
	if !v.valid() {
		return Hit{}, false
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	skip := g.indices(except)
	best := float32(math.Inf(-1))
	var near []int // all that might be the nearest
	g.scan(&v.v, func(i int, product float32) {
		if product < best-2*scanSlack || slices.Contains(skip, i) {
			return
		}
		if product > best+2*scanSlack {
			near = near[:0] // none of them can be any more
		}
		best = max(best, product)
		near = append(near, i)
	})
	hits := g.exact(v, near)
	if len(hits) == 0 {
		return Hit{}, false
	}
	return hits[0], true
}

// Within returns everybody at most d from v, but for those excepted, the nearest first.
func (g *Gallery) Within(v Vector, d float64, except ...ID) []Hit {
	if !v.valid() || !(d >= 0) {
		return nil
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	skip := g.indices(except)
	least := float32(1-min(d, 2)*min(d, 2)/2) - 2*scanSlack
	var near []int
	g.scan(&v.v, func(i int, product float32) {
		if product >= least && !slices.Contains(skip, i) {
			near = append(near, i)
		}
	})
	hits := g.exact(v, near)
	return slices.DeleteFunc(hits, func(h Hit) bool { return !(h.Distance <= d) })
}

// Others returns the distance to the nearest person but one: +Inf when there is nobody else, NaN for what is no face. It is what a gate asks
// of a person who claims to be that one.
func (g *Gallery) Others(id ID) func(Vector) float64 {
	return func(v Vector) float64 {
		if !v.valid() {
			return math.NaN()
		}
		h, found := g.Nearest(v, id)
		if !found {
			return math.Inf(1)
		}
		return h.Distance
	}
}

func (g *Gallery) row(i int) *[size]float32 { return &g.blocks[i/blockRows][i%blockRows] }

func (g *Gallery) indices(ids []ID) (is []int) {
	for _, id := range ids {
		if i, known := g.at[id]; known {
			is = append(is, i)
		}
	}
	return is
}

// scan calls see with everybody's product with v: the more, the nearer.
func (g *Gallery) scan(v *[size]float32, see func(i int, product float32)) {
	i := 0
	for _, b := range g.blocks {
		for r := range b[:min(blockRows, len(g.ids)-i)] {
			see(i, product(v, &b[r]))
			i++
		}
	}
}

// product is the sum of the products, in four parts that the processor adds beside each other.
func product(a, b *[size]float32) float32 {
	var s0, s1, s2, s3 float32
	for i := 0; i < size; i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	return s0 + s1 + (s2 + s3)
}

// exact measures those that a scan let through, and sorts them.
func (g *Gallery) exact(v Vector, near []int) []Hit {
	hits := make([]Hit, len(near))
	for n, i := range near {
		hits[n] = Hit{g.ids[i], Distance(v, Vector{*g.row(i)})}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if c := compare(a.Distance, b.Distance); c != 0 {
			return c
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	return hits
}

const redactedGallery = "gallery(redacted)"

func (*Gallery) String() string   { return redactedGallery }
func (*Gallery) GoString() string { return redactedGallery }

// Format keeps every verb from printing the numbers.
func (*Gallery) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redactedGallery)) }
