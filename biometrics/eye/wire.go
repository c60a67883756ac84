package eye

import (
	"encoding/binary"
	"fmt"
	"image"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/pipe"
)

type (
	kind    = pipe.Kind
	caps    = pipe.Caps
	message = pipe.Message
)

// Commands, to the eye.
const (
	kindCameras  kind = 1 // askCameras
	kindOpen     kind = 2 // askOpen
	kindClose    kind = 3 // no body
	kindWatch    kind = 4 // watch
	kindCue      kind = 5 // Cue
	kindDescribe kind = 6 // askDescribe
	kindPrepare  kind = 7 // no body
	kindAlone    kind = 8 // askDescribe; a picture of more than one person of about one size is told as one of two faces
)

// Events and answers, from the eye.
const (
	kindHello         kind = 64 // hello; always the first
	kindReady         kind = 65 // ready
	kindCameraList    kind = 66 // cameraList
	kindOpened        kind = 67 // opened
	kindDescribed     kind = 68 // described
	kindSeen          kind = 69 // seen
	kindCameraFailed  kind = 70 // failure: it was closed
	kindPreview       kind = 71 // raw
	kindCameraTrouble kind = 72 // failure of a camera that stays open; none when it is over
)

const previewHeader = 4

func commandCaps() caps {
	return caps{
		kindCameras: maxCommand, kindOpen: maxCommand, kindClose: 0, kindWatch: maxCommand, kindCue: maxCommand, kindPrepare: 0,
		kindDescribe: MaxPictureBytes + 64, kindAlone: MaxPictureBytes + 64,
	}
}

func eventCaps() caps {
	return caps{
		kindHello: maxEvent, kindReady: maxEvent, kindCameraList: maxEvent, kindOpened: maxEvent, kindDescribed: maxEvent,
		kindSeen: maxEvent, kindCameraFailed: maxEvent, kindCameraTrouble: maxEvent, kindPreview: previewHeader + 4*MaxPreviewSide*MaxPreviewSide,
	}
}

type hello struct {
	_       struct{} `cbor:",toarray"`
	Version uint16
}

type askCameras struct {
	_  struct{} `cbor:",toarray"`
	ID uint32
}

type askOpen struct {
	_      struct{} `cbor:",toarray"`
	ID     uint32
	Source string
}

type askDescribe struct {
	_       struct{} `cbor:",toarray"`
	ID      uint32
	Picture []byte
}

type watch struct {
	_       struct{} `cbor:",toarray"`
	FPS     uint8
	Preview bool
}

type ready struct {
	_       struct{} `cbor:",toarray"`
	Weights string
	Failure failure
}

type cameraList struct {
	_       struct{} `cbor:",toarray"`
	ID      uint32
	Cameras []biometrics.CameraInfo
	Failure failure
}

type opened struct {
	_       struct{} `cbor:",toarray"`
	ID      uint32
	Info    biometrics.CameraInfo
	Failure failure
}

type described struct {
	_       struct{} `cbor:",toarray"`
	ID      uint32
	Face    wireFace
	Failure failure
}

type wireFace struct {
	_          struct{} `cbor:",toarray"`
	Quality    biometrics.Quality
	Box        biometrics.Box
	Landmarks  biometrics.Landmarks
	Descriptor biometrics.Descriptor
	Skin       biometrics.Tone
	Scene      biometrics.Tone
}

func toWire(f biometrics.Face) wireFace {
	return wireFace{Quality: f.Quality, Box: f.Box, Landmarks: f.Landmarks, Descriptor: f.Descriptor, Skin: f.Skin, Scene: f.Scene}
}

func (f wireFace) face() biometrics.Face {
	return biometrics.Face{Quality: f.Quality, Box: f.Box, Landmarks: f.Landmarks, Descriptor: f.Descriptor, Skin: f.Skin, Scene: f.Scene}
}

// check refuses what is wrong with a face in a way that nobody has words for.
func (f wireFace) check() error {
	if !f.Quality.Known() {
		return fmt.Errorf("%w: quality %#x", ErrProtocol, uint16(f.Quality))
	}
	return nil
}

type seen struct {
	_             struct{} `cbor:",toarray"`
	Number        uint32
	Challenge     [16]byte
	Step          uint8
	Gesture       liveness.Gesture
	Millis        uint32
	Width, Height uint16
	Face          wireFace
}

func (s seen) event() Seen {
	return Seen{
		Number: s.Number, Challenge: s.Challenge, Step: s.Step, Gesture: s.Gesture, Offset: time.Duration(s.Millis) * time.Millisecond,
		Width: int(s.Width), Height: int(s.Height), Face: s.Face.face(),
	}
}

// packPreview thins a frame out until no side is longer than MaxPreviewSide.
func packPreview(f biometrics.Frame) message {
	step := max(1, (max(f.Width, f.Height)+MaxPreviewSide-1)/MaxPreviewSide)
	w, h := max(1, f.Width/step), max(1, f.Height/step)
	b := make([]byte, 0, previewHeader+4*w*h)
	b = binary.BigEndian.AppendUint16(b, uint16(w))
	b = binary.BigEndian.AppendUint16(b, uint16(h))
	if step == 1 {
		return message{Kind: kindPreview, Body: append(b, f.Pix...)}
	}
	for y := range h {
		row := f.Pix[4*f.Width*y*step:]
		for x := range w {
			b = append(b, row[4*x*step:4*x*step+4]...)
		}
	}
	return message{Kind: kindPreview, Body: b}
}

// unpackPreview keeps m's bytes as the picture's pixels.
func unpackPreview(m message) (*image.RGBA, error) {
	if len(m.Body) < previewHeader {
		return nil, fmt.Errorf("%w: preview of %d bytes", ErrProtocol, len(m.Body))
	}
	w, h := int(binary.BigEndian.Uint16(m.Body)), int(binary.BigEndian.Uint16(m.Body[2:]))
	pix := m.Body[previewHeader:]
	if w == 0 || h == 0 || w > MaxPreviewSide || h > MaxPreviewSide || len(pix) != 4*w*h {
		return nil, fmt.Errorf("%w: preview of %d×%d pixels in %d bytes", ErrProtocol, w, h, len(pix))
	}
	return &image.RGBA{Pix: pix, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}, nil
}
