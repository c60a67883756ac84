package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"visavis/models"
)

func testUsersRefused(t *testing.T, s models.Store) {
	ctx := t.Context()
	u1, v1 := user(1)
	ok(t, s.AddUser(ctx, u1, v1))
	for _, c := range []struct {
		name  string
		spoil func(*models.User, *models.Vault)
		want  error
	}{
		{"id taken", func(u *models.User, v *models.Vault) { u.ID, v.Account = u1.ID, u1.ID }, models.ErrExists},
		{"name taken", func(u *models.User, _ *models.Vault) { u.Name = u1.Name }, models.ErrExists},
		{"no id", func(u *models.User, v *models.Vault) { u.ID, v.Account = models.AccountID{}, models.AccountID{} }, models.ErrInvalid},
		{"no name", func(u *models.User, _ *models.Vault) { u.Name = "" }, models.ErrInvalid},
		{"no status", func(u *models.User, _ *models.Vault) { u.Status = 0 }, models.ErrInvalid},
		{"unknown status", func(u *models.User, _ *models.Vault) { u.Status = 4 }, models.ErrInvalid},
		{"another's vault", func(_ *models.User, v *models.Vault) { v.Account = u1.ID }, models.ErrInvalid},
		{"vault without version", func(_ *models.User, v *models.Vault) { v.Version = 0 }, models.ErrInvalid},
		{"vault of version 2", func(_ *models.User, v *models.Vault) { v.Version = 2 }, models.ErrInvalid},
	} {
		u, v := user(2)
		c.spoil(&u, &v)
		refused(t, c.name, s.AddUser(ctx, u, v), c.want)
	}
	// No part of a refused user stayed: neither the row nor the vault.
	u2, v2 := user(2)
	_, err := s.UserByID(ctx, u2.ID)
	refused(t, "refused user", err, models.ErrNotFound)
	_, err = s.VaultOf(ctx, u2.ID)
	refused(t, "refused user's vault", err, models.ErrNotFound)
	same(t, "first user's vault", must(s.VaultOf(ctx, u1.ID))(t), v1)
	ok(t, s.AddUser(ctx, u2, v2))
}

func testUsersKept(t *testing.T, s models.Store) {
	ctx := t.Context()
	for _, name := range []string{"", "nobody", "user1' OR '1'='1", "USER1"} {
		u, err := s.UserByName(ctx, name)
		refused(t, "unknown name "+name, err, models.ErrNotFound)
		same(t, "unknown user", u, models.User{})
	}
	u, v := user(1)
	u.ConsentAt = noon.Add(300 * time.Microsecond).In(time.FixedZone("east", 3600))
	ok(t, s.AddUser(ctx, u, v))
	want, _ := user(1)
	u.Record[0] = 'X' // the store has a copy
	got := must(s.UserByName(ctx, u.Name))(t)
	same(t, "by name", got, want)
	if got.ConsentAt.Location() != time.UTC {
		t.Errorf("time in %v, want UTC", got.ConsentAt.Location())
	}
	got.Template[0] = 'X'
	same(t, "by id", must(s.UserByID(ctx, u.ID))(t), want)

	var bare models.User
	bare.ID, bare.Name, bare.Status = account(2), "bare", models.UserActive
	ok(t, s.AddUser(ctx, bare, models.Vault{Account: bare.ID, Version: 1}))
	got = must(s.UserByID(ctx, bare.ID))(t)
	same(t, "user with nothing but the needed", got, bare)
	if !got.CreatedAt.IsZero() {
		t.Errorf("zero time came back as %v", got.CreatedAt)
	}
}

func testUserStatus(t *testing.T, s models.Store) {
	ctx := t.Context()
	refused(t, "unknown account", s.SetUserStatus(ctx, account(9), models.UserActive), models.ErrNotFound)
	for n := 3; n >= 1; n-- { // youngest first
		u, v := user(n)
		ok(t, s.AddUser(ctx, u, v))
	}
	refused(t, "no status", s.SetUserStatus(ctx, account(1), 0), models.ErrInvalid)
	refused(t, "unknown status", s.SetUserStatus(ctx, account(1), 4), models.ErrInvalid)
	names := func(status models.UserStatus) (names []string) {
		for _, u := range must(s.UsersByStatus(ctx, status))(t) {
			names = append(names, u.Name)
		}
		return names
	}
	same(t, "waiting", names(models.UserWaiting), []string{"user1", "user2", "user3"})
	ok(t, s.SetUserStatus(ctx, account(2), models.UserActive))
	ok(t, s.SetUserStatus(ctx, account(1), models.UserDisabled))
	same(t, "waiting", names(models.UserWaiting), []string{"user3"})
	same(t, "active", names(models.UserActive), []string{"user2"})
	for status := models.UserWaiting; status <= models.UserDisabled; status++ {
		refused(t, "disabled stays disabled", s.SetUserStatus(ctx, account(1), status), models.ErrConflict)
	}
	same(t, "disabled", names(models.UserDisabled), []string{"user1"})
}

