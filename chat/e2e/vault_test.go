package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

func sealedFor(t testing.TB, w *world) (*Vault, models.Vault, Unlock, Phrase) {
	v := w.admin.vault
	v.Rooms[models.RoomID{3}] = RoomPin{Seq: 4, Head: models.Hash{5}, State: models.Hash{6}}
	v.Invites[models.Hash{8}] = PendingInvite{Secret: trust.Secret{1}, Until: w.now.Add(time.Hour).UnixMilli()}
	v.Settings["theme"] = "dark"
	u := Unlock{Export: bytes.Repeat([]byte{2}, 64), Pepper: trust.Pepper{3}}
	phrase := must(NewPhrase(w.random))(t)
	return v, must(SealVault(v, u, phrase, w.random, w.now))(t), u, phrase
}

func TestVault(t *testing.T) {
	w := newWorld(t)
	v, stored, u, phrase := sealedFor(t, w)
	if stored.Version != 1 || !stored.Prev.IsZero() {
		t.Fatalf("first version: %d, %s", stored.Version, stored.Prev)
	}
	v.Saved(stored)
	for name, open := range map[string]func() (*Vault, error){
		"password": func() (*Vault, error) { return OpenVault(stored, u) },
		"phrase":   func() (*Vault, error) { return OpenVaultByPhrase(stored, phrase) },
	} {
		got := must(open())(t)
		if !bytes.Equal(got.Keys.signing, v.Keys.signing) || got.Rooms[models.RoomID{3}] != v.Rooms[models.RoomID{3}] || got.Invites[models.Hash{8}] != v.Invites[models.Hash{8}] ||
			got.Settings["theme"] != "dark" || got.Root != v.Root || got.Version() != 1 {
			t.Fatalf("%s: another vault comes out", name)
		}
		next := must(got.Reseal(w.now))(t)
		if next.Version != 2 || next.Prev != VaultHash(stored.Body) {
			t.Fatalf("%s: second version: %d after %s", name, next.Version, next.Prev)
		}
		must(OpenVault(next, u))(t)
	}
}

