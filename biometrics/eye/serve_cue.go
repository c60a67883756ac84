package eye

import (
	"sync"
	"time"

	"visavis/biometrics"
)

// stamped is a frame with the cue that was in force when it was read.
type stamped struct {
	frame  biometrics.Frame
	roll   uint32 // counts the cameras that were opened: a new one's frames are numbered anew
	cue    Cue
	offset time.Duration // from the challenge's first cue; 0 outside a challenge
}

// cueState is the cue in force. It is told to the camera under the lock, so never after the camera was closed.
type cueState struct {
	mu    sync.Mutex
	cue   Cue
	since time.Time // when the challenge's first cue came
	cued  Cued      // the open camera, when it wants to know
}

func (c *cueState) set(cue Cue, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cue.Challenge != c.cue.Challenge {
		c.since = now
	}
	c.cue = cue
	if c.cued != nil {
		c.cued.Cue(cue)
	}
}

func (c *cueState) attach(camera biometrics.Camera) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cued, _ = camera.(Cued)
	if c.cued != nil {
		c.cued.Cue(c.cue)
	}
}

func (c *cueState) detach() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cued = nil
}

func (c *cueState) stamp(f biometrics.Frame, now time.Time) stamped {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := stamped{frame: f, cue: c.cue}
	if c.cue.Challenge != ([16]byte{}) {
		s.offset = now.Sub(c.since)
	}
	return s
}
