package trials

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/match"
)

// Search is how long it takes to find who is nearest among so many.
type Search struct {
	People, Searches int
	Median, Slowest  time.Duration
	Reading          time.Duration // the median time to read as much memory, in the same run
}

// TimeSearch fills a gallery with made-up people and searches it.
func TimeSearch(people, searches int) (Search, error) {
	random := rand.New(rand.NewPCG(uint64(people), 1))
	g := match.NewGallery("search", people)
	for i := range people {
		if err := g.Put(number(i), match.Template{Weights: "search", Centroid: anybody(random)}); err != nil {
			return Search{}, fmt.Errorf("fill a gallery: %w", err)
		}
	}
	memory := make([][128]float32, people)
	for i := range memory {
		memory[i][0] = 1
	}
	var found, read []time.Duration
	var sum float32
	for range searches {
		v := anybody(random)
		start := time.Now()
		if _, ok := g.Nearest(v); !ok {
			return Search{}, fmt.Errorf("nobody among %d", people)
		}
		between := time.Now()
		for i := range memory {
			for j := 0; j < len(memory[i]); j += 16 { // a cache line
				sum += memory[i][j]
			}
		}
		found, read = append(found, between.Sub(start)), append(read, time.Since(between))
	}
	if int(sum) != people*searches {
		return Search{}, fmt.Errorf("read %v, want %d", sum, people*searches)
	}
	slices.Sort(found)
	slices.Sort(read)
	return Search{People: people, Searches: searches, Median: found[searches/2], Slowest: found[searches-1], Reading: read[searches/2]}, nil
}

// anybody is a random direction, as far from every other as no two faces are.
func anybody(random *rand.Rand) match.Vector {
	var v [128]float64
	length := 0.0
	for i := range v {
		v[i] = random.NormFloat64()
		length += v[i] * v[i]
	}
	var d biometrics.Descriptor
	for i := range d {
		d[i] = float32(1.4 * v[i] / math.Sqrt(length))
	}
	f, err := match.Unit(d)
	if err != nil {
		return match.Vector{} // which no gallery takes
	}
	return f
}
