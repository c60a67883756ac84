package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"visavis/models"
)

// Run tests the store that fresh makes. Every call of fresh returns another, empty store; Run closes it.
func Run(t *testing.T, fresh func(t *testing.T) models.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, models.Store)
	}{
		{"closed", testClosed},
		{"cancelled", testCancelled},
		{"users/refused", testUsersRefused},
		{"users/kept", testUsersKept},
		{"users/status", testUserStatus},
		{"users/deleted", testUserDeleted},
		{"users/templates", testTemplates},
		{"vaults", testVaults},
		{"vaults/listed", testVaultsListed},
		{"vaults/concurrent", testVaultRace},
		{"passwords", testPasswords},
		{"passwords/concurrent", testPasswordRace},
		{"key changes", testKeyChanges},
		{"invites/refused", testInvitesRefused},
		{"desks/refused", testDesksRefused},
		{"desks/kept", testDesksKept},
		{"desks/status", testDeskStatus},
		{"desks/concurrent", testInviteRace},
		{"logs/refused", testLogRefused},
		{"logs/duplicates", testLogDuplicates},
		{"logs/boxes", testBoxes},
		{"logs/kept", testLogKept},
		{"logs/concurrent", testLogConcurrent},
		{"logs/given", testGiven},
		{"logs/asks", testAsks},
		{"logs/vanished", testVanished},
		{"attempts", testAttempts},
		{"attempts/concurrent", testAttemptRace},
		{"challenges", testChallenges},
		{"codes", testCodes},
		{"codes/concurrent", testCodeRace},
		{"renewals/refused", testRenewalsRefused},
		{"renewals/kept", testRenewal},
		{"audit/refused", testAuditRefused},
		{"audit/kept", testAuditKept},
		{"audit/tree", testAuditTree},
		{"audit/concurrent", testAuditRace},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fresh(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			c.test(t, s)
		})
	}
}

// noon is a time to the millisecond; what is finer is cut off by the store.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(7 * time.Millisecond)

// id makes the n-th id of any kind; n is not 0.
func id[T any](n int) (id models.ID[T]) {
	h := sha256.Sum256(fmt.Append(nil, n))
	copy(id[:], h[:])
	return id
}

func set[T any](to *models.ID[T], n int) { *to = id[T](n) }

func hash(n int) models.Hash { return sha256.Sum256(fmt.Append(nil, "hash ", n)) }

func account(n int) (a models.AccountID) { set(&a, n); return a }
func desk(n int) (d models.DeskID)       { set(&d, n); return d }
func room(n int) (r models.RoomID)       { set(&r, n); return r }
func message(n int) (m models.MessageID) { set(&m, n); return m }

func user(n int) (models.User, models.Vault) {
	u := models.User{
		ID: account(n), Name: fmt.Sprintf("user%d", n), Email: "someone@example.org", Status: models.UserWaiting,
		Record: []byte("record"), Suite: 1, Bundle: []byte("bundle"), Template: []byte("template"),
		ConsentAt: noon, Consent: hash(1), Desk: desk(1), CreatedAt: noon.Add(time.Duration(n) * time.Second),
	}
	return u, models.Vault{Account: u.ID, Version: 1, Body: []byte("vault 1")}
}

