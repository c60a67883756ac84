package webcam

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"visavis/biometrics"
)

func TestNoCameras(t *testing.T) {
	if devices, err := Devices(t.TempDir()); err != nil || len(devices) != 0 {
		t.Errorf("%v, %v", devices, err)
	}
	s := newTree(t)
	s.file("class/video4linux", "a file")
	if _, err := Devices(s.root); err == nil {
		t.Error("no error for a class that can not be listed")
	}
}

// A desk with an integrated camera, whose infrared half has the same USB identity, two equal webcams and a loopback.
func TestDevices(t *testing.T) {
	s := newTree(t)
	s.plug(10, webcam("2-3", ""))
	s.plug(4, webcam("1-1.2", ""))
	s.plug(0, usb{port: "1-6", vendor: "04f2", product: "b6d9", serial: "01.00.00", name: "Integrated Camera: Integrated C"})
	s.plug(2, usb{port: "1-6", iface: "1.2", vendor: "04f2", product: "b6d9", serial: "01.00.00", name: "Integrated Camera: Integrated I"})
	s.file("devices/virtual/video4linux/video20/name", "loop\x1b[31m\n")
	s.file("devices/virtual/video4linux/video20/dev", "81:20\n")
	s.link("class/video4linux/video20", "devices/virtual/video4linux/video20")
	s.file("class/video4linux/v4l-subdev0/name", "sensor\n")
	s.file("class/video4linux/video007/name", "not as the kernel writes it\n")
	s.file("class/video4linux/video-1/name", "nor this\n")
	devices, err := Devices(s.root)
	if err != nil {
		t.Fatal(err)
	}
	want := []Device{
		{Path: "/dev/video0", Dev: "81:0", Info: biometrics.CameraInfo{Name: "Integrated Camera: Integrated C", Driver: "uvcvideo", Vendor: "04f2",
			Product: "b6d9", Serial: "01.00.00", Port: "1-6"}},
		{Path: "/dev/video2", Dev: "81:2", Info: biometrics.CameraInfo{Name: "Integrated Camera: Integrated I", Driver: "uvcvideo", Vendor: "04f2",
			Product: "b6d9", Serial: "01.00.00", Port: "1-6:1.2"}},
		{Path: "/dev/video4", Dev: "81:4", Info: biometrics.CameraInfo{Name: "HD Webcam: HD Webcam", Driver: "uvcvideo", Vendor: "046d",
			Product: "0825", Port: "1-1.2"}},
		{Path: "/dev/video10", Dev: "81:10", Info: biometrics.CameraInfo{Name: "HD Webcam: HD Webcam", Driver: "uvcvideo", Vendor: "046d",
			Product: "0825", Port: "2-3"}},
		{Path: "/dev/video20", Dev: "81:20", Info: biometrics.CameraInfo{Name: "loop[31m", Port: "video20", Virtual: true}},
	}
	if !reflect.DeepEqual(devices, want) {
		t.Errorf("%+v", devices)
	}
	seen := map[string]bool{}
	for _, d := range devices {
		source := Source(d.Info)
		if found, ok := Find(devices, source); !ok || found != d || seen[source] {
			t.Errorf("%s: found %+v", source, found)
		}
		seen[source] = true
		if found, ok := Find(devices, d.Info.Port); !ok || found != d { // what settings kept before
			t.Errorf("port %s: found %+v", d.Info.Port, found)
		}
	}
}

