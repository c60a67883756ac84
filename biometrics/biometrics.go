package biometrics

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Frame is one picture from a camera: RGBA, 8 bits a channel, rows without padding, len(Pix) = 4*Width*Height. Whoever holds a Frame
// owns its pixels. At is the time since the camera was opened, on the camera's own monotonic clock.
type Frame struct {
	Width, Height int
	Pix           []byte
	At            time.Duration
}

// Point is a place in a frame, in pixels from its upper left corner.
type Point struct {
	_    struct{} `cbor:",toarray"`
	X, Y float32
}

// Box is an upright rectangle in a frame, in pixels.
type Box struct {
	_          struct{} `cbor:",toarray"`
	X, Y, W, H float32
}

// Landmarks are dlib's five points, in dlib's order as seen in the picture:
// 0, 1: outer and inner corner of the eye on the picture's right; 2, 3: outer and inner corner of the eye on the picture's left;
// 4: the base of the nose.
type Landmarks [5]Point

// Descriptor is dlib's 128 numbers of a face, as the network gives them (norm about 1.4 to 1.6, not scaled to unit length).
// It is encoded as 512 bytes, IEEE 754 big-endian. It prints redacted: a descriptor is personal data.
type Descriptor [128]float32

const descriptorBytes = 4 * len(Descriptor{})

// MarshalBinary implements encoding.BinaryMarshaler.
func (d Descriptor) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, descriptorBytes)
	for _, v := range d {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b, nil
}

// UnmarshalBinary refuses anything but 512 bytes. It accepts NaN: who compares must deny it.
func (d *Descriptor) UnmarshalBinary(b []byte) error {
	if len(b) != descriptorBytes {
		return fmt.Errorf("descriptor of %d bytes, want %d", len(b), descriptorBytes)
	}
	for i := range d {
		d[i] = math.Float32frombits(binary.BigEndian.Uint32(b[4*i:]))
	}
	return nil
}

func (Descriptor) String() string   { return "descriptor(redacted)" }
func (Descriptor) GoString() string { return "descriptor(redacted)" }

// MarshalText keeps JSON and slog from printing the numbers.
func (Descriptor) MarshalText() ([]byte, error) { return []byte("descriptor(redacted)"), nil }

// Format keeps %v, %x and every other verb from printing the numbers.
func (Descriptor) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("descriptor(redacted)")) }

// Reason is one thing that is wrong with a frame, from a closed list; each has a cure that a window shows. None of them is a failed try.
type Reason uint8

const (
	NoFace    Reason = iota // nobody in view
	TwoFaces                // more than one face in view
	TooFar                  // face too small for a good descriptor
	TooClose                // face cut off by the frame
	OffCentre               // face near the frame's edge
	TooDark
	TooBright
	Blurred
	Backlit    // the face is much darker than what is behind it
	Turned     // does not look into the camera
	EyesHidden // eyes closed or covered
	Moving     // the head moves between two frames
	reasonEnd
)

// posture is how a person holds himself, which a challenge asks for and a template may need otherwise: it makes no frame a bad one.
const posture Quality = 1<<Turned | 1<<EyesHidden | 1<<Moving

var reasonTexts = [reasonEnd][2]string{
	NoFace:     {"no face in view", "look into the camera"},
	TwoFaces:   {"more than one face in view", "only one person, please"},
	TooFar:     {"too far away", "come closer"},
	TooClose:   {"too close", "move back a little"},
	OffCentre:  {"not in the middle", "move to the middle"},
	TooDark:    {"too dark", "more light, please"},
	TooBright:  {"too bright", "less light on the face, please"},
	Blurred:    {"blurred", "hold still, or clean the camera"},
	Backlit:    {"light from behind", "turn away from the window, or put a light before you"},
	Turned:     {"turned away", "look straight into the camera"},
	EyesHidden: {"eyes closed or covered", "open your eyes; take dark glasses off"},
	Moving:     {"moving", "hold still for a moment"},
}

// String says what is wrong.
func (r Reason) String() string { return r.text(0) }

// Cure says what to do about it.
func (r Reason) Cure() string { return r.text(1) }

func (r Reason) text(i int) string {
	if r >= reasonEnd {
		return fmt.Sprintf("unknown reason %d", uint8(r))
	}
	return reasonTexts[r][i]
}

// Quality is what was found wrong with one frame, as a set of reasons; the zero value is a good frame.
type Quality uint16

// With returns q with r in it.
func (q Quality) With(r Reason) Quality { return q | 1<<r }

