package ui

import (
	"strings"

	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// newSheet makes the page of the root sheet.
func newSheet(k *kit) screen {
	lines := column(gapM)
	return newOnce(k, onceWords{say("sheet.title"), say("sheet.lead"), say("sheet.power"), say("sheet.kept"), say("sheet.submit")},
		lines, lines, flow.SheetKept{}, laySheet)
}

// laySheet puts each line of the sheet under its name.
func laySheet(p *once, text string) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		head := newText(name, textCaption)
		body := newText(brokenAfter(value, "-", 8), textBody)
		body.TextStyle.Monospace = true
		p.texts = append(p.texts, head, body)
		if value == "" {
			head.TextStyle.Bold, head.SizeName = true, textLead
			p.body.Add(flush(head))
			continue
		}
		head.Importance = widget.LowImportance
		p.body.Add(column(gapXS, flush(head), flush(body)))
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
