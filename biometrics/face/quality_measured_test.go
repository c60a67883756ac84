package face

import (
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// covered paints a photograph's eyes over in its skin's colour, with a little grain.
func covered(f biometrics.Frame, l biometrics.Landmarks) biometrics.Frame {
	f.Pix = append([]byte(nil), f.Pix...)
	a, skin := axesOf(l), skinOf(f, l)
	for y := range f.Height {
		for x := range f.Width {
			if u, v := a.of(biometrics.Point{X: float32(x), Y: float32(y)}); math.Abs(u) > 1 || math.Abs(v) > 0.28 {
				continue
			}
			px := f.Pix[4*(y*f.Width+x):]
			grain := (x*31+y*17)%9 - 4
			for i, level := range []uint16{skin.R, skin.G, skin.B} {
				px[i] = byte(min(max(int(level>>8)+grain, 0), 255))
			}
		}
	}
	return f
}

// The rates of each reason on photographs of whom nothing is wrong, as far as a set of press photographs goes; and of eyes that are closed or covered.
func TestReasonsOnManyPhotographs(t *testing.T) {
	d := open(t)
	n, hidden, seen := 0, 0, map[biometrics.Reason]int{}
	for i, path := range measured(t, "lfw-view1/*/*.jpg") {
		if i%12 > 0 {
			continue
		}
		m := gocv.IMRead(path, gocv.IMReadColor)
		f := frameOf(m)
		got := describe(t, d, m)
		m.Close()
		n++
		for _, r := range got.Quality.Reasons() {
			seen[r]++
		}
		if facesIn(got) == 1 && d.eyes.hidden(covered(f, got.Landmarks), got.Landmarks) {
			hidden++
		}
	}
	for r, count := range seen {
		t.Logf("%s: %d of %d (%.1f%%)", r, count, n, 100*float64(count)/float64(n))
	}
	t.Logf("eyes painted over, told: %d of %d", hidden, n)
	// Some have somebody else in the background, and people in the news turn away from a camera: those reasons are right.
	for r, most := range map[biometrics.Reason]float64{
		biometrics.NoFace: 0.01, biometrics.TwoFaces: 0.05, biometrics.EyesHidden: 0.03, biometrics.Turned: 0.12, biometrics.Blurred: 0.02, biometrics.Backlit: 0.01,
		biometrics.TooDark: 0.01, biometrics.TooBright: 0.01, biometrics.TooFar: 0.03, biometrics.TooClose: 0.01, biometrics.OffCentre: 0.02, biometrics.Moving: 0,
	} {
		if rate := float64(seen[r]) / float64(n); rate > most {
			t.Errorf("%s: %.3f", r, rate)
		}
	}
	if float64(hidden) < 0.9*float64(n) {
		t.Errorf("covered eyes: %d of %d", hidden, n)
	}
}

// A scanned head whose eyes are closed, turned by up to 30°.
func TestClosedEyesAreSeen(t *testing.T) {
	d := open(t)
	n, hidden := 0, 0
	for _, path := range measured(t, "head3d/head3d/*.jpg") {
		var yaw int
		if _, err := fmt.Sscanf(filepath.Base(path), "yaw_%d.jpg", &yaw); err == nil && (yaw < -30 || yaw > 30) {
			continue
		}
		m := gocv.IMRead(path, gocv.IMReadColor)
		n++
		if describe(t, d, m).Quality.Has(biometrics.EyesHidden) {
			hidden++
		}
		m.Close()
	}
	t.Logf("%d of %d", hidden, n)
	if 3*hidden < 2*n {
		t.Errorf("closed eyes: %d of %d", hidden, n)
	}
}

// A man who holds still does not move; a woman who turns does, but for where she comes to rest.
func TestMovingIsWhoTurns(t *testing.T) {
	d := open(t)
	for who, bound := range map[string]func(moving, n int) bool{
		"male":   func(moving, _ int) bool { return moving == 0 },
		"female": func(moving, n int) bool { return 2*moving > n },
	} {
		d.stream = stream{}
		paths := measured(t, "headpose/"+who+"/*.jpg")
		moving := 0
		for i, path := range paths {
			m := gocv.IMRead(path, gocv.IMReadColor)
			f := frameOf(m)
			m.Close()
			f.At = time.Duration(i+1) * fifteenth
			got, err := d.Describe(f)
			if err != nil {
				t.Fatal(err)
			}
			if got.Quality.Has(biometrics.Moving) {
				moving++
			}
		}
		t.Logf("%s: %d of %d frames", who, moving, len(paths))
		if !bound(moving, len(paths)) {
			t.Errorf("%s: %d of %d frames", who, moving, len(paths))
		}
	}
}

// Photographs made smaller: how far the descriptor moves, on the scale of unit vectors, and how many faces are missed.
func TestSmallFacesKeepTheirDescriptor(t *testing.T) {
	d := open(t)
	widths := []float64{100, 80, farWidth, 60, 50}
	moved, missed := make([][]float64, len(widths)), make([]int, len(widths))
	for i, path := range measured(t, "lfw-view1/*/*.jpg") {
		if i%100 > 0 {
			continue
		}
		m := gocv.IMRead(path, gocv.IMReadColor)
		as := describe(t, d, m)
		for k, width := range widths {
			if facesIn(as) != 1 {
				continue
			}
			small := gocv.NewMat()
			scale := width / (boxEyes * axesOf(as.Landmarks).apart())
			gocv.Resize(m, &small, image.Point{}, scale, scale, gocv.InterpolationArea)
			if got := describe(t, d, small); facesIn(got) == 1 {
				moved[k] = append(moved[k], apartOf(got.Descriptor, as.Descriptor))
			} else {
				missed[k]++
			}
			small.Close()
		}
		m.Close()
	}
	for k, width := range widths {
		slices.Sort(moved[k])
		n := len(moved[k])
		t.Logf("%.0f pixels: median %.3f, 9 of 10 within %.3f, %d missed of %d", width, moved[k][n/2], moved[k][n*9/10], missed[k], n+missed[k])
		if width == farWidth && (moved[k][n*9/10] > 0.08 || 20*missed[k] > n) {
			t.Error("the smallest face that is near enough is too small")
		}
	}
}
