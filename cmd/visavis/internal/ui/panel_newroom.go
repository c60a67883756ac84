package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

const maxTitle = 120 // letters of a room's title

// newRoomPanel asks for a title and rules.
type newRoomPanel struct {
	*frame
	title  *field
	rules  *rulesForm
	create *button
	idle   bool
}

func newNewRoom(k *kit) screen {
	p := &newRoomPanel{rules: newRulesForm(k)}
	p.title = newField(k, say("newroom.hint"), p.send)
	p.title.OnChanged = func(string) { p.ready() }
	p.create = newPrimary(k, say("newroom.create"), p.send)
	body := newTidy(gapL, -1, newMuted(say("newroom.why"), textBody), labelled(say("newroom.title"), p.title), p.rules.object)
	p.frame = newFrame(k, fyne.NewSize(panelSize.Width, 0), say("newroom.head"), nil, body, container.NewBorder(nil, nil, nil, p.create))
	return p
}

func (p *newRoomPanel) content() fyne.CanvasObject { return p.object }
func (p *newRoomPanel) focus() fyne.Focusable      { return p.title }

func (p *newRoomPanel) text() string { return strings.Join(strings.Fields(p.title.Text), " ") }

func (p *newRoomPanel) ready() {
	n := len([]rune(p.text()))
	p.create.allow(p.idle && n > 0 && n <= maxTitle)
}

func (p *newRoomPanel) send() {
	if !p.create.Disabled() {
		p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.CreateRoom, Text: p.text(), Rules: p.rules.rules}})
	}
}

func (p *newRoomPanel) show(s flow.State) {
	p.frame.show(s)
	p.idle = s.Busy == flow.Idle
	allow(p.idle, p.title)
	p.rules.allow(p.idle)
	p.ready()
}

func (p *newRoomPanel) leave() {
	p.title.wipe()
	p.wipe()
}
