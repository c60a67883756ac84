package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// roomRules shows the open room's rules, and lets an owner change them.
type roomRules struct {
	*frame
	form  *rulesForm
	who   *widget.Label // who may change them
	save  *button
	room  models.RoomID
	rules trust.Policy // as they are
	owner bool
	idle  bool
	begun bool
}

func newRoomRules(k *kit) screen {
	p := &roomRules{form: newRulesForm(k), who: newParagraph("", textBody)}
	p.who.Importance = widget.LowImportance
	p.save = newPrimary(k, say("rules.save"), func() {
		k.post(flow.Asked{Action: flow.Action{Verb: flow.SetRules, Room: p.room, Rules: p.form.rules}})
	})
	p.form.changed = p.ready
	p.frame = newFrame(k, fyne.NewSize(panelSize.Width, 0), say("rules.head"), flush(p.who), p.form.object, container.NewBorder(nil, nil, nil, p.save))
	return p
}

func (p *roomRules) content() fyne.CanvasObject { return p.object }

func (p *roomRules) focus() fyne.Focusable {
	if p.owner {
		return p.form.vanish.buttons[0]
	}
	return nil
}

func (p *roomRules) ready() { p.save.allow(p.idle && p.owner && p.form.rules != p.rules) }

func (p *roomRules) show(s flow.State) {
	p.frame.show(s)
	if s.Talk == nil || s.Talk.Open == nil {
		return
	}
	o := s.Talk.Open
	if !p.begun || o.ID != p.room || o.Rules != p.rules { // somebody else has changed them: what was picked here was for others
		p.form.put(o.Rules)
	}
	p.room, p.rules, p.owner, p.idle, p.begun = o.ID, o.Rules, o.Owner, s.Busy == flow.Idle, true
	p.who.SetText(say("rules.why"))
	if !p.owner {
		p.who.SetText(say("rules.owners"))
	}
	p.form.allow(p.owner && p.idle)
	visible(p.owner, p.save)
	p.ready()
	again(p.tidy)
}

func (p *roomRules) leave() { p.wipe() }
