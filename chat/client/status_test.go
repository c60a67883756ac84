package client_test

import (
	"testing"
	"time"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
)

// A desk learns what became of a sign-up that was made at it. Nobody else learns anything: not that there is such an account, not its fate.
func TestSignupStatus(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	here, there := w.Connect(first), w.Connect(second)
	dora, eve := w.SignUp(first, "dora", 3), w.SignUp(first, "eve", 4)
	want := func(name string, c *client.Conn, up client.SignedUp, want client.Status) {
		t.Helper()
		if got, err := first.SignupStatus(t.Context(), c, up); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", name, got, err, want)
		}
	}
	want("waits", here, dora.SignedUp, client.StatusWaiting)
	want("was admitted", here, ben.SignedUp, client.StatusAdmitted)
	other := dora.SignedUp
	other.Bundle = eve.Bundle
	guessed, unknown := dora.SignedUp, dora.SignedUp
	guessed.Bundle = nil
	unknown.Account = models.AccountID{9}
	for name, ask := range map[string]struct {
		c  *client.Conn
		up client.SignedUp
	}{
		"another desk asks":                  {there, dora.SignedUp},
		"another desk asks for one admitted": {there, ben.SignedUp},
		"by another's bundle":                {here, other},
		"without its bundle":                 {here, guessed},
		"nobody's account":                   {here, unknown},
		"nothing":                            {here, client.SignedUp{}},
	} {
		want(name, ask.c, ask.up, client.StatusGone)
	}
	w.Approve(admin, dora)
	must(t, admin.Reject(t.Context(), eve.Account))
	want("approved", here, dora.SignedUp, client.StatusAdmitted)
	want("rejected", here, eve.SignedUp, client.StatusGone)
	must(t, admin.RevokeAccount(t.Context(), dora.Account))
	want("revoked", here, dora.SignedUp, client.StatusGone)

	_, err := first.SignupStatus(t.Context(), admin.Connection(), ben.SignedUp)
	refused(t, err, wire.CodeNotAllowed) // somebody is logged in there
}

// A desk that asks without end is told to wait, and only that desk.
func TestSignupStatusIsRationed(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	c := w.Connect(first)
	var err error
	for range 2401 {
		if _, err = first.SignupStatus(t.Context(), c, ben.SignedUp); err != nil {
			break
		}
	}
	refused(t, err, wire.CodeWait)
	_, err = second.SignupStatus(t.Context(), w.Connect(second), ben.SignedUp)
	must(t, err)
	w.Clock.Move(time.Hour)
	_, err = first.SignupStatus(t.Context(), c, ben.SignedUp)
	must(t, err)
}
