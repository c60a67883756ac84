package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"visavis/cmd/visavis/internal/dump"
)

// What adam reads and writes before his window's memory is searched.
const (
	keptTitle  = "Copper cellar"
	keptWords  = "the lantern hangs behind the third barrel"
	draftWords = "this sentence is never sent"
)

// memory: the window's memory is searched while adam is inside, when it is locked, and when he has logged out.
func (t *tour) memory(ctx context.Context) error {
	d := t.desks[0]
	if d.window.now().Page == "login" {
		if err := t.logsIn(ctx, d, adam, ""); err != nil {
			return err
		}
	}
	if err := d.opens(ctx, "ctrl+n", "newroom"); err != nil {
		return err
	}
	if err := d.types(ctx, keptTitle); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := d.until(ctx, "the room", func(s shown) bool { return s.Panel == "" && s.Busy == "" && s.Lines > 0 }); err != nil {
		return err
	}
	if err := d.types(ctx, keptWords); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.types(ctx, draftWords); err != nil {
		return err
	}
	if _, err := d.still(ctx); err != nil {
		return err
	}
	if err := t.remembers(d, "while adam is inside", keptTitle, keptWords, draftWords); err != nil {
		return err
	}
	d.window.fresh()
	began := time.Now()
	veiled, stands := time.Duration(0), time.Duration(0)
	gap, looks, err := flicker(ctx, d.display, func() error {
		if err := d.keys(ctx, "ctrl+l"); err != nil {
			return err
		}
		if _, err := d.until(ctx, "the lock", on("locked")); err != nil {
			return err
		}
		veiled = time.Since(began)
		err := d.on(ctx, "locked")
		stands = time.Since(began)
		return err
	})
	if err != nil {
		return err
	}
	t.true("locked after %.0f ms; the new process takes keys after %.0f ms; meanwhile the screen was dark for %.0f ms at most, of %d looks",
		ms(veiled), ms(stands), ms(gap), looks)
	if err := t.remembers(d, "locked"); err != nil {
		return err
	}
	if err := t.unlocks(ctx, d, adam); err != nil {
		return err
	}
	if _, err := d.still(ctx); err != nil {
		return err
	}
	if err := t.remembers(d, "unlocked", keptTitle, keptWords); err != nil {
		return err
	}
	d.window.fresh()
	if err := d.keys(ctx, "ctrl+shift+q"); err != nil {
		return err
	}
	if err := d.on(ctx, "login"); err != nil {
		return err
	}
	return t.remembers(d, "logged out")
}

// secrets is what is looked for: what adam typed and read.
var secrets = []string{keptTitle, keptWords, draftWords, adam.password, adam.email, firstWords, answer}

// remembers searches all processes of a desk's window. What is named is there, in one form at least; when nothing is, nothing of secrets is.
func (t *tour) remembers(d *desk, when string, there ...string) error {
	var needles []dump.Needle
	for _, s := range secrets {
		needles = append(needles, dump.Text(s)...)
	}
	all, size := dump.Found{}, int64(0)
	for _, pid := range dump.Family(d.window.cmd.Process.Pid) {
		found, read, err := dump.Search(pid, needles)
		if errors.Is(err, dump.ErrDenied) {
			t.tell("·", "%s: not looked at the window's memory: it keeps itself from being read, and only root may", when)
			return nil
		}
		if err != nil {
			return err
		}
		size += read
		all.Add(found)
	}
	list := fmt.Sprint(all)
	if len(there) == 0 {
		return t.check(len(all) == 0, "%s: in %d MB of the window's memory, of %d texts found: %s", when, size>>20, len(secrets), list)
	}
	for _, s := range there {
		if !strings.Contains(list, fmt.Sprintf("%q", s)) {
			return fmt.Errorf("%w: %s, %q is not found in the window's memory: the search looks in the wrong place", errUntrue, when, s)
		}
	}
	t.true("%s: %s", when, list)
	return nil
}
