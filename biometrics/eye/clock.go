package eye

import "time"

// Clock is where the time comes from; nil stands for the system's wherever one is asked for.
type Clock interface {
	Now() time.Time
	After(time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func clockOr(c Clock) Clock {
	if c == nil {
		return systemClock{}
	}
	return c
}

// slot holds the newest value that nobody took yet. It has one producer.
type slot[T any] chan T

func newSlot[T any]() slot[T] { return make(chan T, 1) }

func (s slot[T]) put(v T) {
	for {
		select {
		case s <- v:
			return
		default:
		}
		select {
		case <-s:
		default:
		}
	}
}

// pace lets through at most so many frames a second, evenly, whatever the camera gives.
type pace struct {
	every time.Duration
	next  time.Duration
}

func newPace(fps int) pace {
	if fps <= 0 {
		return pace{}
	}
	return pace{every: time.Second / time.Duration(fps)}
}

// due says whether a frame at a time is wanted. A frame that comes a little early counts, so that a camera of just that rate loses none.
func (p *pace) due(at time.Duration) bool {
	if p.every == 0 || at < p.next-p.every/8 {
		return false
	}
	p.next += p.every
	if p.next < at {
		p.next = at + p.every
	}
	return true
}
