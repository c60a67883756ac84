package main

import (
	"context"
	"fmt"
	"image"
	"strings"
	"time"
)

// toSignUp is where the log-in's button for newcomers stands: after name, password, its reveal and the log-in's own.
var toSignUp = []string{"Tab", "Tab", "Tab", "Tab", "Return"}

// secondPerson: bea signs up at the second desk, shows her fingerprint, and adam approves by it.
func (t *tour) secondPerson(ctx context.Context) error {
	one, two := t.desks[0], t.desks[1]
	if err := two.keys(ctx, toSignUp...); err != nil {
		return err
	}
	if err := two.on(ctx, "signup"); err != nil {
		return err
	}
	if err := t.compared(ctx, two, "signup-small"); err != nil {
		return err
	}
	if err := t.signsUp(ctx, two, bea, signUp{name: "look-small", glasses: true}); err != nil {
		return err
	}
	var err error
	if t.paper, err = t.notes(ctx, two, ""); err != nil {
		return err
	}
	if err := two.on(ctx, "waiting"); err != nil {
		return err
	}
	print, err := t.scanned(ctx, two, "waiting")
	if err != nil {
		return err
	}
	t.true("bea waits for approval; her fingerprint is read off the photograph of her screen, as QR code: %s", print)
	if err := one.opens(ctx, "ctrl+shift+a", "approvals"); err != nil {
		return err
	}
	if _, err := one.until(ctx, "bea's sign-up", func(s shown) bool { return s.Signups == 1 }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "approvals"); err != nil {
		return err
	}
	if err := one.answers(ctx, mistyped(print), "wrong-fingerprint"); err != nil {
		return err
	}
	t.true("a fingerprint with one letter mistyped approves nobody")
	if err := one.keys(ctx, "ctrl+a"); err != nil {
		return err
	}
	if err := one.answers(ctx, print, "signup-approved"); err != nil {
		return err
	}
	if _, err := two.until(ctx, "bea's approval", func(s shown) bool { return s.Page == "login" && s.Busy == "" && s.Note == "approved" }); err != nil {
		return err
	}
	t.true("adam typed it and approved; bea's window goes on by itself")
	if _, err := t.shot(ctx, two, "approved"); err != nil {
		return err
	}
	if err := one.opens(ctx, "Escape", ""); err != nil {
		return err
	}
	if err := t.lookalike(ctx, one, two); err != nil {
		return err
	}
	if err := t.logsIn(ctx, two, bea, "look-log-in"); err != nil {
		return err
	}
	return t.lit()
}

// lookalike: adam signs up once more under another name, and the admin is told.
func (t *tour) lookalike(ctx context.Context, one, two *desk) error {
	if err := two.keys(ctx, toSignUp...); err != nil {
		return err
	}
	if err := two.on(ctx, "signup"); err != nil {
		return err
	}
	if err := t.signsUp(ctx, two, adamAgain, signUp{}); err != nil {
		return err
	}
	if _, err := t.notes(ctx, two, ""); err != nil {
		return err
	}
	if err := two.on(ctx, "waiting"); err != nil {
		return err
	}
	if err := one.opens(ctx, "ctrl+shift+a", "approvals"); err != nil {
		return err
	}
	if _, err := one.until(ctx, "whom the sign-up looks like", func(s shown) bool { return s.Signups == 1 && s.Like }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "approvals-like"); err != nil {
		return err
	}
	one.window.fresh()
	if err := one.keys(ctx, "Tab", "Tab", "Return", "shift+Tab", "Return"); err != nil { // after the scan's button the reject's, and its question
		return err
	}
	if err := one.decides(ctx, "the rejection", func(s shown) bool { return s.Note == "signup-rejected" }); err != nil {
		return err
	}
	if _, err := two.until(ctx, "that it was rejected", func(s shown) bool { return s.Page == "login" && s.Busy == "" && s.Problem == "rejected" }); err != nil {
		return err
	}
	t.true("adam's face under another name: the admin is told whom it looks like, and rejects it; the one who signed up is told nothing of that")
	return one.opens(ctx, "Escape", "")
}