func workstation(n int) (models.Desk, models.Invite) {
	key := hash(1000 + n)
	d := models.Desk{
		ID: desk(n), Name: "hall", Status: models.DeskPending, DeviceKey: key[:], TLSKeyHash: hash(2000 + n),
		Request: []byte("request"), Invite: hash(3000 + n), CreatedAt: noon.Add(time.Duration(n) * time.Second),
	}
	return d, models.Invite{Code: d.Invite, By: account(1), CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
}

func entry(r, n int) models.Entry {
	return models.Entry{
		Room: room(r), Kind: models.EntryMessage, Author: account(1), Message: message(n), Body: fmt.Append(nil, "body ", n), At: noon,
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must returns v, and is for the calls that a test only needs.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// calls is every method of a store but Close, with arguments that succeed or miss in an empty one.
func calls(ctx context.Context, s models.Store) map[string]func() error {
	u, v := user(1)
	d, i := workstation(1)
	return map[string]func() error{
		"AddUser":       func() error { return s.AddUser(ctx, u, v) },
		"UserByName":    func() error { _, err := s.UserByName(ctx, "x"); return err },
		"UserByID":      func() error { _, err := s.UserByID(ctx, u.ID); return err },
		"SetUserStatus": func() error { return s.SetUserStatus(ctx, u.ID, models.UserActive) },
		"UsersByStatus": func() error { _, err := s.UsersByStatus(ctx, models.UserWaiting); return err },
		"DeleteUser":    func() error { return s.DeleteUser(ctx, u.ID) },
		"Templates":     func() error { _, err := s.Templates(ctx, models.SealedTemplate{}, 1); return err },
		"ReplaceTemplate": func() error {
			return s.ReplaceTemplate(ctx, models.SealedTemplate{Account: account(1), Sealed: []byte("a")}, []byte("b"))
		},
		"Forget":   func() error { return s.Forget(ctx) },
		"Vaults":   func() error { _, err := s.Vaults(ctx, models.AccountID{}, 1); return err },
		"VaultOf":  func() error { _, err := s.VaultOf(ctx, u.ID); return err },
		"PutVault": func() error { return s.PutVault(ctx, v, v) },
		"PutPassword": func() error {
			return s.PutPassword(ctx, models.Password{Vault: v}, models.Password{Record: []byte("r"), Suite: 1, Vault: v})
		},
		"PutKeyChange":  func() error { return s.PutKeyChange(ctx, models.KeyChange{Account: u.ID, Bundle: []byte{1}}) },
		"KeyChanges":    func() error { _, err := s.KeyChanges(ctx, models.AccountID{}, 10); return err },
		"KeyChangeOf":   func() error { _, err := s.KeyChangeOf(ctx, u.ID); return err },
		"DropKeyChange": func() error { return s.DropKeyChange(ctx, u.ID) },
		"AddInvite":     func() error { return s.AddInvite(ctx, i) },
		"EnrolDesk":     func() error { return s.EnrolDesk(ctx, d, noon) },
		"DeskByID":      func() error { _, err := s.DeskByID(ctx, d.ID); return err },
		"DeskByTLSKey":  func() error { _, err := s.DeskByTLSKey(ctx, d.TLSKeyHash); return err },
		"Desks":         func() error { _, err := s.Desks(ctx); return err },
		"SetDeskOrigin": func() error { return s.SetDeskOrigin(ctx, d.ID, "192.0.2.1/32") },
		"SetDeskStatus": func() error { return s.SetDeskStatus(ctx, d.ID, models.DeskActive, noon) },
		"Append":        func() error { _, err := s.Append(ctx, []models.Entry{entry(1, 1)}); return err },
		"Append none":   func() error { _, err := s.Append(ctx, nil); return err },
		"Entries":       func() error { _, err := s.Entries(ctx, room(1), 0, 10); return err },
		"EntryOf":       func() error { _, err := s.EntryOf(ctx, room(1), u.ID, message(1)); return err },
		"LastSeq":       func() error { _, err := s.LastSeq(ctx, room(1)); return err },
		"Rooms":         func() error { _, err := s.Rooms(ctx); return err },
		"GiveBoxes":     func() error { return s.GiveBoxes(ctx, u.ID, []models.Box{box(1, 1, 2, 1)}) },
		"PutAsk":        func() error { return s.PutAsk(ctx, models.Ask{Room: room(1), Account: u.ID, Waiting: true}) },
		"Asks":          func() error { _, err := s.Asks(ctx, room(1)); return err },
		"Ended":         func() error { _, err := s.Ended(ctx, noon, 9); return err },
		"Vanish":        func() error { return s.Vanish(ctx, nil) },
		"BoxFor":        func() error { _, err := s.BoxFor(ctx, room(1), hash(1), u.ID); return err },
		"CountAttempt": func() error {
			_, err := s.CountAttempt(ctx, models.AttemptFace, "a", func(*models.Attempts) error { return nil })
			return err
		},
		"PutChallenge": func() error {
			_, err := s.PutChallenge(ctx, models.Challenge{Account: u.ID, Desk: d.ID, Body: []byte{1}, IssuedAt: noon})
			return err
		},
		"TakeChallenge": func() error { _, err := s.TakeChallenge(ctx, u.ID, d.ID); return err },
		"PutCode":       func() error { return s.PutCode(ctx, code(1)) },
		"TryCode": func() error {
			_, err := s.TryCode(ctx, u.ID, d.ID, noon, func(models.Code) bool { return true })
			return err
		},
		"AllowRenewal":  func() error { return s.AllowRenewal(ctx, u.ID, u.ID, noon) },
		"MakeRenewal":   func() error { return s.MakeRenewal(ctx, renewal(1), noon) },
		"RenewalOf":     func() error { _, err := s.RenewalOf(ctx, u.ID); return err },
		"Renewals":      func() error { _, err := s.Renewals(ctx); return err },
		"FinishRenewal": func() error { return s.FinishRenewal(ctx, u.ID, u.Bundle) },
		"DropRenewal":   func() error { return s.DropRenewal(ctx, u.ID) },
		"AddAudit":      func() error { return s.AddAudit(ctx, models.AuditEvent{At: noon, Event: "e", Outcome: "ok"}) },
		"AuditAfter":    func() error { _, err := s.AuditAfter(ctx, 0, 10); return err },
		"AuditSize":     func() error { _, err := s.AuditSize(ctx); return err },
		"AuditHashes":   func() error { _, err := s.AuditHashes(ctx, nil); return err },
	}
}

func testClosed(t *testing.T, s models.Store) {
	ok(t, s.Close())
	for name, call := range calls(t.Context(), s) {
		refused(t, name, call(), models.ErrClosed)
	}
	ok(t, s.Close())
}

func testCancelled(t *testing.T, s models.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(ctx, s) {
		refused(t, name, call(), context.Canceled)
	}
	// Nothing of it was written: an empty store answers as one.
	_, err := s.UserByName(t.Context(), "user1")
	refused(t, "user of a cancelled AddUser", err, models.ErrNotFound)
	same(t, "entries of a cancelled Append", must(s.LastSeq(t.Context(), room(1)))(t), 0)
	same(t, "events of a cancelled AddAudit", must(s.AuditAfter(t.Context(), 0, 10))(t), nil)
}
