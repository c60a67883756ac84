package storetest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"visavis/models"
	"visavis/models/audit"
)

func event(n int) models.AuditEvent {
	return models.AuditEvent{
		Seq: 77, At: noon, Event: "login.face", Outcome: "denied", Account: account(n), Desk: desk(1), Detail: fmt.Sprintf("try %d", n),
	}
}

func testAuditRefused(t *testing.T, s models.Store) {
	ctx := t.Context()
	for _, c := range []struct {
		name  string
		spoil func(*models.AuditEvent)
	}{
		{"no event", func(e *models.AuditEvent) { e.Event = "" }},
		{"no outcome", func(e *models.AuditEvent) { e.Outcome = "" }},
		{"an event that is too long", func(e *models.AuditEvent) { e.Event = strings.Repeat("e", audit.MaxWord+1) }},
		{"an outcome that is too long", func(e *models.AuditEvent) { e.Outcome = strings.Repeat("o", audit.MaxWord+1) }},
		{"a detail that is too long", func(e *models.AuditEvent) { e.Detail = strings.Repeat("d", audit.MaxDetail+1) }},
		{"a detail that is no text", func(e *models.AuditEvent) { e.Detail = "\xff" }},
	} {
		e := event(1)
		c.spoil(&e)
		refused(t, c.name, s.AddAudit(ctx, e), models.ErrInvalid)
	}
	same(t, "size", must(s.AuditSize(ctx))(t), 0)
	_, err := s.AuditHashes(ctx, []int64{0})
	refused(t, "hash of an empty log", err, models.ErrNotFound)

	long := event(1) // nothing was counted on for those
	long.Event, long.Outcome = strings.Repeat("e", audit.MaxWord), strings.Repeat("o", audit.MaxWord)
	long.Detail = strings.Repeat("d", audit.MaxDetail)
	ok(t, s.AddAudit(ctx, long))
	same(t, "size", must(s.AuditSize(ctx))(t), 1)
	_, err = s.AuditHashes(ctx, []int64{0, 1})
	refused(t, "hash of the next event", err, models.ErrNotFound)
	for _, index := range []int64{-1, math.MaxInt64} {
		_, err = s.AuditHashes(ctx, []int64{index})
		refused(t, "hash that no event completes", err, models.ErrInvalid)
	}
}

func testAuditKept(t *testing.T, s models.Store) {
	ctx := t.Context()
	same(t, "empty", must(s.AuditAfter(ctx, 0, 9))(t), nil)
	var want []models.AuditEvent
	for n := range 3 {
		e := event(n + 1)
		ok(t, s.AddAudit(ctx, e))
		e.Seq = uint64(n + 1)
		want = append(want, e)
	}
	for _, c := range []struct {
		after uint64
		limit int
		want  []models.AuditEvent
	}{
		{0, 9, want}, {0, 1, want[:1]}, {1, 1, want[1:2]}, {3, 9, nil}, {1<<64 - 1, 9, nil}, {0, 0, nil}, {0, -1, nil},
	} {
		same(t, "events", must(s.AuditAfter(ctx, c.after, c.limit))(t), c.want)
	}
}

// testAuditTree holds the stored hashes against a tree that is made of the events as they are read.
func testAuditTree(t *testing.T, s models.Store) {
	ctx := t.Context()
	var tree audit.Tree
	var want []models.Hash
	for n := range 70 {
		e := event(n + 1)
		if n == 5 {
			e = models.AuditEvent{Event: "e", Outcome: "ok"} // without a time, an account, a desk
		}
		ok(t, s.AddAudit(ctx, e))
		read := must(s.AuditAfter(ctx, uint64(n), 2))(t)
		if len(read) != 1 {
			t.Fatalf("%d events after %d", len(read), n)
		}
		want = append(want, must(tree.Add(read[0]))(t)...)
		same(t, "head", must(audit.HeadOf(ctx, s))(t), must(tree.Head())(t))
	}
	indexes := make([]int64, tlog.StoredHashCount(70))
	for i := range indexes {
		indexes[i] = int64(i)
	}
	same(t, "hashes", must(s.AuditHashes(ctx, indexes))(t), want)
	same(t, "hashes, in another order", must(s.AuditHashes(ctx, []int64{7, 0, 7}))(t), []models.Hash{want[7], want[0], want[7]})
}

// testAuditRace: who add at once stand in one order without gaps, and the tree is that of the events as they stand.
func testAuditRace(t *testing.T, s models.Store) {
	const many = 24
	won := race(t, many, nil, func(n int) error { return s.AddAudit(t.Context(), event(n+1)) })
	same(t, "added", len(won), many)
	var tree audit.Tree
	seen := map[string]bool{}
	for _, e := range must(s.AuditAfter(t.Context(), 0, many+1))(t) {
		must(tree.Add(e))(t)
		seen[e.Detail] = true
	}
	same(t, "different events", len(seen), many)
	same(t, "head", must(audit.HeadOf(t.Context(), s))(t), must(tree.Head())(t))
}
