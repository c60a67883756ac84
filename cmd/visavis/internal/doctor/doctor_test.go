package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/weights"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is an eye's native part, made up.
type desk struct {
	list    []biometrics.CameraInfo
	listErr error
	openErr error
	models  error
	camera  lens
	quality biometrics.Quality
	slow    time.Duration // for each description
}

func (d *desk) Cameras() ([]biometrics.CameraInfo, error) { return d.list, d.listErr }

func (d *desk) OpenCamera(_ context.Context, source string) (biometrics.Camera, error) {
	if d.openErr != nil {
		return nil, fmt.Errorf("open camera %q: %w", source, d.openErr)
	}
	l := d.camera
	for _, c := range d.list {
		if c.Port == source {
			l.info = c
		}
	}
	return &l, nil
}

func (d *desk) OpenDescriber() (biometrics.Describer, error) {
	if d.models != nil {
		return nil, d.models
	}
	return d, nil
}

func (d *desk) Decode([]byte) (biometrics.Frame, error) {
	return biometrics.Frame{Width: 1, Height: 1, Pix: make([]byte, 4)}, nil
}

func (d *desk) Describe(biometrics.Frame) (biometrics.Face, error) {
	time.Sleep(d.slow) // the bubble's time
	return biometrics.Face{Quality: d.quality}, nil
}

func (d *desk) Weights() string { return "made up" }
func (d *desk) Close() error    { return nil }

// lens is a camera with a rate, a size and a grey, which flickers as sensors do.
type lens struct {
	info          biometrics.CameraInfo
	every         time.Duration
	width, height int
	grey          byte
	still         bool
	after         int // pictures, and then it fails
	fails         error
	n             int
}

func (l *lens) Read() (biometrics.Frame, error) {
	time.Sleep(l.every)
	if l.n++; l.fails != nil && l.n > l.after {
		return biometrics.Frame{}, l.fails
	}
	f := biometrics.Frame{Width: l.width, Height: l.height, Pix: bytes.Repeat([]byte{l.grey, l.grey, l.grey, 255}, l.width*l.height)}
	if !l.still {
		f.Pix[0] = byte(l.n)
	}
	return f, nil
}

func (l *lens) Info() biometrics.CameraInfo { return l.info }
func (l *lens) Close() error                { return nil }

var webcam = biometrics.CameraInfo{Name: "Eye of newt", Driver: "uvcvideo", Vendor: "046d", Product: "0825", Serial: "A1", Port: "usb-1"}

// healthy is a desk without a fault, but that its pictures are small: they are many.
func healthy() *desk {
	return &desk{list: []biometrics.CameraInfo{webcam}, camera: lens{every: 40 * time.Millisecond, width: 64, height: 48, grey: 120}, slow: 30 * time.Millisecond}
}

// examine examines a made-up desk in a time of its own.
func examine(t *testing.T, d *desk, change func(*Options)) (r Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := Options{
			Eye:     eye.Options{Launch: eye.Local(d, slog.New(slog.DiscardHandler))},
			Weights: t.TempDir(), InStep: func() (bool, error) { return true, nil },
		}
		if change != nil {
			change(&o)
		}
		told := 0
		var err error
		r, err = Examine(t.Context(), o, func(Finding) { told++ })
		if err != nil {
			t.Error(err)
		}
		if told != len(r.Findings) {
			t.Errorf("%d findings told of %d", told, len(r.Findings))
		}
	})
	return r
}

