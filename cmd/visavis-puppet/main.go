// Command visavis-puppet is an eye whose camera is a puppet: a drop-in for visavis-eye in tests and the demo, never packaged.
// Its cameras are sources of package puppet: puppet:?photo=PATH&face=N&mode=turn|flat|mix|still&with=PATH&withface=N&seed=N.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/eye"
	"visavis/biometrics/face"
	"visavis/biometrics/puppet"
)

func main() {
	weights := flag.String("weights", "", "folder of dlib's model files")
	check := flag.Bool("check", false, "print the cameras and end")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(*weights, *check, log); err != nil {
		log.Error("visavis-puppet", "err", err)
		os.Exit(1)
	}
}

func run(weights string, check bool, log *slog.Logger) error {
	if check {
		fmt.Println("no camera; a puppet is asked for by its source")
		return nil
	}
	if weights == "" {
		return errors.New("say where the face models are: --weights DIR")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Non-blocking, so that closing it ends a Read that waits.
	if err := syscall.SetNonblock(int(os.Stdin.Fd()), true); err != nil {
		return err
	}
	err := eye.Serve(ctx, os.NewFile(0, "stdin"), os.Stdout, backend{weights}, log)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// backend is visavis-eye's, but for the camera.
type backend struct{ weights string }

// Cameras lists none: a puppet is asked for by its source.
func (backend) Cameras() ([]biometrics.CameraInfo, error) { return nil, nil }

func (b backend) OpenCamera(ctx context.Context, source string) (biometrics.Camera, error) {
	o, err := puppet.ParseSource(source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	// A describer of its own, for as long as the photograph is searched: the eye's belongs to another goroutine.
	d, err := face.New(b.weights)
	if err != nil {
		return nil, fmt.Errorf("open puppet: %w", err)
	}
	defer d.Close()
	c, err := puppet.Open(ctx, o, puppet.Search(d), nil)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (b backend) OpenDescriber() (biometrics.Describer, error) { return face.New(b.weights) }

func (backend) Decode(picture []byte) (biometrics.Frame, error) { return camera.Decode(picture) }
