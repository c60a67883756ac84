package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// bring takes a vault pepper that somebody has carried here. It is a secret: the field is wiped when the page is left.
type bring struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	text   *field
	wrong  *fieldError
	submit *button
	back   *button
	was    flow.State
}

func newBring(k *kit) screen {
	p := &bring{kit: k, notice: newNotice(k), busy: newBusy(k), wrong: newFieldError()}
	p.text = newArea(k, say("bring.hint"), 5)
	p.text.OnChanged = func(string) { p.wrong.say("") }
	p.text.onKey = enterSubmits(p.send)
	p.submit = newPrimary(k, say("bring.submit"), p.send)
	p.back = newQuiet(k, say("recover.back"), func() { k.post(flow.Cancelled{}) })
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("bring.title")), newLead(say("bring.lead")), newMuted(say("bring.more"), textBody))
	right := newCard(column(gapL,
		p.notice.object,
		column(gapXS, labelled(say("bring.label"), p.text), p.wrong.object),
		p.submit, container.NewStack(container.NewCenter(p.back), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

// bringBegins is how the text of a pepper begins.
const bringBegins = "visavis-pepper-"

func (p *bring) send() {
	text := strings.TrimSpace(p.text.Text)
	p.wrong.say("")
	switch {
	case p.submit.Disabled():
		return
	case text == "":
		p.wrong.say(say("bring.empty"))
	case !strings.HasPrefix(text, bringBegins):
		p.wrong.say(say("bring.other"))
	default:
		p.kit.post(flow.PepperBrought{Text: flow.Password(text)})
		return
	}
	p.kit.window.Canvas().Focus(p.text)
	settle(p.object)
}

func (p *bring) content() fyne.CanvasObject { return p.object }
func (p *bring) focus() fyne.Focusable      { return p.text }

func (p *bring) leave() {
	p.text.wipe()
	p.wrong.say("")
}

func (p *bring) forget() {
	forgetFields(p.text)
	p.kit.window.Canvas().Focus(p.text)
}

func (p *bring) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	idle := s.Busy == flow.Idle
	allow(idle, p.text, p.submit, p.back)
	p.busy.show(busyWords(s.Busy))
	visible(idle, p.back)
	if p.was.Busy != flow.Idle && idle { // what was typed stays: one letter of it is wrong
		p.kit.window.Canvas().Focus(p.text)
	}
	p.was = s
	settle(p.object)
}
