package webcam

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics"
)

// tree is a made-up sysfs: files by path and content, links by path and target.
type tree struct {
	t    *testing.T
	root string
}

func newTree(t *testing.T) tree { return tree{t, t.TempDir()} }

func (s tree) file(path, content string) {
	s.t.Helper()
	p := filepath.Join(s.root, path)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s tree) link(path, target string) {
	s.t.Helper()
	p := filepath.Join(s.root, path)
	for _, dir := range []string{filepath.Dir(p), filepath.Join(s.root, target)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(s.root, target), p); err != nil {
		s.t.Fatal(err)
	}
}

// pci is where the machine's own USB controller is.
const pci = "devices/pci0000:00/0000:00:14.0/usb1"

// usb is a camera on USB.
type usb struct {
	bus, port, iface        string // bus defaults to pci, iface to "1.0"
	vendor, product, serial string
	name                    string
}

func (u usb) filled() usb {
	if u.bus == "" {
		u.bus = pci
	}
	if u.iface == "" {
		u.iface = "1.0"
	}
	return u
}

// webcam is one that many people have.
func webcam(port, serial string) usb {
	return usb{port: port, vendor: "046d", product: "0825", serial: serial, name: "HD Webcam: HD Webcam"}
}

// plug puts a camera on USB in as the number n, with the node n+1 for its metadata.
func (s tree) plug(n int, u usb) {
	s.t.Helper()
	u = u.filled()
	dir := u.bus + "/" + u.port
	iface := dir + "/" + u.port + ":" + u.iface
	s.file(dir+"/idVendor", u.vendor+"\n")
	s.file(dir+"/idProduct", u.product+"\n")
	if u.serial != "" {
		s.file(dir+"/serial", u.serial+"\n")
	}
	s.file(iface+"/bInterfaceClass", "0e\n")
	s.file(iface+"/bInterfaceSubClass", "01\n")
	if _, err := os.Lstat(filepath.Join(s.root, iface, "driver")); err != nil {
		s.link(iface+"/driver", "bus/usb/drivers/uvcvideo")
	}
	for i := range 2 {
		video := fmt.Sprintf("video%d", n+i)
		own := iface + "/video4linux/" + video
		s.file(own+"/name", u.name+"\n")
		s.file(own+"/index", fmt.Sprintf("%d\n", i))
		s.file(own+"/dev", fmt.Sprintf("81:%d\n", n+i))
		s.link(own+"/device", iface)
		s.link("class/video4linux/"+video, own)
	}
}

// pull takes the camera of number n out.
func (s tree) pull(n int) {
	s.t.Helper()
	for i := range 2 {
		link := filepath.Join(s.root, fmt.Sprintf("class/video4linux/video%d", n+i))
		own, err := filepath.EvalSymlinks(link)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := os.Remove(link); err != nil {
			s.t.Fatal(err)
		}
		if err := os.RemoveAll(own); err != nil {
			s.t.Fatal(err)
		}
	}
}

// device lists the tree's only camera that a source names.
func (s tree) device(source string) (Device, bool) {
	s.t.Helper()
	devices, err := Devices(s.root)
	if err != nil {
		s.t.Fatal(err)
	}
	return Find(devices, source)
}

func (s tree) infos() []biometrics.CameraInfo {
	s.t.Helper()
	devices, err := Devices(s.root)
	if err != nil {
		s.t.Fatal(err)
	}
	var infos []biometrics.CameraInfo
	for _, d := range devices {
		infos = append(infos, d.Info)
	}
	return infos
}
