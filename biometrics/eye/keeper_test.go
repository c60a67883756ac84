package eye

import (
	"context"
	"errors"
	"testing"
	"time"

	"visavis/biometrics"
)

func TestKeeperOverPipes(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	if r := await[Ready](t, k.Events()); r.Weights != "fake/1" || k.Weights() != "fake/1" {
		t.Errorf("weights %q, %q", r.Weights, k.Weights())
	}
	cameras, err := k.Cameras(t.Context())
	if err != nil || len(cameras) != 1 {
		t.Fatalf("cameras %v, %v", cameras, err)
	}
	if _, open := k.Camera(); open {
		t.Error("a camera is open before Open")
	}
	k.Watch(30, true)
	info, err := k.Open(t.Context(), "cam")
	if err != nil || info.Name != "cam" {
		t.Fatalf("open: %+v, %v", info, err)
	}
	if p := await[Preview](t, k.Events()); p.Image.Rect.Dx() != 2 {
		t.Errorf("preview %v", p.Image.Rect)
	}
	events, stop := k.Subscribe()
	k.Cue(Cue{Challenge: [16]byte{5}, Step: 4, Gesture: 2})
	for {
		s := await[Seen](t, events)
		if s.Challenge == ([16]byte{5}) {
			if s.Step != 4 || s.Gesture != 2 || s.Width != 2 || s.Face.Box.W != 7 {
				t.Errorf("seen %+v", s)
			}
			break
		}
	}
	stop()
	if _, ok := <-events; ok {
		t.Error("an event after stop")
	}
	k.CloseCamera()
	if _, open := k.Camera(); open {
		t.Error("camera is open after CloseCamera")
	}
}

