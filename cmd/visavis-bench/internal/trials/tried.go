package trials

import (
	"math"
	"slices"

	"visavis/biometrics/match"
)

// Try is a score that was tried beside the one that is kept.
type Try struct {
	Name  string
	score func(others []Person) score // others are those that it may learn from
}

// ready is what a score needs of one set of photographs, made once.
type ready struct {
	faces []Face
	mean  match.Vector
	own   numbers // a score's own mean
	near  float64 // to a cohort
}

// score compares; less is nearer. A nil prepare adds nothing to the faces and their mean.
type score struct {
	prepare func(*ready)
	compare func(enrolled, live *ready) float64
}

func (s score) ready(from set) ready {
	r := ready{faces: from.faces, mean: from.mean}
	if s.prepare != nil {
		s.prepare(&r)
	}
	return r
}

// plainly is a score that learns from nobody and prepares nothing.
func plainly(name string, compare func(a, b *ready) float64) Try {
	return Try{name, func([]Person) score { return score{compare: compare} }}
}

// Tries are all of them; the first is the one that is kept.
func Tries() []Try {
	return []Try{
		plainly("mean to mean (kept)", means),
		plainly("the nearest two photographs", func(a, b *ready) float64 { return nearest(a.faces, b.faces) }),
		plainly("the mean of all distances", func(a, b *ready) float64 { return average(a.faces, b.faces) }),
		plainly("the nearest enrolled to the live mean", func(a, b *ready) float64 { return nearest(a.faces, []Face{{V: b.mean}}) }),
		plainly("0.7 mean to mean, 0.3 the farthest live one", func(a, b *ready) float64 { return 0.7*means(a, b) + 0.3*farthest(a.mean, b.faces) }),
		weighted("means weighted by the norm's square", 2),
		weighted("means weighted against the norm's square", -2),
		centred("half of the average face taken off", 0.5),
		centred("all of the average face taken off", 1),
		cohort("less the nearness to the nearest of 20 others", 20),
		cohort("less the nearness to the nearest of 100 others", 100),
		cohort("less the nearness to the nearest of 400 others", 400),
		cohort("less the nearness to the nearest of 1,400 others", 1400),
	}
}

// JudgeTry compares people by a score that learned from others.
func JudgeTry(t Try, others, judged []Person, enrolled, live int) Outcome {
	o, s := Outcome{Name: t.Name}, t.score(others)
	templates, lives := sets(judged, enrolled, 0), sets(judged, live, 1)
	a, b := make([]ready, len(templates)), make([]ready, len(lives))
	inParallel(len(a), func(_, i int) { a[i] = s.ready(templates[i]) })
	inParallel(len(b), func(_, i int) { b[i] = s.ready(lives[i]) })
	o.Impostor = gather(len(a), func(tally *Tally, i int) {
		for j := range b {
			if templates[i].person != lives[j].person {
				tally.Add(s.compare(&a[i], &b[j]), templates[i].weight*lives[j].weight)
			}
		}
	})
	for _, own := range partings(judged, enrolled, live) {
		for _, p := range own {
			x, y := s.ready(p.enrolled), s.ready(p.live)
			o.Genuine.Add(s.compare(&x, &y), 1.0/genuineDraws)
		}
	}
	return o
}

func means(a, b *ready) float64 { return match.Distance(a.mean, b.mean) }

func nearest(a, b []Face) float64 {
	least := math.Inf(1)
	for i := range a {
		for j := range b {
			least = min(least, match.Distance(a[i].V, b[j].V))
		}
	}
	return least
}

func farthest(from match.Vector, b []Face) float64 {
	most := 0.0
	for j := range b {
		most = max(most, match.Distance(from, b[j].V))
	}
	return most
}

func average(a, b []Face) float64 {
	sum := 0.0
	for i := range a {
		for j := range b {
			sum += match.Distance(a[i].V, b[j].V)
		}
	}
	return sum / float64(len(a)*len(b))
}

// numbers are a descriptor's, where arithmetic is tried that match does not offer.
type numbers [128]float64

func (n *numbers) add(f Face, factor float64) {
	for i, x := range f.raw {
		n[i] += factor * float64(x)
	}
}

func (n *numbers) scale() {
	sum := 0.0
	for _, x := range n {
		sum += x * x
	}
	for i := range n {
		n[i] /= math.Sqrt(sum)
	}
}

func apart(a, b *numbers) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

// sum is the direction of the faces' weighted sum of unit vectors.
func sum(faces []Face, weight func(Face) float64) (n numbers) {
	for _, f := range faces {
		n.add(f, weight(f)/f.Norm)
	}
	n.scale()
	return n
}

// weighted makes means of which each photograph's share is a power of its norm.
func weighted(name string, power float64) Try {
	weight := func(f Face) float64 { return math.Pow(f.Norm, power) }
	return Try{name, func([]Person) score {
		return score{
			prepare: func(r *ready) { r.own = sum(r.faces, weight) },
			compare: func(a, b *ready) float64 { return apart(&a.own, &b.own) },
		}
	}}
}

func evenly(Face) float64 { return 1 }

// centred takes a share of the others' average face off every mean, and scales it again.
func centred(name string, share float64) Try {
	return Try{name, func(others []Person) score {
		var average numbers
		for _, p := range others {
			own := sum(p.Faces, evenly)
			for i := range average {
				average[i] += share * own[i] / float64(len(others))
			}
		}
		return score{
			prepare: func(r *ready) {
				r.own = sum(r.faces, evenly)
				for i := range r.own {
					r.own[i] -= average[i]
				}
				r.own.scale()
			},
			compare: func(a, b *ready) float64 { return apart(&a.own, &b.own) },
		}
	}}
}

// cohort takes off how near both sides are to the ten nearest of a number of others: who is near to everybody is less near to each. The others stand for all
// who are enrolled, were they so many.
func cohort(name string, size int) Try {
	const top, base = 10, 0.6 // base keeps the score above 0
	return Try{name, func(others []Person) score {
		var centres []match.Vector
		for _, p := range others[:min(size, len(others))] {
			centres = append(centres, centre(p.Faces))
		}
		return score{
			prepare: func(r *ready) {
				ds := make([]float64, len(centres))
				for i := range centres {
					ds[i] = match.Distance(r.mean, centres[i])
				}
				slices.Sort(ds)
				for _, d := range ds[:min(top, len(ds))] {
					r.near += d / float64(min(top, len(ds)))
				}
			},
			compare: func(a, b *ready) float64 { return base + means(a, b) - (a.near+b.near)/2 },
		}
	}}
}
