package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

// twice hands on proof that somebody's keys have signed two messages under one number, and checks what somebody else hands on.
type twice struct {
	*frame
	state  *ribbon
	said   [2]*quote
	holds  *widget.Label
	code   *fyne.Container
	copied *button
	next   *button
	text   *field // a proof that was brought
	wrong  *fieldError
	check  *button
	proofs flow.Proofs
	at     int // which one of them
	veiled bool
	begun  bool
}

// quote is one of the two messages.
type quote struct {
	object fyne.CanvasObject
	when   *widget.Label
	what   *widget.Label
}

func newQuote() *quote {
	q := &quote{when: newText("", textCaption), what: newParagraph("", textBody)}
	q.when.Importance = widget.LowImportance
	box := newCard(nil)
	box.round, box.inner = gapS, pad(gapXS, newTidy(-gapS, -1, q.when, q.what))
	q.object = box
	return q
}

func newTwice(k *kit) screen {
	p := &twice{state: newRibbon(), said: [2]*quote{newQuote(), newQuote()}, holds: newParagraph("", textCaption), code: container.NewStack(), wrong: newFieldError()}
	p.holds.Importance = widget.LowImportance
	p.copied = newPrimary(k, say("twice.copy"), p.copy)
	p.copied.SetIcon(theme.ContentCopyIcon())
	p.next = newButton(k, "", func() { p.turn(p.at + 1) })
	p.text = newField(k, say("twice.hint"), p.send)
	p.text.OnChanged = func(string) { p.wrong.say("") }
	p.check = newButton(k, say("twice.check"), p.send)
	left := newTidy(gapS, -1, p.state.object, p.said[0].object, p.said[1].object, flush(p.holds))
	body := container.New(codeBeside{}, newPaged(k, left), p.code)
	brought := container.NewBorder(nil, nil, nil, p.check, p.text)
	deeds := container.NewBorder(nil, nil, p.next, p.copied)
	p.frame = newFrame(k, tallSize, say("twice.head"), nil, body, newTidy(gapS, -1, deeds, widget.NewSeparator(), labelled(say("twice.label"), brought), p.wrong.object))
	return p
}

func (p *twice) content() fyne.CanvasObject { return p.object }

func (p *twice) focus() fyne.Focusable {
	if p.copied.Visible() {
		return p.copied
	}
	return p.text
}

func (p *twice) copy() {
	p.kit.app.Clipboard().SetContent(p.proofs.List[p.at].Text.Reveal())
	p.copied.SetText(say("desks.copied"))
}

// send has a proof checked that somebody handed on.
func (p *twice) send() {
	p.wrong.say("")
	if p.text.Text == "" {
		p.wrong.say(say("twice.empty"))
		p.kit.window.Canvas().Focus(p.text)
		again(p.tidy)
		return
	}
	p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.CheckTwice, Text: p.text.Text}})
}

func (p *twice) show(s flow.State) {
	p.frame.show(s)
	if x := s.Proofs; !p.begun || s.Veiled != p.veiled || x.Looked != p.proofs.Looked || x.Brought != p.proofs.Brought || !slices.Equal(x.List, p.proofs.List) {
		p.proofs, p.veiled = x, s.Veiled
		p.turn(0)
		if p.begun && p.copied.Visible() {
			p.kit.window.Canvas().Focus(p.copied)
		}
	}
	p.begun = true
	again(p.tidy)
}

// turn shows one of the proofs, or that there is none; what cannot be read in the room for somebody's eyes cannot be read here.
func (p *twice) turn(to int) {
	p.code.RemoveAll()
	for _, q := range p.said {
		q.say("", "")
	}
	n := len(p.proofs.List)
	some := n > 0 && !p.veiled
	visible(some && !p.proofs.Brought, p.copied, p.holds) // who brought it has it
	visible(some && n > 1, p.next)
	switch {
	case p.veiled:
		p.state.warn(say("room.onlooker"), theme.ColorNameWarning, colorWarnTint)
	case !some && p.proofs.Brought:
		p.state.show("") // the notice says why
	case !some && p.proofs.Looked:
		p.state.dress(closedMore(e2e.CauseReused)+" "+say("twice.none"), theme.InfoIcon(), theme.ColorNamePrimary, colorTint)
	case some:
		p.at = to % n
		p.tell(p.proofs.List[p.at])
		p.next.SetText(say("twice.next", "n", p.at+1, "of", n))
	}
	settle(p.tidy)
}

// tell shows a proof: whose keys, the two messages, and the code of the text where one holds it.
func (p *twice) tell(x flow.Twice) {
	p.state.dress(say("twice.proven", "name", plainLine(x.Name)), theme.WarningIcon(), theme.ColorNameWarning, colorWarnTint)
	for i, q := range p.said {
		q.say(moment(x.Said[i].At, p.kit.now()), quoted(x.Said[i]))
	}
	if p.proofs.Brought {
		return
	}
	p.copied.SetText(say("twice.copy"))
	p.holds.SetText(say("twice.holds"))
	if code := newCode(x.Text.Reveal(), 0); code != nil {
		p.code.Objects = code.(*fyne.Container).Objects // as large as there is room
		p.holds.SetText(say("twice.holds") + " " + say("twice.code"))
	}
}

// codeBeside gives a code on the right as much room as the height allows, since it holds much, and none without one.
type codeBeside struct{}

const leastCode, mostCode = 180, 320

// MinSize is that with a code.
func (codeBeside) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[0].MinSize().Width+gapM+leastCode, max(o[0].MinSize().Height, leastCode))
}

// Layout puts the code to the upper right.
func (codeBeside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	side := float32(0)
	if code := o[1].(*fyne.Container); len(code.Objects) > 0 {
		side = min(size.Height, mostCode)
		size.Width -= side + gapM
	}
	o[0].Resize(size)
	o[1].Move(fyne.NewPos(size.Width+gapM, 0))
	o[1].Resize(fyne.NewSquareSize(side))
}

func (q *quote) say(when, what string) {
	q.when.SetText(when)
	q.what.SetText(what)
	visible(what != "", q.object)
}

// mostQuoted is how many letters of a message are shown; the proof has them all.
const mostQuoted = 400

// quoted is what a message says, as far as it is shown.
func quoted(x flow.Quote) string {
	if x.Kind != e2e.KindText && x.Kind != e2e.KindTitle {
		return say("twice.newer")
	}
	text := []rune(plain(x.Text))
	if len(text) > mostQuoted {
		text = append(text[:mostQuoted-1], '…')
	}
	if x.Kind == e2e.KindTitle {
		return say("twice.title", "title", string(text))
	}
	return say("twice.quote", "text", string(text))
}

// leave wipes what was said where it was shown; leaving the page empties the clipboard.
func (p *twice) leave() {
	p.text.wipe()
	p.wrong.say("")
	p.proofs = flow.Proofs{}
	p.code.RemoveAll()
	for _, q := range p.said {
		q.say("", "")
	}
	p.state.show("")
	p.wipe()
}
