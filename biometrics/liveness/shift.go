package liveness

import (
	"errors"
	"math"

	"visavis/biometrics"
)

// ErrLandmarks says that five points are not a face's: a coordinate is not finite, or the eyes are less than minEyes apart.
var ErrLandmarks = errors.New("landmarks are not a face's")

// minEyes is the least distance between the eyes, in pixels, at which a shift means anything: landmarks come in whole pixels, so
// below it one pixel is a tenth of the shift that a clear turn makes. A face of good quality has 40 and more.
const minEyes = 10

// Shift levels the line through the eyes and answers how far the base of the nose lies from their middle along that line, in eye
// distances: 0 for a head that looks into the camera, positive towards the picture's right, where a person who is not mirrored
// turns by turning left.
func Shift(l biometrics.Landmarks) (float64, error) {
	e, err := eyesOf(l)
	if err != nil {
		return 0, err
	}
	ux, uy := math.Cos(e.angle), math.Sin(e.angle)
	return ((float64(l[4].X)-e.x)*ux + (float64(l[4].Y)-e.y)*uy) / e.apart, nil
}

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
