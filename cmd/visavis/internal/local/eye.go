package local

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Eye is a program to be the window's eye, and its arguments.
type Eye struct {
	Path    string
	Args    []string
	Virtual bool // its cameras are puppets
}

// Pick is which camera to use.
type Pick string

// The picks.
const (
	Auto   Pick = "auto" // a webcam, or puppets where there is none
	Webcam Pick = "webcam"
	Puppet Pick = "puppet"
)

// ErrPick says that a pick is none.
var ErrPick = errors.New("not a camera to pick: auto, webcam or puppet")

// Parts say where programs, face models and the demo's photographs are.
type Parts struct{ Bin, Weights, Faces string }

// PickEye picks an eye. What keeps visavis-eye from listing its cameras is no reason to take a puppet: it is returned.
func PickEye(ctx context.Context, p Parts, pick Pick) (Eye, error) {
	webcam := Eye{Path: filepath.Join(p.Bin, "visavis-eye"), Args: []string{"--weights", p.Weights}}
	puppet := Eye{Path: filepath.Join(p.Bin, "visavis-puppet"), Args: []string{"--weights", p.Weights, "--faces", p.Faces}, Virtual: true}
	switch pick {
	case Webcam:
		return webcam, nil
	case Puppet:
		return puppet, nil
	case Auto:
		there, err := hasCamera(ctx, webcam.Path)
		if err != nil {
			return Eye{}, err
		}
		if there {
			return webcam, nil
		}
		return puppet, nil
	}
	return Eye{}, fmt.Errorf("%w, not %q", ErrPick, pick)
}

// hasCamera says whether the eye lists a camera that is hardware.
func hasCamera(ctx context.Context, eye string) (bool, error) {
	out, err := exec.CommandContext(ctx, eye, "--check").Output()
	if err != nil {
		return false, fmt.Errorf("look for cameras: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "camera ") {
			return true, nil
		}
	}
	return false, nil
}
