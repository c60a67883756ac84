package storetest

import (
	"testing"
	"time"

	"visavis/models"
)

// testPasswords: record and vault are replaced together or not at all, and only those that the caller has looked at.
func testPasswords(t *testing.T, s models.Store) {
	ctx := t.Context()
	u, v := user(1)
	before := models.Password{Record: u.Record, Suite: u.Suite, Vault: v}
	next := models.Password{Record: []byte("record 2"), Suite: 2, Vault: models.Vault{Account: u.ID, Version: 2, Prev: hash(1), Body: []byte("vault 2")}}
	refused(t, "password of nobody", s.PutPassword(ctx, before, next), models.ErrNotFound)
	ok(t, s.AddUser(ctx, u, v))
	put := func(change func(before, next *models.Password)) error {
		b, n := before, next
		change(&b, &n)
		return s.PutPassword(ctx, b, n)
	}
	for name, change := range map[string]func(_, n *models.Password){
		"no record": func(_, n *models.Password) { n.Record = nil },
		"no suite":  func(_, n *models.Password) { n.Suite = 0 },
		"no vault":  func(_, n *models.Password) { n.Vault.Body = nil },
	} {
		refused(t, name, put(change), models.ErrInvalid)
	}
	for name, change := range map[string]func(b, n *models.Password){
		"version 0":               func(_, n *models.Password) { n.Vault.Version = 0 },
		"the same version":        func(_, n *models.Password) { n.Vault.Version = 1 },
		"a version too far":       func(_, n *models.Password) { n.Vault.Version = 3 },
		"after another vault":     func(b, _ *models.Password) { b.Vault.Body = []byte("another of the same version") },
		"after another record":    func(b, _ *models.Password) { b.Record = []byte("another") },
		"after no record":         func(b, _ *models.Password) { b.Record = nil },
		"after its own successor": func(b, n *models.Password) { *b = *n },
	} {
		refused(t, name, put(change), models.ErrConflict)
	}
	same(t, "the user as before", must(s.UserByID(ctx, u.ID))(t), u)
	same(t, "the vault as before", must(s.VaultOf(ctx, u.ID))(t), v)
	ok(t, s.PutPassword(ctx, before, next))
	u.Record, u.Suite = []byte("record 2"), 2
	same(t, "the user, with another password", must(s.UserByID(ctx, u.ID))(t), u)
	same(t, "the vault of that password", must(s.VaultOf(ctx, u.ID))(t), next.Vault)
	refused(t, "the same again", s.PutPassword(ctx, before, next), models.ErrConflict)
	same(t, "the user after that", must(s.UserByID(ctx, u.ID))(t), u)
}

// testPasswordRace: of many who write the same version one wins, and record and vault are of that one.
func testPasswordRace(t *testing.T, s models.Store) {
	u, v := user(1)
	ok(t, s.AddUser(t.Context(), u, v))
	won := race(t, 16, models.ErrConflict, func(n int) error {
		next := models.Vault{Account: u.ID, Version: 2, Body: []byte{byte(n)}}
		if n%2 == 0 {
			return s.PutVault(t.Context(), v, next)
		}
		return s.PutPassword(t.Context(), models.Password{Record: u.Record, Vault: v}, models.Password{Record: []byte{byte(n)}, Suite: 1, Vault: next})
	})
	same(t, "winners", len(won), 1)
	same(t, "stored", must(s.VaultOf(t.Context(), u.ID))(t).Body, []byte{byte(won[0])})
	if won[0]%2 == 1 {
		u.Record = []byte{byte(won[0])}
	}
	same(t, "record", must(s.UserByID(t.Context(), u.ID))(t).Record, u.Record)
}

func testKeyChanges(t *testing.T, s models.Store) {
	ctx := t.Context()
	first := models.KeyChange{Account: account(1), Bundle: []byte("bundle 1"), At: noon}
	refused(t, "change of nobody", s.PutKeyChange(ctx, first), models.ErrNotFound)
	for n := range 3 {
		u, v := user(n + 1)
		ok(t, s.AddUser(ctx, u, v))
	}
	refused(t, "no bundle", s.PutKeyChange(ctx, models.KeyChange{Account: account(1), At: noon}), models.ErrInvalid)
	refused(t, "no account", s.PutKeyChange(ctx, models.KeyChange{Bundle: []byte{1}, At: noon}), models.ErrInvalid)
	all := func() []models.KeyChange { return must(s.KeyChanges(ctx, models.AccountID{}, 10))(t) }
	same(t, "none", all(), nil)
	_, err := s.KeyChangeOf(ctx, account(1))
	refused(t, "none of an account", err, models.ErrNotFound)
	ok(t, s.PutKeyChange(ctx, first))
	again := first
	again.At = noon.Add(time.Hour)
	ok(t, s.PutKeyChange(ctx, again))
	same(t, "the same again keeps its place", all(), []models.KeyChange{first})
	known := models.KeyChange{Account: account(1), Bundle: []byte("bundle 2"), Known: true, At: noon.Add(time.Hour)}
	ok(t, s.PutKeyChange(ctx, known))
	same(t, "the newest counts", all(), []models.KeyChange{known})
	same(t, "of the account", must(s.KeyChangeOf(ctx, account(1)))(t), known)
	after := models.KeyChange{Account: account(1), Bundle: []byte("bundle 3"), At: noon.Add(2 * time.Hour)}
	ok(t, s.PutKeyChange(ctx, after))
	after.Known = true
	same(t, "what was said is not taken back", all(), []models.KeyChange{after})
	other := models.KeyChange{Account: account(2), Bundle: []byte("another's"), At: noon}
	ok(t, s.PutKeyChange(ctx, other))
	page := must(s.KeyChanges(ctx, models.AccountID{}, 1))(t)
	same(t, "a page", len(page), 1)
	rest := must(s.KeyChanges(ctx, page[0].Account, 10))(t)
	same(t, "the rest", len(rest), 1)
	if rest[0].Account == page[0].Account {
		t.Error("one change stands on two pages")
	}
	ok(t, s.DropKeyChange(ctx, account(1)))
	ok(t, s.DropKeyChange(ctx, account(1)))
	same(t, "dropped", all(), []models.KeyChange{other})
	ok(t, s.DeleteUser(ctx, account(2)))
	same(t, "deleted with its account", all(), nil)
}
