package kiosk

import (
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// An admin's deed of more than a minute after the log-in asks for the password, goes on with it, and is lost with Esc alone.
func TestADeedAsksWhoIsThere(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.Desks})
	asks := func(s flow.State) bool { return s.Proof.Wanted && !s.Proof.Busy }
	later := func() { w.Clock.Move(2 * time.Minute) }

	later()
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("the dialog", asks)
	given := flow.Password("a wrong password")
	d.k.Post(flow.ProofGiven{Password: given})
	s := d.until("it was wrong", func(s flow.State) bool { return s.Proof.Problem.Kind == flow.WrongProof })
	if s.Doing.Verb != flow.InviteDesk || s.Panel != flow.Desks || !s.Secret.IsZero() {
		t.Fatalf("%+v", s)
	}
	for _, b := range given {
		if b != 0 {
			t.Fatal("the password was not wiped")
		}
	}
	d.k.Post(flow.ProofGiven{Password: password("ada")})
	d.until("the invite", func(s flow.State) bool { return !s.Secret.IsZero() && s.Busy == flow.Idle && s.Proof == flow.Proof{} })
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("another, unasked", func(x flow.State) bool { return x.Busy == flow.Idle && x.Secret != s.Secret })

	later()
	d.do(flow.Action{Verb: flow.InviteDesk})
	d.until("the dialog again", asks)
	d.k.Post(flow.ProofLeft{})
	s = d.until("it is left", func(s flow.State) bool { return s.Busy == flow.Idle })
	if s.Doing != (flow.Action{}) || s.Page != flow.Inside || !s.Problem.IsZero() {
		t.Fatalf("%+v", s)
	}
	given = password("ada")
	d.k.Post(flow.ProofGiven{Password: given}) // nobody asks any more
	d.settle()
	for _, b := range given {
		if b != 0 {
			t.Fatal("a password that nobody took was not wiped")
		}
	}
}
