package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"visavis/cmd/visavis/internal/local"
)

const organisation = "Cafe Visavis"

// firstDesk: a server, a desk, and the paper that everything hangs on.
func (t *tour) firstDesk(ctx context.Context) error {
	if err := t.serve(ctx); err != nil {
		return err
	}
	d, err := t.newDesk(ctx, "one", image.Pt(1280, 800))
	if err != nil {
		return err
	}
	took, err := seconds(func() error {
		if err := d.open(); err != nil {
			return err
		}
		return d.on(ctx, "enrol")
	})
	if err != nil {
		return err
	}
	t.true("a new window asks for an invite, after %.1f s", took)
	if err := t.compared(ctx, d, "enrol"); err != nil {
		return err
	}
	invite, err := t.server.Invite(ctx)
	if err != nil {
		return err
	}
	if err := d.enrols(ctx, invite+"x", "Window seat"); err != nil {
		return err
	}
	if err := d.problem(ctx, "bad-invite"); err != nil {
		return err
	}
	t.true("an invite with a letter too many is refused, and the window says what to do")
	if err := t.compared(ctx, d, "enrol-refused", part{530, 445, 895, 595}); err != nil {
		return err
	}
	if err := d.keys(ctx, "shift+Tab", "ctrl+a"); err != nil {
		return err
	}
	if err := d.enrols(ctx, invite, ""); err != nil {
		return err
	}
	if err := d.on(ctx, "found"); err != nil {
		return err
	}
	t.true("with the server's own invite it is the first desk")
	if err := t.compared(ctx, d, "found"); err != nil {
		return err
	}
	if err := d.fill(ctx, organisation); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.on(ctx, "sheet"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "root-sheet"); err != nil {
		return err
	}
	t.true("the organisation is founded: its root sheet stands on the screen, once")
	return nil
}

// serve starts a server behind a relay that can be cut.
func (t *tour) serve(ctx context.Context) error {
	listen, err := local.FreePort()
	if err != nil {
		return err
	}
	if t.relay, err = local.NewRelay("127.0.0.1:0", listen, nil); err != nil {
		return err
	}
	t.server, err = local.Start(ctx, local.Options{
		Program: filepath.Join(t.bin, "visavisd"), Dir: t.keep, Organisation: organisation,
		Listen: listen, Address: t.relay.Address(), Virtual: true,
	})
	return err
}

// enrols pastes an invite, and types the desk's name after it.
func (d *desk) enrols(ctx context.Context, invite, name string) error {
	if err := d.paste(ctx, invite); err != nil {
		return err
	}
	if err := d.keys(ctx, "Tab"); err != nil {
		return err
	}
	if name != "" {
		if err := d.types(ctx, name); err != nil {
			return err
		}
	}
	d.window.fresh()
	return d.keys(ctx, "Return")
}

// keep ticks the box that something is written down, and goes on.
func (d *desk) keep(ctx context.Context) error { return d.keys(ctx, "space", "Tab", "Return") }

// avatar is where the oval of who is logged in stands; its colour follows from a random number.
var avatar = part{5, 105, 45, 180}

// firstAdmin: the one who founds is admitted at once, with his own root.
func (t *tour) firstAdmin(ctx context.Context) error {
	d := t.desks[0]
	if err := d.keep(ctx); err != nil {
		return err
	}
	if err := d.on(ctx, "signup"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "signup"); err != nil {
		return err
	}
	if err := t.signsUp(ctx, d, adam, signUp{name: "signup-look", tries: true}); err != nil {
		return err
	}
	if _, err := t.notes(ctx, d, "recovery-phrase"); err != nil {
		return err
	}
	if err := d.on(ctx, "login"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "login-after-founding"); err != nil {
		return err
	}
	t.true("adam is the first admin")
	if err := t.logsIn(ctx, d, adam, ""); err != nil {
		return err
	}
	return t.compared(ctx, d, "inside-empty", avatar)
}

// logsIn types name and password, and shows a face.
func (t *tour) logsIn(ctx context.Context, d *desk, p person, name string) error {
	if err := d.seat(p); err != nil {
		return err
	}
	if err := d.fill(ctx, p.name, p.password); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	took, err := t.looks(ctx, d, name, looks{then: on("inside")})
	if err != nil {
		return err
	}
	t.true("%s logged in with a password and a face, in %.1f s", p.name, took)
	return nil
}

