package client_test

import (
	"context"
	"testing"

	"visavis/chat/chattest"
)

// Somebody leaves a room while others talk in it: what is on its way then has no keys any more, and the session goes on.
func TestLeaveWhileOthersTalk(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := context.Background()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Market")
	must(t, err)
	cleo := w.SignUp(first, "cleo", chattest.Face(78))
	w.Approve(admin, cleo)
	other := w.LogIn(first, cleo)
	member(t, admin, other, id)
	for range 5 {
		member(t, admin, s, id)
		talked := make(chan error)
		go func() {
			var err error
			for i := 0; i < 20 && err == nil; i++ {
				_, err = other.Send(ctx, id, "apples, pears")
			}
			talked <- err
		}()
		must(t, s.Leave(ctx, id))
		must(t, <-talked)
		if _, err := s.Rooms(ctx); err != nil {
			t.Fatalf("the session ended with the room: %v", err)
		}
	}
}
