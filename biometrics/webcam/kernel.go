package webcam

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"visavis/biometrics"
)

// node is what the kernel answers when it is asked about a device node.
type node struct {
	dev     string // "81:0"
	driver  string // as the driver calls itself; empty when it does not say
	picture bool   // gives pictures, as far as it says
	busy    bool   // another program has them
}

var errNoNode = errors.New("not a camera's node")

// askKernel asks about a device node without turning the camera on. What is at the path has to be a character device: OpenCV would also read
// pictures from a file or a pipe of that name.
//
// Only who is about to open the camera asks whether it streams.
func askKernel(path string, streams bool) (node, error) {
	info, err := os.Stat(path)
	if err != nil {
		return node{}, err
	}
	if info.Mode()&fs.ModeCharDevice == 0 {
		return node{}, errNoNode
	}
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return node{}, err
	}
	defer f.Close()
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		return node{}, err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFCHR {
		return node{}, errNoNode
	}
	n := node{dev: fmt.Sprintf("%d:%d", unix.Major(stat.Rdev), unix.Minor(stat.Rdev)), picture: true}
	n.capabilities(f)
	n.busy = streams && n.picture && streamsElsewhere(f)
	return n, nil
}

// capabilities asks what a device is for: the nodes of one camera also give metadata, or take pictures instead of giving them.
func (n *node) capabilities(f *os.File) {
	const queryCapabilities = 0x80685600 // VIDIOC_QUERYCAP
	const (
		capture, captureMultiplane = 0x1, 0x1000
		ofThisNode                 = 0x80000000
	)
	var c struct {
		driver           [16]byte
		card, bus        [32]byte
		version          uint32
		all, own, r1, r2 uint32
		r3               uint32
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), queryCapabilities, uintptr(unsafe.Pointer(&c))); errno != 0 {
		return
	}
	flags := c.all
	if flags&ofThisNode != 0 {
		flags = c.own
	}
	n.picture = flags&(capture|captureMultiplane) != 0
	name, _, _ := bytes.Cut(c.driver[:], []byte{0})
	n.driver = Clean(string(name))
}

// streamsElsewhere says whether another program has a camera's pictures: opening tells nothing, since V4L2 lets everybody open. To give back
// all of one's own buffers, of which there are none, is the smallest request that only who may stream is granted.
func streamsElsewhere(f *os.File) bool {
	const requestBuffers, videoCapture, memoryMapped = 0xc0145608, 1, 1 // VIDIOC_REQBUFS and its arguments
	request := struct {
		count, kind, memory, capabilities, reserved uint32
	}{kind: videoCapture, memory: memoryMapped}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), requestBuffers, uintptr(unsafe.Pointer(&request)))
	return errno == unix.EBUSY
}

// check compares what sysfs and the kernel, n or err, say of a device, and returns it with what was learnt. Its errors are biometrics.Err… values, wrapped.
func (d Device) check(n node, err error) (Device, error) {
	switch {
	case err != nil:
		return d, fmt.Errorf("%w: %w", deviceError(err), err)
	case d.Dev != "" && n.dev != d.Dev:
		return d, fmt.Errorf("%w: %s is device %s, not %s", biometrics.ErrCameraMissing, d.Path, n.dev, d.Dev)
	case !n.picture:
		return d, fmt.Errorf("%w: %s gives no pictures", biometrics.ErrCameraMissing, d.Path)
	case n.busy:
		return d, biometrics.ErrCameraBusy
	}
	if virtualDriver(n.driver) {
		d.Info.Virtual = true
	}
	return d, nil
}

// deviceError says what it means that a listed camera does not open.
func deviceError(err error) error {
	switch {
	case errors.Is(err, syscall.EBUSY):
		return biometrics.ErrCameraBusy
	case errors.Is(err, os.ErrPermission): // EACCES and EPERM
		return biometrics.ErrCameraDenied
	case errors.Is(err, errHangs):
		return biometrics.ErrCameraSlow
	default:
		return biometrics.ErrCameraMissing
	}
}
