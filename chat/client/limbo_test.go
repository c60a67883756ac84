package client_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

// mute is a server that does not answer some requests, until it is freed.
type mute struct {
	models.Store
	vaults, boxes chan struct{} // closed: nothing is answered from now on
	asked         chan struct{} // told of each that is not
	free          chan struct{}
}

func muted() (*mute, func(*server.Options)) {
	m := &mute{vaults: make(chan struct{}), boxes: make(chan struct{}), asked: make(chan struct{}, 100), free: make(chan struct{})}
	return m, func(o *server.Options) { m.Store, o.Store = o.Store, m }
}

func (m *mute) wait(on chan struct{}) {
	select {
	case <-on:
		m.asked <- struct{}{}
		<-m.free
	default:
	}
}

func (m *mute) PutVault(ctx context.Context, before, next models.Vault) error {
	m.wait(m.vaults)
	return m.Store.PutVault(ctx, before, next)
}

func (m *mute) BoxFor(ctx context.Context, room models.RoomID, generation models.Hash, account models.AccountID) ([]models.Box, error) {
	m.wait(m.boxes)
	return m.Store.BoxFor(ctx, room, generation, account)
}

// A server that never answers what saves the vault holds no session back from being locked or logged out: the keys are gone when the caller's
// time is over, and not when the server likes.
func TestLockWaitsForNoVault(t *testing.T) {
	for name, end := range map[string]func(context.Context, *client.Session) error{
		"lock":    func(ctx context.Context, s *client.Session) error { _, err := s.Lock(ctx); return err },
		"log-out": func(ctx context.Context, s *client.Session) error { return s.LogOut(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			m, settings := muted()
			defer close(m.free)
			w, _, admin, _, s, room := talking(t, settings)
			readText(t, s, room)
			close(m.vaults)
			admin.KeepNothing() // hers would wait before her text
			w.Clock.Move(6 * time.Minute)
			_, err := admin.Send(t.Context(), room, "seen: the keeper wants to save")
			must(t, err)
			<-m.asked
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := end(ctx, s); err == nil {
				t.Fatal("it worked")
			}
			if s.Holds() {
				t.Error("keys are left")
			}
		})
	}
}

// The lock was taken, and an answer that the session still waited for never comes: the keys are wiped all the same.
func TestLockWipesWhateverIsOwed(t *testing.T) {
	m, settings := muted()
	defer close(m.free)
	w, first, _, ben, _, room := talking(t, settings)
	s := w.LogIn(first, ben)
	close(m.boxes)
	entered := make(chan error, 1)
	go func() { entered <- s.Enter(context.WithoutCancel(t.Context()), room) }()
	<-m.asked
	s.WipeLocked()
	if s.Holds() {
		t.Error("keys are left")
	}
	_ = s.Connection().Close()
	if <-entered == nil {
		t.Error("it entered")
	}
}

func TestLockWipesWhateverIsSaved(t *testing.T) {
	m, settings := muted()
	defer close(m.free)
	w, _, admin, _, s, room := talking(t, settings)
	readText(t, s, room)
	close(m.vaults)
	admin.KeepNothing() // hers would wait before her text
	w.Clock.Move(6 * time.Minute)
	_, err := admin.Send(t.Context(), room, "seen: the keeper wants to save")
	must(t, err)
	<-m.asked
	s.WipeLocked()
	if s.Holds() {
		t.Error("keys are left")
	}
	_ = s.Connection().Close()
}

// Whoever is away longer than the network does not leave the keys behind, though nobody tries to resume.
func TestSuspendedEndsByItself(t *testing.T) {
	_, _, _, _, s, _ := talking(t)
	s.SetSuspends(time.Millisecond)
	x := sever(t, s)
	for x.Holds() { // by itself
		runtime.Gosched()
	}
	_, err := x.Resume(t.Context())
	isOver(t, err)
}

// A window that wipes does not wait for a server that says nothing to a resumption.
func TestWipeWaitsForNoServer(t *testing.T) {
	_, first, _, _, s, _ := talking(t)
	x := sever(t, s)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	first.SetAddresses(silent.Addr().String())
	done := make(chan error, 1)
	go func() { _, err := x.Resume(context.WithoutCancel(t.Context())); done <- err }()
	nc, err := silent.Accept()
	must(t, err)
	defer nc.Close()
	x.Wipe()
	if x.Holds() {
		t.Error("keys are left")
	}
	if err := <-done; err == nil {
		t.Error("it was resumed")
	}
}

// A server that gives an older vault back than it had when the session was locked or cut would make unseen what was seen.
func TestOlderVaultIsRefused(t *testing.T) {
	w, first, _, ben := people(t)
	s := w.LogIn(first, ben)
	before, err := w.Store.VaultOf(t.Context(), ben.Account)
	must(t, err)
	l := locked(t, s)
	now, err := w.Store.VaultOf(t.Context(), ben.Account)
	must(t, err)
	if now.Version <= before.Version {
		t.Fatal("a lock keeps nothing")
	}
	login, evidence, err := l.Evidence(t.Context(), w.Eye(ben.Face))
	must(t, err)
	var reply wire.UnlockReply
	must(t, l.Connection().Call(t.Context(), wire.TypeLockFace, wire.LoginFace{Login: login, Evidence: evidence}, &reply))
	reply.VaultVersion, reply.VaultPrev, reply.Vault = before.Version, before.Prev, before.Body
	if _, err := l.Answered(t.Context(), reply); !errors.Is(err, client.ErrOldVault) || !errors.Is(err, client.ErrOver) {
		t.Errorf("unlocked: %v", err)
	}

	s = w.LogIn(first, ben)
	must(t, s.SaveVault(t.Context()))
	x := sever(t, s)
	if _, err := x.Given(t.Context(), w.Connect(first), now); !errors.Is(err, client.ErrOldVault) {
		t.Errorf("resumed: %v", err)
	}
	x.Wipe()
}

// A lock that is closed while it gets a new connection ends that one too: else an unlocked session would stand behind a window that has forgotten it.
func TestClosedWhileItConnects(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	next := w.Connect(first)
	l.Close()
	if err := l.GoOn(next); !errors.Is(err, client.ErrOver) {
		t.Errorf("goes on: %v", err)
	}
	<-next.Done()
}
