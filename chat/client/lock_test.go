package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
)

func locked(t testing.TB, s *client.Session) *client.Locked {
	t.Helper()
	l, err := s.Lock(t.Context())
	must(t, err)
	t.Cleanup(l.Close)
	return l
}

func unlocked(t *testing.T, w *chattest.World, l *client.Locked, p *chattest.Person) *client.Session {
	t.Helper()
	s, err := l.Unlock(t.Context(), w.Eye(p.Face))
	must(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestLockAndUnlock(t *testing.T) {
	w, _, admin, ben, s, room := talking(t)
	readText(t, s, room)
	for i := range 2 {
		l := locked(t, s)
		<-s.Done()
		if l.Name() != "ben" || l.Account() != ben.Account || l.Err() != nil {
			t.Fatalf("locked %q, %v", l.Name(), l.Err())
		}
		said := fmt.Sprintf("while you were away %d", i)
		_, err := admin.Send(t.Context(), room, said)
		must(t, err)
		w.Clock.Move(29 * time.Minute)
		s = unlocked(t, w, l, ben)
		l.Close() // has nothing to close any more
		must(t, s.Enter(t.Context(), room))
		for readText(t, s, room) != said {
			continue
		}
		_, err = s.Send(t.Context(), room, fmt.Sprintf("back %d", i))
		must(t, err)
		_, err = l.Unlock(t.Context(), w.Eye(ben.Face))
		isOver(t, err)
	}
	// What an unlocking gives can be cut and resumed, and locked again.
	l := locked(t, resumed(t, sever(t, s)))
	l.Connection().Cut()
	<-l.Done()
	if l.Err() == nil || errors.Is(l.Err(), client.ErrOver) {
		t.Fatalf("cut: %v", l.Err())
	}
	must(t, unlocked(t, w, l, ben).LogOut(t.Context()))
	for event, want := range map[string]int{
		"session.begin ok": 1, "session.lock ok": 3, "session.unlock ok": 3, "session.resume locked": 1, "session.end log-out": 1, "lock.face ok": 3, "login.face ok": 1,
	} {
		if n := w.Audited(event, ben.Account); n != want {
			t.Errorf("%s: %d times, want %d", event, n, want)
		}
	}
}

// Somebody else sits down before a locked desk. Every face but the person's own is refused and counted, and the lock stays.
func TestUnlockRefused(t *testing.T) {
	w, first, _, ben := people(t)
	l, tried := locked(t, w.LogIn(first, ben)), 0
	for name, cheat := range map[string]func(*chattest.Eye){
		"a stranger":             func(e *chattest.Eye) { e.Face = 99 },
		"an admin":               func(e *chattest.Eye) { e.Face = 1 },
		"a flat picture of him":  func(e *chattest.Eye) { e.Turn = -1 },
		"nobody":                 func(e *chattest.Eye) { e.Change = func(ev *biometrics.Evidence) { ev.Frames = ev.Frames[:0] } },
		"an unlisted camera":     func(e *chattest.Eye) { e.Info.Serial = "another" },
		"half of him a stranger": func(e *chattest.Eye) { replaceFrames(e, 2) },
	} {
		if tried++; tried == 4 { // a lock has so many tries
			l = locked(t, unlocked(t, w, l, ben))
		}
		t.Run(name, func(t *testing.T) {
			eye := w.Eye(ben.Face)
			cheat(eye)
			_, err := l.Unlock(t.Context(), eye)
			refused(t, err, wire.CodeFace)
			if errors.Is(err, client.ErrOver) || l.Err() != nil {
				t.Fatal("the lock is over")
			}
			w.Clock.Move(31 * time.Second) // the wait after five in a row
		})
	}
	if n := w.Audited("lock.face denied", ben.Account); n != 6 {
		t.Errorf("%d refusals were audited", n)
	}
	blind := w.Eye(ben.Face)
	blind.Err = errors.New("too dark")
	if _, err := l.Unlock(t.Context(), blind); !errors.Is(err, blind.Err) || errors.Is(err, client.ErrOver) {
		t.Fatalf("too dark: %v", err)
	}
	unlocked(t, w, l, ben)
}

// Who still holds a session that was locked can do nothing with it: not to the lock, and not to the session after it.
func TestLockedSessionIsOver(t *testing.T) {
	w, first, _, ben := people(t)
	old := w.LogIn(first, ben)
	l := locked(t, old)
	try := func() {
		t.Helper()
		if _, err := old.Rooms(t.Context()); !errors.Is(err, client.ErrEnded) {
			t.Errorf("rooms: %v", err)
		}
		if _, err := old.Send(t.Context(), models.RoomID{1}, "still here"); !errors.Is(err, client.ErrEnded) {
			t.Errorf("send: %v", err)
		}
		if err := old.LogOut(t.Context()); !errors.Is(err, client.ErrEnded) {
			t.Errorf("log-out: %v", err)
		}
		if _, err := old.Lock(t.Context()); !errors.Is(err, client.ErrEnded) {
			t.Errorf("lock: %v", err)
		}
		old.Close()
	}
	try()
	if l.Err() != nil {
		t.Fatalf("it took the lock's connection away: %v", l.Err())
	}
	s := unlocked(t, w, l, ben)
	try()
	_, err := s.Rooms(t.Context())
	must(t, err)
}

// The limits of faces are one: a lock is no second place to try them.
func TestUnlockIsLimited(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	for range 4 {
		_, err := l.Unlock(t.Context(), w.Eye(99))
		refused(t, err, wire.CodeFace)
	}
	_, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(99))
	refused(t, err, wire.CodeFace)
	_, err = l.Unlock(t.Context(), w.Eye(ben.Face))
	refused(t, err, wire.CodeWait)
	_, err = w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeWait)
	w.Clock.Move(31 * time.Second)
	unlocked(t, w, l, ben)
}

