package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"visavis/biometrics"
	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/config"
	"visavis/models"
	"visavis/models/sqlstore"
)

// face is the n-th made-up face.
func face(n int) (match.Template, error) {
	rng := rand.New(rand.NewPCG(uint64(n), 0))
	var d biometrics.Descriptor
	for i := range d {
		d[i] = float32(rng.IntN(2)*2-1) / 8
	}
	v, err := match.Unit(d)
	if err != nil {
		return match.Template{}, err
	}
	return match.NewTemplate("dlib-1", match.OneIn10000, v, v, v)
}

// addFaces adds n accounts, each with a face that is sealed under the ring's newest key.
func addFaces(ctx context.Context, s *state, n int) error {
	for i := 1; i <= n; i++ {
		u := models.User{Name: "user" + strconv.Itoa(i), Status: models.UserStatus(1 + i%3), CreatedAt: time.UnixMilli(int64(i))}
		u.ID[0], u.ID[1], u.ID[15] = byte(i), byte(i>>8), 1
		t, err := face(i)
		if err != nil {
			return err
		}
		if u.Template, err = template.Seal(s.ring, u.ID, t, time.Unix(int64(i), 0)); err != nil {
			return err
		}
		if err := s.store.AddUser(ctx, u, models.Vault{Account: u.ID, Version: 1}); err != nil {
			return err
		}
	}
	return nil
}

