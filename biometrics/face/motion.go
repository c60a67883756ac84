package face

import (
	"math"
	"time"

	"visavis/biometrics"
)

const (
	motionLeast  = 150 * time.Millisecond // between two frames whose landmarks are compared: they come in whole pixels, which over less is all there is
	motionMost   = 500 * time.Millisecond
	motionFrames = 8
	movingSpeed  = 0.5 // eye distances a second
)

// motion is where a face's landmarks were in the last frames of a stream; the zero value knows none.
type motion struct {
	poses [motionFrames]pose
	n     int
}

type pose struct {
	at    time.Duration
	marks biometrics.Landmarks
}

// speed adds a frame's landmarks and returns how fast the face moves, in eye distances a second: the mean way of its five points since the
// nearest frame that is motionLeast old. It is 0 when there is none.
func (m *motion) speed(at time.Duration, l biometrics.Landmarks) float64 {
	var speed float64
	for i := range min(m.n, motionFrames) {
		old := m.poses[(m.n-1-i)%motionFrames]
		if gap := at - old.at; gap >= motionLeast {
			if gap <= motionMost {
				speed = way(old.marks, l) / gap.Seconds()
			}
			break
		}
	}
	m.poses[m.n%motionFrames] = pose{at, l}
	m.n++
	return speed
}

// way is the mean way of five points, in eye distances.
func way(a, b biometrics.Landmarks) float64 {
	apart := axesOf(b).apart()
	if apart == 0 {
		return 0
	}
	var sum float64
	for i := range a {
		sum += math.Hypot(float64(a[i].X-b[i].X), float64(a[i].Y-b[i].Y))
	}
	return sum / float64(len(a)) / apart
}
