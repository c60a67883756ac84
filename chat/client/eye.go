package client

import (
	"context"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
)

// Watched is the Eye of a kept eye process whose camera is open and watched. progress may be nil; it is called while a face is
// captured and must not block.
func Watched(w eye.Watched, progress func(eye.Progress)) Eye { return watched{w, progress} }

type watched struct {
	eye.Watched
	progress func(eye.Progress)
}

func (w watched) Camera() (biometrics.CameraInfo, error) {
	info, open := w.Watched.Camera()
	if !open {
		return info, eye.ErrNoCamera
	}
	return info, nil
}

func (w watched) Settle(ctx context.Context) error { return eye.Settle(ctx, w.Watched, w.progress) }

func (w watched) Capture(ctx context.Context, c liveness.Challenge) (biometrics.Evidence, error) {
	return eye.Capture(ctx, w.Watched, c, w.progress)
}
