package e2e

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

const (
	recentMessages    = 64      // how far back in a stream another message with the same number is told from an old one
	detailedStreams   = 16      // of one person whose recent messages are kept; of the others, only the end
	hashedStreams     = 4096    // of one person, over which an opening's hash is made and checked
	maxOpeningStreams = 4       // that an opening made here names one by one; readers take up to trust.MaxStreamEnds
	maxCounter        = 1 << 48 // keeps a stream's numbers from wrapping around
)

// stream is one log-in's messages as far as they were accepted.
type stream struct {
	id      models.StreamID
	account models.AccountID
	desk    models.DeskID
	first   uint64 // log Seq of its first message that was accepted
	seq     uint64 // and of the last
	next    uint64
	last    models.Hash
	dirSeq  uint64
	unread  int        // its author's, at the last message
	recent  []accepted // the last messages, oldest first; none once folded away
}

// accepted is a message's place.
type accepted struct {
	counter uint64
	seq     uint64
	hash    models.Hash
}

// author is what is kept of one person's messages.
type author struct {
	unread   int       // entries under a generation whose secret is not here: each explains at most one missing message
	streams  []*stream // all, by first message
	detailed []*stream // those with recent messages
}

// author returns what is kept of account.
func (r *Room) author(account models.AccountID) *author {
	a := r.authors[account]
	if a == nil {
		a = &author{}
		r.authors[account] = a
	}
	return a
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
	st, a := r.streams[b.Stream], r.author(b.Account)
	warn, cause := r.place(st, a, o)
	if cause != CauseNone {
		return 0, cause
	}
	if st == nil {
		st = &stream{id: b.Stream, account: b.Account, desk: b.Opening[0].Desk, first: o.entry.Seq}
		r.streams[b.Stream] = st
		a.streams = append(a.streams, st)
	}
	if len(b.Opening) == 1 {
		warn |= r.s.checkVault(b)
	}
	st.next, st.last, st.dirSeq, st.unread, st.seq = b.Counter+1, o.hash, o.dirSeq, a.unread, o.entry.Seq
	a.remember(st, accepted{b.Counter, o.entry.Seq, o.hash})
	r.ids[key] = o.hash
	if b.Account == r.s.Account() && b.Stream == r.mine && len(b.Opening) == 1 {
		r.opened = b.Generation
	}
	return warn, CauseNone
}

// endStream ends what this session writes, since its person is out of the room. What was on its way then was refused: who comes back and went on
// behind it would leave a gap that everybody is warned of. Its number can not be given again, on the word of a server that may have kept the message.
func (r *Room) endStream() {
	r.mine, r.own, r.opened = models.StreamID{}, nextMessage{}, models.Hash{}
}

// beginStream draws the stream of a person who came back.
func (r *Room) beginStream() error {
	if !r.mine.IsZero() {
		return nil
	}
	return models.Draw(&r.mine, r.s.cfg.Random)
}

// remember keeps a message's place; the details of the stream that has rested longest give way.
func (a *author) remember(st *stream, m accepted) {
	if st.recent == nil {
		a.detailed = append(a.detailed, st)
	}
	if len(st.recent) == recentMessages {
		st.recent = slices.Delete(st.recent, 0, 1)
	}
	st.recent = append(st.recent, m)
	if len(a.detailed) > detailedStreams {
		oldest := slices.MinFunc(a.detailed, func(x, y *stream) int { return cmp.Compare(x.seq, y.seq) })
		oldest.recent = nil
		a.detailed = slices.DeleteFunc(a.detailed, func(x *stream) bool { return x == oldest })
	}
}

// checkVault compares the vault that this session opened with what an earlier one of the same person says that there was. Later ones,
// of another desk at the same time, may well be ahead, and its clock a little behind.
func (s *Session) checkVault(b *messageBody) Warning {
	if b.Account == s.Account() && b.Opening[0].Vault > s.version && time.UnixMilli(b.Time).Add(ClockSkew).Before(s.began) {
		return WarnVault
	}
	return 0
}

