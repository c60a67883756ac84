package webcam

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"visavis/biometrics"
)

// A source by identity is "usb:VENDOR:PRODUCT?port=PORT&serial=SERIAL", values escaped as in an address; those that are empty are left out.
const usbScheme = "usb:"

// Source names a camera so that Open finds it again: under another number, and with a serial number at another port too. It is what settings
// keep. A camera that is not on USB goes by its port. It is empty for what can not be found again, as a file: that goes by its own name.
func Source(info biometrics.CameraInfo) string {
	if info.Vendor == "" {
		return info.Port
	}
	v := url.Values{}
	for key, value := range map[string]string{"port": info.Port, "serial": info.Serial} {
		if value != "" {
			v.Set(key, value)
		}
	}
	source := usbScheme + url.QueryEscape(info.Vendor) + ":" + url.QueryEscape(info.Product)
	if len(v) > 0 {
		source += "?" + v.Encode()
	}
	return source
}

// Printable is a source as it may be written to a log: an address without its password and without what may be one.
func Printable(source string) string {
	scheme, _, address := strings.Cut(source, "://")
	if !address {
		return source
	}
	u, err := url.Parse(source)
	if err != nil || u.Host == "" {
		return scheme + "://"
	}
	return scheme + "://" + u.Host
}

// parseSource reads what Source wrote for a camera on USB, and nothing else.
func parseSource(source string) (biometrics.CameraInfo, bool) {
	rest, ok := strings.CutPrefix(source, usbScheme)
	if !ok {
		return biometrics.CameraInfo{}, false
	}
	ids, query, _ := strings.Cut(rest, "?")
	vendor, product, ok := strings.Cut(ids, ":")
	v, err := url.ParseQuery(query)
	if !ok || err != nil {
		return biometrics.CameraInfo{}, false
	}
	info := biometrics.CameraInfo{Serial: v.Get("serial"), Port: v.Get("port")}
	if info.Vendor, err = url.QueryUnescape(vendor); err != nil {
		return biometrics.CameraInfo{}, false
	}
	if info.Product, err = url.QueryUnescape(product); err != nil {
		return biometrics.CameraInfo{}, false
	}
	return info, info.Vendor != "" && Source(info) == source // one camera, one spelling
}

// Find looks a source up among cameras: empty for the first that is hardware, a number, a device path, a Port, or what Source gives.
func Find(devices []Device, source string) (Device, bool) {
	if wanted, ok := parseSource(source); ok {
		return findIdentity(devices, wanted)
	}
	i := slices.IndexFunc(devices, func(d Device) bool {
		if source == "" {
			return !d.Info.Virtual
		}
		return source == d.Path || source == d.Info.Port || "/dev/video"+source == d.Path
	})
	if i < 0 {
		return Device{}, false
	}
	return devices[i], true
}

// findIdentity finds a camera by vendor, product and serial number, and by its port where it has no serial number or shares it. What only
// imitates the camera comes last.
func findIdentity(devices []Device, wanted biometrics.CameraInfo) (Device, bool) {
	best, rank := Device{}, 0
	for _, d := range devices {
		if d.Info.Vendor != wanted.Vendor || d.Info.Product != wanted.Product || d.Info.Serial != wanted.Serial ||
			interfaceOf(d.Info.Port) != interfaceOf(wanted.Port) {
			continue
		}
		here := 0
		switch samePort := d.Info.Port == wanted.Port; {
		case samePort && !d.Info.Virtual:
			here = 4
		case wanted.Serial != "" && !d.Info.Virtual:
			here = 3
		case samePort:
			here = 2
		case wanted.Serial != "":
			here = 1
		}
		if here > rank {
			best, rank = d, here
		}
	}
	return best, rank > 0
}

// interfaceOf is what the second camera of a USB device has behind its port.
func interfaceOf(port string) string {
	_, name, _ := strings.Cut(port, ":")
	return name
}

// IsDevice says whether a source can only be a camera of the kernel's, whether there is one of that name or not.
func IsDevice(source string) bool {
	_, err := strconv.Atoi(source)
	return source == "" || err == nil || strings.HasPrefix(source, "/dev/") || strings.HasPrefix(source, usbScheme)
}
