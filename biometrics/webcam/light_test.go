package webcam

import (
	"hash/maphash"
	"math"
	"testing"

	"visavis/biometrics"
)

// sized is a grey picture of a size, with some of its pixels of another level.
func sized(width, height int, level byte, other byte, part float64) biometrics.Frame {
	f := biometrics.Frame{Width: width, Height: height, Pix: make([]byte, 4*width*height)}
	for i := range f.Pix {
		f.Pix[i] = level
	}
	bright(f, part, other)
	return f
}

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		f            biometrics.Frame
		mean         float64
		black, white bool
	}{
		{biometrics.Frame{}, 0, true, false},
		{sized(1, 1, 77, 0, 0), 77, false, false},
		{sized(640, 480, 0, 0, 0), 0, true, false},
		{sized(640, 480, 20, 0, 0), 20, true, false},
		{sized(640, 480, 21, 0, 0), 21, false, false},
		{sized(640, 480, 255, 0, 0), 255, false, true},
		{sized(640, 480, 250, 0, 0), 250, false, true},
		{sized(640, 480, 249, 0, 0), 249, false, false},
		{sized(640, 480, 5, 200, 0.01), 6.95, true, false},   // a hot pixel row, or a lamp of the camera's own
		{sized(640, 480, 5, 200, 0.05), 14.75, false, false}, // somebody's face in the light of a screen
		{sized(640, 480, 255, 90, 0.04), 248.4, false, true},
		{sized(640, 480, 255, 90, 0.10), 238.5, false, false},
		{sized(1280, 720, 100, 0, 0), 100, false, false},
		{sized(4096, 16, 100, 0, 0), 100, false, false},
		{sized(16, 4096, 100, 0, 0), 100, false, false},
	} {
		l := measure(c.f)
		if math.Abs(l.mean-c.mean) > 3 || l.black() != c.black || l.white() != c.white {
			t.Errorf("%d×%d: %+v, black %v, white %v", c.f.Width, c.f.Height, l, l.black(), l.white())
		}
	}
	colour := sized(64, 48, 0, 0, 0)
	for i := 0; i < len(colour.Pix); i += 4 {
		colour.Pix[i+1] = 100 // green counts for 59%
	}
	if l := measure(colour); math.Abs(l.mean-58.7) > 1 {
		t.Errorf("green: %+v", l)
	}
}

// What each picture of a webcam costs before anybody describes it.
func BenchmarkJudge(b *testing.B) {
	f, seed, h := sized(640, 480, 100, 200, 0.3), maphash.MakeSeed(), health{}
	for n := 0; b.Loop(); n++ {
		f.Pix[0] = byte(n)
		if err := h.see(0, measure(f), maphash.Bytes(seed, f.Pix)); err != nil {
			b.Fatal(err)
		}
	}
}
