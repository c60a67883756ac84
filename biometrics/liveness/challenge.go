package liveness

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Kind is what a challenge is for; evidence of one kind is never judged as another. The zero Kind is none.
type Kind uint8

const (
	Entry     Kind = 1 // a log-in, an unlock, a try: at least a left and a right turn, and what else was drawn
	Enrolment Kind = 2 // left, right, up and down, once each
)

// Step asks for one gesture for a time.
type Step struct {
	_       struct{} `cbor:",toarray"`
	Gesture Gesture
	Millis  uint16
}

// Challenge is a random sequence of steps, drawn by the server. It begins and ends with Neutral, has Neutral between any two gestures,
// and always holds a left and a right turn.
type Challenge struct {
	_     struct{} `cbor:",toarray"`
	ID    [16]byte
	Kind  Kind
	Steps []Step
	Light []Shade // covers the steps' time; no two neighbours are equal
}

const (
	asked = 4           // gestures in a challenge of either kind
	steps = 2*asked + 1 // with Neutral around each
)

// The orders that Draw gives, all equally likely. With four times for each of nine steps, and without counting the light, that is
// over 2^26 entries and over 2^22 enrolments.
const (
	EntryOrders     = 6*6*6*6 - 2*5*5*5*5 + 4*4*4*4 // 302: four of six gestures, but for those without a left or a right turn
	EnrolmentOrders = 4 * 3 * 2
	timesEach       = 4
)

// Outcomes is how many different sequences of steps and times Draw gives of a kind, all equally likely.
func (k Kind) Outcomes() int {
	n := 1
	for range steps {
		n *= timesEach
	}
	return n * len(k.orders())
}

// The gestures out of which each kind's are drawn.
var (
	entryGestures     = []Gesture{TurnLeft, TurnRight, LookUp, TiltLeft, TiltRight, ComeCloser}
	enrolmentGestures = []Gesture{TurnLeft, TurnRight, LookUp, LookDown}
)

// orders are all orders of gestures that a kind draws, nil for what is no kind.
func (k Kind) orders() [][asked]Gesture {
	switch k {
	case Entry:
		return ordersOf(entryGestures, func(o []Gesture) bool { return slices.Contains(o, TurnLeft) && slices.Contains(o, TurnRight) })
	case Enrolment:
		return ordersOf(enrolmentGestures, func(o []Gesture) bool {
			return !slices.ContainsFunc(enrolmentGestures, func(g Gesture) bool { return !slices.Contains(o, g) })
		})
	}
	return nil
}

// ordersOf are all sequences of gestures out of a list that may be asked for.
func ordersOf(list []Gesture, may func([]Gesture) bool) [][asked]Gesture {
	all := 1
	for range asked {
		all *= len(list)
	}
	var orders [][asked]Gesture
	for n := range all {
		var o [asked]Gesture
		for i := range o {
			o[i] = list[n%len(list)]
			n /= len(list)
		}
		if may(o[:]) {
			orders = append(orders, o)
		}
	}
	return orders
}

// The times of a step. A person needs 0.25 to 0.45 s to react and 0.3 to 0.5 s to move, so every step but the first, which finds the
// head where it should be, leaves time in which the pose is held.
var (
	firstMillis  = [timesEach]uint16{400, 500, 600, 700}
	laterMillis  = [timesEach]uint16{1000, 1050, 1150, 1200}
	closerMillis = [timesEach]uint16{1150, 1250, 1300, 1400} // to lean forward, and back again, takes longer than to turn
	enrolMillis  = [timesEach]uint16{1150, 1250, 1350, 1500} // who enrols does it for the first time
)

// times are the times that may be drawn for a step, after a step that asked for before.
func (k Kind) times(step int, before, g Gesture) *[timesEach]uint16 {
	switch {
	case step == 0:
		return &firstMillis
	case k == Enrolment:
		return &enrolMillis
	case before == ComeCloser || g == ComeCloser:
		return &closerMillis
	}
	return &laterMillis
}

// MaxDuration bounds a challenge of any kind; the kinds' means stand in docs/biometrics.md.
const MaxDuration = 13 * time.Second

// Draw makes a challenge from random, which has to be good for keys. It reads ahead.
func Draw(random io.Reader, kind Kind) (Challenge, error) {
	c := Challenge{Kind: kind}
	if err := c.draw(bufio.NewReaderSize(random, 64)); err != nil {
		return Challenge{}, fmt.Errorf("draw challenge: %w", err)
	}
	return c, nil
}

func (c *Challenge) draw(r *bufio.Reader) error {
	if _, err := io.ReadFull(r, c.ID[:]); err != nil {
		return err
	}
	orders := c.Kind.orders()
	if orders == nil {
		return fmt.Errorf("%w: kind %d", ErrChallenge, c.Kind)
	}
	n, err := drawBelow(r, len(orders))
	if err != nil {
		return err
	}
	before := Neutral
	for i := range steps {
		s := Step{Gesture: Neutral}
		if i%2 == 1 {
			s.Gesture = orders[n][i/2]
		}
		b, err := r.ReadByte()
		if err != nil {
			return err
		}
		s.Millis = c.Kind.times(i, before, s.Gesture)[b%timesEach]
		c.Steps, before = append(c.Steps, s), s.Gesture
	}
	if c.Light, err = drawLight(r, c.Duration()); err != nil {
		return err
	}
	return c.Validate()
}

// drawBelow draws evenly from 0 to n−1, n under 2^16: numbers that would favour some are thrown away. Randomness that gives nothing else
// is none.
func drawBelow(r io.Reader, n int) (int, error) {
	even := 1 << 16 / n * n
	for range 64 {
		var b [2]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return 0, err
		}
		if v := int(b[0])<<8 | int(b[1]); v < even {
			return v % n, nil
		}
	}
	return 0, errNotRandom
}

var errNotRandom = errors.New("the source of randomness repeats itself")

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
	var order [asked]Gesture
	before := Neutral
	for i, s := range c.Steps {
		if !slices.Contains(c.Kind.times(i, before, s.Gesture)[:], s.Millis) {
			return fmt.Errorf("%w: step %d lasts %d ms", ErrChallenge, i, s.Millis)
		}
		if before = s.Gesture; i%2 == 1 {
			order[i/2] = s.Gesture
		} else if s.Gesture != Neutral {
			return fmt.Errorf("%w: step %d is not neutral", ErrChallenge, i)
		}
	}
	if !slices.Contains(c.Kind.orders(), order) {
		return fmt.Errorf("%w: kind %d, gestures %d", ErrChallenge, c.Kind, order)
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
