package camera

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/webcam"
)

// Port is OpenCV's webcam.Port.
type Port struct{}

var _ webcam.Port = Port{}

// errNoBackend says that OpenCV can not open a device in this way.
var errNoBackend = errors.New("OpenCV does not open it")

// Open implements webcam.Port. GStreamer's backend wants a number: it takes a path for a file's.
func (Port) Open(d webcam.Device, b webcam.Backend) (webcam.Stream, error) {
	api := map[webcam.Backend]gocv.VideoCaptureAPI{
		webcam.V4L2: gocv.VideoCaptureV4L2, webcam.GStreamer: gocv.VideoCaptureGstreamer, webcam.Any: gocv.VideoCaptureAny,
	}[b]
	number, err := strconv.Atoi(strings.TrimPrefix(d.Path, "/dev/video"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", errNoBackend, d.Path)
	}
	v, err := whole(gocv.OpenVideoCaptureWithAPI(number, api))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBackend, err)
	}
	v.Set(gocv.VideoCaptureBufferSize, buffers)
	return newStream(v), nil
}

// whole frees what gocv hands out beside an error.
func whole(v *gocv.VideoCapture, err error) (*gocv.VideoCapture, error) {
	if err != nil && v != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, err
}

// buffers is how many pictures a driver may keep: one waits while one is looked at. With a single one each second picture is lost, since the
// next begins before the last is given back; with OpenCV's four the newest may be three pictures old.
const buffers = 2

// capture is the part of gocv.VideoCapture that a stream needs.
type capture interface {
	Read(*gocv.Mat) bool
	Grab(skip int)
	Set(gocv.VideoCaptureProperties, float64)
	Get(gocv.VideoCaptureProperties) float64
	Close() error
}

// stream is a webcam.Stream. It owns its Mats, and closes them with the device.
type stream struct {
	from capture
	bgr  gocv.Mat
	rgba gocv.Mat
}

func newStream(from capture) *stream {
	return &stream{from: from, bgr: gocv.NewMat(), rgba: gocv.NewMat()}
}

// maxRate bounds what is believed of a rate.
const maxRate = 240

// Ask implements webcam.Stream.
func (s *stream) Ask(want webcam.Format) webcam.Format {
	if len(want.Code) == 4 {
		s.from.Set(gocv.VideoCaptureFOURCC, fourCC(want.Code))
	}
	s.from.Set(gocv.VideoCaptureFrameWidth, float64(want.Width))
	s.from.Set(gocv.VideoCaptureFrameHeight, float64(want.Height))
	s.from.Set(gocv.VideoCaptureFPS, want.Rate)
	got := webcam.Format{
		Width: int(s.from.Get(gocv.VideoCaptureFrameWidth)), Height: int(s.from.Get(gocv.VideoCaptureFrameHeight)),
		Code: codeOf(s.from.Get(gocv.VideoCaptureFOURCC)),
	}
	if rate := s.from.Get(gocv.VideoCaptureFPS); rate > 0 && rate <= maxRate {
		got.Rate = rate
	}
	return got
}

// fourCC packs four letters as OpenCV wants them.
func fourCC(code string) float64 {
	n := 0
	for i := range 4 {
		n |= int(code[i]) << (8 * i)
	}
	return float64(n)
}

// codeOf unpacks them; empty for what is none.
func codeOf(packed float64) string {
	if !(packed > 0 && packed < 1<<32) {
		return ""
	}
	n := uint32(packed)
	code := string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	if strings.ContainsFunc(code, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return code
}

var errNoPicture = errors.New("no picture")

// Read implements webcam.Stream. A picture that did not come is asked for once more: OpenCV gives up when one of the signals that Go's runtime sends
// its own threads cuts the wait, and does not say so.
func (s *stream) Read() (biometrics.Frame, error) {
	got := s.from.Read(&s.bgr)
	if !got {
		got = s.from.Read(&s.bgr)
	}
	if !got || s.bgr.Empty() || s.bgr.Type() != gocv.MatTypeCV8UC3 {
		return biometrics.Frame{}, errNoPicture
	}
	gocv.CvtColor(s.bgr, &s.rgba, gocv.ColorBGRToRGBA)
	return biometrics.Frame{Width: s.rgba.Cols(), Height: s.rgba.Rows(), Pix: s.rgba.ToBytes()}, nil
}

// Skip implements webcam.Stream: the driver's picture is taken, and not decoded.
func (s *stream) Skip() { s.from.Grab(1) }

// Close implements webcam.Stream.
func (s *stream) Close() error { return errors.Join(s.from.Close(), s.bgr.Close(), s.rgba.Close()) }
