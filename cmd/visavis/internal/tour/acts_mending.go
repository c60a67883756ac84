package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// mending: the network is cut, the eye is killed.
func (t *tour) mending(ctx context.Context) error {
	for _, act := range []func(context.Context) error{t.cutWire, t.deadEye} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

// link waits for the state of a desk's connection.
func (d *desk) link(ctx context.Context, link string) error {
	_, err := d.until(ctx, "the link "+link, func(s shown) bool { return s.Link == link })
	return err
}

// cutWire: what is said meanwhile arrives once.
func (t *tour) cutWire(ctx context.Context) error {
	one, two := t.desks[0], t.desks[1]
	before := two.window.now().Lines
	t.relay.Cut()
	for _, d := range t.desks {
		if err := d.link(ctx, "down"); err != nil {
			return err
		}
	}
	if err := one.types(ctx, cutWords); err != nil {
		return err
	}
	if err := one.keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "cut"); err != nil {
		return err
	}
	t.relay.Mend()
	took, err := seconds(func() error {
		for _, d := range t.desks {
			if err := d.link(ctx, "up"); err != nil {
				return err
			}
		}
		_, err := two.until(ctx, "what was said into the cut wire", func(s shown) bool { return s.Lines == before+1 })
		return err
	})
	if err != nil {
		return err
	}
	t.true("the network was cut and mended: both windows went on by themselves after %.1f s, and what was said meanwhile arrived, once", took)
	_, err = t.shot(ctx, two, "mended")
	return err
}

// deadEye: the keeper starts another, amid a session and amid a look.
func (t *tour) deadEye(ctx context.Context) error {
	d := t.desks[1]
	d.window.fresh()
	if err := d.killEye(); err != nil {
		return err
	}
	if _, err := d.until(ctx, "that the eye is gone", func(s shown) bool { return s.Eye != "open" }); err != nil {
		return err
	}
	if photo, err := d.photograph(ctx); err != nil {
		return err
	} else if err := t.save("eye-killed", photo); err != nil {
		return err
	}
	took, err := seconds(func() error {
		_, err := d.until(ctx, "another eye", func(s shown) bool { return s.Eye == "open" })
		return err
	})
	if err != nil {
		return err
	}
	t.true("the eye was killed: the window showed it, and had another after %.1f s", took)
	return nil
}

// deadServer: kill -9, and the same state again.
func (t *tour) deadServer(ctx context.Context) error {
	one, two := t.desks[0], t.desks[1]
	for _, d := range t.desks {
		d.window.fresh()
	}
	if err := t.server.Kill(); err != nil {
		return err
	}
	for _, d := range t.desks {
		if err := d.link(ctx, "down"); err != nil {
			return err
		}
	}
	if _, err := t.shot(ctx, one, "server-lost"); err != nil {
		return err
	}
	if err := t.server.Start(ctx); err != nil {
		return err
	}
	for _, d := range t.desks {
		if _, err := d.until(ctx, "a server again", func(s shown) bool { return s.Link == "up" }); err != nil {
			return err
		}
	}
	t.true("the server was killed and started again: both windows found it by themselves")
	for i, p := range []person{adam, bea} {
		if err := t.inAgain(ctx, t.desks[i], p); err != nil {
			return err
		}
	}
	_, err := t.says(ctx, one, two, afterWords)
	return err
}

// inAgain logs in again who had been logged in at a server that forgot it when it was killed.
func (t *tour) inAgain(ctx context.Context, d *desk, p person) error {
	s, err := d.until(ctx, "how it goes on", func(s shown) bool { return s.Busy == "" && (s.Page == "inside" && s.Link == "up" || s.Page == "login") })
	if err != nil || s.Page == "inside" {
		return err
	}
	t.true("the session of %s ended with the server, and the window says so (%s)", p.name, s.Problem)
	if _, err := t.shot(ctx, d, "session-ended"); err != nil {
		return err
	}
	if err := t.logsIn(ctx, d, p, ""); err != nil {
		return err
	}
	return d.enters(ctx, p)
}

// firstRoom is where the list's first room stands: an admin has four buttons more above it.
var firstRoom = map[string]image.Point{adam.name: {150, 400}, bea.name: {125, 230}}

// enters opens somebody's first room with a click.
func (d *desk) enters(ctx context.Context, p person) error {
	if _, err := d.until(ctx, "the rooms", func(s shown) bool { return s.Page == "inside" && s.Rooms > 0 }); err != nil {
		return err
	}
	if _, err := d.still(ctx); err != nil { // it has to be painted before it can be clicked
		return err
	}
	if err := d.clicks(ctx, firstRoom[p.name]); err != nil {
		return err
	}
	_, err := d.until(ctx, "the room", func(s shown) bool { return s.Lines > 0 })
	return err
}

// nothingLeft: what was typed and said at a desk is not in its files after the log-out.
func (t *tour) nothingLeft(ctx context.Context) error {
	d := t.desks[0]
	d.window.fresh()
	if err := d.keys(ctx, "ctrl+shift+q"); err != nil {
		return err
	}
	if err := d.on(ctx, "login"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "login-after-logout"); err != nil {
		return err
	}
	t.true("adam logged out")
	var searched int
	for _, d := range t.desks {
		n, err := t.search(d)
		if err != nil {
			return err
		}
		searched += n
	}
	return t.check(searched > 0, "%d kB of the desks' files and logs: none of %d passwords, addresses and messages; a desk's name, which may be there, was found",
		searched/1000, len(t.planted))
}

