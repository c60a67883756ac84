package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"visavis/biometrics/webcam"
)

// playEnv names what the child of TestUnderADriver plays.
const playEnv = "VISAVIS_CAMERA_TEST_PLAY"

// OpenCV's V4L2 backend on a made-up driver (testdata/driver.c), which is preloaded into a child of the test: no webcam is needed, and it is OpenCV's
// own code that opens, asks for formats, streams and fails.
func TestUnderADriver(t *testing.T) {
	if os.Getenv(playEnv) != "" {
		t.Skip("this is the child")
	}
	dir := t.TempDir()
	driver := filepath.Join(dir, "driver.so")
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-o", driver, "testdata/driver.c", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("the driver does not compile: %v\n%s", err, out)
	}
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 1280, 720)), nil); err != nil {
		t.Fatal(err)
	}
	still := filepath.Join(dir, "frame.jpg")
	if err := os.WriteFile(still, picture.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string][]string{
		"pictures": nil, "wide": nil, "cost": nil, "unplugged": {"DRIVER_UNPLUG=5"},
		"silent": {"DRIVER_SILENT=5", "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT=1"}, "signal": {"DRIVER_SIGNAL=5"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestPlay$", "-test.v")
			cmd.Env = append(os.Environ(), playEnv+"="+name, "LD_PRELOAD="+driver, "DRIVER_JPEG="+still, "DRIVER_LOG="+filepath.Join(dir, name+".log"))
			cmd.Env = append(cmd.Env, env...)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "PASS: TestPlay") {
				t.Errorf("%v", err)
			}
			t.Logf("%s", out)
		})
	}
}

// TestPlay is the child of TestUnderADriver.
func TestPlay(t *testing.T) {
	play := map[string]func(*testing.T, *stream){"pictures": playPictures, "wide": playWide, "cost": playCost, "unplugged": playUnplugged, "silent": playSilent, "signal": playSignal}[os.Getenv(playEnv)]
	if play == nil {
		t.Skip("TestUnderADriver plays it")
	}
	s, err := Port{}.Open(webcam.Device{Path: "/dev/video0"}, webcam.V4L2)
	if err != nil {
		t.Fatal(err)
	}
	play(t, s.(*stream))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if words := asked(t); !slices.Contains(words, "off 0 0") || words[len(words)-1] != "close 0 0" {
		t.Errorf("the camera is still on: %q", words)
	}
}

// asked is what the driver was asked so far.
func asked(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(os.Getenv("DRIVER_LOG"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

// frames is the numbers of the frames that the driver gave.
func frames(t *testing.T) []int {
	t.Helper()
	var given []int
	for _, word := range asked(t) {
		var number, buffer int
		if n, _ := fmt.Sscanf(word, "frame %d %d", &number, &buffer); n == 2 {
			given = append(given, number)
		}
	}
	return given
}

// The light begins with the first picture that is wanted; pictures come at the camera's rate, and those that are skipped are taken too.
func playPictures(t *testing.T, s *stream) {
	if got, want := s.Ask(webcam.Format{Width: 640, Height: 480, Rate: 30}), (webcam.Format{Width: 640, Height: 480, Rate: 30, Code: "YUYV"}); got != want {
		t.Errorf("%+v", got)
	}
	if words := asked(t); slices.Contains(words, "on 0 0") {
		t.Errorf("the light is on before a picture is wanted: %q", words)
	}
	first, err := s.Read()
	if err != nil || first.Width != 640 || first.Height != 480 {
		t.Fatalf("%d×%d, %v", first.Width, first.Height, err)
	}
	for range 3 {
		s.Skip()
	}
	before := frames(t)
	began := time.Now()
	last := first
	for range 10 {
		if last, err = s.Read(); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 200*time.Millisecond || took > 5*time.Second {
		t.Errorf("ten pictures in %v", took)
	}
	given := frames(t)
	if n := len(given); len(before) != 1+4 || n != len(before)+10 { // OpenCV drops a stream's first
		t.Errorf("the driver gave the pictures %v, then %v", before, given)
	}
	const most = 5 // on a machine that has much else to do
	if lost := given[len(given)-1] - given[0] + 1 - len(given); lost > most {
		t.Errorf("%d pictures were lost: %v", lost, given)
	}
	if first.Pix[0] >= last.Pix[0] || first.Pix[3] != 255 {
		t.Errorf("the first is of level %d, the last of %d", first.Pix[0], last.Pix[0])
	}
}

// At the larger size this camera gives 30 pictures a second only as MJPG.
func playWide(t *testing.T, s *stream) {
	want := webcam.Format{Width: 1280, Height: 720, Rate: 30}
	if got := s.Ask(want); got.Width != 1280 || got.Height != 720 || got.Rate != 10 || got.Code != "YUYV" {
		t.Errorf("%+v", got)
	}
	want.Code = "MJPG"
	if got := s.Ask(want); got != want {
		t.Errorf("%+v", got)
	}
	f, err := s.Read()
	if err != nil || f.Width != 1280 || f.Height != 720 {
		t.Errorf("%d×%d, %v", f.Width, f.Height, err)
	}
}

// playCost measures the processor's time for a picture that is wanted and for one that is skipped, as MJPG.
func playCost(t *testing.T, s *stream) {
	s.Ask(webcam.Format{Width: 1280, Height: 720, Rate: 30, Code: "MJPG"})
	if _, err := s.Read(); err != nil {
		t.Fatal(err)
	}
	const n = 45
	read := spent(t, func() {
		for range n {
			if _, err := s.Read(); err != nil {
				t.Fatal(err)
			}
		}
	}) / n
	skip := spent(t, func() {
		for range n {
			s.Skip()
		}
	}) / n
	t.Logf("1280×720, MJPG: %v to read a picture, %v to skip one (n %d each)", read, skip, n)
	if 4*skip > read {
		t.Error("what is skipped is decoded")
	}
}

// spent is the processor's time that something takes in this process.
func spent(t *testing.T, what func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	what()
	return used() - before
}

func playUnplugged(t *testing.T, s *stream) {
	for range 4 { // and the first, which OpenCV drops
		if _, err := s.Read(); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	for range 10 {
		s.Skip()
	}
	if _, err := s.Read(); !errors.Is(err, errNoPicture) || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// OpenCV gives a silent camera up after the time that the environment names, which the eye's keeper sets.
func playSilent(t *testing.T, s *stream) {
	for range 4 { // and the first, which OpenCV drops
		if _, err := s.Read(); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if _, err := s.Read(); !errors.Is(err, errNoPicture) || time.Since(began) < 900*time.Millisecond || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// Go's runtime interrupts its threads with signals, and OpenCV takes a wait that one cut for the camera's end. It is none.
func playSignal(t *testing.T, s *stream) {
	for i := range 10 {
		if _, err := s.Read(); err != nil {
			t.Fatalf("picture %d: %v", i, err)
		}
	}
	if !slices.Contains(asked(t), "signal 0 0") {
		t.Error("no signal came")
	}
}
