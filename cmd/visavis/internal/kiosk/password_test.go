package kiosk

import (
	"testing"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// The password is changed, with the keys, since it may be known: the old one is typed wrong first, and nothing of either stays.
func TestPasswordAndKeysChange(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.MyKeys})
	d.until("the own keys", func(s flow.State) bool { return !s.Keys.Since.IsZero() })
	ask := func(old string) [2]flow.Password {
		p := [2]flow.Password{flow.Password(old), flow.Password("another umbrella 7 quartz lantern")}
		d.k.Post(flow.PasswordAsked{Old: p[0], New: p[1], Known: true})
		return p
	}
	wiped := func(ps [2]flow.Password) {
		t.Helper()
		for _, p := range ps {
			for _, b := range p {
				if b != 0 {
					t.Fatal("a password was not wiped")
				}
			}
		}
	}
	p := ask("a wrong password")
	d.until("it was wrong", func(s flow.State) bool { return s.Busy == flow.Idle && s.Problem.Kind == flow.WrongProof })
	wiped(p)
	p = ask(string(password("ada")))
	d.until("it is changed", func(s flow.State) bool { return s.Busy == flow.Idle && s.Note == flow.NoteKnownPassword })
	wiped(p)
	// The only admin signs the own keys.
	d.until("the keys are listed", func(s flow.State) bool { return !s.Keys.Asked })
	d.k.Post(flow.LogOutAsked{})
	d.until("logged out", on(flow.LogIn))
	p = ask("nobody takes it")
	d.settle()
	wiped(p)
}
