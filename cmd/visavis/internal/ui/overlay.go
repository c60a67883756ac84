package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// newOver lays a panel over the page, on a scrim. How it is closed, beside Esc, is the panel's own affair.
func newOver(panel fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(newStrip(colorScrim, newSpace(0)), container.New(over{}, newCard(panel)))
}

// over centres a panel; it never grows beyond the window.
type over struct{}

func (over) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 0) }

func (over) Layout(o []fyne.CanvasObject, size fyne.Size) {
	least := o[0].MinSize()
	fit := fyne.NewSize(min(least.Width, size.Width-2*gapL), min(least.Height, size.Height-2*gapL))
	o[0].Resize(fit)
	o[0].Move(fyne.NewPos((size.Width-fit.Width)/2, (size.Height-fit.Height)/2))
}
