package face

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/weights"
)

const (
	weightsDir = "../../build/weights"
	photoDir   = "../../build/faces"
)

// absent skips a test for want of something that make fetches; where everything was fetched, it fails it.
func absent(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("VISAVIS_CI") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// open loads the models, or skips where there are none. Models that are wrong or do not load are no reason to skip.
func open(t testing.TB) *Describer {
	t.Helper()
	d, err := New(weightsDir)
	if errors.Is(err, weights.ErrMissing) && !errors.Is(err, weights.ErrWrong) {
		absent(t, "no face models (make weights): "+err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// photo reads one of the demo's photographs, or skips.
func photo(t testing.TB, name string) gocv.Mat {
	t.Helper()
	path := filepath.Join(photoDir, name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		absent(t, "no photographs (make faces): "+err.Error())
	}
	m := gocv.IMRead(path, gocv.IMReadColor)
	t.Cleanup(func() { m.Close() })
	if m.Empty() {
		t.Fatalf("%s is no picture", path)
	}
	return m
}

// measured lists photographs of the sets that only developers have, or skips.
func measured(t *testing.T, pattern string) []string {
	t.Helper()
	dir := os.Getenv("FACES")
	if dir == "" {
		dir = "../../../shared/faces"
	}
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Skipf("no %s in %s: set FACES", pattern, dir)
	}
	return paths
}

func frameOf(bgr gocv.Mat) biometrics.Frame {
	rgba := gocv.NewMat()
	defer rgba.Close()
	gocv.CvtColor(bgr, &rgba, gocv.ColorBGRToRGBA)
	return biometrics.Frame{Width: rgba.Cols(), Height: rgba.Rows(), Pix: rgba.ToBytes()}
}

func describe(t testing.TB, d *Describer, bgr gocv.Mat) biometrics.Face {
	t.Helper()
	f, err := d.Describe(frameOf(bgr))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func distance(a, b biometrics.Descriptor) float64 {
	var sum float64
	for i := range a {
		sum += math.Pow(float64(a[i]-b[i]), 2)
	}
	return math.Sqrt(sum)
}

// shift is the nose's place along the eye line, in eye distances: 0 for who looks into the camera.
func shift(l biometrics.Landmarks) float64 {
	mx, my := (l[0].X+l[1].X+l[2].X+l[3].X)/4, (l[0].Y+l[1].Y+l[2].Y+l[3].Y)/4
	ex, ey := (l[0].X+l[1].X-l[2].X-l[3].X)/2, (l[0].Y+l[1].Y-l[2].Y-l[3].Y)/2
	return float64(((l[4].X-mx)*ex + (l[4].Y-my)*ey) / (ex*ex + ey*ey))
}

func TestOneManTwoPhotographs(t *testing.T) {
	d := open(t)
	a, b := describe(t, d, photo(t, "face.jpg")), describe(t, d, photo(t, "face-detect.jpg"))
	other := describe(t, d, photo(t, "sample2.jpg"))
	if !a.Quality.Good() || !b.Quality.Good() || !other.Quality.Good() {
		t.Errorf("quality %v, %v, %v", a.Quality.Reasons(), b.Quality.Reasons(), other.Quality.Reasons())
	}
	if same := distance(a.Descriptor, b.Descriptor); same > 0.35 {
		t.Errorf("one man: %.3f", same)
	}
	if apart := distance(a.Descriptor, other.Descriptor); apart < 0.6 {
		t.Errorf("two persons: %.3f", apart)
	}
	l := a.Landmarks
	if !(l[0].X > l[1].X && l[1].X > l[3].X && l[3].X > l[2].X && l[4].Y > l[1].Y) {
		t.Errorf("landmarks in another order: %v", l)
	}
	for _, p := range l {
		if p.X < a.Box.X || p.X > a.Box.X+a.Box.W || p.Y < a.Box.Y || p.Y > a.Box.Y+a.Box.H {
			t.Errorf("%v outside of %v", p, a.Box)
		}
	}
}

// The same face elsewhere in a larger frame has its landmarks moved by just that, and nearly the same descriptor.
func TestLandmarksAreTheFramesPixels(t *testing.T) {
	d := open(t)
	m := photo(t, "face-detect.jpg") // 400 × 320
	a := describe(t, d, m)
	moved := gocv.NewMat()
	defer moved.Close()
	const right, down = 120, 90
	gocv.CopyMakeBorder(m, &moved, down, 480-320-down, right, 640-400-right, gocv.BorderReplicate, black)
	b := describe(t, d, moved)
	for i := range a.Landmarks {
		dx, dy := b.Landmarks[i].X-a.Landmarks[i].X, b.Landmarks[i].Y-a.Landmarks[i].Y
		if math.Abs(float64(dx-right)) > 4 || math.Abs(float64(dy-down)) > 4 {
			t.Errorf("landmark %d moved by %.1f, %.1f", i, dx, dy)
		}
	}
	if got := distance(a.Descriptor, b.Descriptor); got > 0.2 {
		t.Errorf("descriptor moved by %.3f", got)
	}
}

// Heads that turn as a challenge asks stay described, by the whole frame where the cascade misses them.
func TestTurnedHeadsAreDescribed(t *testing.T) {
	d := open(t)
	missed := 0
	paths := append(measured(t, "head3d/head3d/yaw_*"), measured(t, "headpose/*/*.jpg")...)
	for _, path := range paths {
		var yaw int
		if _, err := fmt.Sscanf(filepath.Base(path), "yaw_%d.jpg", &yaw); err == nil && (yaw < -45 || yaw > 45) {
			continue
		}
		m := gocv.IMRead(path, gocv.IMReadColor)
		f := describe(t, d, m)
		m.Close()
		switch {
		case f.Quality.Has(biometrics.NoFace) || f.Quality.Has(biometrics.TwoFaces):
			missed++
			t.Errorf("%s: %v", filepath.Base(path), f.Quality.Reasons())
		case strings.Contains(path, "yaw_") && yaw >= 20 && shift(f.Landmarks) < 0.05, strings.Contains(path, "yaw_") && yaw <= -20 && shift(f.Landmarks) > -0.02:
			t.Errorf("%s: shift %+.2f", filepath.Base(path), shift(f.Landmarks))
		}
	}
	t.Logf("%d of %d missed", missed, len(paths))
}

func TestClosedDescriberIsNotHandedToC(t *testing.T) {
	d := open(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	f := biometrics.Frame{Width: 100, Height: 100, Pix: make([]byte, 40000)}
	if _, err := d.Describe(f); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestBadFramesDoNotReachC(t *testing.T) {
	d := open(t)
	for name, f := range map[string]biometrics.Frame{
		"empty": {}, "short": {Width: 10, Height: 10, Pix: make([]byte, 399)}, "long": {Width: 10, Height: 10, Pix: make([]byte, 401)},
		"negative": {Width: -10, Height: -10, Pix: make([]byte, 400)}, "wide": {Width: eye.MaxSide + 1, Height: 1, Pix: make([]byte, 4*eye.MaxSide+4)},
	} {
		if _, err := d.Describe(f); !errors.Is(err, ErrFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range [][2]int{{1, 1}, {1, 500}, {500, 1}, {30, 30}, {1, eye.MaxSide}, {eye.MaxSide, 1}, {eye.MaxSide, 64}} {
		f, err := d.Describe(biometrics.Frame{Width: size[0], Height: size[1], Pix: make([]byte, 4*size[0]*size[1])})
		if err != nil || !f.Quality.Has(biometrics.NoFace) {
			t.Errorf("%v: %v, %v", size, f.Quality.Reasons(), err)
		}
	}
}

func TestNewRefusesOtherWeights(t *testing.T) {
	dir := t.TempDir()
	if _, err := New(dir); err == nil {
		t.Error("an empty folder")
	}
	for _, name := range []string{"shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat", "mmod_human_face_detector.dat"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("dlib"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := New(dir); err == nil {
		t.Error("files of another content")
	}
}

func BenchmarkDescribe(b *testing.B) {
	d := open(b)
	f := frameOf(photo(b, "face.jpg"))
	for b.Loop() {
		if _, err := d.Describe(f); err != nil {
			b.Fatal(err)
		}
	}
}
