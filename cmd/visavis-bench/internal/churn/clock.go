package churn

import (
	"context"
	"sync"
	"time"
)

// Clock is the world's time. It stands still, but for Move and for people who only wait: when all who are inside do, it moves on to the end of
// the shortest wait. So those who show their faces at the same time take the time of one, and nobody is late because the machine is slow.
// Safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	at     time.Time
	inside int
	waits  []wait
}

// wait is somebody inside who does nothing until a time.
type wait struct {
	until time.Time
	over  chan struct{} // closed then
}

// NewClock makes a clock that stands at a time.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move moves the clock on. Nobody may be inside.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Enter lets somebody in, who is going to wait and without whom time does not go on until Leave.
func (c *Clock) Enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inside++
}

// Leave undoes Enter.
func (c *Clock) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inside--
	c.pass()
}

// Wait lets one who is inside wait until d has passed. It fails when ctx ends before.
func (c *Clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	w := wait{until: c.at.Add(d), over: make(chan struct{})}
	c.waits = append(c.waits, w)
	c.pass()
	c.mu.Unlock()
	select {
	case <-w.over:
		return nil
	case <-ctx.Done():
		c.forget(w)
		return ctx.Err()
	}
}

// pass ends the shortest wait when nobody inside does anything else. mu is held.
func (c *Clock) pass() {
	if len(c.waits) == 0 || len(c.waits) < c.inside {
		return
	}
	first := 0
	for i, w := range c.waits {
		if w.until.Before(c.waits[first].until) {
			first = i
		}
	}
	w := c.waits[first]
	if w.until.After(c.at) {
		c.at = w.until
	}
	c.waits = append(c.waits[:first], c.waits[first+1:]...)
	close(w.over)
}

// forget takes a wait back that may be over already.
func (c *Clock) forget(w wait) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, o := range c.waits {
		if o.over == w.over {
			c.waits = append(c.waits[:i], c.waits[i+1:]...)
			return
		}
	}
}
