package ui

import (
	"encoding/binary"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

const (
	invitationsHead = 1  // id of the row above the invitations
	mostUnread      = 99 // that a badge counts
)

// rooms is the list of rooms, invitations apart.
type rooms struct {
	kit  *kit
	roll *roll
	all  []talk.Room // invitations last
	head int         // index of the row above them; -1 without
	open models.RoomID
	busy bool
}

func newRooms(k *kit) *rooms {
	r := &rooms{kit: k, head: -1}
	r.roll = newRoll(k, r, false)
	return r
}

// show puts another view in. Rows that look the same stay.
func (r *rooms) show(all []talk.Room, open models.RoomID, busy bool) {
	old, wasOpen, wasBusy := make(map[uint64]talk.Room, len(r.all)), r.open, r.busy
	for _, x := range r.all {
		old[shortID(x.ID)] = x
	}
	same := wasOpen == open && wasBusy == busy && len(all) == len(r.all)
	for i := 0; same && i < len(all); i++ {
		same = all[i] == r.all[i]
	}
	if same {
		return
	}
	r.all, r.open, r.busy, r.head = all, open, busy, -1
	now := make(map[uint64]talk.Room, len(all))
	for i, x := range all {
		if !x.Member && r.head < 0 {
			r.head = i
		}
		now[shortID(x.ID)] = x
	}
	r.roll.update(func(id uint64) bool {
		x := now[id]
		return id == invitationsHead || x == old[id] && (x.ID == open) == (x.ID == wasOpen) && (x.Member || busy == wasBusy)
	})
}

func (r *rooms) wipe() {
	r.all, r.open, r.head = nil, models.RoomID{}, -1
	r.roll.wipe()
}

// shortID makes a row's id of a random id.
func shortID[T any](id models.ID[T]) uint64 { return binary.BigEndian.Uint64(id[:8]) }

func (r *rooms) count() int {
	if r.head < 0 {
		return len(r.all)
	}
	return len(r.all) + 1
}

// at is the room of a row; nil for the row above the invitations.
func (r *rooms) at(i int) *talk.Room {
	switch {
	case r.head < 0 || i < r.head:
		return &r.all[i]
	case i == r.head:
		return nil
	}
	return &r.all[i-1]
}

func (r *rooms) id(i int) uint64 {
	if x := r.at(i); x != nil {
		return shortID(x.ID)
	}
	return invitationsHead
}

func (r *rooms) guess(int, float32) float32 { return faceHeight + 2*gapS }
func (r *rooms) picks(i int) bool           { return r.at(i) != nil }
func (r *rooms) copied(int) string          { return "" }

func (r *rooms) act(i int) {
	if x := r.at(i); x.Member {
		r.ask(flow.OpenRoom, x.ID)
	} else if !r.busy {
		r.ask(flow.JoinRoom, x.ID)
	}
}

func (r *rooms) ask(v flow.Verb, id models.RoomID) {
	r.kit.post(flow.Asked{Action: flow.Action{Verb: v, Room: id}})
}

func (r *rooms) item(i int) item {
	x := r.at(i)
	switch {
	case x == nil:
		return newPickRow(func(s *sketch, width float32) float32 {
			return gapL + s.line(inkHead, say("rooms.invitations"), gapM, gapM, width-gapM).Height + gapXS
		}, nil, false)
	case x.Member:
		room := *x
		return newPickRow(func(s *sketch, width float32) float32 { return r.drawRoom(s, room, width) }, func() { r.ask(flow.OpenRoom, room.ID) }, room.ID == r.open)
	}
	room := *x
	return newPickRow(func(s *sketch, width float32) float32 { return r.drawInvitation(s, room, width) }, nil, false)
}

// titleOf is what a room is called while nobody has said its title under a key that the person has.
func titleOf(x talk.Room) string {
	if x.Title == "" {
		return say("room.untitled")
	}
	return plainLine(x.Title)
}

// faceOf is whose colour a room's oval has: of a room of two, the other's.
func faceOf(x talk.Room) models.AccountID {
	if !x.Peer.IsZero() {
		return x.Peer
	}
	return models.AccountID(x.ID)
}

const roomText = gapM + faceHeight*ovalShape + gapS // where a row's text begins

func (r *rooms) drawRoom(s *sketch, x talk.Room, width float32) float32 {
	face := newAvatar(titleOf(x), faceOf(x), faceHeight)
	right := width - gapS
	if stamp := when(x.Last, r.kit.now()); stamp != "" {
		size := inkNote.text(stamp).MinSize()
		right -= size.Width
		s.line(inkNote, stamp, right, gapS+1, size.Width+1)
	}
	name := s.line(inkName, titleOf(x), roomText, gapS, right-gapS-roomText)
	y, right := gapS+name.Height+1, width-gapS
	if x.Unread > 0 {
		right -= s.chip(badge(x.Unread), theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary, right, y) + gapS
	}
	said := say("rooms.quiet")
	if x.Said != "" {
		said = say("rooms.said", "by", plainLine(x.By), "text", plainLine(x.Said))
	}
	y += s.line(inkNote, said, roomText, y, right-roomText).Height + gapS
	s.put(face, gapM, (y-faceHeight)/2, face.MinSize())
	return y
}

func badge(n int) string {
	if n > mostUnread {
		return strconv.Itoa(mostUnread) + "+"
	}
	return strconv.Itoa(n)
}

func (r *rooms) drawInvitation(s *sketch, x talk.Room, width float32) float32 {
	face := newAvatar(titleOf(x), faceOf(x), faceHeight)
	title, join := titleOf(x), say("rooms.join")
	if !x.Peer.IsZero() {
		title, join = say("rooms.wants", "name", title), say("rooms.accept")
	}
	y := gapS + s.block(inkName, title, roomText, gapS, width-gapS-roomText) + gapXS
	left := float32(roomText)
	tall := float32(0)
	for _, b := range []*button{
		newPrimary(r.kit, join, func() { r.ask(flow.JoinRoom, x.ID) }),
		newQuiet(r.kit, say("rooms.decline"), func() { r.ask(flow.LeaveRoom, x.ID) }),
	} {
		b.allow(!r.busy)
		size := b.MinSize()
		s.put(b, left, y, size)
		left += size.Width + gapXS
		tall = max(tall, size.Height)
	}
	s.put(face, gapM, gapS, face.MinSize())
	return y + tall + gapS
}

var _ fyne.Tappable = (*pickRow)(nil)
