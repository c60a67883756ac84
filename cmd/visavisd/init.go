package main

import (
	"fmt"
	"time"

	"visavis/config"
)

type initCmd struct {
	State   string   `required:"" type:"path" placeholder:"DIR" help:"The folder to make; it must be new or empty."`
	Name    string   `required:"" placeholder:"ORGANISATION" help:"The organisation's name."`
	Address []string `required:"" placeholder:"HOST:PORT" help:"Where desks reach the server; may be repeated."`
	Listen  string   `default:":7443" placeholder:"ADDRESS" help:"Where to listen."`

	AllowVirtualCameras bool `help:"Let in cameras that are not hardware: for demonstrations and tests only."`
}

// Run makes the state folder.
func (c *initCmd) Run(e *env) error {
	settings := config.Default()
	settings.Server.Organisation = c.Name
	settings.Server.Addresses = c.Address
	settings.Server.Listen = c.Listen
	settings.Camera.AllowVirtual = c.AllowVirtualCameras
	now := time.Now()
	s, err := makeState(e.ctx, c.State, settings, now)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // everything is on the disk when a write returns
	text, err := s.invite(e.ctx, now)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "Made %s.\nAuthority: %s\nInvite of the first desk, once and within %v; handle it as a password:\n%s\n",
		c.State, s.authority.Fingerprint(), settings.Limits.Invite, text)
	return err
}
