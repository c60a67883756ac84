package main

import (
	"context"
	"errors"
	"os"

	"visavis/chat/client"
	"visavis/cmd/internal/harden"
	"visavis/cmd/visavis/internal/recovery"
)

type recoverCmd struct {
	State        string `default:"state/desk" type:"path" placeholder:"DIR" help:"The desk's folder."`
	Sheet        string `type:"existingfile" placeholder:"FILE" help:"The root sheet; standard input, typed or piped, if it is not named."`
	ReplaceDesks bool   `help:"No desk is left: revoke all of them, and list this one, which was enrolled by the operator's invite."`
	Revoke       string `placeholder:"NAME" help:"End an account for ever: a lost admin's, or one that does harm."`
	Admin        string `placeholder:"NAME" help:"Make a person who is in the organisation, and can log in, an admin."`
	Admit        string `placeholder:"NAME" help:"Let a person in who has signed up and waits, as an admin. Needs --fingerprint."`
	Fingerprint  string `placeholder:"TEXT" help:"What the waiting person's own screen shows."`
	Pepper       bool   `help:"Replace the vault pepper, after a desk was lost: print it for the other desks, and the new root sheet."`
	RenewSheet   bool   `help:"Print the root sheet with the newest vault pepper."`
}

type pepperCmd struct {
	State string `default:"state/desk" type:"path" placeholder:"DIR" help:"The desk's folder."`
}

// Run takes a vault pepper that was brought to this desk.
func (c *pepperCmd) Run() error {
	if err := harden.Process(); err != nil {
		return err
	}
	return recovery.AddPepper(client.Options{}, c.State, os.Stdin, os.Stdout)
}

var errNoFingerprint = errors.New("--admit needs --fingerprint: what the person's own screen shows, read there and nowhere else")

// Run does what the sheet can. Without a deed it prints the organisation.
func (c *recoverCmd) Run(ctx context.Context) error {
	if err := harden.Process(); err != nil {
		return err
	}
	if c.Admit != "" && c.Fingerprint == "" {
		return errNoFingerprint
	}
	o := recovery.Options{Dir: c.State, Sheet: os.Stdin, Out: os.Stdout, Deeds: recovery.Deeds{
		ReplaceDesks: c.ReplaceDesks, Revoke: c.Revoke, Name: c.Admin, Admit: c.Admit, Fingerprint: c.Fingerprint, Pepper: c.Pepper, Renew: c.RenewSheet,
	}}
	if c.Sheet != "" {
		f, err := os.Open(c.Sheet)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		o.Sheet = f
	}
	return recovery.Run(ctx, o)
}
