package webcam

import (
	"strings"
	"testing"

	"visavis/biometrics"
)

func TestSource(t *testing.T) {
	for want, info := range map[string]biometrics.CameraInfo{
		"usb:046d:0825?port=1-4&serial=A1":             {Vendor: "046d", Product: "0825", Serial: "A1", Port: "1-4"},
		"usb:046d:0825?port=1-4":                       {Vendor: "046d", Product: "0825", Port: "1-4"},
		"usb:046d:0825":                                {Vendor: "046d", Product: "0825"},
		"usb:046d:?port=1-4":                           {Vendor: "046d", Port: "1-4"},
		"usb:a%3Ab:c%2Bd?port=1-4&serial=S%26N+%3D%3F": {Vendor: "a:b", Product: "c+d", Serial: "S&N =?", Port: "1-4"},
		"10000000.csi":                                 {Port: "10000000.csi"},
		"puppet:?nobody":                               {Port: "puppet:?nobody", Virtual: true},
		"":                                             {Name: "film.avi", Driver: "file", Virtual: true},
	} {
		if got := Source(info); got != want {
			t.Errorf("%+v: %q, want %q", info, got, want)
		}
		parsed, ok := parseSource(want)
		if usb := info.Vendor != ""; ok != usb || ok && parsed != info {
			t.Errorf("%q: %+v, %v", want, parsed, ok)
		}
	}
}

// One camera has one spelling, so that a setting can be compared.
func TestSourcesAreStrict(t *testing.T) {
	for _, source := range []string{
		"usb:", "usb:046d", "usb::0825", "usb:046d:0825?", "usb:046d:0825?serial=A1&port=1-4", "usb:046d:0825?port=1-4&x=1",
		"usb:046d:0825?port=1-4&port=1-5", "usb:046d:0825?serial=", "usb:046d:0825?port=%zz", "usb:046d:%zz", "usb:%:1", "USB:046d:0825",
		"usb:046d:0825:1", "usb:046d:0825?port=1;2",
	} {
		if info, ok := parseSource(source); ok {
			t.Errorf("%q: %+v", source, info)
		}
		if d, ok := Find([]Device{{Path: "/dev/video0"}}, source); ok {
			t.Errorf("%q finds %+v", source, d)
		}
		if strings.HasPrefix(source, usbScheme) && !IsDevice(source) {
			t.Errorf("%q would be opened as a file", source)
		}
	}
}

func FuzzSource(f *testing.F) {
	f.Add("usb:046d:0825?port=1-4&serial=A1")
	f.Add("usb:a%3Ab:c?serial=S%26N")
	f.Fuzz(func(t *testing.T, source string) {
		if info, ok := parseSource(source); ok && Source(info) != source {
			t.Errorf("%q is also %q", source, Source(info))
		}
	})
}

// A camera is found again by what it is, not by its number.
func TestFind(t *testing.T) {
	s := newTree(t)
	s.plug(0, webcam("1-1", "A1"))
	s.plug(2, webcam("1-2", "B2"))
	s.plug(4, usb{port: "1-3", vendor: "0bda", product: "58f4", name: "no serial number"})
	a, _ := s.device("0")
	source := Source(a.Info)
	steps := []struct {
		what   string
		change func()
		want   string
	}{
		{"as it was", func() {}, "/dev/video0"},
		{"pulled out", func() { s.pull(0) }, ""},
		{"under another number", func() { s.plug(6, webcam("1-1", "A1")) }, "/dev/video6"},
		{"at another port", func() { s.pull(6); s.plug(8, webcam("1-7", "A1")) }, "/dev/video8"},
		{"an imitation with a lower number", func() {
			u := webcam("3-1", "A1")
			u.bus = "devices/platform/vhci_hcd.0/usb3"
			s.plug(0, u)
		}, "/dev/video8"},
		{"an imitation that even has its port", func() {
			u := webcam("1-1", "A1")
			u.bus = "devices/platform/vhci_hcd.0/usb3"
			s.plug(10, u)
		}, "/dev/video8"},
		{"imitations alone", func() { s.pull(8) }, "/dev/video10"}, // they are told as virtual
	}
	for _, step := range steps {
		step.change()
		if d, ok := s.device(source); d.Path != step.want || ok != (step.want != "") {
			t.Errorf("%s: %+v", step.what, d)
		}
	}
	if d, _ := s.device(source); !d.Info.Virtual {
		t.Errorf("the imitation: %+v", d)
	}
	quiet, _ := s.device("4")
	s.pull(4)
	s.plug(4, usb{port: "1-9", vendor: "0bda", product: "58f4"})
	if d, ok := s.device(Source(quiet.Info)); ok {
		t.Errorf("without a serial number it may be another camera: %+v", d)
	}
	s.plug(12, usb{port: "1-3", vendor: "0bda", product: "58f4"})
	if d, ok := s.device(Source(quiet.Info)); !ok || d.Path != "/dev/video12" {
		t.Errorf("at its port again: %+v", d)
	}
}

// Two cameras that share even the serial number stay apart by port while both are there.
func TestClones(t *testing.T) {
	s := newTree(t)
	s.plug(0, webcam("1-1", "0001"))
	s.plug(2, webcam("1-2", "0001"))
	for _, path := range []string{"/dev/video0", "/dev/video2"} {
		d, ok := s.device(path)
		if again, found := s.device(Source(d.Info)); !ok || !found || again != d {
			t.Errorf("%s: found %+v", path, again)
		}
	}
}

// The infrared half of a camera does not take the other half's place.
func TestHalvesOfOneDevice(t *testing.T) {
	s := newTree(t)
	colour := usb{port: "1-6", vendor: "04f2", product: "b6d9", serial: "1", name: "colour"}
	infrared := colour
	infrared.iface, infrared.name = "1.2", "infrared"
	s.plug(0, colour)
	s.plug(2, infrared)
	d, _ := s.device("/dev/video2")
	s.pull(2)
	if again, ok := s.device(Source(d.Info)); ok {
		t.Errorf("found %+v", again)
	}
	s.plug(2, infrared)
	s.pull(0)
	if again, ok := s.device(Source(d.Info)); !ok || again.Info != d.Info {
		t.Errorf("the order of appearance changes an identity: %+v", again)
	}
}

// A log holds no password of a camera on the network, however its address is spelt.
func TestPrintable(t *testing.T) {
	for source, want := range map[string]string{
		"": "", "0": "0", "/dev/video2": "/dev/video2", "usb:046d:0825?port=1-1": "usb:046d:0825?port=1-1",
		"rtsp://camera.example:554/live":                  "rtsp://camera.example:554",
		"rtsp://ben:heron@camera.example/live?pass=heron": "rtsp://camera.example",
		"http://camera.example/heron/live.mjpg#heron":     "http://camera.example",
		"rtsp://ben:her%on@camera.example/live":           "rtsp://",
		"rtsp://ben:heron@":                               "rtsp://",
		"rtsp://ben:heron@camera.example\x00/live":        "rtsp://",
	} {
		if got := Printable(source); got != want {
			t.Errorf("%q is written as %q, want %q", source, got, want)
		}
	}
}

// A device calls itself what it likes: nothing of it steers a terminal or turns a line of text round.
func TestNamesSteerNothing(t *testing.T) {
	for name, want := range map[string]string{
		"Cam\x1b[2J": "Cam[2J", "Cam\u009b2J": "Cam2J", "Cam\u202ereverse": "Camreverse", " Cam\n": "Cam", "C\xffm": "C?m",
		strings.Repeat("ü", 300): strings.Repeat("ü", 128),
	} {
		if got := Clean(name); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}
