package server_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want wire.Code) {
	t.Helper()
	if !errors.Is(err, wire.Refuse(want)) {
		t.Fatalf("got %v, want code %d", err, want)
	}
}

func readText(t *testing.T, s *client.Session, id models.RoomID) string {
	t.Helper()
	for {
		u, err := s.Next(context.Background())
		must(t, err)
		if u.Room == id && u.Event != nil && u.Event.Kind == e2e.EventMessage && u.Event.Message.Kind == e2e.KindText {
			return string(u.Event.Message.Content)
		}
	}
}

// world is one with an admin, ben, and a room that both are in.
func world(t *testing.T, tap chattest.Tap, settings ...chattest.Settings) (w *chattest.World, d *client.Desk, admin *client.Session, ben *chattest.Person, room models.RoomID) {
	t.Helper()
	w = chattest.New(t, tap, settings...)
	d, ada := w.Found("ada", 1)
	admin = w.LogIn(d, ada)
	ben = w.SignUp(d, "ben", 2)
	w.Approve(admin, ben)
	room, err := admin.CreateRoom(t.Context(), "The secret kitchen")
	must(t, err)
	s := w.LogIn(d, ben)
	must(t, admin.Invite(t.Context(), room, ben.Account))
	must(t, s.Join(t.Context(), room))
	s.Close()
	return w, d, admin, ben, room
}

// A bug in a handler.
func TestPanicEndsOneConnection(t *testing.T) {
	var armed atomic.Bool
	w, d, admin, _, room := world(t, func(s *server.Server) { s.SetPanic(wire.TypeSignupChallenge, &armed) })
	armed.Store(true)
	for range 3 {
		c := w.Connect(d)
		err := c.Call(t.Context(), wire.TypeSignupChallenge, wire.SignupChallenge{}, new(wire.ChallengeReply))
		refused(t, err, wire.CodeInternal)
		<-c.Done()
	}
	_, err := admin.Send(t.Context(), room, "still here")
	must(t, err)
	if got := readText(t, admin, room); got != "still here" {
		t.Fatalf("read %q", got)
	}
	if !strings.Contains(w.Log.String(), "injected") {
		t.Error("the panic is not in the log")
	}
}

// tapPanic is a connection whose writer meets a bug below it.
type tapPanic struct {
	server.SecureConn
	armed *atomic.Bool
}

func (c tapPanic) Write(b []byte) (int, error) {
	if c.armed.CompareAndSwap(true, false) {
		panic("injected below")
	}
	return c.SecureConn.Write(b)
}

// The same on the writer's goroutine.
func TestPanicInTheWriter(t *testing.T) {
	var armed atomic.Bool
	w, d, admin, _, _ := world(t, func(s *server.Server) {
		s.SetSecure(func(c server.SecureConn) server.SecureConn { return tapPanic{c, &armed} })
	})
	c := w.Connect(d)
	armed.Store(true)
	_ = c.Call(t.Context(), wire.TypeSignupChallenge, wire.SignupChallenge{}, new(wire.ChallengeReply))
	<-c.Done()
	_, err := admin.Rooms(t.Context())
	must(t, err)
}
