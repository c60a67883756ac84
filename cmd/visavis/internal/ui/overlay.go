package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// newOver lays a panel over the page: a scrim, a card, and a button in its corner that closes it as Esc does.
func newOver(k *kit, panel fyne.CanvasObject) fyne.CanvasObject {
	closer := newIconButton(k, "", theme.CancelIcon(), func() { k.post(flow.PanelOpened{Panel: flow.NoPanel}) })
	closing := container.New(corner{}, closer)
	return container.NewStack(newStrip(colorScrim, newSpace(0)), container.New(over{}, container.NewStack(newCard(panel), closing)))
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

// corner puts a small object into the upper right corner.
type corner struct{}

func (corner) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (corner) Layout(o []fyne.CanvasObject, size fyne.Size) {
	least := o[0].MinSize()
	o[0].Resize(least)
	o[0].Move(fyne.NewPos(size.Width-least.Width-gapS, gapS))
}
