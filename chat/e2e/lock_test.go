package e2e

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

var lockTime = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func someLock() (Locked, LockKey, []byte) {
	return Locked{Org: models.OrgID{1}, Account: models.AccountID{2}, Session: models.SessionID{3}}, LockKey{7, 1}, bytes.Repeat([]byte{0xe0}, 64)
}

// A token opens for its own session alone, with its own key alone, and only when it says so itself.
func TestLockRefused(t *testing.T) {
	l, key, export := someLock()
	token := must(l.Seal(export, key, lockTime))(t)
	forge := func(change func(*lockedBody)) fernet.Token {
		b := lockedBody{Header: trust.NewHeader(trust.LabelLock, l.Org), Account: l.Account, Session: l.Session, Export: export}
		change(&b)
		return must(fernet.Seal(canon.MustMarshal(b), must(l.key(key))(t), lockTime))(t)
	}
	plain := func(b []byte) fernet.Token { return must(fernet.Seal(b, must(l.key(key))(t), lockTime))(t) }
	raw := must(fernet.KeyFrom(key[:]))(t)
	for name, tt := range map[string]struct {
		of    Locked
		token fernet.Token
		key   LockKey
	}{
		"no token":                 {l, nil, key},
		"another key":              {l, token, LockKey{7, 2}},
		"no key":                   {l, token, LockKey{}},
		"another organisation":     {Locked{models.OrgID{9}, l.Account, l.Session}, token, key},
		"another account":          {Locked{l.Org, models.AccountID{9}, l.Session}, token, key},
		"another session":          {Locked{l.Org, l.Account, models.SessionID{9}}, token, key},
		"one bit":                  {l, append(bytes.Clone(token[:len(token)-1]), token[len(token)-1]^1), key},
		"under the key itself":     {l, must(fernet.Seal([]byte("x"), raw, lockTime))(t), key},
		"another account inside":   {l, forge(func(b *lockedBody) { b.Account[0]++ }), key},
		"another session inside":   {l, forge(func(b *lockedBody) { b.Session[0]++ }), key},
		"another type inside":      {l, forge(func(b *lockedBody) { b.Header = trust.NewHeader(trust.LabelVault, l.Org) }), key},
		"a newer version inside":   {l, forge(func(b *lockedBody) { b.Version++ }), key},
		"something unknown inside": {l, forge(func(b *lockedBody) { b.Ext = trust.Ext{2: canon.Raw{0x01}} }), key},
		"nothing inside":           {l, forge(func(b *lockedBody) { b.Export = nil }), key},
		"too much inside":          {l, forge(func(b *lockedBody) { b.Export = make([]byte, maxLocked) }), key},
		"not what we write":        {l, plain([]byte("plain")), key},
	} {
		if got, err := tt.of.Open(tt.token, tt.key); !errors.Is(err, ErrLock) || got != nil {
			t.Errorf("%s: opened to %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := l.Seal(export, LockKey{}, lockTime); err == nil {
		t.Error("sealed under no key")
	}
	if got, err := l.Open(token, key); err != nil || !bytes.Equal(got, export) {
		t.Fatalf("its own: %v", err)
	}
}

// What was locked once opens for ever: the derivation and the plaintext are pinned.
func TestLockVector(t *testing.T) {
	l, key, export := someLock()
	k := must(l.key(key))(t)
	if got := hex.EncodeToString(must(k.MarshalBinary())(t)); got != lockKeyVector {
		t.Errorf("the token's key is %s", got)
	}
	plain := canon.MustMarshal(lockedBody{Header: trust.NewHeader(trust.LabelLock, l.Org), Account: l.Account, Session: l.Session, Export: export})
	if got := hex.EncodeToString(plain); got != lockPlainVector {
		t.Errorf("the plaintext is %s", got)
	}
}

func FuzzLock(f *testing.F) {
	l, key, export := someLock()
	f.Add(canon.MustMarshal(lockedBody{Header: trust.NewHeader(trust.LabelLock, l.Org), Account: l.Account, Session: l.Session, Export: export}))
	k, err := l.key(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		if len(plain) > 2*maxLocked {
			return
		}
		token, err := fernet.Seal(plain, k, lockTime)
		if err != nil {
			t.Fatal(err)
		}
		if export, err := l.Open(token, key); err == nil && len(export) == 0 {
			t.Fatal("opened to nothing")
		}
	})
}

const (
	lockKeyVector   = "4298149cb34804b1ee652c117b07a2ceb72956a95fc1c491890868cdc83256fe"
	lockPlainVector = "8801646c6f636b0158200100000000000000000000000000000000000000000000000000000000000000" +
		"5002000000000000000000000000000000" + "5003000000000000000000000000000000" +
		"5840e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0" +
		"e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0" + "a0"
)

// What may be opened after a lock or a cut: the version that was known, or a later one; not one that grew from something else, as far as it shows.
func TestVaultSince(t *testing.T) {
	a, b := models.Hash{1}, models.Hash{2}
	known := VaultMark{Number: 7, Hash: a}
	for name, tt := range map[string]struct {
		v    Vault
		want bool
	}{
		"the same":               {Vault{number: 7, prev: a}, true},
		"another of its number":  {Vault{number: 7, prev: b}, false},
		"the one before":         {Vault{number: 6, prev: a}, false},
		"none":                   {Vault{}, false},
		"the next":               {Vault{number: 8, prev: b, follows: a}, true},
		"the next of another":    {Vault{number: 8, prev: b, follows: b}, false},
		"one that is further on": {Vault{number: 9, prev: b, follows: b}, true},
	} {
		if got := tt.v.Since(known); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if v := (Vault{number: 1, prev: a}); !v.Since(VaultMark{}) {
		t.Error("the first of all")
	}
}