func (r Report) of(check string) Finding {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Check == check })
	if i < 0 {
		return Finding{State: Skipped, Text: "not in the report"}
	}
	return r.Findings[i]
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*desk)
		check  string
		state  State
		text   string // part of it
		cure   string // part of one; empty for none at all
	}{
		{"no camera", func(d *desk) { d.list = nil }, "cameras", Fail, "none was found", "plug a webcam in"},
		{"cameras can not be listed", func(d *desk) { d.listErr = errors.New("no sysfs") }, "cameras", Fail, "no sysfs", "by hand"},
		{"a camera", nil, "cameras", OK, `"Eye of newt", driver uvcvideo, USB 046d:0825, serial A1, at usb-1`, ""},
		{"a virtual camera", func(d *desk) { d.list[0].Virtual = true }, "cameras", Attention, "virtual", "operator"},
		{"busy", func(d *desk) { d.openErr = biometrics.ErrCameraBusy }, "camera", Fail, "in use by another program", "close that program"},
		{"denied", func(d *desk) { d.openErr = biometrics.ErrCameraDenied }, "camera", Fail, "not allowed", "group video"},
		{"unplugged at once", func(d *desk) { d.openErr = biometrics.ErrCameraMissing }, "camera", Fail, "no such camera", "plug one in"},
		{"a closed shutter", func(d *desk) { d.camera.fails = biometrics.ErrCameraDark }, "camera", Fail, "black pictures", "shutter"},
		{"unplugged while it is looked through", func(d *desk) { d.camera.fails, d.camera.after = biometrics.ErrCameraMissing, 20 }, "camera", Fail, "no such camera", "plug"},
		{"frozen, as the camera says", func(d *desk) { d.camera.fails = biometrics.ErrCameraFrozen }, "camera", Fail, "stands still", "plug it in again"},
		{"frozen, as is seen", func(d *desk) { d.camera.still = true }, "camera", Fail, "stands still", "plug it in again"},
		{"too slow for a picture", func(d *desk) { d.camera.every = 10 * time.Second }, "camera", Fail, "no picture", "another socket"},
		{"open", nil, "camera", OK, "opened in", ""},
		{"five pictures a second", func(d *desk) { d.camera.every = 200 * time.Millisecond }, "picture", Fail, "5 a second", "more light"},
		{"fifteen", func(d *desk) { d.camera.every = time.Second / 15 }, "picture", Attention, "15 a second", "more light"},
		{"twenty-five", func(d *desk) { d.camera.width, d.camera.height = 640, 480 }, "picture", OK, "25 a second, 640×480", ""},
		{"a small picture", func(d *desk) { d.camera.width, d.camera.height = 320, 240 }, "picture", Attention, "320×240", "sit near"},
		{"a small and slow one", func(d *desk) { d.camera.height, d.camera.every = 240, 200*time.Millisecond }, "picture", Fail, "5 a second", "sit near"},
		{"dusk", func(d *desk) { d.camera.grey = 20 }, "light", Attention, "level 20 of 255", "more light"},
		{"dazzled", func(d *desk) { d.camera.grey = 240 }, "light", Attention, "level 240", "less light"},
		{"a window behind", func(d *desk) { d.quality = d.quality.With(biometrics.Backlit) }, "light", Attention, "behind", "turn away from the window"},
		{"a dark face", func(d *desk) { d.quality = d.quality.With(biometrics.TooDark) }, "light", Attention, "120", "more light"},
		{"fair light", nil, "light", OK, "120", ""},
		{"nobody", func(d *desk) { d.quality = d.quality.With(biometrics.NoFace) }, "face", Skipped, "nobody in view", ""},
		{"two", func(d *desk) { d.quality = d.quality.With(biometrics.TwoFaces) }, "face", Attention, "more than one face", "only one person"},
		{"far and blurred", func(d *desk) { d.quality = d.quality.With(biometrics.TooFar).With(biometrics.Blurred) }, "face", Attention, "too far away in 6", "come closer"},
		{"a face", nil, "face", OK, "in view in 6", ""},
		{"describes well", nil, "speed", OK, "15 faces a second described", ""},
		{"describes slowly", func(d *desk) { d.slow = 100 * time.Millisecond }, "speed", Attention, "10 faces a second", "close what else"},
		{"describes far too slowly", func(d *desk) { d.slow = 200 * time.Millisecond }, "speed", Fail, "5 faces a second", "faster machine"},
		{"nobody to measure on", func(d *desk) { d.quality = d.quality.With(biometrics.NoFace) }, "speed", Skipped, "without a face takes 30 ms", ""},
		{"no models", func(d *desk) { d.models = errors.New("file is missing") }, "eye", Fail, "can describe nothing", "models first"},
		{"no models, no speed", func(d *desk) { d.models = errors.New("file is missing") }, "speed", Skipped, "nothing can be described", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := healthy()
			if c.change != nil {
				c.change(d)
			}
			r := examine(t, d, nil)
			f := r.of(c.check)
			if f.State != c.state || !strings.Contains(f.Text, c.text) {
				t.Errorf("%s: %v %q, want %v %q", c.check, f.State, f.Text, c.state, c.text)
			}
			if !strings.Contains(strings.Join(f.Cures, "\n"), c.cure) || (c.cure == "") != (len(f.Cures) == 0) {
				t.Errorf("cures %q, want %q", f.Cures, c.cure)
			}
			for _, f := range r.Findings {
				if (f.State == Fail || f.State == Attention) && len(f.Cures) == 0 {
					t.Errorf("%s: trouble without a cure: %s", f.Check, f.Text)
				}
				if f.State == Fail && r.OK {
					t.Error("well although something failed")
				}
			}
		})
	}
}

