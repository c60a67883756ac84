package talk

import (
	"slices"

	"visavis/chat/e2e"
	"visavis/models"
)

// Again folds an entry that was folded before and turned out otherwise, since a key has come: a message that did not open stands in its place now.
func (m *Model) Again(id models.RoomID, ev e2e.Event) {
	r, ok := m.rooms[id]
	if !ok || ev.Seq > r.seq {
		m.Event(id, ev)
		return
	}
	if ev.Kind != e2e.EventMessage || ev.Message == nil {
		return
	}
	if ev.Message.Kind == e2e.KindTitle {
		if ev.Seq > r.titled {
			r.title, r.titled = string(ev.Message.Content), ev.Seq
		}
		return
	}
	if ev.Message.Kind != e2e.KindText || slices.ContainsFunc(r.meta, func(x meta) bool { return x.seq == ev.Seq && x.author == ev.Author }) {
		return
	}
	unread := r.unreadLine()
	r.own()
	r.opened(ev.Seq)
	l := Line{
		ID: m.nextLine(), Kind: Message, At: ev.At.In(m.zone), By: m.name(ev.Author), Mine: ev.Author == m.me,
		Text: string(ev.Message.Content), Message: ev.Message.ID, Delivery: Stored, Warn: ev.Warn,
	}
	at := slices.IndexFunc(r.meta, func(x meta) bool { return x.seq > ev.Seq })
	if at < 0 {
		at = len(r.lines)
		r.said(l)
	}
	r.lines = slices.Insert(r.lines, at, l)
	r.meta = slices.Insert(r.meta, at, meta{author: ev.Author, seq: ev.Seq, until: ev.Message.Expires})
	r.due(ev.Message.Expires)
	r.relayout(0, unread)
}

// opened takes one entry off the line that says how many did not open for want of a key.
func (r *room) opened(seq uint64) {
	for i, l := range slices.Backward(r.lines) {
		if l.Kind != Closed || l.Cause != e2e.CauseNoKey || r.meta[i].seq > seq {
			continue
		}
		if r.lines[i].Count--; r.lines[i].Count == 0 {
			r.lines, r.meta = slices.Delete(r.lines, i, i+1), slices.Delete(r.meta, i, i+1)
		}
		return
	}
}
