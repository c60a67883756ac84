package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"visavis/models"
)

func newStore(t *testing.T) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a folder#with?odd%20letters", "visavis.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, path
}

func entryOfSize(n byte, size int) models.Entry {
	return models.Entry{
		Room: models.RoomID{1}, Kind: models.EntryMessage, Author: models.AccountID{1}, Message: models.MessageID{n},
		Body: bytes.Repeat([]byte{n}, size), At: time.UnixMilli(1),
	}
}

func TestOpenRefuses(t *testing.T) {
	s, path := newStore(t)
	if _, err := Create(t.Context(), path); !errors.Is(err, models.ErrExists) {
		t.Errorf("Create over a database: %v", err)
	}
	if _, err := s.writer.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrNewer) {
		t.Errorf("Open of a newer database: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrMode) {
		t.Errorf("Open of a database that others may read: %v", err)
	}
	if _, err := Open(t.Context(), path+".not"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("Open of nothing: %v", err)
	}
	if _, err := os.Stat(path + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Error("Open made a file")
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), text); !errors.Is(err, ErrDamaged) {
		t.Errorf("Open of a text: %v", err)
	}
}

func TestSettingsOfEveryConnection(t *testing.T) {
	s, path := newStore(t)
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if fi.Mode().Perm() != 0o600 {
		t.Errorf("file mode %#o, want 0600", fi.Mode().Perm())
	}
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "busy_timeout": "5000", "trusted_schema": "0",
	} {
		for name, db := range map[string]querier{"writer": s.writer, "reader": s.reader} {
			var got string
			if err := db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s = %q, %v, want %q", name, pragma, got, err, want)
			}
		}
	}
	if _, err := s.reader.Exec(`DELETE FROM audit`); err == nil {
		t.Error("a reading connection wrote")
	}
}

