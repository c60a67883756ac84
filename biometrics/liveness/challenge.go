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
	Neutral    Gesture = 1 // look straight into the camera
	TurnLeft   Gesture = 2
	TurnRight  Gesture = 3
	LookUp     Gesture = 4
	LookDown   Gesture = 5
	TiltLeft   Gesture = 6 // the head towards the left shoulder
	TiltRight  Gesture = 7
	ComeCloser Gesture = 8
	gestureEnd Gesture = 9
)

var gestureTexts = [gestureEnd]string{
	Neutral: "look into the camera", TurnLeft: "turn left", TurnRight: "turn right", LookUp: "look up", LookDown: "look down",
	TiltLeft: "tilt your head to the left", TiltRight: "tilt your head to the right", ComeCloser: "come closer",
}

func (g Gesture) String() string {
	if g == 0 || g >= gestureEnd {
		return fmt.Sprintf("unknown gesture %d", uint8(g))
	}
	return gestureTexts[g]
}

// Kind is what a challenge is for; evidence of one kind is never judged as another. The zero Kind is none.
type Kind uint8

const (
	Entry     Kind = 1 // a log-in, an unlock, a try: at least a left and a right turn, and what else was drawn
	Enrolment Kind = 2 // left, right, up and down, once each
)

// Tint is the light that the window shows while a challenge is played.
type Tint uint8

const (
	Plain   Tint = 1 // the window as it is
	Warm    Tint = 2 // more red, less blue
	Cool    Tint = 3 // less red, more blue
	tintEnd Tint = 4
)

// Shade is one tint for a time.
type Shade struct {
	_      struct{} `cbor:",toarray"`
	Tint   Tint
	Millis uint16
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
	Kind  Kind
	Steps []Step
	Light []Shade // covers the steps' time; no two neighbours are equal
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
func Draw(random io.Reader, kind Kind) (Challenge, error) {
	r := bufio.NewReaderSize(random, 64)
	c := Challenge{Kind: kind, Steps: make([]Step, 0, steps)}
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
	if c.Light, err = drawLight(r, c.Duration()); err != nil {
		return Challenge{}, fmt.Errorf("draw challenge: %w", err)
	}
	if err := c.Validate(); err != nil {
		return Challenge{}, fmt.Errorf("draw challenge: %w", err)
	}
	return c, nil
}

// shadeMillis are the times of a shade: under three changes a second.
var shadeMillis = [4]uint16{400, 550, 700, 850}

// drawLight draws shades until they cover a time. Each tint but the last one's is as likely as any other.
func drawLight(r io.ByteReader, cover time.Duration) ([]Shade, error) {
	var light []Shade
	last := Plain
	for left := cover; left > 0; {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		next := (last+Tint(b>>7))%(tintEnd-1) + 1
		s := Shade{Tint: next, Millis: shadeMillis[b%4]}
		light, last = append(light, s), next
		left -= time.Duration(s.Millis) * time.Millisecond
	}
	return light, nil
}

// validLight accepts exactly what drawLight can give.
func validLight(light []Shade, cover time.Duration) bool {
	last := Plain
	for _, s := range light {
		if cover <= 0 || s.Tint == 0 || s.Tint >= tintEnd || s.Tint == last || !slices.Contains(shadeMillis[:], s.Millis) {
			return false
		}
		last, cover = s.Tint, cover-time.Duration(s.Millis)*time.Millisecond
	}
	return cover <= 0
}

// TintAt is the light at a time since the first cue; Plain before and after.
func (c Challenge) TintAt(since time.Duration) Tint {
	if since < 0 {
		return Plain
	}
	var end time.Duration
	for _, s := range c.Light {
		if end += time.Duration(s.Millis) * time.Millisecond; since < end {
			return s.Tint
		}
	}
	return Plain
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
	if c.Kind != Entry {
		return fmt.Errorf("%w: kind %d", ErrChallenge, c.Kind)
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
	if !validLight(c.Light, c.Duration()) {
		return fmt.Errorf("%w: light %v", ErrChallenge, c.Light)
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
