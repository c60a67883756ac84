package eye

import (
	"context"
	"io"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Version is the protocol's version. Keeper and eye are installed together: another version is refused.
const Version = 3

// Cue tells the eye which step of which challenge is in force, and which light. The first cue with a challenge id that the eye was not told just before
// starts that challenge's clock. The zero Cue ends the challenge.
type Cue struct {
	_         struct{} `cbor:",toarray"`
	Challenge [16]byte
	Step      uint8
	Gesture   liveness.Gesture
	Tint      liveness.Tint
}

// Backend is the native part of an eye. OpenDescriber and Decode are called from the goroutine that owns the describer. Cameras and OpenCamera
// are each called once at a time, but one beside the other, and OpenCamera from another goroutine than what it returns.
type Backend interface {
	// Cameras lists the cameras that can be opened, without opening them. CameraInfo.Port is a source for OpenCamera, webcam.Source a better one.
	Cameras() ([]biometrics.CameraInfo, error)
	// OpenCamera opens a source: empty for the first camera, an index, a device path, a file or an address. Its errors are
	// biometrics.Err… values or ErrFilm, wrapped. It returns early when ctx is done, where the system lets it. The camera's Read may wrap
	// webcam.ErrPassing: then it stays open, and is read on.
	OpenCamera(ctx context.Context, source string) (biometrics.Camera, error)
	// OpenDescriber loads the weights, which takes about half a second.
	OpenDescriber() (biometrics.Describer, error)
	// Decode reads a picture file (JPEG or PNG). It refuses pictures of more than MaxPixels or MaxSide before it allocates them.
	Decode(picture []byte) (biometrics.Frame, error)
}

// Loner is implemented by a Describer that says of a picture, which is no camera's, that it shows two faces also when it overlooks a second one of about the
// first one's size: before somebody is enrolled from it.
type Loner interface {
	DescribeAlone(biometrics.Frame) (biometrics.Face, error)
}

// Cued is implemented by a Camera that wants to know the cue: the puppet's, which obeys it. Cue is called from another goroutine than
// Read, also while Read runs.
type Cued interface {
	Cue(Cue)
}

// Limits of the protocol. Lengths are checked before allocation, on both ends.
const (
	MaxPictureBytes = 8 << 20     // one encoded picture
	MaxPixels       = 4096 * 4096 // one frame or decoded picture
	MaxSide         = 8192        // its longer side
	MaxPreviewSide  = 1280        // longer previews are thinned out by a whole factor
	MaxRate         = 60          // frames a second
	MaxDescribed    = 15          // faces described a second, so that a challenge of 26 s fits biometrics.MaxObservations

	maxCommand = 8 << 10         // body of a command, but for a picture
	maxSource  = maxCommand - 16 // of a camera: what an order to open it leaves
	maxEvent   = 64 << 10        // body of an event, but for a preview
	maxText    = 300             // bytes of an error's text
	maxCameras = 64              // entries of a camera list
)

// Process is a running eye as the keeper holds it.
type Process interface {
	io.Writer // commands to the eye
	io.Reader // events from the eye
	// CloseInput tells the eye to end by itself.
	CloseInput() error
	// Kill ends it now, and every Read and Write with it. It may be called more than once.
	Kill()
	// Wait returns when it has ended, and why; it is called once, while Read may still run. Soon afterwards Read returns an error.
	Wait() error
}

// Launcher starts an eye.
type Launcher func(ctx context.Context) (Process, error)
