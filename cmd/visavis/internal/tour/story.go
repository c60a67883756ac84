package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"time"

	"visavis/cmd/visavis/internal/local"
)

// errUntrue says that a line of the tour did not hold.
var errUntrue = errors.New("the tour is not true")

const (
	mark     = ".visavis-tour" // of a folder that may be emptied
	patience = 30 * time.Second
	// lookPatience is for a look: its challenge takes nine seconds, a photograph's search two, and the machine may be busy.
	lookPatience = 60 * time.Second
)

// tour tells lines, and keeps photographs.
type tour struct {
	options
	out   io.Writer
	start time.Time
	lines int
	shots int
	wrong []error // pictures that are other ones: told at the end, so that one run shows them all

	server *local.Server
	relay  *local.Relay
	desks  []*desk

	grounds []color.RGBA // of looks that were photographed

	planted []string // what must not be left on a desk
	papers  []string // recovery phrases, as they were read off screens
	paper   []string // bea's recovery phrase, as it was read off her screen
}

// run tells the tour and returns nil only if every line was true.
func run(ctx context.Context, out io.Writer, o options) (err error) {
	t := &tour{options: o, out: out, start: time.Now()}
	if err := t.prepare(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	play := acts
	if o.memory {
		play = short
	}
	for _, act := range play {
		t.printf("\n%s\n", act.title)
		if err := act.play(t, ctx); err != nil {
			t.tell("✗", "%v", err)
			t.failed()
			return fmt.Errorf("%s: %w", act.title, err)
		}
	}
	if len(t.wrong) > 0 {
		return errors.Join(t.wrong...)
	}
	t.printf("\n%d lines, all true, %d photographs, in %.0f s. They are in %s.\n", t.lines, t.shots, time.Since(t.start).Seconds(), o.keep)
	return nil
}

// prepare checks that everything is there before it empties an earlier tour's folder.
func (t *tour) prepare() error {
	needed := []string{"visavis", "visavisd", "visavis-puppet"}
	for i, name := range needed {
		needed[i] = filepath.Join(t.bin, name)
	}
	for _, p := range []person{adam, bea, stranger} {
		needed = append(needed, filepath.Join(t.faces, p.photo))
	}
	for _, path := range needed {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w: `make ui` builds and fetches everything", err)
		}
	}
	return local.Renew(t.keep, mark)
}

func (t *tour) close() error {
	var errs []error
	for _, d := range t.desks {
		errs = append(errs, d.close())
	}
	if t.relay != nil {
		errs = append(errs, t.relay.Close())
	}
	if t.server != nil {
		errs = append(errs, t.server.Stop())
	}
	return errors.Join(errs...)
}

// failed keeps what stood on the screens when a line was not true.
func (t *tour) failed() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, d := range t.desks {
		photo, err := d.photograph(ctx)
		path := filepath.Join(t.keep, "failed-"+d.name+".png")
		if err == nil {
			err = savePNG(path, photo, png.BestSpeed)
		}
		if err == nil && d.window != nil {
			t.printf("    desk %s stood as in %s, and said last:\n%s\n", d.name, path, d.window.last(5))
		}
	}
}

func (t *tour) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format, args...) }

func (t *tour) tell(mark, format string, args ...any) {
	t.printf("  %s %5.1f s  %s\n", mark, time.Since(t.start).Seconds(), fmt.Sprintf(format, args...))
}

// true tells a line that was seen.
func (t *tour) true(format string, args ...any) {
	t.lines++
	t.tell("✓", format, args...)
}

// check tells a line that holds, or ends the tour.
func (t *tour) check(ok bool, format string, args ...any) error {
	if !ok {
		return fmt.Errorf("%w: not so: %s", errUntrue, fmt.Sprintf(format, args...))
	}
	t.true(format, args...)
	return nil
}

// shot photographs a desk.
func (t *tour) shot(ctx context.Context, d *desk, name string) (image.Image, error) {
	photo, err := d.still(ctx)
	if err != nil {
		return nil, err
	}
	return photo, t.save(name, photo)
}

// lateness is how long a machine may take to paint what the window says it shows.
const lateness = 10 * time.Second

// compared photographs a screen that stands still, and holds it to its golden picture outside of the masks. Its header says how the eye is, which a
// window that was just renewed starts anew.
func (t *tour) compared(ctx context.Context, d *desk, name string, masks ...part) error {
	if _, err := d.until(ctx, "an eye that sees", func(s shown) bool { return s.Eye == "open" }); err != nil {
		return err
	}
	photo, err := d.still(ctx)
	if err != nil {
		return err
	}
	path, diff := filepath.Join(t.golden, name+".png"), filepath.Join(t.keep, "differs-"+name+".png")
	for late := time.Now().Add(lateness); ; {
		err = golden(photo, path, diff, t.update, masks...)
		if !errors.Is(err, errPicture) || time.Now().After(late) {
			break
		}
		if photo, err = d.still(ctx); err != nil {
			return err
		}
	}
	if err != nil {
		t.tell("✗", "%v", err)
		t.wrong = append(t.wrong, err)
	} else {
		_ = os.Remove(diff) // of a photograph that was taken too early
	}
	return t.save(name, photo)
}

// scanned reads the QR code on a desk's screen, off a photograph.
func (t *tour) scanned(ctx context.Context, d *desk, name string) (string, error) {
	for late := time.Now().Add(lateness); ; {
		photo, err := d.still(ctx)
		if err != nil {
			return "", err
		}
		text, err := scan(photo)
		if err == nil || time.Now().After(late) {
			return text, errors.Join(err, t.save(name, photo))
		}
	}
}

// save keeps a photograph that was taken in passing.
func (t *tour) save(name string, photo image.Image) error {
	t.shots++
	return savePNG(filepath.Join(t.keep, fmt.Sprintf("%02d-%s.png", t.shots, name)), photo, png.BestSpeed)
}
