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
		MinFrames:     2,                      // of the three and more that an eye at 10 to 15 frames a second has in 0.3 s
		MaxGap:        400 * time.Millisecond, // five frames: a detector may lose a turning head, nobody changes places
		CueSlack:      200 * time.Millisecond, // a busy desk's timers and pipe
		MaxSameFace:   2,                      // a driver may give a frame twice; noise makes all others differ
		MaxSamePoints: 6,                      // landmarks are rounded to pixels, so a still head repeats some
		MaxMove:       1.0,                    // a turn by 30° in 0.4 s moves the eyes by 0.7 in all
		MaxScale:      1.35,                   // a turn by 40° brings the eyes together by 1.31
		MaxNeutral:    0.06,                   // a head that holds still: within 0.02 over 62 frames
		MinTurn:       0.06,                   // the puppets' least is 0.12, a woman's 0.36; prints stay under 0.05
		MinParallax:   0.20,                   // puppets from 0.27, a scanned head at ±30° 0.26; prints up to 0.10, a hand-moved phone 0.16
	}
}