// around: what does not need a room.
func (t *tour) around(ctx context.Context) error {
	d := t.desks[0]
	if err := d.opens(ctx, "F1", "about"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "about", avatar); err != nil {
		return err
	}
	if err := d.opens(ctx, "Escape", ""); err != nil {
		return err
	}
	if err := d.opens(ctx, "ctrl+comma", "settings"); err != nil {
		return err
	}
	if _, err := d.until(ctx, "a preview", func(s shown) bool { return s.Frames > 0 && s.Eye == "open" }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "settings"); err != nil {
		return err
	}
	t.true("about, and settings with the camera's preview, by F1 and Ctrl+comma; Escape closes them")
	return d.opens(ctx, "Escape", "")
}

// opens presses a key and waits for the panel that it opens; "" is none.
func (d *desk) opens(ctx context.Context, key, panel string) error {
	d.window.fresh()
	if err := d.keys(ctx, key); err != nil {
		return err
	}
	return d.panel(ctx, panel)
}

// secondDesk: an admin invites a desk, whose window is pasted the invite, and approves it.
func (t *tour) secondDesk(ctx context.Context) error {
	one := t.desks[0]
	if err := one.opens(ctx, "ctrl+shift+d", "desks"); err != nil {
		return err
	}
	if err := one.keys(ctx, "Return"); err != nil { // "Invite a desk" has the focus
		return err
	}
	if err := one.decides(ctx, "an invite", func(s shown) bool { return s.Panel == "desks" && s.Busy == "" && s.Secret }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "desk-invite"); err != nil {
		return err
	}
	if err := one.keys(ctx, "Return"); err != nil { // "Copy" has it now
		return err
	}
	invite, err := one.clipboard(ctx)
	if err != nil {
		return err
	}
	if err := t.check(strings.HasPrefix(invite, "visavis-invite-1:"), "an admin invites a second desk; the invite can be copied"); err != nil {
		return err
	}
	two, err := t.newDesk(ctx, "two", image.Pt(1024, 600))
	if err != nil {
		return err
	}
	if err := two.picked("usb:046d:0825?serial=3F1A9C20"); err != nil {
		return err
	}
	if err := two.open(); err != nil {
		return err
	}
	if err := two.on(ctx, "enrol"); err != nil {
		return err
	}
	if err := t.unplugged(ctx, two); err != nil {
		return err
	}
	if err := t.compared(ctx, two, "enrol-small"); err != nil {
		return err
	}
	if err := two.enrols(ctx, invite, "Counter"); err != nil {
		return err
	}
	if err := two.on(ctx, "login"); err != nil {
		return err
	}
	return t.approveDesk(ctx, one, two)
}

// picked writes a desk's settings, as if somebody had picked a camera there that is not plugged in any more.
func (d *desk) picked(camera string) error {
	if err := os.MkdirAll(d.state, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.state, "window.toml"), fmt.Appendf(nil, "camera = %q\n", camera), 0o600)
}

// unplugged: a camera that was picked and is not there is waited for, and another can be picked.
func (t *tour) unplugged(ctx context.Context, d *desk) error {
	if _, err := d.until(ctx, "that the camera is missing", func(s shown) bool { return s.Eye == "failed" }); err != nil {
		return err
	}
	if err := d.opens(ctx, "ctrl+comma", "settings"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "settings-unplugged"); err != nil {
		return err
	}
	if err := d.keys(ctx, "shift+Tab", "Return"); err != nil { // the one camera that is there stands before the colours
		return err
	}
	if _, err := d.until(ctx, "the other camera", func(s shown) bool { return s.Eye == "open" }); err != nil {
		return err
	}
	t.true("a camera that was picked and is unplugged is waited for; another is picked instead")
	return d.opens(ctx, "Escape", "")
}

// approveDesk: until then the second desk may do nothing.
func (t *tour) approveDesk(ctx context.Context, one, two *desk) error {
	if _, err := t.shot(ctx, two, "desk-not-approved"); err != nil {
		return err
	}
	if _, err := one.until(ctx, "two desks", func(s shown) bool { return s.Desks == 2 }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "desks"); err != nil {
		return err
	}
	one.window.fresh()
	if err := one.keys(ctx, "Tab", "Return"); err != nil { // into the list, where the desk that waits stands first
		return err
	}
	if err := one.decides(ctx, "the desk's approval", func(s shown) bool { return s.Note == "desk-approved" }); err != nil {
		return err
	}
	t.true("adam approved the desk")
	if err := t.compared(ctx, two, "login-small"); err != nil {
		return err
	}
	return one.opens(ctx, "Escape", "")
}
