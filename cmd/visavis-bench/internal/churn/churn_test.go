package churn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"visavis/chat/chattest"
	"visavis/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is a churn of some dozen events.
func small(t *testing.T) Settings {
	return Settings{
		Dir: filepath.Join(chattest.Dir(t), "state"), Members: 6, Rooms: 2, For: 9 * time.Minute, Step: time.Minute, Blows: 1, Seed: 1,
		Patience: 2 * time.Minute, CheapPasswords: true,
	}
}

func run(t *testing.T, s Settings) *Counts {
	t.Helper()
	counts, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	counts.Print(&text)
	t.Log("\n" + text.String())
	return counts
}

// TestChurn: whatever comes and goes, nobody misses a word, and nobody reads one too many.
func TestChurn(t *testing.T) {
	c := run(t, small(t))
	if c.Failed() {
		t.Error("the churn went wrong")
	}
	for what, n := range map[string]int{
		"joins": c.Joins, "goings": c.Leaves + c.Removals + c.Revoked + c.Logouts + c.Locks, // which of them is drawn, and what a busy machine comes to do
		"log-ins": c.Logins, "restarts": c.Restarts, "messages": c.Acknowledged, "openings": c.Opened, "rekeys": c.Rekeys, "vaults": int(c.Vaults),
	} {
		if n == 0 {
			t.Errorf("no %s: the churn is none", what)
		}
	}
}

// stingy is a store that has no boxes for whoever asks first.
type stingy struct {
	models.Store
	poor *poor
}

type poor struct {
	mu  sync.Mutex
	who models.AccountID
}

// BoxFor implements models.Logs.
func (s stingy) BoxFor(ctx context.Context, room models.RoomID, g models.Hash, a models.AccountID) ([]models.Box, error) {
	s.poor.mu.Lock()
	defer s.poor.mu.Unlock()
	if s.poor.who.IsZero() {
		s.poor.who = a
	}
	if s.poor.who == a {
		return nil, nil
	}
	return s.Store.BoxFor(ctx, room, g, a)
}

// TestChurnSeesWhoIsLeftOut: a server keeps one member's boxes back.
func TestChurnSeesWhoIsLeftOut(t *testing.T) {
	s := small(t)
	s.Members, s.Rooms, s.For = leastMembers, 1, time.Minute
	p := &poor{}
	s.wrap = func(store models.Store) models.Store { return stingy{store, p} }
	c := run(t, s)
	if c.Unreadable["waiting for a member"] == 0 || !c.Failed() {
		t.Fatalf("nobody missed the boxes of %s", p.who.Short())
	}
}

// TestSettings: what makes no churn is refused before anything is made.
func TestSettings(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"nothing": func(s *Settings) { *s = Settings{} }, "three people": func(s *Settings) { s.Members = 3 }, "no room": func(s *Settings) { s.Rooms = 0 },
		"more rooms than people": func(s *Settings) { s.Rooms = 7 }, "no time": func(s *Settings) { s.For = 0 }, "no step": func(s *Settings) { s.Step = 0 },
		"no blow": func(s *Settings) { s.Blows = 0 }, "no patience": func(s *Settings) { s.Patience = 0 }, "no place": func(s *Settings) { s.Dir = "" },
	} {
		s := small(t)
		change(&s)
		if _, err := Run(t.Context(), s); !errors.Is(err, errSettings) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStuckIsLookedAt: what lasts as long as patience is looked at before it ends, once; what is quicker is not.
func TestStuckIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen [][]byte
		w := &world{Settings: Settings{Patience: time.Minute, Stuck: func(b []byte) { seen = append(seen, b) }}}
		wait := func(d time.Duration) error {
			ctx, cancel := w.patiently(t.Context())
			defer cancel()
			time.Sleep(d)
			synctest.Wait()
			return ctx.Err()
		}
		if err := wait(50 * time.Second); err != nil || len(seen) != 0 {
			t.Errorf("what is quick was looked at %d times, %v", len(seen), err)
		}
		if err := wait(59 * time.Second); err != nil || len(seen) != 1 || !bytes.Contains(seen[0], []byte("TestStuckIsLookedAt")) {
			t.Errorf("what is slow was looked at %d times, %v", len(seen), err)
		}
		if err := wait(time.Minute); !errors.Is(err, context.DeadlineExceeded) || len(seen) != 1 {
			t.Errorf("the second time: %d times, %v", len(seen), err)
		}
	})
}

// TestWiresAreCut: what is cut hears no goodbye, and after the end nothing is let in.
func TestWiresAreCut(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	w := &wires{}
	held := listener{ln, w}
	pair := func() net.Conn {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := held.Accept(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	hears := func(c net.Conn) error {
		_, err := c.Read(make([]byte, 1))
		return err
	}
	c := pair()
	if n := w.cut(); n != 1 {
		t.Errorf("%d connections were cut, want 1", n)
	}
	if err := hears(c); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a cut connection hears %v", err)
	}
	c = pair()
	if n := w.cut(); n != 1 {
		t.Errorf("%d connections were cut afterwards, want 1", n)
	}
	_ = hears(c)
	w.end()
	if err := hears(pair()); err == nil {
		t.Error("something was let in after the end")
	}
}

// TestKilledServerStoresNothingMore: it could acknowledge what nobody has any more.
func TestKilledServerStoresNothingMore(t *testing.T) {
	s := small(t)
	h, err := newHouse(NewClock(time.Now().UTC().Truncate(time.Second)), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	killed, address := h.store, h.address
	if err := h.close(true); err != nil {
		t.Fatal(err)
	}
	if _, err := killed.Append(t.Context(), nil); !errors.Is(err, errDead) {
		t.Errorf("a log: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody comes back to a server that is not there: %v", err)
	}
	if err := h.open(t.Context()); err != nil || h.address != address {
		t.Fatalf("the next server is at %s, the last was at %s: %v", h.address, address, err)
	}
	if err := h.wait(t.Context()); err != nil {
		t.Error(err)
	}
	if err := h.close(false); err != nil {
		t.Error(err)
	}
}
