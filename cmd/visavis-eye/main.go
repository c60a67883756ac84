// Command visavis-eye is the process that owns camera and face models. It is started by the other programs and speaks the eye's protocol
// (visavis/biometrics/eye) on its standard input and output; its standard error is its log.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/eye"
	"visavis/biometrics/face"
)

func main() {
	weights := flag.String("weights", "", "folder of dlib's model files")
	check := flag.Bool("check", false, "print the cameras and end")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(backend{weights: *weights}, *check, log); err != nil {
		log.Error("visavis-eye", "err", err)
		os.Exit(1)
	}
}

func run(b backend, check bool, log *slog.Logger) error {
	if check {
		return printCameras(os.Stdout, b)
	}
	if b.weights == "" {
		return errors.New("say where the face models are: --weights DIR")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Non-blocking, so that closing it ends a Read that waits.
	if err := syscall.SetNonblock(int(os.Stdin.Fd()), true); err != nil {
		return err
	}
	err := eye.Serve(ctx, os.NewFile(0, "stdin"), os.Stdout, b, log)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func printCameras(out io.Writer, b backend) error {
	cameras, err := b.Cameras()
	if err != nil {
		return err
	}
	if len(cameras) == 0 {
		fmt.Fprintln(out, "no camera")
	}
	for _, c := range cameras {
		kind := "camera"
		if c.Virtual {
			kind = "virtual camera"
		}
		fmt.Fprintf(out, "%s %q driver %s usb %s:%s serial %q port %s\n", kind, c.Name, c.Driver, c.Vendor, c.Product, c.Serial, c.Port)
	}
	return nil
}

// backend is the real eye: OpenCV's cameras, dlib's models.
type backend struct{ weights string }

func (backend) Cameras() ([]biometrics.CameraInfo, error) {
	devices, err := camera.Devices("/sys")
	if err != nil {
		return nil, err
	}
	infos := make([]biometrics.CameraInfo, 0, len(devices))
	for _, d := range devices {
		infos = append(infos, d.Info)
	}
	return infos, nil
}

func (backend) OpenCamera(ctx context.Context, source string) (biometrics.Camera, error) {
	return camera.Open(ctx, source, camera.Options{})
}

func (b backend) OpenDescriber() (biometrics.Describer, error) { return face.New(b.weights) }

func (backend) Decode(picture []byte) (biometrics.Frame, error) { return camera.Decode(picture) }
