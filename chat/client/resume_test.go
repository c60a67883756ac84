package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
)

// talking is people with a room that ben has joined.
func talking(t *testing.T, settings ...chattest.Settings) (w *chattest.World, first *client.Desk, admin *client.Session, ben *chattest.Person, at *client.Session, room models.RoomID) {
	t.Helper()
	w, first, admin, ben = people(t, settings...)
	at = w.LogIn(first, ben)
	room, err := admin.CreateRoom(t.Context(), "Kitchen")
	must(t, err)
	must(t, admin.Invite(t.Context(), room, ben.Account))
	must(t, at.Join(t.Context(), room))
	_, err = admin.Send(t.Context(), room, "hello ben")
	must(t, err)
	must(t, at.Enter(t.Context(), room)) // so that he goes on under her generation
	return w, first, admin, ben, at, room
}

// sever is what a network does.
func sever(t *testing.T, s *client.Session) *client.Suspended {
	t.Helper()
	s.Connection().Cut()
	<-s.Done()
	x, ok := s.Suspend()
	if !ok {
		t.Fatal("the session can not be resumed")
	}
	t.Cleanup(x.Wipe)
	return x
}

func resumed(t *testing.T, x *client.Suspended) *client.Session {
	t.Helper()
	s, err := x.Resume(t.Context())
	must(t, err)
	t.Cleanup(s.Close)
	return s
}

func isOver(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, client.ErrOver) {
		t.Fatalf("got %v, want ErrOver", err)
	}
}

func TestCutAndResumed(t *testing.T) {
	w, _, admin, ben, at, room := talking(t)
	readText(t, at, room)
	s := at
	for i := range 3 {
		x := sever(t, s)
		if x.Name() != "ben" || x.Account() != ben.Account {
			t.Fatalf("suspended %q", x.Name())
		}
		said := fmt.Sprintf("while you were away %d", i)
		_, err := admin.Send(t.Context(), room, said)
		must(t, err)
		w.Clock.Move(9 * time.Minute)
		s = resumed(t, x)
		must(t, s.Enter(t.Context(), room))
		for readText(t, s, room) != said {
			continue
		}
		_, err = s.Send(t.Context(), room, fmt.Sprintf("back %d", i))
		must(t, err)
	}
	must(t, s.LogOut(t.Context()))
	for event, want := range map[string]int{"session.begin ok": 1, "session.resume ok": 3, "session.end log-out": 1} {
		if n := w.Audited(event, ben.Account); n != want {
			t.Errorf("%s: %d times, want %d", event, n, want)
		}
	}
}

// A claim is good for one desk, one connection and one time: all else is refused, and the session stays its own desk's.
func TestClaimRefused(t *testing.T) {
	w, first, admin, _, at, _ := talking(t)
	second := w.Desk(admin, "second")
	for name, c := range map[string]struct {
		desk   *client.Desk
		change func(*client.Claim)
	}{
		"another desk, that knows the key": {second, func(*client.Claim) {}},
		"another desk's place in the MAC":  {second, func(c *client.Claim) { c.Desk = first.ID() }},
		"another key":                      {first, func(c *client.Claim) { c.Key[0] ^= 1 }},
		"no key":                           {first, func(c *client.Claim) { clear(c.Key[:]) }},
		"another session":                  {first, func(c *client.Claim) { c.Session[0] ^= 1 }},
		"another organisation":             {first, func(c *client.Claim) { c.Org[0] ^= 1 }},
		"the counter of no try":            {first, func(c *client.Claim) { c.Counter = 0 }},
		"another connection's exporter":    {first, func(c *client.Claim) { c.Exporter[0] ^= 1 }},
		"a MAC of another counter":         {first, func(c *client.Claim) { c.Sent = c.Counter + 1 }},
		"the enrolment of nobody: no MAC":  {first, func(c *client.Claim) { c.NoMAC = true }},
	} {
		t.Run(name, func(t *testing.T) {
			conn := w.Connect(c.desk)
			claim := at.Claim(conn, c.desk)
			c.change(&claim)
			refused(t, conn.Claim(t.Context(), claim), wire.CodeEnded)
			refused(t, conn.Call(t.Context(), wire.TypeVaultGet, wire.Empty{}, new(wire.VaultReply)), wire.CodeNotAllowed)
		})
	}
	if at.Connection().Err() != nil {
		t.Fatal("a refused claim ended the session")
	}
	resumed(t, sever(t, at))
}

