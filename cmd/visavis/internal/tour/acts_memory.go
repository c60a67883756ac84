package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"visavis/cmd/visavis/internal/dump"
)

// What adam reads and writes before his window's memory is searched.
const (
	keptTitle  = "Copper cellar"
	keptWords  = "the lantern hangs behind the third barrel"
	draftWords = "this sentence is never sent"
)

// secrets is what is looked for: what adam typed and read.
var secrets = []string{keptTitle, keptWords, draftWords, adam.password, adam.email, firstWords, answer}

// memory: the window's memory is searched while adam is inside, when it is locked, and when he has logged out.
func (t *tour) memory(ctx context.Context) error {
	d := t.desks[0]
	files, err := openFiles(d)
	if err != nil {
		return err
	}
	if err := t.cellar(ctx, d); err != nil {
		return err
	}
	if err := t.remembers(d, "while adam is inside", keptTitle, keptWords, draftWords); err != nil {
		return err
	}
	if err := t.locksUnseen(ctx, d); err != nil {
		return err
	}
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
	if err := t.remembers(d, "logged out"); err != nil {
		return err
	}
	after, err := openFiles(d)
	if err != nil {
		return err
	}
	family := len(dump.Family(d.window.cmd.Process.Pid))
	return t.check(family == 3 && after == files, "keeper, window and eye are %d processes, and the keeper has %d files open as before", family, after)
}

// openFiles is how many files the keeper of a desk's window has open.
func openFiles(d *desk) (int, error) {
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", d.window.cmd.Process.Pid))
	return len(fds), err
}

// cellar: adam writes something in a room of his own, and something that he does not send.
func (t *tour) cellar(ctx context.Context, d *desk) error {
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
	_, err := d.still(ctx)
	return err
}

// locksUnseen: the window gets a new process, and nobody sees more of it than a lock.
func (t *tour) locksUnseen(ctx context.Context, d *desk) error {
	before, err := d.window.shows()
	if err != nil {
		return err
	}
	var closed, stands time.Duration
	d.window.fresh()
	gap, looks, err := flicker(ctx, d.display, func() error {
		began := time.Now()
		if err := d.keys(ctx, "ctrl+l"); err != nil {
			return err
		}
		if _, err := d.until(ctx, "the lock", on("locked")); err != nil {
			return err
		}
		closed = time.Since(began)
		err := d.on(ctx, "locked")
		stands = time.Since(began)
		return err
	})
	if err != nil {
		return err
	}
	after, err := d.window.shows()
	if err != nil {
		return err
	}
	return t.check(before != after && gap < flickerMost,
		"locked after %.0f ms, in a new process after %.0f ms; meanwhile the screen was never dark for more than %.0f ms, of %d looks",
		ms(closed), ms(stands), ms(gap), looks)
}

// flickerMost is what nobody takes for a window that closes: two pictures of a slow screen.
const flickerMost = 100 * time.Millisecond

// remembers searches all processes of a desk's window: for what is named, which is there in some form, or for secrets, when nothing is: none is.
func (t *tour) remembers(d *desk, when string, there ...string) error {
	var needles []dump.Needle
	for _, s := range append(slices.Clone(secrets), t.papers...) {
		needles = append(needles, dump.Text(s)...)
	}
	all, size := dump.Found{}, int64(0)
	for _, pid := range dump.Family(d.window.cmd.Process.Pid) {
		found, read, err := dump.Search(pid, needles)
		if errors.Is(err, dump.ErrDenied) {
			t.tell("·", "%s: the window's memory was not searched: it keeps itself from being read, and only root may", when)
			return nil
		}
		if err != nil {
			return err
		}
		size += read
		all.Add(found)
	}
	if len(there) == 0 {
		return t.check(len(all) == 0, "%s: in %d MB of the window's memory, none of %d texts, passwords and titles; found: %v", when, size>>20, len(secrets)+len(t.papers), all)
	}
	times := 0
	for _, s := range there {
		n := 0
		for _, form := range dump.Text(s) {
			n += all.Times(form.Name)
		}
		if n == 0 {
			return fmt.Errorf("%w: %s, %s is not found in the window's memory: the search looks in the wrong place", errUntrue, when, strconv.Quote(s))
		}
		times += n
	}
	t.true("%s: in %d MB of the window's memory, %d texts are found, %d times", when, size>>20, len(there), times)
	return nil
}