// faces STATE N adds accounts with faces, as a server does.
func addFacesCmd(ts *testscript.TestScript, _ bool, args []string) {
	s, err := openState(context.Background(), ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { _ = s.close() }()
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(addFaces(context.Background(), s, n))
}

// checkFaces says whether n faces, in whatever state the folder is, open under the ring that stands beside them.
func checkFaces(t *testing.T, dir string, n int) {
	t.Helper()
	s, err := openState(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	found := 0
	err = eachTemplate(t.Context(), s.store, func(sealed models.SealedTemplate) error {
		found++
		got, err := template.Open(s.ring, sealed.Account, sealed.Sealed)
		if err != nil {
			return err
		}
		want, err := face(int(sealed.Account[0]) + int(sealed.Account[1])<<8)
		if err == nil && (len(got.Views) != len(want.Views) || got.Views[0] != want.Views[0] || got.Centroid != want.Centroid) {
			err = errors.New("another face")
		}
		return err
	})
	if err != nil || found != n {
		t.Fatalf("%d of %d faces: %v", found, n, err)
	}
}

func newFaces(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "state")
	c := config.Default()
	c.Server.Organisation, c.Server.Addresses = "Example", []string{"chat.example.org:7443"}
	s, err := makeState(t.Context(), dir, c, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(addFaces(t.Context(), s, n), s.close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

var errKilled = errors.New("killed")

// killing ends a rotation at one of its steps: what changes the disk. late says that the step was done first.
type killing struct {
	templates
	step, at int
	late     bool
}

func (k *killing) do(act func() error) error {
	k.step++
	switch {
	case k.step > k.at || k.step == k.at && !k.late:
		return errKilled
	case k.step == k.at:
		return errors.Join(act(), errKilled)
	}
	return act()
}

func (k *killing) ReplaceTemplate(ctx context.Context, t models.SealedTemplate, to []byte) error {
	return k.do(func() error { return k.templates.ReplaceTemplate(ctx, t, to) })
}

func (k *killing) AddAudit(ctx context.Context, e models.AuditEvent) error {
	return k.do(func() error { return k.templates.AddAudit(ctx, e) })
}

func (k *killing) Forget(ctx context.Context) error {
	return k.do(func() error { return k.templates.Forget(ctx) })
}

// rotateUntil rotates and drops, and is killed at a step; it says whether it came to an end before.
func rotateUntil(t *testing.T, dir string, at int, late bool) (ended bool) {
	t.Helper()
	s, err := openState(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	r := s.rotation(&env{t.Context(), io.Discard, io.Discard})
	k := &killing{templates: r.store, at: at, late: late}
	write := r.write
	r.store, r.write = k, func(b []byte) error { return k.do(func() error { return write(b) }) }
	if err = r.rotate(t.Context()); err == nil {
		err = r.drop(t.Context())
	}
	if err != nil && !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	return err == nil
}

// TestRotationIsResumed kills a rotation at each of its steps, before and after the step is done. Whatever stands on the disk then, every face
// opens; and who runs it again ends with one key, under which everything is sealed.
func TestRotationIsResumed(t *testing.T) {
	const people = 5
	for at := 1; ; at++ {
		for _, late := range []bool{false, true} {
			dir := newFaces(t, people)
			ended := rotateUntil(t, dir, at, late)
			checkFaces(t, dir, people)
			if ended {
				if at < people+5 {
					t.Errorf("a rotation of %d steps", at)
				}
				return
			}
			if err := (&keysRotateCmd{stateFlag: stateFlag{dir}, Drop: true}).Run(&env{t.Context(), io.Discard, io.Discard}); err != nil {
				t.Fatalf("killed at step %d, run again: %v", at, err)
			}
			checkFaces(t, dir, people)
			s, err := openState(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if used, err := count(t.Context(), s.store); err != nil || len(s.ring.IDs()) != 1 || used[s.ring.IDs()[0]] != people {
				t.Errorf("killed at step %d, run again: %d keys, %v, %v", at, len(s.ring.IDs()), used, err)
			}
			if err := s.close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestRotationIsContinued: a rotation that was killed on its way makes no second key, it goes on.
func TestRotationIsContinued(t *testing.T) {
	dir := newFaces(t, 5)
	if rotateUntil(t, dir, 5, false) {
		t.Fatal("was not killed")
	}
	var out strings.Builder
	if err := (&keysRotateCmd{stateFlag: stateFlag{dir}}).Run(&env{t.Context(), &out, io.Discard}); err != nil || !strings.Contains(out.String(), "Going on: 3 of 5") {
		t.Errorf("run again: %q, %v", out.String(), err)
	}
	if s, err := openState(t.Context(), dir); err != nil || len(s.ring.IDs()) != 2 || s.close() != nil {
		t.Errorf("%d keys, %v", len(s.ring.IDs()), err)
	}
}

// TestStolenTemplateKey: somebody copied the ring. After a rotation that drops it, the stolen keys open nothing that is on the server's disk, and
// neither they nor what they had sealed is in any of its files.
func TestStolenTemplateKey(t *testing.T) {
	const people = 230 // more than a page
	dir := newFaces(t, people)
	s, err := openState(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	stolen := s.ring
	var tokens [][]byte
	err = eachTemplate(t.Context(), s.store, func(sealed models.SealedTemplate) error {
		tokens = append(tokens, sealed.Sealed[60:120])
		return nil
	})
	if err := errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	secret := stolen.Encode()[len(stolen.Encode())-32:]
	var out strings.Builder
	if !onDisk(t, dir, secret) || !onDisk(t, dir, tokens[7]) {
		t.Fatal("what is stolen is not found before: this test looks in the wrong place")
	}
	if err := (&keysRotateCmd{stateFlag: stateFlag{dir}, Drop: true}).Run(&env{t.Context(), &out, io.Discard}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Sealed 100 of 230 face templates.\nSealed 200 of 230 face templates.\nSealed 230 ") {
		t.Errorf("progress: %q", out.String())
	}
	checkFaces(t, dir, people)
	if onDisk(t, dir, secret) {
		t.Error("the stolen key is still on the disk")
	}
	for i, token := range tokens {
		if onDisk(t, dir, token) {
			t.Fatalf("template %d is still there as it was stolen", i)
		}
	}
	if s, err = openState(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	err = eachTemplate(t.Context(), s.store, func(sealed models.SealedTemplate) error {
		if _, err := template.Open(stolen, sealed.Account, sealed.Sealed); !errors.Is(err, template.ErrUnknown) {
			return fmt.Errorf("opened under the stolen ring: %w", err)
		}
		return nil
	})
	if err := errors.Join(err, s.close()); err != nil {
		t.Error(err)
	}
}

// onDisk says whether a file of the folder holds what.
func onDisk(t *testing.T, dir string, what []byte) bool {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, what) {
			return true
		}
	}
	return false
}

// TestDropSparesWhatIsUsed: keys that seal something stay, and a template that nobody can read keeps no key.
func TestDropSparesWhatIsUsed(t *testing.T) {
	dir := newFaces(t, 2)
	if rotateUntil(t, dir, 3, true) { // one is sealed anew, one is not
		t.Fatal("was not killed")
	}
	s, err := sqlstore.Open(t.Context(), filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	odd := models.User{ID: models.AccountID{9}, Name: "odd", Status: models.UserActive, Template: []byte("no template")}
	if err := errors.Join(s.AddUser(t.Context(), odd, models.Vault{Account: odd.ID, Version: 1}), s.Close()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	e := &env{t.Context(), &out, io.Discard}
	if err := (&keysDropCmd{stateFlag{dir}}).Run(e); err != nil || !strings.Contains(out.String(), "stays: it seals 1 face templates") {
		t.Errorf("%q, %v", out.String(), err)
	}
	out.Reset()
	err = (&keysRotateCmd{stateFlag: stateFlag{dir}, Drop: true}).Run(e)
	if !errors.Is(err, errUnopened) || !strings.Contains(out.String(), "The face template of "+odd.ID.String()) {
		t.Errorf("%q, %v", out.String(), err)
	}
	out.Reset()
	if err := (&keysDropCmd{stateFlag{dir}}).Run(e); err != nil || out.String() != "Dropped 1 old keys; 1 left.\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// TestDeletedWhileSomebodyReads: what the operator deletes beside a reader of the database is deleted, and he is told that the reader holds it.
func TestDeletedWhileSomebodyReads(t *testing.T) {
	dir := newFaces(t, 2)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, databaseFile)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	backup, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = backup.Rollback() }()
	var n int
	if err := backup.QueryRowContext(t.Context(), `SELECT count(*) FROM users`).Scan(&n); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	deleted := func() error {
		return stateFlag{State: dir}.open(t.Context(), func(s *state) error {
			list, err := s.store.Templates(t.Context(), models.SealedTemplate{}, 1)
			if err != nil || len(list) == 0 {
				return fmt.Errorf("%d templates: %w", len(list), err)
			}
			return s.store.DeleteUser(t.Context(), list[0].Account)
		})
	}
	if err := deleted(); !errors.Is(err, models.ErrHeld) {
		t.Errorf("beside a reader: %v", err)
	}
	if err := backup.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := deleted(); err != nil {
		t.Errorf("alone: %v", err)
	}
	checkFaces(t, dir, 0)
}
