package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"visavis/chat/wire"
)

// strangerGrace is how long a connection may take for its handshake and hello when others wait for its place.
const strangerGrace = 250 * time.Millisecond

// strangers are the connections that nobody has proved anything on: not past their hello yet, or enrolling. Their number is
// bounded. When it is reached, the accept loop waits until one of them is past its hello, or until one has had its grace and
// gives way: so neither a burst of honest desks is turned away, nor can idle connections keep them out.
type strangers struct {
	most int
	left chan struct{} // holds one wake-up

	mu    sync.Mutex // no other lock is taken while it is held
	conns []*conn    // oldest first
}

func newStrangers(most int) *strangers {
	return &strangers{most: max(most, 1), left: make(chan struct{}, 1)}
}

// admit waits for a place for c. It is false when ctx has ended. Only the accept loop calls it.
func (s *strangers) admit(ctx context.Context, c *conn) bool {
	for {
		wait, ok := s.place(c)
		if ok {
			return true
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.left:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return false
		}
	}
}

// place gives c a place if there is one, or says how long to wait for another's. The oldest of the origin that holds the most has to go:
// who opens many connections is put out before those who open one.
func (s *strangers) place(c *conn) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= s.most {
		i, wait := s.next()
		if wait > 0 {
			return wait, false
		}
		old := s.conns[i]
		s.conns = slices.Delete(s.conns, i, i+1)
		old.log.Warn("cut: too many connections that say nothing")
		old.cancel(wire.Refuse(wire.CodeFull))
	}
	c.began = time.Now()
	s.conns = append(s.conns, c)
	return 0, true
}

// next is the index of the one that gives way: of those that have had their time, the oldest of an origin that none of them holds more places
// than. While nobody has, it says how long to wait for the oldest. mu is held.
func (s *strangers) next() (first int, wait time.Duration) {
	places := map[origin]int{}
	due := func(c *conn) bool { return time.Since(c.began) >= strangerGrace }
	for _, c := range s.conns {
		if due(c) {
			places[c.origin]++
		}
	}
	first = -1
	for i, c := range s.conns {
		if due(c) && (first < 0 || places[c.origin] > places[s.conns[first].origin]) {
			first = i
		}
	}
	if first < 0 {
		return 0, max(strangerGrace-time.Since(s.conns[0].began), time.Millisecond)
	}
	return first, 0
}

// settled takes c off the list: it is past its hello, or gone.
func (s *strangers) settled(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.conns, c); i >= 0 {
		s.conns = slices.Delete(s.conns, i, i+1)
		select {
		case s.left <- struct{}{}:
		default:
		}
	}
}
