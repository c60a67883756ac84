package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/local"
)

type tryCmd struct {
	Bin        string `default:"build" type:"existingdir" placeholder:"DIR" help:"Where visavisd, visavis-eye and visavis-puppet are."`
	Weights    string `default:"build/weights" type:"existingdir" placeholder:"DIR" help:"dlib's model files."`
	Faces      string `default:"build/faces" type:"existingdir" placeholder:"DIR" help:"The photographs that puppets are made of."`
	Keep       string `default:"build/run" type:"path" placeholder:"DIR" help:"Where server and desk keep their state from one run to the next."`
	Camera     string `default:"auto" enum:"auto,webcam,puppet" help:"Your webcam, or a puppet made from photographs: ${enum}. auto takes the puppet where there is no webcam."`
	FullScreen bool   `help:"Fill the screen."`
}

// tryMark is the file by which a folder of tryCmd's is known.
const tryMark = ".visavis-try"

// Run starts a server of one's own on the loopback, and the window of its first desk.
func (c *tryCmd) Run(ctx context.Context) (err error) {
	if _, err := local.Claim(c.Keep, tryMark); err != nil {
		return err
	}
	eye, err := local.PickEye(ctx, local.Parts{Bin: c.Bin, Weights: c.Weights, Faces: c.Faces}, local.Pick(c.Camera))
	if err != nil {
		return err
	}
	// The server outlives the window, which logs out before it ends.
	server, err := local.Start(context.WithoutCancel(ctx), local.Options{
		Program: filepath.Join(c.Bin, "visavisd"), Dir: c.Keep, Organisation: "Café Visavis", Virtual: eye.Virtual,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	w := windowCmd{State: filepath.Join(c.Keep, "desk"), Eye: eye.Path, EyeArg: eye.Args, FullScreen: c.FullScreen}
	if _, err := os.Stat(filepath.Join(w.State, "desk.visavis")); errors.Is(err, fs.ErrNotExist) {
		invite, err := server.Invite(ctx)
		if err != nil {
			return err
		}
		w.invite = flow.NewSecret(invite)
	}
	if eye.Virtual {
		fmt.Println("No webcam is used: a puppet made from photographs stands before the camera. Who it is can be picked in the settings.")
	}
	fmt.Printf("A server of your own runs at %s; what it keeps is in %s. Close the window to end both.\n", server.Listen(), c.Keep)
	return w.Run(ctx)
}
