package ui

import (
	"strconv"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// reasonWords is the one short instruction that cures what is wrong with a picture.
func reasonWords(r biometrics.Reason) string { return say("reason." + strconv.Itoa(int(r))) }

// gestureWords is the one short instruction of a step of the challenge.
func gestureWords(g liveness.Gesture) string { return say("gesture." + gestureNames[g]) }
