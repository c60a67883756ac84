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
	faces   *fyne.Container
	members *button
	invite  *button
	leave   *button
	doing   *fyne.Container // the buttons
	asking  *fyne.Container // whether to leave indeed
	sure    *widget.Label
	really  *button
	stay    *button
	object  *fyne.Container
	room    models.RoomID
	shown   []talk.Member
}

func newRoomHead(k *kit) *roomHead {
	h := &roomHead{kit: k, title: newText("", textHeading), sure: newText(say("room.leave.sure"), textBody)}
	h.title.TextStyle.Bold, h.title.Truncation = true, fyne.TextTruncateEllipsis
	h.faces = row(2)
	open := func(p flow.Panel) func() { return func() { k.post(flow.PanelOpened{Panel: p}) } }
	h.members = newQuiet(k, "", open(flow.Members))
	h.invite = newIconButton(k, say("room.invite"), drawing("invite", theme.ColorNameForeground), open(flow.Invite))
	h.leave = newIconButton(k, say("room.leave"), theme.LogoutIcon(), func() { h.ask(true) })
	h.really = newDanger(k, say("room.leave.really"), func() {
		h.ask(false)
		k.post(flow.Asked{Action: flow.Action{Verb: flow.LeaveRoom, Room: h.room}})
	})
	h.stay = newButton(k, say("room.leave.stay"), func() { h.ask(false) })
	h.doing = row(gapXS, container.NewCenter(h.faces), h.members, h.invite, h.leave)
	h.asking = row(gapS, h.sure, h.really, h.stay)
	h.asking.Hide()
	bar := container.NewBorder(nil, nil, nil, container.NewStack(h.doing, h.asking), h.title)
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
	visible(o.CanAsk, h.invite)
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
	h.room, h.shown = models.RoomID{}, nil
	h.title.SetText("")
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