// search looks for what was planted in all that a window has written, and returns how many bytes it read.
func (t *tour) search(d *desk) (int, error) {
	size, found := 0, false
	for _, root := range []string{d.state, d.home, d.log} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			size += len(b)
			found = found || bytes.Contains(b, []byte("Counter")) || bytes.Contains(b, []byte("Window seat"))
			for _, word := range t.planted {
				if bytes.Contains(b, []byte(word)) {
					return fmt.Errorf("%w: %q was found in %s", errUntrue, word, path)
				}
			}
			return nil
		})
		if err != nil {
			return size, err
		}
	}
	if !found {
		return size, fmt.Errorf("%w: not even the desk's name was found at desk %s: the search looks in the wrong place", errUntrue, d.name)
	}
	return size, nil
}

// wrongFace: the right name and password with another's face; and an eye that dies amid a look.
func (t *tour) wrongFace(ctx context.Context) error {
	d := t.desks[0]
	if err := d.fill(ctx, adam.name, "not his password"); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.problem(ctx, "wrong-password"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "wrong-password"); err != nil {
		return err
	}
	if err := d.seat(stranger); err != nil {
		return err
	}
	if err := d.types(ctx, adam.password); err != nil { // the name has stayed, the password has the focus
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := t.refused(ctx, d); err != nil {
		return err
	}
	if err := d.seat(adam); err != nil {
		return err
	}
	if err := t.interrupted(ctx, d); err != nil {
		return err
	}
	took, err := t.looks(ctx, d, "", looks{then: on("inside")})
	if err != nil {
		return err
	}
	t.true("adam's own face does, in %.1f s", took)
	d.window.fresh()
	if err := d.keys(ctx, "ctrl+shift+q"); err != nil {
		return err
	}
	return d.on(ctx, "login")
}

// refused shows the stranger's face where adam's is asked for.
func (t *tour) refused(ctx context.Context, d *desk) error {
	if err := d.on(ctx, "look"); err != nil {
		return err
	}
	if _, err := d.until(ctx, "the camera's picture", func(s shown) bool { return s.Eye == "open" && s.Frames > 0 }); err != nil {
		return err
	}
	if err := d.presses(ctx); err != nil {
		return err
	}
	if _, err := d.window.until(ctx, lookPatience, "the stranger's refusal", func(s shown) bool {
		return s.Page == "look" && s.Problem == "face-refused"
	}); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "face-refused"); err != nil {
		return err
	}
	t.true("adam's name and password with a stranger's face: refused, and the window says what to do")
	return nil
}

// interrupted kills the eye in the middle of a challenge.
func (t *tour) interrupted(ctx context.Context, d *desk) error {
	if err := d.presses(ctx); err != nil {
		return err
	}
	if _, err := d.window.until(ctx, lookPatience, "a gesture", func(s shown) bool { return s.Gesture != "" && s.Gesture != "neutral" }); err != nil {
		return err
	}
	if err := d.killEye(); err != nil {
		return err
	}
	if _, err := d.until(ctx, "the interruption", func(s shown) bool { return s.Page == "look" && s.Busy == "" && s.Problem != "" }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "eye-killed-amid-a-look"); err != nil {
		return err
	}
	if _, err := d.until(ctx, "another eye", func(s shown) bool { return s.Eye == "open" }); err != nil {
		return err
	}
	t.true("the eye was killed amid a look: the window says so, and has another")
	return nil
}

// figures: how the window performs here. They are told and never fail the tour: a machine may be slow.
func (t *tour) figures(ctx context.Context) error {
	d := t.desks[0]
	if err := t.desks[1].window.stop(); err != nil { // it would compete for the processor
		return err
	}
	t.desks[1].window = nil
	p50, p95, err := keyTimes(ctx, d.display, d.window)
	if err != nil {
		return err
	}
	t.true("a key stands in the text after %.1f ms (median), %.1f ms (95 of 100), of %d", ms(p50), ms(p95), keyPresses)
	if err := t.previews(ctx, d); err != nil {
		return err
	}
	if err := d.window.stop(); err != nil {
		return err
	}
	d.window = nil
	if t.empty == "" {
		return nil
	}
	least := program{name: "an empty window", path: t.empty, env: d.start.env, log: d.log}
	ours, empty, err := starts(ctx, d.display, d.start, least)
	if err != nil {
		return err
	}
	t.true("cold start to a window that takes typing: %.0f ms, an empty Fyne window's %.0f ms, ratio %.2f (medians of %d in turn)",
		ms(ours), ms(empty), ours.Seconds()/empty.Seconds(), startRuns)
	return nil
}

// previews measures the camera's picture in the settings and in the look, which adam leaves again.
func (t *tour) previews(ctx context.Context, d *desk) error {
	if err := d.opens(ctx, "ctrl+comma", "settings"); err != nil {
		return err
	}
	rate, core, err := preview(ctx, d.window, previewTime)
	if err != nil {
		return err
	}
	t.true("settings' preview while the eye describes: %.1f pictures a second, the window uses %.0f%% of a core", rate, 100*core)
	if err := d.opens(ctx, "Escape", ""); err != nil {
		return err
	}
	if err := d.keys(ctx, "shift+Tab", "ctrl+a"); err != nil { // the name has what was drummed
		return err
	}
	if err := d.fill(ctx, adam.name, adam.password); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.on(ctx, "look"); err != nil {
		return err
	}
	if rate, core, err = preview(ctx, d.window, previewTime); err != nil {
		return err
	}
	t.true("the look's oval while the eye describes: %.1f pictures a second, the window uses %.0f%% of a core", rate, 100*core)
	if err := d.keys(ctx, "Escape"); err != nil {
		return err
	}
	return d.on(ctx, "login")
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
