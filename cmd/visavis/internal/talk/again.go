package talk

import (
	"slices"

	"visavis/chat/e2e"
	"visavis/models"
)

// Again folds an entry that was folded before and turned out otherwise: a message that did not open, for was, or another one that the server had put there,
// stands in its place now.
func (m *Model) Again(id models.RoomID, ev e2e.Event, was e2e.Cause) {
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
	stands := slices.IndexFunc(r.meta, func(x meta) bool { return x.seq == ev.Seq && !x.author.IsZero() })
	if ev.Message.Kind != e2e.KindText || stands >= 0 && r.lines[stands].Message == ev.Message.ID {
		return
	}
	unread := r.unreadLine()
	r.own()
	if stands >= 0 {
		r.lines, r.meta = slices.Delete(r.lines, stands, stands+1), slices.Delete(r.meta, stands, stands+1)
	}
	r.opened(ev.Seq, was)
	r.insert(Line{
		ID: m.nextLine(), Kind: Message, At: ev.At.In(m.zone), By: m.name(ev.Author), Mine: ev.Author == m.me,
		Text: string(ev.Message.Content), Message: ev.Message.ID, Delivery: Stored, Warn: ev.Warn,
	}, meta{author: ev.Author, seq: ev.Seq, until: ev.Message.Expires})
	r.due(ev.Message.Expires)
	r.relayout(0, unread)
}

// insert puts a message's line where its entry stands.
func (r *room) insert(l Line, x meta) {
	at := slices.IndexFunc(r.meta, func(y meta) bool { return y.seq > x.seq })
	if at < 0 {
		at = len(r.lines)
		r.said(l)
	}
	r.lines = slices.Insert(r.lines, at, l)
	r.meta = slices.Insert(r.meta, at, x)
}

// opened takes one entry off the line that says how many did not open for a cause.
func (r *room) opened(seq uint64, was e2e.Cause) {
	for i, l := range slices.Backward(r.lines) {
		if l.Kind != Closed || l.Cause != was || r.meta[i].seq > seq {
			continue
		}
		if r.lines[i].Count--; r.lines[i].Count == 0 {
			r.lines, r.meta = slices.Delete(r.lines, i, i+1), slices.Delete(r.meta, i, i+1)
		}
		return
	}
}
