package talk

import (
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/models"
)

// A key comes late: what was said under it stands where it was said, and what it was told by is counted down.
func TestAgain(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	m := New(models.AccountID{1}, nil, time.UTC, nil)
	id, by := models.RoomID{1}, models.AccountID{2}
	text := func(seq uint64, s string) e2e.Event {
		return e2e.Event{Kind: e2e.EventMessage, Seq: seq, At: at, Author: by,
			Message: &e2e.Message{ID: models.MessageID{byte(seq)}, Kind: e2e.KindText, Content: []byte(s)}}
	}
	closed := func(seq uint64) e2e.Event {
		return e2e.Event{Kind: e2e.EventRefused, Seq: seq, At: at, Author: by, Cause: e2e.CauseNoKey}
	}
	shown := func() (out []string) {
		for _, l := range m.rooms[id].lines {
			switch l.Kind {
			case Message:
				out = append(out, l.Text)
			case Closed:
				out = append(out, string(rune('0'+l.Count))+" closed")
			}
		}
		return out
	}
	same := func(want ...string) {
		t.Helper()
		got := shown()
		if len(got) != len(want) {
			t.Fatalf("%q, want %q", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%q, want %q", got, want)
			}
		}
	}
	for _, ev := range []e2e.Event{closed(1), closed(2), text(3, "three"), closed(4)} {
		m.Event(id, ev)
	}
	same("2 closed", "three", "1 closed")
	m.Again(id, text(2, "two"), e2e.CauseNoKey)
	same("1 closed", "two", "three", "1 closed")
	m.Again(id, text(2, "two"), e2e.CauseNoKey)
	m.Again(id, text(1, "one"), e2e.CauseNoKey)
	same("one", "two", "three", "1 closed")
	m.Again(id, text(4, "four"), e2e.CauseNoKey)
	same("one", "two", "three", "four")
	if r := m.rooms[id]; r.newest != "four" {
		t.Errorf("the newest is %q", r.newest)
	}
	title := text(3, "an older title")
	title.Message.Kind = e2e.KindTitle
	newer := text(5, "the title")
	newer.Message.Kind = e2e.KindTitle
	m.Event(id, newer)
	m.Again(id, title, e2e.CauseNoKey)
	if m.rooms[id].title != "the title" {
		t.Errorf("the title is %q", m.rooms[id].title)
	}
	m.Again(id, text(6, "as any other"), e2e.CauseNoKey)
	same("one", "two", "three", "four", "as any other")
	m.Again(models.RoomID{9}, closed(1), e2e.CauseNoKey)

	// The server had put another message there, and one that did not open for another reason.
	swapped := text(6, "what stands there")
	swapped.Message.ID = models.MessageID{99}
	m.Again(id, swapped, e2e.CauseNone)
	same("one", "two", "three", "four", "what stands there")
	broken := closed(7)
	broken.Cause = e2e.CauseToken
	m.Event(id, broken)
	m.Again(id, text(7, "seven"), e2e.CauseToken)
	same("one", "two", "three", "four", "what stands there", "seven")
}
