package main

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"time"
)

// otherPassword is bea's for a while.
const otherPassword = "nine tin whistles at dusk"

// lost: an admin looks at the log; bea forgets her password, is back by her phrase, and changes it; then her camera is no use, and she is in by a code.
func (t *tour) lost(ctx context.Context) error {
	t.planted = append(t.planted, otherPassword)
	for _, act := range []func(context.Context) error{t.auditLog, t.lostDesk, t.forgotten, t.password, t.helped} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return t.desks[1].enters(ctx, bea)
}

func (t *tour) auditLog(ctx context.Context) error {
	d := t.desks[0]
	if err := d.opens(ctx, "ctrl+shift+u", "auditlog"); err != nil {
		return err
	}
	s, err := d.until(ctx, "what was found of the log", func(s shown) bool { return s.Audit != "" })
	if err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "audit"); err != nil {
		return err
	}
	if err := t.check(s.Audit == "good", "the audit log goes on from what adam's desk has seen before"); err != nil {
		return err
	}
	return d.opens(ctx, "Escape", "")
}

// besidePepper is all around the panel for a lost workstation: people and rooms have other colours each time.
var besidePepper = []part{{0, 0, 240, 1000}, {760, 0, 1000, 1000}, {240, 0, 760, 185}, {240, 815, 760, 1000}}

// lostDesk: adam looks at what is done when a workstation was lost, and does not do it.
func (t *tour) lostDesk(ctx context.Context) error {
	d := t.desks[0]
	if err := d.opens(ctx, "ctrl+shift+d", "desks"); err != nil {
		return err
	}
	d.window.fresh()
	if err := d.keys(ctx, "shift+Tab", "Return"); err != nil { // before the invite's button
		return err
	}
	if err := d.panel(ctx, "pepper"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "pepper", besidePepper...); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil { // the question begins at no
		return err
	}
	if _, err := t.shot(ctx, d, "pepper-sure"); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return", "Escape"); err != nil {
		return err
	}
	if err := d.panel(ctx, ""); err != nil {
		return err
	}
	t.true("a lost workstation: the panel says that everybody is under the newest pepper, and asks before it replaces that")
	return nil
}

// sheetTyped: somebody at bea's desk types a root sheet's first line, and a letter of it is wrong.
func (t *tour) sheetTyped(ctx context.Context, d *desk) error {
	if err := d.keys(ctx, toRecover...); err != nil {
		return err
	}
	if err := d.on(ctx, "recover"); err != nil {
		return err
	}
	if err := d.keys(ctx, "shift+Tab", "Return"); err != nil {
		return err
	}
	if err := d.on(ctx, "root"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "root"); err != nil {
		return err
	}
	if err := d.types(ctx, strings.Repeat("abcd", sheetGroups)); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "root-mistyped"); err != nil {
		return err
	}
	d.window.fresh()
	if err := d.keys(ctx, "Escape"); err != nil {
		return err
	}
	t.true("the root sheet's page is behind \"I forgot my password\", and Esc leaves it")
	return d.on(ctx, "login")
}

// sheetGroups are the groups of four letters in a root sheet's line.
const sheetGroups = 14

// password: bea changes hers back.
func (t *tour) password(ctx context.Context) error {
	d := t.desks[1]
	if err := d.opens(ctx, "ctrl+k", "keys"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "keys"); err != nil {
		return err
	}
	if err := d.fill(ctx, "not her password", bea.password, bea.password); err != nil {
		return err
	}
	d.window.fresh()
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.problem(ctx, "wrong-proof"); err != nil {
		return err
	}
	if err := d.types(ctx, otherPassword); err != nil { // only the old one is asked for again
		return err
	}
	if err := d.keys(ctx, "Return", "Return", "Return"); err != nil {
		return err
	}
	if _, err := d.until(ctx, "another password", func(s shown) bool { return s.Busy == "" && s.Note == "password-changed" }); err != nil {
		return err
	}
	t.true("bea changed her password; without the old one it is not changed")
	if err := d.opens(ctx, "Escape", ""); err != nil {
		return err
	}
	return d.logsOut(ctx)
}

func (d *desk) logsOut(ctx context.Context) error {
	d.window.fresh()
	if err := d.keys(ctx, "ctrl+shift+q"); err != nil {
		return err
	}
	return d.on(ctx, "login")
}

// toRecover is where the log-in's button for who forgot the password stands: after the one for newcomers.
var toRecover = []string{"Tab", "Tab", "Tab", "Tab", "Tab", "Return"}

// forgotten: bea types her phrase from paper, shows her face, and has another password and another phrase.
func (t *tour) forgotten(ctx context.Context) error {
	d := t.desks[1]
	if err := d.logsOut(ctx); err != nil {
		return err
	}
	if err := t.sheetTyped(ctx, d); err != nil {
		return err
	}
	if err := d.keys(ctx, toRecover...); err != nil {
		return err
	}
	if err := d.on(ctx, "recover"); err != nil {
		return err
	}
	if err := t.compared(ctx, d, "recover"); err != nil {
		return err
	}
	letters := strings.Join(t.paper, "")
	if err := d.fill(ctx, bea.name, mistyped(letters)); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.problem(ctx, "bad-phrase"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "recover-mistyped"); err != nil {
		return err
	}
	if err := d.keys(ctx, "BackSpace"); err != nil {
		return err
	}
	if err := d.types(ctx, letters[len(letters)-1:]); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	took, err := t.looks(ctx, d, "", looks{purpose: "recover", then: on("renew")})
	if err != nil {
		return err
	}
	t.true("bea forgot her password: her phrase, of which a mistyped letter is told at once, and her face, in %.1f s", took)
	return t.renewed(ctx, d)
}

