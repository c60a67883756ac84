package client_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// readText reads updates until a text comes.
func readText(t *testing.T, s *client.Session, id models.RoomID) string {
	t.Helper()
	for {
		u, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if u.Room != id || u.Event == nil {
			continue
		}
		if u.Event.Kind == e2e.EventRefused && u.Event.Cause != e2e.CauseNoKey { // before he was a member
			t.Fatalf("entry %d: %v", u.Event.Seq, u.Event.Cause)
		}
		if u.Event.Kind == e2e.EventMessage && u.Event.Message.Kind == e2e.KindText {
			return string(u.Event.Message.Content)
		}
	}
}

func must(t testing.TB, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

// TestStory is the whole path: found, sign up, approve, log in, talk both ways, a second desk, leave.
func TestStory(t *testing.T) {
	w := chattest.New(t, nil)
	ctx := context.Background()
	first, ada := w.Found("ada", 1)
	admin := w.LogIn(first, ada)
	ben := w.SignUp(first, "ben", 2)
	w.Approve(admin, ben)
	second := w.Desk(admin, "second")

	at := w.LogIn(second, ben)
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	must(t, admin.Invite(ctx, id, ben.Account))
	must(t, at.Join(ctx, id))
	if _, err := admin.Send(ctx, id, "hello ben"); err != nil {
		t.Fatal(err)
	}
	if got := readText(t, at, id); got != "hello ben" {
		t.Fatalf("ben read %q", got)
	}
	if _, err := at.Send(ctx, id, "hello ada"); err != nil {
		t.Fatal(err)
	}
	if got := readText(t, admin, id); got != "hello ben" {
		t.Fatalf("ada read %q", got)
	}
	if got := readText(t, admin, id); got != "hello ada" {
		t.Fatalf("ada read %q", got)
	}
	must(t, at.LogOut(ctx))

	// Again, at the other desk: what was said since he joined is there.
	again := w.LogIn(first, ben)
	must(t, again.Enter(ctx, id))
	if got := readText(t, again, id); got != "hello ben" {
		t.Fatalf("ben read %q at the other desk", got)
	}
	must(t, again.Leave(ctx, id))
	if _, err := again.Send(ctx, id, "still here?"); err == nil {
		t.Fatal("sent into a room that was left")
	}
}
