package churn

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// history is what a room's log says, read without the product's rules: who was in when, and which generation each message is sealed under. Only
// the run's own goroutine uses it.
type history struct {
	id      models.RoomID
	roles   map[models.AccountID]trust.RoomRole // of those who are in
	owned   map[models.AccountID]bool           // who was an owner once
	entries []line                              // that of Seq i+1 at i
	members map[models.AccountID][]span
	invited map[models.AccountID]trust.RoomRole // as what
	shut    map[models.AccountID]uint64         // for whom the log is not open any more: Seq of the entry that put them out
	made    map[models.Hash]uint64              // Seq of each generation
	spoken  []spoken                            // the same, in order
	policy  trust.Policy
	gave    map[models.AccountID][]map[uint64]bool // Seqs of older generations that the policy gave, by span
	newest  models.Hash                            // of them
	did     map[string]int                         // statements by type
	judged  uint64                                 // Seq of the last entry whose author's right was looked at
	granted []string                               // to whom the log gives what was not his to do
}

// line is an entry.
type line struct {
	kind   models.EntryKind
	author models.AccountID
	id     models.MessageID
	sealed uint64 // a message: Seq of its generation
	at     time.Time
	dir    models.Hash      // statements and generations: the directory's head that it names
	asked  models.AccountID // an invitation: who
}

// spoken is a generation: the policy that it was made under, and how many messages it has.
type spoken struct {
	seq      uint64
	policy   trust.Policy
	messages uint32
}

// reach are the generations from before that the policy gives to somebody who comes now.
func (h *history) reach() map[uint64]bool {
	out, have, need := map[uint64]bool{}, uint32(0), h.policy.Last
	for _, g := range slices.Backward(h.spoken) {
		if h.policy.History == trust.HistoryNone || g.policy.History != h.policy.History {
			break
		}
		if h.policy.History == trust.HistoryLast {
			if need = min(need, g.policy.Last); have >= need {
				break
			}
		}
		out[g.seq] = true
		have += g.messages
	}
	return out
}

// given says whether a policy once gave somebody a generation that is older than his coming, and whether it was when he came last.
func (h *history) given(a models.AccountID, generation uint64) (ever, last bool) {
	for _, g := range h.gave[a] {
		last = g[generation]
		ever = ever || last
	}
	return ever, last
}

// over says whether a message's time is over.
func (h *history) over(seq uint64, now time.Time) bool {
	l := h.entries[seq-1]
	i := slices.IndexFunc(h.spoken, func(s spoken) bool { return s.seq == l.sealed })
	return i >= 0 && h.spoken[i].policy.MaxAge > 0 && !now.Before(l.at.Add(time.Duration(h.spoken[i].policy.MaxAge)*time.Second))
}

// span is a time in a room: from the entry that let somebody in to the one that put him out.
type span struct{ from, until uint64 }

const always = math.MaxUint64

func newHistory(id models.RoomID) *history {
	return &history{id: id, roles: map[models.AccountID]trust.RoomRole{}, owned: map[models.AccountID]bool{}, members: map[models.AccountID][]span{}, invited: map[models.AccountID]trust.RoomRole{},
		shut: map[models.AccountID]uint64{}, made: map[models.Hash]uint64{}, gave: map[models.AccountID][]map[uint64]bool{}, did: map[string]int{}}
}

// last is the Seq of the newest entry.
func (h *history) last() uint64 { return uint64(len(h.entries)) }

// in says whether somebody is in the room after its newest entry.
func (h *history) in(a models.AccountID) bool { return h.present(a, h.last()) }

// all says whether somebody was in the room all the time from one entry to another.
func (h *history) all(a models.AccountID, from, to uint64) bool {
	return slices.ContainsFunc(h.members[a], func(s span) bool { return s.from <= from && to < s.until })
}

// someOf says whether somebody was in the room at any time from one entry to another.
func (h *history) someOf(a models.AccountID, from, to uint64) bool {
	return slices.ContainsFunc(h.members[a], func(s span) bool { return s.from <= to && from < s.until })
}

