package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// myKeys changes the person's password, with the keys if somebody may know it, and says where the keys stand.
type myKeys struct {
	*frame
	since  *widget.Label
	state  *ribbon
	print  *widget.Label
	code   *fyne.Container
	old    *field
	fresh  *field
	again  *field
	reveal *check
	meter  *strength
	wrong  *fieldError
	change *button
	known  *button
	really *button
	no     *button
	sure   *widget.Label
	doing  *fyne.Container
	asking *fyne.Container
	shown  flow.OwnKeys
	name   string
	busy   bool
	begun  bool
}

func newMyKeys(k *kit) screen {
	p := &myKeys{since: newParagraph("", textBody), state: newRibbon(), print: newText("", textHeading), code: container.NewStack(),
		meter: newStrength(k.do, k.after), wrong: newFieldError()}
	p.print.TextStyle = fyne.TextStyle{Monospace: true, Bold: true}
	p.print.Alignment = fyne.TextAlignCenter
	p.old = newSecretField(k, "", func() { k.window.Canvas().Focus(p.fresh) })
	p.fresh = newSecretField(k, "", func() { k.window.Canvas().Focus(p.again) })
	p.again = newSecretField(k, "", func() { p.send(false) })
	p.fresh.OnChanged = func(text string) {
		p.wrong.say("")
		p.meter.typed(text, p.name)
	}
	p.reveal = newReveal(k, p.old, p.fresh, p.again)
	p.change = newPrimary(k, say("keys.change"), func() { p.send(false) })
	p.known = newQuiet(k, say("keys.known"), func() {
		if p.whole() {
			p.ask(true)
		}
	})
	p.really = newDanger(k, say("keys.known.really"), func() {
		p.ask(false)
		p.send(true)
	})
	p.no = newButton(k, say("people.no"), func() { p.ask(false) })
	p.sure = newParagraph(say("keys.known.sure"), textBody)
	p.doing = container.NewBorder(nil, nil, p.known, p.change)
	p.asking = newTidy(gapS, -1, flush(p.sure), container.NewBorder(nil, nil, nil, row(gapS, p.really, p.no)))
	p.asking.Hide()
	left := newTidy(gapM, -1, labelled(say("keys.old"), p.old), labelled(say("keys.new"), p.fresh), p.meter, labelled(say("keys.again"), p.again), p.reveal,
		p.wrong.object)
	right := newTidy(gapM, -1, flush(p.since), p.state.object, p.print, p.code)
	p.frame = newFrame(k, wideSize, say("keys.head"), nil, container.New(split{share: 0.5}, newPaged(k, left), container.NewVScroll(right)), newTidy(0, -1, p.doing, p.asking))
	return p
}

func (p *myKeys) content() fyne.CanvasObject { return p.object }
func (p *myKeys) focus() fyne.Focusable      { return p.old }

func (p *myKeys) ask(on bool) {
	visible(!on, p.doing)
	visible(on, p.asking)
	again(p.tidy)
	if on && p.begun {
		p.kit.window.Canvas().Focus(p.no)
	}
}

// whole says that the form can be sent, or what is missing.
func (p *myKeys) whole() bool {
	canvas := p.kit.window.Canvas()
	p.wrong.say("")
	switch {
	case p.change.Disabled():
	case p.old.Text == "":
		canvas.Focus(p.old)
	case p.fresh.Text == "":
		canvas.Focus(p.fresh)
	case p.fresh.Text != p.again.Text:
		p.wrong.say(say("signup.differ"))
		canvas.Focus(p.again)
	case p.fresh.Text == p.old.Text:
		p.wrong.say(say("keys.same"))
		canvas.Focus(p.fresh)
	default:
		return true
	}
	again(p.tidy)
	return false
}

func (p *myKeys) send(known bool) {
	if p.whole() {
		p.kit.post(flow.PasswordAsked{Old: flow.Password(p.old.Text), New: flow.Password(p.fresh.Text), Known: known})
	}
}

func (p *myKeys) show(s flow.State) {
	p.frame.show(s)
	p.name = s.Person.Name
	idle := s.Busy == flow.Idle
	allow(idle, p.old, p.fresh, p.again, p.reveal, p.change, p.known, p.really)
	if p.busy && idle {
		p.told(s)
	}
	p.busy = !idle
	if s.Keys != p.shown || !p.begun {
		p.shown = s.Keys
		p.tell()
	}
	p.begun = true
	again(p.tidy)
}

// told empties what was sent and taken; of what was refused the old password, or the new one, is typed again.
func (p *myKeys) told(s flow.State) {
	at := p.old
	switch s.Problem.Kind {
	case flow.NoProblem:
		forgetFields(p.old, p.fresh, p.again)
	case flow.WeakPassword:
		at = p.fresh
	default:
		forgetFields(p.old)
	}
	p.kit.window.Canvas().Focus(at)
}

// tell says where the keys stand.
func (p *myKeys) tell() {
	x := p.shown
	p.since.SetText("")
	if !x.Since.IsZero() {
		p.since.SetText(say("keys.since", "time", moment(x.Since, p.kit.now())))
	}
	p.state.show("")
	p.print.SetText("")
	p.code.RemoveAll()
	switch {
	case x.Asked && x.Compared:
		key := "keys.waits.exposed"
		if x.Known {
			key = "keys.waits.known"
		}
		p.state.dress(say(key), theme.WarningIcon(), theme.ColorNameWarning, colorWarnTint)
		p.print.SetText(brokenAfter(string(x.Fingerprint), "-", 3))
		if code := newCode(string(x.Fingerprint), 140); code != nil {
			p.code.Add(code)
		}
	case x.Asked:
		p.state.dress(say("keys.waits"), theme.InfoIcon(), theme.ColorNamePrimary, colorTint)
	}
	visible(x.Asked && x.Compared, p.print, p.code)
}

func (p *myKeys) leave() {
	p.meter.close()
	p.reveal.SetChecked(false)
	for _, f := range []*field{p.old, p.fresh, p.again} {
		f.wipe()
	}
	p.shown, p.name = flow.OwnKeys{}, ""
	wipeLabels([]*widget.Label{p.since, p.print})
	p.code.RemoveAll()
	p.state.show("")
	p.wrong.say("")
	p.wipe()
}
