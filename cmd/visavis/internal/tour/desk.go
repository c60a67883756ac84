package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// person is somebody of the tour: a face of a photograph, counted from 1, left to right.
type person struct {
	name, email, password string
	photo                 string
	face                  int
	glasses               bool
	beside                string // the photograph of who looks over the shoulder
}

// withGlasses is the same person with glasses on.
func (p person) withGlasses() person {
	p.glasses = true
	return p
}

var (
	adam      = person{"adam", "adam@example.org", "granite owl under the ferry", "face.jpg", 1, false, ""}
	bea       = person{"bea", "bea@example.org", "seven violet kettles hum", "sample2.jpg", 1, false, ""}
	adamAgain = person{"adam2", "another@example.org", "quartz heron over the tide", "face.jpg", 1, false, ""}
	stranger  = person{name: "a stranger", photo: "sample5.jpg", face: 4}
	nobody    = person{name: "nobody"}
)

// desk is a workstation: a display, a window on it, and a stage before its camera.
type desk struct {
	*display
	name   string
	state  string // the window's folder
	home   string // where a program may keep things by stealth; the tour looks there
	script string // of the stage
	log    string
	seed   int
	faces  string
	start  program
	window *window
}

// newDesk opens a display and puts nobody before its camera.
func (t *tour) newDesk(ctx context.Context, name string, size image.Point) (*desk, error) {
	at := func(what string) string { return filepath.Join(t.keep, name+"."+what) }
	show, err := openDisplay(ctx, size, at("xvfb.log"))
	if err != nil {
		return nil, err
	}
	d := &desk{display: show, name: name, state: at("state"), home: at("home"), script: at("stage"), log: at("log"), faces: t.faces}
	t.desks = append(t.desks, d)
	if err := os.Mkdir(d.home, 0o700); err != nil {
		return nil, err
	}
	d.start = program{
		name: "the window of desk " + name, path: filepath.Join(t.bin, "visavis"), log: d.log,
		args: []string{
			"window", "--state", d.state, "--eye", filepath.Join(t.bin, "visavis-puppet"),
			"--eye-arg=--weights", "--eye-arg=" + t.weights, "--eye-arg=--stage", "--eye-arg=" + d.script, "--full-screen",
		},
		env: []string{
			"DISPLAY=" + show.name, "LANG=en_US.UTF-8", "FYNE_SCALE=1", "FYNE_THEME=light", "LIBGL_ALWAYS_SOFTWARE=1",
			"HOME=" + d.home, "XDG_CONFIG_HOME=" + d.home, "XDG_CACHE_HOME=" + d.home, "WAYLAND_DISPLAY=",
		},
	}
	return d, d.seat(nobody)
}

// seat puts somebody before the camera; the eye sees it within half a second, or two when it has not seen the photograph before.
func (d *desk) seat(p person) error {
	script := "nobody"
	if p.photo != "" {
		d.seed++ // nobody moves in the same way twice
		v := url.Values{
			"photo": {filepath.Join(d.faces, p.photo)}, "face": {strconv.Itoa(p.face)}, "mode": {"turn"}, "seed": {strconv.Itoa(d.seed)},
		}
		if p.glasses {
			v.Set("glasses", "1")
		}
		script = v.Encode()
	}
	if err := os.WriteFile(d.script+".new", []byte(script+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(d.script+".new", d.script)
}

// open starts the window.
func (d *desk) open() (err error) {
	d.window, err = launch(d.start)
	return err
}

func (d *desk) close() error {
	var err error
	if d.window != nil {
		err = d.window.stop()
	}
	return errors.Join(err, d.display.close())
}

// until waits for what the window shows.
func (d *desk) until(ctx context.Context, what string, is func(shown) bool) (shown, error) {
	return d.window.until(ctx, patience, what, is)
}

// on waits for a page at rest.
func (d *desk) on(ctx context.Context, page string) error {
	_, err := d.until(ctx, "the page "+page, func(s shown) bool { return s.Page == page && s.Busy == "" })
	return err
}

// panel waits for a panel; "" is none.
func (d *desk) panel(ctx context.Context, panel string) error {
	_, err := d.until(ctx, "the panel "+panel, func(s shown) bool { return s.Panel == panel })
	return err
}

// decides waits for what a deed of adam's brings, who shows his face when the window asks whether it is still he, and types his password when that did
// not do.
func (d *desk) decides(ctx context.Context, what string, is func(shown) bool) error {
	s, err := d.until(ctx, what, func(s shown) bool { return s.Proof || is(s) })
	if err != nil || !s.Proof {
		return err
	}
	if s.Face {
		if err := d.keys(ctx, "Return"); err != nil {
			return err
		}
		if s, err = d.until(ctx, what, func(s shown) bool { return s.Proof && !s.Face || is(s) }); err != nil || is(s) {
			return err
		}
	}
	if err := d.types(ctx, adam.password); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	_, err = d.until(ctx, what, is)
	return err
}

// problem waits for a problem at rest.
func (d *desk) problem(ctx context.Context, kind string) error {
	_, err := d.until(ctx, "the problem "+kind, func(s shown) bool { return s.Problem == kind && s.Busy == "" })
	return err
}

// keys presses keys once the window takes them.
func (d *desk) keys(ctx context.Context, names ...string) error {
	if err := d.window.rested(ctx, patience); err != nil {
		return err
	}
	return d.display.keys(ctx, names...)
}

// types is keys for a text.
func (d *desk) types(ctx context.Context, text string) error {
	if err := d.window.rested(ctx, patience); err != nil {
		return err
	}
	return d.display.types(ctx, text)
}

// fill types a form's fields, a Tab between two.
func (d *desk) fill(ctx context.Context, fields ...string) error {
	for i, text := range fields {
		if i > 0 {
			if err := d.keys(ctx, "Tab"); err != nil {
				return err
			}
		}
		if text == "" {
			continue
		}
		if err := d.types(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// still photographs the screen when three photographs in a row are alike, or after some: a camera's picture never stands still. The window
// tells what it shows a moment before it is painted.
func (d *desk) still(ctx context.Context) (image.Image, error) {
	const tries, alike = 8, 2
	if err := d.window.rested(ctx, patience); err != nil {
		return nil, err
	}
	before, err := d.photograph(ctx)
	for try, same := 0, 0; err == nil && same < alike && try < tries; try++ {
		var next image.Image
		if next, err = d.photograph(ctx); err != nil {
			break
		}
		var diff difference
		if diff, err = compare(shrink(before, goldenWidth), shrink(next, goldenWidth)); err != nil {
			break
		}
		if same++; !diff.close() {
			same = 0
		}
		before = next
	}
	return before, err
}

// shade is where the header's button for light and dark stands: the third from the right.
func (d *desk) shade() image.Point { return image.Pt(d.size.X-102, 24) }

// killEye ends the eye as a crash would, and returns when it is gone.
func (d *desk) killEye() error {
	shows, err := d.window.shows()
	if err != nil {
		return err
	}
	pids, err := children(shows)
	if err != nil {
		return err
	}
	if len(pids) != 1 {
		return fmt.Errorf("the window of desk %s has %d child processes, not one eye", d.name, len(pids))
	}
	p, err := os.FindProcess(pids[0])
	if err != nil {
		return err
	}
	return p.Kill()
}

// seconds is how long f takes.
func seconds(f func() error) (float64, error) {
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}
