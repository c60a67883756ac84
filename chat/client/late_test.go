package client_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/models"
)

// held is a store that keeps one question for boxes, once it is armed, and all that its connection asks behind it.
type held struct {
	models.Store
	armed       atomic.Bool
	asked, free chan struct{}
}

func (s *held) BoxFor(ctx context.Context, room models.RoomID, generation models.Hash, account models.AccountID) ([]models.Box, error) {
	if s.armed.CompareAndSwap(true, false) {
		close(s.asked)
		<-s.free
	}
	return s.Store.BoxFor(ctx, room, generation, account)
}

// Somebody writes at one desk what the log takes only when his keys, at another, are others, and nobody would take it for his any more. It is not acknowledged like
// that: the server refuses it, and it is sealed anew and read by everybody.
func TestLateUnderOtherKeys(t *testing.T) {
	for name, meanwhile := range map[string]func(*testing.T, *chattest.World, *client.Session, *client.Session, models.RoomID){
		"he left, and joined with them": func(t *testing.T, _ *chattest.World, admin, other *client.Session, room models.RoomID) {
			must(t, other.Leave(t.Context(), room))
			before := identity(other, other.Account())
			must(t, other.ChangeKeys(t.Context()))
			waitKeys(t, other, other.Account(), before)
			member(t, admin, other, room)
		},
		"a desk was revoked before": func(t *testing.T, w *chattest.World, admin, other *client.Session, room models.RoomID) {
			must(t, admin.RevokeDesk(t.Context(), w.Desk(admin, "third").ID()))
			before := identity(other, other.Account())
			must(t, other.ChangeKeys(t.Context()))
			list, err := admin.WaitingKeys(t.Context())
			must(t, err)
			must(t, admin.ApproveKeys(t.Context(), list[0], string(other.Keys().Fingerprint)))
			waitKeys(t, other, other.Account(), before)
			says(t, admin, room, "on")
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := &held{asked: make(chan struct{}), free: make(chan struct{})}
			w, _, admin, ben, at, room := talking(t, func(o *server.Options) { store.Store, o.Store = o.Store, store })
			second := w.Desk(admin, "second")
			says(t, at, room, "one")
			old := sealedUnder(t, entryAt(t, w, room, lastSeq(t, w, room)))
			store.armed.Store(true)
			must(t, admin.RenewGeneration(t.Context(), room))
			<-store.asked // from here on this desk reads nothing of the room
			other := w.LogIn(second, ben)
			must(t, other.Enter(t.Context(), room))
			meanwhile(t, w, admin, other, room)

			late, err := at.NewMessageID()
			must(t, err)
			sent, before := make(chan error, 1), at.Connection().LastID()
			go func() {
				err := client.ErrRoom
				for errors.Is(err, client.ErrRoom) { // it hears that he is out, and in again
					err = at.SendAs(context.WithoutCancel(t.Context()), room, late, "late")
				}
				sent <- err
			}()
			for at.Connection().LastID() == before {
				runtime.Gosched()
			}
			close(store.free)
			must(t, <-sent)
			if stored := entryAt(t, w, room, lastSeq(t, w, room)); sealedUnder(t, stored) == old {
				t.Fatal("it was acknowledged as it was")
			}
			for readText(t, other, room) != "late" {
			}
			if got := readTexts(t, admin, "late"); got["late"] != 1 {
				t.Errorf("it came %d times", got["late"])
			}
		})
	}
}
