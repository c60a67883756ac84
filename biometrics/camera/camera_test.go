package camera

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/webcam"
)

// film writes a video of n frames, each of another grey, and returns its path.
func film(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.avi")
	w, err := gocv.VideoWriterFile(path, "MJPG", 20, 64, 48, true)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i := range n {
		v := float64(40 + 20*i)
		m := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(v, v, v, 0), 48, 64, gocv.MatTypeCV8UC3)
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
	return path
}

func TestFile(t *testing.T) {
	c, err := Open(t.Context(), film(t, 5), Options{Unpaced: true})
	if err != nil {
		t.Fatal(err)
	}
	if info := c.Info(); info.Driver != "file" || !info.Virtual || info.Name != "film.avi" {
		t.Errorf("info %+v", info)
	}
	for i := range 5 {
		f, err := c.Read()
		if err != nil {
			t.Fatal(err)
		}
		if f.Width != 64 || f.Height != 48 || len(f.Pix) != 4*64*48 || f.At != time.Duration(i)*50*time.Millisecond {
			t.Errorf("frame %d: %d×%d at %v", i, f.Width, f.Height, f.At)
		}
		if v := int(f.Pix[0]); v < 30+20*i || v > 50+20*i || f.Pix[3] != 255 {
			t.Errorf("frame %d: first pixel %v", i, f.Pix[:4])
		}
	}
	if _, err := c.Read(); !errors.Is(err, biometrics.ErrCameraEnded) {
		t.Errorf("after the end: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(); !errors.Is(err, biometrics.ErrCameraClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error("second close:", err)
	}
}

// handClock goes on by as much as somebody waits.
type handClock struct {
	now   time.Time
	waits []time.Duration
}

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) After(d time.Duration) <-chan time.Time {
	c.waits = append(c.waits, d)
	c.now = c.now.Add(d)
	ready := make(chan time.Time, 1)
	ready <- c.now
	return ready
}

