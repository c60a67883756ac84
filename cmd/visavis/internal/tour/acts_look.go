package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
)

// signUp is how somebody signs up.
type signUp struct {
	name    string // of the photographs; none are taken without
	glasses bool   // shows the face once more, with glasses on
	tries   bool   // tries whether it is known
}

// signsUp fills the form, and shows a face.
func (t *tour) signsUp(ctx context.Context, d *desk, p person, how signUp) error {
	if err := d.seat(p); err != nil {
		return err
	}
	if err := d.keys(ctx, "space"); err != nil { // the consent, which has the focus
		return err
	}
	if err := d.fill(ctx, "", p.name, p.email, p.password, p.password); err != nil {
		return err
	}
	t.planted = append(t.planted, p.password, p.email)
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	took, err := t.looks(ctx, d, how.name, looks{purpose: "signup", then: on("glasses")})
	if err != nil {
		return err
	}
	t.true("%s's face is captured, five ways, with consent, in %.1f s", p.name, took)
	if how.name != "" {
		if err := t.compared(ctx, d, how.name+"-glasses"); err != nil {
			return err
		}
	}
	if err := t.glasses(ctx, d, p, how); err != nil {
		return err
	}
	if err := t.tries(ctx, d, p, how); err != nil {
		return err
	}
	return d.on(ctx, "phrase")
}

// glasses answers whether somebody wears some, and shows them.
func (t *tour) glasses(ctx context.Context, d *desk, p person, how signUp) error {
	if !how.glasses {
		return d.keys(ctx, "Return") // "No" has the focus
	}
	if err := d.keys(ctx, "shift+Tab", "Return"); err != nil {
		return err
	}
	if err := d.seat(p.withGlasses()); err != nil {
		return err
	}
	took, err := t.looks(ctx, d, how.name+"-again", looks{purpose: "again", then: looking("try")})
	if err != nil {
		return err
	}
	t.true("once more with glasses, in %.1f s", took)
	return d.seat(p)
}

// tries shows the face as a log-in will, or skips that.
func (t *tour) tries(ctx context.Context, d *desk, p person, how signUp) error {
	if _, err := d.until(ctx, "the try", looking("try")); err != nil {
		return err
	}
	if !how.tries {
		return d.keys(ctx, "Tab", "Return") // "Skip" stands after "Start"
	}
	took, err := t.looks(ctx, d, how.name+"-try", looks{purpose: "try", then: on("phrase")})
	if err != nil {
		return err
	}
	return t.check(d.window.now().Note == "known", "tried at once: %s is recognised, in %.1f s", p.name, took)
}

// lookTries is how often a face is shown: a busy machine, like a person, does not always follow.
const lookTries = 4

// looks is a look at a camera.
type looks struct {
	purpose string           // of it; any when empty
	then    func(shown) bool // what it leads to
}

// on is a page.
func on(page string) func(shown) bool { return func(s shown) bool { return s.Page == page } }

// looking is a look for a purpose, before the press.
func looking(purpose string) func(shown) bool {
	return func(s shown) bool { return s.Page == "look" && s.Look == purpose && s.Busy == "" }
}

// looks waits for the page of the look, presses its button, and waits for what follows. With a name it photographs the look, before
// and amid the challenge. It returns how long the look took.
func (t *tour) looks(ctx context.Context, d *desk, name string, l looks) (float64, error) {
	if _, err := d.until(ctx, "the look", func(s shown) bool {
		return s.Page == "look" && s.Busy == "" && (l.purpose == "" || s.Look == l.purpose)
	}); err != nil {
		return 0, err
	}
	if _, err := d.until(ctx, "the camera's picture", func(s shown) bool { return s.Eye == "open" && s.Frames > 0 }); err != nil {
		return 0, err
	}
	if name != "" {
		if _, err := t.shot(ctx, d, name); err != nil {
			return 0, err
		}
	}
	for try := 1; ; try++ {
		took, err := seconds(func() error { return t.look(ctx, d, name, l.then) })
		if err == nil || try == lookTries || d.window.now().Page != "look" {
			return took, err
		}
		t.tell("·", "the face was refused (%s): once more, as a person would", d.window.now().Problem)
		name = ""
	}
}

// presses presses the button that has the focus and waits until the look has begun.
func (d *desk) presses(ctx context.Context) error {
	d.window.fresh()
	if err := d.keys(ctx, "Return"); err != nil {
		return err
	}
	_, err := d.until(ctx, "that the look has begun", func(s shown) bool { return s.Busy == "looking" })
	return err
}

// look is one press of the button and one challenge.
func (t *tour) look(ctx context.Context, d *desk, name string, then func(shown) bool) error {
	if err := d.presses(ctx); err != nil {
		return err
	}
	if name != "" {
		if err := t.amid(ctx, d, name); err != nil {
			return err
		}
	}
	s, err := d.window.until(ctx, lookPatience, "what the look leads to", func(s shown) bool {
		return s.Busy != "looking" && s.Busy != "finishing" && (then(s) || s.Page == "look" && s.Problem != "")
	})
	if err == nil && !then(s) {
		err = fmt.Errorf("%w: the face was refused: %s", errUntrue, s.Problem)
	}
	return err
}

// amid photographs two gestures that are not a look straight ahead.
func (t *tour) amid(ctx context.Context, d *desk, name string) error {
	before := ""
	for range 2 {
		d.window.fresh() // what was shown while the last photograph was kept is over
		s, err := d.window.until(ctx, lookPatience, "a gesture", func(s shown) bool {
			return s.Busy == "looking" && s.Gesture != "" && s.Gesture != "neutral" && s.Gesture != before
		})
		if err != nil {
			return err
		}
		before = s.Gesture
		told := 0
		if _, err := d.until(ctx, "that it is painted", func(s shown) bool { told++; return told > 4 || s.Gesture != before }); err != nil {
			return err
		}
		photo, err := d.photograph(ctx)
		if err != nil {
			return err
		}
		t.grounds = append(t.grounds, ground(photo))
		if err := t.save(name+"-"+s.Gesture, photo); err != nil {
			return err
		}
	}
	return nil
}

// ground is the colour of the window where nothing stands on it: beside the words of a look.
func ground(photo image.Image) color.RGBA {
	small := shrink(photo, goldenWidth)
	return mean(small, part{10, 930, 40, 980}.in(small.Rect.Size()))
}

// lit says what the light was in the photographs of looks.
func (t *tour) lit() error {
	warm, cool := 0, 0
	for _, c := range t.grounds {
		switch redder := int(c.R) - int(c.B); {
		case redder > 40:
			warm++
		case redder < -20:
			cool++
		}
	}
	return t.check(warm+cool > 0, "the window's light changes while somebody looks: of %d photographs %d are warm, %d cool", len(t.grounds), warm, cool)
}
