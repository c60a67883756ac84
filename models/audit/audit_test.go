package audit_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"visavis/models"
	"visavis/models/audit"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func event(n int) models.AuditEvent {
	return models.AuditEvent{
		At: time.UnixMilli(1_700_000_000_000 + int64(n)).UTC(), Event: "login.face", Outcome: "denied",
		Account: models.AccountID{1}, Desk: models.DeskID{2}, Detail: fmt.Sprintf("try %d", n),
	}
}

// memory is a log in memory; it also is its own audit.Stored.
type memory struct {
	tree   audit.Tree
	hashes []models.Hash
	size   uint64
	asked  int // hashes that were read
}

// logOf is the log of events; it numbers them as they stand.
func logOf(t testing.TB, events []models.AuditEvent) *memory {
	t.Helper()
	m := &memory{}
	for i, e := range events {
		e.Seq = uint64(i + 1)
		hashes, err := m.tree.Add(e)
		ok(t, err)
		m.hashes = append(m.hashes, hashes...)
		m.size++
	}
	return m
}

func (m *memory) AuditSize(context.Context) (uint64, error) { return m.size, nil }

func (m *memory) AuditHashes(_ context.Context, indexes []int64) ([]models.Hash, error) {
	out := make([]models.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(m.hashes)) {
			return nil, models.ErrNotFound
		}
		out[i] = m.hashes[index]
	}
	m.asked += len(indexes)
	return out, nil
}

func (m *memory) head(t testing.TB, size uint64) audit.Head {
	t.Helper()
	h, err := audit.HeadAt(t.Context(), m, size)
	ok(t, err)
	return h
}

func (m *memory) past(t testing.TB, size, now uint64) audit.Past {
	t.Helper()
	p, err := audit.PastOf(t.Context(), m, size, now)
	ok(t, err)
	return p
}

func events(n int) []models.AuditEvent {
	var es []models.AuditEvent
	for i := range n {
		es = append(es, event(i+1))
	}
	return es
}

// TestHonest: whatever head of a log was kept, the log as it is later agrees with it.
func TestHonest(t *testing.T) {
	m := logOf(t, events(40))
	for now := range uint64(41) {
		for kept := range now + 1 {
			if err := audit.Compare(m.head(t, kept), m.head(t, now), m.past(t, kept, now)); err != nil {
				t.Errorf("%d events, %d kept: %v", now, kept, err)
			}
		}
	}
	if err := audit.Compare(audit.Head{}, m.head(t, 40), audit.Past{}); err != nil {
		t.Errorf("nothing was kept: %v", err)
	}
	whole, err := m.tree.Head()
	ok(t, err)
	if stored, err := audit.HeadOf(t.Context(), m); err != nil || stored != whole {
		t.Errorf("the stored log has the head %v, %v, want %v", stored, err, whole)
	}
}

