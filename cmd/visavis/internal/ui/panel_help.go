package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// help is what an admin can do for people who lost something: a one-time code, failed faces forgiven, a sign-up anew.
type help struct {
	*frame
	book   *book
	back   *button       // from the choice of a desk
	code   *widget.Label // shown once
	about  *widget.Label
	slip   *fyne.Container
	secret flow.Secret

	whom   talk.Person // whose code is to be made; zero while people are listed
	people []talk.Person
	desks  []flow.DeskRow
	self   models.AccountID
	idle   bool
	begun  bool
}

func newHelp(k *kit) screen {
	p := &help{book: newBook(k)}
	p.code = newText("", textTitle)
	p.code.TextStyle = fyne.TextStyle{Monospace: true, Bold: true}
	p.code.Alignment = fyne.TextAlignCenter
	p.about = newParagraph("", textBody)
	card := newCard(nil)
	card.ground = colorTint
	card.inner = pad(gapM, newTidy(gapS, -1, flush(p.about), p.code))
	p.slip = newTidy(0, -1, card)
	p.slip.Hide()
	p.back = newButton(k, say("help.back"), func() { p.choose(talk.Person{}) })
	p.back.Hide()
	p.frame = newFrame(k, panelSize, say("help.head"), p.slip, p.book.roll, container.NewBorder(nil, nil, nil, p.back))
	return p
}

func (p *help) content() fyne.CanvasObject { return p.object }
func (p *help) focus() fyne.Focusable      { return p.book.roll }

func (p *help) show(s flow.State) {
	p.frame.show(s)
	if s.Secret != p.secret {
		p.secret = s.Secret
		p.code.SetText(s.Secret.Reveal())
		p.about.SetText("")
		if !s.Secret.IsZero() {
			p.about.SetText(say("help.code.once", "name", plainLine(p.whom.Name), "time", s.Until.Format("15:04")))
		}
		visible(!s.Secret.IsZero(), p.slip)
		again(p.tidy)
		if !s.Secret.IsZero() {
			p.choose(talk.Person{})
		}
	}
	var people []talk.Person
	if s.Talk != nil {
		people = s.Talk.People
	}
	idle := s.Busy == flow.Idle
	if p.begun && idle == p.idle && slices.Equal(p.people, people) && slices.Equal(p.desks, s.Admin.Desks) {
		return
	}
	p.people, p.desks, p.self, p.idle, p.begun = people, s.Admin.Desks, s.Person.Account, idle, true
	p.list()
}

// list shows people, or the desks that a code may be for.
func (p *help) list() {
	var rows []entry
	if p.whom.ID.IsZero() {
		for _, x := range p.people {
			rows = append(rows, p.person(x))
		}
	} else {
		for _, d := range p.desks {
			if !d.Pending && !d.Revoked {
				rows = append(rows, p.desk(d))
			}
		}
	}
	visible(!p.whom.ID.IsZero(), p.back)
	p.book.show(rows, p.idle)
	again(p.tidy)
}

// choose goes on to the desks, for a code for somebody; or back to the people.
func (p *help) choose(whom talk.Person) {
	p.whom = whom
	p.list()
	if p.begun {
		p.kit.window.Canvas().Unfocus() // the rows are other ones, and the keys begin at the first
		p.kit.window.Canvas().Focus(p.book.roll)
	}
}

func (p *help) person(x talk.Person) entry {
	e := entry{id: shortID(x.ID), face: x.ID, name: x.Name}
	if x.ID == p.self {
		e.notes = []string{say("help.self")}
		return e
	}
	act := func(v flow.Verb) func() {
		return func() { p.kit.post(flow.Asked{Action: flow.Action{Verb: v, Account: x.ID}}) }
	}
	e.deeds = []deed{
		{text: say("help.code"), do: func() { p.choose(x) }},
		{text: say("help.reset"), danger: true, ask: say("help.reset.sure"), really: say("help.reset.really"), do: act(flow.ResetFace)},
		{text: say("help.renew"), danger: true, ask: say("help.renew.sure"), really: say("help.renew.really"), do: act(flow.AllowRenewal)},
	}
	return e
}

func (p *help) desk(d flow.DeskRow) entry {
	e := entry{id: shortID(d.ID), face: models.AccountID(d.ID), name: d.Name, notes: []string{say("help.desk", "name", plainLine(p.whom.Name))}}
	if d.Here {
		e.tag, e.tagTone = say("desks.here"), theme.ColorNamePrimary
	}
	e.deeds = []deed{{text: say("help.make"), do: func() {
		p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.MakeCode, Account: p.whom.ID, Desk: d.ID}})
	}}}
	return e
}

func (p *help) leave() {
	p.secret = flow.Secret{}
	wipeLabels([]*widget.Label{p.code, p.about})
	p.whom, p.people, p.desks = talk.Person{}, nil, nil
	p.book.wipe()
	p.wipe()
}
