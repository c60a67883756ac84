package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"fyne.io/fyne/v2/app"

	"visavis/biometrics/eye"
	"visavis/cmd/internal/harden"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/kiosk"
	"visavis/cmd/visavis/internal/ui"
)

type windowCmd struct {
	State      string   `default:"state/desk" type:"path" placeholder:"DIR" help:"The desk's folder: its keys, certificate and settings. Nothing of a person."`
	Eye        string   `type:"path" placeholder:"PATH" help:"The eye's program; visavis-eye beside this one if it is not named."`
	EyeArg     []string `placeholder:"ARG" sep:"none" help:"An argument of the eye's program, instead of --weights and the camera's --source."`
	Weights    string   `default:"build/weights" type:"path" placeholder:"DIR" help:"dlib's model files."`
	Camera     string   `placeholder:"SOURCE" help:"A camera instead of the one in the desk's settings."`
	FullScreen bool     `help:"Fill the screen, as at a desk that people share."`
	Events     int      `placeholder:"FD" help:"Write a line of JSON for everything that was put on screen to this file descriptor. It says which page, never what is written on it."`
	Hand       int      `hidden:"" help:"The descriptor of the keeper that has started this window."`

	invite flow.Secret
}

// Run shows the window until it is closed or ctx is done.
func (c *windowCmd) Run(ctx context.Context) error {
	if err := harden.Process(); err != nil {
		return err
	}
	if err := c.complete(); err != nil {
		return err
	}
	if c.Hand == 0 {
		return c.keep(ctx)
	}
	return c.kept(ctx)
}

// before is the process of this window that came before, and the one that may follow. The zero value is of neither.
type before struct {
	rest  []byte // what the kiosk has left
	look  ui.Left
	gone  <-chan struct{} // closed when it has ended
	end   <-chan struct{} // closed when this one is to end, too
	shown func(flow.Page)
	renew func(ctx context.Context, rest []byte, look ui.Left) error
}

// show shows the window in this process, as the one before has left it.
func (c *windowCmd) show(ctx context.Context, from before) error {
	// The toolkit keeps its own settings and caches with the desk's, not in the home of whoever started it.
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		if err := os.Setenv(name, filepath.Join(c.State, "toolkit")); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	told := newEvents(c.Events)
	defer told.close()

	// A signal ends the toolkit's loop first, and only then the kiosk, which shows nothing any more while it logs out.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	a := app.New() // without an id it keeps no preferences of its own
	var k *kiosk.Kiosk
	w := ui.New(ui.Options{
		App: a, Now: time.Now, Full: c.FullScreen, Invite: c.invite, Left: from.look,
		Post: func(e flow.Event) { k.Post(e) }, Typed: told.typed,
		Shown: func(s ui.Shown) {
			told.shown(s)
			if from.shown != nil {
				from.shown(s.Page)
			}
		},
	})
	o := kiosk.Options{
		Dir: c.State, Source: c.Camera, Eye: eye.Options{Path: c.Eye, Args: c.EyeArg, Log: log},
		Show: w.Show, Frame: w.Frame, Location: time.Local, Log: log, Rest: from.rest, Gone: from.gone,
	}
	if from.renew != nil {
		o.Renew = func(ctx context.Context, rest []byte) error { return from.renew(ctx, rest, w.Left()) }
	}
	k, err := kiosk.New(o)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	var failed error
	running.Go(func() {
		if failed = k.Run(ctx); ctx.Err() == nil {
			w.Close() // the kiosk's own trouble
		}
	})
	running.Go(func() {
		select {
		case <-from.end: // never, where there is no keeper
			w.Close()
		case <-ctx.Done():
		}
	})
	w.Run()
	cancel()
	running.Wait()
	if errors.Is(failed, context.Canceled) {
		failed = nil
	}
	return failed
}

// complete finds the eye beside this program.
func (c *windowCmd) complete() error {
	if c.Eye == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the eye: %w", err)
		}
		c.Eye = filepath.Join(filepath.Dir(self), "visavis-eye")
	}
	if _, err := os.Stat(c.Eye); err != nil {
		return fmt.Errorf("the eye's program: %w: name it with --eye", err)
	}
	if c.EyeArg == nil {
		c.EyeArg = eyeArgs(c.Weights, c.Camera)
	}
	return nil
}
