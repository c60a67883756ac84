package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/match"
	"visavis/biometrics/presence"
)

const (
	emptyChair = 5 * time.Second // after which the desk locks
	atEase     = 3 * time.Second // that somebody sits there before anything happens
	found      = 20 * time.Second
	tickEvery  = 250 * time.Millisecond
)

// seat is a desk's camera before which people take turns while it stays open.
type seat struct {
	*desk
	script string
}

// take puts somebody there.
func (t seat) take(source string) error {
	next := t.script + ".new"
	if err := os.WriteFile(next, []byte(strings.TrimPrefix(source, "puppet:?")), 0o600); err != nil {
		return err
	}
	return os.Rename(next, t.script)
}

// watching tells who is before cleo's desk while she is logged in, until the desk has to be locked.
func (s *story) watching(ctx context.Context, d *desk) error {
	owner := presence.Owner(d.shown.seen, d.shown.challenge)
	cleo, stranger := s.cast["cleo"].photo.source(seedLogIn), s.cast["the stranger"].photo.source(seedLogIn)
	path, err := filepath.Abs(filepath.Join(s.Keep, "seat"))
	if err != nil {
		return err
	}
	t := seat{d, path}
	if err := t.take(cleo); err != nil {
		return err
	}
	if err := d.sit(ctx, "puppet:?stage="+strings.ReplaceAll(path, "/", "%2F")); err != nil {
		return err
	}
	defer d.rest()
	d.eye.Watch(presence.Rate, false)
	w, err := s.guard(ctx, d, owner, func(w *guarded) bool { return w.seen >= int(atEase.Seconds()*presence.Rate)-1 })
	if err := s.unless(err, w, presence.Stays, "cleo sits at her desk: %d frames, %d a second are looked at, and she stays", w.seen, presence.Rate); err != nil {
		return err
	}
	if err := s.onlooked(ctx, d, owner); err != nil {
		return err
	}
	if err := s.unplugged(ctx, t, owner, cleo); err != nil {
		return err
	}
	if err := t.take(stranger); err != nil {
		return err
	}
	w, err = s.guard(ctx, d, owner, nil)
	if err := s.unless(err, w, presence.Stranger, "somebody else sits down there: known as a stranger %.1f s after he was seen first, and that locks", time.Since(w.other).Seconds()); err != nil {
		return err
	}
	if err := t.take("puppet:?nobody"); err != nil {
		return err
	}
	w, err = s.guard(ctx, d, owner, nil)
	return s.unless(err, w, presence.Away, "cleo walks away: the chair was empty for %.1f s, and that locks", time.Since(w.empty).Seconds())
}

// onlooked: a photograph of several people, as cleo's camera sees somebody over her shoulder. The eye really describes it; the watch is told of it
// as often as in a look of two seconds.
func (s *story) onlooked(ctx context.Context, d *desk, owner match.Vector) error {
	photo, err := os.ReadFile(filepath.Join(s.Faces, severalPeople))
	if err != nil {
		return err
	}
	faces, err := d.eye.Describe(ctx, [][]byte{photo})
	if err != nil {
		return err
	}
	var w presence.Watch
	var reasons []string
	for _, r := range faces[0].Quality.Reasons() {
		reasons = append(reasons, r.String())
	}
	began := time.Now()
	now := began
	w.Begin(began, owner, emptyChair)
	defer w.Wipe()
	var warned time.Duration
	verdict := presence.Stays
	for range 2 * presence.Rate {
		now = now.Add(time.Second / presence.Rate)
		verdict = max(verdict, w.Seen(now, eye.Seen{Face: faces[0]}))
		if w.Onlooker() && warned == 0 {
			warned = now.Sub(began)
		}
	}
	return s.check(w.Onlooker() && verdict == presence.Stays, "somebody looks over her shoulder (%v): an onlooker after %.1f s; that warns her, and locks nothing", list(reasons), warned.Seconds())
}

// unplugged: the camera is pulled out, and the eye with it; it is put in again, and found without anybody's doing.
func (s *story) unplugged(ctx context.Context, t seat, owner match.Vector, who string) error {
	if err := os.Remove(t.script); err != nil {
		return err
	}
	t.life.crash()
	began := time.Now()
	w, err := s.guard(ctx, t.desk, owner, func(w *guarded) bool { return w.blind })
	if err := s.unless(err, w, presence.Stays, "her camera was pulled out, and its driver took the eye's process along; cleo stays logged in"); err != nil {
		return err
	}
	if err := t.take(who); err != nil {
		return err
	}
	w, err = s.guard(ctx, t.desk, owner, func(w *guarded) bool { return w.seen > 0 })
	return s.unless(err, w, presence.Stays, "it was put in again: a new eye had found it and saw her %.1f s after the crash", time.Since(began).Seconds())
}

// guarded is what came of a watch.
type guarded struct {
	owner   match.Vector
	verdict presence.Verdict
	seen    int       // frames
	other   time.Time // of the first frame of another face
	empty   time.Time // since when there was no face
	blind   bool      // the eye was gone
}

// guard watches until there is a verdict, or until what was waited for.
func (s *story) guard(ctx context.Context, d *desk, owner match.Vector, enough func(*guarded) bool) (*guarded, error) {
	events, stop := d.eye.Subscribe()
	defer stop()
	var w presence.Watch
	g := &guarded{owner: owner}
	w.Begin(time.Now(), owner, emptyChair)
	defer w.Wipe()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	late := time.After(found)
	for g.verdict == presence.Stays && (enough == nil || !enough(g)) {
		select {
		case now := <-tick.C:
			g.verdict = w.Tick(now)
		case e, ok := <-events:
			if !ok {
				return g, eye.ErrClosed
			}
			g.take(&w, e)
		case <-late:
			return g, fmt.Errorf("%w: nothing came of it in %v", ErrUntrue, found)
		case <-ctx.Done():
			return g, ctx.Err()
		}
	}
	return g, nil
}

func (g *guarded) take(w *presence.Watch, e eye.Event) {
	now := time.Now()
	switch e := e.(type) {
	case eye.Seen:
		g.seen++
		g.note(e.Face, now)
		g.verdict = w.Seen(now, e)
	case eye.Died, eye.CameraFailed:
		g.blind = true
		w.Blind(now)
	}
}

// note remembers since when another face, or none, is in view.
func (g *guarded) note(f biometrics.Face, now time.Time) {
	v, err := match.Unit(f.Descriptor)
	switch {
	case err != nil:
		if g.empty.IsZero() {
			g.empty = now
		}
		return
	case g.other.IsZero() && match.Distance(v, g.owner) > match.OneIn10000.Bounds(match.MaxViews).Front:
		g.other = now
	}
	g.empty = time.Time{}
}

// unless tells a line when the watch came to what it should.
func (s *story) unless(err error, g *guarded, want presence.Verdict, format string, args ...any) error {
	if err != nil {
		return err
	}
	return s.check(g.verdict == want, format, args...)
}
