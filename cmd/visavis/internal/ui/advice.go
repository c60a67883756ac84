package ui

import (
	"slices"
	"strconv"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// reasonWords is the one short instruction that cures what is wrong with a picture.
func reasonWords(r biometrics.Reason) string { return say("reason." + strconv.Itoa(int(r))) }

// flawWords is what a movement lacked, and what to do about it.
func flawWords(r liveness.Reason) string { return say("flaw." + strconv.Itoa(int(r))) }

// gestureWords is the one short instruction of a step of the challenge.
func gestureWords(g liveness.Gesture) string { return say("gesture." + gestureNames[g]) }

// urgency orders reasons by what has to be put right first: without light no face is found, light from behind makes a face dark, and a head that
// moves a picture blurred.
var urgency = [...]biometrics.Reason{
	biometrics.TwoFaces, biometrics.Backlit, biometrics.TooDark, biometrics.TooBright, biometrics.NoFace, biometrics.TooClose, biometrics.TooFar,
	biometrics.OffCentre, biometrics.Moving, biometrics.Blurred, biometrics.Turned, biometrics.EyesHidden,
}

// foremost is the reason to show; none when there is none.
func foremost(reasons []biometrics.Reason) (r biometrics.Reason, some bool) {
	for _, r := range urgency {
		if slices.Contains(reasons, r) {
			return r, true
		}
	}
	return 0, false
}

// reasonTime is how long a reason stands at least: one that comes and goes with every picture can not be read.
const reasonTime = 700 * time.Millisecond

// steady keeps a reason on screen until it could be read.
type steady struct {
	reason biometrics.Reason
	some   bool
	since  time.Time
}

// next takes the newest reason, and returns the one to show and for how long it has to stand still; zero when it may change at any time.
func (s *steady) next(r biometrics.Reason, some bool, now time.Time) (biometrics.Reason, bool, time.Duration) {
	if r == s.reason && some == s.some {
		return s.reason, s.some, 0
	}
	if left := reasonTime - now.Sub(s.since); s.some && left > 0 {
		return s.reason, s.some, left
	}
	s.reason, s.some, s.since = r, some, now
	return r, some, 0
}
