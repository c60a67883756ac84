package trials

import "math"

// step is the width of a bin; thresholds are multiples of it.
const step = 0.0005

const bins = 2/step + 1

// Tally counts distances, each with a weight; the zero Tally is empty. It is not safe for concurrent use.
type Tally struct {
	counts [bins + 1]float64
	total  float64
}

// Add counts a distance; one that is NaN is within nothing.
func (t *Tally) Add(distance, weight float64) {
	bin := len(t.counts) - 1
	if distance <= 2 {
		bin = int(math.Ceil(distance/step - 1e-9))
	}
	t.counts[max(0, bin)] += weight
	t.total += weight
}

func (t *Tally) merge(other *Tally) {
	for i, n := range other.counts {
		t.counts[i] += n
	}
	t.total += other.total
}

// Total is the weight of all.
func (t *Tally) Total() float64 { return t.total }

// Within is the weight of the distances up to a threshold.
func (t *Tally) Within(threshold float64) float64 {
	sum := 0.0
	for _, n := range t.counts[:min(len(t.counts)-1, int(min(threshold, 2)/step+1e-6)+1)] {
		sum += n
	}
	return sum
}

// At is the greatest threshold up to which at most a share of all lies; 0 when there is none.
func (t *Tally) At(share float64) float64 {
	return t.last(func(within float64) bool { return within <= share*t.total })
}

// Shown is the greatest threshold at which even the upper end of the interval of 95% around the share that lies within is no more than a share; 0 when
// there is too little to show that.
func (t *Tally) Shown(share float64) float64 {
	return t.last(func(within float64) bool { return Wilson(within, t.total).High <= share })
}

func (t *Tally) last(holds func(within float64) bool) float64 {
	sum, at := 0.0, 0.0
	for i, n := range t.counts[:len(t.counts)-1] {
		if sum += n; !holds(sum) {
			break
		}
		at = float64(i) * step
	}
	return at
}

// Lowest and Highest are the ends of what was counted, to a bin; 0 and 2 of an empty Tally.
func (t *Tally) Lowest() float64 {
	for i, n := range t.counts {
		if n > 0 {
			return float64(i) * step
		}
	}
	return 0
}

// Highest is the greatest distance that was counted.
func (t *Tally) Highest() float64 {
	for i := len(t.counts) - 1; i > 0; i-- {
		if t.counts[i] > 0 {
			return float64(i) * step
		}
	}
	return 2
}

// Interval is a range of shares, 0 to 1.
type Interval struct{ Low, High float64 }

// Wilson is the interval of 95% around a share of k in n (Wilson, Probable inference, 1927). It takes every comparison as independent of the
// others; where they share persons the truth is wider. Of nothing it is everything.
func Wilson(k, n float64) Interval {
	if !(n > 0) {
		return Interval{0, 1}
	}
	const z = 1.959963985
	p := k / n
	mid := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{max(0, (mid-half)/(1+z*z/n)), min(1, (mid+half)/(1+z*z/n))}
}

// Outcome is what one way of comparing gave.
type Outcome struct {
	Name              string
	Genuine, Impostor Tally
}

// FMR is the share of strangers within a threshold, with its interval.
func (o *Outcome) FMR(threshold float64) (float64, Interval) {
	k, n := o.Impostor.Within(threshold), o.Impostor.Total()
	return k / n, Wilson(k, n)
}

// FNMR is the share of genuine comparisons beyond a threshold, with its interval.
func (o *Outcome) FNMR(threshold float64) (float64, Interval) {
	n := o.Genuine.Total()
	k := max(0, n-o.Genuine.Within(threshold))
	return k / n, Wilson(k, n)
}
