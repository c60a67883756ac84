package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// glasses asks whether a face is to be shown once more, with glasses or without.
type glasses struct {
	object fyne.CanvasObject
	notice *notice
	yes    *button
	no     *button
}

func newGlasses(k *kit) screen {
	p := &glasses{notice: newNotice(k)}
	p.yes = newButton(k, say("glasses.yes"), func() { k.post(flow.AgainAsked{Yes: true}) })
	p.no = newPrimary(k, say("glasses.no"), func() { k.post(flow.AgainAsked{}) })
	left := column(gapL, row(0, newMark(72)), newTitle(say("glasses.title")), newLead(say("glasses.lead")), p.notice.object)
	right := newCard(column(gapL,
		container.NewCenter(newDrawn(120, drawing("glasses", theme.ColorNamePrimary))),
		flush(newParagraph(say("glasses.how"), textBody)),
		container.New(pair{}, p.yes, p.no), newMuted(say("glasses.keys"), textCaption)))
	p.object = newFacing(left, right)
	return p
}

func (p *glasses) content() fyne.CanvasObject { return p.object }
func (p *glasses) focus() fyne.Focusable      { return p.no }
func (p *glasses) leave()                     {}

func (p *glasses) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	settle(p.object)
}
