package camera

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics"
)

// tree builds a sysfs: paths with their content, and symbolic links.
func tree(t *testing.T, files, links map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		p := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range links {
		p := filepath.Join(root, from)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(root, to), p); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func machine(t *testing.T) string {
	const usb = "devices/pci0000:00/usb1/1-4"
	return tree(t, map[string]string{
		"class/video4linux/video10/name": "loop\x1b[31m\n", "class/video4linux/video10/index": "0\n",
		"class/video4linux/video2/name": "HD Webcam: HD Webcam\n", "class/video4linux/video2/index": "0\n",
		"class/video4linux/video3/name": "HD Webcam: metadata\n", "class/video4linux/video3/index": "1\n",
		"class/video4linux/v4l-subdev0/name": "sensor\n",
		usb + "/idVendor":                    "046d\n", usb + "/idProduct": "0825\n", usb + "/serial": "A1B2C3\n", usb + "/1-4:1.0/x": "",
		"bus/usb/drivers/uvcvideo/x": "", "devices/platform/loopback/x": "", "bus/platform/drivers/v4l2loopback/x": "",
	}, map[string]string{
		"class/video4linux/video2/device":     usb + "/1-4:1.0",
		usb + "/1-4:1.0/driver":               "bus/usb/drivers/uvcvideo",
		"class/video4linux/video10/device":    "devices/platform/loopback",
		"devices/platform/loopback/driver":    "bus/platform/drivers/v4l2loopback",
		"class/video4linux/not-a-video/dummy": "",
	})
}

func TestDevices(t *testing.T) {
	devices, err := Devices(machine(t))
	if err != nil || len(devices) != 2 {
		t.Fatalf("%+v, %v", devices, err)
	}
	want := biometrics.CameraInfo{
		Name: "HD Webcam: HD Webcam", Driver: "uvcvideo", Vendor: "046d", Product: "0825", Serial: "A1B2C3", Port: "1-4",
	}
	if d := devices[0]; d.Path != "/dev/video2" || d.Info != want {
		t.Errorf("%+v", d)
	}
	if d := devices[1]; d.Path != "/dev/video10" || !d.Info.Virtual || d.Info.Name != "loop[31m" {
		t.Errorf("%+v", d)
	}
}

// A node that says nothing of itself is not taken for hardware.
func TestUnknownDeviceIsVirtual(t *testing.T) {
	devices, err := Devices(tree(t, map[string]string{"class/video4linux/video0/name": "who?"}, nil))
	if err != nil || len(devices) != 1 || !devices[0].Info.Virtual {
		t.Errorf("%+v, %v", devices, err)
	}
}

func TestFindDevice(t *testing.T) {
	sysfs := machine(t)
	for from, want := range map[string]string{
		"": "/dev/video2", "2": "/dev/video2", "/dev/video2": "/dev/video2", "1-4": "/dev/video2", "10": "/dev/video10",
		"3": "", "film.avi": "", "loop": "",
	} {
		if d, ok, err := findDevice(from, sysfs); err != nil || d.Path != want || ok != (want != "") {
			t.Errorf("%q: %+v, %v, %v", from, d, ok, err)
		}
	}
	if _, err := Open(t.Context(), "1-4", Options{Sysfs: sysfs}); !errors.Is(err, biometrics.ErrCameraMissing) {
		t.Errorf("a device that is listed but gone: %v", err)
	}
}
