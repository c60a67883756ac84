package camera

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"gocv.io/x/gocv"
	"golang.org/x/sys/unix"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

// Options say where cameras are found and what time it is. The zero value is the machine's.
type Options struct {
	Sysfs   string                               // "/sys"
	Now     func() time.Time                     // monotonic
	After   func(time.Duration) <-chan time.Time // paces files
	Unpaced bool                                 // gives a file's frames as fast as they are read
}

func (o Options) filled() Options {
	if o.Sysfs == "" {
		o.Sysfs = "/sys"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

const (
	askWidth, askHeight = 640, 480
	blackLevel          = 3.0 // mean grey of a picture behind a closed shutter
	blackFrames         = 30  // in a row until the camera counts as covered
	fileRate            = 25  // frames a second of a file that does not say
	maxRate             = 240
)

// Camera is a biometrics.Camera on OpenCV. Only its owner uses it, from one goroutine at a time.
type Camera struct {
	o      Options
	info   biometrics.CameraInfo
	device bool          // a camera of the kernel's: black pictures are an error, and an end means that it was pulled out
	every  time.Duration // between two frames of a file; 0 for what paces itself
	start  time.Time
	frames int
	black  int

	source source // nil once closed
	bgr    gocv.Mat
	rgba   gocv.Mat
}

var _ biometrics.Camera = (*Camera)(nil)

// source is the part of gocv.VideoCapture that a Camera needs.
type source interface {
	Read(*gocv.Mat) bool
	Close() error
}

// Open opens a source: empty for the first camera, a number, a device path, the Port that Devices tells, an address with "://", or a video file.
func Open(ctx context.Context, from string, o Options) (*Camera, error) {
	o = o.filled()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open camera %q: %w", from, err)
	}
	var c *Camera
	var err error
	if strings.Contains(from, "://") {
		c, err = openStream(from, o)
	} else if d, ok, listErr := findDevice(from, o.Sysfs); listErr != nil {
		err = fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, listErr)
	} else if ok {
		c, err = openDevice(d, o)
	} else if isDeviceName(from) {
		err = biometrics.ErrCameraMissing
	} else {
		c, err = openFile(from, o)
	}
	if err != nil {
		return nil, fmt.Errorf("open camera %q: %w", from, err)
	}
	return c, nil
}

// isDeviceName says whether a source can only be a camera of the kernel's.
func isDeviceName(from string) bool {
	_, err := strconv.Atoi(from)
	return from == "" || err == nil || strings.HasPrefix(from, "/dev/")
}

// findDevice looks a source up among the kernel's cameras.
func findDevice(from, sysfs string) (Device, bool, error) {
	devices, err := Devices(sysfs)
	if err != nil {
		return Device{}, false, err
	}
	for _, d := range devices {
		if from == "" && !d.Info.Virtual || from != "" && (from == d.Path || from == d.Info.Port || "/dev/video"+from == d.Path) {
			return d, true, nil
		}
	}
	return Device{}, false, nil
}

func openDevice(d Device, o Options) (*Camera, error) {
	f, err := os.OpenFile(d.Path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", deviceError(err), err)
	}
	taken := streams(f)
	f.Close()
	if taken != nil {
		return nil, fmt.Errorf("%w: %w", deviceError(taken), taken)
	}
	v, err := gocv.OpenVideoCaptureWithAPI(d.Path, gocv.VideoCaptureV4L2)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	v.Set(gocv.VideoCaptureFrameWidth, askWidth)
	v.Set(gocv.VideoCaptureFrameHeight, askHeight)
	v.Set(gocv.VideoCaptureBufferSize, 1)
	c := newCamera(v, d.Info, o)
	c.device = true
	return c, nil
}

// streams returns EBUSY when another program has a camera's pictures: opening tells nothing, since V4L2 lets everybody open. To give back
// all of one's own buffers, of which there are none, is the smallest request that only who may stream is granted.
func streams(device *os.File) error {
	const requestBuffers, videoCapture, memoryMapped = 0xc0145608, 1, 1 // VIDIOC_REQBUFS and its arguments
	request := struct {
		count, kind, memory, capabilities, reserved uint32
	}{kind: videoCapture, memory: memoryMapped}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, device.Fd(), requestBuffers, uintptr(unsafe.Pointer(&request)))
	if errno == unix.EBUSY {
		return errno
	}
	return nil // whatever else is wrong, OpenCV says when it opens the camera
}

