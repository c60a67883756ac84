package client_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// reEnrol gives an account keys that the ones before did not sign, by an admin who means harm or was fooled.
func reEnrol(t *testing.T, w *chattest.World, d *client.Desk, admin *client.Session, p *chattest.Person) {
	t.Helper()
	keys, err := e2e.NewKeys(rand.Reader)
	must(t, err)
	signing, boxes := keys.Public()
	bundle, err := trust.NewBundle(trust.Bundle{Org: d.Org(), Account: p.Account, Name: p.Name, Signing: signing, Boxes: boxes,
		Consent: client.ConsentHash(chattest.Consent), Desk: d.ID(), Time: w.Clock.Now()}, keys.Signing(), d.Device())
	must(t, err)
	must(t, admin.ReEnrol(t.Context(), bundle))
}

// Somebody's keys are replaced behind everybody's back. Nothing that is typed afterwards leaves the desk, on whatever way it is sent, until its person has
// said so; and then it does, at another desk too.
func TestChangedIdentityIsAskedAbout(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	cleo := w.SignUp(first, "cleo", 3)
	w.Approve(admin, cleo)
	second := w.Desk(admin, "second")
	s := w.LogIn(first, cleo)
	id, err := s.CreateRoom(ctx, "Kitchen")
	must(t, err)
	guest := w.LogIn(second, ben)
	member(t, s, guest, id)
	_, err = s.Send(ctx, id, "hello")
	must(t, err)
	number, err := s.SafetyNumber(ben.Account)
	must(t, err)
	if other, err := guest.SafetyNumber(cleo.Account); err != nil || other != number {
		t.Fatalf("%s here, %s there: %v", number, other, err)
	}
	must(t, s.AcceptIdentity(ctx, ben.Account, s.Knows(ben.Account).Identity.Hash, true))
	must(t, guest.LogOut(ctx))

	reEnrol(t, w, first, admin, ben)
	must(t, s.ReadDirectory(ctx))
	stored := lastSeq(t, w, id)
	own, err := s.NewMessageID()
	must(t, err)
	for name, send := range map[string]func() error{
		"a text":                    func() error { _, err := s.Send(ctx, id, "for ben alone"); return err },
		"a text with an id":         func() error { return s.SendAs(ctx, id, own, "for ben alone") },
		"a generation":              func() error { return s.RenewGeneration(ctx, id) },
		"a room of two":             func() error { _, err := s.Direct(ctx, ben.Account); return err },
		"an invitation to him":      func() error { return s.Invite(ctx, id, ben.Account) },
		"a room's title, said anew": func() error { _, err := s.SealRaw(id, "Kitchen"); return err },
	} {
		var changed *e2e.ChangedError
		if err := send(); !errors.Is(err, client.ErrIdentityChanged) || !errors.As(err, &changed) || !slices.Equal(changed.Who, []models.AccountID{ben.Account}) {
			t.Errorf("%s is sent: %v", name, err)
		}
	}
	if got := lastSeq(t, w, id); got != stored {
		t.Fatalf("%d entries reached the server", got-stored)
	}
	if rooms, err := s.Rooms(ctx); err != nil || len(rooms) != 1 {
		t.Errorf("%d rooms, one of them made for nobody: %v", len(rooms), err)
	}
	if who := s.Changed(id); !slices.Equal(who, []models.AccountID{ben.Account}) || s.Changed(models.RoomID{9}) != nil {
		t.Errorf("changed: %v", who)
	}
	k := s.Knows(ben.Account)
	if again, _ := s.SafetyNumber(ben.Account); k.Standing != e2e.StandingChanged || k.Verified.IsZero() || again == number {
		t.Errorf("standing %d since %v", k.Standing, k.Verified)
	}
	must(t, s.AcceptIdentity(ctx, ben.Account, k.Identity.Hash, false))
	must(t, s.SendAs(ctx, id, own, "for whoever is there"))
	s.Close() // as if the plug was pulled: what was accepted is kept already

	there := w.LogIn(second, cleo)
	must(t, there.Enter(ctx, id))
	if k := there.Knows(ben.Account); k.Standing != e2e.StandingOpen {
		t.Errorf("at another desk: standing %d", k.Standing)
	}
	_, err = there.Send(ctx, id, "and on")
	must(t, err)
	reEnrol(t, w, first, admin, ben)
	must(t, there.ReadDirectory(ctx))
	if err := there.AcceptIdentity(ctx, ben.Account, k.Identity.Hash, true); !errors.Is(err, client.ErrIdentityChanged) {
		t.Errorf("the identity of before is accepted for the one that is there now: %v", err)
	}
	must(t, there.LogOut(ctx))
	if _, err := there.SafetyNumber(ben.Account); err == nil || there.Knows(ben.Account).Standing != e2e.StandingNone || there.AcceptIdentity(ctx, ben.Account, k.Identity.Hash, true) == nil {
		t.Error("a session that is over knows somebody")
	}
}
