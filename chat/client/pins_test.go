package client_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/models"
)

// cut is a log without what comes after n entries.
func cut(room models.RoomID, n uint64) *lies {
	return &lies{entries: func(id models.RoomID, es []models.Entry) []models.Entry {
		if id != room {
			return es
		}
		for i, e := range es {
			if e.Seq > n {
				return es[:i]
			}
		}
		return es
	}}
}

// restartWith is restart with a server that lies from its first read on.
func restartWith(t *testing.T, stop, start func(), h *hostileStore, l *lies) {
	t.Helper()
	stop()
	h.lies.Store(l)
	start()
}

// The server takes the end of a room's log back between two log-ins.
func TestCutRoomLog(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	s := w.LogIn(first, ben)
	member(t, admin, s, id)
	for _, text := range []string{"one", "two"} {
		_, err = admin.Send(ctx, id, text)
		must(t, err)
	}
	must(t, s.Enter(ctx, id))
	must(t, s.LogOut(ctx))
	last := lastSeq(t, w, id)
	restartWith(t, w.Stop, func() { w.Start(nil) }, h, cut(id, last-1))
	again := w.LogIn(first, ben)
	if err := again.Enter(ctx, id); !errors.Is(err, e2e.ErrFork) {
		t.Fatalf("a shorter log than was seen: %v", err)
	}
	if _, err := again.Send(ctx, id, "as if nothing was"); !errors.Is(err, e2e.ErrFork) {
		t.Fatalf("sent into it: %v", err)
	}
	again.Close()
	restartWith(t, w.Stop, func() { w.Start(nil) }, h, nil)
	must(t, w.LogIn(first, ben).Enter(ctx, id))
}

// The server takes the newest statement of the directory back at a desk that has shown it in a session, and whose machine was switched off
// since: a revoked desk would be listed again.
func TestDeskRemembersTheDirectory(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	second := w.Desk(admin, "second")
	must(t, admin.RevokeDesk(ctx, second.ID()))
	n := admin.Directory().Len()
	admin.Close() // no log-out
	path := filepath.Join(w.Dir, "desks", "first")
	restartWith(t, w.Stop, func() { w.Start(nil) }, h, cut(models.RoomID{}, n-1))
	loaded, err := client.LoadDesk(w.DeskOptions(), path)
	must(t, err)
	if seen, _ := loaded.Seen(); seen != n {
		t.Fatalf("the desk has seen %d statements and remembers %d", n, seen)
	}
	if _, err := w.TryLogIn(loaded, ben.Name, ben.Password, w.Eye(ben.Face)); !errors.Is(err, client.ErrOldDirectory) {
		t.Fatalf("got %v", err)
	}
	if _, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face)); !errors.Is(err, client.ErrOldDirectory) {
		t.Fatalf("the desk that was not switched off: %v", err)
	}
}

// A server answers a save with a conflict and shows an older vault, to be merged.
func TestOldVaultAtAMerge(t *testing.T) {
	w, h, first, _, ben := hostile(t)
	ctx := t.Context()
	old, err := w.Store.VaultOf(ctx, ben.Account)
	must(t, err)
	s := w.LogIn(first, ben)
	must(t, s.SaveVault(ctx))
	own, err := w.Store.VaultOf(ctx, ben.Account)
	must(t, err)
	for range 2 { // at another desk
		other := w.LogIn(first, ben)
		must(t, other.LogOut(ctx))
	}
	for name, v := range map[string]models.Vault{
		"the first one":      old,
		"the one that it is": own,
	} {
		h.lies.Store(&lies{vault: func(models.Vault) models.Vault { return v }})
		if err := s.SaveVault(ctx); !errors.Is(err, client.ErrOldVault) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.lies.Store(nil)
	must(t, s.SaveVault(ctx))
}

// A desk is switched off in the middle of a session: what the person saw is in the vault all the same, but for the last minutes.
func TestVaultIsKeptMeanwhile(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	s := w.LogIn(first, ben)
	member(t, admin, s, id)
	version := func() uint64 {
		v, err := w.Store.VaultOf(context.Background(), ben.Account)
		must(t, err)
		return v.Version
	}
	say := func(text string) {
		_, err := admin.Send(ctx, id, text)
		must(t, err)
		if got := readText(t, s, id); got != text {
			t.Fatalf("read %q", got)
		}
	}
	before := version()
	say("one")
	w.Clock.Move(6 * time.Minute)
	say("two")
	for late := time.Now().Add(10 * time.Second); version() == before; {
		if time.Now().After(late) {
			t.Fatal("nothing was saved in six minutes")
		}
	}
	now := version()
	say("three") // not again so soon
	say("four")
	if v := version(); v != now {
		t.Fatalf("saved again at once: version %d after %d", v, now)
	}
	must(t, s.Leave(ctx, id))
	for late := time.Now().Add(10 * time.Second); version() == now; {
		if time.Now().After(late) {
			t.Fatal("nothing was saved when the room was left")
		}
	}
}
