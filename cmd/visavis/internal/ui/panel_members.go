package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// members lists who is in the open room.
type members struct {
	*frame
	book *book
	view *talk.Open
	idle bool
}

func newMembers(k *kit) screen {
	p := &members{book: newBook(k)}
	p.frame = newFrame(k, panelSize, say("members.head"), nil, p.book.roll, nil)
	return p
}

func (p *members) content() fyne.CanvasObject { return p.object }
func (p *members) focus() fyne.Focusable      { return p.book.roll }

func (p *members) show(s flow.State) {
	p.frame.show(s)
	if s.Talk == nil || s.Talk.Open == nil {
		return
	}
	o, idle := s.Talk.Open, s.Busy == flow.Idle
	if p.view != nil && idle == p.idle && o.ID == p.view.ID && o.CanAsk == p.view.CanAsk && sameMembers(o.Members, p.view.Members) {
		return
	}
	p.view, p.idle = o, idle
	rows := make([]entry, 0, len(o.Members))
	for _, m := range o.Members {
		rows = append(rows, p.entry(o, m, s.Talk))
	}
	p.book.show(rows, idle)
}

func (p *members) entry(o *talk.Open, m talk.Member, v *talk.View) entry {
	e := entry{id: shortID(m.ID), face: m.ID, name: m.Name}
	switch {
	case m.Invited:
		e.tag, e.tagTone = say("members.invited"), theme.ColorNameWarning
	case m.Owner:
		e.tag = say("members.owner")
	}
	switch {
	case m.ID == v.Me:
		e.notes = []string{say("members.you")}
	case m.Admin:
		e.notes = []string{say("members.admin")}
	}
	if !o.CanAsk || m.ID == v.Me {
		return e
	}
	d := deed{text: say("members.remove"), danger: true, ask: say("members.remove.sure", "name", plainLine(m.Name)), really: say("members.remove.really")}
	if m.Invited {
		d.text, d.ask, d.really = say("members.takeback"), say("members.takeback.sure", "name", plainLine(m.Name)), say("members.takeback.really")
	}
	room, account := o.ID, m.ID
	d.do = func() {
		p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.RemovePerson, Room: room, Account: account}})
	}
	e.deeds = []deed{d}
	return e
}

func (p *members) leave() {
	p.book.wipe()
	p.wipe()
	p.view = nil
}
