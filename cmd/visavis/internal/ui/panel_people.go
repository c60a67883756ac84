package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// whom says whom a panel of people lists, what can be done with them, and what it says where nobody is left.
type whom struct {
	head, none, alone, aloneWhy string // none: no name holds what was typed. alone: there is nobody at all.
	among                       func(*talk.View) []talk.Person
	deeds                       func(*talk.View, talk.Person) []deed
}

// people is a panel of people, picked by what is typed.
type people struct {
	*frame
	whom
	search *field
	book   *book
	blank  *blankSpace
	view   *talk.View
	idle   bool
}

// newPeople lists everybody whom the directory lists, to write to or to look at.
func newPeople(k *kit) screen {
	return newPeopleOf(k, bookSize, whom{
		head: say("people.head"), none: say("people.none.why"), alone: say("people.alone"), aloneWhy: say("people.alone.why"),
		among: func(v *talk.View) []talk.Person {
			var list []talk.Person
			for _, x := range v.People {
				if x.ID != v.Me {
					list = append(list, x)
				}
			}
			return list
		},
		deeds: func(_ *talk.View, x talk.Person) []deed {
			return []deed{
				{text: say("people.write"), do: func() { k.post(flow.Asked{Action: flow.Action{Verb: flow.WriteTo, Account: x.ID}}) }},
				{text: say("people.compare"), do: func() { k.post(flow.SomeoneOpened{Account: x.ID}) }},
			}
		},
	})
}

func newPeopleOf(k *kit, size fyne.Size, s whom) screen {
	p := &people{whom: s, book: newBook(k), blank: newBlankSpace(k)}
	p.search = newSearch(k, say("invite.search"), p.book, func() { p.list() })
	p.frame = newFrame(k, size, s.head, p.search, container.NewStack(p.book.roll, p.blank.object), nil)
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
	among := p.among(p.view)
	var rows []entry
	for _, x := range among {
		if strings.Contains(strings.ToLower(x.Name), wanted) {
			row := personEntry(x)
			row.deeds = p.deeds(p.view, x)
			rows = append(rows, row)
		}
	}
	p.book.show(rows, p.idle)
	switch {
	case len(rows) > 0:
		p.blank.show("", "", false)
	case len(among) == 0:
		p.blank.show(p.alone, p.aloneWhy, false)
	default:
		p.blank.show(say("invite.none"), p.none, false)
	}
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
