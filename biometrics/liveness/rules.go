package liveness

import "time"

// Rules are the bounds that Judge holds evidence against. The zero Rules refuse everything.
type Rules struct {
	MinFrames     int           // good frames in each step's settled part
	MaxGap        time.Duration // between frames with a face, and at both ends
	CueSlack      time.Duration // how far from a border a frame may carry the neighbouring step's index
	MaxSameFace   int           // bit-equal descriptors in a row
	MaxSamePoints int           // bit-equal landmarks in a row
	MaxMove       float64       // way of the eyes' middle between neighbouring frames, in eye distances
	MaxScale      float64       // ratio of the eye distances of neighbouring frames
	MaxNeutral    float64       // a neutral step's median shift from the person's own shift at rest
	MinTurn       float64       // a turn's median shift from it, in the right direction
	MinParallax   float64       // mean left − mean right
}

// DefaultRules are the measured ones: docs/biometrics.md, "Liveness, measured".
func DefaultRules() Rules {
	return Rules{
		MinFrames:     2,
		MaxGap:        400 * time.Millisecond,
		CueSlack:      200 * time.Millisecond,
		MaxSameFace:   2,
		MaxSamePoints: 6,
		MaxMove:       1.0,
		MaxScale:      1.35,
		MaxNeutral:    0.06,
		MinTurn:       0.08,
		MinParallax:   0.20,
	}
}
