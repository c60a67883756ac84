package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// newPhrase makes the page of the recovery phrase.
func newPhrase(k *kit) screen {
	groups := container.NewGridWithColumns(2)
	return newOnce(k, onceWords{say("phrase.title"), say("phrase.lead"), say("phrase.later"), say("phrase.kept"), say("phrase.submit")},
		column(gapL, newHeading(say("phrase.card")), groups), groups, flow.PhraseKept{}, layPhrase)
}

// layPhrase puts a number before each group.
func layPhrase(p *once, text string) {
	for i, group := range strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == ' ' || r == '\n' }) {
		number := newText(say("phrase.number", "n", i+1), textCaption)
		number.Importance = widget.LowImportance
		body := newText(group, textHeading)
		body.TextStyle = fyne.TextStyle{Monospace: true, Bold: true}
		p.texts = append(p.texts, body)
		p.body.Add(container.NewHBox(container.NewCenter(number), body))
	}
}
