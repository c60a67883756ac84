package eye

import (
	"sync"

	"visavis/biometrics"
)

// maxQueued bounds the events that wait for one subscriber: more than a challenge's worth.
const maxQueued = 2 * biometrics.MaxObservations

// subscription is one listener's queue: events in order, and at most one preview, the newest. Its goroutine ends with stop or with the keeper.
type subscription struct {
	c        chan Event
	previews bool

	mu      sync.Mutex
	queue   []Event
	preview *Preview
	missed  int

	wake    chan struct{}
	stopped chan struct{}
	once    sync.Once
	ended   chan struct{}
}

func newSubscription(previews bool) *subscription {
	s := &subscription{
		c: make(chan Event), previews: previews,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}), ended: make(chan struct{}),
	}
	go s.pump()
	return s
}

// offer queues e and never blocks.
func (s *subscription) offer(e Event) {
	s.mu.Lock()
	switch e := e.(type) {
	case Preview:
		if s.previews {
			s.preview = &e
		}
	default:
		if len(s.queue) == maxQueued {
			s.queue = s.queue[1:]
			s.missed++
		}
		s.queue = append(s.queue, e)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next takes what is to be delivered now: what happened before what is only to be shown.
func (s *subscription) next() (Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.queue) > 0:
		e := s.queue[0]
		s.queue = s.queue[1:]
		if face, ok := e.(Seen); ok {
			face.Missed, s.missed = s.missed, 0
			e = face
		}
		return e, true
	case s.preview != nil:
		e := *s.preview
		s.preview = nil
		return e, true
	}
	return nil, false
}

func (s *subscription) pump() {
	defer close(s.ended)
	defer close(s.c)
	for {
		e, ok := s.next()
		if !ok {
			select {
			case <-s.wake:
			case <-s.stopped:
				return
			}
			continue
		}
		select {
		case s.c <- e:
		case <-s.stopped:
			return
		}
	}
}

// stop ends the subscription and waits for its goroutine.
func (s *subscription) stop() {
	s.once.Do(func() { close(s.stopped) })
	<-s.ended
}
