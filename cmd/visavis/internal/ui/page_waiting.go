package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// waiting shows the fingerprint that an admin compares; the page goes on by itself once he has.
type waiting struct {
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	who    *avatar
	name   *widget.Label
	print  *widget.Label
	code   *fyne.Container
	shown  string
	back   *button
}

func newWaiting(k *kit) screen {
	p := &waiting{notice: newNotice(k), busy: newBusy(k), who: newAvatar("", models.AccountID{}, 56), code: container.NewStack()}
	p.name, p.print = newText("", textHeading), newText("", textTitle)
	p.name.TextStyle.Bold, p.name.Truncation = true, fyne.TextTruncateEllipsis
	p.print.TextStyle = fyne.TextStyle{Monospace: true, Bold: true}
	p.print.Alignment = fyne.TextAlignCenter
	p.back = newButton(k, say("waiting.back"), func() { k.post(flow.Cancelled{}) })
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("waiting.title")), newLead(say("waiting.lead")),
		steps(say("waiting.step1"), say("waiting.step2"), say("waiting.step3")),
		p.notice.object, p.back)
	head := container.NewBorder(nil, nil, p.who, nil, container.NewVBox(layout.NewSpacer(), p.name, layout.NewSpacer()))
	right := newCard(column(gapM, head, container.NewCenter(p.print), p.code, newMuted(say("waiting.code"), textCaption), p.busy.object))
	p.object = newFacing(left, right)
	return p
}

// steps numbers what happens next.
func steps(texts ...string) fyne.CanvasObject {
	all := column(gapS)
	for i, text := range texts {
		number := newText(say("waiting.number", "n", i+1), textBody)
		number.TextStyle.Bold, number.Importance = true, widget.HighImportance
		all.Add(container.NewBorder(nil, nil, row(gapS, flush(number), newSpaceWide(0)), nil, flush(newParagraph(text, textBody))))
	}
	return all
}

func (p *waiting) content() fyne.CanvasObject { return p.object }
func (p *waiting) focus() fyne.Focusable      { return p.back }

func (p *waiting) leave() {
	p.shown = ""
	wipeLabels([]*widget.Label{p.name, p.print})
	p.who.set("", models.AccountID{})
	p.code.RemoveAll()
}

func (p *waiting) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	visible(!s.Founder, p.back) // who makes the organisation is admitted here, or nobody ever is
	p.name.SetText(plainLine(s.Applicant.Name))
	p.who.set(s.Applicant.Name, models.AccountID{})
	p.busy.show(say("waiting.busy"))
	text := string(s.Applicant.Fingerprint)
	defer settle(p.object)
	if text == p.shown {
		return
	}
	p.shown = text
	p.print.SetText(brokenAfter(text, "-", 3))
	p.code.RemoveAll()
	if code := newCode(text, 180); code != nil {
		p.code.Add(code)
	}
}