func testUserDeleted(t *testing.T, s models.Store) {
	ctx := t.Context()
	refused(t, "unknown account", s.DeleteUser(ctx, account(1)), models.ErrNotFound)
	count := func(subject string) uint32 {
		a, err := s.CountAttempt(ctx, models.AttemptFace, subject, func(a *models.Attempts) error { a.Total++; return nil })
		ok(t, err)
		return a.Total
	}
	subjects := func(n int) []string {
		id := account(n).String()
		return []string{id, id + "/" + desk(1).String(), id + "}"}
	}
	for n := 1; n <= 2; n++ {
		u, v := user(n)
		ok(t, s.AddUser(ctx, u, v))
		e := entry(1, n)
		e.Kind, e.Author = models.EntryGeneration, u.ID
		e.Boxes = []models.Box{{Room: e.Room, Generation: hash(n), Account: u.ID, Key: hash(n), Body: []byte("box")}}
		must(s.Append(ctx, []models.Entry{e}))(t)
		must(s.PutChallenge(ctx, models.Challenge{Account: u.ID, Desk: desk(1), Body: []byte{1}, IssuedAt: noon}))(t)
		for _, subject := range subjects(n) {
			same(t, "first count", count(subject), 1)
		}
	}
	ok(t, s.DeleteUser(ctx, account(1)))
	refused(t, "deleted twice", s.DeleteUser(ctx, account(1)), models.ErrNotFound)

	_, err := s.UserByID(ctx, account(1))
	refused(t, "deleted user", err, models.ErrNotFound)
	_, err = s.VaultOf(ctx, account(1))
	refused(t, "deleted user's vault", err, models.ErrNotFound)
	_, err = s.TakeChallenge(ctx, account(1), desk(1))
	refused(t, "deleted user's challenge", err, models.ErrNotFound)
	same(t, "deleted user's boxes", must(s.BoxFor(ctx, room(1), hash(1), account(1)))(t), nil)
	same(t, "entries stay", must(s.LastSeq(ctx, room(1)))(t), 2)
	for _, subject := range subjects(1) {
		same(t, "count of the deleted "+strings.TrimPrefix(subject, account(1).String()), count(subject), 1)
	}

	must(s.UserByID(ctx, account(2)))(t)
	must(s.VaultOf(ctx, account(2)))(t)
	must(s.TakeChallenge(ctx, account(2), desk(1)))(t)
	same(t, "the other's boxes", len(must(s.BoxFor(ctx, room(1), hash(2), account(2)))(t)), 1)
	for _, subject := range subjects(2) {
		same(t, "the other's count", count(subject), 2)
	}
	u, v := user(1)
	ok(t, s.AddUser(ctx, u, v)) // the name is free again
}

func testVaults(t *testing.T, s models.Store) {
	ctx := t.Context()
	_, err := s.VaultOf(ctx, account(1))
	refused(t, "unknown account", err, models.ErrNotFound)
	u, v := user(1)
	refused(t, "vault of nobody", s.PutVault(ctx, v, models.Vault{Account: u.ID, Version: 2}), models.ErrNotFound)
	ok(t, s.AddUser(ctx, u, v))
	for _, version := range []uint64{0, 1, 3, 1 << 62} {
		refused(t, "wrong version", s.PutVault(ctx, v, models.Vault{Account: u.ID, Version: version, Body: []byte("no")}), models.ErrConflict)
	}
	if err := s.PutVault(ctx, v, models.Vault{Account: u.ID, Version: 1<<64 - 1}); err == nil {
		t.Error("a version that no column holds was accepted")
	}
	same(t, "unchanged", must(s.VaultOf(ctx, u.ID))(t), v)
	v2 := models.Vault{Account: u.ID, Version: 2, Prev: hash(1), Body: []byte("vault 2")}
	other := v
	other.Body = []byte("another of the same version")
	refused(t, "after another than the stored one", s.PutVault(ctx, other, v2), models.ErrConflict)
	same(t, "still unchanged", must(s.VaultOf(ctx, u.ID))(t), v)
	ok(t, s.PutVault(ctx, v, v2))
	refused(t, "the same again", s.PutVault(ctx, v, v2), models.ErrConflict)
	got := must(s.VaultOf(ctx, u.ID))(t)
	same(t, "second version", got, v2)
	got.Body[0], v2.Body[1] = 'X', 'X'
	same(t, "copied", string(must(s.VaultOf(ctx, u.ID))(t).Body), "vault 2")
}

