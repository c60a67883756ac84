package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// starting is shown while the desk's files are read, or when they can not be.
type starting struct {
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
}

func newStarting(k *kit) screen {
	p := &starting{notice: newNotice(k), busy: newBusy(k)}
	p.notice.closer.Hide() // what it says is all there is
	p.object = container.NewCenter(column(gapXL,
		container.NewCenter(newMark(160)),
		container.NewGridWrap(fyne.NewSize(560, 160), container.NewVBox(p.notice.object, p.busy.object)),
	))
	return p
}

func (p *starting) content() fyne.CanvasObject { return p.object }
func (p *starting) focus() fyne.Focusable      { return nil }
func (p *starting) leave()                     {}

func (p *starting) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	if s.Problem.IsZero() {
		p.busy.show(say("starting.busy"))
	} else {
		p.busy.show("")
	}
	settle(p.object)
}
