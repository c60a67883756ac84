package liveness

import (
	"math"

	"visavis/biometrics"
)

// lamp says how well the face's colour follows the window's light, −1 to 1; NaN where that can not be said.
func lamp(Challenge, []biometrics.Observation) float64 { return math.NaN() }
