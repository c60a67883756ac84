package trust

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"visavis/models"
)

const safetyFile = "testdata/v1/safety.json"

// safetyVector is a number and what it is of, in hex.
type safetyVector struct {
	Name                              string
	Org, Account, Identity, Peer, His string
	Number, Code                      string
}

func safetyVectors(t *testing.T) (list []safetyVector) {
	fill := func(from byte, n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = from + byte(i)
		}
		return b
	}
	for _, v := range []struct {
		name     string
		mine, of byte
	}{{"one's own account is the lower", 1, 0x81}, {"the other's is", 0x81, 1}, {"others", 0x41, 0x21}, {"a number that begins with zeros", 0x11, 0xa7}} {
		me := Identity{Account: models.AccountID(fill(v.mine, 16)), Hash: models.Hash(fill(v.mine+16, 32))}
		peer := Identity{Account: models.AccountID(fill(v.of, 16)), Hash: models.Hash(fill(v.of+16, 32))}
		org := models.OrgID(fill(7, 32))
		for i := 0; strings.HasPrefix(v.name, "a number") && !strings.HasPrefix(string(check[SafetyNumber](t)(NewSafetyNumber(org, me, peer))), "00"); i++ {
			peer.Hash[0], peer.Hash[1] = byte(i), byte(i>>8)
		}
		n := check[SafetyNumber](t)(NewSafetyNumber(org, me, peer))
		list = append(list, safetyVector{v.name, org.String(), me.Account.String(), me.Hash.String(), peer.Account.String(), peer.Hash.String(), string(n), n.Code()})
	}
	return list
}

func TestSafetyVectors(t *testing.T) {
	made := safetyVectors(t)
	var want []safetyVector
	vectorOf(t, safetyFile, made, &want)
	if !reflect.DeepEqual(made, want) {
		t.Errorf("safety numbers are others than before:\n%+v", made)
	}
}

// Whoever puts another account, other keys or another organisation in the place of either shows another number.
func TestSafetyNumber(t *testing.T) {
	org := models.OrgID{1}
	a, b := Identity{Account: models.AccountID{2}, Hash: models.Hash{3}}, Identity{Account: models.AccountID{4}, Hash: models.Hash{5}}
	n := check[SafetyNumber](t)(NewSafetyNumber(org, a, b))
	if other := check[SafetyNumber](t)(NewSafetyNumber(org, b, a)); other != n {
		t.Errorf("%s on one side, %s on the other", n, other)
	}
	if g := n.Groups(); len(g) != 12 || strings.Join(g, "") != string(n) || len(n) != 60 {
		t.Errorf("%q", g)
	}
	swapped := []Identity{a, b, b, a, {Account: a.Account, Hash: b.Hash}, {Account: b.Account, Hash: a.Hash}}
	others := map[SafetyNumber]bool{n: true, check[SafetyNumber](t)(NewSafetyNumber(models.OrgID{9}, a, b)): true}
	for i, id := range swapped[:4] {
		id.Hash[31] = byte(9 + i)
		with := b
		if id.Account == b.Account {
			with = a
		}
		others[check[SafetyNumber](t)(NewSafetyNumber(org, id, with))] = true
	}
	others[check[SafetyNumber](t)(NewSafetyNumber(org, swapped[4], swapped[5]))] = true
	if len(others) != 7 {
		t.Errorf("%d numbers of 7 pairs", len(others))
	}
	for name, refuse := range map[string]func() (SafetyNumber, error){
		"with oneself": func() (SafetyNumber, error) {
			return NewSafetyNumber(org, a, Identity{Account: a.Account, Hash: b.Hash})
		},
		"no organisation": func() (SafetyNumber, error) { return NewSafetyNumber(models.OrgID{}, a, b) },
		"no account":      func() (SafetyNumber, error) { return NewSafetyNumber(org, Identity{Hash: a.Hash}, b) },
		"no identity":     func() (SafetyNumber, error) { return NewSafetyNumber(org, a, Identity{Account: b.Account}) },
	} {
		if n, err := refuse(); !errors.Is(err, ErrFormat) || n != "" {
			t.Errorf("%s: %q, %v", name, n, err)
		}
	}
}

