package match

import "fmt"

// Level names the bounds of a decision by the false-match rate that was measured for them. The zero Level accepts nobody.
type Level uint8

// OneIn10000 is the level of NIST SP 800-63B-4: at most one stranger in 10,000 passes for a person whose template he is compared with.
const OneIn10000 Level = 1

// Bounds are distances on the scale of unit vectors; what is compared passes at d <= bound.
type Bounds struct {
	Fused  float64 // mean of the live neutral frames to the template's centroid
	Front  float64 // one neutral frame to the template
	Turned float64 // one frame of a turned head to the template
	Step   float64 // a frame to the one before it
	View   float64 // one enrolled view to the mean of the others
}

// Bounds returns the level's bounds; the zero Level's are below every distance.
func (l Level) Bounds() Bounds {
	if l != OneIn10000 {
		return Bounds{Fused: -1, Front: -1, Turned: -1, Step: -1, View: -1}
	}
	return Bounds{Fused: 0.27, Front: 0.39, Turned: 0.39, Step: 0.39, View: 0.39}
}

// String names the level by its rate.
func (l Level) String() string {
	if l == OneIn10000 {
		return "1 in 10,000"
	}
	return fmt.Sprintf("unknown level %d", uint8(l))
}