// present says whether somebody was in the room when an entry came.
func (h *history) present(a models.AccountID, seq uint64) bool { return h.all(a, seq, seq) }

// shows says whether an entry may be shown to somebody, whether he can open it or not: to whoever is in the room or invited, and to whoever was until that
// entry or a later one.
func (h *history) shows(a models.AccountID, seq uint64) bool {
	out, was := h.shut[a]
	return h.in(a) || h.invited[a] != 0 || was && seq <= out
}

// here lists who is in the room, in the order of their ids.
func (h *history) here() []models.AccountID {
	return sorted(maps.Keys(h.members), h.in)
}

// read takes in what the log holds by now.
func (h *history) read(ctx context.Context, logs models.Logs) error {
	const chunk = 1000
	for {
		entries, err := logs.Entries(ctx, h.id, h.last(), chunk)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := h.add(e); err != nil {
				return fmt.Errorf("room %s, entry %d: %w", h.id.Short(), e.Seq, err)
			}
		}
		if len(entries) < chunk {
			return nil
		}
	}
}

func (h *history) add(e models.Entry) error {
	if e.Seq != h.last()+1 {
		return fmt.Errorf("after entry %d: %w", h.last(), models.ErrConflict)
	}
	l := line{kind: e.Kind, author: e.Author, id: e.Message, at: e.At}
	switch e.Kind {
	case models.EntryStatement:
		if err := h.change(e, &l); err != nil {
			return err
		}
	case models.EntryGeneration:
		g, err := generationOf(e.Body)
		if err != nil {
			return err
		}
		if l.dir = g.Dir; !h.in(e.Author) {
			h.grant(e, "made a generation")
		}
		h.newest = trust.GenerationID(e.Body)
		h.made[h.newest] = e.Seq
		h.spoken = append(h.spoken, spoken{seq: e.Seq, policy: h.policy})
	case models.EntryMessage, models.EntryExpired:
		g, err := sealedUnder(e)
		if err != nil {
			return err
		}
		l.kind = models.EntryMessage
		if !h.in(e.Author) {
			h.grant(e, "wrote")
		}
		if l.sealed = h.made[g]; l.sealed == 0 {
			return fmt.Errorf("generation %s: %w", g.Short(), models.ErrNotFound)
		}
		h.spoken[slices.IndexFunc(h.spoken, func(s spoken) bool { return s.seq == l.sealed })].messages++
	}
	h.entries = append(h.entries, l)
	return nil
}

// sealedUnder is the generation of a message, or of what is left of one.
func sealedUnder(e models.Entry) (models.Hash, error) {
	if e.Kind == models.EntryExpired {
		x, err := trust.ParseExpired(e.Body)
		return x.Generation, err
	}
	m, err := trust.ParseMessage(e.Body)
	return m.Generation, err
}

func (h *history) enter(a models.AccountID, seq uint64) {
	delete(h.invited, a)
	h.members[a] = append(h.members[a], span{seq, always})
	h.gave[a] = append(h.gave[a], h.reach())
}

func (h *history) leave(a models.AccountID, seq uint64) {
	delete(h.invited, a)
	delete(h.roles, a)
	h.shut[a] = seq
	if spans := h.members[a]; len(spans) > 0 && spans[len(spans)-1].until == always {
		spans[len(spans)-1].until = seq
	}
}

// owners lists who is an owner after the newest entry, in the order of their ids.
func (h *history) owners() []models.AccountID {
	return sorted(maps.Keys(h.roles), func(a models.AccountID) bool { return h.roles[a] == trust.RoleOwner })
}

// grant notes that an entry stands in the log which its author had no right to.
func (h *history) grant(e models.Entry, what string) {
	h.granted = append(h.granted, fmt.Sprintf("%s %s in %s", e.Author.Short(), what, h.place(e.Seq)))
}
