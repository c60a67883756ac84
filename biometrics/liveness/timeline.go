package liveness

import (
	"time"

	"visavis/biometrics"
)

// window is the part of a step, from and until in milliseconds since the first cue, in which a person has had time to react and
// to move, and holds the pose.
type window struct {
	gesture     Gesture
	from, until uint32
}

const (
	// settle is a person's reaction (0.25 to 0.45 s) and a movement of the head (0.3 to 0.5 s) after a cue; of the two only the slowest together
	// take longer, and then most of the way lies behind.
	settle = 700 * time.Millisecond
	// settleCloser is for leaning forward, and back.
	settleCloser = 900 * time.Millisecond
	// settleFirst is shorter: before the first cue the person was already looking into the camera.
	settleFirst = 200 * time.Millisecond
)

func windows(c Challenge) []window {
	ws := make([]window, 0, len(c.Steps))
	var start uint32
	before := Neutral
	for i, s := range c.Steps {
		wait := settle
		switch {
		case i == 0:
			wait = settleFirst
		case before == ComeCloser || s.Gesture == ComeCloser:
			wait = settleCloser
		}
		end := start + uint32(s.Millis)
		ws = append(ws, window{s.Gesture, start + uint32(wait.Milliseconds()), end})
		start, before = end, s.Gesture
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
	ws := windows(c)
	for i, o := range obs {
		for _, w := range ws {
			if w.gesture == g && w.holds(o) {
				is = append(is, i)
			}
		}
	}
	return is
}

// TurnFrames is GestureFrames.
func TurnFrames(c Challenge, obs []biometrics.Observation, g Gesture) []int {
	return GestureFrames(c, obs, g)
}