// renewed chooses a password, and notes the phrase that comes with it.
func (t *tour) renewed(ctx context.Context, d *desk) error {
	if err := t.compared(ctx, d, "renew"); err != nil {
		return err
	}
	if err := d.fill(ctx, otherPassword, otherPassword); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	before := t.paper
	var err error
	if t.paper, err = t.notes(ctx, d, ""); err != nil {
		return err
	}
	if _, err := d.until(ctx, "that she is to log in", func(s shown) bool { return s.Page == "login" && s.Busy == "" && s.Note == "recovered" }); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "recovered"); err != nil {
		return err
	}
	if err := t.check(!slices.Equal(before, t.paper), "she has another password and another phrase, which was asked back too"); err != nil {
		return err
	}
	by := bea
	by.password = otherPassword
	return t.logsIn(ctx, d, by, "")
}

// helped: adam reads out a code, and bea types it in the place of her face.
func (t *tour) helped(ctx context.Context) error {
	code, err := t.codeFor(ctx, t.desks[0])
	if err != nil {
		return err
	}
	letters := strings.ReplaceAll(code, "-", "")
	t.planted = append(t.planted, code)
	d := t.desks[1]
	if err := d.seat(nobody); err != nil {
		return err
	}
	if err := d.fill(ctx, bea.name, bea.password); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.on(ctx, "look"); err != nil {
		return err
	}
	if err := d.keys(ctx, "Tab", "Tab", "Return"); err != nil { // after "Start" and "Back" the code's
		return err
	}
	if err := d.types(ctx, mistyped(letters)); err != nil {
		return err
	}
	d.window.fresh()
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	if err := d.problem(ctx, "bad-code"); err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "code"); err != nil {
		return err
	}
	if err := d.keys(ctx, "ctrl+a"); err != nil {
		return err
	}
	if err := d.types(ctx, letters); err != nil {
		return err
	}
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	s, err := d.until(ctx, "that she is in", func(s shown) bool { return s.Page == "inside" && s.Busy == "" })
	if err != nil {
		return err
	}
	if _, err := t.shot(ctx, d, "came-by-code"); err != nil {
		return err
	}
	if err := t.check(s.Problem == "came-by-code", "bea is in with password and code, nobody before the camera; the window says by whose code"); err != nil {
		return err
	}
	return d.seat(bea)
}

// codeFor makes a code for bea at her desk, and reads it off the screen. adam's last deed is more than a minute ago, mostly: then he is asked whether it is still he.
func (t *tour) codeFor(ctx context.Context, d *desk) (code string, err error) {
	if err := d.opens(ctx, "ctrl+shift+h", "help"); err != nil {
		return "", err
	}
	if _, err := t.shot(ctx, d, "help"); err != nil {
		return "", err
	}
	d.window.fresh()
	if err := d.keys(ctx, "Down", "Return", "Down", "Return"); err != nil { // bea, and of the desks hers
		return "", err
	}
	s, err := d.until(ctx, "a code, or a question", func(s shown) bool { return s.Proof || s.Secret })
	if err != nil {
		return "", err
	}
	if s.Proof {
		if err := t.proves(ctx, d); err != nil {
			return "", err
		}
	}
	if _, err := d.until(ctx, "a code", func(s shown) bool { return s.Secret && s.Busy == "" }); err != nil {
		return "", err
	}
	var photo image.Image
	for late := time.Now().Add(lateness); code == ""; {
		if photo, err = d.still(ctx); err != nil {
			return "", err
		}
		if code, err = readCode(photo); err != nil && time.Now().After(late) {
			return "", err
		}
	}
	if err := t.save("help-code", photo); err != nil {
		return "", err
	}
	t.true("adam made a code for bea at her desk, which is read off his screen: %s", code)
	return code, d.opens(ctx, "Escape", "")
}

// besideProof is all around the question for a proof.
var besideProof = []part{{0, 0, 330, 1000}, {670, 0, 1000, 1000}, {330, 0, 670, 300}, {330, 740, 670, 1000}}

// proves answers the question whether it is still adam: somebody else can not.
func (t *tour) proves(ctx context.Context, d *desk) error {
	if d.window.now().Face {
		if _, err := t.shot(ctx, d, "proof-look"); err != nil {
			return err
		}
		d.window.fresh()
		if err := d.keys(ctx, "Tab", "Return"); err != nil { // after "Start" the password's
			return err
		}
		if _, err := d.until(ctx, "the password's field", func(s shown) bool { return s.Proof && !s.Face }); err != nil {
			return err
		}
	}
	if err := t.compared(ctx, d, "proof", besideProof...); err != nil {
		return err
	}
	for _, tt := range []struct {
		password string
		until    func(shown) bool
	}{
		{bea.password, func(s shown) bool { return s.Proof && s.Doubt == "wrong-proof" }},
		{adam.password, func(s shown) bool { return s.Secret }},
	} {
		if err := d.types(ctx, tt.password); err != nil {
			return err
		}
		d.window.fresh()
		if err := d.keys(ctx, "Return"); err != nil {
			return err
		}
		if _, err := d.until(ctx, "what comes of "+fmt.Sprintf("%.3s…", tt.password), tt.until); err != nil {
			return err
		}
	}
	t.true("adam is asked for his password once more before the code is made: bea's does not do, his does")
	return nil
}