func (r *Room) place(st *stream, a *author, o *opened) (Warning, Cause) {
	b := &o.body
	first := b.Counter == 0
	if b.Counter >= maxCounter || len(b.Opening) > 1 || first && len(b.Opening) == 0 || first != b.Prev.IsZero() {
		return 0, CauseMalformed
	}
	if st == nil {
		return r.placeFirst(a, o)
	}
	switch {
	case st.account != b.Account, len(b.Opening) == 1 && b.Opening[0].Desk != st.desk:
		return 0, CauseStream
	case b.Counter < st.next:
		return 0, st.old(o)
	case o.dirSeq < st.dirSeq:
		return 0, CauseOutdated
	case b.Counter == st.next && b.Prev != st.last:
		return 0, CauseOrder
	case b.Counter-st.next > uint64(a.unread-st.unread):
		return WarnGap, CauseNone
	}
	return 0, CauseNone
}

// placeFirst judges the first message that is seen of a stream, which has to say where the stream comes from.
func (r *Room) placeFirst(a *author, o *opened) (Warning, Cause) {
	b := &o.body
	if len(b.Opening) == 0 {
		return 0, CauseStream
	}
	open := b.Opening[0]
	if len(open.Ends.Last) > trust.MaxStreamEnds {
		return 0, CauseMalformed
	}
	if _, err := r.s.cfg.Directory.DeskAt(b.Dir, open.Desk); err != nil {
		return 0, CauseStream
	}
	warn, ok := r.checkEnds(b.Account, open.Ends, b.Seen)
	if !ok {
		return 0, CauseStream
	}
	if b.Counter > uint64(a.unread) {
		warn |= WarnGap
	}
	return warn, CauseNone
}

// old tells a replay from a number used twice.
func (st *stream) old(o *opened) Cause {
	for _, m := range st.recent {
		switch {
		case m.counter == o.body.Counter && m.hash == o.hash:
			return CauseReplay
		case m.counter == o.body.Counter:
			o.twin = m.seq
			return CauseReused
		}
	}
	return CauseOrder
}

// ends are the last messages of account's streams that were accepted, for an author of this session to sign.
func (r *Room) ends(account models.AccountID) trust.StreamEnds {
	a := r.author(account)
	streams := slices.SortedFunc(slices.Values(a.streams), func(x, y *stream) int {
		return cmp.Or(cmp.Compare(y.seq, x.seq), bytes.Compare(x.id[:], y.id[:]))
	})
	ends := make([]trust.StreamEnd, 0, len(streams))
	for _, st := range streams {
		ends = append(ends, trust.StreamEnd{Stream: st.id, Counter: st.next - 1, Hash: st.last})
	}
	out := trust.StreamEnds{Last: ends[:min(len(ends), trust.MaxStreamEnds)]}
	if a.unread == 0 && len(ends) <= hashedStreams {
		out.All = trust.HashStreamEnds(ends)
	}
	return out
}

// endsAt are the ends of a's streams as they were when the log entry at seq had been applied; false when it is too long ago to say.
func (a *author) endsAt(seq uint64) ([]trust.StreamEnd, bool) {
	var ends []trust.StreamEnd
	for _, st := range a.streams {
		if st.first > seq {
			continue
		}
		m := accepted{counter: st.next - 1, seq: st.seq, hash: st.last}
		for i := len(st.recent) - 1; i >= 0 && m.seq > seq; i-- {
			m = st.recent[i]
		}
		if m.seq > seq {
			return nil, false
		}
		ends = append(ends, trust.StreamEnd{Stream: st.id, Counter: m.counter, Hash: m.hash})
	}
	return ends, true
}

// checkEnds compares what someone said of account's streams, when the log entry seen was the last that he had applied, with what has been
// accepted here. It is false when a stream is another person's.
func (r *Room) checkEnds(account models.AccountID, ends trust.StreamEnds, seen models.Hash) (Warning, bool) {
	a := r.author(account)
	var missing uint64
	for _, end := range ends.Last {
		var have uint64
		if st := r.streams[end.Stream]; st != nil {
			if st.account != account {
				return 0, false
			}
			have = st.next
		}
		if end.Counter >= have {
			missing += min(end.Counter, maxCounter) + 1 - min(have, maxCounter)
		}
	}
	if missing > uint64(a.unread) {
		return WarnGap, true
	}
	// Who could not open some of account's messages, or has not seen that entry, has nothing to compare the hash with.
	seq, ok := r.seen.seqOf(seen)
	if ends.All.IsZero() || a.unread > 0 || len(a.streams) > hashedStreams || !ok {
		return 0, true
	}
	if mine, ok := a.endsAt(seq); ok && trust.HashStreamEnds(mine) != ends.All {
		return WarnGap, true
	}
	return 0, true
}
