package trust

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"visavis/models"
)

func someRecovery(o *org) Recovery {
	return Recovery{Org: o.dir.Org(), Server: models.Hash{1}, Login: models.LoginID{2}, Account: models.AccountID{3}, Desk: o.desk, Exporter: [32]byte{4}}
}

func TestRecovery(t *testing.T) {
	o := newOrg(t)
	key, other := o.key(), o.key()
	want := someRecovery(o)
	signed := NewRecovery(want, key)
	public := key.Public().(ed25519.PublicKey)
	if got := check[Recovery](t)(OpenRecovery(signed, public)); got != want {
		t.Fatalf("another request comes back: %+v", got)
	}
	if _, err := OpenRecovery(signed, other.Public().(ed25519.PublicKey)); !errors.Is(err, ErrSignature) {
		t.Errorf("by another phrase: %v", err)
	}
	if _, err := OpenRecovery(signed, make([]byte, 32)); !errors.Is(err, ErrKey) {
		t.Errorf("by a key of small order: %v", err)
	}
	if _, err := OpenRecovery(Sign(LabelHello, signed, key), public); err == nil {
		t.Error("under another label")
	}
}

// codeWorld is an admin, somebody else, and a code for him at the desk.
func codeWorld(t testing.TB) (*org, user, user, Code, CodeGrant) {
	o := newOrg(t)
	alice := o.admin("alice")
	bob := o.member(alice, "bob")
	code := check[Code](t)(NewCode(o.random))
	place := CodePlace{Org: o.dir.Org(), Account: bob.account, Desk: o.desk}
	return o, alice, bob, code, CodeGrant{CodePlace: place, By: alice.account, Made: testTime, Until: testTime.Add(CodeLife),
		Verifier: CodeVerifier(code.Stretch(place))}
}

// A grant counts by the directory alone: an admin's, for somebody else, at a desk, for ten minutes.
func TestCodeGrant(t *testing.T) {
	o, alice, bob, code, g := codeWorld(t)
	got := check[CodeGrant](t)(OpenCodeGrant(NewCodeGrant(g, alice.key), o.dir))
	stretched := code.Stretch(g.CodePlace)
	if got != g || !got.Good(stretched, g.CodePlace, testTime) {
		t.Fatalf("the grant comes back as %+v", got)
	}
	for what, good := range map[string]bool{
		"after its time":  g.Good(stretched, g.CodePlace, g.Until),
		"another code":    g.Good(Secret{1}, g.CodePlace, testTime),
		"at another desk": g.Good(stretched, CodePlace{Org: g.Org, Account: g.Account, Desk: models.DeskID{9}}, testTime),
		"for another":     g.Good(stretched, CodePlace{Org: g.Org, Account: alice.account, Desk: g.Desk}, testTime),
	} {
		if good {
			t.Errorf("%s: it is good", what)
		}
	}
	for what, change := range map[string]func(*CodeGrant){
		"for himself":           func(g *CodeGrant) { g.Account = alice.account },
		"for nobody":            func(g *CodeGrant) { g.Account = models.AccountID{8} },
		"at no desk":            func(g *CodeGrant) { g.Desk = models.DeskID{8} },
		"for longer":            func(g *CodeGrant) { g.Until = g.Until.Add(time.Second) },
		"ended before it began": func(g *CodeGrant) { g.Until = g.Made },
		"another organisation":  func(g *CodeGrant) { g.Org = models.OrgID{8} },
		"by somebody who is no admin": func(g *CodeGrant) {
			g.By, g.Account = bob.account, alice.account
		},
	} {
		bad := g
		change(&bad)
		if _, err := OpenCodeGrant(NewCodeGrant(bad, alice.key), o.dir); !errors.Is(err, ErrCode) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := OpenCodeGrant(NewCodeGrant(g, o.device), o.dir); !errors.Is(err, ErrSignature) {
		t.Errorf("made by the server: %v", err)
	}
	o.apply(check[[]byte](t)(o.dir.SignRole(models.AccountID{}, o.root, alice.account, false, testTime)))
	if _, err := OpenCodeGrant(NewCodeGrant(g, alice.key), o.dir); !errors.Is(err, ErrCode) {
		t.Errorf("by one who is no admin any more: %v", err)
	}
}

// A code is typed as people type, and a wrong letter is found before it costs a try.
func TestCodeText(t *testing.T) {
	o := newOrg(t)
	code := check[Code](t)(NewCode(o.random))
	text := code.Text()
	if len(text) != 14 {
		t.Fatalf("a code is %q", text)
	}
	for _, typed := range []string{text, strings.ToUpper(text), strings.ReplaceAll(text, "-", " "), " " + strings.ReplaceAll(text, "-", "") + "\n"} {
		if got, err := ParseCode(typed); err != nil || got != code {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, typed := range []string{"", text[:13], text + "a", strings.Repeat("1", 12), "\u00e9" + text[1:]} {
		if _, err := ParseCode(typed); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	found := 0
	for i := range codeLetters {
		wrong := code
		wrong[i] = base32Letters[(strings.IndexByte(base32Letters, code[i])+1)%32]
		if _, err := ParseCode(string(wrong[:]) + code.check()); errors.Is(err, ErrChecksum) {
			found++
		}
	}
	if found < codeLetters-1 { // one in 1,024 may pass
		t.Errorf("of %d wrong letters %d were found", codeLetters, found)
	}
	if a, b := code.Stretch(CodePlace{Desk: models.DeskID{1}}), code.Stretch(CodePlace{Desk: models.DeskID{2}}); a == b {
		t.Error("a code is the same at two desks")
	}
}

const recoveryFile = "testdata/v1/recovery.json"

// TestRecoveryVectors keeps a request and a grant for ever.
func TestRecoveryVectors(t *testing.T) {
	o, alice, _, code, g := codeWorld(t)
	key := o.key()
	stretched := code.Stretch(g.CodePlace)
	got := map[string]string{
		"phrase seed": hex.EncodeToString(key.Seed()), "request": hex.EncodeToString(NewRecovery(someRecovery(o), key)),
		"admin seed": hex.EncodeToString(alice.key.Seed()), "grant": hex.EncodeToString(NewCodeGrant(g, alice.key)),
		"code": code.Text(), "stretched": hex.EncodeToString(stretched[:]),
	}
	b, err := os.ReadFile(recoveryFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		b, _ = json.MarshalIndent(got, "", "\t")
		err = os.WriteFile(recoveryFile, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(got) {
		t.Errorf("%d vectors, made %d", len(want), len(got))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: the format has changed", name)
		}
	}
}

func FuzzRecovery(f *testing.F) {
	o, alice, _, _, g := codeWorld(f)
	key := o.key()
	f.Add(NewRecovery(someRecovery(o), key))
	f.Add(NewCodeGrant(g, alice.key))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = OpenRecovery(b, key.Public().(ed25519.PublicKey))
		_, _ = OpenCodeGrant(b, o.dir)
		_, _ = OpenSealedVault(models.Vault{Body: b}, MaxStatement)
		if e, err := split(b); err == nil { // the fuzzer gets at what is behind the signature
			_, _ = OpenRecovery(Sign(LabelRecovery, e.Payload, key), key.Public().(ed25519.PublicKey))
			_, _ = OpenCodeGrant(Sign(LabelCodeGrant, e.Payload, alice.key), o.dir)
		}
	})
}
