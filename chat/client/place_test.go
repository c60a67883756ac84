package client_test

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

// from opens a desk's folder, or a copy of it, on a machine with another address.
func from(t *testing.T, w *chattest.World, name, address string) *client.Desk {
	t.Helper()
	o := w.DeskOptions()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	o.Dial = d.DialContext
	desk, err := client.LoadDesk(o, filepath.Join(w.Dir, "desks", name))
	must(t, err)
	return desk
}

const otherAddress = "127.0.0.2"

// auditedOf counts the events of a desk.
func auditedOf(t *testing.T, w *chattest.World, what string, d models.DeskID) (n int) {
	t.Helper()
	events, err := w.Store.AuditAfter(t.Context(), 0, 100_000)
	must(t, err)
	for _, e := range events {
		if e.Event+" "+e.Outcome == what && e.Desk == d {
			n++
		}
	}
	return n
}

// A thief has copied a desk's folder. While the desk is there, his connection may do nothing, whatever he asks for, and the admins find it in the
// audit.
func TestStolenKeyBesideTheDesk(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	thief := from(t, w, "first", otherAddress)
	c := w.Connect(thief)
	_, err := thief.LogIn(t.Context(), c, ben.Name, []byte(ben.Password), w.Eye(ben.Face))
	refused(t, err, wire.CodeElsewhere)
	_, err = thief.SignUp(t.Context(), c, client.SignUp{Name: "mal", Email: "mal@example.org", Password: []byte("umbrella mal 7 quartz lantern"), Consent: chattest.Consent}, w.Eye(7))
	refused(t, err, wire.CodeElsewhere)
	if n := auditedOf(t, w, "desk.elsewhere denied", first.ID()); n != 1 {
		t.Errorf("it is in the audit %d times", n)
	}
	_, err = s.Rooms(t.Context())
	must(t, err)
	_, err = admin.Rooms(t.Context())
	must(t, err)
}

// A thief who was there first does not keep the desk out: it comes from home, and he is the guest then.
func TestStolenKeyBeforeTheDesk(t *testing.T) {
	w, first, admin, ben := people(t)
	admin.Close()
	w.Stop() // nothing stands any more
	w.Start(nil)
	thief := from(t, w, "first", otherAddress)
	c := w.Connect(thief)
	if n := auditedOf(t, w, "desk.address noted", first.ID()); n != 1 {
		t.Errorf("a new address is in the audit %d times", n)
	}
	a, err := thief.ProvePassword(t.Context(), c, ben.Name, []byte(ben.Password))
	must(t, err)
	defer a.Wipe()
	home := w.Connect(first)
	_, err = a.Challenge(t.Context())
	refused(t, err, wire.CodeElsewhere)
	_, err = first.LogIn(t.Context(), home, ben.Name, []byte(ben.Password), w.Eye(ben.Face))
	must(t, err)
	<-c.Done()
	refused(t, c.Err(), wire.CodeElsewhere)
	if n := auditedOf(t, w, "desk.elsewhere denied", first.ID()); n != 1 {
		t.Errorf("two at once are in the audit %d times", n)
	}
}

// A desk moves, or its network gives it another address, while the server still holds its old connection: what it had goes on at once.
func TestDeskThatMovesResumes(t *testing.T) {
	w, first, _, ben := people(t)
	s := w.LogIn(first, ben)
	standing := w.Connect(first) // and is not found dead yet
	x := sever(t, s)
	x.SetDesk(from(t, w, "first", otherAddress))
	s = resumed(t, x)
	_, err := s.Rooms(t.Context())
	must(t, err)
	<-standing.Done()
	refused(t, standing.Err(), wire.CodeElsewhere)
	// And it is at home there: nothing has to be waited for the next time.
	must(t, s.LogOut(t.Context()))
	w.LogIn(from(t, w, "first", otherAddress), ben)
}

// A desk without a session that has moved waits for its old connection's end, and no longer.
func TestDeskThatMovesWaits(t *testing.T) {
	w, first, admin, ben := people(t)
	admin.Close()
	w.Stop()
	w.Start(nil)
	standing := w.Connect(first)
	moved := from(t, w, "first", otherAddress)
	c := w.Connect(moved)
	try := func() error {
		s, err := moved.LogIn(t.Context(), c, ben.Name, []byte(ben.Password), w.Eye(ben.Face))
		if err == nil {
			t.Cleanup(s.Close)
		}
		return err
	}
	refused(t, try(), wire.CodeElsewhere)
	must(t, standing.Close())
	err := try()
	for late := time.Now().Add(time.Minute); errors.Is(err, wire.Refuse(wire.CodeElsewhere)) && time.Now().Before(late); err = try() {
		continue // the server has not heard of the end yet
	}
	must(t, err)
}

// An operator whose desks share a key ring or hop between networks lets them; it is in the audit all the same.
func TestElsewhereIsNoted(t *testing.T) {
	w, first, _, ben := people(t, func(o *server.Options) { o.Config.Desk.Elsewhere = "noted" })
	s := w.LogIn(first, ben)
	w.LogIn(from(t, w, "first", otherAddress), ben)
	_, err := s.Rooms(t.Context())
	must(t, err)
	if n := auditedOf(t, w, "desk.elsewhere noted", first.ID()); n != 1 {
		t.Errorf("it is in the audit %d times", n)
	}
}
