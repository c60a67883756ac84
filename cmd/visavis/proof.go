package main

import (
	"errors"
	"os"

	"visavis/cmd/internal/harden"
	"visavis/cmd/visavis/internal/twice"
)

type proofCmd struct {
	State     string `default:"state/desk" type:"path" placeholder:"DIR" help:"The desk's folder: it knows the organisation."`
	Directory string `required:"" type:"existingfile" placeholder:"FILE" help:"The organisation's directory, as visavisd directory prints it."`
	File      string `arg:"" optional:"" type:"existingfile" help:"The proof; standard input if it is not named."`
}

// Run says what a proof proves, or why it proves nothing.
func (c *proofCmd) Run() (err error) {
	if err := harden.Process(); err != nil {
		return err
	}
	o := twice.Options{Dir: c.State, Proofs: os.Stdin, Out: os.Stdout}
	directory, err := os.Open(c.Directory)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, directory.Close()) }()
	o.Directory = directory
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		o.Proofs = f
	}
	return twice.Run(o)
}
