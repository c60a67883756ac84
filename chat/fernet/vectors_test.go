package fernet

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"
)

// generate.json, verify.json and invalid.json are the Fernet specification's. hostile.json is ours: each entry names the class of the
// error that refuses it. Entries are only ever added.

type vector struct {
	Name   string    `json:"name"`
	Desc   string    `json:"desc"`
	Class  string    `json:"class"`
	Token  string    `json:"token"`
	Now    time.Time `json:"now"`
	TTL    int64     `json:"ttl_sec"`
	IV     []int     `json:"iv"`
	Src    string    `json:"src"`
	Secret string    `json:"secret"`
}

func (v vector) key(t *testing.T) Key {
	t.Helper()
	b, err := base64.URLEncoding.DecodeString(v.Secret)
	if err != nil {
		t.Fatal(err)
	}
	k, err := KeyFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// read parses and opens a vector; with a time to live only if it has one.
func (v vector) read(t *testing.T) ([]byte, error) {
	t.Helper()
	token, err := Parse(v.Token)
	if err != nil {
		return nil, err
	}
	if Encode(token) != v.Token {
		t.Errorf("%s%s: has more than one text", v.Name, v.Desc)
	}
	if v.TTL <= 0 {
		plain, _, err := Open(token, v.key(t))
		return plain, err
	}
	plain, _, err := OpenWithin(token, v.Now, time.Duration(v.TTL)*time.Second, v.key(t))
	return plain, err
}

func vectors(t *testing.T, file string) []vector {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(b, &vs); err != nil || len(vs) == 0 {
		t.Fatalf("%s: %d vectors, %v", file, len(vs), err)
	}
	return vs
}

// The library takes no initialisation vector, so this test, alone, puts the specification's in crypto/rand's place.
func TestGenerate(t *testing.T) {
	for _, v := range vectors(t, "generate.json") {
		var iv []byte
		for _, b := range v.IV {
			iv = append(iv, byte(b))
		}
		system := rand.Reader
		rand.Reader = bytes.NewReader(iv)
		token, err := Seal([]byte(v.Src), v.key(t), v.Now)
		rand.Reader = system
		if err != nil || Encode(token) != v.Token {
			t.Errorf("Seal = %s, %v, want %s", Encode(token), err, v.Token)
		}
	}
}

func TestVerify(t *testing.T) {
	for _, v := range vectors(t, "verify.json") {
		if plain, err := v.read(t); err != nil || string(plain) != v.Src {
			t.Errorf("ttl %d: %q, %v", v.TTL, plain, err)
		}
	}
}

var classes = map[string]error{
	"encoding": ErrEncoding, "length": ErrLength, "version": ErrVersion, "time": ErrTime,
	"unopened": ErrUnopened, "expired": ErrExpired, "future": ErrFuture,
}

func TestInvalid(t *testing.T) {
	want := map[string]error{
		"incorrect mac":  ErrUnopened,
		"too short":      ErrLength,
		"invalid base64": ErrEncoding,
		"expired TTL":    ErrExpired,
		"payload size not multiple of block size": ErrLength,
		"payload padding error":                   ErrUnopened,
		"far-future TS (unacceptable clock skew)": ErrFuture,
		"incorrect IV (causes padding error)":     ErrUnopened,
		"very short payload size":                 ErrLength,
		"super short payload size":                ErrLength,
	}
	for _, v := range vectors(t, "invalid.json") {
		err, known := want[v.Desc]
		if !known {
			t.Errorf("%s: a vector without a class", v.Desc)
		}
		refused(t, v, err)
	}
}

func TestHostile(t *testing.T) {
	for _, v := range vectors(t, "hostile.json") {
		err, known := classes[v.Class]
		if !known {
			t.Errorf("%s: no class %q", v.Name, v.Class)
		}
		refused(t, v, err)
	}
}

// refused says whether v is refused for the one reason that it names.
func refused(t *testing.T, v vector, want error) {
	t.Helper()
	plain, err := v.read(t)
	if plain != nil || err == nil {
		t.Errorf("%s%s: opened to %q", v.Name, v.Desc, plain)
	}
	for class, e := range classes {
		if errors.Is(err, e) != (e == want) {
			t.Errorf("%s%s: %v: is of class %s: %v", v.Name, v.Desc, err, class, errors.Is(err, e))
		}
	}
}
