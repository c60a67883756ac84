package face

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
)

// marksAt are the five points of an upright face whose eyes are so far apart.
func marksAt(x, y, apart float64) biometrics.Landmarks {
	at := func(u, v float64) biometrics.Point {
		return biometrics.Point{X: float32(x + u*apart), Y: float32(y + v*apart)}
	}
	return biometrics.Landmarks{at(0.72, 0), at(0.28, 0), at(-0.72, 0), at(-0.28, 0), at(0, 0.75)}
}

// filled is a frame of one colour, with grain as a camera has it.
func filled(w, h int, r, g, b, grain float64, random *rand.Rand) biometrics.Frame {
	f := biometrics.Frame{Width: w, Height: h, Pix: make([]byte, 4*w*h)}
	for i := 0; i < len(f.Pix); i += 4 {
		for c, level := range [3]float64{r, g, b} {
			f.Pix[i+c] = byte(min(max(math.Round(level+grain*random.NormFloat64()), 0), 255))
		}
		f.Pix[i+3] = 255
	}
	return f
}

func levels(t biometrics.Tone) [3]float64 {
	return [3]float64{float64(t.R) / 256, float64(t.G) / 256, float64(t.B) / 256}
}

// A change by half a level of one colour shows in both tones, through the grain of a camera, which is six times as large.
func TestTonesSeeHalfALevel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	marks := marksAt(320, 240, 70)
	var skin, scene [2][3]float64
	for i, red := range []float64{120, 120.5} {
		f := filled(640, 480, red, 90, 70, 3, random)
		skin[i], scene[i] = levels(skinOf(f, marks)), levels(sceneOf(f, image.Rect(240, 160, 400, 480)))
	}
	for name, tone := range map[string][2][3]float64{"skin": skin, "scene": scene} {
		for c, want := range [3]float64{0.5, 0, 0} {
			if got := tone[1][c] - tone[0][c]; math.Abs(got-want) > 0.25 {
				t.Errorf("%s, channel %d: changed by %.2f, want %.2f", name, c, got, want)
			}
		}
	}
}

// A highlight on the skin has no colour, and does not make any.
func TestBurntPixelsDoNotCount(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	marks := marksAt(320, 240, 70)
	f := filled(640, 480, 150, 110, 90, 2, random)
	clean := levels(skinOf(f, marks))
	for y := 180; y < 200; y++ {
		for x := 300; x < 340; x++ {
			copy(f.Pix[4*(y*f.Width+x):], []byte{255, 255, 255})
		}
	}
	for c, got := range levels(skinOf(f, marks)) {
		if math.Abs(got-clean[c]) > 0.5 {
			t.Errorf("channel %d: %.2f with a highlight, %.2f without", c, got, clean[c])
		}
	}
	white := filled(640, 480, 255, 255, 255, 0, random)
	if got := skinOf(white, marks); got != (biometrics.Tone{}) {
		t.Errorf("a burnt face has the colour %v", got)
	}
}

// The scene is what is around a person: the colour of head and shoulders does not come into it.
func TestSceneIsWithoutThePerson(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	f := filled(640, 480, 60, 60, 60, 0, random)
	box := image.Rect(250, 150, 390, 290)
	person := personAt(box, 480)
	for y := person.Min.Y; y < person.Max.Y; y++ {
		for x := person.Min.X; x < person.Max.X; x++ {
			copy(f.Pix[4*(y*f.Width+x):], []byte{200, 20, 20})
		}
	}
	if got := sceneOf(f, person); got != (biometrics.Tone{R: 60 << 8, G: 60 << 8, B: 60 << 8}) {
		t.Errorf("%v", levels(got))
	}
	if got := sceneOf(f, image.Rect(0, 0, 640, 480)); got != (biometrics.Tone{}) {
		t.Errorf("who fills the frame leaves a scene: %v", got)
	}
	if got := sceneOf(f, image.Rectangle{}); levels(got)[0] <= 60 {
		t.Errorf("nobody: %v", levels(got))
	}
}

// Landmarks near an edge, or absurd ones, read no pixel that is not there.
func TestTonesStayInTheFrame(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	f := filled(64, 48, 100, 100, 100, 0, random)
	for _, marks := range []biometrics.Landmarks{{}, marksAt(0, 0, 70), marksAt(63, 47, 500), marksAt(-1e4, 1e4, 1e4), marksAt(30, 20, -10)} {
		_ = skinOf(f, marks)
	}
	if got := skinOf(f, marksAt(32, 24, 14)); levels(got)[0] != 100 {
		t.Errorf("%v", levels(got))
	}
}

func TestTurnIsTold(t *testing.T) {
	for name, tc := range map[string]struct {
		u, v, tilt float64
		want       bool
	}{
		"straight": {0, 0.75, 0, false}, "a little": {0.15, 0.75, 5, false}, "left": {0.3, 0.75, 0, true}, "right": {-0.3, 0.75, 0, true},
		"up": {0, 0.45, 0, true}, "down": {0, 1.1, 0, true}, "tilted": {0, 0.75, 25, true}, "tilted the other way": {0, 0.75, -25, true},
	} {
		l := marksAt(0, 0, 70)
		l[4] = biometrics.Point{X: float32(tc.u * 70), Y: float32(tc.v * 70)}
		sin, cos := math.Sincos(tc.tilt * math.Pi / 180)
		for i, p := range l {
			x, y := float64(p.X), float64(p.Y)
			l[i] = biometrics.Point{X: float32(300 + x*cos - y*sin), Y: float32(200 + x*sin + y*cos)}
		}
		if got := turnOf(l).Has(biometrics.Turned); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !turnOf(biometrics.Landmarks{}).Has(biometrics.Turned) {
		t.Error("no landmarks at all look into the camera")
	}
}

func TestSpeedIsOfTheLastMoments(t *testing.T) {
	marks := func(x float64) biometrics.Landmarks { return marksAt(x, 200, 50) }
	for name, tc := range map[string]struct {
		frames int
		step   float64 // pixels a frame of fifteen a second
		want   float64 // eye distances a second
	}{
		"still": {10, 0, 0}, "slow": {10, 1, 0.3}, "fast": {10, 10, 3}, "too few frames": {3, 10, 0},
	} {
		var m motion
		var got float64
		for i := range tc.frames {
			got = m.speed(time.Duration(i+1)*fifteenth, marks(float64(i)*tc.step))
		}
		if math.Abs(got-tc.want) > 0.02 {
			t.Errorf("%s: %.2f, want %.2f", name, got, tc.want)
		}
	}
	var m motion
	m.speed(1, marks(0))
	if got := m.speed(1+motionMost+1, marks(400)); got != 0 {
		t.Errorf("after a gap: %.2f", got)
	}
}
