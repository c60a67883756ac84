package liveness

import "fmt"

// Gesture is what one step of a challenge asks for. Left and right are the person's own.
type Gesture uint8

const (
	Neutral    Gesture = 1 // look straight into the camera
	TurnLeft   Gesture = 2
	TurnRight  Gesture = 3
	LookUp     Gesture = 4
	LookDown   Gesture = 5
	TiltLeft   Gesture = 6 // the head towards the left shoulder
	TiltRight  Gesture = 7
	ComeCloser Gesture = 8
	gestureEnd Gesture = 9
)

// axis is the dimension of a Pose in which a gesture is seen.
type axis uint8

const (
	turnAxis axis = iota
	liftAxis
	rollAxis
	sizeAxis
	axes
)

// gestures says of each gesture what it is called, in which dimension of the pose it is seen and to which side.
var gestures = [gestureEnd]struct {
	text string
	axis axis
	sign float64
}{
	Neutral:    {text: "look into the camera"},
	TurnLeft:   {"turn left", turnAxis, 1},
	TurnRight:  {"turn right", turnAxis, -1},
	LookUp:     {"look up", liftAxis, -1},
	LookDown:   {"look down", liftAxis, 1},
	TiltLeft:   {"tilt your head to the left", rollAxis, 1},
	TiltRight:  {"tilt your head to the right", rollAxis, -1},
	ComeCloser: {"come closer", sizeAxis, 1},
}

func (g Gesture) String() string {
	if g == 0 || g >= gestureEnd {
		return fmt.Sprintf("unknown gesture %d", uint8(g))
	}
	return gestures[g].text
}
