package client_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/wire"
	"visavis/models"
)

// A member answers every generation with one that nobody else can open, to keep the others from sending.
func TestJunkGenerations(t *testing.T) {
	w, first, admin, mal := people(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m := w.LogIn(first, mal)
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, admin, m, id)
	_, err = admin.Send(ctx, id, "before")
	must(t, err)
	var junk sync.WaitGroup
	var end error
	made := 0
	junk.Go(func() {
		for end == nil {
			if err := m.JunkGeneration(ctx, id); errors.Is(err, wire.Refuse(wire.CodeConflict)) {
				continue // somebody was faster
			} else if end = err; err == nil {
				made++
			}
		}
	})
	for i := range 40 {
		if _, err := admin.Send(ctx, id, fmt.Sprint(i)); err != nil {
			t.Errorf("line %d: %v", i, err)
		}
	}
	junk.Wait()
	refused(t, end, wire.CodeWait)
	if made > 60 {
		t.Errorf("%d generations in an hour that stands still", made)
	}
	_, err = admin.Send(ctx, id, "after")
	must(t, err)
}

// The limit is each account's own and each room's, and it passes.
func TestGenerationsAreBounded(t *testing.T) {
	w, first, admin, mal := people(t)
	ctx := t.Context()
	m := w.LogIn(first, mal)
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, admin, m, id)
	must(t, m.RenewGeneration(ctx, id)) // the room needs this one, since he joined
	for range 12 {
		must(t, m.RenewGeneration(ctx, id))
	}
	err = m.RenewGeneration(ctx, id)
	refused(t, err, wire.CodeWait)
	var wait *wire.Error
	if errors.As(err, &wait); wait.Seconds != 3600 {
		t.Errorf("wait %d seconds of an hour that stands still", wait.Seconds)
	}
	must(t, admin.RenewGeneration(ctx, id))
	for range 12 - 1 {
		must(t, admin.RenewGeneration(ctx, id))
	}
	refused(t, admin.RenewGeneration(ctx, id), wire.CodeWait)
	must(t, admin.Remove(ctx, id, m.Account()))
	_, err = admin.Send(ctx, id, "without him") // what a change asks for is never refused
	must(t, err)
	must(t, admin.Invite(ctx, id, m.Account()))
	must(t, m.Join(ctx, id))
	other, err := m.CreateRoom(ctx, "Mine")
	must(t, err)
	must(t, m.RenewGeneration(ctx, other))
	w.Clock.Move(time.Hour)
	must(t, m.RenewGeneration(ctx, id))
}

// A member invites and removes without end, which makes everybody else seal anew each time.
func TestRosterChangesAreBounded(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	cleo := w.SignUp(first, "cleo", 3)
	w.Approve(admin, cleo)
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, admin, s, id) // the first invitation; a join does not count
	for range 9 {
		must(t, admin.Invite(ctx, id, cleo.Account))
		must(t, admin.Remove(ctx, id, cleo.Account)) // never counted: who is put out was let in
	}
	refused(t, admin.Invite(ctx, id, cleo.Account), wire.CodeWait)
	must(t, s.Enter(ctx, id))
	must(t, s.Invite(ctx, id, cleo.Account)) // who has changed nothing yet
	late := w.LogIn(first, cleo)
	must(t, late.Join(ctx, id))
	must(t, late.Leave(ctx, id))
	must(t, s.Enter(ctx, id))
	must(t, s.Invite(ctx, id, cleo.Account))
	must(t, admin.Enter(ctx, id)) // reads on to that invitation
	must(t, admin.Remove(ctx, id, cleo.Account))
	w.Clock.Move(time.Hour)
	must(t, admin.Invite(ctx, id, cleo.Account))
}

// Somebody makes rooms without end and asks people into them.
func TestRoomsAreBounded(t *testing.T) {
	w := chattest.New(t, nil)
	first, ada := w.Found("ada", 1)
	admin, mal := w.LogIn(first, ada), w.SignUp(first, "mal", 2)
	w.Approve(admin, mal)
	ctx := t.Context()
	m := w.LogIn(first, mal)
	for range 100 {
		must(t, m.RoomWith(admin.Account()))
	}
	refused(t, m.RoomWith(admin.Account()), wire.CodeWait)
	var more []models.Entry // of the nine days after
	for range 900 {
		es, err := m.RoomEntries(admin.Account())
		must(t, err)
		more = append(more, es...)
	}
	m.Close()
	admin.Close()
	w.Stop()
	_, err := w.Store.Append(ctx, more)
	must(t, err)
	w.Start(nil)
	m, admin = w.LogIn(first, mal), w.LogIn(first, ada)
	refused(t, m.RoomWith(admin.Account()), wire.CodeFull) // he is in a thousand
	_, err = m.CreateRoom(ctx, "One more")
	refused(t, err, wire.CodeFull)
	_, err = admin.CreateRoom(ctx, "Mine") // invitations are not memberships
	must(t, err)
	rooms, err := admin.Rooms(ctx)
	must(t, err)
	if len(rooms) != 1001 {
		t.Fatalf("the victim's list has %d rooms", len(rooms))
	}
	seen := map[models.RoomID]bool{}
	for _, r := range rooms {
		seen[r.ID] = true
	}
	if len(seen) != len(rooms) {
		t.Fatalf("%d of %d rooms are listed once", len(seen), len(rooms))
	}
}
