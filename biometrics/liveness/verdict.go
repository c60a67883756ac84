package liveness

import "fmt"

// Verdict is Judge's answer. The zero Verdict is a refusal.
type Verdict struct {
	Live     bool
	Why      Reason  // Followed if and only if Live
	Step     int     // the step at which it went wrong, 0 where the whole is meant
	Parallax float64 // shift(left) − shift(right), in eye distances; 0 until every rule before it held
	Neutral  float64 // the person's own shift at rest
	Left     float64 // mean shift of the left turns, relative to Neutral
	Right    float64 // mean shift of the right turns, relative to Neutral
	Lamp     float64 // how well the face's colour follows the window's light, −1 to 1, whatever else is wrong; NaN where that can not be said
}

// Reason is why a verdict is what it is, from a closed list.
type Reason uint8

const (
	Unjudged     Reason = iota // the zero value: nothing was judged
	BadChallenge               // no challenge that Draw gives
	TooManyFrames
	NotFinite  // a number is NaN or infinite
	OutOfOrder // offsets or numbers do not grow, or offsets lie outside the challenge
	LeftOut    // too many of the numbered frames are missing
	WrongCue   // a frame claims a step that did not run at its time
	SecondFace
	NotAFace  // landmarks that are no face's
	Gap       // for too long no face was seen
	TooFew    // too few good frames in a step
	BadFrame  // a frame to be matched is not of good quality
	Jumped    // the face changed place or size at once
	Frozen    // the same picture over and over
	NotAtRest // did not look into the camera between turns
	NotTurned // a turn was not clear enough
	NotUp
	NotDown
	NotTilted
	NotCloser
	WrongWay     // turned, looked or tilted to the other side
	WrongGesture // made another gesture than was asked for
	Flat         // the turns together have less parallax than a head's
	Snapped      // went from pose to pose at once
	Followed     // the one reason that is a pass
	reasonEnd
)

var reasonTexts = [reasonEnd][2]string{
	Unjudged:      {"not judged", "try again"},
	BadChallenge:  {"the challenge is not valid", "try again"},
	TooManyFrames: {"too many frames", "try again"},
	NotFinite:     {"the evidence holds no numbers", "try again, or have the desk looked at"},
	OutOfOrder:    {"the frames are out of order", "try again, or have the desk looked at"},
	LeftOut:       {"frames were left out", "try again; close other programs on this desk"},
	WrongCue:      {"the frames do not fit the challenge's clock", "try again; close other programs on this desk"},
	SecondFace:    {"more than one face in view", "only one person, please"},
	NotAFace:      {"no face in a frame", "look into the camera"},
	Gap:           {"the face was out of view", "stay in view from start to end"},
	TooFew:        {"too few pictures of a step", "try again; close other programs on this desk"},
	BadFrame:      {"the picture was not clear", "more light, and hold still when asked to look into the camera"},
	Jumped:        {"the face jumped", "move smoothly"},
	Frozen:        {"the picture stood still", "check the camera"},
	NotAtRest:     {"did not come back to look into the camera", "come back and look straight ahead between the gestures"},
	NotTurned:     {"the turn was not clear", "turn your head a little more, and soon after the sign"},
	NotUp:         {"the look up was not clear", "raise your chin a little more"},
	NotDown:       {"the look down was not clear", "lower your chin a little more"},
	NotTilted:     {"the tilt was not clear", "tilt your head a little more"},
	NotCloser:     {"did not come closer", "lean a little further towards the camera"},
	WrongWay:      {"went to the other side", "follow the arrow"},
	WrongGesture:  {"made another gesture than was asked for", "follow the arrow"},
	Flat:          {"the head did not turn like a head", "turn your head further to both sides"},
	Snapped:       {"the gestures were too sudden", "move your head a little more slowly"},
	Followed:      {"followed", ""},
}

// String says what happened.
func (r Reason) String() string { return r.text(0) }

// Cure says what to do about it; nothing for Followed.
func (r Reason) Cure() string { return r.text(1) }

func (r Reason) text(i int) string {
	if r >= reasonEnd {
		return fmt.Sprintf("unknown reason %d", uint8(r))
	}
	return reasonTexts[r][i]
}
