package camera

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"visavis/biometrics"
)

// Device is a camera that the kernel lists.
type Device struct {
	Path string // "/dev/video0"
	Info biometrics.CameraInfo
}

// maxAttr bounds what is kept of one sysfs attribute or name, in bytes.
const maxAttr = 256

// Devices lists the capture devices under a sysfs root ("/sys"), by number. A machine without any is not an error. Of a device's nodes only the
// first counts: the others give metadata.
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
		n, err := strconv.Atoi(strings.TrimPrefix(e.Name(), "video"))
		if err != nil || !strings.HasPrefix(e.Name(), "video") {
			continue
		}
		node := filepath.Join(class, e.Name())
		if index := attr(node, "index"); index != "" && index != "0" {
			continue
		}
		found = append(found, numbered{n, Device{Path: "/dev/" + e.Name(), Info: identify(node)}})
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	devices := make([]Device, 0, len(found))
	for _, f := range found {
		devices = append(devices, f.d)
	}
	return devices, nil
}

// virtualDrivers make cameras of whatever a program writes into them.
var virtualDrivers = map[string]bool{"v4l2loopback": true, "v4l2 loopback": true, "vivid": true, "akvcam": true}

// identify reads who a video4linux node belongs to. A node that no hardware stands behind is virtual, and so is one that cannot be read.
func identify(node string) biometrics.CameraInfo {
	info := biometrics.CameraInfo{Name: attr(node, "name"), Virtual: true}
	device, err := filepath.EvalSymlinks(filepath.Join(node, "device"))
	if err != nil {
		info.Port = clean(filepath.Base(node))
		return info
	}
	if driver, err := filepath.EvalSymlinks(filepath.Join(device, "driver")); err == nil {
		info.Driver = clean(filepath.Base(driver))
	}
	info.Port = clean(filepath.Base(device))
	info.Virtual = info.Driver == "" || virtualDrivers[info.Driver] || strings.Contains(device, "/devices/virtual/")
	for dir := device; len(dir) > 1; dir = filepath.Dir(dir) {
		if vendor := attr(dir, "idVendor"); vendor != "" {
			info.Vendor, info.Product, info.Serial = vendor, attr(dir, "idProduct"), attr(dir, "serial")
			info.Port = clean(filepath.Base(dir))
			break
		}
	}
	return info
}

// attr reads one attribute as clean text; empty when there is none.
func attr(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return clean(string(b))
}

// clean makes text of what a name happens to hold: it is shown and encoded.
func clean(name string) string {
	s := strings.ToValidUTF8(name[:min(len(name), maxAttr)], "?")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}
