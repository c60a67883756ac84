package server_test

import (
	"bytes"
	"crypto/rand"
	"sync"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/server"
	"visavis/chat/wire"
)

// drawn is randomness that was looked at.
type drawn struct {
	mu  sync.Mutex
	all [][]byte
}

func (d *drawn) Read(b []byte) (int, error) {
	n, err := rand.Read(b)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, bytes.Clone(b))
	return n, err
}

// Somebody records a desk's network, and later finds a locked desk, with the keys of its connection in memory: the record, opened with them, does
// not hold what the desk's token is opened with.
func TestLockKeyIsNotOnTheWire(t *testing.T) {
	var tap chattest.SafeBuffer
	w, _, ada, ben, _ := world(t, func(s *server.Server) {
		s.SetSecure(func(c server.SecureConn) server.SecureConn { return recorder{c, &tap} })
	})
	random := &drawn{}
	d := w.Desk(ada, "second")
	d.Random = random // before anybody is logged in there
	s := w.LogIn(d, ben)
	l, err := s.Lock(t.Context())
	must(t, err)
	locked := tap.String()
	if !bytes.Contains([]byte(locked), []byte(wire.TypeLock)) {
		t.Fatal("the record does not even hold the request")
	}
	back, err := l.Unlock(t.Context(), w.Eye(ben.Face))
	must(t, err)
	defer back.Close()
	all := []byte(tap.String())
	keys := 0
	random.mu.Lock()
	defer random.mu.Unlock()
	for _, b := range random.all {
		if len(b) != 32 || !bytes.Contains(all, b) {
			continue
		}
		keys++ // given back over the wire: it is the key
		if bytes.Contains([]byte(locked), b) {
			t.Error("the key was on the wire before the desk was locked")
		}
	}
	if keys != 1 {
		t.Errorf("%d keys were given back", keys)
	}
}