// Whoever stands before a locked desk has proven no password: after five tries the lock is over, whether they were refused or left. The
// person, who knows the password, is not kept out by it.
func TestLockHasFiveTries(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	for range 4 {
		_, err := l.Unlock(t.Context(), w.Eye(99))
		refused(t, err, wire.CodeFace)
		l.Connection().Cut() // another connection gives no others
		<-l.Done()
	}
	_, err := l.Unlock(t.Context(), w.Eye(99))
	isOver(t, err)
	w.Clock.Move(time.Hour) // so many challenges an hour
	l = locked(t, w.LogIn(first, ben))
	for range 5 {
		_, _, err := l.Evidence(t.Context(), w.Eye(ben.Face))
		must(t, err)
		w.Clock.Move(3 * time.Minute)
	}
	_, _, err = l.Evidence(t.Context(), w.Eye(ben.Face))
	refused(t, err, wire.CodeWait) // five in a row
	w.Clock.Move(31 * time.Second)
	_, _, err = l.Evidence(t.Context(), w.Eye(ben.Face))
	refused(t, err, wire.CodeEnded)
	if n := w.Audited("session.end too many faces", ben.Account); n != 2 {
		t.Errorf("audited %d times", n)
	}
	w.Clock.Move(31 * time.Second)
	w.LogIn(first, ben)
}

// A lock that could not be tried again before it ends is over at once: its person is told to log in, and not to wait for nothing.
func TestLockThatWouldOnlyWait(t *testing.T) {
	w, first, _, ben := people(t)
	for range 9 { // so many challenges an hour, and one more
		must(t, w.LogIn(first, ben).LogOut(t.Context()))
	}
	l := locked(t, w.LogIn(first, ben))
	_, err := l.Unlock(t.Context(), w.Eye(ben.Face))
	isOver(t, err)
	if n := w.Audited("session.end too many faces", ben.Account); n != 1 {
		t.Errorf("audited %d times", n)
	}
}

// A locked connection has nobody: it gets no word of a room, and can do nothing in anybody's name.
func TestLockedHasNobody(t *testing.T) {
	w, _, admin, ben, s, room := talking(t)
	raw, err := s.SealRaw(room, "from behind the lock")
	must(t, err)
	l := locked(t, s)
	c := l.Connection()
	l.Hear() // the desk's own deafness is not what is tested
	for typ, body := range map[string]any{
		wire.TypeVaultGet: wire.Empty{}, wire.TypeVaultPut: wire.VaultPut{Version: 2, Vault: []byte{1}}, wire.TypeRoomList: wire.RoomList{},
		wire.TypeLogFollow: wire.LogFollow{Room: room}, wire.TypeLogAppend: raw, wire.TypeBoxPut: wire.BoxPut{Room: room, Boxes: []wire.Box{}},
		wire.TypeBoxGet: wire.BoxGet{Room: room}, wire.TypeSignupList: wire.SignupList{}, wire.TypeDeskInvite: wire.Empty{},
		wire.TypeLockKey: wire.Empty{}, wire.TypeLock: wire.SessionLock{Key: bytes.Repeat([]byte{1}, 32)},
		wire.TypeLoginStart:  wire.LoginStart{Name: "ada", KE1: firstKE1(t, s.Desk())},
		wire.TypeSignupStart: wire.SignupStart{Name: "eve", Request: []byte{1}}, wire.TypeResume: wire.SessionResume{},
	} {
		refused(t, c.Call(t.Context(), typ, body, new(wire.Empty)), wire.CodeNotAllowed)
	}
	for i := range 3 {
		_, err := admin.Send(t.Context(), room, fmt.Sprint("not for a locked desk ", i))
		must(t, err)
	}
	other, err := admin.CreateRoom(t.Context(), "Another")
	must(t, err)
	must(t, admin.Invite(t.Context(), other, ben.Account))
	refused(t, c.Call(t.Context(), wire.TypeVaultGet, wire.Empty{}, new(wire.Empty)), wire.CodeNotAllowed) // by now it would have come
	select {
	case f := <-c.Events():
		t.Fatalf("a locked desk was sent a %s", f.Type)
	default:
	}
	// What belongs to a lock is refused to everybody else.
	for _, c := range []*client.Conn{w.Connect(s.Desk()), admin.Connection()} {
		refused(t, c.Call(t.Context(), wire.TypeLockStart, wire.Empty{}, new(wire.ByLogin)), wire.CodeNotAllowed)
		refused(t, c.Call(t.Context(), wire.TypeLockFace, wire.LoginFace{}, new(wire.UnlockReply)), wire.CodeNotAllowed)
	}
}

