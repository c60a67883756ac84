// Command visavis-eye is the process that owns camera and face models. It is started by the other programs and speaks the eye's protocol
// (visavis/biometrics/eye) on its standard input and output; its standard error is its log.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/eye"
	"visavis/biometrics/face"
	"visavis/biometrics/webcam"
)

func main() {
	weights := flag.String("weights", "", "folder of dlib's model files")
	wide := flag.Bool("wide", false, "ask cameras for 1280×720 instead of 640×480")
	check := flag.Bool("check", false, "say which cameras there are, without turning one on, and end")
	times := flag.Bool("measure", false, "time the describer as a job on standard input says, and end: for visavis-bench")
	var sources []string
	flag.Func("source", "a film or an address that will be asked for as a camera: no other can be reached", func(s string) error {
		sources = append(sources, s)
		return nil
	})
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := confine(*weights, sources, log); err != nil {
		log.Error("visavis-eye", "err", err)
		os.Exit(1)
	}
	if *times {
		if err := measure(*weights, os.Stdin, os.Stdout); err != nil {
			log.Error("visavis-eye", "err", err)
			os.Exit(1)
		}
		return
	}
	if err := run(newBackend(*weights, *wide, log), *check, log); err != nil {
		log.Error("visavis-eye", "err", err)
		os.Exit(1)
	}
}

func run(b backend, check bool, log *slog.Logger) error {
	if check {
		return checkCameras(os.Stdout, b.webcams)
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

// backend is the real eye: OpenCV's cameras, dlib's models.
type backend struct {
	weights string
	webcams *webcam.Opener
}

func newBackend(weights string, wide bool, log *slog.Logger) backend {
	return backend{weights, webcam.NewOpener(webcam.Options{Port: camera.Port{}, Log: log, Wide: wide})}
}

func (b backend) Cameras() ([]biometrics.CameraInfo, error) {
	devices, err := b.webcams.List()
	if err != nil {
		return nil, err
	}
	infos := make([]biometrics.CameraInfo, 0, len(devices))
	for _, d := range devices {
		infos = append(infos, d.Info)
	}
	return infos, nil
}

func (b backend) OpenCamera(ctx context.Context, source string) (biometrics.Camera, error) {
	return camera.Open(ctx, source, camera.Options{Webcams: b.webcams})
}

func (b backend) OpenDescriber() (biometrics.Describer, error) { return face.New(b.weights) }

func (backend) Decode(picture []byte) (biometrics.Frame, error) { return camera.Decode(picture) }
