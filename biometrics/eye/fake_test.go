package eye

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// childEnv makes the test binary an eye with the fake backend: the child of the process tests.
const childEnv = "VISAVIS_EYE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "eye":
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		if err := Serve(context.Background(), os.Stdin, os.Stdout, &fakeBackend{}, log); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "deaf": // greets and then neither reads nor ends
		_ = pipe.Write(os.Stdout, pipe.Pack(kindHello, hello{Version: Version}))
		time.Sleep(time.Hour)
	case "other":
		_ = pipe.Write(os.Stdout, pipe.Pack(kindHello, hello{Version: Version + 1}))
		time.Sleep(time.Hour)
	}
	if role := os.Getenv(childEnv); heirs[role] != nil {
		heirs[role]()
	}
	goleak.VerifyTestMain(m)
}

// fakeBackend opens cameras by name: "cam" gives frames every millisecond, "one" gives one frame and ends; "missing", "busy" and "dark" fail.
type fakeBackend struct {
	noWeights bool
	describer *fakeDescriber
	camera    *fakeCamera
	opening   chan struct{} // when set, OpenCamera says so and then waits
	hang      chan struct{} // source "hangs" waits for it, like a driver that never answers
}

func (b *fakeBackend) Cameras() ([]biometrics.CameraInfo, error) {
	return []biometrics.CameraInfo{{Name: "cam", Port: "cam"}}, nil
}

func (b *fakeBackend) OpenCamera(_ context.Context, source string) (biometrics.Camera, error) {
	fail := map[string]error{
		"missing": biometrics.ErrCameraMissing, "busy": biometrics.ErrCameraBusy, "dark": biometrics.ErrCameraDark,
		"strange": errors.New("something else"),
	}
	if err := fail[source]; err != nil {
		return nil, fmt.Errorf("open camera %q: %w", source, err)
	}
	if source == "hangs" {
		<-b.hang
		return nil, biometrics.ErrCameraMissing
	}
	if b.opening != nil {
		b.opening <- struct{}{}
		<-b.opening
	}
	if b.camera != nil {
		return b.camera, nil
	}
	c := &fakeCamera{left: -1, info: biometrics.CameraInfo{Name: source, Virtual: true}}
	if source == "one" {
		c.left = 1
	}
	return c, nil
}

func (b *fakeBackend) OpenDescriber() (biometrics.Describer, error) {
	if b.noWeights {
		return nil, errors.New("file is missing")
	}
	if b.describer != nil {
		return b.describer, nil
	}
	return &fakeDescriber{}, nil
}

func (b *fakeBackend) Decode(p []byte) (biometrics.Frame, error) {
	if string(p) == "bad" {
		return biometrics.Frame{}, errors.New("no picture")
	}
	return biometrics.Frame{Width: 1, Height: 1, Pix: []byte{byte(len(p)), 0, 0, 255}}, nil
}

type fakeCamera struct {
	info   biometrics.CameraInfo
	frames chan biometrics.Frame // nil: a frame every millisecond
	asked  chan struct{}         // with frames: a Read was called
	left   int

	mu     sync.Mutex
	closed bool
	cues   []Cue
}

func (c *fakeCamera) Info() biometrics.CameraInfo { return c.info }

func (c *fakeCamera) Read() (biometrics.Frame, error) {
	if c.frames != nil {
		c.asked <- struct{}{}
		f, ok := <-c.frames
		if !ok {
			return f, fmt.Errorf("read: %w", biometrics.ErrCameraEnded)
		}
		return f, nil
	}
	if c.left == 0 {
		return biometrics.Frame{}, fmt.Errorf("read: %w", biometrics.ErrCameraEnded)
	}
	c.left--
	<-time.After(time.Millisecond)
	return frameOf(7), nil
}

func frameOf(v byte) biometrics.Frame {
	return biometrics.Frame{Width: 2, Height: 1, Pix: []byte{v, v, v, 255, v, v, v, 255}}
}

func (c *fakeCamera) Cue(q Cue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		panic("cue after close")
	}
	c.cues = append(c.cues, q)
}

func (c *fakeCamera) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		panic("closed twice")
	}
	c.closed = true
	return nil
}

func (c *fakeCamera) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// fakeDescriber tells the first byte of the frame as the box's width.
type fakeDescriber struct {
	gate chan struct{} // when set, a Describe waits for it
	err  error
}

func (d *fakeDescriber) Describe(f biometrics.Frame) (biometrics.Face, error) {
	if d.gate != nil {
		<-d.gate
	}
	face := biometrics.Face{Box: biometrics.Box{W: float32(f.Pix[0])}}
	face.Descriptor[0] = 0.25
	return face, d.err
}

// DescribeAlone tells two faces of a frame that begins with 2.
func (d *fakeDescriber) DescribeAlone(f biometrics.Frame) (biometrics.Face, error) {
	if f.Pix[0] == 2 {
		return biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.TwoFaces)}, d.err
	}
	return d.Describe(f)
}

func (d *fakeDescriber) Weights() string { return "fake/1" }
func (d *fakeDescriber) Close() error    { return nil }

// startChild keeps an eye in a process of its own.
func startChild(t *testing.T, role string) *Keeper {
	t.Helper()
	t.Setenv(childEnv, role)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startKeeper(t, Options{Path: exe})
}

func startKeeper(t *testing.T, o Options) *Keeper {
	t.Helper()
	k, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

// await returns the first event of a type, and fails when the channel ends or none comes.
func await[E Event](t *testing.T, events <-chan Event) E {
	t.Helper()
	late := time.After(20 * time.Second)
	var before []string
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("events ended; before: %s", strings.Join(before, " "))
			}
			if want, is := e.(E); is {
				return want
			}
			before = append(before, fmt.Sprintf("%T", e))
		case <-late:
			var want E
			t.Fatalf("no %T; before: %v", want, before)
		}
	}
}
