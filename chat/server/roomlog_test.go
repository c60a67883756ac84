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

func TestRoomLogGivesEveryEntryOnce(t *testing.T) {
	store := &sliceLogs{}
	l := newRoomLog(models.RoomID{1}, store, 0)
	// Three times what is kept in memory, so that old cursors are served from the store and new ones from the buffer.
	const count, size = 3000, 4096
	for i := range uint64(count) {
		e := models.Entry{Room: l.id, Seq: i + 1, Kind: models.EntryMessage, Body: bytes.Repeat([]byte{byte(i)}, size)}
		store.entries = append(store.entries, e)
		if err := l.append(e); err != nil {
			t.Fatal(err)
		}
	}
	if l.base == 0 || len(l.buf) > logMemory+size {
		t.Fatalf("log was not trimmed: base %d, %d bytes", l.base, len(l.buf))
	}
	for _, from := range []uint64{0, 1, l.base - 1, l.base, l.base + 1, count - 1, count} {
		if got := drain(t, l, from); got != int(count-from) {
			t.Errorf("from %d: %d entries, want %d", from, got, count-from)
		}
	}
}

func TestRoomLogRefusesAGap(t *testing.T) {
	l := newRoomLog(models.RoomID{1}, &sliceLogs{}, 5)
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
	l := newRoomLog(models.RoomID{1}, &sliceLogs{}, 0)
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
