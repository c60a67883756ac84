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
	for _, from := range []string{"", "0", "7", "/dev/video99", "/dev/null", text, filepath.Dir(text), "nothing.avi", "frame%03d.jpg", "nowhere://x"} {
		if _, err := Open(t.Context(), from, Options{Sysfs: t.TempDir()}); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%q: %v", from, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, film(t, 1), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := deviceError(&os.PathError{Err: syscall.EBUSY}); !errors.Is(err, biometrics.ErrCameraBusy) {
		t.Errorf("busy: %v", err)
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
	for name, bad := range map[string][]byte{"empty": nil, "text": []byte("hello"), "bomb": bomb, "half": p[:40]} {
		if _, err := Decode(bad); !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
