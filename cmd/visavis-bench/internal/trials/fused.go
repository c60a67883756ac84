package trials

import (
	"fmt"

	"visavis/biometrics/match"
)

const (
	draws        = 4  // sets of a person's photographs, where there are as many
	genuineDraws = 10 // ways to part them into a template and a live set
)

// set is a template or a live set of one person.
type set struct {
	person int
	faces  []Face
	mean   match.Vector
	weight float64 // all sets of a person weigh 1
}

// sets draws sets of n photographs of every person who has as many; of single photographs each is one.
func sets(people []Person, n, side int) []set {
	var all []set
	for i, p := range people {
		if len(p.Faces) < n {
			continue
		}
		var own []set
		switch {
		case n == 1:
			for _, f := range p.Faces {
				own = append(own, newSet(i, []Face{f}))
			}
		case len(p.Faces) == n:
			own = append(own, newSet(i, p.Faces))
		default:
			random := chances(p.Name, n, side)
			for range draws {
				own = append(own, newSet(i, pick(p.Faces, random.Perm(len(p.Faces))[:n])))
			}
		}
		for j := range own {
			own[j].weight = 1 / float64(len(own))
		}
		all = append(all, own...)
	}
	return all
}

func newSet(person int, faces []Face) set {
	return set{person: person, faces: faces, mean: centre(faces)}
}

// centre is the zero Vector, which is near nothing, for faces that have no mean.
func centre(faces []Face) match.Vector {
	vs := make([]match.Vector, len(faces))
	for i, f := range faces {
		vs[i] = f.V
	}
	mean, err := match.Mean(vs...)
	if err != nil {
		return match.Vector{}
	}
	return mean
}

func pick(faces []Face, indices []int) []Face {
	out := make([]Face, len(indices))
	for i, at := range indices {
		out[i] = faces[at]
	}
	return out
}

// parted are disjoint sets of one person's photographs.
type parted struct{ enrolled, live set }

// partings are those of all persons who have enough photographs.
func partings(people []Person, enrolled, live int) [][]parted {
	var all [][]parted
	for i, p := range people {
		if len(p.Faces) < enrolled+live {
			continue
		}
		random := chances(p.Name, enrolled, live, 2)
		var own []parted
		for range genuineDraws {
			order := random.Perm(len(p.Faces))
			own = append(own, parted{newSet(i, pick(p.Faces, order[:enrolled])), newSet(i, pick(p.Faces, order[enrolled:enrolled+live]))})
		}
		all = append(all, own)
	}
	return all
}

// Score is how far a live set is from a template; less is nearer.
type Score func(enrolled, live []Face) float64

// Fused compares templates of enrolled photographs with live sets, mean to mean.
func Fused(people []Person, enrolled, live int) Outcome {
	o := Outcome{Name: fmt.Sprintf("%d enrolled against %d live", enrolled, live)}
	templates, others := sets(people, enrolled, 0), sets(people, live, 1)
	o.Impostor = gather(len(templates), func(t *Tally, i int) {
		for j := range others {
			if templates[i].person != others[j].person {
				t.Add(match.Distance(templates[i].mean, others[j].mean), templates[i].weight*others[j].weight)
			}
		}
	})
	for _, own := range partings(people, enrolled, live) {
		for _, p := range own {
			o.Genuine.Add(match.Distance(p.enrolled.mean, p.live.mean), 1.0/genuineDraws)
		}
	}
	return o
}

// Every is the share of people who are refused, one way of parting their photographs in ten, when not only the mean of the live set has to be
// within a bound but each of its photographs within another.
func Every(people []Person, enrolled, live int, b match.Bounds) (refused, n float64) {
	for _, own := range partings(people, enrolled, live) {
		n++
		for _, p := range own {
			ok := match.Distance(p.enrolled.mean, p.live.mean) <= b.Fused
			for _, f := range p.live.faces {
				ok = ok && match.Distance(p.enrolled.mean, f.V) <= b.Front
			}
			if !ok {
				refused += 1.0 / genuineDraws
			}
		}
	}
	return refused, n
}

// Mix is what came of putting a stranger's photograph among two of a person, and two of a stranger's among three.
type Mix struct{ Tries, ByMean, ByFrames, AsView, HalfTries, AsHalf int }

// Mixed tries every person of five photographs with every other person, or every other of two photographs.
func Mixed(people []Person, b match.Bounds) (m Mix) {
	for i, p := range people {
		if len(p.Faces) < 5 {
			continue
		}
		own := centre(p.Faces[:3])
		for j, q := range people {
			if i == j {
				continue
			}
			m.Tries++
			stranger := q.Faces[0]
			if match.Distance(own, centre([]Face{p.Faces[3], p.Faces[4], stranger})) <= b.Fused {
				m.ByMean++
				if match.Distance(own, stranger.V) <= b.Front {
					m.ByFrames++
				}
			}
			if match.Apart(p.Faces[0].V, p.Faces[1].V, stranger.V) <= b.View {
				m.AsView++
			}
			if len(q.Faces) < 2 {
				continue
			}
			m.HalfTries++
			if match.Apart(p.Faces[0].V, p.Faces[1].V, p.Faces[2].V, q.Faces[0].V, q.Faces[1].V) <= b.View {
				m.AsHalf++
			}
		}
	}
	return m
}
