package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"visavis/biometrics/eye"
	"visavis/cmd/visavis/internal/doctor"
)

// eyeFlags say which eye to start and what it looks through.
type eyeFlags struct {
	Eye     string   `type:"path" placeholder:"PATH" help:"The eye's program; visavis-eye beside this one if it is not named."`
	EyeArg  []string `placeholder:"ARG" sep:"none" help:"An argument of the eye's program, instead of --weights and the camera's --source."`
	Weights string   `default:"build/weights" type:"path" placeholder:"DIR" help:"dlib's model files."`
	Verbose bool     `short:"v" help:"Print what the eye writes."`
}

// options are those of an eye that a camera will be asked of.
func (f *eyeFlags) options(camera string) (eye.Options, error) {
	path, err := eyeProgram(f.Eye)
	if err != nil {
		return eye.Options{}, err
	}
	o := eye.Options{Path: path, Args: f.EyeArg}
	if o.Args == nil {
		o.Args = eyeArgs(f.Weights, camera)
	}
	if f.Verbose {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return o, nil
}

// eyeArgs are the arguments of visavis-eye: a film or an address is named at its start, since it is confined to that.
func eyeArgs(weights, camera string) []string {
	args := []string{"--weights", weights}
	if camera != "" {
		args = append(args, "--source", camera)
	}
	return args
}

// eyeProgram is the eye that was named, or the one beside this program.
func eyeProgram(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the eye: %w", err)
	}
	return filepath.Join(filepath.Dir(self), "visavis-eye"), nil
}

type doctorCmd struct {
	eyeFlags
	Camera   string `placeholder:"SOURCE" help:"The camera to look through: a device, an address, a film. The first webcam if it is not named."`
	NoCamera bool   `help:"This machine is to have no camera: look at the rest."`
	Picture  string `type:"existingfile" placeholder:"FILE" help:"A photograph with a face, to measure the speed where nobody sits before a camera."`
	JSON     bool   `help:"Print one JSON object, for scripts."`
}

// errUnwell says that the doctor found something that keeps people out. What it is was printed.
var errUnwell = exitCode(1)

// Run examines this desk. It exits with 1 if something is found that keeps people out.
func (c *doctorCmd) Run(ctx context.Context) error {
	o := doctor.Options{Weights: c.Weights, Camera: c.Camera, NoCamera: c.NoCamera, Made: made(), InStep: inStep}
	var err error
	if o.Eye, err = c.options(c.Camera); err != nil {
		return err
	}
	if c.Picture != "" {
		if o.Picture, err = readPicture(c.Picture); err != nil {
			return err
		}
	}
	tell := func(f doctor.Finding) { f.Print(os.Stdout) }
	if c.JSON {
		tell = nil
	}
	report, err := doctor.Examine(ctx, o, tell)
	if err != nil {
		return err
	}
	if c.JSON {
		err = report.JSON(os.Stdout)
	} else {
		report.Conclude(os.Stdout)
	}
	if !report.OK {
		return errors.Join(err, errUnwell)
	}
	return err
}

// made is when this program was built, or installed; zero if nobody knows.
func made() time.Time {
	self, err := os.Executable()
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(self)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// readPicture reads a picture that an eye may be shown.
func readPicture(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > eye.MaxPictureBytes {
		return nil, fmt.Errorf("%s: not a picture of at most %d MiB", path, eye.MaxPictureBytes>>20)
	}
	return os.ReadFile(path)
}

// exitCode ends the program with a code and without a word: what there is to say was printed.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }
