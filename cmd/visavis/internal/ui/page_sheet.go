package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// sheet shows the root sheet, once. It is on screen and nowhere else.
type sheet struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	lines  *fyne.Container
	texts  []*widget.Label
	text   string
	kept   *check
	submit *button
}

func newSheet(k *kit) screen {
	p := &sheet{kit: k, notice: newNotice(k), lines: column(gapM)}
	p.submit = newPrimary(k, say("sheet.submit"), func() { k.post(flow.SheetKept{}) })
	p.submit.Disable()
	p.kept = newCheck(k, say("sheet.kept"), p.submit.allow)
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("sheet.title")), newLead(say("sheet.lead")), newMuted(say("sheet.power"), textBody),
		p.notice.object, p.kept, p.submit)
	p.object = newFacing(left, newCard(p.lines))
	return p
}

func (p *sheet) content() fyne.CanvasObject { return p.object }
func (p *sheet) focus() fyne.Focusable      { return p.kept }

func (p *sheet) leave() {
	p.text = ""
	wipeLabels(p.texts)
	p.texts = nil
	p.lines.RemoveAll()
}

func (p *sheet) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	text := s.Secret.Reveal()
	defer settle(p.object)
	if text == p.text {
		return
	}
	p.leave()
	p.text = text
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		head := newText(name, textCaption)
		body := newText(brokenAfter(value, "-", 8), textBody)
		body.TextStyle.Monospace = true
		p.texts = append(p.texts, head, body)
		if value == "" {
			head.TextStyle.Bold, head.SizeName = true, textLead
			p.lines.Add(flush(head))
			continue
		}
		head.Importance = widget.LowImportance
		p.lines.Add(column(gapXS, flush(head), flush(body)))
	}
}

// brokenAfter breaks a text after every n-th separator, which stays at the end of its line.
func brokenAfter(text, separator string, n int) string {
	var b strings.Builder
	count := 0
	for part := range strings.SplitAfterSeq(text, separator) {
		if count > 0 && count%n == 0 {
			b.WriteByte('\n')
		}
		count++
		b.WriteString(part)
	}
	return b.String()
}

// wipeLabels takes texts of a person, or secret ones, off their labels.
func wipeLabels(labels []*widget.Label) {
	for _, l := range labels {
		l.SetText("")
	}
}
