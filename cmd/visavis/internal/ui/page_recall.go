package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

// recallPage asks some groups of the recovery phrase back, from paper.
type recallPage struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	asked  [e2e.RecallGroups]recallField
	submit *button
	again  *button
	was    flow.State
}

// recallField is one group that is asked for.
type recallField struct {
	name  *widget.Label
	group *field
	wrong *fieldError
}

func newRecall(k *kit) screen {
	p := &recallPage{kit: k, notice: newNotice(k), busy: newBusy(k)}
	form := column(gapM, newHeading(say("recall.card")))
	for i := range p.asked {
		f := &p.asked[i]
		f.name, f.wrong = newText("", textBody), newFieldError()
		f.name.TextStyle.Bold = true
		f.group = newField(k, say("recall.hint"), func() { p.next(i) })
		f.group.TextStyle.Monospace = true
		f.group.OnChanged = func(string) { f.wrong.say("") }
		form.Add(column(gapXS, flush(f.name), f.group, f.wrong.object))
	}
	p.submit = newPrimary(k, say("recall.submit"), p.send)
	p.again = newQuiet(k, say("recall.again"), func() { k.post(flow.PhraseAgain{}) })
	form.Add(p.submit)
	form.Add(container.NewStack(container.NewCenter(p.again), p.busy.object))
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("recall.title")), newLead(say("recall.lead")), newMuted(say("recall.more"), textBody), p.notice.object)
	p.object = newFacing(left, newCard(form))
	return p
}

// next goes on to the next group when Enter is pressed, and from the last one on.
func (p *recallPage) next(i int) {
	if i+1 < len(p.asked) {
		p.kit.window.Canvas().Focus(p.asked[i+1].group)
		return
	}
	p.send()
}

// send hands in what was typed once it is whole.
func (p *recallPage) send() {
	if p.submit.Disabled() {
		return
	}
	for i := range p.asked {
		if f := &p.asked[i]; len(phraseText(f.group.Text)) != e2e.GroupLetters {
			f.wrong.say(say("recall.length", "of", e2e.GroupLetters))
			p.kit.window.Canvas().Focus(f.group)
			settle(p.object)
			return
		}
	}
	var typed flow.GroupsTyped
	for i := range p.asked {
		typed.Groups[i] = flow.Password(p.asked[i].group.Text)
	}
	p.kit.post(typed)
}

func (p *recallPage) content() fyne.CanvasObject { return p.object }
func (p *recallPage) focus() fyne.Focusable      { return p.asked[0].group }

func (p *recallPage) leave() {
	for i := range p.asked {
		p.asked[i].group.wipe()
		p.asked[i].name.SetText("")
		p.asked[i].wrong.say("")
	}
}

func (p *recallPage) forget() {
	for i := range p.asked {
		forgetFields(p.asked[i].group)
	}
	p.kit.window.Canvas().Focus(p.focus())
}

func (p *recallPage) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	idle := s.Busy == flow.Idle
	allow(idle, p.submit, p.again)
	for i := range p.asked {
		f := &p.asked[i]
		allow(idle, f.group)
		f.name.SetText(say("recall.group", "n", s.Recall.Places[i]))
	}
	if s.Recall.Tries != p.was.Recall.Tries {
		p.point(s.Recall)
	}
	p.busy.show(busyWords(s.Busy))
	visible(idle, p.again)
	p.was = s
	settle(p.object)
}

// point says which groups are wrong, and goes to the first of them: what was typed there is replaced by what is typed next.
func (p *recallPage) point(r flow.Recall) {
	for i := len(p.asked) - 1; i >= 0; i-- {
		f := &p.asked[i]
		f.wrong.say("")
		if r.Wrong[i] {
			f.wrong.say(say("recall.wrong", "n", r.Places[i]))
			p.kit.window.Canvas().Focus(f.group)
			f.group.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
		}
	}
}