func TestCameraThatWasPicked(t *testing.T) {
	d := healthy()
	loop := biometrics.CameraInfo{Name: "loop", Driver: "v4l2loopback", Port: "/dev/video9", Virtual: true}
	d.list = []biometrics.CameraInfo{loop, webcam}
	for picked, want := range map[string]string{"": webcam.Name, loop.Port: loop.Name} {
		r := examine(t, d, func(o *Options) { o.Camera = picked })
		if f := r.of("camera"); !strings.HasPrefix(f.Text, want) {
			t.Errorf("picked %q, looked through %q", picked, f.Text)
		}
	}
}

func TestWithoutACamera(t *testing.T) {
	r := examine(t, healthy(), func(o *Options) { o.NoCamera, o.Picture = true, []byte("a face") })
	if f := r.of("cameras"); f.State != Skipped {
		t.Errorf("%+v", f)
	}
	if f := r.of("camera"); f.Text != "not in the report" {
		t.Errorf("looked through one: %+v", f)
	}
	if f := r.of("speed"); f.State != OK || !strings.Contains(f.Text, "30 ms: 33 a second") {
		t.Errorf("%+v", f)
	}
}

func TestClock(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   State
	}{
		"in step":             {nil, OK},
		"adrift":              {func(o *Options) { o.InStep = func() (bool, error) { return false, nil } }, Attention},
		"not known":           {func(o *Options) { o.InStep = nil }, Skipped},
		"not told":            {func(o *Options) { o.InStep = func() (bool, error) { return true, errors.New("no") } }, Skipped},
		"before it was built": {func(o *Options) { o.Made = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }, Fail},
	} {
		if f := examine(t, healthy(), c.change).of("clock"); f.State != c.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestModels needs no models: what is missing or wrong is told apart.
func TestModels(t *testing.T) {
	dir := t.TempDir()
	at := func(o *Options) { o.Weights = dir }
	if f := examine(t, healthy(), at).of("models"); f.State != Fail || !strings.Contains(f.Cures[0], "make weights") {
		t.Errorf("none: %+v", f)
	}
	for _, file := range weights.Dlib().Files {
		if err := os.WriteFile(filepath.Join(dir, file.Name), []byte("not it"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if f := examine(t, healthy(), at).of("models"); f.State != Fail || !strings.Contains(f.Cures[0], "anew") {
		t.Errorf("others: %+v", f)
	}
}

func TestEyeThatDoesNotStart(t *testing.T) {
	for name, launch := range map[string]eye.Launcher{
		"no program": func(context.Context) (eye.Process, error) { return nil, os.ErrNotExist },
		"ends":       func(context.Context) (eye.Process, error) { return ended{}, nil },
		"says nothing": func(ctx context.Context) (eye.Process, error) {
			return &silent{gone: make(chan struct{})}, nil
		},
	} {
		r := examine(t, healthy(), func(o *Options) { o.Eye.Launch = launch })
		if f := r.of("eye"); f.State != Fail || len(f.Cures) == 0 || r.OK {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

type ended struct{}

func (ended) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
func (ended) Read([]byte) (int, error)  { return 0, io.EOF }
func (ended) CloseInput() error         { return nil }
func (ended) Kill()                     {}
func (ended) Wait() error               { return errors.New("exit status 127") }

type silent struct {
	ended
	gone chan struct{}
}

func (s *silent) Read([]byte) (int, error) { <-s.gone; return 0, io.EOF }
func (s *silent) Wait() error              { <-s.gone; return nil }
func (s *silent) Kill() {
	select {
	case <-s.gone:
	default:
		close(s.gone)
	}
}

func TestPrints(t *testing.T) {
	var r Report
	r.add(good("clock", "right"))
	r.add(good("light", "dusk").but(Attention, "a lamp", "a candle"))
	var out bytes.Buffer
	for _, f := range r.Findings {
		f.Print(&out)
	}
	r.Conclude(&out)
	const want = `  ok         clock     right
  attention  light     dusk
                       → a lamp
                       → a candle

This works; one thing to look at.
`
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	r.add(Finding{Check: "nothing said"})
	out.Reset()
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var back struct {
		OK       bool
		Findings []struct{ Check, State, Text string }
	}
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.OK || len(back.Findings) != 3 || back.Findings[2].State != "fail" {
		t.Errorf("%+v, %v: the zero finding is the worst", back, err)
	}
}