// deviceError says what it means that a listed camera does not open.
func deviceError(err error) error {
	switch {
	case errors.Is(err, syscall.EBUSY):
		return biometrics.ErrCameraBusy
	case errors.Is(err, os.ErrPermission): // EACCES and EPERM
		return biometrics.ErrCameraDenied
	default:
		return biometrics.ErrCameraMissing
	}
}

func openStream(from string, o Options) (*Camera, error) {
	v, err := gocv.OpenVideoCapture(from)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	return newCamera(v, biometrics.CameraInfo{Name: "stream", Driver: "stream", Virtual: true}, o), nil
}

// openFile opens regular files alone: OpenCV would take a name with a % in it for a numbered series of pictures.
func openFile(from string, o Options) (*Camera, error) {
	if info, err := os.Stat(from); err != nil || !info.Mode().IsRegular() || strings.Contains(from, "%") {
		return nil, biometrics.ErrCameraMissing
	}
	path, err := filepath.Abs(from)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	v, err := gocv.VideoCaptureFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", eye.ErrFilm, err)
	}
	rate := v.Get(gocv.VideoCaptureFPS)
	if !(rate > 0 && rate <= maxRate) {
		rate = fileRate
	}
	c := newCamera(v, biometrics.CameraInfo{Name: clean(filepath.Base(from)), Driver: "file", Virtual: true}, o)
	c.every = time.Duration(float64(time.Second) / rate)
	return c, nil
}

func newCamera(s source, info biometrics.CameraInfo, o Options) *Camera {
	return &Camera{o: o, info: info, start: o.Now(), source: s, bgr: gocv.NewMat(), rgba: gocv.NewMat()}
}

// Info implements biometrics.Camera.
func (c *Camera) Info() biometrics.CameraInfo { return c.info }

// Read implements biometrics.Camera. A file's frames come at the file's rate and carry its times.
func (c *Camera) Read() (biometrics.Frame, error) {
	if c.source == nil {
		return biometrics.Frame{}, fmt.Errorf("read camera: %w", biometrics.ErrCameraClosed)
	}
	if !c.source.Read(&c.bgr) || c.bgr.Empty() || c.bgr.Type() != gocv.MatTypeCV8UC3 {
		return biometrics.Frame{}, fmt.Errorf("read camera: %w", c.ended())
	}
	at := c.o.Now().Sub(c.start)
	if c.every > 0 {
		due := time.Duration(c.frames) * c.every
		if wait := due - at; wait > 0 && !c.o.Unpaced {
			<-c.o.After(wait)
		}
		at = due
	}
	c.frames++
	if err := c.checkLight(); err != nil {
		return biometrics.Frame{}, fmt.Errorf("read camera: %w", err)
	}
	gocv.CvtColor(c.bgr, &c.rgba, gocv.ColorBGRToRGBA)
	return biometrics.Frame{Width: c.rgba.Cols(), Height: c.rgba.Rows(), Pix: c.rgba.ToBytes(), At: at}, nil
}

func (c *Camera) ended() error {
	if c.device {
		return biometrics.ErrCameraMissing
	}
	return biometrics.ErrCameraEnded
}

// checkLight counts black pictures: a camera whose shutter is closed gives nothing else.
func (c *Camera) checkLight() error {
	if !c.device {
		return nil
	}
	m := c.bgr.Mean()
	if (m.Val1+m.Val2+m.Val3)/3 > blackLevel {
		c.black = 0
		return nil
	}
	if c.black++; c.black >= blackFrames {
		return biometrics.ErrCameraDark
	}
	return nil
}

// Close implements biometrics.Camera. Closing twice is not an error.
func (c *Camera) Close() error {
	if c.source == nil {
		return nil
	}
	err := c.source.Close()
	c.source = nil
	return errors.Join(err, c.bgr.Close(), c.rgba.Close())
}