// Whoever recorded a resumption, or kept its counter, has nothing.
func TestClaimTwice(t *testing.T) {
	w, first, _, _, at, _ := talking(t)
	one := w.Connect(first)
	claim := at.Claim(one, first)
	must(t, one.Claim(t.Context(), claim))
	<-at.Done() // the connection that had it is ended
	if _, ok := at.Suspend(); ok {
		t.Error("a session that was taken over says that it can be resumed")
	}
	two := w.Connect(first)
	refused(t, two.Claim(t.Context(), claim), wire.CodeEnded) // the same bytes
	again := at.Claim(two, first)
	again.Key = claim.Key
	refused(t, two.Claim(t.Context(), again), wire.CodeEnded) // the same counter, under this connection
	again.Counter++
	again.Sent++
	must(t, two.Claim(t.Context(), again))
	<-one.Done()
	refused(t, one.Err(), wire.CodeEnded)
}

// Two connections ask at once: one has the session in the end, and it is one session.
func TestClaimsRace(t *testing.T) {
	w, first, _, ben, at, _ := talking(t)
	const n = 8
	errs, conns := make(chan error, n), make([]*client.Conn, n)
	for i := range n {
		conns[i] = w.Connect(first)
	}
	for i, c := range conns {
		claim := at.Claim(c, first)
		claim.Counter, claim.Sent = uint64(i+1), uint64(i+1)
		go func() { errs <- c.Claim(context.WithoutCancel(t.Context()), claim) }()
	}
	won := 0
	for range n {
		if err := <-errs; err == nil {
			won++
		}
	}
	if won == 0 {
		t.Fatal("nobody has it")
	}
	live := 0
	for _, c := range conns {
		var v wire.VaultReply
		if c.Call(t.Context(), wire.TypeVaultGet, wire.Empty{}, &v) == nil {
			live++
		}
	}
	if live != 1 {
		t.Errorf("%d connections have the session", live)
	}
	if _, err := w.Store.VaultOf(t.Context(), ben.Account); err != nil {
		t.Fatal(err)
	}
}

// What ended a session ends it for who would resume it.
func TestNotResumed(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, w *chattest.World, admin *client.Session, at *client.Session) *client.Suspended{
		"ten minutes": func(t *testing.T, w *chattest.World, _, at *client.Session) *client.Suspended {
			x := sever(t, at)
			w.WaitLog("session rests")
			w.Clock.Move(10 * time.Minute)
			return x
		},
		"twelve hours": func(t *testing.T, w *chattest.World, _, at *client.Session) *client.Suspended {
			x := sever(t, at)
			w.Clock.Move(12 * time.Hour)
			return x
		},
		"its account revoked": func(t *testing.T, _ *chattest.World, admin, at *client.Session) *client.Suspended {
			x := sever(t, at)
			must(t, admin.RevokeAccount(t.Context(), at.Account()))
			return x
		},
		"its desk revoked": func(t *testing.T, _ *chattest.World, admin, at *client.Session) *client.Suspended {
			x := sever(t, at)
			must(t, admin.RevokeDesk(t.Context(), at.Desk().ID()))
			return x
		},
		"its account disabled by the operator": func(t *testing.T, w *chattest.World, _, at *client.Session) *client.Suspended {
			x := sever(t, at)
			must(t, w.Store.SetUserStatus(t.Context(), at.Account(), models.UserDisabled))
			return x
		},
		"the server restarted": func(t *testing.T, w *chattest.World, _, at *client.Session) *client.Suspended {
			x := sever(t, at)
			w.Stop()
			w.Start(nil)
			return x
		},
		"wiped here": func(t *testing.T, _ *chattest.World, _, at *client.Session) *client.Suspended {
			x := sever(t, at)
			x.Wipe()
			return x
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, admin, ben := people(t)
			second := w.Desk(admin, "second")
			x := end(t, w, admin, w.LogIn(second, ben))
			for range 2 { // final
				_, err := x.Resume(t.Context())
				isOver(t, err)
			}
			if x.Holds() {
				t.Error("keys are left")
			}
		})
	}
}

