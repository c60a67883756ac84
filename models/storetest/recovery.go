package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"visavis/models"
)

// code is one for user n at the first desk.
func code(n int) models.Code {
	return models.Code{Account: account(n), Desk: desk(1), Grant: []byte("grant"), Tries: 3, Until: noon.Add(10 * time.Minute)}
}

func testCodes(t *testing.T, s models.Store) {
	ctx := t.Context()
	for name, spoil := range map[string]func(*models.Code){
		"no account": func(c *models.Code) { c.Account = models.AccountID{} },
		"no desk":    func(c *models.Code) { c.Desk = models.DeskID{} },
		"no grant":   func(c *models.Code) { c.Grant = nil },
		"no tries":   func(c *models.Code) { c.Tries = 0 },
	} {
		bad := code(1)
		spoil(&bad)
		refused(t, name, s.PutCode(ctx, bad), models.ErrInvalid)
	}
	refused(t, "unknown account", s.PutCode(ctx, code(1)), models.ErrNotFound)
	u, v := user(1)
	ok(t, s.AddUser(ctx, u, v))
	try := func(d int, now time.Time, right bool) (models.Code, error) {
		return s.TryCode(ctx, u.ID, desk(d), now, func(c models.Code) bool { return right && string(c.Grant) == "grant" })
	}
	wants := func(what string, err, want error) { t.Helper(); refused(t, what, err, want) }
	_, err := try(1, noon, true)
	wants("no code", err, models.ErrNotFound)

	ok(t, s.PutCode(ctx, code(1)))
	_, err = try(2, noon, true)
	wants("another desk", err, models.ErrNotFound)
	_, err = try(1, code(1).Until, true)
	wants("its time is over", err, models.ErrNotFound)
	_, err = try(1, noon, false)
	wants("a wrong one", err, models.ErrConflict)
	got, err := try(1, noon, true)
	ok(t, err)
	want := code(1)
	want.Tries = 1
	same(t, "code", got, want)
	_, err = try(1, noon, true)
	wants("used", err, models.ErrNotFound)

	ok(t, s.PutCode(ctx, code(1)))
	for range 3 {
		_, err = try(1, noon, false)
		wants("a wrong one", err, models.ErrConflict)
	}
	_, err = try(1, noon, true)
	wants("tries used up", err, models.ErrNotFound)

	ok(t, s.PutCode(ctx, code(1)))
	ok(t, s.PutCode(ctx, models.Code{Account: u.ID, Desk: desk(1), Grant: []byte("another"), Tries: 3, Until: noon.Add(time.Hour)}))
	_, err = try(1, noon, true)
	wants("replaced", err, models.ErrConflict)
	ok(t, s.DeleteUser(ctx, u.ID))
	_, err = try(1, noon, true)
	wants("of a deleted account", err, models.ErrNotFound)
}