// Whatever can not be read is missing, and nobody vouches for hardware that says nothing.
func TestUnreadableAttributes(t *testing.T) {
	s := newTree(t)
	s.plug(0, webcam("1-1", "A1"))
	iface := filepath.Join(s.root, pci, "1-1", "1-1:1.0")
	for _, name := range []string{"../serial", "video4linux/video0/name"} {
		path := filepath.Join(iface, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(path, 0o700); err != nil { // opens, but does not read, for root too
			t.Fatal(err)
		}
	}
	want := biometrics.CameraInfo{Driver: "uvcvideo", Vendor: "046d", Product: "0825", Port: "1-1"}
	if got := s.infos(); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
	for _, name := range []string{"video4linux/video0/dev", "driver"} {
		s := newTree(t)
		s.plug(0, webcam("1-1", "A1"))
		if err := os.Remove(filepath.Join(s.root, pci, "1-1", "1-1:1.0", name)); err != nil {
			t.Fatal(err)
		}
		if got := s.infos(); len(got) != 1 || !got[0].Virtual {
			t.Errorf("without %s: %+v", name, got)
		}
	}
	long := newTree(t)
	long.plug(0, usb{port: "1-1", vendor: "046d", product: "0825", name: strings.Repeat("é", 400)})
	if got := long.infos(); len(got) != 1 || len(got[0].Name) > maxAttr+2 {
		t.Errorf("a name of %d bytes", len(got[0].Name))
	}
}

// Attacks: what a program paints must not pass for hardware, whatever it calls itself.
func TestImitationsAreVirtual(t *testing.T) {
	const name = "Integrated Webcam: Integrated W"
	for what, build := range map[string]func(tree){
		"a loopback with a card's label": func(s tree) {
			s.file("devices/virtual/video4linux/video0/name", name)
			s.file("devices/virtual/video4linux/video0/dev", "81:0")
			s.link("class/video4linux/video0", "devices/virtual/video4linux/video0")
		},
		"a loopback on a platform device": func(s tree) {
			s.file("devices/platform/v4l2loopback-000/video4linux/video0/name", name)
			s.file("devices/platform/v4l2loopback-000/video4linux/video0/dev", "81:0")
			s.link("devices/platform/v4l2loopback-000/driver", "bus/platform/drivers/v4l2loopback")
			s.link("devices/platform/v4l2loopback-000/video4linux/video0/device", "devices/platform/v4l2loopback-000")
			s.link("class/video4linux/video0", "devices/platform/v4l2loopback-000/video4linux/video0")
		},
		"vivid": func(s tree) {
			s.file("devices/platform/vivid.0/video4linux/video0/name", name)
			s.file("devices/platform/vivid.0/video4linux/video0/dev", "81:0")
			s.link("devices/platform/vivid.0/driver", "bus/platform/drivers/vivid")
			s.link("devices/platform/vivid.0/video4linux/video0/device", "devices/platform/vivid.0")
			s.link("class/video4linux/video0", "devices/platform/vivid.0/video4linux/video0")
		},
		"USB over a network": func(s tree) {
			s.plug(0, usb{bus: "devices/platform/vhci_hcd.0/usb3", port: "3-1", vendor: "046d", product: "0825", serial: "A1", name: name})
		},
		"USB that a program plays": func(s tree) {
			s.plug(0, usb{bus: "devices/platform/dummy_hcd.0/usb5", port: "5-1", vendor: "046d", product: "0825", serial: "A1", name: name})
		},
		"a virtual node whose device link points at a real camera": func(s tree) {
			s.plug(8, webcam("1-1", "A1"))
			s.pull(8)
			s.file("devices/virtual/video4linux/video0/name", name)
			s.file("devices/virtual/video4linux/video0/dev", "81:0")
			s.link("devices/virtual/video4linux/video0/device", pci+"/1-1/1-1:1.0")
			s.link("class/video4linux/video0", "devices/virtual/video4linux/video0")
		},
		"a node of its own place whose device link points at USB over a network": func(s tree) {
			s.plug(8, usb{bus: "devices/platform/vhci_hcd.0/usb3", port: "3-1", vendor: "046d", product: "0825", serial: "A1", name: name})
			s.pull(8)
			s.file("class/video4linux/video0/name", name)
			s.file("class/video4linux/video0/dev", "81:0")
			s.link("class/video4linux/video0/device", "devices/platform/vhci_hcd.0/usb3/3-1/3-1:1.0")
		},
		"a class link that leads nowhere": func(s tree) {
			s.file("class/video4linux/x", "")
			s.link("class/video4linux/video0", "gone")
			if err := os.Remove(filepath.Join(s.root, "gone")); err != nil {
				t.Fatal(err)
			}
		},
		"a node that says nothing of itself": func(s tree) { s.file("class/video4linux/video0/name", name) },
	} {
		s := newTree(t)
		build(s)
		infos := s.infos()
		if len(infos) != 1 || !infos[0].Virtual {
			t.Errorf("%s: %+v", what, infos)
		}
		if d, ok := s.device(""); ok {
			t.Errorf("%s is the first camera: %+v", what, d)
		}
	}
}

// What sysfs takes for hardware, the driver itself may give away; and what is at the path must be the device that sysfs lists.
func TestCheck(t *testing.T) {
	real := Device{Path: "/dev/video0", Dev: "81:0", Info: biometrics.CameraInfo{Driver: "uvcvideo"}}
	for what, c := range map[string]struct {
		n       node
		err     error
		want    error
		virtual bool
	}{
		"a camera":         {n: node{dev: "81:0", driver: "uvcvideo", picture: true}},
		"busy":             {n: node{dev: "81:0", picture: true, busy: true}, want: biometrics.ErrCameraBusy},
		"another device":   {n: node{dev: "81:1", picture: true}, want: biometrics.ErrCameraMissing},
		"metadata":         {n: node{dev: "81:0"}, want: biometrics.ErrCameraMissing},
		"not allowed":      {err: os.ErrPermission, want: biometrics.ErrCameraDenied},
		"EPERM":            {err: &os.PathError{Op: "open", Err: syscall.EPERM}, want: biometrics.ErrCameraDenied},
		"EACCES":           {err: &os.PathError{Op: "open", Err: syscall.EACCES}, want: biometrics.ErrCameraDenied},
		"EBUSY":            {err: &os.PathError{Op: "open", Err: syscall.EBUSY}, want: biometrics.ErrCameraBusy},
		"ENODEV":           {err: &os.PathError{Op: "open", Err: syscall.ENODEV}, want: biometrics.ErrCameraMissing},
		"a file":           {err: errNoNode, want: biometrics.ErrCameraMissing},
		"hangs":            {err: errHangs, want: biometrics.ErrCameraSlow},
		"a loopback":       {n: node{dev: "81:0", driver: "v4l2 loopback", picture: true}, virtual: true},
		"a loopback again": {n: node{dev: "81:0", driver: "V4L2-Loopback", picture: true}, virtual: true},
	} {
		d, err := real.check(c.n, c.err)
		if !errors.Is(err, c.want) || d.Info.Virtual != c.virtual {
			t.Errorf("%s: %+v, %v", what, d.Info, err)
		}
	}
}

// OpenCV would show a film that lies at a camera's path.
func TestAskKernel(t *testing.T) {
	dir := t.TempDir()
	film, pipe := filepath.Join(dir, "video0"), filepath.Join(dir, "video1")
	if err := os.WriteFile(film, []byte("RIFF"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "video2")
	if err := os.Symlink(film, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{film, pipe, link, dir} {
		if n, err := askKernel(path, true); !errors.Is(err, errNoNode) {
			t.Errorf("%s: %+v, %v", path, n, err)
		}
	}
	if _, err := askKernel(filepath.Join(dir, "video9"), true); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
	n, err := askKernel(os.DevNull, true)
	if err != nil || n.dev != "1:3" || n.busy {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := (Device{Path: os.DevNull, Dev: "81:0"}).check(n, err); !errors.Is(err, biometrics.ErrCameraMissing) {
		t.Errorf("another device at the path: %v", err)
	}
}
