package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"visavis/cmd/visavis/internal/demo"
)

type cli struct {
	Window  windowCmd  `cmd:"" default:"withargs" help:"The window of this workstation."`
	Try     tryCmd     `cmd:"" help:"A server of your own on this machine, and the window of its first desk: on your webcam, or on a puppet."`
	Doctor  doctorCmd  `cmd:"" help:"Examine what this desk needs to see a face: clock, models, eye, cameras, picture, light, speed; and say what to do. Exits 1 if something keeps people out."`
	Enroll  enrollCmd  `cmd:"" help:"Enrol a face without window and server, from a camera or from pictures, into a sealed file. Exits 0 when done, 1 when refused, 2 when nothing could be judged."`
	Verify  verifyCmd  `cmd:"" help:"Verify a face against a sealed file. Exits 0 when accepted, 1 when denied, 2 when nothing could be judged."`
	Recover recoverCmd `cmd:"" help:"Use the root sheet: see who the admins are and who waits; name an admin, let one in, or put this desk in the place of lost ones."`
	Pepper  pepperCmd  `cmd:"" help:"Take a vault pepper to this desk that an admin has brought as a text: typed or piped, never an argument."`
	Proof   proofCmd   `cmd:"" help:"Check a proof that somebody has handed on: that one person's keys have signed two messages under one number. Exits 1 for what proves nothing."`
	Demo    demoCmd    `cmd:"" help:"Tell the whole story: desk, sign-up, approval, face, encrypted room, and what is refused. Exits 0 only if every line is true."`
}

type demoCmd struct {
	Bin     string `default:"build" type:"existingdir" placeholder:"DIR" help:"Where visavisd and visavis-puppet are."`
	Weights string `default:"build/weights" type:"existingdir" placeholder:"DIR" help:"dlib's model files."`
	Faces   string `default:"build/faces" type:"existingdir" placeholder:"DIR" help:"The photographs that the puppets are made of."`
	Keep    string `default:"build/demo" type:"path" placeholder:"DIR" help:"Where the story's files stay. It must be new, empty, or an earlier story's, which goes first."`
}

// Run tells the story.
func (c *demoCmd) Run(ctx context.Context) error {
	return demo.Run(ctx, os.Stdout, demo.Options{Bin: c.Bin, Weights: c.Weights, Faces: c.Faces, Keep: c.Keep})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var c cli
	k := kong.Parse(&c, kong.Name("visavis"), kong.Description("A chat room that you enter with your face."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	err := k.Run()
	if code := exitCode(0); errors.As(err, &code) {
		os.Exit(int(code))
	}
	k.FatalIfErrorf(err)
}
