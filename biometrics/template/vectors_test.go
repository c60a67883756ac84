package template

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"visavis/biometrics/match"
	"visavis/models"
	"visavis/models/canon"
)

// testdata/v1 holds templates as version 1 seals them, each step of one in hex, for a second implementation and for every later version of
// this one. Files are only ever added to: -new writes the file anew, for a version that has none.
var writeNew = flag.Bool("new", false, "write testdata/v1 anew")

type vector struct {
	Name    string    `json:"name"`
	Error   string    `json:"error,omitempty"` // format, unknown or refused; empty when it opens
	Ring    string    `json:"ring"`
	Account string    `json:"account"`
	At      time.Time `json:"at,omitzero"`
	IV      string    `json:"iv,omitempty"`
	Weights string    `json:"weights,omitempty"`
	Views   []string  `json:"views,omitempty"`
	Key     string    `json:"key,omitempty"`
	Plain   string    `json:"plain,omitempty"`
	Sealed  string    `json:"sealed"`
}

const vectorFile = "testdata/v1/template.json"

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectors(t *testing.T) {
	if *writeNew {
		writeVectors(t)
	}
	file, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(file, &vs); err != nil || len(vs) < 5 {
		t.Fatalf("%d vectors, %v", len(vs), err)
	}
	classes := map[string]error{"": nil, "format": ErrFormat, "unknown": ErrUnknown, "refused": ErrRefused}
	for _, v := range vs {
		t.Run(v.Name, func(t *testing.T) {
			want, known := classes[v.Error]
			ring, err := ParseRing(unhex(t, v.Ring))
			if err != nil || !known {
				t.Fatal(err, known)
			}
			account := models.AccountID(unhex(t, v.Account))
			got, err := Open(ring, account, unhex(t, v.Sealed))
			if !errors.Is(err, want) {
				t.Fatalf("%v, want %v", err, want)
			}
			if err == nil {
				checkSteps(t, v, ring, account, got)
			}
		})
	}
}

// checkSteps goes the whole way of one vector, in both directions.
func checkSteps(t *testing.T, v vector, ring Ring, account models.AccountID, got match.Template) {
	var views []match.Vector
	for _, s := range v.Views {
		var view match.Vector
		if err := view.UnmarshalBinary(unhex(t, s)); err != nil {
			t.Fatal(err)
		}
		views = append(views, view)
	}
	want, err := match.Restore(v.Weights, views...)
	if err != nil || !same(got, want) {
		t.Errorf("opened to another template, %v", err)
	}
	key, err := derive(ring.keys[0], account)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := key.MarshalBinary(); !bytes.Equal(b, unhex(t, v.Key)) {
		t.Errorf("key %x", b)
	}
	plain := canon.MustMarshal(body{
		Version: version, Type: bodyType, Account: account, Key: ring.keys[0].ID, Weights: want.Weights, Views: want.Views,
	})
	if !bytes.Equal(plain, unhex(t, v.Plain)) {
		t.Errorf("plaintext %x", plain)
	}
	if b := sealWith(t, unhex(t, v.IV), ring, account, want, v.At); hex.EncodeToString(b) != v.Sealed {
		t.Errorf("sealed to %x", b)
	}
}

// sealWith puts iv in crypto/rand's place while it seals: fernet takes no other.
func sealWith(t *testing.T, iv []byte, r Ring, account models.AccountID, tmpl match.Template, at time.Time) []byte {
	t.Helper()
	system := rand.Reader
	rand.Reader = bytes.NewReader(iv)
	defer func() { rand.Reader = system }()
	b, err := Seal(r, account, tmpl, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeVectors(t *testing.T) {
	old := testRing(t, 1)
	s := sequence(100)
	ring, err := old.Renewed(&s)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := person(t, 1)
	iv := unhex(t, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
	b := sealWith(t, iv, ring, alice, tmpl, start)
	key, err := derive(ring.keys[0], alice)
	if err != nil {
		t.Fatal(err)
	}
	keyBytes, _ := key.MarshalBinary()
	good := vector{
		Name: "newest key", Ring: hex.EncodeToString(ring.Encode()), Account: alice.String(), At: start,
		IV: hex.EncodeToString(iv), Weights: tmpl.Weights, Key: hex.EncodeToString(keyBytes), Sealed: hex.EncodeToString(b),
		Plain: hex.EncodeToString(canon.MustMarshal(body{
			Version: version, Type: bodyType, Account: alice, Key: ring.keys[0].ID, Weights: tmpl.Weights, Views: tmpl.Views,
		})),
	}
	for _, v := range tmpl.Views {
		view, _ := v.MarshalBinary()
		good.Views = append(good.Views, hex.EncodeToString(view))
	}
	alter := func(name, class string, f func(*vector)) vector {
		v := vector{Name: name, Error: class, Ring: good.Ring, Account: good.Account, Sealed: good.Sealed}
		f(&v)
		return v
	}
	out, err := json.MarshalIndent([]vector{
		good,
		alter("another account", "refused", func(v *vector) { v.Account = bob.String() }),
		alter("a ring without the key", "unknown", func(v *vector) { v.Ring = hex.EncodeToString(old.Encode()) }),
		alter("cut by a byte", "format", func(v *vector) { v.Sealed = v.Sealed[:len(v.Sealed)-2] }),
		alter("a byte more", "format", func(v *vector) { v.Sealed += "00" }),
		alter("version in two bytes", "format", func(v *vector) { v.Sealed = v.Sealed[:2] + "1801" + v.Sealed[4:] }),
		alter("one bit of the token", "refused", func(v *vector) { v.Sealed = v.Sealed[:len(v.Sealed)-1] + flipHex(v.Sealed) }),
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// flipHex is the last digit of s with its lowest bit changed.
func flipHex(s string) string {
	const digits = "0123456789abcdef"
	return string(digits[bytes.IndexByte([]byte(digits), s[len(s)-1])^1])
}