func TestKeeperCameraErrors(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	for source, want := range map[string]error{
		"missing": biometrics.ErrCameraMissing, "busy": biometrics.ErrCameraBusy, "dark": biometrics.ErrCameraDark, "strange": ErrEye,
	} {
		if _, err := k.Open(t.Context(), source); !errors.Is(err, want) {
			t.Errorf("open %s: %v", source, err)
		}
	}
	k.Watch(MaxRate, false)
	if _, err := k.Open(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	for {
		if e := await[CameraFailed](t, k.Events()); errors.Is(e.Err, biometrics.ErrCameraEnded) {
			break
		}
	}
	if _, open := k.Camera(); open {
		t.Error("camera is open after its end")
	}
}

func TestKeeperDescribes(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	faces, err := k.Describe(t.Context(), [][]byte{[]byte("x"), []byte("xxx")})
	if err != nil || len(faces) != 2 || faces[0].Box.W != 1 || faces[1].Box.W != 3 || faces[0].Descriptor[0] != 0.25 {
		t.Errorf("%+v, %v", faces, err)
	}
	for name, p := range map[string][]byte{"bad": []byte("bad"), "empty": nil, "too large": make([]byte, MaxPictureBytes+1)} {
		if _, err := k.Describe(t.Context(), [][]byte{p}); !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := make([]byte, MaxPictureBytes)
	if _, err := k.Describe(t.Context(), [][]byte{whole}); err != nil {
		t.Errorf("the largest picture: %v", err)
	}
}

// Whether a picture is of one person alone is asked for by itself: it takes longer.
func TestKeeperDescribesOnePersonAlone(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	pictures := [][]byte{[]byte("x"), []byte("xx")}
	for name, ask := range map[string]struct {
		describe func(context.Context, [][]byte) ([]biometrics.Face, error)
		two      bool
	}{"anybody": {k.Describe, false}, "alone": {k.DescribeAlone, true}} {
		faces, err := ask.describe(t.Context(), pictures)
		if err != nil || len(faces) != 2 || faces[0].Box.W != 1 || faces[1].Quality.Has(biometrics.TwoFaces) != ask.two {
			t.Errorf("%s: %+v, %v", name, faces, err)
		}
	}
}

// A describer that can not tell whether a person is alone says so, and describes nobody.
func TestADescriberThatKnowsNoGroups(t *testing.T) {
	s := &server{backend: &fakeBackend{}}
	got, err := s.describePicture(&ponderous{}, asked{askDescribe{Picture: []byte("x")}, true})
	if !errors.Is(err, errNotAlone) || got != (biometrics.Face{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestKeeperWithoutWeights(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{noWeights: true}, nil)})
	if e := await[NoWeights](t, k.Events()); !errors.Is(e.Err, ErrNoWeights) {
		t.Errorf("event %v", e.Err)
	}
	if _, err := k.Describe(t.Context(), [][]byte{[]byte("x")}); !errors.Is(err, ErrNoWeights) {
		t.Errorf("describe: %v", err)
	}
	if _, err := k.Open(t.Context(), "cam"); err != nil {
		t.Errorf("the camera opens without weights: %v", err)
	}
}

func TestKeeperAfterClose(t *testing.T) {
	k, err := Start(t.Context(), Options{Launch: Local(&fakeBackend{}, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Error("second close:", err)
	}
	if _, err := k.Open(t.Context(), "cam"); !errors.Is(err, ErrClosed) {
		t.Errorf("open: %v", err)
	}
	if _, err := k.Describe(t.Context(), [][]byte{[]byte("x")}); !errors.Is(err, ErrClosed) {
		t.Errorf("describe: %v", err)
	}
	k.Cue(Cue{})
	k.Watch(1, true)
	k.CloseCamera()
	events, stop := k.Subscribe()
	if _, ok := <-events; ok {
		t.Error("an event")
	}
	stop()
	for range k.Events() {
	}
}

func TestKeeperFailsAtOnceWithoutAProgram(t *testing.T) {
	if _, err := Start(t.Context(), Options{Path: t.TempDir() + "/nothing"}); err == nil {
		t.Error("started")
	}
}

// Who gives up waiting for a camera must not leave its light on.
func TestKeeperClosesACameraThatNobodyWaitsFor(t *testing.T) {
	b := &fakeBackend{camera: &fakeCamera{left: -1}, opening: make(chan struct{})}
	k := startKeeper(t, Options{Launch: Local(b, nil)})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-b.opening
		cancel()
	}()
	if _, err := k.Open(ctx, "cam"); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	b.opening <- struct{}{}
	if _, err := k.Cameras(t.Context()); err != nil { // answered after the camera's closing
		t.Fatal(err)
	}
	if _, open := k.Camera(); open || !b.camera.isClosed() {
		t.Error("the camera is open")
	}
}

// The child is killed in the middle of its work: the keeper says so, starts another, and the camera is open and watched as before.
func TestKeeperRestartsAKilledChild(t *testing.T) {
	k := startChild(t, "eye")
	k.Watch(MaxRate, true)
	if _, err := k.Open(t.Context(), "cam"); err != nil {
		t.Fatal(err)
	}
	await[Seen](t, k.Events())
	for range 2 {
		k.mu.Lock()
		k.session.process.Kill()
		k.mu.Unlock()
		if d := await[Died](t, k.Events()); !errors.Is(d.Err, ErrDied) || d.Retry <= 0 {
			t.Errorf("died: %+v", d)
		}
		if o := await[CameraOpened](t, k.Events()); o.Info.Name != "cam" {
			t.Errorf("opened again: %+v", o.Info)
		}
		await[Seen](t, k.Events())
		await[Preview](t, k.Events())
	}
	if _, err := k.Describe(t.Context(), [][]byte{[]byte("x")}); err != nil {
		t.Errorf("describe after the restart: %v", err)
	}
}

// An eye that hangs in the driver does not hold the person up: the deadline passes, and a new eye is started.
func TestKeeperRestartsADeafChild(t *testing.T) {
	k := startChild(t, "deaf")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := k.Open(ctx, "cam"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("open: %v", err)
	}
	await[Died](t, k.Events())
}

func TestKeeperRefusesAnotherVersion(t *testing.T) {
	k := startChild(t, "other")
	if d := await[Died](t, k.Events()); !errors.Is(d.Err, ErrProtocol) {
		t.Errorf("died of %v", d.Err)
	}
}

// A child that never reads its commands is ended before its queue holds more than its bound.
func TestKeeperBoundsCommands(t *testing.T) {
	k := startChild(t, "deaf")
	big := make([]byte, MaxPictureBytes)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		_, _ = k.Describe(ctx, [][]byte{big})
	}
	for i := range 200 {
		k.Cue(Cue{Step: uint8(i)})
	}
	await[Died](t, k.Events())
}

func TestSubscriptionKeepsOrderAndTheNewestPreview(t *testing.T) {
	s := newSubscription(true)
	defer s.stop()
	for i := range maxQueued + 10 {
		s.offer(Preview{})
		s.offer(Seen{Step: uint8(i % 256)})
	}
	first := await[Seen](t, s.c)
	missed, got := first.Missed, 1
	for range maxQueued - 1 {
		e := await[Seen](t, s.c)
		missed += e.Missed
		got++
	}
	if got+missed != maxQueued+10 && got+missed != maxQueued+9 {
		t.Errorf("%d events and %d missed of %d", got, missed, maxQueued+10)
	}
	if missed == 0 {
		t.Error("nothing was missed, though more came than are kept")
	}
}
