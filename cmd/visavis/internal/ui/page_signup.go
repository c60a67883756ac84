package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// signUp asks for consent first, and then for name, e-mail address and password.
type signUp struct {
	kit      *kit
	object   fyne.CanvasObject
	notice   *notice
	busy     *busyLine
	mark     fyne.CanvasObject // gives its place to a notice
	founder  *widget.Label
	first    fyne.CanvasObject
	consent  *check
	name     *field
	email    *field
	password *field
	again    *field
	reveal   *check
	renews   *check
	meter    *strength
	wrong    *fieldError
	submit   *button
	back     *button
	was      flow.State
}

func newSignUp(k *kit) screen {
	p := &signUp{kit: k, notice: newNotice(k), busy: newBusy(k), wrong: newFieldError(), meter: newStrength(k.do, k.after)}
	p.mark = row(0, newMark(72))
	p.consent = newCheck(k, say("signup.agree"), func(bool) { p.wrong.say("") })
	p.name = newField(k, say("signup.name.hint"), p.next(func() *field { return p.email }))
	p.email = newField(k, say("signup.email.hint"), p.next(func() *field { return p.password }))
	p.password = newSecretField(k, "", p.next(func() *field { return p.again }))
	p.again = newSecretField(k, "", p.send)
	p.password.OnChanged = func(string) { p.measure() }
	p.reveal = newReveal(k, p.password, p.again)
	p.renews = newCheck(k, say("signup.renews"), func(bool) { p.wrong.say("") })
	p.submit = newPrimary(k, say("signup.submit"), p.send)
	p.back = newQuiet(k, say("signup.back"), func() { k.post(flow.Cancelled{}) })
	p.founder = newParagraph(say("signup.founder"), textLead)
	p.founder.Importance = widget.HighImportance
	p.first = flush(p.founder)
	left := column(gapL,
		p.mark, p.notice.object, newTitle(say("signup.title")), p.first,
		newMuted(say("signup.lead"), textBody), newLead(say("consent.text")), p.consent)
	right := newCard(column(gapM,
		container.New(pair{}, labelled(say("signup.name"), p.name), labelled(say("signup.email"), p.email)),
		labelled(say("signup.password"), p.password), p.meter,
		labelled(say("signup.again"), p.again),
		p.reveal, p.renews, p.wrong.object, p.submit, container.NewStack(container.NewCenter(p.back), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

// next moves on to another field when Enter is pressed.
func (p *signUp) next(to func() *field) func() {
	return func() { p.kit.window.Canvas().Focus(to()) }
}

func (p *signUp) measure() {
	p.wrong.say("")
	p.meter.typed(p.password.Text, p.name.Text, p.email.Text, p.was.Desk.Organisation)
}

func (p *signUp) send() {
	canvas := p.kit.window.Canvas()
	p.wrong.say("")
	switch {
	case p.submit.Disabled():
	case !p.consent.Checked:
		p.wrong.say(say("signup.disagreed"))
		canvas.Focus(p.consent)
	case strings.TrimSpace(p.name.Text) == "":
		p.wrong.say(say("signup.nameless"))
		canvas.Focus(p.name)
	case p.password.Text != p.again.Text:
		p.wrong.say(say("signup.differ"))
		canvas.Focus(p.again)
	default:
		p.kit.post(flow.SignUpAsked{
			Name: p.name.Text, Email: strings.TrimSpace(p.email.Text), Password: flow.Password(p.password.Text), Consent: say("consent.text"),
			Renews: p.renews.Checked,
		})
	}
}

func (p *signUp) content() fyne.CanvasObject { return p.object }
func (p *signUp) focus() fyne.Focusable      { return p.consent }

func (p *signUp) leave() {
	p.meter.close()
	p.reveal.SetChecked(false)
	for _, f := range []*field{p.name, p.email, p.password, p.again} {
		f.wipe()
	}
}

func (p *signUp) forget() {
	p.reveal.SetChecked(false)
	p.renews.SetChecked(false)
	p.consent.SetChecked(false)
	forgetFields(p.name, p.email, p.password, p.again)
	p.kit.window.Canvas().Focus(p.consent)
}

func (p *signUp) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	visible(s.Founder, p.first)
	visible(s.Problem.IsZero() && s.Note == flow.NoNote, p.mark)
	allow(s.Busy == flow.Idle, p.consent, p.name, p.email, p.password, p.again, p.reveal, p.renews, p.submit, p.back)
	visible(!s.Founder, p.renews)
	p.busy.show(busyWords(s.Busy))
	visible(s.Busy == flow.Idle && !s.Founder, p.back)
	if s.Problem != p.was.Problem {
		p.point(s.Problem.Kind)
	}
	p.was = s
	settle(p.object)
}

// point puts the focus where a problem has to be put right.
func (p *signUp) point(kind flow.Kind) {
	at := map[flow.Kind]fyne.Focusable{
		flow.NameTaken: p.name, flow.NoRenewal: p.renews, flow.BadName: p.name, flow.BadEmail: p.email, flow.WeakPassword: p.password, flow.NoConsent: p.consent,
	}
	if f, ok := at[kind]; ok {
		p.kit.window.Canvas().Focus(f)
	}
}
