package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// people lists everybody whom the directory lists, to write to or to look at.
type people struct {
	*frame
	search *field
	book   *book
	none   *blankSpace
	view   *talk.View
	idle   bool
}

func newPeople(k *kit) screen {
	p := &people{book: newBook(k), none: newBlankSpace(k)}
	p.search = newSearch(k, say("invite.search"), p.book, func() { p.list() })
	p.frame = newFrame(k, bookSize, say("people.head"), p.search, container.NewStack(p.book.roll, p.none.object), nil)
	return p
}

// newSearch is a field whose text picks rows of a book: Down goes into them, Enter means the only one that is left.
func newSearch(k *kit, hint string, b *book, changed func()) *field {
	f := newField(k, hint, func() {
		if len(b.rows) == 1 {
			b.act(0)
		}
	})
	f.OnChanged = func(string) { changed() }
	f.onKey = func(e *fyne.KeyEvent) bool {
		if e.Name != fyne.KeyDown {
			return false
		}
		k.window.Canvas().Focus(b.roll)
		b.roll.TypedKey(e)
		return true
	}
	return f
}

func (p *people) content() fyne.CanvasObject { return p.object }
func (p *people) focus() fyne.Focusable      { return p.search }

func (p *people) show(s flow.State) {
	p.frame.show(s)
	if idle := s.Busy == flow.Idle; s.Talk != p.view || idle != p.idle {
		p.view, p.idle = s.Talk, idle
		p.list()
	}
}

// list shows whose name holds what was typed.
func (p *people) list() {
	if p.view == nil {
		return
	}
	wanted := strings.ToLower(strings.TrimSpace(p.search.Text))
	var rows []entry
	for _, x := range p.view.People {
		if x.ID != p.view.Me && strings.Contains(strings.ToLower(x.Name), wanted) {
			rows = append(rows, p.entry(x))
		}
	}
	p.book.show(rows, p.idle)
	switch {
	case len(rows) > 0:
		p.none.show("", "", false)
	case len(p.view.People) < 2:
		p.none.show(say("people.alone"), say("people.alone.why"), false)
	default:
		p.none.show(say("invite.none"), say("people.none.why"), false)
	}
}

func (p *people) entry(x talk.Person) entry {
	e := personEntry(x)
	e.deeds = []deed{
		{text: say("people.write"), do: func() { p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.WriteTo, Account: x.ID}}) }},
		{text: say("people.compare"), do: func() { p.kit.post(flow.SomeoneOpened{Account: x.ID}) }},
	}
	return e
}

// personEntry is a row of somebody, with nothing to be done.
func personEntry(x talk.Person) entry {
	e := entry{id: shortID(x.ID), face: x.ID, name: x.Name}
	if x.Admin {
		e.tag = say("members.admin")
	}
	if note := standingNote(x.Standing); note != "" {
		e.notes = append(e.notes, note)
	}
	return e
}

func (p *people) leave() {
	p.search.wipe()
	p.book.wipe()
	p.wipe()
	p.view = nil
}
