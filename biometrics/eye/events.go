package eye

import (
	"image"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Event is something that the eye saw or that happened to it: a Preview, Seen, CameraOpened, CameraFailed, CameraTrouble, Ready, NoWeights or Died.
type Event interface{ event() }

// Preview is the newest picture; an older one that nobody took yet is replaced by it. Whoever receives it owns the image.
type Preview struct{ Image *image.RGBA }

// Seen is one described frame.
type Seen struct {
	Number        uint32           // of this frame among all that were described since the camera was opened; the first is 1
	Challenge     [16]byte         // zero outside a challenge
	Step          uint8            // the cue in force when the frame was read
	Gesture       liveness.Gesture // of that cue
	Offset        time.Duration    // from the challenge's first cue to the frame's reading, on the eye's clock, whole milliseconds
	Width, Height int              // of the frame that Face's pixels refer to
	Face          biometrics.Face
	Missed        int // events lost before this one since nobody took them from the channel
}

// CameraFailed says that the camera gives no more frames and is closed. Err is one of the biometrics.Err… values, wrapped.
type CameraFailed struct {
	Err   error
	Again bool // the keeper looks for this camera, and CameraOpened says that it is back; without, it is given up
}

// CameraTrouble says that the open camera gives nothing of use, as behind a shutter, and may by itself. It comes again each second while that
// lasts. Err is one of the biometrics.Err… values, wrapped; nil says that the trouble is over. CameraOpened and CameraFailed end it too.
type CameraTrouble struct{ Err error }

// CameraOpened says which camera is open now, also when the keeper opened it again after a restart or a loss.
type CameraOpened struct{ Info biometrics.CameraInfo }

// Ready says that the eye runs and has loaded its weights.
type Ready struct{ Weights string }

// NoWeights says that the eye runs but can describe nothing. Err is ErrNoWeights, wrapped.
type NoWeights struct{ Err error }

// Died says that the eye's process ended without being asked to; the keeper starts it again after Retry.
type Died struct {
	Err   error
	Retry time.Duration
}

func (Preview) event()       {}
func (Seen) event()          {}
func (CameraFailed) event()  {}
func (CameraTrouble) event() {}
func (CameraOpened) event()  {}
func (Ready) event()         {}
func (NoWeights) event()     {}
func (Died) event()          {}
