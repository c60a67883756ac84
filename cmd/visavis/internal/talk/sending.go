package talk

import (
	"slices"
	"time"

	"visavis/models"
)

// Sending shows an own message before the server has it. Its line becomes the stored one when that arrives.
func (m *Model) Sending(id models.RoomID, message models.MessageID, text string, at time.Time) {
	r, ok := m.rooms[id]
	if !ok {
		return
	}
	if _, ok := r.pending[message]; ok {
		return
	}
	l := Line{
		ID: m.nextLine(), Kind: Message, At: at.In(m.zone), By: m.name(m.me), Mine: true, Text: text, Message: message, Delivery: Sending,
	}
	r.pending[message] = l.ID
	r.push(l, meta{author: m.me})
}

// Failed says that a message was not stored. A stored one, or an unknown one, stays as it is.
func (m *Model) Failed(id models.RoomID, message models.MessageID) { m.deliver(id, message, Failed) }

// Held says that a message waits until its person has accepted somebody's new identity.
func (m *Model) Held(id models.RoomID, message models.MessageID) { m.deliver(id, message, Held) }

// Resent says that a message is tried again.
func (m *Model) Resent(id models.RoomID, message models.MessageID) { m.deliver(id, message, Sending) }

func (m *Model) deliver(id models.RoomID, message models.MessageID, d Delivery) {
	r, i := m.find(id, message)
	if i < 0 || r.lines[i].Delivery == d {
		return
	}
	r.own()
	r.lines[i].Delivery = d
}

// Drop takes a message that was not stored off the room.
func (m *Model) Drop(id models.RoomID, message models.MessageID) {
	r, i := m.find(id, message)
	if i < 0 {
		return
	}
	line := r.pending[message]
	delete(r.pending, message)
	r.remove(line)
}

// Pending counts the own messages that the server has not stored as far as is known.
func (m *Model) Pending() (n int) {
	for _, r := range m.rooms {
		n += len(r.pending)
	}
	return n
}

// Holding lists the rooms in which a message is held.
func (m *Model) Holding() (rooms []models.RoomID) {
	for id := range m.rooms {
		if slices.ContainsFunc(m.Unstored(id), func(u Unsent) bool { return u.Held }) {
			rooms = append(rooms, id)
		}
	}
	return rooms
}

// Unsent is an own message that the server has not stored as far as is known.
type Unsent struct {
	Room    models.RoomID
	Message models.MessageID
	Text    string
	Failed  bool // or held: it is not on its way
	Held    bool
}

// Unstored lists a room's pending messages, oldest first.
func (m *Model) Unstored(id models.RoomID) []Unsent {
	r, ok := m.rooms[id]
	if !ok || len(r.pending) == 0 {
		return nil
	}
	var list []Unsent
	for _, l := range r.lines {
		if _, ok := r.pending[l.Message]; ok && l.Kind == Message {
			list = append(list, Unsent{Room: id, Message: l.Message, Text: l.Text, Failed: l.Delivery == Failed || l.Delivery == Held, Held: l.Delivery == Held})
		}
	}
	return list
}

// find returns the line of a pending message, searched from the end; -1 when there is none.
func (m *Model) find(id models.RoomID, message models.MessageID) (*room, int) {
	r, ok := m.rooms[id]
	if !ok {
		return nil, -1
	}
	line, ok := r.pending[message]
	if !ok {
		return r, -1
	}
	for i := len(r.lines) - 1; i >= 0; i-- {
		if r.lines[i].ID == line {
			return r, i
		}
	}
	return r, -1
}
