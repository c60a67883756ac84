package camera

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/webcam"
)

// Options say how a source is opened. The zero value is the machine's.
type Options struct {
	// Webcams opens the kernel's cameras, and remembers what opened them; nil is one of its own.
	Webcams *webcam.Opener
	Clock   webcam.Clock // paces files; nil is the system's
	Unpaced bool         // gives a file's frames as fast as they are read
}

func (o Options) filled() Options {
	if o.Webcams == nil {
		o.Webcams = webcam.NewOpener(webcam.Options{Port: Port{}, Clock: o.Clock})
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	return o
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Open opens a source: a webcam as webcam.Find understands it, an address with "://", or a video file. Its errors are
// biometrics.Err… values or eye.ErrFilm, wrapped.
func Open(ctx context.Context, from string, o Options) (biometrics.Camera, error) {
	o = o.filled()
	c, err := open(ctx, from, o)
	if err != nil {
		return nil, fmt.Errorf("open camera %q: %w", webcam.Printable(from), err)
	}
	return c, nil
}

func open(ctx context.Context, from string, o Options) (biometrics.Camera, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if strings.Contains(from, "://") {
		return openStream(ctx, from, o)
	}
	isFile := false
	if info, err := os.Stat(from); err == nil && info.Mode().IsRegular() {
		isFile = true
	}
	if webcam.IsDevice(from) || !isFile {
		return openWebcam(ctx, from, o)
	}
	return openFile(from, o)
}

func openWebcam(ctx context.Context, from string, o Options) (biometrics.Camera, error) {
	c, err := o.Webcams.Open(ctx, from)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func openStream(ctx context.Context, from string, o Options) (biometrics.Camera, error) {
	info := biometrics.CameraInfo{Name: "stream", Driver: "stream", Virtual: true}
	c, err := webcam.OpenStream(ctx, webcam.Options{Clock: o.Clock}, info, func() (webcam.Stream, error) {
		v, err := whole(gocv.OpenVideoCapture(from))
		if err != nil {
			return nil, biometrics.ErrCameraMissing // OpenCV's own words repeat the address, its password too
		}
		return newStream(v), nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// fileRate is the frames a second of a file that does not say.
const fileRate = 25

// openFile opens regular files alone: OpenCV would take a name with a % in it for a numbered series of pictures.
func openFile(from string, o Options) (biometrics.Camera, error) {
	path, err := filepath.Abs(from)
	if err != nil || strings.Contains(path, "%") {
		return nil, biometrics.ErrCameraMissing
	}
	v, err := whole(gocv.VideoCaptureFile(path))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", eye.ErrFilm, err)
	}
	rate := v.Get(gocv.VideoCaptureFPS)
	if !(rate > 0 && rate <= maxRate) {
		rate = fileRate
	}
	return &file{
		o: o, info: biometrics.CameraInfo{Name: webcam.Clean(filepath.Base(path)), Driver: "file", Virtual: true},
		start: o.Clock.Now(), every: time.Duration(float64(time.Second) / rate), stream: newStream(v),
	}, nil
}

// file is a biometrics.Camera that shows a video file.
type file struct {
	o      Options
	info   biometrics.CameraInfo
	start  time.Time
	every  time.Duration // between two frames
	frames int
	stream *stream // nil once closed
}

// Info implements biometrics.Camera.
func (f *file) Info() biometrics.CameraInfo { return f.info }

// Read implements biometrics.Camera. Frames come at the file's rate and carry its times.
func (f *file) Read() (biometrics.Frame, error) {
	if f.stream == nil {
		return biometrics.Frame{}, fmt.Errorf("read camera: %w", biometrics.ErrCameraClosed)
	}
	frame, err := f.stream.Read()
	if err != nil {
		return biometrics.Frame{}, fmt.Errorf("read camera: %w", biometrics.ErrCameraEnded)
	}
	frame.At = time.Duration(f.frames) * f.every
	f.frames++
	if wait := frame.At - f.o.Clock.Now().Sub(f.start); wait > 0 && !f.o.Unpaced {
		<-f.o.Clock.After(wait)
	}
	return frame, nil
}

// Close implements biometrics.Camera. Closing twice is not an error.
func (f *file) Close() error {
	if f.stream == nil {
		return nil
	}
	err := f.stream.Close()
	f.stream = nil
	return err
}
