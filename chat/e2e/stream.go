package e2e

import (
	"bytes"
	"slices"

	"visavis/chat/trust"
	"visavis/models"
)

// recentMessages is how far back in a stream another message with the same number is told from an old one.
const recentMessages = 64

// maxCounter keeps a stream's numbers from wrapping around.
const maxCounter = 1 << 48

// stream is one log-in's messages as far as they were accepted.
type stream struct {
	id      models.StreamID
	account models.AccountID
	next    uint64
	last    models.Hash
	dirSeq  uint64
	unread  int // the room's count of messages without a key, at the last one
	recent  [recentMessages]models.Hash
}

// follow gives a message its place in its stream, or says why it has none. After CauseNone the stream has moved on.
func (r *Room) follow(o *opened) (Warning, Cause) {
	b := &o.body
	key := messageKey{b.Account, b.ID}
	if first, ok := r.ids[key]; ok {
		if first == o.hash {
			return 0, CauseReplay
		}
		return 0, CauseReused
	}
	st := r.streams[b.Stream]
	warn, cause := r.place(st, o)
	if cause != CauseNone {
		return 0, cause
	}
	if st == nil {
		st = &stream{id: b.Stream, account: b.Account}
		r.streams[b.Stream] = st
	}
	for skipped := st.next; skipped < min(b.Counter, st.next+recentMessages); skipped++ {
		st.recent[skipped%recentMessages] = models.Hash{}
	}
	st.next, st.last, st.dirSeq, st.unread = b.Counter+1, o.hash, o.dirSeq, r.unread
	st.recent[b.Counter%recentMessages] = o.hash
	r.ids[key] = o.hash
	return warn, CauseNone
}

func (r *Room) place(st *stream, o *opened) (Warning, Cause) {
	b := &o.body
	first := b.Counter == 0
	if b.Counter >= maxCounter || first != (len(b.Opening) == 1) || len(b.Opening) > 1 || first != b.Prev.IsZero() {
		return 0, CauseMalformed
	}
	if st == nil {
		return r.placeFirst(o)
	}
	switch {
	case st.account != b.Account:
		return 0, CauseStream
	case b.Counter < st.next:
		return 0, st.old(b.Counter, o.hash)
	case o.dirSeq < st.dirSeq:
		return 0, CauseHead
	case b.Counter == st.next && b.Prev != st.last:
		return 0, CauseOrder
	case b.Counter > st.next && r.unread == st.unread:
		return WarnGap, CauseNone
	}
	return 0, CauseNone
}

// placeFirst judges the first message that is seen of a stream.
func (r *Room) placeFirst(o *opened) (Warning, Cause) {
	b := &o.body
	var gap Warning
	if b.Counter > 0 {
		if r.unread == 0 {
			gap = WarnGap
		}
		return gap, CauseNone
	}
	open := b.Opening[0]
	if len(open.Streams) > maxOpeningStreams {
		return 0, CauseMalformed
	}
	if _, err := r.s.cfg.Directory.DeskAt(b.Dir, open.Desk); err != nil {
		return 0, CauseStream
	}
	for _, end := range open.Streams {
		st := r.streams[end.Stream]
		if st != nil && st.account != b.Account {
			return 0, CauseStream
		}
		if missing := st == nil || st.next <= end.Counter; missing && r.unread == 0 {
			gap = WarnGap
		}
	}
	return gap, CauseNone
}

// old tells a replay from a number used twice.
func (st *stream) old(counter uint64, hash models.Hash) Cause {
	if st.next-counter > recentMessages {
		return CauseOrder
	}
	switch known := st.recent[counter%recentMessages]; {
	case known == hash:
		return CauseReplay
	case known.IsZero():
		return CauseOrder
	}
	return CauseReused
}

// otherStreams are the heads of this person's other streams, for the opening of this one: the latest few, in the order of ids.
func (r *Room) otherStreams() []trust.StreamEnd {
	ends := r.ends(r.s.Account())
	ends = slices.DeleteFunc(ends, func(e trust.StreamEnd) bool { return e.Stream == r.s.stream })
	return ends[:min(len(ends), maxOpeningStreams)]
}

// ends are the last messages of account's streams that were accepted, in the order of ids.
func (r *Room) ends(account models.AccountID) []trust.StreamEnd {
	var ends []trust.StreamEnd
	for _, st := range r.streams {
		if st.account == account {
			ends = append(ends, trust.StreamEnd{Stream: st.id, Counter: st.next - 1, Hash: st.last})
		}
	}
	slices.SortFunc(ends, func(a, b trust.StreamEnd) int { return bytes.Compare(a.Stream[:], b.Stream[:]) })
	return ends[:min(len(ends), trust.MaxStreamEnds)]
}
