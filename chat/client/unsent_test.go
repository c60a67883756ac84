package client_test

import (
	"context"
	"sync/atomic"
	"testing"

	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// full is a store whose disk is full while it is armed.
type full struct {
	models.Store
	armed atomic.Bool
}

func (s *full) Append(ctx context.Context, es []models.Entry) ([]models.Appended, error) {
	if s.armed.Load() {
		return nil, models.ErrFull
	}
	return s.Store.Append(ctx, es)
}

// A message could not be stored, and its author was put out and came back before it went again: it is sealed anew, under a generation of those who
// are in the room now, and leaves no gap.
func TestUnsentFromBeforeOneWasOut(t *testing.T) {
	var store *full
	w, first, admin, ben := people(t, func(o *server.Options) {
		store = &full{Store: o.Store}
		o.Store = store
	})
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Full")
	must(t, err)
	member(t, admin, s, id)
	says(t, admin, id, "one")
	says(t, s, id, "two")
	lost, err := s.NewMessageID()
	must(t, err)
	store.armed.Store(true)
	refused(t, s.SendAs(ctx, id, lost, "lost"), wire.CodeNotDurable)
	store.armed.Store(false)
	must(t, admin.Remove(ctx, id, ben.Account))
	says(t, admin, id, "he is out")
	member(t, admin, s, id)

	r := reads(t, admin, id)
	says(t, s, id, "back")
	must(t, s.SendAs(ctx, id, lost, "lost"))
	r.until("one", "two", "he is out", "back", "lost")
	for seq, warn := range r.warn {
		t.Errorf("entry %d: %v", seq, warn)
	}
	old := entryAt(t, w, id, lastSeq(t, w, id))
	if g := generationOf(t, w, id); g == sealedUnder(t, old) {
		t.Error("it was sent under the generation of before")
	}
}

func sealedUnder(t *testing.T, e models.Entry) models.Hash {
	t.Helper()
	m, err := trust.ParseMessage(e.Body)
	must(t, err)
	return m.Generation
}
