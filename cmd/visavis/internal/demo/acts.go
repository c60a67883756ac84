package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"visavis/biometrics"
	"visavis/biometrics/gate"
	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/chat/wire"
)

// What is said in the room. Nothing of it may be found anywhere but on the members' screens.
const (
	titleSaid = "Kitchen table, Thursday"
	benSaid   = "the heron landed on the north pier"
	cleoSaid  = "then bring the copper lanterns along"
	adaSaid   = "and nobody tells the harbour master"
	awaySaid  = "she will be back before the kettle boils"
	cutSaid   = "the ferry leaves from the other quay"
	lateSaid  = "one more thing before the tide turns"
	endSaid   = "that was every lantern on the quay"
	afterSaid = "good that you are back"
)

// founding: a fresh server that takes real cameras only; the first desk; then the same server, told otherwise; the first admin.
func (s *story) founding(ctx context.Context) error {
	if err := s.openServer(ctx); err != nil {
		return err
	}
	invite, err := s.server.Invite(ctx)
	if err != nil {
		return err
	}
	s.true("visavisd init made a fresh server: authority, keys, database, the first desk's invite; it serves TLS 1.3")
	first, err := s.enrol(ctx, "counter", invite)
	if err != nil {
		return err
	}
	s.true("the desk %q enrolled with the invite: two keys of its own, a certificate, no face asked for", first.name)
	_, err = first.look(ctx, photo{filepath.Join(s.Keep, "nobody.jpg"), 1}.source(seedLogIn))
	if err := s.check(errors.Is(err, biometrics.ErrCameraMissing), "a camera that is not there says so, and what to do: %q", biometrics.ErrCameraMissing); err != nil {
		return err
	}
	if err := s.root(ctx, first); err != nil {
		return err
	}
	err = atOnce(ctx, func(ctx context.Context) error { return s.realCamerasOnly(ctx, first) }, s.tools)
	if err != nil {
		return err
	}
	if err := s.server.Stop(); err != nil {
		return err
	}
	if err := s.server.AllowVirtual(true); err != nil {
		return err
	}
	if err := s.server.Start(ctx); err != nil {
		return err
	}
	s.true("the server stopped and started again with one setting changed: puppets may play people here")
	return s.firstAdmin(ctx, first)
}

// root makes the organisation.
func (s *story) root(ctx context.Context, d *desk) error {
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	s.founder, err = d.Found(ctx, c, "Café Visavis")
	if err != nil {
		return err
	}
	s.true("the first admin's client founded the organisation %s: the server never learns its root key and vault pepper", d.Org().Short())
	sheet := s.founder.Sheet()
	typed := strings.ToUpper(strings.SplitAfter(sheet.Text(), "root key: ")[1][:69])
	read, err := trust.ParseRootSheet(strings.Replace(sheet.Text(), strings.ToLower(typed), strings.ReplaceAll(typed, "-", " "), 1))
	if err := s.check(err == nil && read == sheet, "the root sheet was printed; what a person typed from it reads as the same"); err != nil {
		return err
	}
	s.hide("the root key", sheet.Root[:])
	s.hide("the root key in print", []byte(typed))
	return nil
}

// realCamerasOnly: a default server refuses a puppet, whether the desk is honest about its camera or not.
func (s *story) realCamerasOnly(ctx context.Context, d *desk) error {
	ada := s.cast["ada"]
	if err := s.refused(d.signUp(ctx, ada, false), wire.CodeVirtualCamera, "a camera that is no hardware, on an honest desk"); err != nil {
		return err
	}
	err := d.signUp(ctx, ada, true)
	verdict, verr := s.lastVerdict(ctx, d, "signup.face")
	if verr != nil {
		return verr
	}
	if !strings.Contains(verdict, gate.VirtualCamera.String()) {
		return fmt.Errorf("%w: the virtual camera was refused for another reason: %q", ErrUntrue, verdict)
	}
	return s.refused(err, wire.CodeFace, "the same on a desk that keeps quiet about it")
}

