package client_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// onDisk says whether any file of the server's folder holds what.
func onDisk(t *testing.T, w *chattest.World, what []byte) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.Dir, "visavis.db*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		if bytes.Contains(b, what) {
			return true
		}
	}
	return false
}

// beginReading reads the database as a backup does, until it is rolled back: it sees what was there when it began.
func beginReading(t *testing.T, w *chattest.World) *sql.Tx {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.Dir, "visavis.db")+"?mode=ro")
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	var n int
	must(t, tx.QueryRowContext(t.Context(), `SELECT count(*) FROM entries`).Scan(&n))
	return tx
}

// untilOver waits until an entry is over in the store.
func untilOver(t *testing.T, w *chattest.World, id models.RoomID, seq uint64) (over models.Entry) {
	t.Helper()
	eventually(func() bool {
		es, err := w.Store.Entries(t.Context(), id, seq-1, 1)
		must(t, err)
		over = es[0]
		return over.Kind == models.EntryExpired
	})
	return over
}

// eventually waits for what another goroutine does to the storage, which tells nobody.
func eventually(is func() bool) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !is() {
		<-look.C
	}
}

// Messages of a room disappear: a thief of the database, one who joins late, one who was away and one who logs in anew find their places and no words,
// and nobody is warned of anything.
func TestMessagesDisappear(t *testing.T) {
	w, first, admin, ben := people(t)
	cleo := w.SignUp(first, "cleo", 3)
	w.Approve(admin, cleo)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	s.SetMending(time.Minute, 0)
	id, err := admin.CreateRoom(ctx, "Fleeting")
	must(t, err)
	stays := policy(trust.HistoryAll, 0)
	fleeting := stays
	fleeting.MaxAge = 600
	must(t, admin.SetRules(ctx, id, stays))
	member(t, admin, s, id)
	says(t, admin, id, "stays")
	must(t, admin.SetRules(ctx, id, fleeting))
	r := reads(t, s, id)
	says(t, admin, id, "gone one")
	r.until("stays", "gone one") // what ben says before he knows the new rules is under the old ones
	says(t, s, id, "gone two")
	seq := lastSeq(t, w, id)
	r.until("stays", "gone one", "gone two")
	e := entryAt(t, w, id, seq)
	token := e.Body[len(e.Body)-64:]
	if !onDisk(t, w, token) {
		t.Fatal("the token is not found before it is over: this test looks in the wrong place")
	}
	again, err := s.NewMessageID()
	must(t, err)
	must(t, s.SendAs(ctx, id, again, "gone three"))
	r.until("stays", "gone one", "gone two", "gone three")

	w.Clock.Move(400 * time.Second)
	says(t, admin, id, "later") // says where its stream comes from, since what said it before is gone first
	r.until("stays", "gone one", "gone two", "gone three", "later")
	backup := beginReading(t, w)
	w.Clock.Move(201 * time.Second)
	left := untilOver(t, w, id, seq+1)
	eventually(func() bool { return w.Store.Held() })
	if !onDisk(t, w, token) {
		t.Error("who reads the database holds nothing: this test reads in the wrong place")
	}
	must(t, backup.Rollback())
	eventually(func() bool { return !onDisk(t, w, token) }) // at the server's next tick
	if x, err := trust.ParseExpired(left.Body); err != nil || x.Entry.IsZero() {
		t.Errorf("what is left: %v", err)
	}
	says(t, admin, id, "new")
	r.until("stays", "gone one", "gone two", "gone three", "later", "new")

	// Who joins now, and who logs in again: the chain is whole, the words are gone.
	late := w.LogIn(first, cleo)
	fresh := reads(t, late, id)
	member(t, admin, late, id)
	fresh.until("stays", "later", "new")
	must(t, late.UntilMended(ctx, id))
	says(t, s, id, "after")
	fresh.until("stays", "later", "new", "after")
	back := w.LogIn(first, ben)
	own := reads(t, back, id)
	must(t, back.Enter(ctx, id))
	own.until("stays", "later", "new", "after")
	says(t, back, id, "of a new log-in")
	fresh.until("stays", "later", "new", "after", "of a new log-in")
	r.until("stays", "gone one", "gone two", "gone three", "later", "new", "after", "of a new log-in")
	for _, x := range []*reading{r, fresh, own} {
		for seq, warn := range x.warn {
			t.Errorf("entry %d: %v", seq, warn)
		}
	}
	// Somebody who does not know whether it was stored sends it again: it was, and is not said twice.
	must(t, back.SendAs(ctx, id, again, "gone three"))
	if n := lastSeq(t, w, id); entryAt(t, w, id, n).Author != ben.Account || len(own.rest()) != 5 {
		t.Error("it was said twice")
	}
}

