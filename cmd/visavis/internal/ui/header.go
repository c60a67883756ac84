package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// header is the strip above every page.
type header struct {
	object fyne.CanvasObject
	desk   *widget.Label
}

func newHeader(*kit) *header {
	h := &header{desk: newText("", textBody)}
	h.object = h.desk
	return h
}

func (h *header) show(s flow.State) { h.desk.SetText(s.Desk.Organisation) }
