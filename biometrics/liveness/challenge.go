package liveness

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Gesture is what one step of a challenge asks for. Left and right are the person's own.
type Gesture uint8

const (
	Neutral   Gesture = 1 // look straight into the camera
	TurnLeft  Gesture = 2
	TurnRight Gesture = 3
)

func (g Gesture) String() string {
	switch g {
	case Neutral:
		return "look into the camera"
	case TurnLeft:
		return "turn left"
	case TurnRight:
		return "turn right"
	}
	return fmt.Sprintf("unknown gesture %d", uint8(g))
}

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

// Outcomes is how many different challenges Draw gives, all equally likely: 6 orders of turns, 4 times for each of 7 steps.
const Outcomes = 6 * 4 * 4 * 4 * 4 * 4 * 4 * 4 // 98,304, over 2^16

const (
	turns     = 3
	steps     = 2*turns + 1
	sequences = 6
)

var (
	// orders are all sequences of three turns with at least one of each direction.
	orders = [sequences][turns]Gesture{
		{TurnLeft, TurnLeft, TurnRight}, {TurnLeft, TurnRight, TurnLeft}, {TurnRight, TurnLeft, TurnLeft},
		{TurnRight, TurnRight, TurnLeft}, {TurnRight, TurnLeft, TurnRight}, {TurnLeft, TurnRight, TurnRight},
	}
	// A person needs about 0.35 s to react and 0.4 s to turn, so every step but the first, which finds the head
	// where it should be, leaves some 0.3 s in which the pose is held.
	firstMillis = [4]uint16{600, 750, 900, 1050}
	laterMillis = [4]uint16{1000, 1150, 1300, 1450}
)

// MaxDuration bounds a challenge; the mean is 8.2 s.
const MaxDuration = 12 * time.Second

// Draw makes a challenge from random, which has to be good for keys. It reads ahead.
func Draw(random io.Reader) (Challenge, error) {
	r := bufio.NewReaderSize(random, 32)
	c := Challenge{Steps: make([]Step, 0, steps)}
	if _, err := io.ReadFull(r, c.ID[:]); err != nil {
		return Challenge{}, fmt.Errorf("draw challenge: %w", err)
	}
	order, err := drawOrder(r)
	if err != nil {
		return Challenge{}, fmt.Errorf("draw challenge: %w", err)
	}
	for i := range steps {
		b, err := r.ReadByte()
		if err != nil {
			return Challenge{}, fmt.Errorf("draw challenge: %w", err)
		}
		s := Step{Gesture: Neutral, Millis: times(i)[b%4]}
		if i%2 == 1 {
			s.Gesture = orders[order][i/2]
		}
		c.Steps = append(c.Steps, s)
	}
	if err := c.Validate(); err != nil {
		return Challenge{}, fmt.Errorf("draw challenge: %w", err)
	}
	return c, nil
}

// drawOrder draws evenly: bytes that would favour some orders are thrown away.
func drawOrder(r io.ByteReader) (int, error) {
	const even = 256 / sequences * sequences
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if int(b) < even {
			return int(b) % sequences, nil
		}
	}
}

func times(step int) *[4]uint16 {
	if step == 0 {
		return &firstMillis
	}
	return &laterMillis
}

// ErrChallenge is what Validate's errors wrap.
var ErrChallenge = errors.New("not a challenge that this version draws")

// Validate accepts exactly what Draw can give.
func (c Challenge) Validate() error {
	if c.ID == [16]byte{} {
		return fmt.Errorf("%w: no id", ErrChallenge)
	}
	if len(c.Steps) != steps {
		return fmt.Errorf("%w: %d steps, want %d", ErrChallenge, len(c.Steps), steps)
	}
	var order [turns]Gesture
	for i, s := range c.Steps {
		if !slices.Contains(times(i)[:], s.Millis) {
			return fmt.Errorf("%w: step %d lasts %d ms", ErrChallenge, i, s.Millis)
		}
		if i%2 == 1 {
			order[i/2] = s.Gesture
		} else if s.Gesture != Neutral {
			return fmt.Errorf("%w: step %d is not neutral", ErrChallenge, i)
		}
	}
	if !slices.Contains(orders[:], order) {
		return fmt.Errorf("%w: turns %d", ErrChallenge, order)
	}
	return nil
}

// Duration is the whole time that the steps take.
func (c Challenge) Duration() time.Duration {
	var d time.Duration
	for _, s := range c.Steps {
		d += time.Duration(s.Millis) * time.Millisecond
	}
	return d
}

// StepAt is the index of the step that runs at a time since the first cue; the last step's once the challenge is over, -1 without steps.
func (c Challenge) StepAt(since time.Duration) int {
	var end time.Duration
	for i, s := range c.Steps {
		if end += time.Duration(s.Millis) * time.Millisecond; since < end {
			return i
		}
	}
	return len(c.Steps) - 1
}
