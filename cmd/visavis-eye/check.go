package main

import (
	"fmt"
	"io"
	"strings"

	"visavis/biometrics/webcam"
)

// lister is what checkCameras needs of a webcam.Opener.
type lister interface {
	List() ([]webcam.Device, error)
	Usable(webcam.Device) error
}

// checkCameras says in plain words which cameras there are, and of each whether it can be opened and what else to know of it.
func checkCameras(out io.Writer, webcams lister) error {
	devices, err := webcams.List()
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		fmt.Fprintln(out, "No camera: plug one in, and look whether the kernel knows it (ls /dev/video*).")
	}
	for _, d := range devices {
		name := d.Info.Name
		if name == "" {
			name = "A camera without a name"
		}
		fmt.Fprintf(out, "%s\n  at %s, %s\n", name, d.Path, whereFrom(d))
		if d.Info.Virtual {
			fmt.Fprintln(out, "  Virtual: a program paints its pictures, or nothing says that hardware gives them. A server lets nobody in with it by default.")
		}
		if err := webcams.Usable(d); err != nil {
			fmt.Fprintf(out, "  It can not be used now: %v.\n", err)
		} else {
			fmt.Fprintln(out, "  It can be used.")
		}
		fmt.Fprintf(out, "  Ask for it as: %s\n", webcam.Source(d.Info))
	}
	return nil
}

// whereFrom says what is known of a camera's hardware.
func whereFrom(d webcam.Device) string {
	var words []string
	if d.Info.Vendor != "" {
		words = append(words, "USB "+d.Info.Vendor+":"+d.Info.Product)
	}
	if d.Info.Serial != "" {
		words = append(words, "serial number "+d.Info.Serial)
	}
	words = append(words, "port "+d.Info.Port)
	if d.Info.Driver == "" {
		return strings.Join(append(words, "no driver named"), ", ")
	}
	return strings.Join(append(words, "driver "+d.Info.Driver), ", ")
}
