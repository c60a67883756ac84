package ui

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"visavis/cmd/visavis/internal/flow"
)

// world is a window without a display, whose clock and UI goroutine belong to the test.
type world struct {
	*Window
	t      *testing.T
	app    fyne.App
	posted []flow.Event
	typing int // how often a form was begun
	shown  []Shown
	now    time.Time
	later  []*delayed
}

type delayed struct {
	at   time.Time
	call func()
}

func newWorld(t *testing.T, size fyne.Size) *world {
	t.Helper()
	return newWorldAfter(t, size, Left{})
}

// newWorldAfter is a window whose process has taken the place of another.
func newWorldAfter(t *testing.T, size fyne.Size, left Left) *world {
	t.Helper()
	w := &world{t: t, app: test.NewTempApp(t), now: time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)}
	o := Options{
		App:   w.app,
		Post:  w.post,
		Shown: func(s Shown) { w.shown = append(w.shown, s) },
		Now:   func() time.Time { return w.now },
		Left:  left,
	}
	w.Window = newWindow(o, func(f func()) { f() }, w.after)
	w.start()
	w.window.Resize(size)
	t.Cleanup(w.window.Close)
	return w
}

func (w *world) post(e flow.Event) {
	if _, ok := e.(flow.Typing); ok {
		w.typing++
		return
	}
	w.posted = append(w.posted, e)
}

func (w *world) after(d time.Duration, f func()) func() bool {
	call := &delayed{w.now.Add(d), f}
	w.later = append(w.later, call)
	return func() bool {
		had := call.call != nil
		call.call = nil
		return had
	}
}

// pass lets time go by, and what was asked for later happen.
func (w *world) pass(d time.Duration) {
	for end := w.now.Add(d); ; {
		next := -1
		for i, c := range w.later {
			if !c.at.After(end) && (next < 0 || c.at.Before(w.later[next].at)) {
				next = i
			}
		}
		if next < 0 {
			w.now = end
			return
		}
		c := w.later[next]
		w.later = append(w.later[:next], w.later[next+1:]...)
		w.now = c.at
		if c.call != nil {
			c.call()
		}
	}
}

// take returns what was posted since the last take.
func (w *world) take() []flow.Event {
	events := w.posted
	w.posted = nil
	return events
}

// photograph keeps a picture of the window where VISAVIS_PICTURES points, to be looked at.
func (w *world) photograph(name string) {
	w.t.Helper()
	dir := os.Getenv("VISAVIS_PICTURES")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := png.Encode(f, w.window.Canvas().Capture()); err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// portrait is a made-up picture of a face: enough to see where it stands and which way round it is.
func portrait(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{uint8(90 + 60*x/width), 110, uint8(150 - 60*y/height), 255}
			dx, dy := float64(x-width/2)/(0.16*float64(width)), float64(y-height/2)/(0.3*float64(height))
			if dx*dx+dy*dy < 1 {
				c = color.RGBA{222, 184, 160, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}
