package client

import (
	"context"

	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/models"
)

// readLate reads a room's log again when something has come that entries of it waited for.
func (s *Session) readLate(r *room) error {
	if !s.isLate(r) {
		return nil
	}
	return s.reread(s.ctx, r, false)
}

// fetchAgain reads a room's log again, when it is due, since the server may have handed out another copy of an entry than it has.
func (s *Session) fetchAgain(r *room) error {
	s.mu.Lock()
	due := r.mending.fetch
	r.mending.fetch = false
	s.mu.Unlock()
	if !due {
		return nil
	}
	return s.reread(s.ctx, r, true)
}

func (s *Session) isLate(r *room) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[r.keys.ID()] == r && r.keys.Late()
}

// reread reads a room's log again with the keys that have come since, beside the reading that goes on. What turns out otherwise than it was shown comes as an
// update that says Again.
func (s *Session) reread(ctx context.Context, r *room, strict bool) error {
	s.mu.Lock()
	again := &rereading{keys: r.keys.Again(), odd: map[uint64]oddity{}, strict: strict}
	id := r.keys.ID()
	s.mu.Unlock()
	for {
		var page wire.LogReadReply
		if err := s.call(ctx, wire.TypeLogRead, wire.LogRead{Room: id, After: again.keys.Next() - 1}, &page); err != nil {
			return err
		}
		for _, w := range page.Entries {
			if done, err := s.rereadEntry(r, again, entryOf(w)); done || err != nil {
				return err
			}
		}
		if len(page.Entries) == 0 {
			return e2e.ErrOrder // the server has less now than it had
		}
	}
}

// rereading is a room's log on its way to where the room is.
type rereading struct {
	keys   *e2e.Room
	odd    map[uint64]oddity
	strict bool // nothing is new but the server's word: it adds to what was read, and takes nothing away
	title  string
	found  []Update
}

// rereadEntry applies one entry again, and puts the reading in the room's place when it has come as far.
func (s *Session) rereadEntry(r *room, again *rereading, e models.Entry) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[e.Room] != r {
		return true, errLeft
	}
	ev, err := again.keys.ApplyAgain(e, r.keys)
	if err != nil {
		return true, err
	}
	o, was := oddityOf(ev), r.mending.odd[e.Seq]
	if o != (oddity{}) {
		again.odd[e.Seq] = o
	}
	if (o != was || !r.keys.Same(e)) && o.cause != e2e.CauseExpired {
		again.found = append(again.found, Update{Room: e.Room, Event: &ev, Again: true, Was: was.cause})
	}
	if ev.Kind == e2e.EventMessage && ev.Message.Kind == e2e.KindTitle {
		again.title = string(ev.Message.Content)
	}
	if again.keys.Next() < r.keys.Next() {
		return false, nil
	}
	if again.strict && !again.keys.Keeps(r.keys) {
		return true, e2e.ErrFork
	}
	again.keys.Succeed(r.keys)
	r.keys, r.mending.odd = again.keys, again.odd
	if again.title != "" {
		r.title = again.title
	}
	r.mending.due = r.mending.due || r.keys.Late() || len(r.keys.Lacks(0)) > 0
	s.updates = append(s.updates, again.found...)
	s.changed.Broadcast()
	return true, nil
}
