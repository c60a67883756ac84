package client

import (
	"context"
	"io"
	"maps"
	"slices"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// mostProofs bounds what is kept of a room against those who sign two messages under one number.
const mostProofs = 16

// noteTwin marks a message for which there is another one.
func (m *mending) noteTwin(ev e2e.Event) {
	if ev.Twin == 0 || len(m.twins) >= mostProofs {
		return
	}
	if m.twins == nil {
		m.twins, m.proofs = map[uint64]uint64{}, map[uint64][]byte{}
	}
	m.twins[ev.Seq], m.due = ev.Twin, true
}

// keepProofs makes proof of what was marked, out of the room's log. What is no proof, since the log has lost one of the two, is not looked at again.
func (s *Session) keepProofs(r *room) error {
	s.mu.Lock()
	id, todo := r.keys.ID(), maps.Clone(r.mending.twins)
	maps.DeleteFunc(todo, func(seq, _ uint64) bool { _, done := r.mending.proofs[seq]; return done })
	s.mu.Unlock()
	for seq, twin := range todo {
		second, err := s.entryAt(s.ctx, id, seq)
		if err != nil {
			return err
		}
		first, err := s.entryAt(s.ctx, id, twin)
		if err != nil {
			return err
		}
		s.mu.Lock()
		if s.rooms[id] == r {
			proof, _ := r.keys.Twice(first, second)
			r.mending.proofs[seq] = proof
			s.changed.Broadcast()
		}
		s.mu.Unlock()
	}
	return nil
}

// entryAt reads one entry of a room's log.
func (s *Session) entryAt(ctx context.Context, id models.RoomID, seq uint64) (models.Entry, error) {
	var page wire.LogReadReply
	if err := s.call(ctx, wire.TypeLogRead, wire.LogRead{Room: id, After: seq - 1}, &page); err != nil {
		return models.Entry{}, err
	}
	if len(page.Entries) == 0 || page.Entries[0].Room != id || page.Entries[0].Seq != seq {
		return models.Entry{}, e2e.ErrOrder
	}
	return entryOf(page.Entries[0]), nil
}

// Proofs are those of an open room against members who signed two messages under one number, in the order of the log: e2e.OpenTwice checks them by the
// directory alone. Each holds two messages in clear: whoever is given it reads them. They are made a moment after the second message was refused, 16 of a
// room at most, and go with the session.
func (s *Session) Proofs(id models.RoomID) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		return nil
	}
	var all [][]byte
	for _, seq := range slices.Sorted(maps.Keys(r.mending.proofs)) {
		if proof := r.mending.proofs[seq]; proof != nil {
			all = append(all, slices.Clone(proof))
		}
	}
	return all
}

// ReadDirectory reads the directory of the desk's organisation as a text, away from the server: one that shows less than the desk has seen, or something
// else, is ErrOldDirectory.
func (d *Desk) ReadDirectory(r io.Reader) (*trust.Directory, error) {
	seen, head := d.pinned()
	dir, err := trust.ReadDirectory(r, d.org)
	if err == nil && !goesOn(dir, seen, head) {
		err = ErrOldDirectory
	}
	if err != nil {
		return nil, err
	}
	return dir, nil
}

// wipeProofs overwrites what was said in the room's proofs.
func (m *mending) wipeProofs() {
	for _, proof := range m.proofs {
		clear(proof)
	}
	m.twins, m.proofs = nil, nil
}
