package eye

import (
	"context"
	"errors"
	"log/slog"

	"visavis/biometrics"
)

// Errors of a Keeper, beside the camera's biometrics.Err… values.
var (
	ErrDied      = errors.New("the eye has died")               // while it was asked; it is being started again
	ErrClosed    = errors.New("the eye is closed")              // Close was called
	ErrNoWeights = errors.New("the eye has no face model")      // the weights are missing or do not load
	ErrPicture   = errors.New("not a picture that can be read") // Describe
	ErrEye       = errors.New("the eye failed")                 // anything else; the eye's log has the cause
	ErrProtocol  = errors.New("broken eye protocol")
)

// Options say which eye to keep.
type Options struct {
	Path   string       // the program; unused when Launch is set
	Args   []string     // its arguments, without its name
	Launch Launcher     // instead of Path: tests, or Local
	Log    *slog.Logger // the eye's stderr goes there too, a record a line; nil discards
	Clock  Clock        // nil is the system's
}

// Keeper keeps one eye running. All methods are safe for concurrent use. It remembers what was asked of the eye: after a
// restart the camera is opened again and watched as before.
type Keeper struct{}

// Start starts the eye and returns without waiting for its weights. It fails when the program cannot be started at all; when it
// dies later, the keeper starts it again. ctx bounds the keeper's life like Close.
func Start(ctx context.Context, o Options) (*Keeper, error) { return nil, ErrEye }

// Local is a Launcher that runs Serve in this process over in-memory pipes: for tests of whoever uses a Keeper.
func Local(backend Backend, log *slog.Logger) Launcher { return nil }

// Cameras lists what can be opened.
func (k *Keeper) Cameras(ctx context.Context) ([]biometrics.CameraInfo, error) { return nil, ErrEye }

// Open opens a camera; one that is open is closed first. When ctx's deadline passes, the eye hangs in the driver and is restarted.
func (k *Keeper) Open(ctx context.Context, source string) (biometrics.CameraInfo, error) {
	return biometrics.CameraInfo{}, ErrEye
}

// CloseCamera closes the camera, if one is open, and forgets it.
func (k *Keeper) CloseCamera() {}

// Camera returns the open camera.
func (k *Keeper) Camera() (info biometrics.CameraInfo, open bool) {
	return biometrics.CameraInfo{}, false
}

// Watch asks for fps frames a second (0 stops), with previews or without. Faces are described at most MaxDescribed times a second.
func (k *Keeper) Watch(fps int, preview bool) {}

// Cue passes the cue on. It does not survive a restart: a challenge during which the eye died is lost.
func (k *Keeper) Cue(Cue) {}

// Events returns the keeper's main channel: every event, previews included. It is always the same channel, closed after Close.
func (k *Keeper) Events() <-chan Event { return nil }

// Subscribe returns a channel of its own with every event from now on but previews. stop ends it and closes the channel.
func (k *Keeper) Subscribe() (events <-chan Event, stop func()) { return nil, func() {} }

// Describe describes pictures, in order; a picture without a face is an answer, in its Quality.
func (k *Keeper) Describe(ctx context.Context, pictures [][]byte) ([]biometrics.Face, error) {
	return nil, ErrEye
}

// Weights names the model files' version; empty until the eye has loaded them.
func (k *Keeper) Weights() string { return "" }

// Clock returns the keeper's clock.
func (k *Keeper) Clock() Clock { return nil }

// Close ends the eye and returns when nothing of it is left. Closing twice is not an error.
func (k *Keeper) Close() error { return nil }
