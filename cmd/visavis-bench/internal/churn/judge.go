package churn

import (
	"fmt"
	"time"

	"visavis/chat/e2e"
	"visavis/models"
)

// judge holds what was read against the logs.
type judge struct {
	rooms  map[models.RoomID]*history
	dir    *registry
	book   *book
	counts *Counts
	now    func() time.Time
}

// walked judges what is fresh of a walk, and forgets it.
func (j *judge) walked(w *walk) {
	h := j.rooms[w.room]
	from := w.heard - uint64(len(w.fresh))
	for i, s := range w.fresh {
		seq := from + uint64(i) + 1
		if h != nil && seq > h.last() && w.ahead != seq { // stored since the logs were read: the next look has it
			w.ahead = seq
			w.fresh = append(w.fresh[:0], w.fresh[i:]...)
			return
		}
		if h == nil || seq > h.last() {
			j.counts.wrong(w.who, "showed an entry that no log has: room %s, entry %d", w.room.Short(), seq)
			break
		}
		if later, ok := w.again[seq]; ok {
			s = later
			delete(w.again, seq)
		}
		j.entry(h, seq, w, s)
	}
	w.fresh = w.fresh[:0]
	for seq, s := range w.again {
		if h != nil && seq <= h.last() {
			j.entry(h, seq, w, s)
		}
	}
	clear(w.again)
}

// owe notes what somebody has to read and has no key for: he asks for it, and it counts if it has not come in the end.
func (w *walk) owe(seq uint64, what string) {
	if w.owed == nil {
		w.owed = map[uint64]string{}
	}
	w.owed[seq] = what
}

// owing counts what nobody has given in the end. Who was put out while he waited is given nothing any more.
func (j *judge) owing(w *walk) {
	for seq, what := range w.owed {
		switch h := j.rooms[w.room]; {
		case h.over(seq, j.now()): // its time was over before a key came
			continue
		case !h.in(w.who.account):
			j.counts.Parted++
			continue
		}
		j.counts.unreadable(w.who, j.rooms[w.room], seq, what)
	}
	clear(w.owed)
}

func (j *judge) entry(h *history, seq uint64, w *walk, s seen) {
	l, who := h.entries[seq-1], w.who
	delete(w.owed, seq)
	if end, gone := who.ends[h.id]; !h.shows(who.account, seq) || gone && seq > end {
		j.counts.add(&j.counts.Shown)
		j.counts.wrong(who, "was sent %s, after he was out", h.place(seq))
	}
	j.warnings(h, seq, who, s.warn)
	switch l.kind {
	case models.EntryMessage:
		j.message(h, seq, w, s)
	case models.EntryGeneration:
		switch here := h.present(who.account, seq); {
		case s.kind == e2e.EventGeneration && (s.cause == e2e.CauseNone || !here):
		case s.kind == e2e.EventGeneration && s.cause == e2e.CauseNoKey: // it may come later, which its messages show
		default:
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
// may miss it, but for what the room's policy gave him when he came.
func (j *judge) message(h *history, seq uint64, w *walk, s seen) {
	who := w.who
	must, may := j.rights(h, seq, who.account)
	l := h.entries[seq-1]
	switch good := s.kind == e2e.EventMessage; {
	case good && (s.other || s.id != l.id):
		j.counts.wrong(who, "was shown another text than was sent: room %s, entry %d", h.id.Short(), seq)
	case good && !may:
		j.counts.leak(who, h, seq)
	case good:
		j.counts.Opened++
	case s.cause == e2e.CauseExpired && h.over(seq, j.now()):
		j.counts.add(&j.counts.Expired)
	case must && s.cause == e2e.CauseNoKey:
		w.owe(seq, s.cause.String())
	case s.cause != e2e.CauseNoKey:
		j.counts.unreadable(who, h, seq, s.cause.String())
	case h.present(who.account, seq):
		j.counts.Crossed++
	default:
		j.counts.NotForThem++
	}
}

// rights say whether somebody has to be able to open a message, and whether he may be. Who was revoked may not where the generation's maker or the message's
// author knew of it, and has nobody left to ask for a key.
func (j *judge) rights(h *history, seq uint64, a models.AccountID) (must, may bool) {
	must, may = j.places(h, seq, a)
	if _, gone := j.dir.gone[a]; !gone {
		return must, may
	}
	l := h.entries[seq-1]
	_, knew, _ := j.book.since(note{h.id, l.author, l.id})
	knew = max(knew, j.dir.places[h.entries[l.sealed-1].dir])
	return false, may && !j.dir.without(a, knew)
}

// places say the same by the room's log alone.
func (j *judge) places(h *history, seq uint64, a models.AccountID) (must, may bool) {
	l := h.entries[seq-1]
	must, may = h.all(a, l.sealed, seq), h.present(a, l.sealed)
	if had, now := h.given(a, l.sealed); had {
		return must || now && h.in(a), true
	}
	if heard, _, ok := j.book.since(note{h.id, l.author, l.id}); ok {
		must, may = must || h.all(a, heard, seq), may && h.someOf(a, heard, seq)
	}
	return must, may
}

func (j *judge) warnings(h *history, seq uint64, who *person, w e2e.Warning) {
	for _, one := range []e2e.Warning{e2e.WarnGap, e2e.WarnFork, e2e.WarnClock, e2e.WarnVault, e2e.WarnLess} {
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

// lawful holds the logs against what their authors had a right to, each entry once.
func (j *judge) lawful() {
	told := func(granted *[]string) {
		for _, what := range *granted {
			j.counts.add(&j.counts.Granted)
			j.counts.wrong(nil, "a log holds what nobody may: %s", what)
		}
		*granted = nil
	}
	told(&j.dir.granted)
	for _, h := range j.rooms {
		for ; h.judged < h.last(); h.judged++ {
			l := h.entries[h.judged]
			if known := j.dir.places[l.dir]; j.dir.without(l.author, known) {
				h.granted = append(h.granted, fmt.Sprintf("%s is revoked by the directory that his own entry names: %s", l.author.Short(), h.place(h.judged+1)))
			} else if j.dir.without(l.asked, known) {
				h.granted = append(h.granted, fmt.Sprintf("%s is revoked, and was invited: %s", l.asked.Short(), h.place(h.judged+1)))
			}
		}
		told(&h.granted)
	}
}

// silent says whether nothing of somebody who was revoked was stored after that.
func (j *judge) silent(p *person) {
	for id, end := range p.ends {
		h := j.rooms[id]
		for seq := max(end, p.silent[id]) + 1; seq <= h.last(); seq++ {
			if h.entries[seq-1].author == p.account {
				j.counts.add(&j.counts.Granted)
				j.counts.wrong(p, "was revoked, and his %s was stored", h.place(seq))
			}
			p.silent[id] = seq
		}
	}
}

// place names an entry for a report.
func (h *history) place(seq uint64) string {
	return fmt.Sprintf("room %s, entry %d", h.id.Short(), seq)
}
