package e2e

import (
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// sooner is the lesser of two lifetimes in seconds, where 0 is for ever.
func sooner(a, b uint32) uint32 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// expires is when a message disappears: what its author said, and no later than the policy of its generation.
func (r *Room) expires(o *opened) time.Time {
	g, _ := r.state.Generation(o.body.Generation)
	life := sooner(o.body.Expiry, g.Policy.MaxAge)
	if life == 0 {
		return time.Time{}
	}
	return o.entry.At.Add(time.Duration(life) * time.Second)
}

// expired takes what is left of a message, which explains one that is missing in its author's streams, unless its time is not over.
func (r *Room) expired(e models.Entry, c trust.Change) Event {
	ev := Event{Kind: EventRefused, Cause: CauseExpired}
	g, _ := r.state.Generation(c.Generation)
	end := e.At.Add(time.Duration(g.Policy.MaxAge) * time.Second)
	if e.At.Add(ClockSkew).Before(r.latest) || r.s.cfg.Now().Add(ClockSkew).Before(end) {
		ev.Cause = CauseTaken
		return ev
	}
	key := messageKey{e.Author, e.Message}
	if _, ok := r.ids[key]; ok {
		ev.Cause = CauseReplay
		return ev
	}
	r.ids[key] = models.Hash{}
	r.author(e.Author).unread++
	r.uses[g.Hash] = r.uses[g.Hash].again()
	return ev
}
