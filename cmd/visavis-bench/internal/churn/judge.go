package churn

import (
	"fmt"

	"visavis/chat/e2e"
	"visavis/models"
)

// judge holds what was read against the logs.
type judge struct {
	rooms  map[models.RoomID]*history
	book   *book
	counts *Counts
}

// walked judges what is fresh of a walk, and forgets it.
func (j *judge) walked(w *walk) {
	h := j.rooms[w.room]
	from := w.heard - uint64(len(w.fresh))
	for i, s := range w.fresh {
		seq := from + uint64(i) + 1
		if h == nil || seq > h.last() {
			j.counts.wrong(w.who, "showed an entry that no log has: room %s, entry %d", w.room.Short(), seq)
			break
		}
		j.entry(h, seq, w.who, s)
	}
	w.fresh = w.fresh[:0]
}

func (j *judge) entry(h *history, seq uint64, who *person, s seen) {
	l := h.entries[seq-1]
	if !h.shows(who.account, seq) {
		j.counts.add(&j.counts.Shown)
		j.counts.wrong(who, "was sent %s, after he was out", h.place(seq))
	}
	j.warnings(h, seq, who, s.warn)
	switch l.kind {
	case models.EntryMessage:
		j.message(h, seq, who, s)
	case models.EntryGeneration:
		if s.kind != e2e.EventGeneration || s.cause != e2e.CauseNone && h.present(who.account, seq) {
			j.counts.unreadable(who, h, seq, "generation: "+s.cause.String())
		}
	default:
		if s.kind != e2e.EventNotice || s.cause != e2e.CauseNone {
			j.counts.unreadable(who, h, seq, "statement: "+s.cause.String())
		}
	}
}

// message judges one message as one person was shown it.
//
// A message is sealed for those who were in the room as its author knew it, which is as it was at some entry between the last one that
// he had been shown and the message's own. So who was in all that time reads it, and who was not in at any of it does not. Whoever came in between
// may miss it.
func (j *judge) message(h *history, seq uint64, who *person, s seen) {
	must, may := j.rights(h, seq, who.account)
	l := h.entries[seq-1]
	switch good := s.kind == e2e.EventMessage; {
	case good && (s.other || s.id != l.id):
		j.counts.wrong(who, "was shown another text than was sent: room %s, entry %d", h.id.Short(), seq)
	case good && !may:
		j.counts.leak(who, h, seq)
	case good:
		j.counts.Opened++
	case must, s.cause != e2e.CauseNoKey:
		j.counts.unreadable(who, h, seq, s.cause.String())
	case h.present(who.account, seq):
		j.counts.Crossed++
	default:
		j.counts.NotForThem++
	}
}

// rights say whether somebody has to be able to open a message, and whether he may be.
func (j *judge) rights(h *history, seq uint64, a models.AccountID) (must, may bool) {
	l := h.entries[seq-1]
	must, may = h.all(a, l.sealed, seq), h.present(a, l.sealed)
	if heard, ok := j.book.since(note{h.id, l.author, l.id}); ok {
		must, may = must || h.all(a, heard, seq), may && h.someOf(a, heard, seq)
	}
	return must, may
}

func (j *judge) warnings(h *history, seq uint64, who *person, w e2e.Warning) {
	for _, one := range []e2e.Warning{e2e.WarnGap, e2e.WarnFork, e2e.WarnClock, e2e.WarnVault} {
		if w.Has(one) {
			j.counts.alarm(who, h, seq, one.String())
		}
	}
}

// stored holds what was acknowledged against the logs: each stands there, once.
func (j *judge) stored() {
	times := map[note]int{}
	for _, h := range j.rooms {
		for _, l := range h.entries {
			if l.kind == models.EntryMessage {
				times[note{h.id, l.author, l.id}]++
			}
		}
	}
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	for n, m := range j.book.sent {
		switch {
		case times[n] > 1:
			j.counts.Doubled++
		case m.acked && times[n] == 0:
			j.counts.Lost++
		}
	}
}

// place names an entry for a report.
func (h *history) place(seq uint64) string {
	return fmt.Sprintf("room %s, entry %d", h.id.Short(), seq)
}
