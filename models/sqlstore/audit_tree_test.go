package sqlstore

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"visavis/models"
	"visavis/models/audit"
)

func happened(n int) models.AuditEvent {
	return models.AuditEvent{At: time.UnixMilli(int64(n)).UTC(), Event: "login.face", Outcome: "denied", Detail: "try " + strconv.Itoa(n)}
}

func addAudits(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range n {
		if err := s.AddAudit(t.Context(), happened(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// headOfRows is the head that the events have, whatever hashes are stored.
func headOfRows(t *testing.T, s *Store) audit.Head {
	t.Helper()
	events, err := s.AuditAfter(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var tree audit.Tree
	for _, e := range events {
		if _, err := tree.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	head, err := tree.Head()
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func storedHead(t *testing.T, s *Store) audit.Head {
	t.Helper()
	head, err := audit.HeadOf(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// exec does what a program beside the store might.
func exec(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.writer.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// asBefore makes the tables what they were before events had hashes. Whoever adds a migration says here how it is undone.
func asBefore(t *testing.T, s *Store) {
	t.Helper()
	exec(t, s,
		`ALTER TABLE desks DROP COLUMN origin`,
		`DROP TABLE renewals`, `DROP TABLE codes`,
		`DROP TABLE given`, `DROP TABLE asks`, `DROP INDEX entries_by_end`,
		`ALTER TABLE entries DROP COLUMN gone`, `ALTER TABLE entries DROP COLUMN ends`,
		`DROP TABLE key_changes`,
		`DROP TABLE audit_log`, `ALTER TABLE audit DROP COLUMN hashes`, `DELETE FROM goose_db_version WHERE version_id > 1`)
}

// TestAuditOfBefore: a log that was written before there was a tree gets one, and goes on.
func TestAuditOfBefore(t *testing.T) {
	for _, n := range []int{0, 1, auditPage - 1, auditPage, auditPage + 1} {
		s, path := newStore(t)
		exec(t, s, `CREATE TEMP TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) SELECT i FROM n`,
			`INSERT INTO audit (seq, at, event, outcome, account, desk, detail)
				SELECT i, i, 'login.face', 'ok', zeroblob(16), zeroblob(16), '' FROM numbers WHERE i <= `+strconv.Itoa(n))
		asBefore(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := storedHead(t, s), headOfRows(t, s); got != want || got.Size != uint64(n) {
			t.Errorf("%d events: the head is %v, want %v", n, got, want)
		}
		addAudits(t, s, 3)
		if got, want := storedHead(t, s), headOfRows(t, s); got != want || got.Size != uint64(n+3) {
			t.Errorf("%d events and 3: the head is %v, want %v", n, got, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestAuditOfBeforeWithAHole: somebody took an event out of a log that had no tree yet. What is left is given none, as if it were whole.
func TestAuditOfBeforeWithAHole(t *testing.T) {
	s, path := newStore(t)
	addAudits(t, s, 5)
	exec(t, s, `DELETE FROM audit WHERE seq = 3`)
	asBefore(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrDamaged) {
		t.Errorf("opened: %v", err)
	}
}

// TestAuditGoesOnOnlyFromWhatItWas: rows that the log's end counts are gone. What comes next is not written over the hole.
func TestAuditGoesOnOnlyFromWhatItWas(t *testing.T) {
	for name, harm := range map[string]string{
		"the last event was deleted":    `DELETE FROM audit WHERE seq = 8`,
		"the tree's hashes were":        `UPDATE audit SET hashes = substr(hashes, 1, 32)`,
		"the log's end was":             `DELETE FROM audit_log`,
		"the log's end was moved ahead": `UPDATE audit_log SET size = 10`,
		"the log's end was moved back":  `UPDATE audit_log SET size = 6`,
	} {
		s, _ := newStore(t)
		addAudits(t, s, 8)
		if strings.Contains(harm, "hashes") {
			addAudits(t, s, 3) // the next one ends a subtree
		}
		events, err := s.AuditAfter(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		exec(t, s, harm)
		if err := s.AddAudit(t.Context(), happened(8)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := s.AuditAfter(t.Context(), 0, 100); err != nil || len(after) > len(events) {
			t.Errorf("%s: written all the same: %d after %d, %v", name, len(after), len(events), err)
		}
	}
}

// TestAuditOfTwoProcesses: a command of the operator beside a running server. Their events stand in one order, in one tree.
func TestAuditOfTwoProcesses(t *testing.T) {
	s, path := newStore(t)
	other, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	const each = 20
	var wg sync.WaitGroup
	for _, store := range []*Store{s, other} {
		wg.Go(func() {
			for i := range each {
				if err := store.AddAudit(t.Context(), happened(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, want := storedHead(t, s), headOfRows(t, s); got != want || got.Size != 2*each {
		t.Errorf("the head is %v, want %v", got, want)
	}
}
