package client_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Somebody asks for keys before his joining was read here, where nobody could have given them: the joining brings the question up again, and not only
// the next one, a minute later.
func TestAskedAheadOfTheLog(t *testing.T) {
	for name, ask := range map[string]wire.BoxAsked{
		"for what was said": {Generations: []models.Hash{{9}}}, "to be welcomed": {Generations: []models.Hash{}, Waiting: true},
	} {
		t.Run(name, func(t *testing.T) {
			w, first, admin, ben := people(t)
			id, err := admin.CreateRoom(t.Context(), "Ahead")
			must(t, err)
			s := w.LogIn(first, ben)
			s.SetMending(time.Hour, time.Hour)
			ask.Room, ask.Account = id, ben.Account
			admin.SetMending(time.Hour, 0)
			admin.GiveRaw(ask)
			if admin.Kept() != 1 {
				t.Fatal("the question is forgotten")
			}
			must(t, admin.Invite(t.Context(), id, ben.Account))
			must(t, s.Join(t.Context(), id))
			if ask.Waiting {
				must(t, admin.WaitGeneration(t.Context(), id, 2))
				must(t, admin.Until(t.Context(), func() bool { return admin.KeptHeld() == 0 }))
			}
		})
	}
}

// deafStore does not keep questions for a while.
type deafStore struct {
	models.Store
	deaf  atomic.Int32 // so many of them
	asked chan struct{}
}

func (s *deafStore) PutAsk(ctx context.Context, a models.Ask) error {
	if s.deaf.Add(-1) >= 0 {
		s.asked <- struct{}{}
		return errors.New("the disk is full")
	}
	return s.Store.PutAsk(ctx, a)
}

// The server could not keep the first question: it is asked again, though nothing else happens in the room.
func TestAskedAgainAfterAFailure(t *testing.T) {
	store := &deafStore{asked: make(chan struct{}, 8)}
	w, first, admin, ben := people(t, func(o *server.Options) {
		store.Store = o.Store
		o.Store = store
	})
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Deaf")
	must(t, err)
	must(t, admin.SetRules(ctx, id, policy(trust.HistoryAll, 0)))
	says(t, admin, id, "one")
	must(t, admin.Invite(ctx, id, ben.Account))
	must(t, admin.LogOut(ctx))
	s := w.LogIn(first, ben)
	s.SetMending(10*time.Millisecond, time.Hour)
	store.deaf.Store(2)
	must(t, s.Join(ctx, id))
	<-store.asked
	must(t, s.WaitAsked(ctx, id))
}
