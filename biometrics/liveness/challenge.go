package liveness

import "time"

// Gesture is what one step of a challenge asks for. Left and right are the person's own.
type Gesture uint8

const (
	Neutral   Gesture = 1 // look straight into the camera
	TurnLeft  Gesture = 2
	TurnRight Gesture = 3
)

// Step asks for one gesture for a time.
type Step struct {
	_       struct{} `cbor:",toarray"`
	Gesture Gesture
	Millis  uint16
}

// Challenge is a random sequence of steps, drawn by the server. It begins and ends with Neutral, has Neutral between any two turns,
// and always holds a left and a right turn.
type Challenge struct {
	_     struct{} `cbor:",toarray"`
	ID    [16]byte
	Steps []Step
}

// Duration is the whole time that the steps take.
func (c Challenge) Duration() time.Duration {
	var d time.Duration
	for _, s := range c.Steps {
		d += time.Duration(s.Millis) * time.Millisecond
	}
	return d
}
