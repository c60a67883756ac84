package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// phrase shows the recovery phrase, once.
type phrase struct {
	object fyne.CanvasObject
	notice *notice
	groups *fyne.Container
	texts  []*widget.Label
	text   string
	kept   *check
	submit *button
}

func newPhrase(k *kit) screen {
	p := &phrase{notice: newNotice(k), groups: container.NewGridWithColumns(2)}
	p.submit = newPrimary(k, say("phrase.submit"), func() { k.post(flow.PhraseKept{}) })
	p.submit.Disable()
	p.kept = newCheck(k, say("phrase.kept"), p.submit.allow)
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("phrase.title")), newLead(say("phrase.lead")), newMuted(say("phrase.later"), textBody),
		p.notice.object, p.kept, p.submit)
	p.object = newFacing(left, newCard(column(gapL, newHeading(say("phrase.card")), p.groups)))
	return p
}

func (p *phrase) content() fyne.CanvasObject { return p.object }
func (p *phrase) focus() fyne.Focusable      { return p.kept }

func (p *phrase) leave() {
	p.text = ""
	wipeLabels(p.texts)
	p.texts = nil
	p.groups.RemoveAll()
}

func (p *phrase) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	text := s.Secret.Reveal()
	defer settle(p.object)
	if text == p.text {
		return
	}
	p.leave()
	p.text = text
	for i, group := range strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == ' ' || r == '\n' }) {
		number := newText(say("phrase.number", "n", i+1), textCaption)
		number.Importance = widget.LowImportance
		body := newText(group, textHeading)
		body.TextStyle = fyne.TextStyle{Monospace: true, Bold: true}
		p.texts = append(p.texts, body)
		p.groups.Add(container.NewHBox(container.NewCenter(number), body))
	}
}
