package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// desks lists the workstations, and makes an invite for a new one.
type desks struct {
	*frame
	book   *book
	invite *button
	lost   *button
	text   *widget.Label // the invite, shown once
	copied *button
	slip   *fyne.Container
	rows   []flow.DeskRow
	idle   bool
	begun  bool
	secret flow.Secret
}

func newDesks(k *kit) screen {
	p := &desks{book: newBook(k)}
	p.invite = newPrimary(k, say("desks.invite"), func() { k.post(flow.Asked{Action: flow.Action{Verb: flow.InviteDesk}}) })
	p.lost = newQuiet(k, say("desks.lost"), func() { k.post(flow.PanelOpened{Panel: flow.VaultPepper}) })
	p.text = newText("", textCaption)
	p.text.Wrapping, p.text.TextStyle.Monospace, p.text.Selectable = fyne.TextWrapBreak, true, true
	p.copied = newButton(k, say("desks.copy"), p.copy)
	p.copied.Icon = theme.ContentCopyIcon()
	shown := container.NewVScroll(p.text)
	shown.SetMinSize(fyne.NewSize(0, 72))
	card := newCard(nil)
	card.ground = colorTint
	card.inner = pad(gapM, newTidy(gapS, -1, newMuted(say("desks.once"), textBody), container.NewBorder(nil, nil, nil, container.NewCenter(p.copied), shown)))
	p.slip = newTidy(0, -1, card)
	p.slip.Hide()
	p.frame = newFrame(k, panelSize, say("desks.head"), p.slip, p.book.roll, container.NewBorder(nil, nil, p.lost, p.invite))
	return p
}

func (p *desks) content() fyne.CanvasObject { return p.object }

func (p *desks) focus() fyne.Focusable {
	if p.slip.Visible() {
		return p.copied
	}
	return p.invite
}

func (p *desks) copy() {
	p.kit.app.Clipboard().SetContent(p.secret.Reveal())
	p.copied.SetText(say("desks.copied"))
}

func (p *desks) show(s flow.State) {
	p.frame.show(s)
	idle := s.Busy == flow.Idle
	allow(idle, p.invite, p.lost)
	if s.Secret != p.secret {
		p.secret = s.Secret
		p.text.SetText(s.Secret.Reveal())
		p.copied.SetText(say("desks.copy"))
		visible(!s.Secret.IsZero(), p.slip)
		again(p.tidy)
		if !s.Secret.IsZero() && p.begun {
			p.kit.window.Canvas().Focus(p.copied)
		}
	}
	if p.begun && idle == p.idle && slices.Equal(p.rows, s.Admin.Desks) {
		return
	}
	p.rows, p.idle, p.begun = s.Admin.Desks, idle, true
	rows := make([]entry, 0, len(p.rows))
	for _, d := range p.rows {
		rows = append(rows, p.entry(d))
	}
	p.book.show(rows, idle)
}

func (p *desks) entry(d flow.DeskRow) entry {
	e := entry{id: shortID(d.ID), face: models.AccountID(d.ID), name: d.Name, notes: []string{say("desks.since", "time", moment(d.At, p.kit.now()))}}
	approve := deed{text: say("desks.approve"), do: func() { p.ask(flow.ApproveDesk, d.ID) }}
	revoke := deed{text: say("desks.revoke"), danger: true, ask: say("desks.revoke.sure"), really: say("desks.revoke.really"),
		do: func() { p.ask(flow.RevokeDesk, d.ID) }}
	switch {
	case d.Revoked:
		e.tag, e.tagTone, e.dim = say("desks.revoked"), theme.ColorNameWarning, true
	case d.Pending:
		e.tag, e.tagTone = say("desks.pending"), theme.ColorNameWarning
		revoke.text, revoke.ask, revoke.really = say("desks.refuse"), say("desks.refuse.sure"), say("desks.refuse.really")
		e.deeds = []deed{approve, revoke}
	case d.Here:
		e.tag = say("desks.here")
		revoke.ask = say("desks.revoke.here")
		e.deeds = []deed{revoke}
	default:
		e.deeds = []deed{revoke}
	}
	return e
}

func (p *desks) ask(v flow.Verb, id models.DeskID) {
	p.kit.post(flow.Asked{Action: flow.Action{Verb: v, Desk: id}})
}

// leave wipes the invite where it was shown. The clipboard keeps it, since it has to get to the new desk; leaving the page empties that.
func (p *desks) leave() {
	p.secret = flow.Secret{}
	p.text.SetText("")
	p.book.wipe()
	p.wipe()
	p.rows = nil
}
