package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// enrol takes the invite that makes this computer a desk. The invite is a secret: the field is wiped when the page is left.
type enrol struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	invite *field
	name   *field
	wrong  *fieldError
	submit *button
}

func newEnrol(k *kit) screen {
	p := &enrol{kit: k, notice: newNotice(k), busy: newBusy(k), wrong: newFieldError()}
	p.invite = newArea(k, say("enrol.invite.hint"), 5)
	p.invite.SetText(k.invite.Reveal())
	p.invite.onKey = enterSubmits(p.send)
	p.name = newField(k, say("enrol.name.hint"), p.send)
	p.submit = newPrimary(k, say("enrol.submit"), p.send)
	left := column(gapL,
		row(0, newMark(96)), newTitle(say("enrol.title")), newLead(say("enrol.lead")), newMuted(say("enrol.secret"), textBody))
	right := newCard(column(gapL,
		p.notice.object,
		labelled(say("enrol.invite"), p.invite), p.wrong.object,
		labelled(say("enrol.name"), p.name),
		p.submit, container.NewStack(newSpace(36), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

// enterSubmits makes Enter send a field of several lines that holds one value.
func enterSubmits(send func()) func(*fyne.KeyEvent) bool {
	return func(e *fyne.KeyEvent) bool {
		enter := e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter
		if enter {
			send()
		}
		return enter
	}
}

func (p *enrol) send() {
	invite, name := strings.TrimSpace(p.invite.Text), strings.TrimSpace(p.name.Text)
	p.wrong.say("")
	switch {
	case p.submit.Disabled():
	case invite == "":
		p.wrong.say(say("enrol.empty"))
		p.kit.window.Canvas().Focus(p.invite)
	case name == "":
		p.wrong.say(say("enrol.nameless"))
		p.kit.window.Canvas().Focus(p.name)
	default:
		p.kit.post(flow.EnrolAsked{Invite: flow.NewSecret(invite), Name: name})
	}
}

func (p *enrol) content() fyne.CanvasObject { return p.object }

func (p *enrol) focus() fyne.Focusable {
	if p.invite.Text != "" {
		return p.name
	}
	return p.invite
}

func (p *enrol) leave() {
	p.invite.wipe()
	p.name.wipe()
}

func (p *enrol) forget() {
	forgetFields(p.name)
	p.invite.SetText(p.kit.invite.Reveal())
	p.kit.window.Canvas().Focus(p.invite)
}

func (p *enrol) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	idle := s.Busy == flow.Idle
	allow(idle, p.invite, p.name, p.submit)
	p.busy.show(busyWords(s.Busy))
	settle(p.object)
}
