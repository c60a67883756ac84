package client_test

import (
	"bytes"
	"errors"
	"testing"

	"visavis/chat/client"
	"visavis/models/canon"
)

// handed takes a lock's way to another process.
func handed(t *testing.T, l *client.Locked) []byte {
	t.Helper()
	b, err := l.Handed()
	must(t, err)
	l.Close()
	<-l.Done()
	return b
}

func takenUp(t *testing.T, d *client.Desk, b []byte) *client.Locked {
	t.Helper()
	l, err := d.TakeUp(b)
	must(t, err)
	t.Cleanup(l.Close)
	return l
}

// A lock goes on in another process, however often, and the session with it.
func TestHandedOn(t *testing.T) {
	w, _, admin, ben, s, room := talking(t)
	readText(t, s, room)
	l := locked(t, s)
	for range 3 {
		b := handed(t, l)
		if _, err := l.Handed(); !errors.Is(err, client.ErrOver) {
			t.Fatalf("handed on twice: %v", err)
		}
		l = takenUp(t, s.Desk(), b)
		if l.Name() != "ben" || l.Account() != ben.Account || l.Err() == nil || errors.Is(l.Err(), client.ErrOver) {
			t.Fatalf("%q: %v", l.Name(), l.Err())
		}
	}
	_, err := admin.Send(t.Context(), room, "while you were away")
	must(t, err)
	s = unlocked(t, w, l, ben)
	must(t, s.Enter(t.Context(), room))
	for readText(t, s, room) != "while you were away" {
		continue
	}
	must(t, s.LogOut(t.Context()))
	if n := w.Audited("session.resume locked", ben.Account); n != 1 {
		t.Errorf("resumed %d times", n)
	}
}

// The process that handed a lock on can go on with it as long as the other has not begun.
func TestHandedAndKept(t *testing.T) {
	w, first, _, ben := people(t)
	l := locked(t, w.LogIn(first, ben))
	_, err := l.Handed()
	must(t, err)
	must(t, unlocked(t, w, l, ben).LogOut(t.Context()))
}

// What was handed on opens nothing at another desk, nor after the lock was opened.
func TestHandedElsewhere(t *testing.T) {
	w, first, admin, ben := people(t)
	other := w.Desk(admin, "second")
	l := locked(t, w.LogIn(first, ben))
	b, err := l.Handed()
	must(t, err)
	_, err = takenUp(t, other, b).Unlock(t.Context(), w.Eye(ben.Face))
	isOver(t, err)
	s := unlocked(t, w, l, ben)
	_, err = takenUp(t, first, b).Unlock(t.Context(), w.Eye(ben.Face))
	isOver(t, err)
	<-s.Done() // nor does it leave two that go on with one session
}

// A lock has nothing of its key and of what it opens in what is handed on; what it has is taken up whole or not at all.
func TestTakeUpRefuses(t *testing.T) {
	_, first, _, _, s, room := talking(t)
	must(t, s.Enter(t.Context(), room))
	secrets := s.Secrets(room)
	b, err := locked(t, s).Handed()
	must(t, err)
	for name, secret := range secrets {
		if bytes.Contains(b, secret) {
			t.Errorf("the %s is handed on", name)
		}
	}
	var fields []any
	must(t, canon.Unmarshal(b, &fields))
	with := func(i int, v any) []byte {
		changed := append([]any{}, fields...)
		changed[i] = v
		return canon.MustMarshal(changed)
	}
	for name, tt := range map[string][]byte{
		"nothing":             nil,
		"cut":                 b[:len(b)-1],
		"a byte more":         append(bytes.Clone(b), 0),
		"too much":            make([]byte, 1<<20),
		"another version":     with(0, 2),
		"another's":           with(1, make([]byte, 32)),
		"nobody's":            with(2, make([]byte, 16)),
		"no session":          with(3, make([]byte, 16)),
		"no key":              with(5, []byte{}),
		"a key of zeros":      with(5, make([]byte, 32)),
		"a key and a half":    with(5, make([]byte, 48)),
		"no counter to go on": with(6, uint64(1<<63)),
		"no token":            with(9, []byte{}),
		"no token but text":   with(9, []byte("visavis")),
		"a field more":        canon.MustMarshal(append(append([]any{}, fields...), 0)),
		"a field less":        canon.MustMarshal(fields[:9]),
		"a list of no lists":  canon.MustMarshal([]any{}),
	} {
		if l, err := first.TakeUp(tt); !errors.Is(err, client.ErrHanded) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	takenUp(t, first, b)
}

func FuzzTakeUp(f *testing.F) {
	w, first, _, ben := people(f)
	b, err := locked(f, w.LogIn(first, ben)).Handed()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := first.TakeUp(b)
		if err != nil {
			return
		}
		again, err := l.Handed() // with another counter, which may be longer
		if err != nil || len(again)-len(b) < 0 || len(again)-len(b) > 8 {
			t.Fatalf("%x was taken up and is handed on as %x, %v", b, again, err)
		}
	})
}
