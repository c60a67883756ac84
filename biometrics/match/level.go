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
// What they were measured on: (a) LFW's development view, described by go-face as it is, 4,965 faces of 3,084 persons, 12.3 million
// pairs of strangers; (b) the same for its final view, 29.4 million pairs; (c) a film of a woman who turns to both sides (23
// frames, shift -0.47 to +0.41, face 72 pixels wide); (d) a scanned head rendered from -55° to 60°. LFW spans years and
// cameras, has few children, few people over 80 and fewer women than men; its authors warn that no result on it shows that
// an algorithm suits a commercial purpose.
//
//   - Fused: means of three strangers' photographs against centroids of three, (a): none of 80,051 at 0.27, the lowest 0.284, 1 in 10,000 at
//     0.304; of 49 genuine none was refused, the highest 0.230. Five against three, (b): lowest stranger 0.266, highest genuine 0.213.
//   - Front: Fused + 0.12. Alone it would pass one stranger in 200, (a); it is there to find the one frame that a mean would hide:
//     two frames of the right person and one of another pass Fused in 82% of tries, Fused and Front in 0.4%.
//   - Turned: no looser than Front. To the centroid of front, left and right, (c) stays within 0.27, and within 0.36 when every frame is smeared
//     sideways over 9 pixels, an eighth of the face; to the centroid of all its poses, (d) stays within 0.27, and to the frontal one alone, which
//     no template is, within 0.41.
//   - Step: what lets one stranger in 10,000 pass for another, photograph to photograph: 0.344 in (a), 0.345 in (b). Neighbours in (c)
//     are within 0.27, a sharp frame and a smeared one (5 pixels) within 0.29.
//     Puppets, which are no faces: at 15 to 25° within 0.34 of a frontal frame, neighbours 80 ms apart within 0.17.
//   - View: a photograph of another among two passes at 0.39 in 0.3% of tries, (a). In (c) front, left and right are within 0.23.
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