// Of many who come at once with the right code one gets it.
func testCodeRace(t *testing.T, s models.Store) {
	ctx := t.Context()
	u, v := user(1)
	ok(t, s.AddUser(ctx, u, v))
	ok(t, s.PutCode(ctx, code(1)))
	var mu sync.Mutex
	var wg sync.WaitGroup
	good := 0
	for range 8 {
		wg.Go(func() {
			_, err := s.TryCode(ctx, u.ID, desk(1), noon, func(models.Code) bool { return true })
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				good++
			} else if !errors.Is(err, models.ErrNotFound) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	same(t, "how many used it", good, 1)
}

// renewal is one of user n, with everything changed.
func renewal(n int) models.Renewal {
	u, _ := user(n)
	u.Email, u.Record, u.Suite, u.Bundle, u.Template = "new@example.org", []byte("record 2"), 2, []byte("bundle 2"), []byte("template 2")
	u.ConsentAt, u.Consent, u.Desk, u.CreatedAt = noon.Add(time.Hour), hash(2), desk(2), noon.Add(time.Hour)
	return models.Renewal{Account: u.ID, By: account(9), Until: noon.Add(time.Hour), User: u, Vault: []byte("vault of the new keys")}
}

func testRenewalsRefused(t *testing.T, s models.Store) {
	ctx := t.Context()
	r := renewal(1)
	refused(t, "allowed for nobody", s.AllowRenewal(ctx, r.Account, r.By, r.Until), models.ErrNotFound)
	u, v := user(1)
	ok(t, s.AddUser(ctx, u, v))
	refused(t, "made without leave", s.MakeRenewal(ctx, r, noon), models.ErrNotFound)
	refused(t, "finished without leave", s.FinishRenewal(ctx, r.Account, r.User.Bundle), models.ErrNotFound)
	refused(t, "dropped without leave", s.DropRenewal(ctx, r.Account), models.ErrNotFound)
	_, err := s.RenewalOf(ctx, r.Account)
	refused(t, "no renewal", err, models.ErrNotFound)

	ok(t, s.AllowRenewal(ctx, r.Account, r.By, r.Until))
	refused(t, "finished before it was made", s.FinishRenewal(ctx, r.Account, r.User.Bundle), models.ErrNotFound)
	refused(t, "finished with no bundle", s.FinishRenewal(ctx, r.Account, nil), models.ErrNotFound)
	refused(t, "made too late", s.MakeRenewal(ctx, r, r.Until), models.ErrNotFound)
	bad := r
	bad.Vault = nil
	refused(t, "no vault", s.MakeRenewal(ctx, bad, noon), models.ErrInvalid)
	bad = r
	bad.User.ID = account(2)
	refused(t, "another's", s.MakeRenewal(ctx, bad, noon), models.ErrInvalid)
	ok(t, s.MakeRenewal(ctx, r, noon))
	refused(t, "made twice", s.MakeRenewal(ctx, r, noon), models.ErrExists)
	refused(t, "finished with another bundle", s.FinishRenewal(ctx, r.Account, []byte("bundle")), models.ErrNotFound)
	same(t, "user after refusals", must(s.UserByID(ctx, u.ID))(t), u)
	same(t, "vault after refusals", must(s.VaultOf(ctx, u.ID))(t), v)
	ok(t, s.AllowRenewal(ctx, r.Account, r.By, r.Until)) // begins anew
	same(t, "who waits", len(must(s.Renewals(ctx))(t)), 0)
}

func testRenewal(t *testing.T, s models.Store) {
	ctx := t.Context()
	u, v := user(1)
	u.Status = models.UserActive
	ok(t, s.AddUser(ctx, u, v))
	ok(t, s.PutVault(ctx, v, models.Vault{Account: u.ID, Version: 2, Prev: hash(1), Body: []byte("vault 2")}))
	ok(t, s.PutCode(ctx, code(1)))
	_, err := s.PutChallenge(ctx, models.Challenge{Account: u.ID, Desk: desk(1), Body: []byte{1}, IssuedAt: noon})
	ok(t, err)
	r := renewal(1)
	r.User.Status = models.UserActive
	ok(t, s.AllowRenewal(ctx, r.Account, r.By, r.Until))
	ok(t, s.MakeRenewal(ctx, r, noon))
	same(t, "renewal", must(s.RenewalOf(ctx, u.ID))(t), r)
	same(t, "who waits", must(s.Renewals(ctx))(t), []models.Renewal{r})
	same(t, "the account until then", must(s.UserByID(ctx, u.ID))(t), u)

	ok(t, s.FinishRenewal(ctx, u.ID, r.User.Bundle))
	want := r.User
	want.CreatedAt = u.CreatedAt
	same(t, "the account", must(s.UserByID(ctx, u.ID))(t), want)
	same(t, "the vault", must(s.VaultOf(ctx, u.ID))(t), models.Vault{Account: u.ID, Version: 1, Body: r.Vault})
	_, err = s.TryCode(ctx, u.ID, desk(1), noon, func(models.Code) bool { return true })
	refused(t, "an old code", err, models.ErrNotFound)
	_, err = s.TakeChallenge(ctx, u.ID, desk(1))
	refused(t, "an old challenge", err, models.ErrNotFound)
	refused(t, "finished twice", s.FinishRenewal(ctx, u.ID, r.User.Bundle), models.ErrNotFound)
	ok(t, s.AllowRenewal(ctx, r.Account, r.By, r.Until))
	ok(t, s.DropRenewal(ctx, u.ID))
	ok(t, s.AllowRenewal(ctx, r.Account, r.By, r.Until))
	ok(t, s.DeleteUser(ctx, u.ID))
	_, err = s.RenewalOf(ctx, u.ID)
	refused(t, "of a deleted account", err, models.ErrNotFound)
}
