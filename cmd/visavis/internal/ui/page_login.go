package ui

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// logIn takes name and password; the look comes next.
type logIn struct {
	kit      *kit
	object   fyne.CanvasObject
	notice   *notice
	busy     *busyLine
	title    *widget.Label
	name     *field
	password *field
	reveal   *check
	submit   *button
	toSignUp *button
	forgot   *button
	bring    *button // once it is known that a vault pepper is missing here
	eye      *eyeHint
	was      flow.State
}

func newLogIn(k *kit) screen {
	p := &logIn{kit: k, notice: newNotice(k), busy: newBusy(k), eye: newEyeHint()}
	p.title = newParagraph("", textTitle)
	p.title.TextStyle.Bold = true
	p.name = newField(k, say("login.name.hint"), func() { k.window.Canvas().Focus(p.password) })
	p.password = newSecretField(k, "", p.send)
	p.reveal = newReveal(k, p.password)
	p.submit = newPrimary(k, say("login.submit"), p.send)
	p.toSignUp = newQuiet(k, say("login.signup"), func() { k.post(flow.Went{To: flow.SignUp}) })
	p.forgot = newQuiet(k, say("login.forgot"), func() { k.post(flow.Went{To: flow.Recover}) })
	p.bring = newQuiet(k, say("login.bring"), func() { k.post(flow.Went{To: flow.Bring}) })
	left := column(gapL, row(0, newMark(160)), flush(p.title), newLead(say("login.lead")), p.eye.object)
	right := newCard(column(gapL,
		newHeading(say("login.title")),
		p.notice.object,
		labelled(say("login.name"), p.name),
		column(gapXS, labelled(say("login.password"), p.password), p.reveal),
		p.submit, container.NewStack(container.NewCenter(container.NewHBox(p.toSignUp, p.forgot, p.bring)), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

// newReveal makes the tick that shows what stands in secret fields.
func newReveal(k *kit, fields ...*field) *check {
	return newCheck(k, say("password.reveal"), func(on bool) {
		for _, f := range fields {
			f.Password = !on
			f.Refresh()
		}
	})
}

func (p *logIn) send() {
	switch {
	case p.submit.Disabled():
	case p.name.Text == "":
		p.kit.window.Canvas().Focus(p.name)
	case p.password.Text == "":
		p.kit.window.Canvas().Focus(p.password)
	default:
		p.kit.post(flow.LogInAsked{Name: p.name.Text, Password: flow.Password(p.password.Text)})
	}
}

func (p *logIn) content() fyne.CanvasObject { return p.object }

func (p *logIn) focus() fyne.Focusable {
	if p.name.Text != "" {
		return p.password
	}
	return p.name
}

func (p *logIn) leave() {
	p.reveal.SetChecked(false)
	p.name.wipe()
	p.password.wipe()
}

func (p *logIn) forget() {
	p.reveal.SetChecked(false)
	forgetFields(p.name, p.password)
	p.kit.window.Canvas().Focus(p.name)
}

func (p *logIn) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	p.eye.show(s.Eye)
	p.title.SetText(cmp.Or(plainLine(s.Desk.Organisation), say("window.title"))) // a desk learns its name at the first log-in
	allow(s.Busy == flow.Idle, p.name, p.password, p.reveal, p.submit, p.toSignUp, p.forgot, p.bring)
	p.busy.show(busyWords(s.Busy))
	lacks := s.Problem.Kind == flow.NoPepper
	visible(s.Busy == flow.Idle && !lacks, p.toSignUp, p.forgot)
	visible(s.Busy == flow.Idle && lacks, p.bring)
	if p.was.Busy != flow.Idle && s.Busy == flow.Idle {
		p.password.SetText("") // it was wrong, or the server was not there: either way it is typed again
		p.kit.window.Canvas().Focus(p.focus())
	}
	p.was = s
	settle(p.object)
}
