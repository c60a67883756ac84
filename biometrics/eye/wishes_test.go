package eye

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
)

// obeyed returns when the eye has obeyed every order before.
func obeyed(t *testing.T, k *Keeper) {
	t.Helper()
	if _, err := k.Cameras(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// noCamera fails when the keeper holds a camera for open, or would open one again after a restart.
func noCamera(t *testing.T, k *Keeper) {
	t.Helper()
	info, open := k.Camera()
	k.mu.Lock()
	defer k.mu.Unlock()
	if open || k.wanted {
		t.Errorf("camera %q: open %v, wanted %v", info.Name, open, k.wanted)
	}
}

// A person who leaves while the camera opens must not find its light on after the eye's next restart.
func TestCloseOvertakesOpen(t *testing.T) {
	b := &fakeBackend{camera: &fakeCamera{left: -1}, opening: make(chan struct{})}
	k := startKeeper(t, Options{Launch: Local(b, nil)})
	done := make(chan error, 1)
	go func() {
		_, err := k.Open(t.Context(), "cam")
		done <- err
	}()
	<-b.opening
	k.CloseCamera()
	b.opening <- struct{}{}
	if err := <-done; !errors.Is(err, biometrics.ErrCameraClosed) {
		t.Errorf("open: %v", err)
	}
	obeyed(t, k)
	noCamera(t, k)
	if !b.camera.isClosed() {
		t.Error("the camera is open")
	}
}

// Of two wishes the newer one stands, whichever is answered.
func TestOpenOvertakesOpen(t *testing.T) {
	b := &fakeBackend{opening: make(chan struct{})}
	k := startKeeper(t, Options{Launch: Local(b, nil)})
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := k.Open(t.Context(), "first")
		first <- err
	}()
	<-b.opening
	go func() {
		_, err := k.Open(t.Context(), "second")
		second <- err
	}()
	for !k.overtaken(1) {
		runtime.Gosched()
	}
	b.opening <- struct{}{}
	<-b.opening
	b.opening <- struct{}{}
	if err := <-first; !errors.Is(err, biometrics.ErrCameraClosed) {
		t.Errorf("first: %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("second: %v", err)
	}
	if info, open := k.Camera(); !open || info.Name != "second" {
		t.Errorf("camera %q, open %v", info.Name, open)
	}
}

// Whoever asks for another camera does not get the old one back when that one hangs.
func TestTheOldCameraStaysOff(t *testing.T) {
	b := &fakeBackend{hang: make(chan struct{})}
	k := startKeeper(t, Options{Launch: Local(b, nil)})
	if _, err := k.Open(t.Context(), "cam"); err != nil {
		t.Fatal(err)
	}
	await[CameraOpened](t, k.Events())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := k.Open(ctx, "hangs")
		done <- err
	}()
	for !k.overtaken(1) {
		runtime.Gosched()
	}
	noCamera(t, k) // from the first moment on: the eye may die in any
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("open: %v", err)
	}
	close(b.hang)
	if d := await[Died](t, k.Events()); !errors.Is(d.Err, errSlow) {
		t.Errorf("died of %v", d.Err)
	}
	await[Ready](t, k.Events()) // of the next eye, which was told all there is to tell before
	obeyed(t, k)
	noCamera(t, k)
}

// What the old camera says after it was given up is not told of the new one.
func TestTheOldCamerasEndIsOfNoMatter(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	events, stop := k.Subscribe()
	k.CloseCamera()
	k.cameraGone(biometrics.ErrCameraEnded)
	if _, err := k.Open(t.Context(), "cam"); err != nil {
		t.Fatal(err)
	}
	for {
		switch e := (<-events).(type) {
		case CameraFailed:
			t.Errorf("failed: %v", e.Err)
		case CameraOpened:
			stop()
			return
		}
	}
}

// A caller's bad source is refused before it reaches the eye, which it would end.
func TestOpenRefusesBadSources(t *testing.T) {
	k := startKeeper(t, Options{Launch: Local(&fakeBackend{}, nil)})
	for name, source := range map[string]string{
		"no UTF-8": "a\xff.avi", "too long": strings.Repeat("x", maxSource+1), "far too long": strings.Repeat("x", 1<<20),
	} {
		if _, err := k.Open(t.Context(), source); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.Open(t.Context(), strings.Repeat("x", maxSource)); err != nil {
		t.Errorf("the longest: %v", err)
	}
}
