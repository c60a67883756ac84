package client_test

import (
	"context"
	"testing"
	"time"

	"visavis/chat/chattest"
)

// The cable is pulled while the organisation's first statements are on their way: desk and server must not disagree for ever.
func TestFoundingIsFinishedOverAnotherConnection(t *testing.T) {
	w := chattest.New(t, nil)
	d := w.Enrol(w.Invite(), "first")
	c := w.Connect(d)
	cut, cancel := context.WithCancel(t.Context())
	cancel() // as if it were cut before the statements left
	f, err := d.Found(cut, c, "Test")
	if err == nil || f == nil {
		t.Fatalf("founder %v, error %v: want both", f, err)
	}
	defer f.Wipe()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	// Few at once: of an unlisted desk a server bears four connections, and one that was closed counts until it has noticed.
	for range 2 { // the second time its answer was lost
		c := w.Connect(d)
		if err := f.Publish(t.Context(), c); err != nil {
			t.Fatalf("publish: %v", err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.Connect(d).Hello().Org; got != d.Org() {
		t.Fatalf("the server has organisation %s, the desk %s", got.Short(), d.Org().Short())
	}
	admin := w.SignUp(d, "ada", 1)
	if err := f.Admit(t.Context(), w.Connect(d), admin.Bundle); err != nil {
		t.Fatal(err)
	}
	w.LogIn(d, admin)
}

// The cable is pulled while the first admin is admitted, before the statements leave or before the answer comes: trying again helps, and
// nobody is made an admin twice.
func TestAdmittingIsTriedAgain(t *testing.T) {
	w := chattest.New(t, nil)
	d := w.Enrol(w.Invite(), "first")
	f, err := d.Found(t.Context(), w.Connect(d), "Test")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Wipe()
	admin := w.SignUp(d, "ada", 1)
	c := w.Connect(d)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Admit(t.Context(), c, admin.Bundle); err == nil {
		t.Fatal("admitted over a connection that has ended")
	}
	if err := f.Admit(t.Context(), w.Connect(d), admin.Bundle); err != nil {
		t.Fatalf("the second try: %v", err)
	}
	w.Clock.Move(time.Minute)
	if err := f.Admit(t.Context(), w.Connect(d), admin.Bundle); err == nil {
		t.Error("admitted twice")
	}
	w.LogIn(d, admin)
}
