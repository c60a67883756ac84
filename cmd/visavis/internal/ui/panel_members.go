package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/chat/e2e"
	"visavis/chat/trust"
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

// leftKeys are the words for why nothing is sealed to a member.
var leftKeys = map[e2e.LeftOut]string{e2e.LeftOutOld: "members.left.old", e2e.LeftOutDesk: "members.left.desk", e2e.LeftOutGone: "members.left.gone"}

func newMembers(k *kit) screen {
	p := &members{book: newBook(k)}
	p.frame = newFrame(k, bookSize, say("members.head"), nil, p.book.roll, nil)
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
	if p.view != nil && idle == p.idle && o.ID == p.view.ID && o.Owner == p.view.Owner && sameMembers(o.Members, p.view.Members) {
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
	e := personEntry(m.Person)
	if m.Admin {
		e.notes = append([]string{say("members.admin")}, e.notes...)
	}
	e.tag = ""
	left, waits := leftKeys[m.LeftOut]
	if waits {
		e.why = say(left)
	}
	switch {
	case waits:
		e.tag, e.tagTone = say("members.waits"), theme.ColorNameWarning
	case m.Invited:
		e.tag, e.tagTone = say("members.invited"), theme.ColorNameWarning
	case m.Owner:
		e.tag = say("members.owner")
	}
	if m.ID == v.Me {
		e.notes = []string{say("members.you")}
		return e
	}
	e.deeds = []deed{{text: say("people.compare"), do: func() { p.kit.post(flow.SomeoneOpened{Account: m.ID}) }}}
	if !o.Owner || !o.Peer.IsZero() {
		return e
	}
	d := deed{text: say("members.remove"), danger: true, ask: say("members.remove.sure", "name", plainLine(m.Name)), really: say("members.remove.really")}
	if m.Invited {
		d.text, d.ask, d.really = say("members.takeback"), say("members.takeback.sure", "name", plainLine(m.Name)), say("members.takeback.really")
	}
	ask := func(a flow.Action) func() {
		a.Room, a.Account = o.ID, m.ID
		return func() { p.kit.post(flow.Asked{Action: a}) }
	}
	d.do = ask(flow.Action{Verb: flow.RemovePerson})
	switch {
	case m.Invited:
	case m.Owner:
		e.deeds = append(e.deeds, deed{text: say("members.demote"), do: ask(flow.Action{Verb: flow.SetRole, Role: trust.RoleMember})})
	default:
		e.deeds = append(e.deeds, deed{
			text: say("members.promote"), ask: say("members.promote.sure", "name", plainLine(m.Name)), really: say("members.promote.really"),
			do: ask(flow.Action{Verb: flow.SetRole, Role: trust.RoleOwner}),
		})
	}
	e.deeds = append(e.deeds, d)
	return e
}

func (p *members) leave() {
	p.book.wipe()
	p.wipe()
	p.view = nil
}
