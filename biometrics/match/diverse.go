package match

import "math"

// Diverse chooses at most limit of views so that those chosen are as far apart as they can be: the first, then always the one whose nearest
// among those chosen is farthest. They come back in the order that they had. A Vector that is no face is never chosen.
func Diverse(limit int, views ...Vector) []Vector {
	reach := make([]float64, len(views)) // to the nearest that was chosen
	for i := range reach {
		reach[i] = math.Inf(1)
	}
	chosen := make([]bool, len(views))
	for range min(limit, len(views)) {
		next := -1
		for i := range views {
			if !chosen[i] && views[i].valid() && (next < 0 || reach[i] > reach[next]) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		chosen[next] = true
		for i := range views {
			if d := Distance(views[i], views[next]); d < reach[i] {
				reach[i] = d
			}
		}
	}
	var out []Vector
	for i, c := range chosen {
		if c {
			out = append(out, views[i])
		}
	}
	return out
}

// Trimmed returns vs without the quarter that is farthest from their mean: what a blink, or the last of a movement, does to a pose. It keeps
// their order, and all of fewer than four. It is for making a view, never for judging: what is left out here has to be judged elsewhere.
func Trimmed(vs []Vector) []Vector {
	drop := len(vs) / 4
	mean, err := Mean(vs...)
	if err != nil || drop == 0 {
		return vs
	}
	left := make([]float64, len(vs))
	for i := range vs {
		left[i] = Distance(vs[i], mean)
	}
	for range drop {
		worst := 0
		for i := range left {
			if left[i] > left[worst] {
				worst = i
			}
		}
		left[worst] = -1
	}
	kept := make([]Vector, 0, len(vs)-drop)
	for i := range vs {
		if left[i] >= 0 {
			kept = append(kept, vs[i])
		}
	}
	return kept
}
