package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// mostFaces are the ovals beside a room's title.
const mostFaces = 4

// roomHead is what stands above a room: title, members, and what can be done with it.
type roomHead struct {
	kit     *kit
	title   *widget.Label
	rules   *widget.Label // what is not as usual here; under the title
	face    *avatar       // of a room of two
	faces   *fyne.Container
	members *button
	number  *button // of a room of two: who the other one is
	invite  *button
	change  *button // the rules
	leave   *button
	doing   *fyne.Container // the buttons
	asking  *fyne.Container // whether to leave indeed
	sure    *widget.Label
	really  *button
	stay    *button
	object  *fyne.Container
	room    models.RoomID
	peer    models.AccountID
	shown   []talk.Member
}

func newRoomHead(k *kit) *roomHead {
	h := &roomHead{kit: k, title: newText("", textHeading), sure: newText(say("room.leave.sure"), textBody)}
	h.title.TextStyle.Bold, h.title.Truncation = true, fyne.TextTruncateEllipsis
	h.rules = newText("", textCaption)
	h.rules.Importance, h.rules.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	h.rules.Hide()
	h.faces = row(2)
	open := func(p flow.Panel) func() { return func() { k.post(flow.PanelOpened{Panel: p}) } }
	h.members = newQuiet(k, "", open(flow.Members))
	h.invite = newIconButton(k, say("room.invite"), drawing("invite", theme.ColorNameForeground), open(flow.Invite))
	h.number = newIconButton(k, say("someone.head"), theme.AccountIcon(), func() { k.post(flow.SomeoneOpened{Account: h.peer}) })
	h.change = newIconButton(k, "", theme.SettingsIcon(), open(flow.RoomRules))
	h.leave = newIconButton(k, say("room.leave"), theme.LogoutIcon(), func() { h.ask(true) })
	h.really = newDanger(k, say("room.leave.really"), func() {
		h.ask(false)
		k.post(flow.Asked{Action: flow.Action{Verb: flow.LeaveRoom, Room: h.room}})
	})
	h.stay = newButton(k, say("room.leave.stay"), func() { h.ask(false) })
	h.doing = row(gapXS, container.NewCenter(h.faces), h.members, h.number, h.invite, h.change, h.leave)
	h.asking = row(gapS, h.sure, h.really, h.stay)
	h.asking.Hide()
	h.face = newAvatar("", models.AccountID{}, 32)
	h.face.Hide()
	bar := container.NewBorder(nil, nil, container.NewCenter(h.face), container.NewStack(h.doing, h.asking), container.New(upright{}, column(-gapL+gapXS, h.title, h.rules)))
	h.object = container.NewVBox(sides(gapM, bar), widget.NewSeparator())
	h.object.Hide()
	return h
}

// ask puts the question whether to leave in place of the buttons, or takes it away.
func (h *roomHead) ask(on bool) {
	visible(!on, h.doing)
	visible(on, h.asking)
	h.object.Refresh()
	if on {
		h.kit.window.Canvas().Focus(h.stay)
	}
}

func (h *roomHead) show(s flow.State) {
	if s.Talk == nil || s.Talk.Open == nil {
		h.wipe()
		return
	}
	o := s.Talk.Open
	if h.room != o.ID {
		h.room = o.ID
		h.ask(false)
	}
	if t := titleOf(o.Room); h.title.Text != t {
		h.title.SetText(t)
	}
	idle := s.Busy == flow.Idle
	h.invite.allow(idle)
	h.leave.allow(idle)
	h.really.allow(idle)
	if h.peer = o.Peer; !o.Peer.IsZero() {
		h.face.set(o.Title, o.Peer)
	}
	visible(!o.Peer.IsZero(), h.face)
	visible(o.CanAsk, h.invite)
	visible(o.Peer.IsZero(), h.members, h.faces)
	visible(!o.Peer.IsZero(), h.number)
	if line := rulesLine(o.Rules); line != h.rules.Text {
		h.rules.SetText(line)
		visible(line != "", h.rules)
	}
	if !sameMembers(h.shown, o.Members) {
		h.shown = o.Members
		h.put(o.Members)
	}
	visible(true, h.object)
}

func (h *roomHead) put(members []talk.Member) {
	h.faces.Objects = nil
	in := 0
	for _, m := range members {
		if m.Invited {
			continue
		}
		if in++; in <= mostFaces {
			h.faces.Add(newAvatar(m.Name, m.ID, 28))
		}
	}
	h.members.SetText(say("room.members", "count", in))
	h.faces.Refresh()
	h.object.Refresh()
}

func (h *roomHead) wipe() {
	h.room, h.peer, h.shown = models.RoomID{}, models.AccountID{}, nil
	h.title.SetText("")
	h.rules.SetText("")
	h.face.set("", models.AccountID{})
	h.faces.Objects = nil
	h.members.SetText("")
	visible(false, h.object)
}

func sameMembers(a, b []talk.Member) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
