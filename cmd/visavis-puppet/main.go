// Command visavis-puppet is an eye whose camera is a puppet: a drop-in for visavis-eye in tests and the demo, never packaged.
// Its cameras are sources of package puppet: puppet:?photo=PATH&face=N&mode=MODE&with=PATH&withface=N&seed=N and conditions, puppet:?nobody,
// puppet:?stage=PATH. It lists none, or with --stage FILE that one, or with --faces DIR the people of the demo and nobody, so that they can
// be picked like cameras. With --rehearse it is no eye: it plays challenges for package rehearsal, as fast as it can.
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
	var o options
	flag.StringVar(&o.weights, "weights", "", "folder of dlib's model files")
	flag.StringVar(&o.stage, "stage", "", "list one camera, whose `file` names who sits before it now")
	flag.StringVar(&o.faces, "faces", "", "list the demo's people, made of the photographs in this `folder`, and nobody")
	flag.BoolVar(&o.rehearse, "rehearse", false, "play challenges over stdin and stdout, as fast as this machine can")
	flag.BoolVar(&o.check, "check", false, "print the cameras and end")
	flag.Func("source", "nothing: visavis-eye is confined to what this names", func(string) error { return nil })
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := run(o, log); err != nil {
		log.Error("visavis-puppet", "err", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	weights, stage, faces string
	check, rehearse       bool
}

func run(o options, log *slog.Logger) error {
	cameras, err := o.cameras()
	if err != nil {
		return err
	}
	if o.check {
		for _, c := range cameras {
			fmt.Printf("virtual camera %q driver %s port %s\n", c.Name, c.Driver, c.Port)
		}
		if len(cameras) == 0 {
			fmt.Println("no camera; a puppet is asked for by its source")
		}
		return nil
	}
	if o.weights == "" {
		return errors.New("say where the face models are: --weights DIR")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Non-blocking, so that closing it ends a Read that waits.
	if err := syscall.SetNonblock(int(os.Stdin.Fd()), true); err != nil {
		return err
	}
	stdin := os.NewFile(0, "stdin")
	if o.rehearse {
		err = rehearse(ctx, stdin, os.Stdout, o.weights)
	} else {
		err = eye.Serve(ctx, stdin, os.Stdout, newBackend(o.weights, cameras, log), log)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// backend is visavis-eye's, but for the camera.
type backend struct {
	weights string
	cameras []biometrics.CameraInfo
	find    puppet.Finder
	log     *slog.Logger
}

func newBackend(weights string, cameras []biometrics.CameraInfo, log *slog.Logger) backend {
	return backend{weights, cameras, puppet.Remember(search(weights)), log}
}

// search finds faces with a describer of its own, for as long as a photograph is searched: the eye's belongs to another goroutine.
func search(weights string) puppet.Finder {
	return func(photo biometrics.Frame) ([]biometrics.Landmarks, error) {
		d, err := face.New(weights)
		if err != nil {
			return nil, err
		}
		defer d.Close()
		return puppet.Search(d)(photo)
	}
}

func (b backend) Cameras() ([]biometrics.CameraInfo, error) { return b.cameras, nil }

func (b backend) OpenCamera(ctx context.Context, source string) (biometrics.Camera, error) {
	info := biometrics.CameraInfo{Port: source}
	for i, c := range b.cameras {
		if c.Port == source || source == "" && i == 0 {
			info = c
		}
	}
	if path, err := puppet.ParseStage(info.Port); err == nil {
		s, err := puppet.OpenStage(ctx, path, b.find, nil, b.log)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	o, err := puppet.ParseSource(info.Port)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	c, err := puppet.Open(ctx, o, b.find, nil)
	if err != nil {
		return nil, err
	}
	if info.Name == "" {
		return c, nil
	}
	return listed{c, info}, nil
}

func (b backend) OpenDescriber() (biometrics.Describer, error) { return face.New(b.weights) }

func (backend) Decode(picture []byte) (biometrics.Frame, error) { return camera.Decode(picture) }

// listed is a puppet that goes by the name under which it was listed.
type listed struct {
	*puppet.Camera
	info biometrics.CameraInfo
}

func (l listed) Info() biometrics.CameraInfo { return l.info }
