package ui

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// recoverPage asks who forgot the password for name and phrase; the look comes next.
type recoverPage struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	name   *field
	phrase *field
	left   *fieldError // how many groups are there, or what is no letter of a phrase
	submit *button
	back   *button
	root   *button // all admins are lost
	was    flow.State
}

func newRecover(k *kit) screen {
	p := &recoverPage{kit: k, notice: newNotice(k), busy: newBusy(k), left: newFieldError()}
	p.name = newField(k, say("login.name.hint"), func() { k.window.Canvas().Focus(p.phrase) })
	p.phrase = newArea(k, say("recover.phrase.hint"), 3)
	p.phrase.TextStyle.Monospace = true
	p.phrase.OnChanged = p.typed
	p.phrase.onKey = func(e *fyne.KeyEvent) bool {
		enter := e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter
		if enter {
			p.send()
		}
		return enter
	}
	p.submit = newPrimary(k, say("recover.submit"), p.send)
	p.back = newQuiet(k, say("recover.back"), func() { k.post(flow.Cancelled{}) })
	p.root = newQuiet(k, say("recover.root"), func() { k.post(flow.Went{To: flow.ByRoot}) })
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("recover.title")), newLead(say("recover.lead")), newMuted(say("recover.more"), textBody),
		container.NewHBox(p.root), p.notice.object)
	right := newCard(column(gapL,
		newHeading(say("recover.card")),
		labelled(say("login.name"), p.name),
		column(gapXS, labelled(say("recover.phrase"), p.phrase), p.left.object),
		p.submit, container.NewStack(container.NewCenter(p.back), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

// A phrase is eight groups of four.
const (
	phraseLetters = 32
	phraseGroup   = 4
)

// phraseText is what was typed as it is read: letters and digits alone, small, with what people take for a letter of it.
func phraseText(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, typed)
}

// typed groups what is typed in fours, and says how much of it is there.
func (p *recoverPage) typed(text string) {
	letters := phraseText(text)
	if len(letters) <= phraseLetters && p.phrase.CursorColumn >= len([]rune(text))-1 && !strings.Contains(text, "\n") {
		if neat := grouped(letters); neat != text && len(neat) >= len(text) {
			p.phrase.SetText(neat)
			p.phrase.CursorColumn = len(neat)
			p.phrase.Refresh()
			return
		}
	}
	p.left.say("")
	switch n := len(letters); {
	case n == 0, n == phraseLetters:
	case n < phraseLetters:
		p.left.say(say("recover.groups", "n", n/phraseGroup, "of", phraseLetters/phraseGroup))
	default:
		p.left.say(say("recover.long"))
	}
}

func (p *recoverPage) send() {
	switch {
	case p.submit.Disabled():
	case strings.TrimSpace(p.name.Text) == "":
		p.kit.window.Canvas().Focus(p.name)
	case len(phraseText(p.phrase.Text)) != phraseLetters:
		p.kit.window.Canvas().Focus(p.phrase)
	default:
		p.kit.post(flow.RecoverAsked{Name: p.name.Text, Phrase: flow.Password(p.phrase.Text)})
	}
}

func (p *recoverPage) content() fyne.CanvasObject { return p.object }
func (p *recoverPage) focus() fyne.Focusable {
	if p.name.Text != "" {
		return p.phrase
	}
	return p.name
}

func (p *recoverPage) leave() {
	p.name.wipe()
	p.phrase.wipe()
	p.left.say("")
}

func (p *recoverPage) forget() {
	forgetFields(p.name, p.phrase)
	p.kit.window.Canvas().Focus(p.name)
}

func (p *recoverPage) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	allow(s.Busy == flow.Idle, p.name, p.phrase, p.submit, p.back, p.root)
	visible(s.Problem.IsZero(), p.root)
	p.busy.show(busyWords(s.Busy))
	visible(s.Busy == flow.Idle, p.back)
	if p.was.Busy != flow.Idle && s.Busy == flow.Idle { // what was typed stays: one letter of it is wrong
		p.kit.window.Canvas().Focus(p.phrase)
	}
	p.was = s
	settle(p.object)
}