// Without returns q without r.
func (q Quality) Without(r Reason) Quality { return q &^ (1 << r) }

// Has says whether r is in q.
func (q Quality) Has(r Reason) bool { return q&(1<<r) != 0 }

// Good says that nothing was found wrong with the picture, however the person holds himself: Turned, EyesHidden and Moving do not count.
func (q Quality) Good() bool { return q&^posture == 0 }

// Clear says that nothing at all was found wrong: what is asked for before a challenge.
func (q Quality) Clear() bool { return q == 0 }

// Known says that q holds no reason but those of the list.
func (q Quality) Known() bool { return q < 1<<reasonEnd }

// importance is the order in which reasons are shown: without light no face can be found, and only then does it matter what is wrong with it.
var importance = [reasonEnd]Reason{TooDark, TooBright, NoFace, TwoFaces, TooFar, TooClose, OffCentre, Backlit, Blurred, Turned, EyesHidden, Moving}

// Reasons lists what is in q, the most important first.
func (q Quality) Reasons() []Reason {
	var rs []Reason
	for _, r := range importance {
		if q.Has(r) {
			rs = append(rs, r)
		}
	}
	return rs
}

// Tone is the mean colour of a part of a frame: red, green and blue, each in 1/256 of a level of 0 to 255.
type Tone struct {
	_       struct{} `cbor:",toarray"`
	R, G, B uint16
}

// Face is what a Describer saw in one frame. Without a face (Quality has NoFace) or with two (TwoFaces), Box, Landmarks,
// Descriptor and Skin are zero.
type Face struct {
	Box         Box
	Landmarks   Landmarks
	Quality     Quality
	Descriptor  Descriptor
	Skin, Scene Tone // of the face's skin, and of what is around the head
}

// Camera gives frames. Close may be called once, by its owner, while no Read runs; afterwards Read returns ErrCameraClosed.
type Camera interface {
	// Read blocks for the next frame. It returns an error from the list below, wrapped with the operation.
	Read() (Frame, error)
	// Info says what was opened.
	Info() CameraInfo
	Close() error
}

// The errors of a camera.
var (
	ErrCameraMissing = errors.New("no such camera: plug one in, or name another")
	ErrCameraBusy    = errors.New("the camera is in use by another program: close that program")
	ErrCameraDenied  = errors.New("not allowed: add yourself to the group video and log in again")
	ErrCameraDark    = errors.New("the camera gives black pictures: open its shutter, or turn on a light")
	ErrCameraBright  = errors.New("the camera gives white pictures: turn it away from the light")
	ErrCameraFrozen  = errors.New("the camera's picture stands still: open its shutter, or plug it in again")
	ErrCameraSlow    = errors.New("the camera does not answer: plug it in again")
	ErrCameraEnded   = errors.New("the recording has ended")
	ErrCameraClosed  = errors.New("camera is closed")
)

// CameraInfo is a camera's identity as the desk saw it; it is part of the evidence. Virtual is true for everything
// that is not a camera of the machine's hardware: files, streams, puppets, v4l2loopback.
type CameraInfo struct {
	_       struct{} `cbor:",toarray"`
	Name    string
	Driver  string // kernel driver, or "file", "stream", "puppet"
	Vendor  string // USB vendor id, four hex digits, or empty
	Product string
	Serial  string
	Port    string
	Virtual bool
}

// Describer finds at most one face in a frame and describes it. It is not safe for concurrent use: one goroutine owns it.
// No face and two faces are answers (in Quality), not errors.
type Describer interface {
	Describe(Frame) (Face, error)
	// Weights names the model files' version; descriptors of different versions must not be compared.
	Weights() string
	Close() error
}

// Observation is one described frame of a challenge.
type Observation struct {
	_          struct{} `cbor:",toarray"`
	Number     uint32   // of this frame among all that the eye described since it opened the camera, the unusable ones too; the first is 1
	Offset     uint32   // milliseconds since the challenge's first cue, on the eye's clock
	Cue        uint8    // index of the challenge's step that the eye had been told when it took the frame
	Quality    Quality
	Box        Box
	Landmarks  Landmarks
	Descriptor Descriptor
	Skin       Tone
	Scene      Tone
}

// MaxObservations bounds the frames of one piece of evidence.
const MaxObservations = 400

// Evidence is what the eye saw while a challenge was played. The desk signs it together with what it is bound to
// (chat/trust); by itself it proves nothing.
type Evidence struct {
	_       struct{} `cbor:",toarray"`
	Camera  CameraInfo
	Weights string // version of the model files that made the descriptors
	Frames  []Observation
}