// testVaultRace: of many who write the same version one wins.
func testVaultRace(t *testing.T, s models.Store) {
	u, v := user(1)
	ok(t, s.AddUser(t.Context(), u, v))
	won := race(t, 16, models.ErrConflict, func(n int) error {
		return s.PutVault(t.Context(), v, models.Vault{Account: u.ID, Version: 2, Body: []byte{byte(n)}})
	})
	same(t, "winners", len(won), 1)
	same(t, "stored", must(s.VaultOf(t.Context(), u.ID))(t).Body, []byte{byte(won[0])})
}

// race runs n calls at once and returns who succeeded; the others must fail with want.
func race(t *testing.T, n int, want error, call func(n int) error) (won []int) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range errs {
		wg.Go(func() { errs[i] = call(i) })
	}
	wg.Wait()
	for i, err := range errs {
		if err == nil {
			won = append(won, i)
		} else if !errors.Is(err, want) {
			t.Errorf("call %d: error %v, want %v", i, err, want)
		}
	}
	return won
}

func testTemplates(t *testing.T, s models.Store) {
	ctx := t.Context()
	var want []models.SealedTemplate
	for n := 1; n <= 5; n++ {
		u, v := user(n)
		u.Status = models.UserStatus(1 + n%3)
		if u.Template = fmt.Appendf(nil, "template of %d", n); n == 3 {
			u.Template = nil
		} else {
			want = append(want, models.SealedTemplate{Account: u.ID, Sealed: u.Template})
		}
		ok(t, s.AddUser(ctx, u, v))
	}
	waits := renewal(2) // of one who has a template
	ok(t, s.AllowRenewal(ctx, waits.Account, waits.By, waits.Until))
	ok(t, s.MakeRenewal(ctx, waits, noon))
	want = append(want, models.SealedTemplate{Account: waits.Account, Renewal: true, Sealed: waits.User.Template})
	slices.SortStableFunc(want, func(a, b models.SealedTemplate) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	for size := 1; size <= 6; size++ {
		var all []models.SealedTemplate
		for page := must(s.Templates(ctx, models.SealedTemplate{}, size))(t); len(page) > 0; page = must(s.Templates(ctx, page[len(page)-1], size))(t) {
			if len(page) > size {
				t.Fatalf("a page of %d, want %d", len(page), size)
			}
			all = append(all, page...)
		}
		same(t, "all pages", all, want)
	}

	to := []byte("sealed anew")
	with := func(t models.SealedTemplate, sealed []byte) models.SealedTemplate { t.Sealed = sealed; return t }
	for i, one := range want {
		refused(t, "unknown account", s.ReplaceTemplate(ctx, models.SealedTemplate{Account: account(9), Renewal: one.Renewal, Sealed: one.Sealed}, to), models.ErrNotFound)
		refused(t, "another than is stored", s.ReplaceTemplate(ctx, with(one, to), to), models.ErrConflict)
		refused(t, "by nothing", s.ReplaceTemplate(ctx, one, nil), models.ErrInvalid)
		refused(t, "nothing", s.ReplaceTemplate(ctx, with(one, nil), to), models.ErrInvalid)
		before := must(s.UserByID(ctx, one.Account))(t)
		ok(t, s.ReplaceTemplate(ctx, one, to))
		refused(t, "twice", s.ReplaceTemplate(ctx, one, to), models.ErrConflict)
		if !one.Renewal {
			before.Template = to
		}
		same(t, "the user afterwards", must(s.UserByID(ctx, one.Account))(t), before)
		want[i].Sealed = to
	}
	ok(t, s.Forget(ctx))
	same(t, "all of them", must(s.Templates(ctx, models.SealedTemplate{}, 100))(t), want)
}

func testVaultsListed(t *testing.T, s models.Store) {
	ctx := t.Context()
	var want []models.Vault
	for n := 1; n <= 4; n++ {
		u, v := user(n)
		if u.Status = models.UserActive; n == 2 {
			u.Status = models.UserDisabled
		} else {
			want = append(want, v)
		}
		ok(t, s.AddUser(ctx, u, v))
	}
	slices.SortFunc(want, func(a, b models.Vault) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	first := must(s.Vaults(ctx, models.AccountID{}, 2))(t)
	same(t, "a page of two", first, want[:2])
	same(t, "the rest", must(s.Vaults(ctx, first[1].Account, 2))(t), want[2:])
	same(t, "after the last", must(s.Vaults(ctx, want[2].Account, 2))(t), nil)
}
