package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

const keysFile = "testdata/v1/keys.json"

// keptKeys is a vault whose person asks for other keys, and a chain of directory statements that ends with the old ones.
type keptKeys struct {
	Directory               []string
	Account, Export, Pepper string
	Vault                   string
	Number                  uint64
	Prev                    string
	Signing                 string // of the keys to come
	Box                     string
	Known                   bool
	Desks, NextDesks        []string // that have seen the present keys, and those to come
}

func makeKeptKeys(t *testing.T) keptKeys {
	w := newWorld(t)
	v, stored, u, _ := sealedFor(t, w)
	v.Saved(stored)
	v.Keys.Use(w.desk)
	v.Keys.Use(models.DeskID{4})
	w.admin.asks(true)
	v.Keys.Use(models.DeskID{5})
	next := must(v.Reseal(w.now))(t)
	return keptKeys{
		Directory: hexes(w.statements...), Account: v.Account.String(), Export: hex.EncodeToString(u.Export), Pepper: hex.EncodeToString(u.Pepper[:]),
		Vault: hex.EncodeToString(next.Body), Number: next.Version, Prev: next.Prev.String(),
		Signing: hex.EncodeToString(v.Keys.next.signing.Seed()), Box: hex.EncodeToString(v.Keys.next.box.seed), Known: true,
		Desks: deskTexts(v.Keys.desks), NextDesks: deskTexts(v.Keys.next.desks),
	}
}

func deskTexts(desks []models.DeskID) (all []string) {
	for _, d := range desks {
		all = append(all, d.String())
	}
	return all
}

func TestKeysVector(t *testing.T) {
	b, err := os.ReadFile(keysFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if b, err = json.MarshalIndent(makeKeptKeys(t), "", "\t"); err == nil {
			err = os.WriteFile(keysFile, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var k keptKeys
	if err := json.Unmarshal(b, &k); err != nil {
		t.Fatal(err)
	}
	u := Unlock{Export: unhex(t, k.Export), Pepper: trust.Pepper(unhex(t, k.Pepper))}
	v := must(OpenVault(models.Vault{Account: models.AccountID(unhex(t, k.Account)), Version: k.Number, Prev: models.Hash(unhex(t, k.Prev)), Body: unhex(t, k.Vault)}, u))(t)
	n := v.Keys.next
	if n == nil || n.known != k.Known || !bytes.Equal(n.signing.Seed(), unhex(t, k.Signing)) || !bytes.Equal(n.box.seed, unhex(t, k.Box)) {
		t.Fatal("other keys are to come than before")
	}
	if got := [2][]string{deskTexts(v.Keys.desks), deskTexts(n.desks)}; len(got[0]) != len(k.Desks) || len(got[1]) != len(k.NextDesks) ||
		got[0][0] != k.Desks[0] || got[1][0] != k.NextDesks[0] {
		t.Fatalf("desks: %v", got)
	}
	dir := trust.NewDirectory(models.OrgID{})
	for _, s := range k.Directory {
		if _, err := dir.Apply(unhex(t, s)); err != nil {
			t.Fatal(err)
		}
	}
	id, _ := dir.Identity(v.Account)
	if asked := must(trust.OpenBundle(n.bundle, dir))(t); !asked.Succeeds(id) || !v.Keys.Are(id) {
		t.Fatal("the present keys did not sign those to come")
	}
}
