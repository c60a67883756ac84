package presence

import "time"

// An onlooker is a second face that looks at the screen for some time. Two faces are all that is known of him: not whose they are, nor which of
// them is the person's. So he is shown and nothing more; what he may do is what any two faces may (doubtful).
const (
	looksFrom = 1500 * time.Millisecond // somebody who walks by is none
	looksGap  = 2 * time.Second         // frames with two faces farther apart are not one look: a describer may look for a second face in every third
	looksTill = 3 * time.Second         // after the last of them, so that the warning does not flicker
)

// onlooker is the look of a second face. The zero value is none.
type onlooker struct {
	first, last time.Time // of the frames with two faces, with no gap between
	there       bool
}

// seen takes a frame with two faces.
func (o *onlooker) seen(now time.Time) {
	if o.first.IsZero() || now.Sub(o.last) > looksGap {
		o.first = now
	}
	o.last = now
	if now.Sub(o.first) >= looksFrom {
		o.there = true
	}
}

// pass lets time pass.
func (o *onlooker) pass(now time.Time) {
	if o.there && now.Sub(o.last) >= looksTill {
		*o = onlooker{}
	}
}

// Onlooker says whether a second face has been looking at the screen for a while, as of the last Seen or Tick. It never locks by itself, never
// unlocks, and tells nothing of who either face is.
func (w *Watch) Onlooker() bool { return w.beside.there }
