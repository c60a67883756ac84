package server

import (
	"bytes"
	"context"
	"testing"

	"visavis/chat/wire"
	"visavis/models"
)

// sliceLogs is a store of one room's entries, for the log's reads of what it no longer holds.
type sliceLogs struct {
	models.Logs
	entries []models.Entry
}

func (s *sliceLogs) Entries(_ context.Context, _ models.RoomID, after uint64, limit int) ([]models.Entry, error) {
	if after >= uint64(len(s.entries)) {
		return nil, nil
	}
	es := s.entries[after:]
	return es[:min(limit, len(es))], nil
}

// drain reads a log from a cursor to its end and checks that every entry comes once and in order.
func drain(t *testing.T, l *roomLog, cursor uint64) int {
	t.Helper()
	var n int
	for {
		b, next, err := l.after(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) == 0 {
			return n
		}
		for r := bytes.NewReader(b); r.Len() > 0; {
			f, err := wire.Read(r, wire.MaxFrame)
			if err != nil {
				t.Fatal(err)
			}
			var e wire.Entry
			if err := f.Decode(&e); err != nil {
				t.Fatal(err)
			}
			if e.Seq != cursor+1 {
				t.Fatalf("entry %d after cursor %d", e.Seq, cursor)
			}
			cursor = e.Seq
			n++
		}
		if cursor != next {
			t.Fatalf("cursor %d, want %d", next, cursor)
		}
	}
}

// followed is a log with a follower.
func followed(store models.Logs, last uint64, most int64) *roomLog {
	l := newRoomLog(models.RoomID{1}, store, last, &logMemory{most: most})
	l.follow(&conn{wake: make(chan struct{}, 1)})
	return l
}

// One member makes rooms without end and writes into each: what nobody follows holds no memory, and all together no more than is allowed.
func TestRoomLogsTogetherAreBounded(t *testing.T) {
	const most = 1 << 20
	all := &logMemory{most: most}
	var logs []*roomLog
	store := &sliceLogs{}
	c := &conn{wake: make(chan struct{}, 1)}
	for seq := range uint64(400) {
		store.entries = append(store.entries, models.Entry{Room: models.RoomID{1}, Seq: seq + 1, Kind: models.EntryMessage, Body: make([]byte, 500)})
	}
	// Beside the bound each log keeps its newest entries, which is what live cursors read.
	const newest = 2 * logMinKeeps * 700
	for i := range 20 {
		l := newRoomLog(models.RoomID{1}, store, 0, all)
		l.follow(c)
		logs = append(logs, l)
		for _, e := range store.entries {
			if err := l.append(e); err != nil {
				t.Fatal(err)
			}
			if n := all.held.Load(); n > most+int64(i+1)*newest || n < 0 {
				t.Fatalf("the logs hold %d bytes of %d", n, most)
			}
		}
		if _, _, live := l.inMemory(l.last() - logMinKeeps); !live {
			t.Fatal("a live cursor has to ask the store")
		}
		if got := drain(t, l, 0); got != len(store.entries) {
			t.Fatalf("%d entries of %d", got, len(store.entries))
		}
	}
	for _, l := range logs {
		l.unfollow(c)
		if l.buf != nil || l.last() != 400 {
			t.Fatal("a log that nobody follows holds memory, or has lost its place")
		}
	}
	if n := all.held.Load(); n != 0 {
		t.Fatalf("nobody follows, and %d bytes are held", n)
	}
}

func TestRoomLogGivesEveryEntryOnce(t *testing.T) {
	store := &sliceLogs{}
	l := followed(store, 0, allLogsMemory)
	// Three times what is kept in memory, so that old cursors are served from the store and new ones from the buffer.
	const count, size = 3000, 4096
	for i := range uint64(count) {
		e := models.Entry{Room: l.id, Seq: i + 1, Kind: models.EntryMessage, Body: bytes.Repeat([]byte{byte(i)}, size)}
		store.entries = append(store.entries, e)
		if err := l.append(e); err != nil {
			t.Fatal(err)
		}
	}
	if l.base == 0 || len(l.buf) > oneLogMemory+size {
		t.Fatalf("log was not trimmed: base %d, %d bytes", l.base, len(l.buf))
	}
	for _, from := range []uint64{0, 1, l.base - 1, l.base, l.base + 1, count - 1, count} {
		if got := drain(t, l, from); got != int(count-from) {
			t.Errorf("from %d: %d entries, want %d", from, got, count-from)
		}
	}
}

func TestRoomLogRefusesAGap(t *testing.T) {
	l := followed(&sliceLogs{}, 5, allLogsMemory)
	if err := l.append(models.Entry{Seq: 7}); err == nil {
		t.Fatal("entry 7 after entry 5 was accepted")
	}
	if err := l.append(models.Entry{Seq: 6}, models.Entry{Seq: 7}); err != nil {
		t.Fatal(err)
	}
	if l.last() != 7 {
		t.Fatalf("last = %d", l.last())
	}
}

func TestRoomLogHandedOutBytesStayValid(t *testing.T) {
	l := followed(&sliceLogs{}, 0, allLogsMemory)
	add := func(seq uint64, size int) {
		if err := l.append(models.Entry{Room: l.id, Seq: seq, Kind: models.EntryMessage, Body: bytes.Repeat([]byte{byte(seq)}, size)}); err != nil {
			t.Fatal(err)
		}
	}
	add(1, 1000)
	b, _, _ := l.after(t.Context(), 0)
	want := bytes.Clone(b)
	for seq := uint64(2); seq < 1200; seq++ {
		add(seq, 10_000) // grows and trims the buffer several times
	}
	if !bytes.Equal(b, want) {
		t.Fatal("bytes that a writer holds were changed")
	}
}

// What is over is forgotten in memory too: whoever reads from there on gets what the store has by now.
func TestRoomLogForgets(t *testing.T) {
	store := &sliceLogs{}
	l := followed(store, 0, 1<<20)
	for seq := range uint64(10) {
		e := models.Entry{Room: models.RoomID{1}, Seq: seq + 1, Kind: models.EntryMessage, Body: []byte("words")}
		if err := l.append(e); err != nil {
			t.Fatal(err)
		}
		e.Kind, e.Body = models.EntryExpired, []byte("left")
		store.entries = append(store.entries, e)
	}
	l.forget(7)
	b, next, err := l.after(t.Context(), 0)
	if err != nil || bytes.Contains(b, []byte("words")) || next != 10 {
		t.Errorf("up to entry %d, with the words in it: %v", next, err)
	}
	if bytes.Count(l.buf, []byte("words")) != 3 || l.last() != 10 {
		t.Errorf("%d entries are kept, up to %d", bytes.Count(l.buf, []byte("words")), l.last())
	}
	l.forget(3) // forgotten before
	l.forget(100)
	if len(l.buf) != 0 || l.last() != 10 {
		t.Errorf("the log ends at %d", l.last())
	}
}
