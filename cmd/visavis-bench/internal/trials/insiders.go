package trials

import (
	"encoding/binary"
	"fmt"

	"visavis/biometrics/match"
)

// Insiders is what people who are enrolled reach by claiming to be each other, and what the rule that stops them costs those who
// claim to be themselves.
type Insiders struct {
	Rule           string
	People         int
	Tightened      int // people whose bound somebody else's nearness tightens
	Passed, Tries  float64
	Refused, Owner float64
}

// TryInsiders enrols everybody with enough photographs in one gallery and has everybody claim everybody.
func TryInsiders(people []Person, enrolled, live int, b match.Bounds) ([]Insiders, error) {
	all := partings(people, enrolled, live)
	g := match.NewGallery("trial", len(all))
	for i, own := range all {
		if err := g.Put(number(i), match.Template{Weights: "trial", Centroid: own[0].enrolled.mean}); err != nil {
			return nil, fmt.Errorf("try insiders: %w", err)
		}
	}
	tight, tightened := make([]match.Bounds, len(all)), 0
	for i, own := range all {
		if tight[i] = b.Tightened(g.Others(number(i))(own[0].enrolled.mean)); tight[i].Fused < b.Fused {
			tightened++
		}
	}
	rules := []struct {
		name string
		pass func(claimed int, fused, rival float64) bool
	}{
		{"the bound alone", func(_ int, fused, _ float64) bool { return fused <= b.Fused }},
		{"tightened", func(i int, fused, _ float64) bool { return fused <= tight[i].Fused }},
		{"nobody nearer", func(_ int, fused, rival float64) bool { return fused <= b.Fused && fused-rival <= b.Rival }},
		{"both", func(i int, fused, rival float64) bool { return fused <= tight[i].Fused && fused-rival <= b.Rival }},
	}
	out := make([]Insiders, len(rules))
	for r := range rules {
		out[r] = Insiders{Rule: rules[r].name, People: len(all), Tightened: tightened}
	}
	for j, who := range all {
		mean := who[0].live.mean
		for i, claimed := range all {
			fused, rival := match.Distance(mean, claimed[0].enrolled.mean), g.Others(number(i))(mean)
			for r, rule := range rules {
				out[r].count(i == j, rule.pass(i, fused, rival))
			}
		}
	}
	return out, nil
}

func (n *Insiders) count(owner, passed bool) {
	switch {
	case owner && !passed:
		n.Refused++
	case !owner && passed:
		n.Passed++
	}
	if owner {
		n.Owner++
	} else {
		n.Tries++
	}
}

func number(i int) (id match.ID) {
	binary.BigEndian.PutUint64(id[:8], uint64(i)+1)
	return id
}

// Doubles enrols persons twice, of photographs that are not shared, and counts how often the other account is nearer to a live set by more than the bounds let a rival
// be: who has two accounts would be refused at the one. Each person of so many photographs weighs 1.
func Doubles(people []Person, enrolled, live int, b match.Bounds) (refused, n float64) {
	for i, p := range people {
		if len(p.Faces) < 2*enrolled+live {
			continue
		}
		n++
		random := chances(p.Name, enrolled, live, 3)
		for range genuineDraws {
			order := random.Perm(len(p.Faces))
			one, other := newSet(i, pick(p.Faces, order[:enrolled])), newSet(i, pick(p.Faces, order[enrolled:2*enrolled]))
			mean := newSet(i, pick(p.Faces, order[2*enrolled:2*enrolled+live])).mean
			if match.Distance(mean, one.mean)-match.Distance(mean, other.mean) > b.Rival {
				refused += 1.0 / genuineDraws
			}
		}
	}
	return refused, n
}