// A film runs at its own rate, on the clock that it is given.
func TestFileIsPaced(t *testing.T) {
	clock := &handClock{now: time.Unix(0, 0)}
	o := Options{Clock: clock}
	c, err := Open(t.Context(), film(t, 4), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 4 {
		if i == 2 {
			clock.now = clock.now.Add(20 * time.Millisecond) // the reader was busy for a while
		}
		if _, err := c.Read(); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Duration{50 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond}
	if !slices.Equal(clock.waits, want) {
		t.Errorf("waited %v, want %v", clock.waits, want)
	}
}

func TestOpenErrors(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("not a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"", "0", "7", "/dev/video99", "/dev/null", filepath.Dir(text), "nothing.avi", "frame%03d.jpg", "nowhere://x"} {
		if _, err := Open(t.Context(), from, Options{}); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%q: %v", from, err)
		}
	}
	if _, err := Open(t.Context(), "nowhere://ben:heron@camera.example/live?key=heron", Options{}); strings.Contains(err.Error(), "heron") {
		t.Errorf("a password is told: %v", err)
	}
	whole, err := os.ReadFile(film(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.avi")
	if err := os.WriteFile(half, whole[:64], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{text, half} {
		if _, err := Open(t.Context(), from, Options{}); !errors.Is(err, eye.ErrFilm) || errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%q: %v", from, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, film(t, 1), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A name is told to other programs as text, whatever its bytes are.
func TestAFilmsNameIsText(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "a\xff\x1b[31m.avi")
	if err := os.Rename(film(t, 1), odd); err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), odd, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if name := c.Info().Name; name != "a?[31m.avi" {
		t.Errorf("name %q", name)
	}
}

// feed is a driver: frames of one grey each, and what it was asked for.
type feed struct {
	levels  []float64
	grabbed int
	set     map[gocv.VideoCaptureProperties]float64
	rate    float64 // that it claims; 0 for the one that was asked for
	closed  int
}

func (s *feed) Read(m *gocv.Mat) bool {
	if len(s.levels) == 0 {
		return false
	}
	v := s.levels[0]
	s.levels = s.levels[1:]
	kind := gocv.MatTypeCV8UC3
	if v < 0 {
		kind = gocv.MatTypeCV8UC1
	}
	next := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(v, v, v, 0), 2, 2, kind)
	defer next.Close()
	next.CopyTo(m)
	return true
}

func (s *feed) Grab(n int)                                   { s.grabbed += n }
func (s *feed) Set(p gocv.VideoCaptureProperties, v float64) { s.set[p] = v }

func (s *feed) Get(p gocv.VideoCaptureProperties) float64 {
	if p == gocv.VideoCaptureFPS && s.rate != 0 {
		return s.rate
	}
	return s.set[p]
}

func (s *feed) Close() error {
	s.closed++
	return nil
}

// A stream owns its pictures' memory, hands out copies, and refuses what is no colour picture.
func TestStream(t *testing.T) {
	from := &feed{levels: []float64{80, 90, -1}, set: map[gocv.VideoCaptureProperties]float64{}}
	s := newStream(from)
	first, err := s.Read()
	if err != nil || first.Width != 2 || first.Height != 2 || !bytes.Equal(first.Pix[:4], []byte{80, 80, 80, 255}) {
		t.Errorf("%+v, %v", first, err)
	}
	s.Skip()
	if _, err := s.Read(); err != nil || first.Pix[0] != 80 || from.grabbed != 1 {
		t.Errorf("the next picture: %v, the first is now %v", err, first.Pix[0])
	}
	for range 2 {
		if f, err := s.Read(); !errors.Is(err, errNoPicture) {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if err := s.Close(); err != nil || from.closed != 1 {
		t.Errorf("close: %v, %d times", err, from.closed)
	}
}

// The size is asked for after the coding, which decides what sizes there are; what a driver grants is told as it says, but for nonsense.
func TestAsk(t *testing.T) {
	from := &feed{set: map[gocv.VideoCaptureProperties]float64{}}
	s := newStream(from)
	defer s.Close()
	want := webcam.Format{Width: 1280, Height: 720, Rate: 30, Code: "MJPG"}
	if got := s.Ask(want); got != want {
		t.Errorf("%+v", got)
	}
	if v := (gocv.VideoCapture{}); from.set[gocv.VideoCaptureFOURCC] != v.ToCodec("MJPG") {
		t.Errorf("coding %v", from.set[gocv.VideoCaptureFOURCC])
	}
	for rate, want := range map[float64]float64{-1: 0, 1e9: 0, math.NaN(): 0, math.Inf(1): 0, 240: 240, 7.5: 7.5} {
		from.rate = rate
		if got := s.Ask(webcam.Format{Width: 640, Height: 480, Rate: 30}); got.Rate != want {
			t.Errorf("a driver that says %v: %v", rate, got.Rate)
		}
	}
	for packed, want := range map[float64]string{0: "", -1: "", 1 << 40: "", math.NaN(): "", 1: "", 0x47504a4d: "MJPG", 0x56595559: "YUYV"} {
		if got := codeOf(packed); got != want {
			t.Errorf("%v is %q", packed, got)
		}
	}
}

// Without a camera OpenCV opens nothing, in any way, and leaves nothing open.
func TestPortWithoutACamera(t *testing.T) {
	for _, b := range []webcam.Backend{webcam.V4L2, webcam.GStreamer, webcam.Any} {
		for _, path := range []string{"/dev/video63", "/dev/video", "film.avi", ""} {
			if s, err := (Port{}).Open(webcam.Device{Path: path}, b); !errors.Is(err, errNoBackend) {
				t.Errorf("%v, %q: %v, %v", b, path, s, err)
			}
		}
	}
}

// A webcam's source is never taken for a file of that name.
func TestAFileIsNoWebcam(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"0", "usb:046d:0825?port=1-4"} {
		if err := os.Rename(film(t, 2), name); err != nil {
			t.Fatal(err)
		}
		if c, err := Open(t.Context(), name, Options{}); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%q: %+v, %v", name, c, err)
		}
	}
}

func picture(t *testing.T, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 3, 2))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	m.Set(0, 0, color.RGBA{200, 10, 10, 255})
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sized is a picture file of another size.
func sized(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecode(t *testing.T) {
	p := picture(t, func(b *bytes.Buffer, m image.Image) error { return png.Encode(b, m) })
	f, err := Decode(p)
	if err != nil || f.Width != 3 || f.Height != 2 || !bytes.Equal(f.Pix[:8], []byte{200, 10, 10, 255, 255, 255, 255, 255}) {
		t.Errorf("%+v, %v", f, err)
	}
	j := picture(t, func(b *bytes.Buffer, m image.Image) error { return jpeg.Encode(b, m, nil) })
	if _, err := Decode(j); err != nil {
		t.Error(err)
	}
	bomb := bytes.Clone(p) // says that it is 60,000 × 60,000 pixels
	binary.BigEndian.PutUint32(bomb[16:], 60000)
	binary.BigEndian.PutUint32(bomb[20:], 60000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	wide := sized(t, eye.MaxSide+1, 1)
	if f, err := Decode(sized(t, eye.MaxSide, 1)); err != nil || f.Width != eye.MaxSide {
		t.Errorf("the widest: %d, %v", f.Width, err)
	}
	for name, bad := range map[string][]byte{"wide": wide, "high": sized(t, 1, eye.MaxSide+1), "empty": nil, "text": []byte("hello"), "bomb": bomb, "half": p[:40]} {
		if _, err := Decode(bad); !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