// The server stopped before it let them vanish: it does when it starts, before anybody reads.
func TestOverdueMessagesVanishAtTheStart(t *testing.T) {
	w, first, admin, _ := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Overdue")
	must(t, err)
	p := policy(trust.HistoryNone, 0)
	p.MaxAge = 60
	must(t, admin.SetRules(ctx, id, p))
	says(t, admin, id, "overdue")
	seq := lastSeq(t, w, id)
	e := entryAt(t, w, id, seq)
	admin.Close()
	w.Stop()
	w.Clock.Move(time.Hour)
	w.Start(nil)
	c := w.Connect(first) // it serves
	must(t, c.Close())
	if e := entryAt(t, w, id, seq); e.Kind != models.EntryExpired {
		t.Errorf("the message still stands: kind %d", e.Kind)
	}
	if onDisk(t, w, e.Body[len(e.Body)-64:]) {
		t.Error("the token is still on the disk")
	}
}

// The server says of a message that its time is over, which it is not; of one that came after others, or where messages stay.
func TestTakenBeforeItsTime(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Taken")
	must(t, err)
	p := policy(trust.HistoryNone, 0)
	p.MaxAge = 600
	must(t, admin.SetRules(ctx, id, p))
	member(t, admin, s, id)
	says(t, admin, id, "taken", "left")
	seq := lastSeq(t, w, id) - 1
	early := func(at time.Duration) func(models.RoomID, []models.Entry) []models.Entry {
		return func(room models.RoomID, es []models.Entry) []models.Entry {
			es = slices.Clone(es)
			for i, e := range es {
				if room != id || e.Seq != seq {
					continue
				}
				x, err := trust.Expire(e)
				if err != nil {
					t.Error(err)
				}
				x.At = x.At.Add(at)
				es[i] = x
			}
			return es
		}
	}
	for name, at := range map[string]time.Duration{"by its own time": 0, "by another time": -time.Hour} {
		restart(w, h, &lies{entries: early(at)})
		again := w.LogIn(first, ben)
		must(t, again.Enter(ctx, id))
		ev := eventAt(t, again, id, seq)
		if ev.Cause != e2e.CauseTaken {
			t.Errorf("%s: %v", name, ev.Cause)
		}
		if next := eventAt(t, again, id, seq+1); !next.Warn.Has(e2e.WarnGap) {
			t.Errorf("%s: no gap is shown: %v", name, next.Warn)
		}
	}
}

func entryAt(t *testing.T, w *chattest.World, id models.RoomID, seq uint64) models.Entry {
	t.Helper()
	es, err := w.Store.Entries(t.Context(), id, seq-1, 1)
	must(t, err)
	return es[0]
}

// eventAt takes updates up to a room's entry.
func eventAt(t *testing.T, s *client.Session, id models.RoomID, seq uint64) e2e.Event {
	t.Helper()
	for {
		u, err := s.Next(t.Context())
		must(t, err)
		if u.Room == id && u.Event != nil && u.Event.Seq == seq {
			return *u.Event
		}
	}
}
