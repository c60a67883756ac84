package pad

import (
	"fmt"
	"math"
)

// Count is how often something happened.
type Count struct{ K, N int }

// Rate is K of N.
func (c Count) Rate() float64 { return float64(c.K) / float64(max(1, c.N)) }

// Interval is the exact one of Clopper and Pearson, at 95%: it covers the true rate in at least 95% of all runs, whatever that rate is.
func (c Count) Interval() (low, high float64) {
	const tail = 0.025
	low, high = 0, 1
	if c.K > 0 {
		low = root(func(p float64) bool { return 1-below(c.K-1, c.N, p) < tail })
	}
	if c.K < c.N {
		high = root(func(p float64) bool { return below(c.K, c.N, p) > tail })
	}
	return low, high
}

func (c Count) String() string {
	if c.N == 0 {
		return "none"
	}
	low, high := c.Interval()
	return fmt.Sprintf("%d of %d, %.1f%% (%.1f to %.1f)", c.K, c.N, 100*c.Rate(), 100*low, 100*high)
}

// root is where a condition that holds for small p ceases to.
func root(holds func(p float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		if p := (low + high) / 2; holds(p) {
			low = p
		} else {
			high = p
		}
	}
	return low
}

// below is the chance of at most k successes in n tries of chance p.
func below(k, n int, p float64) float64 {
	sum := 0.0
	for i := 0; i <= k; i++ {
		sum += math.Exp(choose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(1, sum)
}

// choose is the logarithm of n over k.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
