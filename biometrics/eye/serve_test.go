package eye

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// handClock stands still until it is set.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *handClock) After(time.Duration) <-chan time.Time { return nil }

// wire is a served eye, seen from the other end of its pipes.
type wire struct {
	t     *testing.T
	in    *io.PipeWriter
	out   *io.PipeReader
	clock *handClock
	ended chan error
}

func serveFake(t *testing.T, b Backend) *wire {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	w := &wire{t: t, in: inW, out: outR, clock: &handClock{now: time.Unix(1000, 0)}, ended: make(chan error, 1)}
	go func() {
		w.ended <- serve(context.Background(), inR, outW, b, nil, w.clock)
		outW.Close()
	}()
	var h hello
	if err := w.read(kindHello).Unpack(&h); err != nil || h.Version != Version {
		t.Fatalf("greeting %+v, %v", h, err)
	}
	return w
}

func (w *wire) send(m message) {
	w.t.Helper()
	if err := pipe.Write(w.in, m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) read(k kind) message {
	w.t.Helper()
	for {
		m, err := pipe.Read(w.out, eventCaps())
		if err != nil {
			w.t.Fatalf("waiting for kind %d: %v", k, err)
		}
		if m.Kind == k {
			return m
		}
	}
}

func (w *wire) close() error {
	w.in.Close()
	_, _ = io.Copy(io.Discard, w.out)
	return <-w.ended
}

func TestServeEndsWithItsInput(t *testing.T) {
	w := serveFake(t, &fakeBackend{})
	if err := w.close(); err != nil {
		t.Error(err)
	}
}

func TestServeEndsOnBrokenProtocol(t *testing.T) {
	for name, m := range map[string]message{
		"unknown kind": {Kind: 200},
		"bad cue":      {Kind: kindCue, Body: []byte{0x80}},
		"bad watch":    {Kind: kindWatch, Body: []byte{0x80}},
	} {
		t.Run(name, func(t *testing.T) {
			w := serveFake(t, &fakeBackend{})
			_ = pipe.Write(w.in, m)
			_, _ = io.Copy(io.Discard, w.out)
			if err := <-w.ended; !errors.Is(err, ErrProtocol) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// The stamp is the cue in force when the frame was read, though the describer was still busy with an older frame when the cue changed.
func TestStampIsTakenWhenTheFrameIsRead(t *testing.T) {
	cam := &fakeCamera{frames: make(chan biometrics.Frame), asked: make(chan struct{}, 16), info: biometrics.CameraInfo{Name: "cam"}}
	d := &fakeDescriber{gate: make(chan struct{})}
	w := serveFake(t, &fakeBackend{camera: cam, describer: d})
	w.read(kindReady)
	w.send(pipe.Pack(kindWatch, watch{FPS: MaxRate}))
	w.send(pipe.Pack(kindOpen, askOpen{ID: 1, Source: "cam"}))
	w.read(kindOpened)
	id := [16]byte{9}

	give := func(v byte) {
		<-cam.asked // so the frame before is stamped
		w.clock.advance(100 * time.Millisecond)
		cam.frames <- frameOf(v)
	}
	cue := func(c Cue) {
		w.send(pipe.Pack(kindCue, c))
		w.sync()
	}
	seenNext := func() seen {
		d.gate <- struct{}{}
		var s seen
		if err := w.read(kindSeen).Unpack(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	give(1) // before any challenge
	if s := seenNext(); s.Challenge != ([16]byte{}) || s.Millis != 0 || s.Face.Box.W != 1 {
		t.Errorf("before the challenge: %+v", s)
	}
	cue(Cue{Challenge: id, Step: 0, Gesture: 1})
	give(2) // 100 ms after the first cue
	give(3) // taken only after 2 went its way: the camera's goroutine is sequential
	cue(Cue{Challenge: id, Step: 1, Gesture: 2})
	first := seenNext()
	if first.Challenge != id || first.Step != 0 || first.Gesture != 1 {
		t.Errorf("frame %v read under step 0 was stamped %d", first.Face.Box.W, first.Step)
	}
	if first.Millis != uint32(first.Face.Box.W-1)*100 {
		t.Errorf("frame %v at %d ms", first.Face.Box.W, first.Millis)
	}
	close(cam.frames)
	close(d.gate)
	if err := w.close(); err != nil {
		t.Error(err)
	}
}

// sync returns after the eye has done what cues before it say: its reader takes them one after the other.
func (w *wire) sync() { w.send(pipe.Pack(kindWatch, watch{FPS: MaxRate})) }

// A describer that is slow gets the newest frame, not the oldest that waits.
func TestDescriberGetsTheNewestFrame(t *testing.T) {
	s := newSlot[int]()
	for i := range 5 {
		s.put(i)
	}
	if got := <-s; got != 4 {
		t.Errorf("got %d", got)
	}
}

func TestPaceKeepsTheRate(t *testing.T) {
	for _, tc := range []struct{ camera, fps, want int }{{30, 15, 150}, {25, 25, 250}, {60, 10, 100}, {10, 25, 100}, {30, 0, 0}, {30, -1, 0}} {
		p, got := newPace(tc.fps), 0
		for i := range 10 * tc.camera {
			if p.due(time.Duration(i) * time.Second / time.Duration(tc.camera)) {
				got++
			}
		}
		if got < tc.want-2 || got > tc.want+2 {
			t.Errorf("camera %d, asked %d: %d frames in ten seconds, want %d", tc.camera, tc.fps, got, tc.want)
		}
	}
}

func TestCameraIsToldTheCueUntilItIsClosed(t *testing.T) {
	cam := &fakeCamera{info: biometrics.CameraInfo{Name: "cam"}, left: -1}
	w := serveFake(t, &fakeBackend{camera: cam})
	w.send(pipe.Pack(kindOpen, askOpen{ID: 1, Source: "cam"}))
	w.read(kindOpened)
	want := Cue{Challenge: [16]byte{1}, Step: 2, Gesture: 3}
	w.send(pipe.Pack(kindCue, want))
	w.send(message{Kind: kindClose})
	w.send(pipe.Pack(kindCameras, askCameras{ID: 2}))
	w.read(kindCameraList)
	w.send(pipe.Pack(kindCue, Cue{})) // would panic in the camera
	if err := w.close(); err != nil {
		t.Error(err)
	}
	if len(cam.cues) != 2 || cam.cues[1] != want || !cam.closed {
		t.Errorf("cues %v, closed %v", cam.cues, cam.closed)
	}
}

func TestDescriberThatFailsEndsTheEye(t *testing.T) {
	cause := errors.New("out of memory")
	w := serveFake(t, &fakeBackend{describer: &fakeDescriber{err: cause}})
	w.send(pipe.Pack(kindWatch, watch{FPS: 10}))
	w.send(pipe.Pack(kindOpen, askOpen{ID: 1, Source: "cam"}))
	_, _ = io.Copy(io.Discard, w.out) // the input stays open, and the eye ends all the same
	if err := <-w.ended; !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
}

func TestBadFramesAreRefused(t *testing.T) {
	for name, f := range map[string]biometrics.Frame{
		"no pixels": {}, "short": {Width: 2, Height: 2, Pix: make([]byte, 15)}, "huge": {Width: 1 << 20, Height: 1, Pix: make([]byte, 4<<20)},
		"wide": {Width: MaxSide + 1, Height: 1, Pix: make([]byte, 4*MaxSide+4)}, "high": {Width: 1, Height: MaxSide + 1, Pix: make([]byte, 4*MaxSide+4)},
		"negative": {Width: -1, Height: -1, Pix: make([]byte, 4)},
	} {
		if err := checkFrame(f); !errors.Is(err, errBadFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each described frame of a camera has the next number, one without a face too; a new camera's frames begin at 1.
func TestFramesAreNumbered(t *testing.T) {
	b := &fakeBackend{describer: &fakeDescriber{}}
	w := serveFake(t, b)
	w.read(kindReady)
	w.send(pipe.Pack(kindWatch, watch{FPS: MaxRate}))
	for id := range uint32(2) {
		cam := &fakeCamera{frames: make(chan biometrics.Frame), asked: make(chan struct{}, 16)}
		b.camera = cam
		w.send(pipe.Pack(kindOpen, askOpen{ID: id, Source: "cam"}))
		w.read(kindOpened)
		for want := range uint32(3) {
			<-cam.asked
			w.clock.advance(time.Second)
			cam.frames <- frameOf(1)
			var s seen
			if err := w.read(kindSeen).Unpack(&s); err != nil {
				t.Fatal(err)
			}
			if s.Number != want+1 || s.event().Number != s.Number {
				t.Errorf("camera %d: frame %d, want %d", id, s.Number, want+1)
			}
			w.send(pipe.Pack(kindDescribe, askDescribe{ID: 9, Picture: []byte("x")})) // takes no number
			w.read(kindDescribed)
		}
		close(cam.frames)
		w.read(kindCameraFailed)
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
}
