package login

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// changing is a change of password that has begun in a session of its own.
type changing struct {
	of     Session
	conn   Conn
	login  models.LoginID
	record []byte
}

// change begins one: what its person had to prove for it is proven.
func (w *world) change(p *person, session byte, password string) *changing {
	w.t.Helper()
	user, err := w.store.UserByID(w.ctx, p.account)
	w.must(err)
	c := &changing{of: Session{ID: models.SessionID{session}, Account: p.account, Name: p.name, Record: RecordHash(user.Record)}, conn: w.connect()}
	r, request, err := w.client().Register([]byte(password))
	w.must(err)
	started, err := w.PasswordStart(w.ctx, c.conn, c.of, request)
	w.must(err)
	c.login = started.Login
	c.record, _, err = r.Finalize(p.account, started.Params, started.Response)
	w.must(err)
	return c
}

// after is the version that follows a vault.
func after(v models.Vault, body string) models.Vault {
	return models.Vault{Account: v.Account, Version: v.Version + 1, Prev: trust.LabelVault.Hash(v.Body), Body: []byte(body)}
}

func (w *world) vault(p *person) models.Vault {
	w.t.Helper()
	v, err := w.store.VaultOf(w.ctx, p.account)
	w.must(err)
	return v
}

// A thief who knows the password, and sits at another desk, has begun to change it. The owner changes it first; the thief's desk has the request for what
// comes after it ready, and sends it again and again while the server puts the owner's down.
func TestSecondChangeOfPassword(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	owner, thief := w.change(alice, 1, "the new umbrella 9 quartz"), w.change(alice, 2, "what the thief wants 3 x")
	one := after(w.vault(alice), "sealed under the owner's")
	two := after(one, "sealed under the thief's")
	if err := w.PasswordFinish(w.ctx, thief.conn, thief.of, thief.login, thief.record, two); !errors.Is(err, models.ErrConflict) {
		t.Fatalf("before there is what it follows: %v", err)
	}
	w.must(w.PasswordFinish(w.ctx, owner.conn, owner.of, owner.login, owner.record, one))
	err := w.PasswordFinish(w.ctx, thief.conn, thief.of, thief.login, thief.record, two)
	w.wantRefusal("after it", err, NotSignedIn)
	user, err := w.store.UserByID(w.ctx, alice.account)
	w.must(err)
	if !bytes.Equal(user.Record, owner.record) || !bytes.Equal(w.vault(alice).Body, one.Body) {
		t.Error("the thief's password counts")
	}
}

// overtaken is a store in which somebody is faster, once, between what is read and what is written.
type overtaken struct {
	Store
	first func()
}

func (o *overtaken) faster() {
	if first := o.first; first != nil {
		o.first = nil
		first()
	}
}

func (o *overtaken) PutVault(ctx context.Context, before, next models.Vault) error {
	o.faster()
	return o.Store.PutVault(ctx, before, next)
}

func (o *overtaken) PutPassword(ctx context.Context, before, next models.Password) error {
	o.faster()
	return o.Store.PutPassword(ctx, before, next)
}

// What was looked at is what is replaced, and nothing that came between: neither another's password, nor the vault of somebody who was let in anew, which has
// the version of the one before.
func TestNothingComesBetween(t *testing.T) {
	o := &overtaken{}
	w := newWorld(t, func(c *Config) { o.Store = c.Store; c.Store = o })
	alice := w.join(newPerson("alice"), true)
	slow := w.change(alice, 1, "a slow umbrella 9 quartz")
	user, err := w.store.UserByID(w.ctx, alice.account)
	w.must(err)
	old := w.vault(alice)
	quick := after(old, "of the quick one")
	o.first = func() {
		w.must(w.store.PutPassword(w.ctx, models.Password{Record: user.Record, Vault: old}, models.Password{Record: []byte("quick"), Suite: 1, Vault: quick}))
	}
	err = w.PasswordFinish(w.ctx, slow.conn, slow.of, slow.login, slow.record, after(old, "of the slow one"))
	if !errors.Is(err, models.ErrConflict) || !bytes.Equal(w.vault(alice).Body, quick.Body) {
		t.Errorf("a password between: %v", err)
	}

	let := models.Renewal{Account: alice.account, By: models.AccountID{9}, Until: w.clock.now().Add(day), User: user, Vault: []byte("made anew")}
	let.User.Bundle = []byte("bundle")
	first := models.Vault{Account: alice.account, Version: 1, Body: let.Vault}
	renew := func() {
		w.must(w.store.AllowRenewal(w.ctx, let.Account, let.By, let.Until))
		w.must(w.store.MakeRenewal(w.ctx, let, w.clock.now()))
		w.must(w.store.FinishRenewal(w.ctx, let.Account, let.User.Bundle))
	}
	renew()
	let.Vault = []byte("made anew once more")
	o.first = renew
	_, err = w.PutVault(w.ctx, after(first, "of who was before"))
	if !errors.Is(err, models.ErrConflict) || !bytes.Equal(w.vault(alice).Body, let.Vault) {
		t.Errorf("a renewal between: %v", err)
	}
}

// A vault that follows another than the stored one is refused, whatever its number.
func TestVaultFollows(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	next := after(w.vault(alice), "next")
	for what, change := range map[string]func(*models.Vault){
		"after nothing":     func(v *models.Vault) { v.Prev = models.Hash{} },
		"after another":     func(v *models.Vault) { v.Prev[0] ^= 1 },
		"the same version":  func(v *models.Vault) { v.Version-- },
		"a version further": func(v *models.Vault) { v.Version++ },
	} {
		v := next
		change(&v)
		if _, err := w.PutVault(w.ctx, v); !errors.Is(err, models.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, body := range map[string][]byte{"empty": nil, "too large": make([]byte, MaxVault+1)} {
		v := next
		v.Body = body
		if _, err := w.PutVault(w.ctx, v); !errors.Is(err, ErrVault) {
			t.Errorf("%s: %v", what, err)
		}
	}
	before, err := w.PutVault(w.ctx, next)
	w.must(err)
	if before.Version != 1 {
		t.Errorf("it says that version %d was before", before.Version)
	}
}