// TestChanged says what an operator does to a log of 20 events whose head an admin's desk has kept, and by what name the desk has to call it.
func TestChanged(t *testing.T) {
	const kept = 20
	before := logOf(t, events(kept))
	change := func(at int, f func(*models.AuditEvent)) []models.AuditEvent {
		es := events(25)
		f(&es[at])
		return es
	}
	without := func(at int) []models.AuditEvent { return append(events(at), events(25)[at+1:]...) }
	wrong := before.head(t, kept)
	wrong.Root[31] ^= 1
	for _, c := range []struct {
		name string
		log  []models.AuditEvent
		show func(*memory) (audit.Head, audit.Past)
		want error
	}{
		{"cuts the last event", events(19), nil, audit.ErrCut},
		{"cuts all of them", nil, nil, audit.ErrCut},
		{"cuts the last ones, and lets as many others happen", append(events(15), events(5)...), nil, audit.ErrRewritten},
		{"cuts the last ones, and lets more happen", append(events(15), events(12)...), nil, audit.ErrRewritten},
		{"changes an outcome in the middle", change(9, func(e *models.AuditEvent) { e.Outcome = "ok" }), nil, audit.ErrRewritten},
		{"changes who it was", change(9, func(e *models.AuditEvent) { e.Account[15] ^= 1 }), nil, audit.ErrRewritten},
		{"changes where it was", change(9, func(e *models.AuditEvent) { e.Desk[15] ^= 1 }), nil, audit.ErrRewritten},
		{"changes when it was, by a millisecond", change(19, func(e *models.AuditEvent) { e.At = e.At.Add(time.Millisecond) }), nil, audit.ErrRewritten},
		{"moves a word from the event to its outcome", change(0, func(e *models.AuditEvent) { e.Event, e.Outcome = "login", "face.denied" }), nil, audit.ErrRewritten},
		{"drops the first event and numbers the others anew", without(0), nil, audit.ErrRewritten},
		{"drops one in the middle and numbers the others anew", without(7), nil, audit.ErrRewritten},
		{"shows the head of before that one", events(25), func(m *memory) (audit.Head, audit.Past) { return m.head(t, 19), audit.Past{} }, audit.ErrCut},
		{"shows a head of that size that never was", events(20), func(*memory) (audit.Head, audit.Past) { return wrong, audit.Past{} }, audit.ErrRewritten},
		{"shows a later head that never was", events(25), func(m *memory) (audit.Head, audit.Past) {
			h := m.head(t, 25)
			h.Root[0] ^= 1
			return h, m.past(t, kept, 25)
		}, audit.ErrUnproven},
		{"proves nothing", events(25), func(m *memory) (audit.Head, audit.Past) { return m.head(t, 25), audit.Past{} }, audit.ErrUnproven},
		{"only says that the root was the same", events(25), func(m *memory) (audit.Head, audit.Past) {
			return m.head(t, 25), audit.Past{Root: before.head(t, kept).Root}
		}, audit.ErrUnproven},
		{"proves it for another earlier size", events(25), func(m *memory) (audit.Head, audit.Past) { return m.head(t, 25), m.past(t, 19, 25) }, audit.ErrUnproven},
		{"proves it for another later size", events(25), func(m *memory) (audit.Head, audit.Past) { return m.head(t, 25), m.past(t, kept, 24) }, audit.ErrUnproven},
		{"proves it and a hash more", events(25), func(m *memory) (audit.Head, audit.Past) {
			p := m.past(t, kept, 25)
			p.Proof = append(p.Proof, models.Hash{})
			return m.head(t, 25), p
		}, audit.ErrUnproven},
		{"gives a proof of the true root on top of a changed log", change(9, func(e *models.AuditEvent) { e.Outcome = "ok" }), func(m *memory) (audit.Head, audit.Past) {
			return m.head(t, 25), audit.Past{Root: before.head(t, kept).Root, Proof: m.past(t, kept, 25).Proof}
		}, audit.ErrUnproven},
		{"shows more events than a log has, for which the arithmetic does not end", events(25), func(m *memory) (audit.Head, audit.Past) {
			return audit.Head{Size: math.MaxInt64, Root: models.Hash{1}}, m.past(t, kept, 25)
		}, audit.ErrUnproven},
		{"shows a size that an int64 does not hold", events(25), func(m *memory) (audit.Head, audit.Past) {
			return audit.Head{Size: math.MaxUint64, Root: models.Hash{1}}, m.past(t, kept, 25)
		}, audit.ErrUnproven},
		{"shows a root and no events", events(25), func(*memory) (audit.Head, audit.Past) { return audit.Head{Root: models.Hash{1}}, audit.Past{} }, audit.ErrUnproven},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := logOf(t, c.log)
			shown, past := m.head(t, m.size), m.past(t, kept, m.size)
			if c.show != nil {
				shown, past = c.show(m)
			}
			err := audit.Compare(before.head(t, kept), shown, past)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			for _, other := range []error{audit.ErrCut, audit.ErrRewritten, audit.ErrUnproven} {
				if other != c.want && errors.Is(err, other) {
					t.Errorf("also called: %v", other)
				}
			}
		})
	}
}

// TestTreeTakesEventsInOrder: a log with a hole, or with an event twice, has no tree.
func TestTreeTakesEventsInOrder(t *testing.T) {
	for _, seqs := range [][]uint64{{0}, {2}, {1, 1}, {1, 3}, {1, 2, math.MaxUint64}} {
		var tree audit.Tree
		var err error
		for _, seq := range seqs {
			e := event(1)
			e.Seq = seq
			_, err = tree.Add(e)
		}
		if err == nil {
			t.Errorf("events %v were taken", seqs)
		}
	}
}

// TestWorkIsBounded: an admin's question reads some hashes, not the log.
func TestWorkIsBounded(t *testing.T) {
	m := logOf(t, events(5000))
	_, err := audit.HeadOf(t.Context(), m)
	ok(t, err)
	m.past(t, 4321, 5000)
	if m.asked > 60 {
		t.Errorf("%d hashes were read", m.asked)
	}
	m.asked = 0
	for _, size := range []uint64{0, 5001, math.MaxInt64, math.MaxUint64} {
		if p := m.past(t, size, 5000); len(p.Proof) != 0 || !p.Root.IsZero() {
			t.Errorf("a past of %d events: %v", size, p)
		}
	}
	if _, err := audit.HeadAt(t.Context(), m, math.MaxInt64); !errors.Is(err, audit.ErrHead) {
		t.Errorf("a head of too many events: %v", err)
	}
	if m.asked != 0 {
		t.Errorf("%d hashes were read for nothing", m.asked)
	}
}

