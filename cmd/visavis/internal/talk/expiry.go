package talk

import (
	"time"

	"visavis/chat/e2e"
)

// Expire takes the words of every message off the model whose time is over, and says whether there were any. What is left is the line that
// whoever reads the room anew would see.
func (m *Model) Expire(now time.Time) bool {
	some := false
	for _, r := range m.rooms {
		if !r.expires.IsZero() && !now.Before(r.expires) {
			m.expire(r, now)
			some = true
		}
	}
	return some
}

func (m *Model) expire(r *room, now time.Time) {
	r.own()
	unread := r.unreadLine()
	r.expires = time.Time{}
	for i, x := range r.meta {
		if x.until.IsZero() {
			continue
		}
		if now.Before(x.until) {
			r.due(x.until)
			continue
		}
		old := r.lines[i].ID
		l := Line{ID: m.nextLine(), Kind: Closed, At: r.lines[i].At, Cause: e2e.CauseExpired, Count: 1}
		r.lines[i], r.meta[i] = l, meta{seq: x.seq}
		if unread == old {
			unread = l.ID
		}
		if r.firstUnread == old {
			r.firstUnread = l.ID
		}
		if r.saidLine == old {
			r.newest, r.by, r.saidLine = "", "", 0
		}
	}
	r.relayout(0, unread)
}

// due keeps when the first of the room's messages expires.
func (r *room) due(at time.Time) {
	if !at.IsZero() && (r.expires.IsZero() || at.Before(r.expires)) {
		r.expires = at
	}
}
