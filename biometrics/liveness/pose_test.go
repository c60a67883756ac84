package liveness_test

import (
	"errors"
	"math"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

func TestShiftRefuses(t *testing.T) {
	good := landmarks(300, 200, 0)
	for i := range good {
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
			for _, y := range []bool{false, true} {
				l := good
				if y {
					l[i].Y = bad
				} else {
					l[i].X = bad
				}
				if _, err := liveness.Shift(l); !errors.Is(err, liveness.ErrLandmarks) {
					t.Errorf("point %d is %v: %v", i, bad, err)
				}
			}
		}
	}
	if _, err := liveness.Shift(biometrics.Landmarks{}); !errors.Is(err, liveness.ErrLandmarks) {
		t.Errorf("no landmarks: %v", err)
	}
	l := good
	for i := range 4 {
		l[i] = good[0]
	}
	if _, err := liveness.Shift(l); !errors.Is(err, liveness.ErrLandmarks) {
		t.Errorf("eyes in one point: %v", err)
	}
	l[0].X, l[2].X = math.MaxFloat32, -math.MaxFloat32
	if s, err := liveness.Shift(l); err == nil && (math.IsNaN(s) || math.IsInf(s, 0)) {
		t.Errorf("the largest numbers: %v", s)
	}
}

func TestShift(t *testing.T) {
	for _, want := range []float64{0, 0.25, -0.25, 0.6} {
		for degrees := -60.0; degrees <= 60; degrees += 15 {
			for _, size := range []float64{0.5, 1, 3} {
				l := landmarks(0, 0, float32(want))
				sin, cos := math.Sincos(degrees * math.Pi / 180)
				for i, p := range l {
					x, y := float64(p.X)*size, float64(p.Y)*size
					l[i].X, l[i].Y = float32(300+x*cos-y*sin), float32(200+x*sin+y*cos)
				}
				if got, err := liveness.Shift(l); err != nil || math.Abs(got-want) > 1e-4 {
					t.Errorf("tilted by %v°, size %v: %v, %v, want %v", degrees, size, got, err, want)
				}
			}
		}
	}
}

// TestShiftKeepsOnAPlane is the reason for the rule: an affine view of a print, whichever way it is held, keeps its shift when the eyes stay level.
func TestShiftKeepsOnAPlane(t *testing.T) {
	for _, squeeze := range []float64{1, 0.8, 0.5} {
		l := landmarks(0, 0, 0.1)
		for i := range l {
			l[i].X *= float32(squeeze)
		}
		if got, err := liveness.Shift(l); err != nil || math.Abs(got-0.1) > 1e-4 {
			t.Errorf("squeezed to %v: %v, %v", squeeze, got, err)
		}
	}
}