// TestSurvivesReopening also proves that the migrations run once.
func TestSurvivesReopening(t *testing.T) {
	s, path := newStore(t)
	if _, err := s.Append(t.Context(), []models.Entry{entryOfSize(1, 10)}); err != nil {
		t.Fatal(err)
	}
	// A second process beside the first sees what was written, and both write.
	other, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for i, store := range []*Store{other, s} {
		got, err := store.Append(t.Context(), []models.Entry{entryOfSize(byte(2+i), 10)})
		if err != nil || got[0].Seq != uint64(2+i) {
			t.Fatalf("store %d: %+v, %v", i, got, err)
		}
	}
	if err := errors.Join(s.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if last, err := again.LastSeq(t.Context(), models.RoomID{1}); err != nil || last != 3 {
		t.Errorf("last %d, %v, want 3", last, err)
	}
}

// TestTwoProcesses count in one database at once: no count is lost, and nobody is told that it is busy.
func TestTwoProcesses(t *testing.T) {
	const each = 50
	s, path := newStore(t)
	other, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	count := func(store *Store) (uint32, error) {
		a, err := store.CountAttempt(t.Context(), models.AttemptFace, "a", func(a *models.Attempts) error { a.Total++; return nil })
		return a.Total, err
	}
	var wg sync.WaitGroup
	for _, store := range []*Store{s, other} {
		wg.Go(func() {
			for range each {
				if _, err := count(store); err != nil {
					t.Errorf("count: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if total, err := count(s); err != nil || total != 2*each+1 {
		t.Errorf("total %d, %v, want %d", total, err, 2*each+1)
	}
}

// TestFullDisk: nothing of a batch that did not fit stays, the error says why, and the store works on.
func TestFullDisk(t *testing.T) {
	s, _ := newStore(t)
	var pages int
	if err := s.writer.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	var got int
	if err := s.writer.QueryRow(`PRAGMA max_page_count = ` + strconv.Itoa(pages+20)).Scan(&got); err != nil {
		t.Fatal(err)
	}
	_, err := s.Append(t.Context(), []models.Entry{entryOfSize(1, 100), entryOfSize(2, 200_000)})
	if !errors.Is(err, models.ErrFull) {
		t.Fatalf("error %v, want ErrFull", err)
	}
	if last, err := s.LastSeq(t.Context(), models.RoomID{1}); err != nil || last != 0 {
		t.Errorf("last %d, %v: a part of the failed batch stayed", last, err)
	}
	if a, err := s.Append(t.Context(), []models.Entry{entryOfSize(3, 100)}); err != nil || a[0].Seq != 1 {
		t.Errorf("after it: %+v, %v", a, err)
	}
}

// TestBatchIsAtomic breaks the disk in the middle of a batch.
func TestBatchIsAtomic(t *testing.T) {
	s, _ := newStore(t)
	if _, err := s.writer.Exec(`CREATE TRIGGER broken BEFORE INSERT ON entries WHEN length(NEW.body) = 13
		BEGIN SELECT RAISE(ABORT, 'broken disk'); END`); err != nil {
		t.Fatal(err)
	}
	good, bad := entryOfSize(1, 10), entryOfSize(2, 13)
	good.Kind = models.EntryGeneration
	good.Boxes = []models.Box{{Room: good.Room, Generation: models.Hash{1}, Account: models.AccountID{1}, Body: []byte{1}}}
	got, err := s.Append(t.Context(), []models.Entry{good, bad})
	if err == nil || got != nil {
		t.Fatalf("answers %+v, error %v", got, err)
	}
	if last, err := s.LastSeq(t.Context(), models.RoomID{1}); err != nil || last != 0 {
		t.Errorf("last %d, %v", last, err)
	}
	if b, err := s.BoxFor(t.Context(), good.Room, models.Hash{1}, models.AccountID{1}); err != nil || len(b) != 0 {
		t.Errorf("boxes %v, %v", b, err)
	}
}

// TestReplacedIsGone looks for templates that were sealed anew in every file of the database, while it is open.
func TestReplacedIsGone(t *testing.T) {
	s, path := newStore(t)
	secret := func(n byte) []byte { return bytes.Repeat([]byte{'s', 'e', 'c', 'r', 'e', 't', n, '.'}, 20+int(n)*10) }
	for n := byte(1); n <= 40; n++ {
		u := models.User{ID: models.AccountID{n}, Name: string(rune('a' + n)), Status: models.UserActive, Template: secret(n)}
		if err := s.AddUser(t.Context(), u, models.Vault{Account: u.ID, Version: 1}); err != nil {
			t.Fatal(err)
		}
	}
	for n := byte(1); n <= 40; n++ { // longer, as long, shorter: pages are rearranged
		to := bytes.Repeat([]byte("anew"), 1+int(n)*37%600)
		if err := s.ReplaceTemplate(t.Context(), models.SealedTemplate{Account: models.AccountID{n}, Sealed: secret(n)}, to); err != nil {
			t.Fatal(err)
		}
	}
	if !onDisk(t, path, secret(7)[:16]) {
		t.Fatal("a template is not found before it is forgotten: this test looks in the wrong place")
	}
	if err := s.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := byte(1); n <= 40; n++ {
		if onDisk(t, path, secret(n)[:16]) {
			t.Errorf("template %d is still on the disk", n)
		}
	}
}

// TestDeletedIsGone looks for a deleted template in every file of the database, while it is open.
func TestDeletedIsGone(t *testing.T) {
	s, path := newStore(t)
	secret := bytes.Repeat([]byte("a face, sealed. "), 700)
	u := models.User{ID: models.AccountID{1}, Name: "alice", Status: models.UserActive, Template: secret}
	if err := s.AddUser(t.Context(), u, models.Vault{Account: u.ID, Version: 1, Body: secret}); err != nil {
		t.Fatal(err)
	}
	if !onDisk(t, path, secret[:64]) {
		t.Fatal("the template is not found before it is deleted: this test looks in the wrong place")
	}
	if err := s.DeleteUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, path, secret[:64]) {
		t.Error("the deleted template is still on the disk")
	}
}

// TestVanishedIsGone looks for messages whose time is over in every file of the database, while it is open: a short one, and one that is too long for
// a page.
func TestVanishedIsGone(t *testing.T) {
	s, path := newStore(t)
	var entries []models.Entry
	for n, times := range []int{40, 450} {
		e := models.Entry{Room: models.RoomID{1}, Kind: models.EntryMessage, Author: models.AccountID{1}, Message: models.MessageID{byte(n + 1)},
			Body: bytes.Repeat(fmt.Appendf(nil, "words, sealed %d. ", n), times), At: time.UnixMilli(1000), Ends: time.UnixMilli(2000)}
		entries = append(entries, e)
	}
	if _, err := s.Append(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	var left []models.Entry
	for n, e := range entries {
		if !onDisk(t, path, e.Body[:64]) {
			t.Fatalf("message %d is not found before it vanishes: this test looks in the wrong place", n)
		}
		left = append(left, models.Entry{Room: e.Room, Seq: uint64(n + 1), Kind: models.EntryExpired, Body: []byte("what is left")})
	}
	if err := s.Vanish(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	for n, e := range entries {
		if onDisk(t, path, e.Body[:64]) || onDisk(t, path, e.Body[len(e.Body)-64:]) {
			t.Errorf("message %d is still on the disk", n)
		}
	}
}

// TestReaderHoldsWhatIsDeleted has somebody read an older state: what is deleted meanwhile stays in the log, writes go on, and it is gone once he has ended.
func TestReaderHoldsWhatIsDeleted(t *testing.T) {
	s, path := newStore(t)
	secret := bytes.Repeat([]byte("a face, sealed. "), 700)
	for n := byte(1); n <= 2; n++ {
		u := models.User{ID: models.AccountID{n}, Name: string(rune('a' + n)), Status: models.UserActive, Template: secret}
		if err := s.AddUser(t.Context(), u, models.Vault{Account: u.ID, Version: 1, Body: secret}); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := s.reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Rollback() }()
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM users`).Scan(&n); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	for n := byte(1); n <= 2; n++ {
		if err := s.DeleteUser(t.Context(), models.AccountID{n}); err != nil || !s.Held() {
			t.Fatalf("held %t, %v", s.Held(), err)
		}
	}
	if err := s.Forget(t.Context()); !errors.Is(err, models.ErrHeld) || !s.Held() || !onDisk(t, path, secret[:64]) {
		t.Errorf("a reader holds it: %v", err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(t.Context()); err != nil || s.Held() || onDisk(t, path, secret[:64]) {
		t.Errorf("nobody holds it: %v", err)
	}
	var wait int
	if err := s.writer.QueryRowContext(t.Context(), `PRAGMA busy_timeout`).Scan(&wait); err != nil || wait != busyMillis {
		t.Errorf("writes wait %d ms for others, %v", wait, err)
	}
}

func onDisk(t *testing.T, path string, what []byte) bool {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if fi, err := f.Info(); err != nil || fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, %v", f.Name(), fi.Mode(), err)
		}
		b, err := os.ReadFile(filepath.Join(filepath.Dir(path), f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, what) {
			return true
		}
	}
	return false
}

// TestCloseWaits: a call that runs when Close comes is served to its end.
func TestCloseWaits(t *testing.T) {
	s, path := newStore(t)
	inside, closed := make(chan struct{}), make(chan error, 1)
	go func() {
		<-inside
		closed <- s.Close()
	}()
	if _, err := s.CountAttempt(t.Context(), models.AttemptFace, "a", func(a *models.Attempts) error {
		close(inside)
		for s.mu.TryRLock() { // until Close stands at the door
			s.mu.RUnlock()
		}
		a.Total = 1
		return nil
	}); err != nil {
		t.Errorf("running call: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	again, err := Open(context.WithoutCancel(t.Context()), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if _, err := again.CountAttempt(t.Context(), models.AttemptFace, "a", func(a *models.Attempts) error {
		if a.Total != 1 {
			t.Errorf("total %d, want 1", a.Total)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 64} {
		b.Run("batch"+strconv.Itoa(size), func(b *testing.B) {
			s, err := Create(b.Context(), filepath.Join(b.TempDir(), "visavis.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			var n uint64
			for b.Loop() {
				batch := make([]models.Entry, size)
				for i := range batch {
					n++
					batch[i] = entryOfSize(1, 400)
					batch[i].Message = models.MessageID{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24), 1}
				}
				if _, err := s.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/entry")
		})
	}
}

// leaver is a caller who has given up since something happened, and of whom nobody was told.
type leaver struct {
	context.Context
	left *bool
}

func (l leaver) Err() error {
	if *l.left {
		return context.Canceled
	}
	return nil
}

// A caller who gives up as soon as a secret is replaced is not told that it was not: what depends on it would be left undone.
func TestReplacedThoughNobodyWaits(t *testing.T) {
	s, _ := newStore(t)
	left := false
	err := s.overwriting(leaver{context.Background(), &left}, "replace", func(q querier) error {
		left = true
		return nil
	})
	if err != nil {
		t.Errorf("it is said to have failed: %v", err)
	}
}

// Whoever kills the server after each try, or pulls its plug, has no tries for nothing: what was counted, shown or used up is in the files by the time that the
// call returns. The files are looked at as they are while the store is open, with nothing closed or folded in.
func TestTriesSurviveAKill(t *testing.T) {
	s, path := newStore(t)
	ctx := t.Context()
	account, desk := models.AccountID{1}, models.DeskID{2}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	one := func(a *models.Attempts) error { a.InRow++; a.Total++; return nil }
	u := models.User{ID: account, Name: "alice", Status: models.UserActive, Record: []byte("record"), Suite: 1, CreatedAt: time.UnixMilli(1), ConsentAt: time.UnixMilli(1)}
	must(s.AddUser(ctx, u, models.Vault{Account: account, Version: 1, Body: []byte("vault")}))
	must(s.PutCode(ctx, models.Code{Account: account, Desk: desk, Grant: []byte("grant"), Tries: 3, Until: time.UnixMilli(1e12)}))
	killed := func() *Store {
		t.Helper()
		copied := filepath.Join(t.TempDir(), "visavis.db")
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(path + suffix)
			must(err)
			must(os.WriteFile(copied+suffix, b, 0o600))
		}
		again, err := Open(ctx, copied)
		must(err)
		t.Cleanup(func() { _ = again.Close() })
		return again
	}
	for n := range uint32(2) {
		_, err := s.CountAttempt(ctx, models.AttemptFace, account.String(), one)
		must(err)
		_, err = s.PutChallenge(ctx, models.Challenge{Account: account, Desk: desk, Body: []byte{1}, IssuedAt: time.UnixMilli(1)})
		must(err)
		if _, err := s.TryCode(ctx, account, desk, time.UnixMilli(2), func(models.Code) bool { return false }); !errors.Is(err, models.ErrConflict) {
			t.Fatal(err)
		}
		again := killed()
		a, err := again.CountAttempt(ctx, models.AttemptFace, account.String(), one)
		must(err)
		if a.InRow != n+2 || a.Total != n+2 { // with the one just now
			t.Errorf("after %d tries and a kill, the next is number %d", n+1, a.Total)
		}
		c, err := again.PutChallenge(ctx, models.Challenge{Account: account, Desk: desk, Body: []byte{2}, IssuedAt: time.UnixMilli(9)})
		must(err)
		if !bytes.Equal(c.Body, []byte{1}) {
			t.Error("another challenge is shown after a kill")
		}
		code, err := again.TryCode(ctx, account, desk, time.UnixMilli(2), func(models.Code) bool { return true })
		must(err)
		if left := uint32(code.Tries); left != 3-(n+2) {
			t.Errorf("after %d tries of a code and a kill, %d are left", n+1, left)
		}
	}
}
