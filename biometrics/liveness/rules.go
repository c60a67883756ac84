package liveness

import "time"

// Rules are the bounds that Judge holds evidence against. The zero Rules refuse everything.
type Rules struct {
	MinFrames      int           // good frames in each step's settled part
	MaxMissing     float64       // share of the numbers, from the first frame's to the last's, that no frame has
	MaxGap         time.Duration // between frames with a face, and at both ends
	CueSlack       time.Duration // how far from a border a frame may carry the neighbouring step's index
	MaxSameFace    int           // frames of all with one descriptor, bit for bit
	MaxSamePoints  int           // bit-equal landmarks in a row
	MaxJump        float64       // way of the eyes' middle between neighbouring frames, in eye distances, however near in time,
	MaxSpeed       float64       // and this much more a second,
	MaxMove        float64       // up to this
	MaxScale       float64       // ratio of the eye distances of neighbouring frames
	MaxTwist       float64       // change of the angle of the eyes' line between neighbouring frames, in radians, however near in time,
	MaxSpin        float64       // and this much more a second
	MaxNeutral     float64       // a neutral step's shift from the person's own at rest
	MaxNeutralLift float64       // likewise its lift,
	MaxNeutralRoll float64       // its roll, in radians,
	MaxNeutralSize float64       // and its size, as a logarithm
	MaxLag         float64       // or all of them this share of the way that the gesture before went
	MinTurn        float64       // a turn's shift from rest, in the right direction
	MinUp          float64       // how much less the lift is of a head that looks up,
	MinDown        float64       // and how much more of one that looks down
	MinTilt        float64       // a tilted head's roll from rest, in radians, in the right direction
	MinCloser      float64       // logarithm of how much larger a head is that came closer
	MaxAside       float64       // shift from rest of a head that makes another gesture than a turn
	MinParallax    float64       // mean left − mean right
	OnTheWay       float64       // share of the way from pose to pose that lies behind, and before, a head that is on its way
	MinSeen        int           // changes of pose, of the challenge's eight, in which the last frame before the pose shows the head on its way; one less where
	SlowFrame      time.Duration // the describer took longer than this for the frame after it
	MinLamp        float64       // least score of the light, where it is required; Judge itself refuses nobody for it
}

// DefaultRules are the measured ones: docs/biometrics.md, "Liveness, measured".
func DefaultRules() Rules {
	return Rules{
		MinFrames:      2,                      // of the three and more that an eye at 10 to 15 frames a second has in 0.3 s
		MaxMissing:     1.0 / 3,                // an honest eye sends all that it numbers
		MaxGap:         400 * time.Millisecond, // five frames: a detector may lose a turning head, nobody changes places
		CueSlack:       200 * time.Millisecond, // a busy desk's timers and pipe
		MaxSameFace:    2,                      // a driver may give a frame twice; noise makes all others differ
		MaxSamePoints:  6,                      // landmarks are rounded to pixels, so a still head repeats some
		MaxJump:        0.30,                   // with MaxSpeed 0.5 in 80 ms: a turn by 30° in 0.25 s moves the eyes by 0.46 at its fastest
		MaxSpeed:       2.5,
		MaxMove:        1.0,  // such a turn moves them by 0.8 in all
		MaxScale:       1.35, // a turn by 40° brings the eyes together by 1.31
		MaxTwist:       0.15, // with MaxSpin 0.31 in 80 ms: a tilt by 20° in 0.3 s needs 0.17, and landmarks of turned eyes leap by up to 0.1
		MaxSpin:        2.0,
		MaxNeutral:     0.06, // a head that holds still: within 0.02 over 62 frames,
		MaxNeutralLift: 0.06, // 0.03,
		MaxNeutralRoll: 0.09, // 0.03,
		MaxNeutralSize: 0.10, // and 0.02
		MaxLag:         0.40, // who comes back slowly
		MinTurn:        0.06, // the puppets' least is 0.12, a woman's 0.36; prints stay under 0.05
		MinUp:          0.05, // a scanned head's at 10° is 0.08, puppets' from 0.09
		MinDown:        0.04, // a scanned head's at 10° is 0.10
		MinTilt:        0.14, // 8°; puppets' from 0.25
		MinCloser:      0.14, // 15% larger, at 60 cm a step of 8 cm; puppets' from 0.25
		MaxAside:       0.15, // nodding, a scanned head's stays within 0.04
		MinParallax:    0.20, // puppets from 0.27, a scanned head at ±30° 0.31; prints up to 0.10, a hand-moved phone 0.16
		OnTheWay:       0.20, // what lies between takes 0.14 s of a turn of 0.4 s
		MinSeen:        5,
		SlowFrame:      130 * time.Millisecond,
		MinLamp:        0.55, // films of another light reach it once in a hundred
	}
}
