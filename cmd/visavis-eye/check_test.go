package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/webcam"
)

// shelf is cameras as a test lists them.
type shelf struct {
	devices []webcam.Device
	wrong   map[string]error
	err     error
}

func (s shelf) List() ([]webcam.Device, error) { return s.devices, s.err }
func (s shelf) Usable(d webcam.Device) error   { return s.wrong[d.Path] }

func said(webcams lister) (text string, err error) {
	var out bytes.Buffer
	err = checkCameras(&out, webcams)
	return out.String(), err
}

func TestCheckCameras(t *testing.T) {
	s := shelf{
		devices: []webcam.Device{
			{Path: "/dev/video0", Info: biometrics.CameraInfo{Name: "HD Webcam", Driver: "uvcvideo", Vendor: "046d", Product: "0825", Serial: "A1", Port: "1-4"}},
			{Path: "/dev/video4", Info: biometrics.CameraInfo{Port: "video4", Virtual: true}},
		},
		wrong: map[string]error{"/dev/video4": fmt.Errorf("ask: %w", biometrics.ErrCameraBusy)},
	}
	const want = `HD Webcam
  at /dev/video0, USB 046d:0825, serial number A1, port 1-4, driver uvcvideo
  It can be used.
  Ask for it as: usb:046d:0825?port=1-4&serial=A1
A camera without a name
  at /dev/video4, port video4, no driver named
  Virtual: a program paints its pictures, or nothing says that hardware gives them. A server lets nobody in with it by default.
  It can not be used now: ask: the camera is in use by another program: close that program.
  Ask for it as: video4
`
	if got, err := said(s); got != want || err != nil {
		t.Errorf("%s%v", got, err)
	}
	if got, err := said(shelf{}); got == "" || err != nil {
		t.Errorf("no camera: %q, %v", got, err)
	}
	broken := errors.New("no /sys")
	if _, err := said(shelf{err: broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// On this machine, whatever it has.
func TestCheckSaysSomething(t *testing.T) {
	if got, err := said(newBackend("", false, slog.New(slog.DiscardHandler)).webcams); got == "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
