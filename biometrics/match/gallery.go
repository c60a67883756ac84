package match

import "math"

// Nearest returns the index of the gallery's entry nearest to probe and its distance; -1 and +Inf when there is none. Entries that are the
// zero Vector are never the nearest. It compares with every entry.
func Nearest(gallery []Vector, probe Vector) (index int, distance float64) {
	index, distance = -1, math.Inf(1)
	for i, v := range gallery {
		if d := Distance(v, probe); d < distance {
			index, distance = i, d
		}
	}
	return index, distance
}
