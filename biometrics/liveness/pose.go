package liveness

import (
	"errors"
	"math"

	"visavis/biometrics"
)

// ErrLandmarks says that five points are not a face's: a coordinate is not finite, or the eyes are less than minEyes apart.
var ErrLandmarks = errors.New("landmarks are not a face's")

// minEyes is the least distance between the eyes, in pixels, at which a pose means anything: landmarks come in whole pixels, so
// below it one pixel is a tenth of the shift that a clear turn makes. A face of good quality has 40 and more.
const minEyes = 10

// Pose is what five landmarks say of where a head points. Lift, Roll and Size mean something beside those of the same person at rest only.
type Pose struct {
	Shift float64 // Shift: grows when the person turns to the person's own left
	Lift  float64 // how far the base of the nose lies below the line through the eyes, in eye distances: shrinks when the person looks up
	Roll  float64 // angle of the line through the eyes, in radians: grows when the person tilts the head towards the person's own left shoulder
	Size  float64 // natural logarithm of the eyes' distance in pixels: grows when the person comes closer
}

// PoseOf measures the pose. It refuses with ErrLandmarks what is no face.
func PoseOf(l biometrics.Landmarks) (Pose, error) {
	e, err := eyesOf(l)
	if err != nil {
		return Pose{}, err
	}
	sin, cos := math.Sincos(e.angle)
	dx, dy := float64(l[4].X)-e.x, float64(l[4].Y)-e.y
	p := Pose{Shift: (dx*cos + dy*sin) / e.apart, Lift: (dy*cos - dx*sin) / e.apart, Roll: e.angle, Size: math.Log(e.apart)}
	if !finite(p.Shift) || !finite(p.Lift) || !finite(p.Size) {
		return Pose{}, ErrLandmarks
	}
	return p, nil
}

// Shift levels the line through the eyes and answers how far the base of the nose lies from their middle along that line, in eye
// distances: 0 for a head that looks into the camera, positive towards the picture's right, where a person who is not mirrored
// turns by turning left.
func Shift(l biometrics.Landmarks) (float64, error) {
	p, err := PoseOf(l)
	return p.Shift, err
}

// along is the pose's value in a dimension.
func (p Pose) along(a axis) float64 { return [axes]float64{p.Shift, p.Lift, p.Roll, p.Size}[a] }

// moved is how far a pose is from a rest in the direction of a gesture. The nose sinks against the eyes of a head that looks down; with some
// faces the landmarks of the eyes grow apart instead, and then it sinks in the eye distance at rest.
func (p Pose) moved(rest Pose, g Gesture) float64 {
	if g == LookDown {
		return max(p.Lift, p.Lift*math.Exp(p.Size-rest.Size)) - rest.Lift
	}
	a := gestures[g].axis
	return gestures[g].sign * (p.along(a) - rest.along(a))
}

// heldPose is the pose that is held in some frames, at least one: in each dimension the mean, to which what lies farther than stray from the median
// adds stray. Some faces' landmarks leap between two places 0.1 eye distances apart: of four frames the median is one of them by chance.
func heldPose(ps []Pose) Pose {
	of := func(a axis) float64 {
		vs := make([]float64, len(ps))
		for i, p := range ps {
			vs[i] = p.along(a)
		}
		middle, sum := median(vs), 0.0
		for _, v := range vs {
			sum += min(max(v, middle-stray), middle+stray)
		}
		return sum / float64(len(vs))
	}
	return Pose{of(turnAxis), of(liftAxis), of(rollAxis), of(sizeAxis)}
}

const stray = 0.1

// eyes is where the eyes stand: the point midway, in pixels, their distance, in pixels, and the angle of their line.
type eyes struct{ x, y, apart, angle float64 }

func eyesOf(l biometrics.Landmarks) (eyes, error) {
	for _, p := range l {
		if !finite(float64(p.X)) || !finite(float64(p.Y)) {
			return eyes{}, ErrLandmarks
		}
	}
	rx, ry := (float64(l[0].X)+float64(l[1].X))/2, (float64(l[0].Y)+float64(l[1].Y))/2
	lx, ly := (float64(l[2].X)+float64(l[3].X))/2, (float64(l[2].Y)+float64(l[3].Y))/2
	e := eyes{x: (lx + rx) / 2, y: (ly + ry) / 2, apart: math.Hypot(rx-lx, ry-ly), angle: math.Atan2(ry-ly, rx-lx)}
	if e.apart < minEyes {
		return eyes{}, ErrLandmarks
	}
	return e, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
