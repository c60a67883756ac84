package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// once is a page that shows the state's secret, one time and nowhere else, and goes on when the person says that it is on paper.
type once struct {
	object fyne.CanvasObject
	notice *notice
	body   *fyne.Container
	lay    func(p *once, text string) // puts the secret into body; its labels go into texts
	texts  []*widget.Label
	text   string
	kept   *check
}

// onceWords are what stands beside the secret.
type onceWords struct{ title, lead, more, kept, submit string }

// newOnce makes the page around card, which holds body. goOn is posted at the end.
func newOnce(k *kit, words onceWords, card fyne.CanvasObject, body *fyne.Container, goOn flow.Event, lay func(*once, string)) *once {
	p := &once{notice: newNotice(k), body: body, lay: lay}
	submit := newPrimary(k, words.submit, func() { k.post(goOn) })
	submit.Disable()
	p.kept = newCheck(k, words.kept, submit.allow)
	left := column(gapL,
		row(0, newMark(72)), newTitle(words.title), newLead(words.lead), newMuted(words.more, textBody), p.notice.object, p.kept, submit)
	p.object = newFacing(left, newCard(card))
	return p
}

func (p *once) content() fyne.CanvasObject { return p.object }
func (p *once) focus() fyne.Focusable      { return p.kept }

func (p *once) leave() {
	p.text = ""
	wipeLabels(p.texts)
	p.texts = nil
	p.body.RemoveAll()
}

func (p *once) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	text := s.Secret.Reveal()
	defer settle(p.object)
	if text == p.text {
		return
	}
	p.leave()
	p.text = text
	p.lay(p, text)
}

// wipeLabels takes texts of a person, or secret ones, off their labels.
func wipeLabels(labels []*widget.Label) {
	for _, l := range labels {
		l.SetText("")
	}
}