func (s *story) firstAdmin(ctx context.Context, d *desk) error {
	ada := s.cast["ada"]
	if err := s.signedUp(ctx, d, ada, false); err != nil {
		return err
	}
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := s.founder.Admit(ctx, c, ada.Bundle); err != nil {
		return err
	}
	s.founder.Wipe()
	s.true("the root signed ada's identity and role into the directory, and was wiped")
	if err := s.loggedIn(ctx, d, ada, &s.ada); err != nil {
		return err
	}
	return s.secondDesk(ctx)
}

// secondDesk: invited by the admin, and of no use until she has listed it.
func (s *story) secondDesk(ctx context.Context) error {
	var invite string
	err := s.freshly(ctx, func() (err error) { invite, err = s.ada.InviteDesk(ctx); return err })
	if err != nil {
		return err
	}
	window, err := s.enrol(ctx, "window", invite)
	if err != nil {
		return err
	}
	return s.listDesk(ctx, window)
}

// signUps: at two desks at once, ben with and without glasses, cleo, and ben once more under a second name. Two are approved.
func (s *story) signUps(ctx context.Context) error {
	err := atOnce(ctx, func(ctx context.Context) error { return s.signedUp(ctx, s.desks[0], s.cast["ben"], true) }, func(ctx context.Context) error {
		for _, name := range []string{"cleo", "benedict"} {
			if err := s.signedUp(ctx, s.desks[1], s.cast[name], false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"ben", "cleo"} {
		if err := s.approve(ctx, s.cast[name]); err != nil {
			return err
		}
	}
	return s.twice(ctx)
}

// freshly does what wants a proof of just now: ada gives it, by her password, when her last one is over a minute old.
func (s *story) freshly(ctx context.Context, deed func() error) error {
	return client.Freshly(deed, func() error { return s.ada.ProvePassword(ctx, []byte(s.cast["ada"].password)) })
}

// approve: by the fingerprint on the person's own screen, and no other.
func (s *story) approve(ctx context.Context, p *person) error {
	w, err := s.waiting(ctx, p)
	if err != nil {
		return err
	}
	wrong := s.cast["benedict"].Fingerprint
	if err := s.ada.Approve(ctx, w, string(wrong)); !errors.Is(err, client.ErrFingerprint) {
		return fmt.Errorf("%w: another's fingerprint approved %s: %w", ErrUntrue, p.name, err)
	}
	if err := s.freshly(ctx, func() error { return s.ada.Approve(ctx, w, string(p.Fingerprint)) }); err != nil {
		return err
	}
	s.true("ada read %s's fingerprint off the screen, %s, and approved; another's did not do", p.name, p.Fingerprint)
	return nil
}

func (s *story) waiting(ctx context.Context, p *person) (client.Waiting, error) {
	list, err := s.ada.Signups(ctx)
	if err != nil {
		return client.Waiting{}, err
	}
	i := slices.IndexFunc(list, func(w client.Waiting) bool { return w.Account == p.Account })
	if i < 0 {
		return client.Waiting{}, fmt.Errorf("%w: %s is not among those who wait", ErrUntrue, p.name)
	}
	return list[i], nil
}

// twice: the admin is shown that benedict looks like somebody who is approved. Nobody else is.
func (s *story) twice(ctx context.Context) error {
	w, err := s.waiting(ctx, s.cast["benedict"])
	if err != nil {
		return err
	}
	var like []string
	for _, l := range w.Alike {
		like = append(like, l.Name)
	}
	return s.check(slices.Equal(like, []string{"ben"}) && w.Alike[0].Grade == client.SameFace,
		"benedict, who is ben under another name, from another photograph, waits; ada is shown: the same face as %s? The desk was told nothing", list(like))
}

// loggedIn tells of a log-in that worked, with what was measured.
func (s *story) loggedIn(ctx context.Context, d *desk, p *person, to **client.Session) error {
	took, err := seconds(func() error {
		return s.patiently(ctx, d, "login.face", unclear, func() (err error) { *to, err = d.enter(ctx, p); return err })
	})
	if err != nil {
		return fmt.Errorf("%s logs in at desk %s: %w", p.name, d.name, err)
	}
	s.judged(d, true)
	verdict, err := s.lastVerdict(ctx, d, "login.face")
	if err != nil {
		return err
	}
	second := ""
	if p.photo != p.enrolled {
		second = ", from a second photograph,"
	}
	s.true("%s logged in%s at desk %q in %.1f s (%s)", p.name, second, d.name, took, verdict)
	return nil
}