// A session that was ended here leaves nothing to resume.
func TestNotSuspended(t *testing.T) {
	w, first, _, ben := people(t)
	for name, end := range map[string]func(s *client.Session){
		"log-out": func(s *client.Session) { must(t, s.LogOut(t.Context())) },
		"close":   func(s *client.Session) { s.Close() },
		"lock": func(s *client.Session) {
			l, err := s.Lock(t.Context())
			must(t, err)
			t.Cleanup(l.Close)
		},
	} {
		s := w.LogIn(first, ben)
		end(s)
		if x, ok := s.Suspend(); ok || x != nil {
			t.Errorf("%s: it can be resumed", name)
		}
		if s.Holds() {
			t.Errorf("%s: keys are left", name)
		}
	}
}

// While the network is down, trying again costs nothing; the first try after it is back works. What was seen in between is not unseen.
func TestResumeAgain(t *testing.T) {
	w, first, _, _, at, room := talking(t)
	readText(t, at, room)
	x := sever(t, at)
	first.SetAddresses("127.0.0.1:1")
	for range 3 {
		if _, err := x.Resume(t.Context()); err == nil || errors.Is(err, client.ErrOver) {
			t.Fatalf("without a network: %v", err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Resume(ended); !errors.Is(err, context.Canceled) || errors.Is(err, client.ErrOver) {
		t.Fatalf("given up: %v", err)
	}
	first.SetAddresses(w.Address)
	s := resumed(t, x)
	must(t, s.Enter(t.Context(), room))
	if x.Holds() {
		t.Error("it was resumed, and its keys are left where they were")
	}
	_, err := x.Resume(t.Context())
	isOver(t, err)
}

// What the person had seen before the cut is seen afterwards, though the vault at the server does not say so.
func TestResumeKeepsPins(t *testing.T) {
	_, _, _, _, at, room := talking(t)
	readText(t, at, room)
	seen := at.Applied(room)
	s := resumed(t, sever(t, at))
	if got := s.PinOf(room); got < seen {
		t.Fatalf("pinned at %d, seen %d", got, seen)
	}
}

// A session whose person may have none any more is over at the first try to resume it: a desk that goes on trying finds nothing, and fills no audit.
func TestNotStandingIsOver(t *testing.T) {
	w, first, _, ben, at, _ := talking(t)
	must(t, w.Store.SetUserStatus(t.Context(), ben.Account, models.UserDisabled))
	c := w.Connect(first)
	claim := at.Claim(c, first)
	refused(t, c.Claim(t.Context(), claim), wire.CodeNotAdmitted)
	<-at.Done() // the connection that still had it
	for range 3 {
		refused(t, c.Claim(t.Context(), claim), wire.CodeEnded)
	}
	for event, want := range map[string]int{"session.resume denied": 1, "session.end revoked": 1} {
		if n := w.Audited(event, ben.Account); n != want {
			t.Errorf("%s: %d times, want %d", event, n, want)
		}
	}
}

// A desk that is revoked takes the sessions with it that rest there: their keys go at once, not in their time.
func TestRevokedDeskEndsWhatRests(t *testing.T) {
	w, _, admin, ben := people(t)
	at := w.LogIn(w.Desk(admin, "second"), ben)
	x := sever(t, at)
	defer x.Wipe()
	w.WaitLog("session rests")
	must(t, admin.RevokeDesk(t.Context(), at.Desk().ID()))
	if n := w.Audited("session.end revoked", ben.Account); n != 1 {
		t.Errorf("audited %d times", n)
	}
}
