package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/renew"
	"visavis/cmd/visavis/internal/ui"
	"visavis/models/canon"
)

// renewPatience is how long a new window may take to stand on a busy machine, and the old one to end.
const renewPatience = 20 * time.Second

// handed is what one process of the window leaves to the next.
type handed struct {
	_          struct{} `cbor:",toarray"`
	Invite     string   // for the first process alone
	Rest       []byte   // the kiosk's
	Wide, High uint16   // ui.Left
	Mush       []byte   // ui.Left
}

// keep starts the window as a process of its own, and another one whenever somebody has gone.
func (c *windowCmd) keep(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the window's program: %w", err)
	}
	o := renew.Options{
		Path: program, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Patience: renewPatience,
		Args: []string{"window", "--state=" + c.State, "--eye=" + c.Eye, "--weights=" + c.Weights, "--camera=" + c.Camera},
	}
	for _, a := range c.EyeArg {
		o.Args = append(o.Args, "--eye-arg="+a)
	}
	if c.FullScreen {
		o.Args = append(o.Args, "--full-screen")
	}
	if c.Events > 0 {
		syscall.CloseOnExec(c.Events)
		events := os.NewFile(uintptr(c.Events), "events")
		defer events.Close()
		o.Files = []*os.File{events}
		o.Args = append(o.Args, "--events="+strconv.Itoa(renew.FirstFile))
	}
	if !c.invite.IsZero() {
		if o.Rest, err = canon.Marshal(handed{Invite: c.invite.Reveal()}); err != nil {
			return err
		}
	}
	err = renew.Keep(ctx, o)
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.Exited() { // it has said why
		return exitCode(ended.ExitCode())
	}
	return err
}

// kept shows the window for a keeper.
func (c *windowCmd) kept(ctx context.Context) error {
	w, err := renew.Inherit(c.Hand)
	if err != nil {
		return err
	}
	defer w.Close()
	from := before{gone: w.Gone(), end: w.End()}
	var h handed
	if b := w.Rest(); len(b) > 0 {
		if err := canon.Unmarshal(b, &h); err != nil {
			slog.Warn("what the window left is not used", "err", err) // a program of another version left it
			h = handed{}
		}
		clear(b)
	}
	c.invite = flow.NewSecret(h.Invite)
	from.rest, from.look = h.Rest, ui.Left{Wide: h.Wide, High: h.High, Mush: h.Mush}
	from.shown = func(p flow.Page) {
		if p != flow.Starting {
			w.Shown()
		}
	}
	from.renew = func(ctx context.Context, rest []byte, look ui.Left) error {
		b, err := canon.Marshal(handed{Rest: rest, Wide: look.Wide, High: look.High, Mush: look.Mush})
		if err != nil {
			return err
		}
		defer clear(b)
		return w.Renew(ctx, b)
	}
	return c.show(ctx, from)
}
