package client_test

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
)

// Two people open a room with each other, again and again, at two desks: it is one room.
func TestDirectIsFoundAgain(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.Direct(ctx, ben.Account)
	must(t, err)
	same := func(who *client.Session, peer models.AccountID) {
		t.Helper()
		again, err := who.Direct(ctx, peer)
		must(t, err)
		if other, ok := who.Peer(id); again != id || !ok || other != peer {
			t.Fatalf("room %s, not %s; with %s", again.Short(), id.Short(), other.Short())
		}
	}
	same(admin, ben.Account)
	same(s, admin.Account())
	_, err = s.Send(ctx, id, "between us")
	must(t, err)
	same(w.LogIn(first, ben), admin.Account())

	// Who left is asked in again by the other, and comes back.
	must(t, s.Leave(ctx, id))
	same(admin, ben.Account)
	same(s, admin.Account())
	members, err := s.Members(id)
	must(t, err)
	if len(members) != 2 {
		t.Errorf("%d members", len(members))
	}

	_, err = s.Direct(ctx, ben.Account)
	if !errors.Is(err, client.ErrNoPeer) {
		t.Errorf("with himself: %v", err)
	}
	_, err = s.Direct(ctx, models.AccountID{9})
	if !errors.Is(err, client.ErrNoPeer) {
		t.Errorf("with nobody: %v", err)
	}
}

// Both open it at the same moment, each twice.
func TestDirectAtTheSameMoment(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	var wg sync.WaitGroup
	ids := make([]models.RoomID, 4)
	for i := range ids {
		who, peer := s, admin.Account()
		if i%2 == 0 {
			who, peer = admin, ben.Account
		}
		wg.Go(func() {
			var err error
			if ids[i], err = who.Direct(t.Context(), peer); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("rooms %v", ids)
		}
	}
	rooms, err := w.Store.Rooms(t.Context())
	must(t, err)
	if len(rooms) != 1 {
		t.Errorf("%d rooms were made", len(rooms))
	}
}

// A desk makes a second room of the same two past the question, and a desk of before asks for what it does not know.
func TestDirectIsMadeOnce(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	_, err := admin.Direct(ctx, ben.Account)
	must(t, err)
	for _, who := range []*client.Session{admin, w.LogIn(first, ben)} {
		peer := ben.Account
		if who != admin {
			peer = admin.Account()
		}
		e, err := who.NewDirectRaw(peer)
		must(t, err)
		_, err = who.AppendRaw(e)
		refused(t, err, wire.CodeExists)
	}
}

// An invitation to a room of two says who asks, by the statement that made the room; one to another room says nobody, and a server that has changed
// the statement makes nobody up.
func TestWhoAsksIntoARoom(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	direct, err := admin.Direct(ctx, ben.Account)
	must(t, err)
	other, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	must(t, admin.Invite(ctx, other, ben.Account))
	s := w.LogIn(first, ben)
	if who, ok, err := s.Asker(ctx, direct); err != nil || !ok || who != admin.Account() {
		t.Errorf("a room of two: %v, %v, %v", who, ok, err)
	}
	if who, ok, err := s.Asker(ctx, other); err != nil || ok || !who.IsZero() {
		t.Errorf("another room: %v, %v, %v", who, ok, err)
	}
	for name, lie := range map[string]func(*models.Entry){
		"another's room":         func(e *models.Entry) { e.Author = ben.Account },
		"a bit of the statement": func(e *models.Entry) { e.Body[len(e.Body)-1] ^= 1 },
	} {
		h.lies.Store(&lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
			if room != direct || len(es) == 0 {
				return es
			}
			es = slices.Clone(es)
			es[0].Body = bytes.Clone(es[0].Body)
			lie(&es[0])
			return es
		}})
		if who, ok, err := s.Asker(ctx, direct); err == nil || ok || !who.IsZero() {
			t.Errorf("%s: %v, %v, %v", name, who, ok, err)
		}
	}
	h.lies.Store(nil)
	stranger := w.SignUp(first, "cleo", 3)
	w.Approve(admin, stranger)
	if _, _, err := w.LogIn(first, stranger).Asker(ctx, direct); err == nil {
		t.Error("a stranger to the room reads who made it")
	}
}
