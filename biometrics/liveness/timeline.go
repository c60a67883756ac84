package liveness

import (
	"slices"
	"time"

	"visavis/biometrics"
)

// window is the part of a step, from and until in milliseconds since the first cue, in which the pose is held and judged.
type window struct {
	gesture     Gesture
	from, until uint32
}

// A window is the end of its step, so that a person has had all the time there is to react (0.25 to 0.55 s) and to move (0.3 to 0.7 s): hold,
// and for an eye that is slower than ten frames a second as much more, up to holdSlow, as holds enough frames that one of them may be a bad one.
const (
	hold       = 300 * time.Millisecond
	holdSlow   = 450 * time.Millisecond
	holdFrames = 3
)

// windows looks at the frames' offsets alone.
func windows(c Challenge, obs []biometrics.Observation) []window {
	ws := make([]window, 0, len(c.Steps))
	var end uint32
	for _, s := range c.Steps {
		end += uint32(s.Millis)
		w := window{s.Gesture, end - uint32(hold.Milliseconds()), end}
		least := end - uint32(min(holdSlow.Milliseconds(), int64(s.Millis)))
		n := 0
		for _, o := range slices.Backward(obs) {
			if o.Offset >= end {
				continue
			}
			if n++; n > holdFrames || o.Offset < least {
				break
			}
			w.from = min(w.from, o.Offset)
		}
		ws = append(ws, w)
	}
	return ws
}

func (w window) holds(o biometrics.Observation) bool { return o.Offset >= w.from && o.Offset < w.until }

// NeutralFrames are the indices, in order, of all frames in the settled part of c's neutral steps. It looks at offsets alone, never at
// quality or content: these are the frames to match, and who sends them can drop none. A frame without a face among them
// makes Judge refuse.
func NeutralFrames(c Challenge, obs []biometrics.Observation) []int {
	return GestureFrames(c, obs, Neutral)
}

// GestureFrames are likewise the frames in the settled part of the steps that ask for g.
func GestureFrames(c Challenge, obs []biometrics.Observation, g Gesture) []int {
	var is []int
	ws := windows(c, obs)
	for i, o := range obs {
		for _, w := range ws {
			if w.gesture == g && w.holds(o) {
				is = append(is, i)
			}
		}
	}
	return is
}
