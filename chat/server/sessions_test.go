package server

import (
	"errors"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// held is a table with one session on a connection.
func held(t *testing.T) (*sessions, *session, *conn) {
	t.Helper()
	table, c := newSessions(2), new(conn)
	s := &session{
		id: models.SessionID{1}, account: models.AccountID{2}, desk: models.DeskID{3}, key: trust.Secret{4}, ends: began.Add(12 * time.Hour),
	}
	if err := table.hold(s, c); err != nil {
		t.Fatal(err)
	}
	return table, s, c
}

func claimOf(s *session, counter uint64) claim {
	r := trust.Resumption{Session: s.id, Desk: s.desk, Counter: counter}
	return claim{r, r.MAC(s.key)}
}

// A connection whose session was resumed on another one can do nothing to it any more, though its reader may not know yet.
func TestFormerConnectionHasNothing(t *testing.T) {
	table, s, old := held(t)
	now := new(conn)
	if got, locked, from := table.take(claimOf(s, 1), now, began); got != s || locked || from != old {
		t.Fatalf("took %v, locked %v, from %v", got, locked, from)
	}
	if table.shut(s, old, trust.Secret{9}, began.Add(time.Hour)) {
		t.Error("it locked it")
	}
	if table.rest(s, old, began.Add(time.Hour)) {
		t.Error("it laid it to rest")
	}
	if table.remove(s, old) {
		t.Error("it ended it")
	}
	if err := table.hold(s, old); !errors.Is(err, wire.Refuse(wire.CodeEnded)) {
		t.Errorf("it began it again: %v", err)
	}
	if !table.shut(s, now, trust.Secret{9}, began.Add(time.Hour)) {
		t.Fatal("its own connection can not lock it")
	}
	if _, ok := table.open(s, old, began); ok {
		t.Error("it was given the lock's key")
	}
	if _, ok := table.locked(s, old, began); ok {
		t.Error("it is locked there too")
	}
	if key, ok := table.open(s, now, began); !ok || key != (trust.Secret{9}) {
		t.Error("its own connection is not given the key")
	}
	if key, ok := table.open(s, now, began); ok || !key.IsZero() {
		t.Error("the key was given twice")
	}
}

// Whatever ends a session wipes its keys, and a session that has ended does not come back.
func TestSessionIsForgotten(t *testing.T) {
	for name, end := range map[string]func(*sessions, *session, *conn){
		"log-out": func(table *sessions, s *session, c *conn) { table.remove(s, c) },
		"revoked": func(table *sessions, _ *session, _ *conn) {
			table.drop(began, "revoked", func(*session) bool { return true })
		},
		"locked too long": func(table *sessions, _ *session, _ *conn) {
			table.drop(began.Add(30*time.Minute), "", func(*session) bool { return false })
		},
		"away too long": func(table *sessions, s *session, c *conn) {
			table.rest(s, c, began.Add(10*time.Minute))
			table.drop(began.Add(10*time.Minute), "", func(*session) bool { return false })
		},
		"gave way": func(table *sessions, s *session, c *conn) {
			table.rest(s, c, began.Add(10*time.Minute))
			for i := range 2 {
				if err := table.hold(&session{id: models.SessionID{9, byte(i)}, ends: s.ends}, new(conn)); err != nil {
					t.Error(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			table, s, c := held(t)
			table.shut(s, c, trust.Secret{9}, began.Add(30*time.Minute))
			wants, lock := claimOf(s, 1), s.lock
			end(table, s, c)
			if !s.key.IsZero() || s.lock != nil || !lock.key.IsZero() {
				t.Error("keys are left")
			}
			if got, _, _ := table.take(wants, new(conn), began); got != nil {
				t.Error("it was resumed")
			}
			if _, ok := table.open(s, c, began); ok {
				t.Error("it was unlocked")
			}
			if table.hold(s, c) == nil {
				t.Error("it began again")
			}
		})
	}
}

// Each time has its own end, whichever comes first, and open ones on a connection are the connection's to end.
func TestSessionTimes(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(*sessions, *session, *conn)
		ends time.Duration // zero for not by itself
	}{
		"open":               {func(*sessions, *session, *conn) {}, 0},
		"resting":            {func(table *sessions, s *session, c *conn) { table.rest(s, c, began.Add(10*time.Minute)) }, 10 * time.Minute},
		"resting to its end": {func(table *sessions, s *session, c *conn) { table.rest(s, c, began.Add(100*time.Hour)) }, 12 * time.Hour},
		"locked": {func(table *sessions, s *session, c *conn) {
			table.shut(s, c, trust.Secret{9}, began.Add(30*time.Minute))
		}, 30 * time.Minute},
		"locked to its end": {func(table *sessions, s *session, c *conn) {
			table.shut(s, c, trust.Secret{9}, began.Add(100*time.Hour))
		}, 12 * time.Hour},
		"locked, then resting":    {func(table *sessions, s *session, c *conn) { lockAndRest(table, s, c, 30*time.Minute, 10*time.Minute) }, 10 * time.Minute},
		"resting beyond its lock": {func(table *sessions, s *session, c *conn) { lockAndRest(table, s, c, 5*time.Minute, 10*time.Minute) }, 5 * time.Minute},
	} {
		table, s, c := held(t)
		tt.do(table, s, c)
		if tt.ends == 0 {
			if s.over(began.Add(100 * time.Hour)) {
				t.Errorf("%s: over by itself", name)
			}
			if _, ok := table.account(claimOf(s, 1), s.ends); ok {
				t.Errorf("%s: resumed after its end", name)
			}
			continue
		}
		if s.over(began.Add(tt.ends-time.Millisecond)) || !s.over(began.Add(tt.ends)) {
			t.Errorf("%s: not over after %v", name, tt.ends)
		}
		if _, ok := table.account(claimOf(s, 1), began.Add(tt.ends-time.Millisecond)); !ok {
			t.Errorf("%s: not resumed in its time", name)
		}
		if got, _, _ := table.take(claimOf(s, 1), new(conn), began.Add(tt.ends)); got != nil {
			t.Errorf("%s: resumed after its time", name)
		}
	}
}

func lockAndRest(table *sessions, s *session, c *conn, lock, rest time.Duration) {
	table.shut(s, c, trust.Secret{9}, began.Add(lock))
	table.rest(s, c, began.Add(rest))
}

// The table is bounded, and nobody who is there is put out for it.
func TestSessionsAreBounded(t *testing.T) {
	table, s, _ := held(t)
	two := &session{id: models.SessionID{2}, ends: s.ends}
	if err := table.hold(two, new(conn)); err != nil {
		t.Fatal(err)
	}
	if err := table.hold(&session{id: models.SessionID{3}, ends: s.ends}, new(conn)); !errors.Is(err, wire.Refuse(wire.CodeFull)) {
		t.Fatalf("a third of two: %v", err)
	}
	table.rest(two, two.conn, began.Add(time.Minute))
	if err := table.hold(&session{id: models.SessionID{3}, ends: s.ends}, new(conn)); err != nil {
		t.Fatalf("one that rests does not give way: %v", err)
	}
	if len(table.rows) != 2 || table.rows[two.id] != nil || table.rows[s.id] != s {
		t.Error("somebody else was put out")
	}
}

// A lock's tries are faces that were refused, and challenges that were left for the next one; the same challenge asked for again is none.
func TestTriesOfALock(t *testing.T) {
	for name, try := range map[string]func(table *sessions, s *session, c *conn, i byte) bool{
		"refused": func(table *sessions, s *session, c *conn, i byte) bool {
			return table.showing(s, c, models.Hash{i}) && table.failed(s, c)
		},
		"left": func(table *sessions, s *session, c *conn, i byte) bool {
			asked := table.showing(s, c, models.Hash{i})
			again := table.showing(s, c, models.Hash{i})
			left := table.showing(s, c, models.Hash{i, 1})
			return asked && again && left
		},
	} {
		table, s, c := held(t)
		table.shut(s, c, trust.Secret{9}, began.Add(time.Hour))
		other, tries := new(conn), 0
		if table.showing(s, other, models.Hash{1}) || table.failed(s, other) {
			t.Errorf("%s: a try over another connection", name)
		}
		for i := byte(1); try(table, s, c, i); i++ {
			tries++
		}
		if want := map[string]int{"refused": 4, "left": 2}[name]; tries != want { // of five; a row of left leaves two
			t.Errorf("%s: %d tries, want %d", name, tries, want)
		}
		table.open(s, c, began)
		if table.shut(s, c, trust.Secret{9}, began.Add(time.Hour)); !table.showing(s, c, models.Hash{99}) {
			t.Errorf("%s: the next lock has none", name)
		}
	}
}
