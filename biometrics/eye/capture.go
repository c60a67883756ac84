package eye

import (
	"context"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Watched is what Capture and Settle need of a Keeper.
type Watched interface {
	Cue(Cue)
	Subscribe() (events <-chan Event, stop func())
	Camera() (info biometrics.CameraInfo, open bool)
	Weights() string
	Clock() Clock
}

// Phase says what Capture is doing.
type Phase uint8

// The phases.
const (
	Settling Phase = 1 // waiting for a good frame
	Playing  Phase = 2 // the challenge's steps
	Done     Phase = 3
)

// Progress is what a window shows while a face is captured.
type Progress struct {
	Phase    Phase
	Step     int              // index of the step in the challenge
	Gesture  liveness.Gesture // what the person should do now
	Fraction float64          // of the whole challenge, 0 to 1
	Quality  biometrics.Quality
	Frames   int // observations so far
}

// Deadlines of Settle.
const (
	SettleTime = 20 * time.Second // until a good frame must have been seen
	settleGood = 3                // good frames in a row that count as settled
)

// SettleError says why no good frame was seen in time: the last frame's most important reason, or that no frame came at all.
type SettleError struct {
	Reason biometrics.Reason // meaningless when Blind
	Blind  bool              // no frame was described at all
}

func (e *SettleError) Error() string { return "" }

// Settle waits until the face in view is good to describe: alone, near, lit and still. It is called before a challenge is asked for,
// since trouble with light is not a failed try. progress may be nil; it is called from Settle's own goroutine and must not block.
func Settle(ctx context.Context, w Watched, progress func(Progress)) error { return nil }

// Capture settles, plays the challenge's cues at their times and returns everything that the eye described meanwhile, good or
// bad: nothing is picked. The camera must be open and watched. An eye that dies or a camera that fails ends it with an error.
func Capture(ctx context.Context, w Watched, c liveness.Challenge, progress func(Progress)) (biometrics.Evidence, error) {
	return biometrics.Evidence{}, nil
}