// mistyped is a fingerprint with another last letter.
func mistyped(print string) string {
	last := "a"
	if strings.HasSuffix(print, last) {
		last = "b"
	}
	return print[:len(print)-1] + last
}

// answers types something, presses Enter, and waits for a note or a problem.
func (d *desk) answers(ctx context.Context, text, what string) error {
	if err := d.types(ctx, text); err != nil {
		return err
	}
	d.window.fresh()
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	return d.decides(ctx, what, func(s shown) bool { return s.Busy == "" && (s.Note == what || s.Problem == what) })
}

const (
	roomTitle  = "Kitchen table"
	firstWords = "the kettle sings at four"
	answer     = "then I bring the violet cups"
	cutWords   = "said into a cut wire"
	afterWords = "and still here after all"
)

// join is where an invitation's button stands on the smaller screen: the mouse works too.
var join = image.Pt(71, 288)

// conversation: a room, an invitation, and words both ways.
func (t *tour) conversation(ctx context.Context) error {
	one, two := t.desks[0], t.desks[1]
	t.planted = append(t.planted, firstWords, answer, cutWords, afterWords)
	if err := one.opens(ctx, "ctrl+n", "newroom"); err != nil {
		return err
	}
	if err := one.types(ctx, roomTitle); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "new-room"); err != nil {
		return err
	}
	if err := one.keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := one.until(ctx, "the room", func(s shown) bool { return s.Panel == "" && s.Rooms == 1 && s.Lines > 0 }); err != nil {
		return err
	}
	if err := one.opens(ctx, "ctrl+i", "invite"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "invite"); err != nil {
		return err
	}
	if err := one.keys(ctx, "Return"); err != nil { // bea, the only other one
		return err
	}
	if _, err := one.until(ctx, "that she is invited", func(s shown) bool { return s.Panel == "" && s.Note == "invited" }); err != nil {
		return err
	}
	if _, err := two.until(ctx, "the invitation", func(s shown) bool { return s.Rooms == 1 }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, two, "invited"); err != nil {
		return err
	}
	if _, err := two.still(ctx); err != nil {
		return err
	}
	if err := two.clicks(ctx, join); err != nil {
		return err
	}
	if _, err := two.until(ctx, "the room", func(s shown) bool { return s.Lines > 0 && s.Busy == "" }); err != nil {
		return err
	}
	t.true("adam made a room and invited bea, who joined")
	for _, said := range []struct {
		by, to *desk
		words  string
	}{{one, two, firstWords}, {two, one, answer}} {
		took, err := t.says(ctx, said.by, said.to, said.words)
		if err != nil {
			return err
		}
		t.true("words from desk %s stand at desk %s %.0f ms after Enter", said.by.name, said.to.name, 1000*took)
	}
	if err := one.keys(ctx, "a", "shift+Return", "b"); err != nil {
		return err
	}
	if _, err := t.says(ctx, one, two, "c"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, one, "room"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, two, "room-small"); err != nil {
		return err
	}
	t.true("Shift+Enter breaks a line, Enter sends")
	if err := t.people(ctx, one); err != nil {
		return err
	}
	return t.dark(ctx, one)
}

// toCompare is where the first person's button for the safety number stands, on the larger screen.
var toCompare = image.Pt(892, 302)

// people: adam looks who there is, and at the safety number that he and bea have.
func (t *tour) people(ctx context.Context, d *desk) error {
	if err := d.opens(ctx, "ctrl+p", "people"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "people"); err != nil {
		return err
	}
	if err := d.clicks(ctx, toCompare); err != nil {
		return err
	}
	if err := d.panel(ctx, "someone"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "safety-number"); err != nil {
		return err
	}
	t.true("adam looks at the safety number that he and bea have")
	if err := d.opens(ctx, "ctrl+r", "rules"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "rules"); err != nil {
		return err
	}
	return d.opens(ctx, "Escape", "")
}

