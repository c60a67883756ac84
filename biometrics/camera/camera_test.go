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
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
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
	c, err := Open(t.Context(), film(t, 5), Options{Unpaced: true, Sysfs: t.TempDir()})
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

// A film runs at its own rate, on the clock that it is given.
func TestFileIsPaced(t *testing.T) {
	now := time.Unix(0, 0)
	var waits []time.Duration
	o := Options{Now: func() time.Time { return now }, Sysfs: t.TempDir(), After: func(d time.Duration) <-chan time.Time {
		waits = append(waits, d)
		now = now.Add(d)
		ready := make(chan time.Time, 1)
		ready <- now
		return ready
	}}
	c, err := Open(t.Context(), film(t, 4), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 4 {
		if i == 2 {
			now = now.Add(20 * time.Millisecond) // the reader was busy for a while
		}
		if _, err := c.Read(); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Duration{50 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond}
	if len(waits) != len(want) || waits[0] != want[0] || waits[1] != want[1] || waits[2] != want[2] {
		t.Errorf("waited %v, want %v", waits, want)
	}
}

func TestOpenErrors(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("not a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"", "0", "7", "/dev/video99", "/dev/null", filepath.Dir(text), "nothing.avi", "frame%03d.jpg", "nowhere://x"} {
		if _, err := Open(t.Context(), from, Options{Sysfs: t.TempDir()}); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%q: %v", from, err)
		}
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
		if _, err := Open(t.Context(), from, Options{Sysfs: t.TempDir()}); !errors.Is(err, eye.ErrFilm) || errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%q: %v", from, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, film(t, 1), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Why a listed camera does not open decides what the person is told to do.
func TestDeviceErrors(t *testing.T) {
	for errno, want := range map[syscall.Errno]error{
		syscall.EBUSY: biometrics.ErrCameraBusy, syscall.EACCES: biometrics.ErrCameraDenied, syscall.EPERM: biometrics.ErrCameraDenied,
		syscall.ENOENT: biometrics.ErrCameraMissing, syscall.ENODEV: biometrics.ErrCameraMissing, syscall.ENXIO: biometrics.ErrCameraMissing,
	} {
		if got := deviceError(&os.PathError{Op: "open", Path: "/dev/video0", Err: errno}); got != want {
			t.Errorf("%v: %v, want %v", errno, got, want)
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if err := streams(null); err != nil {
		t.Errorf("what cannot stream is not busy: %v", err)
	}
}

// A name is told to other programs as text, whatever its bytes are.
func TestAFilmsNameIsText(t *testing.T) {
	odd := filepath.Join(t.TempDir(), "a\xff\x1b[31m.avi")
	if err := os.Rename(film(t, 1), odd); err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), odd, Options{Sysfs: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if name := c.Info().Name; name != "a?[31m.avi" {
		t.Errorf("name %q", name)
	}
}

// feed is a source of frames of one grey each.
type feed struct{ levels []float64 }

func (s *feed) Read(m *gocv.Mat) bool {
	if len(s.levels) == 0 {
		return false
	}
	v := s.levels[0]
	s.levels = s.levels[1:]
	next := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(v, v, v, 0), 2, 2, gocv.MatTypeCV8UC3)
	defer next.Close()
	next.CopyTo(m)
	return true
}

func (s *feed) Close() error { return nil }

// A closed shutter is told from a moment of darkness, and a camera that was pulled out from both.
func TestDeviceGoesDark(t *testing.T) {
	levels := make([]float64, 0, 3*blackFrames)
	for range blackFrames - 1 {
		levels = append(levels, 0)
	}
	levels = append(levels, 80)
	for range blackFrames {
		levels = append(levels, 1)
	}
	c := newCamera(&feed{levels}, biometrics.CameraInfo{}, Options{}.filled())
	c.device = true
	defer c.Close()
	for i := range 2*blackFrames - 1 {
		if _, err := c.Read(); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
	}
	if _, err := c.Read(); !errors.Is(err, biometrics.ErrCameraDark) {
		t.Errorf("dark: %v", err)
	}
	if _, err := c.Read(); !errors.Is(err, biometrics.ErrCameraMissing) {
		t.Errorf("pulled out: %v", err)
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
