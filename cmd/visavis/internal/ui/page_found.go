package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// found names the organisation of a server that has none yet.
type found struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	name   *field
	wrong  *fieldError
	submit *button
}

func newFound(k *kit) screen {
	p := &found{kit: k, notice: newNotice(k), busy: newBusy(k), wrong: newFieldError()}
	p.name = newField(k, say("found.name.hint"), p.send)
	p.submit = newPrimary(k, say("found.submit"), p.send)
	left := column(gapL, row(0, newMark(96)), newTitle(say("found.title")), newLead(say("found.lead")), newMuted(say("found.paper"), textBody))
	right := newCard(column(gapL,
		p.notice.object, labelled(say("found.name"), p.name), p.wrong.object,
		newMuted(say("found.signed"), textBody), p.submit, container.NewStack(newSpace(36), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

func (p *found) send() {
	name := strings.TrimSpace(p.name.Text)
	p.wrong.say("")
	switch {
	case p.submit.Disabled():
	case name == "":
		p.wrong.say(say("found.empty"))
		p.kit.window.Canvas().Focus(p.name)
	default:
		p.kit.post(flow.FoundAsked{Organisation: name})
	}
}

func (p *found) content() fyne.CanvasObject { return p.object }
func (p *found) focus() fyne.Focusable      { return p.name }
func (p *found) leave()                     { p.name.wipe() }

func (p *found) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	allow(s.Busy == flow.Idle, p.name, p.submit)
	p.busy.show(busyWords(s.Busy))
	settle(p.object)
}
