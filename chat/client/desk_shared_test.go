package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/trust"
)

// beside is another program at a desk's folder.
func beside(t *testing.T, w *chattest.World, d *client.Desk) *client.Desk {
	t.Helper()
	x, err := client.LoadDesk(w.DeskOptions(), filepath.Join(w.Dir, "desks", d.Name()))
	must(t, err)
	return x
}

// A pepper is brought by a command while the window is open: the window uses it without being started anew, and what it writes afterwards, of what it
// has seen, does not take it away. What is dropped stays dropped.
func TestACommandBesideTheWindow(t *testing.T) {
	w, _, admin, ben := people(t)
	ctx := t.Context()
	window := w.Desk(admin, "second")
	text, err := admin.ReplacePepper(ctx)
	must(t, err)
	must(t, w.LogIn(window, ben).LogOut(ctx)) // it has seen that there is a newer one
	if _, err := window.Wrapping(); !errors.Is(err, client.ErrPepper) {
		t.Fatalf("before: %v", err)
	}
	must(t, beside(t, w, window).AddPepper(text))
	newest, err := window.Wrapping()
	must(t, err)
	s := w.LogIn(window, ben)
	if s.Unlock().Pepper != newest {
		t.Error("the vault has not moved")
	}
	must(t, admin.RevokeDesk(ctx, w.Desk(admin, "third").ID())) // something to be seen
	must(t, s.LogOut(ctx))
	must(t, w.LogIn(window, ben).LogOut(ctx))
	if held := beside(t, w, window).Held(); len(held) != 2 || held[0] != newest {
		t.Errorf("the file holds %d peppers", len(held))
	}

	command := beside(t, w, window)
	s = w.LogIn(window, ben)
	n, err := s.Desk().DropBut(newest)
	must(t, err)
	must(t, s.LogOut(ctx))
	must(t, command.AddPepper(trust.PepperText(window.Org(), trust.Pepper{7})))
	if held := beside(t, w, window).Held(); n != 1 || !slices.Equal(held, []trust.Pepper{newest, {7}}) {
		t.Errorf("dropped %d, the file holds %d", n, len(held))
	}
}

// The command knows an older directory than the window has seen: that is not forgotten.
func TestACommandKeepsWhatWasSeen(t *testing.T) {
	w, first, admin, _ := people(t)
	command := beside(t, w, first)
	w.Desk(admin, "second")
	seen := first.Pinned()
	must(t, command.AddPepper(trust.PepperText(first.Org(), trust.Pepper{7})))
	if got := beside(t, w, first).Pinned(); got != seen || seen == 0 {
		t.Errorf("the file knows of %d statements, and %d were seen", got, seen)
	}
}

// Many write at once, and nothing of any of them is lost.
func TestManyWritersOfADesk(t *testing.T) {
	w, first, admin, _ := people(t)
	must(t, admin.LogOut(t.Context())) // as long as somebody is in, his desk clears away what is no pepper of the organisation's
	for round := range byte(8) {
		var all sync.WaitGroup
		for n := range byte(6) {
			d := beside(t, w, first)
			all.Go(func() {
				if err := d.AddPepper(trust.PepperText(d.Org(), trust.Pepper{round + 1, n})); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		d := beside(t, w, first)
		if got := len(d.Held()); got != 7 {
			t.Fatalf("round %d: %d of 6 were kept", round, got-1)
		}
		_, err := d.DropBut(d.Held()[0])
		must(t, err)
	}
}

// A folder that has become another desk's, or an unreadable one, is not written over.
func TestAnotherDesksFolder(t *testing.T) {
	w, first, admin, _ := people(t)
	other := w.Desk(admin, "second")
	path := func(d *client.Desk) string { return filepath.Join(w.Dir, "desks", d.Name(), "desk.visavis") }
	theirs, err := os.ReadFile(path(other))
	must(t, err)
	for name, b := range map[string][]byte{"another desk's": theirs, "no desk's": []byte("spoilt")} {
		must(t, os.WriteFile(path(first), b, 0o600))
		if err := first.AddPepper(trust.PepperText(first.Org(), trust.Pepper{7})); !errors.Is(err, client.ErrDeskFile) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path(first)); err != nil || !slices.Equal(now, b) {
			t.Errorf("%s was written over: %v", name, err)
		}
	}
}