// The evidence of one is nothing for the other, and neither are their steps.
func TestUnlockIsNoLogIn(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	c := l.Connection()
	var started wire.ByLogin
	must(t, c.Call(t.Context(), wire.TypeLockStart, wire.Empty{}, &started))
	refused(t, c.Call(t.Context(), wire.TypeLoginChallenge, started, new(wire.ChallengeReply)), wire.CodeNotAllowed)

	// A log-in under way on another connection; its id does not do here, nor this one's there.
	other := w.Connect(first)
	a, err := first.ProvePassword(t.Context(), other, ben.Name, []byte(ben.Password))
	must(t, err)
	defer a.Wipe()
	challenge, err := a.Challenge(t.Context())
	must(t, err)
	seen, err := w.Eye(ben.Face).Capture(t.Context(), challenge)
	must(t, err)
	evidence, err := a.Sign(seen)
	must(t, err)
	refused(t, c.Call(t.Context(), wire.TypeLockFace, wire.LoginFace{Login: a.Login(), Evidence: evidence}, new(wire.UnlockReply)), wire.CodeNotSignedIn)
	must(t, c.Call(t.Context(), wire.TypeLockChallenge, started, new(wire.ChallengeReply)))
	refused(t, c.Call(t.Context(), wire.TypeLockFace, wire.LoginFace{Login: started.Login, Evidence: evidence}, new(wire.UnlockReply)), wire.CodeFace)
	refused(t, other.Call(t.Context(), wire.TypeLoginFace, wire.LoginFace{Login: started.Login, Evidence: evidence}, new(wire.SessionReply)), wire.CodeNotSignedIn)
	unlocked(t, w, l, ben)
}

// The lock's key is given out once, to the connection that showed the face; a desk that lost the answer has lost the session.
func TestLockKeyOnce(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	c := l.Connection()
	login, evidence, err := l.Evidence(t.Context(), w.Eye(ben.Face))
	must(t, err)
	var reply wire.UnlockReply
	must(t, c.Call(t.Context(), wire.TypeLockFace, wire.LoginFace{Login: login, Evidence: evidence}, &reply))
	if len(reply.Key) != 32 || !l.Opens(reply.Key) {
		t.Fatal("that is not the key")
	}
	refused(t, c.Call(t.Context(), wire.TypeLockFace, wire.LoginFace{Login: login, Evidence: evidence}, &reply), wire.CodeNotAllowed)
	refused(t, c.Call(t.Context(), wire.TypeLockStart, wire.Empty{}, new(wire.ByLogin)), wire.CodeNotAllowed)
	c.Cut()
	<-l.Done()
	_, err = l.Unlock(t.Context(), w.Eye(ben.Face))
	isOver(t, err)
	if n := w.Audited("session.end log-out", ben.Account); n != 1 {
		t.Error("the session was left open")
	}
}

