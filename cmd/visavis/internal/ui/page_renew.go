package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// renewPage takes the new password of a recovery.
type renewPage struct {
	kit      *kit
	object   fyne.CanvasObject
	notice   *notice
	busy     *busyLine
	password *field
	again    *field
	reveal   *check
	meter    *strength
	wrong    *fieldError
	submit   *button
	back     *button
	was      flow.State
}

func newRenew(k *kit) screen {
	p := &renewPage{kit: k, notice: newNotice(k), busy: newBusy(k), wrong: newFieldError(), meter: newStrength(k.do, k.after)}
	p.password = newSecretField(k, "", func() { k.window.Canvas().Focus(p.again) })
	p.again = newSecretField(k, "", p.send)
	p.password.OnChanged = func(text string) {
		p.wrong.say("")
		p.meter.typed(text, "", "", p.was.Desk.Organisation)
	}
	p.reveal = newReveal(k, p.password, p.again)
	p.submit = newPrimary(k, say("renew.submit"), p.send)
	p.back = newQuiet(k, say("renew.back"), func() { k.post(flow.Cancelled{}) })
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("renew.title")), newLead(say("renew.lead")), newMuted(say("renew.more"), textBody), p.notice.object)
	right := newCard(column(gapM,
		labelled(say("renew.password"), p.password), p.meter,
		labelled(say("signup.again"), p.again),
		p.reveal, p.wrong.object, p.submit, container.NewStack(container.NewCenter(p.back), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

func (p *renewPage) send() {
	p.wrong.say("")
	switch {
	case p.submit.Disabled():
	case p.password.Text == "":
		p.kit.window.Canvas().Focus(p.password)
	case p.password.Text != p.again.Text:
		p.wrong.say(say("signup.differ"))
		p.kit.window.Canvas().Focus(p.again)
	default:
		p.kit.post(flow.PasswordChosen{Password: flow.Password(p.password.Text)})
	}
}

func (p *renewPage) content() fyne.CanvasObject { return p.object }
func (p *renewPage) focus() fyne.Focusable      { return p.password }

func (p *renewPage) leave() {
	p.meter.close()
	p.reveal.SetChecked(false)
	p.password.wipe()
	p.again.wipe()
}

func (p *renewPage) forget() {
	p.reveal.SetChecked(false)
	forgetFields(p.password, p.again)
	p.kit.window.Canvas().Focus(p.password)
}

func (p *renewPage) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	allow(s.Busy == flow.Idle, p.password, p.again, p.reveal, p.submit, p.back)
	p.busy.show(busyWords(s.Busy))
	visible(s.Busy == flow.Idle, p.back)
	if p.was.Busy != flow.Idle && s.Busy == flow.Idle {
		p.kit.window.Canvas().Focus(p.password)
	}
	p.was = s
	settle(p.object)
}
