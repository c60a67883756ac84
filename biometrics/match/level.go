package match

import "fmt"

// Level names the bounds of a decision by the false-match rate that was measured for them. The zero Level accepts nobody.
type Level uint8

// OneIn10000 is the level of NIST SP 800-63B-4: at most one stranger in 10,000 passes for a person whose template he is compared with.
const OneIn10000 Level = 1

// Bounds are distances on the scale of unit vectors; what is compared passes at d <= bound.
type Bounds struct {
	Fused  float64 // mean of the live neutral frames to the template's centroid
	Front  float64 // one neutral frame to the centroid
	Turned float64 // one frame of a turned or turning head to the centroid
	Step   float64 // a frame to the one before it
	View   float64 // one enrolled view to the mean of the others
}

// Bounds returns the level's bounds; the zero Level's are below every distance.
//
// What they were measured on, with the commands: docs/biometrics.md, "Matching, measured". (a) is LFW's development view, 4,971 faces of
// 3,086 persons, 12.3 million pairs of strangers; (b) a film of a woman who turns to both sides, 23 frames.
//
//   - Fused: means of three strangers' photographs against means of three, (a): 1 of 81,003 within 0.27, 1 in 10,000 at 0.296;
//     all of 49 genuine within it, the highest 0.261.
//   - Front: Fused + 0.12. Alone it would pass one stranger in 184, (a); it is there to find the one frame that a mean would hide:
//     two frames of the right person and one of another pass Fused in 83% of tries, Fused and Front in 0.5%.
//   - Turned: no looser than Front. To the centroid of front, left and right, (b) stays within 0.25.
//   - Step: what lets one stranger in 10,000 pass for another, photograph to photograph: 0.344 in (a). Neighbours in (b) are within 0.29.
//   - View: a photograph of another among two passes at 0.39 in 0.3% of tries, (a). In (b) front, left and right are within 0.27.
func (l Level) Bounds() Bounds {
	if l != OneIn10000 {
		return Bounds{Fused: -1, Front: -1, Turned: -1, Step: -1, View: -1}
	}
	return Bounds{Fused: 0.27, Front: 0.39, Turned: 0.39, Step: 0.345, View: 0.39}
}

// String names the level by its rate.
func (l Level) String() string {
	if l == OneIn10000 {
		return "1 in 10,000"
	}
	return fmt.Sprintf("unknown level %d", uint8(l))
}
