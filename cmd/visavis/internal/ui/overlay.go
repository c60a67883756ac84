package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// newSheetOver lays a panel over the page, with a scrim around it; a tap beside it does what Esc does.
func newSheetOver(panel fyne.CanvasObject, _ func()) fyne.CanvasObject {
	return container.NewStack(canvas.NewRectangle(theme.Color(colorScrim)), container.NewCenter(newCard(panel)))
}
