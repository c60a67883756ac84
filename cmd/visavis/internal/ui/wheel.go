package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	wheelDots = 3
	wheelStep = 400 * time.Millisecond
)

// wheel says that something goes on: three small ovals that light up in turn. Fyne's own repaints the whole window sixty times a second,
// which on a computer without a graphics card takes a core from the camera; this one does it five times in two seconds, and stands still
// once its screen is left.
type wheel struct {
	kit    *kit
	object fyne.CanvasObject
	dots   [wheelDots]*mark
	lit    int
	stop   func() bool // of the next step; nil while it stands still
}

func newWheel(k *kit) *wheel {
	w := &wheel{kit: k}
	box := container.New(layout.NewCustomPaddedHBoxLayout(gapXS))
	for i := range w.dots {
		w.dots[i] = newDrawn(9, drawing("oval", theme.ColorNameSeparator))
		box.Add(w.dots[i])
	}
	w.object = container.NewCenter(box)
	k.wheels = append(k.wheels, w)
	return w
}

// turn starts the wheel, or stops it.
func (w *wheel) turn(on bool) {
	switch {
	case on && w.stop == nil:
		w.step()
	case !on && w.stop != nil:
		w.stop()
		w.stop = nil
	}
}

func (w *wheel) step() {
	w.dots[w.lit].draw(drawing("oval", theme.ColorNameSeparator))
	w.lit = (w.lit + 1) % wheelDots
	w.dots[w.lit].draw(drawing("oval", theme.ColorNamePrimary))
	w.stop = w.kit.after(wheelStep, func() {
		w.kit.do(func() {
			if w.stop != nil {
				w.step()
			}
		})
	})
}

// stopWheels brings every wheel of a screen to rest.
func (k *kit) stopWheels() {
	for _, w := range k.wheels {
		w.turn(false)
	}
}

// busyLine says that something is being done; it is hidden while the text is empty.
type busyLine struct {
	object *fyne.Container
	wheel  *wheel
	text   *widget.Label
}

func newBusy(k *kit) *busyLine {
	b := &busyLine{wheel: newWheel(k), text: newText("", textBody)}
	b.object = container.NewHBox(layout.NewSpacer(), b.wheel.object, b.text, layout.NewSpacer())
	b.object.Hide()
	return b
}

func (b *busyLine) show(text string) {
	if b.text.Text == text {
		return
	}
	b.text.SetText(text)
	visible(text != "", b.object)
	b.wheel.turn(text != "")
}
