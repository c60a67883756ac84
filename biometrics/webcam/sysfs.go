package webcam

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"visavis/biometrics"
)

// Device is a camera that the kernel lists. Its Path is of this moment: plugged in again it may be another.
type Device struct {
	Path string // "/dev/video0"
	Dev  string // "81:0": the device's numbers, which its node must have
	Info biometrics.CameraInfo
}

// maxAttr bounds what is kept of one sysfs attribute or name, in bytes.
const maxAttr = 256

// Devices lists the capture devices under a sysfs root ("/sys"), by number. A machine without any is not an error. Of the nodes that a driver
// makes for one camera only the first counts: the others give metadata.
func Devices(sysfs string) ([]Device, error) {
	class := filepath.Join(sysfs, "class", "video4linux")
	entries, err := os.ReadDir(class)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	type numbered struct {
		n int
		d Device
	}
	var found []numbered
	for _, e := range entries {
		n, ok := nodeNumber(e.Name())
		if !ok {
			continue
		}
		node := filepath.Join(class, e.Name())
		if index := attr(node, "index"); index != "" && index != "0" {
			continue
		}
		d := Device{Path: "/dev/" + e.Name(), Dev: attr(node, "dev"), Info: identify(node)}
		d.Info.Virtual = d.Info.Virtual || d.Dev == "" // else anything could lie at its path
		found = append(found, numbered{n, d})
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	devices := make([]Device, 0, len(found))
	for _, f := range found {
		devices = append(devices, f.d)
	}
	return devices, nil
}

// nodeNumber reads the number of "video7", as the kernel writes it.
func nodeNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "video")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n >= 0 && strconv.Itoa(n) == digits
}

// virtualDriver says whether a driver, by its own name or its module's, makes cameras of whatever a program writes into them.
func virtualDriver(name string) bool {
	switch strings.Map(plain, name) {
	case "v4l2loopback", "v4l2loopbackdc", "vloopback", "vivid", "vimc", "vim2m", "vicodec", "visl", "akvcam", "vcam", "webcamoid":
		return true
	}
	return false
}

// plain drops what spelling adds: "v4l2 loopback", "V4L2-loopback".
func plain(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return r
	}
	return -1
}

// virtualBuses are parts of a device's path that no cable ends at: devices without hardware, USB that comes over a network, and USB that a
// program on this machine plays.
var virtualBuses = []string{"/devices/virtual/", "/devices/faux/", "/vhci_hcd", "/dummy_hcd", "/dummy_udc", "/usbip"}

// onVirtualBus judges the place of a device in sysfs, links resolved.
func onVirtualBus(device string) bool {
	return slices.ContainsFunc(virtualBuses, func(part string) bool { return strings.Contains(device+"/", part) })
}

// identify reads who a video4linux node belongs to. A node that no hardware stands behind is virtual, and so is one that cannot be read.
func identify(node string) biometrics.CameraInfo {
	info := biometrics.CameraInfo{Name: attr(node, "name"), Virtual: true}
	device, err := filepath.EvalSymlinks(filepath.Join(node, "device"))
	if err != nil {
		info.Port = Clean(filepath.Base(node))
		return info
	}
	if driver, err := filepath.EvalSymlinks(filepath.Join(device, "driver")); err == nil {
		info.Driver = Clean(filepath.Base(driver))
	}
	own, err := filepath.EvalSymlinks(node)
	info.Virtual = err != nil || info.Driver == "" || virtualDriver(info.Driver) || onVirtualBus(device) || onVirtualBus(own)
	info.Port = Clean(filepath.Base(device))
	for dir := device; len(dir) > 1; dir = filepath.Dir(dir) {
		if vendor := attr(dir, "idVendor"); vendor != "" {
			info.Vendor, info.Product, info.Serial = vendor, attr(dir, "idProduct"), attr(dir, "serial")
			info.Port = Clean(filepath.Base(dir))
			if !firstCamera(dir, device) {
				info.Port = Clean(filepath.Base(device))
			}
			break
		}
	}
	return info
}

// firstCamera says whether an interface is the first camera of a USB device. A device may hold two, one of colours and one of infrared, with
// one vendor, product and serial number: the second goes by its interface.
func firstCamera(usb, device string) bool {
	mine, ok := strings.CutPrefix(filepath.Base(device), filepath.Base(usb)+":")
	if !ok {
		return true
	}
	interfaces, err := filepath.Glob(filepath.Join(glob(usb), glob(filepath.Base(usb))+":*"))
	if err != nil {
		return true
	}
	for _, dir := range interfaces {
		other := strings.TrimPrefix(filepath.Base(dir), filepath.Base(usb)+":")
		const video, control = "0e", "01"
		if attr(dir, "bInterfaceClass") == video && attr(dir, "bInterfaceSubClass") == control && earlier(other, mine) {
			return false
		}
	}
	return true
}

// glob quotes a name for filepath.Glob.
func glob(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

// earlier compares "configuration.interface", as numbers.
func earlier(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	return slices.CompareFunc(x, y, func(a, b string) int {
		m, errM := strconv.Atoi(a)
		n, errN := strconv.Atoi(b)
		if errM != nil || errN != nil {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(m, n)
	}) < 0
}

// attr reads one attribute as clean text; empty when there is none.
func attr(dir, name string) string {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, maxAttr)
	n, _ := f.Read(b) // an attribute comes in one piece
	return Clean(string(b[:n]))
}

// Clean makes text of what a name happens to hold, of bounded length: it is encoded, and shown in windows and on terminals. What steers either
// is left out.
func Clean(name string) string {
	s := strings.ToValidUTF8(name[:min(len(name), maxAttr)], "?")
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}
