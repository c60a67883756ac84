package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// hold asks about a member's new identity, one after the other: nothing is sent into the room before that.
type hold struct {
	object  fyne.CanvasObject
	strip   *ribbon
	compare *button
	accept  *button
	room    models.RoomID
	who     talk.Newcomer
}

func newHold(k *kit) *hold {
	h := &hold{strip: newRibbon()}
	h.compare = newPrimary(k, say("people.compare"), func() { k.post(flow.SomeoneOpened{Account: h.who.ID}) })
	h.accept = newButton(k, say("hold.accept"), func() {
		k.post(flow.Asked{Action: flow.Action{Verb: flow.AcceptPerson, Room: h.room, Account: h.who.ID, Identity: h.who.Identity}})
	})
	h.strip.card.inner = container.NewBorder(nil, nil, pad(gapS, h.strip.icon), container.NewCenter(pad(gapXS, row(gapXS, h.compare, h.accept))), h.strip.text)
	h.object = h.strip.object
	return h
}

// show asks about the first of those who changed, or about nobody.
func (h *hold) show(v *talk.View) {
	h.who = talk.Newcomer{}
	if v == nil || v.Open == nil || len(v.Open.Changed) == 0 {
		h.strip.show("")
		return
	}
	h.room, h.who = v.Open.ID, v.Open.Changed[0]
	h.strip.warn(say("hold.changed", "name", plainLine(h.who.Name)), theme.ColorNameWarning, colorWarnTint)
}
