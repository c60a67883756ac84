package trials

import (
	"math"

	"visavis/biometrics/match"
)

// What a table holds beyond the fused bounds. It was chosen by what this bench prints: Front finds the one frame that a mean would hide, View the stranger's view, Step is what
// lets one stranger in 10,000 pass for another, photograph to photograph; Rival and share stop an insider without a cost to his neighbours; floor is where people who
// look like somebody else are still themselves.
const (
	beyond = 0.12 // Front over Fused, but no more than
	frame  = 0.39 // which is Turned, too
	view   = 0.39
	share  = 0.85
	floor  = 0.20
	rival  = 0.05
)

const (
	liveSets = 3 // 1, 2 and 3 live photographs
	common   = 1e-3
)

// Rates are all ways of comparing that a table is made of: by enrolled photographs, match.MinViews first, and by live ones, from 1.
type Rates [match.MaxViews - match.MinViews + 1][liveSets]Outcome

// Measure compares in all of them.
func Measure(people []Person) *Rates {
	var r Rates
	for e := range r {
		for l := range r[e] {
			r[e][l] = Fused(people, e+match.MinViews, l+1)
		}
	}
	return &r
}

// Fused is the bound for a number of enrolled views at a rate: the greatest threshold of which each number of live photographs shows that it holds, with its interval's upper
// end. Where there are too few persons of so many photographs to show a rate so rare, it is the bound of one view fewer, less what that number of views takes from the
// threshold of 1 in 1,000, which can be measured. It never grows with the views.
func (r *Rates) Fused(views int, rate float64) float64 {
	e := views - match.MinViews
	bound := math.Inf(1)
	for l := range r[e] {
		if t := r[e][l].Impostor.Shown(rate); t > 0 {
			bound = min(bound, t)
		}
	}
	if e > 0 {
		last, before := liveSets-1, r.Fused(views-1, rate)
		shift := max(0, r[e-1][last].Impostor.At(common)-r[e][last].Impostor.At(common))
		bound = min(bound, before-shift)
	}
	return bound
}

// Table is the table that the measured rates make.
func (r *Rates) Table(weights string, single *Outcome) match.Table {
	t := match.Table{Weights: weights, Share: share, Floor: floor, Rival: rival}
	for _, l := range []match.Level{match.OneIn10000, match.OneIn100000} {
		rates := match.Rates{OneIn: l.OneIn(), Step: down(single.Impostor.At(1e-4), 0.005)}
		for i := range rates.Fused {
			rates.Fused[i] = down(r.Fused(match.MinViews+i, 1/float64(l.OneIn())), 0.001)
		}
		rates.Front = down(min(rates.Fused[0]+beyond, frame), 0.001)
		rates.Turned, rates.View = frame, view
		t.Levels = append(t.Levels, rates)
	}
	return t
}

// down rounds to a multiple of unit, never up.
func down(d, unit float64) float64 {
	steps := math.Floor(d/unit + 1e-6)
	return math.Round(steps*unit*1e6) / 1e6
}
