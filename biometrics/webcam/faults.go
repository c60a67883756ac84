package webcam

import (
	"math"
	"time"

	"visavis/biometrics"
)

const (
	// faultTime is how long a picture has to be wrong until the camera is said to be: under a second also with four pictures a second.
	faultTime = 800 * time.Millisecond
	// faultFrames is how many pictures it takes at least: a driver may give one twice.
	faultFrames = 3
	// warmTime bounds how long the first pictures do not count.
	warmTime = time.Second
	// warmFrames is how many pictures do not count at least, while exposure and white balance find their place.
	warmFrames = 4
	// warmStep is by how much the brightness of two neighbours may differ, in levels, when it has found its place.
	warmStep = 3.0
)

// spell is a time during which each picture was wrong in one way.
type spell struct {
	since  time.Duration
	frames int
}

// lasts notes one picture, taken at a time, and says whether it has been wrong for long enough.
func (s *spell) lasts(at time.Duration, wrong bool) bool {
	if !wrong {
		*s = spell{}
		return false
	}
	if s.frames == 0 {
		s.since = at
	}
	s.frames++
	return s.frames >= faultFrames && at-s.since >= faultTime
}

// health watches a camera's pictures for what no quality of a face tells: that there is no picture at all.
type health struct {
	black, white, frozen spell
	sum                  uint64        // of the last picture
	at                   time.Duration // when it was taken
	seen                 bool
}

// see notes one picture, by its light and its checksum, and returns what is wrong with the camera. Black and white go before frozen:
// behind a shutter nothing moves.
func (h *health) see(at time.Duration, l light, sum uint64) error {
	same := h.seen && sum == h.sum
	if same && h.frozen.frames == 0 {
		h.frozen = spell{since: h.at, frames: 1} // the picture that is repeated was the first of them
	}
	h.sum, h.at, h.seen = sum, at, true
	black, white, frozen := h.black.lasts(at, l.black()), h.white.lasts(at, l.white()), h.frozen.lasts(at, same)
	switch {
	case black:
		return biometrics.ErrCameraDark
	case white:
		return biometrics.ErrCameraBright
	case frozen:
		return biometrics.ErrCameraFrozen
	}
	return nil
}

// warmUp says which of a camera's first pictures count. The zero value waits for the first.
type warmUp struct {
	since  time.Duration
	frames int
	level  float64
	steady int // pictures in a row about as bright as the one before
	over   bool
}

// counts notes one picture and says whether it counts.
func (w *warmUp) counts(at time.Duration, l light) bool {
	if w.over {
		return true
	}
	if w.frames == 0 {
		w.since = at
	} else if math.Abs(l.mean-w.level) <= warmStep {
		w.steady++
	} else {
		w.steady = 0
	}
	w.level = l.mean
	w.frames++
	w.over = w.frames > warmFrames && w.steady >= 2 || at-w.since >= warmTime
	return w.over
}
