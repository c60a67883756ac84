package kiosk

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"visavis/biometrics"
	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
	"visavis/config"
)

// loaded is what the desk's folder holds.
type loaded struct {
	desk     *client.Desk
	settings config.Window
}

// read reads the desk's folder. Broken settings are not worth a desk that does not start: it gets new ones.
func (o Options) read() (loaded, error) {
	w, err := config.LoadWindow(filepath.Join(o.Dir, config.WindowFileName))
	if err != nil {
		o.Log.Warn("the window's settings are not used", "err", err)
		w = config.DefaultWindow()
	}
	d, err := client.LoadDesk(o.Client, o.Dir)
	return loaded{d, w}, err
}

// load begins with what the desk's folder holds.
func (k *Kiosk) load() {
	o := k.o
	begin(k, k.life, func(context.Context) (loaded, error) { return o.read() }, func(l loaded, err error) {
		k.settings = l.settings
		k.openCamera()
		started := flow.Started{Prefs: prefsOf(l.settings)}
		switch {
		case err == nil:
			k.desk = l.desk
			started.Enrolled, started.Founded, started.Desk = true, l.desk.Founded(), k.deskShown()
		case !errors.Is(err, client.ErrNotEnrolled):
			started.Problem = problemOf(err, startingUp)
		}
		k.apply(started)
		k.connect()
	}, nil)
}

// deskShown is what the window shows of where it stands.
func (k *Kiosk) deskShown() flow.Desk {
	d := flow.Desk{Organisation: k.settings.Organisation, Virtual: k.state.Desk.Virtual, Lamp: k.state.Desk.Lamp}
	if k.desk != nil {
		d.Name = k.desk.Name()
	}
	if a := k.address.Load(); a != nil {
		d.Server = *a
	}
	return d
}

func (k *Kiosk) enrol(e flow.DoEnrol) {
	o, keeper := k.o, k.eye.keeper
	begin(k, k.life, patiently(k, func(ctx context.Context) (*client.Desk, error) {
		cameras := cameraNames(ctx, keeper)
		return client.Enrol(ctx, o.Client, o.Dir, strings.TrimSpace(e.Invite.Reveal()), e.Name, cameras)
	}), func(d *client.Desk, err error) {
		if err != nil {
			k.apply(flow.Failed{Problem: problemOf(err, enrolling)})
			return
		}
		k.desk = d
		k.apply(flow.EnrolDone{Desk: k.deskShown(), Founded: d.Founded()})
		k.connect()
	}, nil)
}

// cameraNames is what the desk's request says of its cameras; an eye that does not answer has none.
func cameraNames(ctx context.Context, k keeper) []biometrics.CameraInfo {
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	list, err := k.Cameras(ctx)
	if err != nil {
		return nil
	}
	return list
}

// found makes the organisation. One whose statements did not reach the server is not made again but published again.
func (k *Kiosk) found(e flow.DoFound) {
	desk, dialer, made := k.desk, k.dialer(), k.founder
	begin(k, k.life, patiently(k, func(ctx context.Context) (*client.Founder, error) {
		c, err := dialer(ctx)
		if err != nil {
			return nil, err
		}
		k.founding.Lock()
		defer k.founding.Unlock()
		if made != nil {
			return made, made.Publish(ctx, c)
		}
		return desk.Found(ctx, c, e.Organisation)
	}), func(f *client.Founder, err error) {
		if f != nil {
			k.founder = f
		}
		if err != nil {
			k.apply(flow.Failed{Problem: problemOf(err, enrolling)})
			return
		}
		k.nameOrganisation(f.Organisation())
		k.apply(flow.FoundDone{Desk: k.deskShown(), Sheet: flow.NewSecret(f.Sheet().Text())})
	}, (*client.Founder).Wipe)
}

// nameOrganisation keeps the organisation's name, to be shown before anybody has logged in.
func (k *Kiosk) nameOrganisation(name string) {
	w := k.settings
	w.Organisation = name
	if name == "" || w == k.settings || w.Validate() != nil {
		return
	}
	k.saveSettings(w)
}

func (k *Kiosk) saveSettings(w config.Window) {
	k.settings = w
	if err := w.Save(filepath.Join(k.o.Dir, config.WindowFileName)); err != nil {
		k.o.Log.Warn("the window's settings are not kept", "err", err)
	}
}

// keepPrefs uses new settings at once, and writes them.
func (k *Kiosk) keepPrefs(p flow.Prefs) {
	w := windowOf(p)
	w.Organisation = k.settings.Organisation
	if err := w.Validate(); err != nil {
		k.o.Log.Warn("the window's settings are not kept", "err", err)
		return
	}
	other := w.Camera != k.settings.Camera
	k.saveSettings(w)
	k.watch.SetAway(p.Away)
	if other && k.o.Source == "" {
		k.eye.camera, k.eye.failed, k.eye.lost, k.eye.back = nil, nil, false, false
		k.openCamera()
		k.tellEye()
	}
}

func windowOf(p flow.Prefs) config.Window {
	return config.Window{
		Theme: string(p.Theme), TextSize: p.TextSize, Camera: p.Camera, Away: config.Duration(p.Away), Calm: p.Calm, Onlooker: string(p.Shield),
	}
}

func prefsOf(w config.Window) flow.Prefs {
	return flow.Prefs{
		Theme: flow.Theme(w.Theme), TextSize: w.TextSize, Camera: w.Camera, Away: time.Duration(w.Away), Calm: w.Calm, Shield: flow.Shield(w.Onlooker),
	}
}