// A lock ends, whoever comes.
func TestLockEnds(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, w *chattest.World, admin *client.Session, l *client.Locked){
		"thirty minutes": func(_ *testing.T, w *chattest.World, _ *client.Session, _ *client.Locked) {
			w.Clock.Move(30 * time.Minute)
		},
		"ten minutes without a connection": func(_ *testing.T, w *chattest.World, _ *client.Session, l *client.Locked) {
			l.Connection().Cut()
			<-l.Done()
			w.WaitLog("session rests")
			w.Clock.Move(10 * time.Minute)
		},
		"thirty minutes over two connections": func(t *testing.T, w *chattest.World, _ *client.Session, l *client.Locked) {
			w.Clock.Move(25 * time.Minute)
			l.Connection().Cut()
			<-l.Done()
			_, err := l.Unlock(t.Context(), w.Eye(99))
			refused(t, err, wire.CodeFace)
			w.Clock.Move(5 * time.Minute)
		},
		"the account is revoked": func(t *testing.T, _ *chattest.World, admin *client.Session, l *client.Locked) {
			must(t, admin.RevokeAccount(t.Context(), l.Account()))
			<-l.Done()
		},
		"the desk is revoked": func(t *testing.T, _ *chattest.World, admin *client.Session, l *client.Locked) {
			must(t, admin.RevokeDesk(t.Context(), l.DeskID()))
			<-l.Done()
		},
		"log-out": func(t *testing.T, _ *chattest.World, _ *client.Session, l *client.Locked) {
			must(t, l.LogOut(t.Context()))
		},
		"closed": func(_ *testing.T, _ *chattest.World, _ *client.Session, l *client.Locked) { l.Close() },
		"the server restarted": func(_ *testing.T, w *chattest.World, _ *client.Session, l *client.Locked) {
			w.Stop()
			<-l.Done()
			w.Start(nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, admin, ben := people(t)
			l := locked(t, w.LogIn(w.Desk(admin, "second"), ben))
			end(t, w, admin, l)
			for range 2 { // final
				_, err := l.Unlock(t.Context(), w.Eye(ben.Face))
				isOver(t, err)
			}
			if err := l.Err(); !errors.Is(err, client.ErrOver) || l.Holds() {
				t.Errorf("what is left says %v", err)
			}
		})
	}
}

// The time of a lock is over and nobody comes: the server forgets the key by itself, and the desk is told.
func TestLockIsForgotten(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	w.Clock.Move(30 * time.Minute)
	<-l.Done()
	if !errors.Is(l.Err(), client.ErrOver) {
		t.Errorf("told %v", l.Err())
	}
	w.Stop()
	if n := w.Audited("session.end locked", ben.Account); n != 1 {
		t.Errorf("audited %d times", n)
	}
}

// The desk's network is down when the person comes back.
func TestUnlockAgain(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	first.SetAddresses("127.0.0.1:1")
	l.Connection().Cut()
	<-l.Done()
	for range 2 {
		if _, err := l.Unlock(t.Context(), w.Eye(ben.Face)); err == nil || errors.Is(err, client.ErrOver) {
			t.Fatalf("without a network: %v", err)
		}
	}
	first.SetAddresses(w.Address)
	unlocked(t, w, l, ben)
}

// The lock itself fails: nothing is left, as after a log-out.
func TestLockFails(t *testing.T) {
	w, first, _, ben := people(t)
	for name, spoil := range map[string]func(*client.Session) context.Context{
		"the connection is cut": func(s *client.Session) context.Context { s.Connection().Cut(); return t.Context() },
		"given up": func(*client.Session) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx
		},
	} {
		s := w.LogIn(first, ben)
		if l, err := s.Lock(spoil(s)); err == nil || l != nil {
			t.Errorf("%s: locked", name)
		}
		<-s.Done()
		if _, ok := s.Suspend(); ok || s.Holds() {
			t.Errorf("%s: something is left", name)
		}
	}
}

// A hostile server gives back something else: the desk says so, and nothing is opened with it.
func TestUnlockWithAnotherKey(t *testing.T) {
	for name, change := range map[string]func(*wire.UnlockReply){
		"another key":    func(r *wire.UnlockReply) { r.Key[3] ^= 1 },
		"no key":         func(r *wire.UnlockReply) { r.Key = []byte{} },
		"a zero key":     func(r *wire.UnlockReply) { clear(r.Key) },
		"a short key":    func(r *wire.UnlockReply) { r.Key = r.Key[:31] },
		"a long key":     func(r *wire.UnlockReply) { r.Key = append(r.Key, 1) },
		"a huge key":     func(r *wire.UnlockReply) { r.Key = make([]byte, 100_000) },
		"another vault":  func(r *wire.UnlockReply) { r.Vault[len(r.Vault)-1] ^= 1 },
		"no vault":       func(r *wire.UnlockReply) { r.Vault = []byte{} },
		"an older vault": func(r *wire.UnlockReply) { r.VaultVersion-- },
	} {
		t.Run(name, func(t *testing.T) {
			w, first, _, ben := people(t)
			l := locked(t, w.LogIn(first, ben))
			login, evidence, err := l.Evidence(t.Context(), w.Eye(ben.Face))
			must(t, err)
			var reply wire.UnlockReply
			must(t, l.Connection().Call(t.Context(), wire.TypeLockFace, wire.LoginFace{Login: login, Evidence: evidence}, &reply))
			change(&reply)
			s, err := l.Answered(t.Context(), reply)
			if s != nil {
				t.Fatal("it opened")
			}
			isOver(t, err)
			if l.Holds() {
				t.Error("something is left")
			}
		})
	}
}