func TestIndex(t *testing.T) {
	m := logOf(t, events(33))
	var at int64
	for seq := uint64(1); seq <= 33; seq++ {
		for level := 0; at < tlog.StoredHashCount(int64(seq)); level++ {
			if s, l, err := audit.Index(at); s != seq || l != level || err != nil {
				t.Fatalf("hash %d is the %dth of event %d, %v; want the %dth of %d", at, l, s, err, level, seq)
			}
			at++
		}
	}
	if at != int64(len(m.hashes)) {
		t.Errorf("%d hashes, %d completed", at, len(m.hashes))
	}
	for _, index := range []int64{-1, math.MinInt64, math.MaxInt64} {
		if _, _, err := audit.Index(index); !errors.Is(err, models.ErrInvalid) {
			t.Errorf("hash %d: %v", index, err)
		}
	}
}

func TestParseHead(t *testing.T) {
	m := logOf(t, events(3))
	for _, size := range []uint64{0, 1, 3} {
		h := m.head(t, size)
		if got, err := audit.ParseHead(h.String()); err != nil || got != h {
			t.Errorf("%s is read as %v, %v", h, got, err)
		}
	}
	good := m.head(t, 3).String()
	root := strings.TrimPrefix(good, "3:")
	for _, bad := range []string{
		"", ":", "3", "3:", ":" + root, "03:" + root, "+3:" + root, "-3:" + root, "3:" + root[2:], good + "00", good + ":", good + "\n", " " + good,
		"3:" + strings.ToUpper(root), "0:" + root, "1:" + m.head(t, 0).Root.String(), "9223372036854775807:" + root, "18446744073709551616:" + root,
	} {
		if h, err := audit.ParseHead(bad); !errors.Is(err, audit.ErrHead) || !h.IsZero() {
			t.Errorf("%q is read as %v, %v", bad, h, err)
		}
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add("3:" + strings.Repeat("0a", 32))
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := audit.ParseHead(s); err == nil && h.String() != s {
			t.Fatalf("%q is read as %v", s, h)
		}
	})
}

// FuzzCompare: whatever a server shows, the comparison ends, and only the log's own head of that size agrees with the one that was kept.
func FuzzCompare(f *testing.F) {
	m := logOf(f, events(9))
	kept, shown, past := m.head(f, 5), m.head(f, 9), m.past(f, 5, 9)
	var proof []byte
	for _, h := range past.Proof {
		proof = append(proof, h[:]...)
	}
	f.Add(shown.Size, shown.Root[:], past.Root[:], proof)
	f.Fuzz(func(t *testing.T, size uint64, root, then, proof []byte) {
		show := audit.Head{Size: size}
		copy(show.Root[:], root)
		p := audit.Past{}
		copy(p.Root[:], then)
		for ; len(proof) >= 32; proof = proof[32:] {
			p.Proof = append(p.Proof, models.Hash(proof[:32]))
		}
		if err := audit.Compare(kept, show, p); err == nil && size <= 9 && show != m.head(t, size) {
			t.Fatalf("agrees with %v", show)
		}
	})
}

// vectorFile is only ever added to.
const vectorFile = "testdata/v1/audit.json"

// vectors are events, and the leaves, roots and proof that they make.
func vectors(t *testing.T) map[string]string {
	v := map[string]string{}
	m := logOf(t, events(7))
	for i, e := range []models.AuditEvent{event(1), {Event: "e", Outcome: "ok"}} {
		e.Seq = uint64(i + 1)
		b := audit.Leaf(e)
		hash := tlog.RecordHash(b)
		v[fmt.Sprintf("leaf %d", i+1)], v[fmt.Sprintf("leaf %d hash", i+1)] = hex.EncodeToString(b), hex.EncodeToString(hash[:])
	}
	for size := range uint64(8) {
		v[fmt.Sprintf("head of %d", size)] = m.head(t, size).String()
	}
	for size := range uint64(6) {
		var proof []string
		for _, h := range m.past(t, size+1, 7).Proof {
			proof = append(proof, h.String())
		}
		v[fmt.Sprintf("proof of %d in 7", size+1)] = strings.Join(proof, " ")
	}
	for i, e := range events(7) {
		e.Seq = uint64(i + 1)
		v[fmt.Sprintf("event %d", e.Seq)] = hex.EncodeToString(audit.Leaf(e))
	}
	return v
}

func TestVectors(t *testing.T) {
	got := vectors(t)
	b, err := os.ReadFile(vectorFile)
	ok(t, err)
	var want map[string]string
	ok(t, json.Unmarshal(b, &want))
	if os.Getenv("VISAVIS_WRITE_VECTORS") != "" { // what is there is never written again
		maps.Copy(got, want)
		b, err := json.MarshalIndent(got, "", "\t")
		ok(t, err)
		ok(t, os.WriteFile(vectorFile, append(b, '\n'), 0o644))
		t.Skip("written")
	}
	if len(want) != len(got) {
		t.Errorf("%d vectors, made %d", len(want), len(got))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: the format has changed: %s", name, got[name])
		}
	}
}