// What a camera has read is the number or it is not; nothing is the same as nothing.
func TestSafetyCode(t *testing.T) {
	n := SafetyNumber(strings.Repeat("12345", 12))
	other := SafetyNumber(strings.Repeat("12345", 11) + "12346")
	for _, tt := range []struct {
		text      string
		code, our bool
	}{
		{n.Code(), true, true},
		{other.Code(), true, false},
		{string(n), false, false},
		{n.Code() + "1", false, false},
		{n.Code() + " ", false, false},
		{n.Code()[:len(n.Code())-1], false, false},
		{"visavis-safety-2:" + string(n), false, false},
		{strings.Replace(n.Code(), "1", "l", 2), false, false},
		{"", false, false},
	} {
		if IsSafetyCode(tt.text) != tt.code || n.Matches(tt.text) != tt.our {
			t.Errorf("%q: a code %v, ours %v", tt.text, IsSafetyCode(tt.text), n.Matches(tt.text))
		}
	}
	if none := SafetyNumber(""); none.Matches(none.Code()) || none.Matches("") || len(none.Groups()) != 0 {
		t.Error("no number matches")
	}
}

// A number is spread over all of its digits: what a digest is cut down to leaves no pattern that a person would learn to skip.
func TestSafetyNumberIsTheDigest(t *testing.T) {
	org := models.OrgID{1}
	a, b := Identity{Account: models.AccountID{2}, Hash: models.Hash{3}}, Identity{Account: models.AccountID{4}, Hash: models.Hash{5}}
	c := safetyContext{Org: org, First: safetyParty{Account: a.Account, Identity: a.Hash}, Second: safetyParty{Account: b.Account, Identity: b.Hash}}
	sum := LabelSafety.Hash(must(c))
	n, _ := new(big.Int).SetString(hex.EncodeToString(sum[:]), 16)
	text := n.String()
	if got := check[SafetyNumber](t)(NewSafetyNumber(org, a, b)); string(got) != text[len(text)-60:] {
		t.Errorf("%s is not the end of %s", got, text)
	}
}

// A break is a break for those who came before it, and for as long as nobody says otherwise.
func TestLineage(t *testing.T) {
	o := newOrg(t)
	root := o.admin("root")
	ben := o.member(root, "ben")
	first, _ := o.dir.Identity(ben.account)
	change := func(u user, succession bool) (user, Identity) {
		next := o.user(u.name)
		next.account = u.account
		b := o.bundle(next)
		if succession {
			k := personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
			b.Succession = ed25519.Sign(u.key, LabelSuccession.prepend(must(k)))
		}
		o.apply(check[[]byte](t)(o.dir.SignReEnrol(root.account, root.key, b, testTime)))
		id, _ := o.dir.Identity(u.account)
		return next, id
	}
	met := func(by user) models.Hash { id, _ := o.dir.MetAs(ben.account, by.account); return id.Hash }
	ada := o.member(root, "ada")
	if len(o.dir.Renewed()) != 0 || met(ada) != first.Hash {
		t.Fatal("newcomers are nobody's successors")
	}
	ben, second := change(ben, true)
	if len(o.dir.Renewed()) != 0 || met(ada) != first.Hash || !o.dir.Continues(ben.account, first.Hash) {
		t.Fatal("a key that was handed on is called new")
	}
	_, third := change(ben, false)
	if r := o.dir.Renewed(); len(r) != 1 || r[0] != ben.account || o.dir.Continues(ben.account, first.Hash) || o.dir.Continues(ben.account, second.Hash) || !o.dir.Continues(ben.account, third.Hash) {
		t.Fatalf("who was enrolled anew counts as before: %v", r)
	}
	zoe := o.member(root, "zoe")
	ada, _ = change(ada, true)
	if met(ada) != first.Hash || met(zoe) != third.Hash {
		t.Error("ada has known ben before, zoe not")
	}
	ada, _ = change(ada, false)
	if met(ada) != third.Hash {
		t.Error("who begins anew knows nobody of before")
	}
	if late := o.member(root, "late"); true {
		if id, ok := o.dir.MetAs(late.account, ada.account); !ok || id.Account != late.account {
			t.Error("who came later is not known as what he came as")
		}
	}
	o.apply(check[[]byte](t)(o.dir.SignRevokeAccount(root.account, root.key, ada.account, testTime)))
	if met(ada) != third.Hash {
		t.Error("a revocation moves the beginning")
	}
	if _, ok := o.dir.MetAs(models.AccountID{99}, zoe.account); ok || !o.dir.Continues(models.AccountID{99}, first.Hash) {
		t.Error("of nobody something is known")
	}
}