func TestVaultRefuses(t *testing.T) {
	w := newWorld(t)
	_, stored, u, _ := sealedFor(t, w)
	other := w.enrol("bob").vault
	otherStored := must(SealVault(other, u, Phrase{9}, w.random, w.now))(t)
	change := func(f func(*trust.SealedVault)) models.Vault {
		var s trust.SealedVault
		if err := canon.Unmarshal(stored.Body, &s); err != nil {
			t.Fatal(err)
		}
		f(&s)
		out := stored
		out.Body = canon.MustMarshal(s)
		out.Version, out.Prev, out.Account = s.Number, s.Prev, s.Account
		return out
	}
	var theirs trust.SealedVault
	if err := canon.Unmarshal(otherStored.Body, &theirs); err != nil {
		t.Fatal(err)
	}
	wrong := Unlock{Export: bytes.Repeat([]byte{4}, 64), Pepper: u.Pepper}
	for _, tt := range []struct {
		name   string
		stored models.Vault
		u      Unlock
	}{
		{"wrong password", stored, wrong},
		{"wrong pepper", stored, Unlock{Export: u.Export, Pepper: trust.Pepper{9}}},
		{"no pepper", stored, Unlock{Export: u.Export}},
		{"another version's number", change(func(s *trust.SealedVault) { s.Number++ }), u},
		{"another previous version", change(func(s *trust.SealedVault) { s.Prev[0]++ }), u},
		{"another account", change(func(s *trust.SealedVault) { s.Account[0]++ }), u},
		{"another organisation", change(func(s *trust.SealedVault) { s.Org[0]++ }), u},
		{"recovery key of the server", change(func(s *trust.SealedVault) { s.Clear.RecoveryKey = theirs.Clear.RecoveryKey }), u},
		{"recovery signer of the server", change(func(s *trust.SealedVault) { s.Clear.RecoverySign[0]++ }), u},
		{"something added outside", change(func(s *trust.SealedVault) { s.Ext = trust.Ext{1: {0}} }), u},
		{"another's wrap", change(func(s *trust.SealedVault) { s.Clear.Wrapped = theirs.Clear.Wrapped }), u},
		{"another's body", change(func(s *trust.SealedVault) { s.Body = theirs.Body }), u},
		{"stored under another account", models.Vault{Account: other.Account, Version: 1, Body: stored.Body}, u},
		{"truncated", models.Vault{Account: stored.Account, Version: 1, Body: stored.Body[:100]}, u},
		{"empty", models.Vault{}, u},
	} {
		if _, err := OpenVault(tt.stored, tt.u); !errors.Is(err, ErrVault) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := OpenVaultByPhrase(stored, Phrase{1}); !errors.Is(err, ErrVault) {
		t.Errorf("wrong phrase: %v", err)
	}
}

func TestPhraseText(t *testing.T) {
	p := Phrase{0xde, 0xad, 15: 1}
	text := p.Text()
	for _, s := range []string{text, strings.ToUpper(text), strings.ReplaceAll(text, "-", " "), " " + strings.ReplaceAll(text, "-", "") + "\n"} {
		if got, err := ParsePhrase(s); err != nil || got != p {
			t.Errorf("%q: %v", s, err)
		}
	}
	for i := range text {
		typo := []byte(text)
		if typo[i] == '-' {
			continue
		}
		typo[i] = map[bool]byte{true: 'b', false: 'a'}[typo[i] == 'a']
		if _, err := ParsePhrase(string(typo)); err == nil {
			t.Errorf("typing error at %d is not found", i)
		}
	}
}

func TestSecretsPrintRedacted(t *testing.T) {
	w := newWorld(t)
	v, _, u, p := sealedFor(t, w)
	for _, x := range []any{v, v.Keys, u, p, trust.Secret{1, 2, 3}} {
		for _, f := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
			if s := fmt.Sprintf(f, x); !strings.HasSuffix(s, redacted) {
				t.Errorf("%T with %s prints %q", x, f, s)
			}
		}
		if b, err := json.Marshal(x); err != nil || !strings.Contains(string(b), "redacted") {
			t.Errorf("%T as JSON is %s, %v", x, b, err)
		}
	}
}

func TestSessionRefusesAnotherWorld(t *testing.T) {
	w := newWorld(t)
	base := func() Config {
		v := *w.admin.vault
		return Config{Vault: &v, Directory: w.dir, Desk: w.desk, Random: w.random, Now: func() time.Time { return w.now }}
	}
	for _, tt := range []struct {
		name   string
		change func(*Config)
		want   error
	}{
		{"another organisation", func(c *Config) { c.Vault.Org[0]++ }, ErrFork},
		{"another root", func(c *Config) { c.Vault.Root[0]++ }, ErrFork},
		{"directory without the pinned head", func(c *Config) { c.Vault.Head = models.Hash{1} }, ErrFork},
		{"pinned head in another place", func(c *Config) { c.Vault.Head, c.Vault.HeadSeq = w.dir.Head(), 0 }, ErrFork},
		{"keys swapped at approval", func(c *Config) { c.Vault.Keys = must(NewKeys(w.random))(t) }, ErrIdentity},
		{"never approved", func(c *Config) { c.Vault.Account[0]++ }, ErrIdentity},
		{"unknown desk", func(c *Config) { c.Desk[0]++ }, trust.ErrUnknown},
		{"none", func(c *Config) {}, nil},
	} {
		c := base()
		tt.change(&c)
		if _, err := NewSession(c); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWipe(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	b := room[1]
	secrets := make([][]byte, 0, len(b.r.secrets))
	for _, s := range b.r.secrets {
		secrets = append(secrets, s)
	}
	seed := b.vault.Keys.boxes[0].seed
	b.r.Wipe()
	b.vault.Wipe()
	for _, s := range append(secrets, seed, b.vault.Keys.signing) {
		if !bytes.Equal(s, make([]byte, len(s))) {
			t.Fatal("a secret is left")
		}
	}
	if _, err := b.r.Seal(Draft{Kind: KindText}); err == nil {
		t.Fatal("a wiped room seals")
	}
}
