package server

import (
	"net"
	"testing"
	"time"
)

func TestRates(t *testing.T) {
	r := newRates[int](2, time.Hour)
	now := time.Unix(1_700_000_000, 0)
	for _, step := range []struct {
		name string
		move time.Duration
		key  int
		want time.Duration
	}{
		{"the first", 0, 1, 0},
		{"the second", 10 * time.Minute, 1, 0},
		{"one too many", 10 * time.Minute, 1, 40 * time.Minute},
		{"another's", 0, 2, 0},
		{"just before its time", 40*time.Minute - 1, 1, 1},
		{"in a new window", 1, 1, 0},
		{"a clock that was set back", -24 * time.Hour, 1, 0},
	} {
		now = now.Add(step.move)
		if got := r.take(step.key, now); got != step.want {
			t.Errorf("%s: wait %v, want %v", step.name, got, step.want)
		}
	}
}

// Somebody comes with more keys than memory may hold.
func TestRatesAreBounded(t *testing.T) {
	r := newRates[int](1, time.Hour)
	now := time.Unix(1_700_000_000, 0)
	for key := range 2 * ratesKept {
		if r.take(key, now) != 0 {
			t.Fatalf("key %d was never seen and has to wait", key)
		}
		if len(r.keys) > ratesKept {
			t.Fatalf("%d keys are kept", len(r.keys))
		}
	}
	r.take(-1, now.Add(time.Hour)) // all of those are over
	if len(r.keys) != 1 {
		t.Fatalf("%d keys that are over are kept", len(r.keys)-1)
	}
}

func TestOrigin(t *testing.T) {
	addr := func(s string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"another port", "192.0.2.1:1", "192.0.2.1:2", true},
		{"another address", "192.0.2.1:1", "192.0.2.2:1", false},
		{"the same as IPv6", "192.0.2.1:1", "[::ffff:192.0.2.1]:1", true},
		{"another host of one IPv6 network", "[2001:db8::1]:1", "[2001:db8::ffff:2]:1", true},
		{"another IPv6 network", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
	} {
		if got := originOf(addr(c.a)) == originOf(addr(c.b)); got != c.same {
			t.Errorf("%s: the same origin: %v", c.name, got)
		}
	}
}

// One address holds all places but one: the honest desk, though it came first, is not the one that gives way.
func TestStrangersGiveWayByOrigin(t *testing.T) {
	s := newStrangers(4)
	come := func(address string) *conn {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		return &conn{origin: originOf(a), began: time.Now().Add(-2 * strangerGrace)}
	}
	honest, first := come("192.0.2.1:1"), come("192.0.2.66:1")
	s.conns = []*conn{honest, first, come("192.0.2.66:2"), come("192.0.2.66:3")}
	gives := func() *conn {
		t.Helper()
		i, wait := s.next()
		if wait > 0 {
			t.Fatalf("everybody waits %v", wait)
		}
		return s.conns[i]
	}
	if gives() != first {
		t.Fatal("somebody else than the oldest of the crowd gives way")
	}
	s.conns = []*conn{honest, first}
	if gives() != honest {
		t.Fatal("among equals it is not the oldest who gives way")
	}

	// Idle ones from many addresses hold the places, and an office behind one comes: it is no crowd while it has its time.
	office, too := come("192.0.2.7:1"), come("192.0.2.7:2")
	office.began, too.began = time.Now(), time.Now()
	s.conns = []*conn{office, too, honest, first}
	if got := gives(); got != honest {
		t.Fatal("who has just come gives way to who is idle")
	}
	s.conns = []*conn{office, too}
	if _, wait := s.next(); wait <= 0 || wait > strangerGrace {
		t.Fatalf("wait %v while all have their time", wait)
	}
}