// says types words at one desk and returns how long they took to the other, in seconds, from Enter on.
func (t *tour) says(ctx context.Context, by, to *desk, words string) (float64, error) {
	if err := by.types(ctx, words); err != nil {
		return 0, err
	}
	before := to.window.now().Lines
	to.window.fresh()
	return seconds(func() error {
		if err := by.keys(ctx, "Return"); err != nil {
			return err
		}
		_, err := to.until(ctx, "what was said", func(s shown) bool { return s.Lines > before })
		return err
	})
}

// dark clicks on the header's button for light and dark, and back.
func (t *tour) dark(ctx context.Context, d *desk) error {
	for _, name := range []string{"room-dark", ""} {
		if err := d.clicks(ctx, d.shade()); err != nil {
			return err
		}
		if name == "" {
			break
		}
		isDark := false
		for late := time.Now().Add(lateness); !isDark && time.Now().Before(late); {
			photo, err := t.shot(ctx, d, name)
			if err != nil {
				return err
			}
			all := shrink(photo, goldenWidth)
			paper := mean(all, all.Rect)
			isDark = max(paper.R, paper.G, paper.B) < 100
		}
		if err := t.check(isDark, "a click turns the window dark"); err != nil {
			return err
		}
	}
	return nil
}

// behindLock is all around the lock's card, where the room's colours are left, and the oval on it.
var behindLock = []part{{0, 140, 294, 1000}, {706, 140, 1000, 1000}, {294, 140, 706, 248}, {294, 890, 706, 1000}, {314, 428, 370, 536}}

// walkingAway: nobody in view locks, and so does somebody else, at once.
func (t *tour) walkingAway(ctx context.Context) error {
	d := t.desks[1]
	took, err := t.locks(ctx, d, nobody)
	if err != nil {
		return err
	}
	t.true("bea walked away: locked after %.1f s", took)
	if err := t.compared(ctx, d, "locked-small", behindLock...); err != nil {
		return err
	}
	if err := t.unlocks(ctx, d, bea); err != nil {
		return err
	}
	if _, err := t.says(ctx, d, t.desks[0], "back again"); err != nil {
		return err
	}
	t.true("the room goes on where it was")
	if took, err = t.locks(ctx, d, stranger); err != nil {
		return err
	}
	t.true("somebody else sat down: locked after %.1f s", took)
	if _, err := t.shot(ctx, d, "locked-stranger"); err != nil {
		return err
	}
	if err := d.presses(ctx); err != nil {
		return err
	}
	if _, err := d.window.until(ctx, lookPatience, "the stranger's refusal", func(s shown) bool {
		return s.Page == "locked" && s.Problem == "face-refused"
	}); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "stranger-refused"); err != nil {
		return err
	}
	t.true("the stranger's face does not unlock it")
	return nil
}

// locks changes who sits there, and returns how long it took the window to lock, in seconds.
func (t *tour) locks(ctx context.Context, d *desk, p person) (float64, error) {
	d.window.fresh()
	return seconds(func() error {
		if err := d.seat(p); err != nil {
			return err
		}
		return d.on(ctx, "locked")
	})
}

// unlocks seats somebody, presses the lock's button, and shows his face.
func (t *tour) unlocks(ctx context.Context, d *desk, p person) error {
	if err := d.seat(p); err != nil {
		return err
	}
	for try := 1; ; try++ {
		took, err := seconds(func() error {
			if err := d.presses(ctx); err != nil {
				return err
			}
			s, err := d.window.until(ctx, lookPatience, "the room again", func(s shown) bool {
				return s.Page == "inside" || s.Page == "locked" && s.Busy == "" && s.Problem != ""
			})
			if err == nil && s.Page != "inside" {
				err = fmt.Errorf("%w: not unlocked: %s", errUntrue, s.Problem)
			}
			return err
		})
		if err == nil {
			t.true("%s came back: unlocked by face in %.1f s", p.name, took)
			_, err := d.until(ctx, "the room as it was", func(s shown) bool { return s.Lines > 0 })
			return err
		}
		if try == lookTries || d.window.now().Page != "locked" {
			return err
		}
		t.tell("·", "the face was refused (%s): once more, as a person would", d.window.now().Problem)
	}
}
