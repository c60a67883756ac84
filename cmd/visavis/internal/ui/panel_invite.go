package ui

import (
	"fyne.io/fyne/v2/container"
	"strings"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// invite asks people into the open room.
type invite struct {
	*frame
	search *field
	book   *book
	none   *blankSpace
	view   *talk.View
	idle   bool
}

func newInvite(k *kit) screen {
	p := &invite{book: newBook(k), none: newBlankSpace(k)}
	p.search = newSearch(k, say("invite.search"), p.book, func() { p.list() })
	p.frame = newFrame(k, panelSize, say("invite.head"), p.search, container.NewStack(p.book.roll, p.none.object), nil)
	return p
}

func (p *invite) content() fyne.CanvasObject { return p.object }
func (p *invite) focus() fyne.Focusable      { return p.search }

func (p *invite) show(s flow.State) {
	p.frame.show(s)
	if idle := s.Busy == flow.Idle; s.Talk != p.view || idle != p.idle {
		p.view, p.idle = s.Talk, idle
		p.list()
	}
}

// list shows who is not in the room and whose name holds what was typed.
func (p *invite) list() {
	if p.view == nil || p.view.Open == nil {
		return
	}
	in := make(map[models.AccountID]bool, len(p.view.Open.Members))
	for _, m := range p.view.Open.Members {
		in[m.ID] = true
	}
	wanted, others := strings.ToLower(strings.TrimSpace(p.search.Text)), 0
	var rows []entry
	for _, x := range p.view.People {
		if in[x.ID] || x.ID == p.view.Me {
			continue
		}
		others++
		if strings.Contains(strings.ToLower(x.Name), wanted) {
			rows = append(rows, p.entry(x))
		}
	}
	p.book.show(rows, p.idle)
	switch {
	case len(rows) > 0:
		p.none.show("", "", false)
	case others == 0:
		p.none.show(say("invite.all"), say("invite.all.why"), false)
	default:
		p.none.show(say("invite.none"), say("invite.none.why"), false)
	}
}

func (p *invite) entry(x talk.Person) entry {
	e := personEntry(x)
	room, account := p.view.Open.ID, x.ID
	e.deeds = []deed{{text: say("invite.ask"), do: func() {
		p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.InvitePerson, Room: room, Account: account}})
	}}}
	return e
}

func (p *invite) leave() {
	p.search.wipe()
	p.book.wipe()
	p.wipe()
	p.view = nil
}
