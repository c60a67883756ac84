package rehearsal

import (
	"errors"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/pipe"
)

// Version is the protocol's version. Both ends are built together: another version is refused.
const Version = 1

// Limits of what may be asked for, and of what is answered.
const (
	MaxSteps    = 32               // of a challenge
	MaxDuration = 60 * time.Second // of a play
	MaxClip     = 1500             // described frames of a clip: two minutes
	ClipPace    = 80 * time.Millisecond

	maxOrder  = 16 << 10
	maxSource = 4 << 10 // a source or a path
	maxAnswer = 2 << 20
	maxText   = 300 // bytes of an error's text
)

// The errors of this package.
var (
	ErrProtocol = pipe.ErrProtocol
	ErrOrder    = errors.New("not a play that can be rehearsed")
	ErrRefused  = errors.New("rehearsal") // the other end says why
	ErrEnded    = errors.New("the rehearsing process has ended")
)

// Pace says which frames of a play are described: one in so many milliseconds, or those that decide (Few).
type Pace uint16

// Few describes, of each step, a frame on the way and two of the pose that is held, and one more where for 0.39 s there would be none: 4
// frames a second, where an eye gives 10 to 15. So a play costs a second of a core and not four. What a verdict then says of neighbouring
// frames is milder than it would be: they lie farther apart; and of the window's light it says nothing.
const Few Pace = 0

// The times that Few describes, from a step's beginning and before its end; and the longest time without a frame, which liveness bounds by 0.4 s.
const (
	fewFrom = 360 * time.Millisecond
	fewGap  = 390 * time.Millisecond
)

var fewBefore = [...]time.Duration{290 * time.Millisecond, 20 * time.Millisecond}

// Next is when the next frame is described after the one at since, both from the first cue.
func (p Pace) Next(c liveness.Challenge, since time.Duration) time.Duration {
	if p != Few {
		return since + time.Duration(p)*time.Millisecond
	}
	var start time.Duration
	for _, s := range c.Steps {
		end := start + time.Duration(s.Millis)*time.Millisecond
		for _, at := range [...]time.Duration{start + min(fewFrom, (end-start)/2), end - fewBefore[0], end - fewBefore[1]} {
			if at > since {
				return since + evenly(at-since)
			}
		}
		start = end
	}
	return since + fewGap
}

// evenly parts a wait that is too long.
func evenly(wait time.Duration) time.Duration {
	return wait / (1 + (wait-1)/fewGap)
}

// Order is a play: a puppet's source and what it is cued to do, the steps and the light. It need not be a challenge that a server draws. A play that
// is Early ends as soon as it is Hopeless.
type Order struct {
	_         struct{} `cbor:",toarray"`
	Source    string
	Challenge liveness.Challenge
	Pace      Pace
	Early     bool
}

// Check refuses what can not be played.
func (o Order) Check() error {
	switch {
	case o.Source == "" || len(o.Source) > maxSource:
		return fmt.Errorf("%w: a source of %d bytes", ErrOrder, len(o.Source))
	case o.Challenge.ID == [16]byte{}:
		return fmt.Errorf("%w: no id", ErrOrder)
	case len(o.Challenge.Steps) == 0 || len(o.Challenge.Steps) > MaxSteps:
		return fmt.Errorf("%w: %d steps", ErrOrder, len(o.Challenge.Steps))
	case o.Challenge.Duration() > MaxDuration:
		return fmt.Errorf("%w: it takes %v", ErrOrder, o.Challenge.Duration())
	case o.Pace != Few && o.Challenge.Duration() > time.Duration(o.Pace)*biometrics.MaxObservations*time.Millisecond:
		return fmt.Errorf("%w: more than %d frames", ErrOrder, biometrics.MaxObservations)
	}
	return nil
}
