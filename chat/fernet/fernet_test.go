package fernet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func testKey(t testing.TB, fill byte) Key {
	t.Helper()
	k, err := KeyFrom(bytes.Repeat([]byte{fill}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestRoundTrip(t *testing.T) {
	key := testKey(t, 1)
	for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 4096, 256 << 10, MaxToken - Overhead} {
		plain := bytes.Repeat([]byte{0x10}, n) // looks like padding
		token, err := Seal(plain, key, start)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if len(token) > n+Overhead || token.Check() != nil {
			t.Errorf("%d bytes: a token of %d, %v", n, len(token), token.Check())
		}
		again, err := Parse(Encode(token))
		if err != nil || !bytes.Equal(again, token) {
			t.Errorf("%d bytes: text: %v", n, err)
		}
		before := bytes.Clone(token)
		got, at, err := Open(token, key)
		if err != nil || got == nil || !bytes.Equal(got, plain) || !at.Equal(start) {
			t.Errorf("%d bytes: opened to %d at %v, %v", n, len(got), at, err)
		}
		if !bytes.Equal(token, before) {
			t.Errorf("%d bytes: Open wrote into the token", n)
		}
	}
}

func TestSealIsFresh(t *testing.T) {
	a, err := Seal([]byte("x"), testKey(t, 1), start)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Seal([]byte("x"), testKey(t, 1), start)
	if err != nil || bytes.Equal(a, b) {
		t.Errorf("the same token twice, %v", err)
	}
}

func TestSealRefuses(t *testing.T) {
	key := testKey(t, 1)
	for _, tt := range []struct {
		name  string
		plain int
		key   Key
		at    time.Time
		want  error
	}{
		{"the zero key", 1, Key{}, start, ErrKey},
		{"before 1970", 1, key, time.Unix(-1, 0), ErrTime},
		{"the zero time", 1, key, time.Time{}, ErrTime},
		{"after 9999", 1, key, time.Unix(lastSecond+1, 0), ErrTime},
		{"too long", MaxToken - Overhead + 1, key, start, ErrLength},
	} {
		if token, err := Seal(make([]byte, tt.plain), tt.key, tt.at); token != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %d bytes, %v, want %v", tt.name, len(token), err, tt.want)
		}
	}
}

func TestOpenTriesEveryKey(t *testing.T) {
	one, two, three := testKey(t, 1), testKey(t, 2), testKey(t, 3)
	token, err := Seal([]byte("x"), two, start)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		keys []Key
		want error
	}{
		{"the only key", []Key{two}, nil},
		{"last of three", []Key{one, three, two}, nil},
		{"others", []Key{one, three}, ErrUnopened},
		{"none", nil, ErrKey},
		{"a zero key before the right one", []Key{{}, two}, ErrKey},
		{"a zero key behind the right one", []Key{two, {}}, ErrKey},
	} {
		if plain, _, err := Open(token, tt.keys...); !errors.Is(err, tt.want) || (err == nil) != (plain != nil) {
			t.Errorf("%s: %q, %v, want %v", tt.name, plain, err, tt.want)
		}
	}
}

func TestOpenWithin(t *testing.T) {
	key := testKey(t, 1)
	token, err := Seal(nil, key, start)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		now  time.Time
		ttl  time.Duration
		want error
	}{
		{"at once", start, time.Second, nil},
		{"at its last moment", start.Add(time.Minute), time.Minute, nil},
		{"a moment later", start.Add(time.Minute + 1), time.Minute, ErrExpired},
		{"a minute ahead of us", start.Add(-Skew), time.Minute, nil},
		{"a moment more", start.Add(-Skew - 1), time.Minute, ErrFuture},
		{"no time to live: the library would take any age and any future", start, 0, ErrExpired},
		{"less than none", start, -1, ErrExpired},
		{"the longest, old", start.AddDate(400, 0, 0), math.MaxInt64, ErrExpired},
		{"the longest, new", start.AddDate(200, 0, 0), math.MaxInt64, nil},
		{"our clock is unset", time.Time{}, time.Minute, ErrFuture},
	} {
		plain, at, err := OpenWithin(token, tt.now, tt.ttl, key)
		if !errors.Is(err, tt.want) || (err == nil) != (plain != nil) || (err == nil) != at.Equal(start) {
			t.Errorf("%s: %q, %v, %v, want %v", tt.name, plain, at, err, tt.want)
		}
	}
	if _, _, err := OpenWithin(token, start, time.Minute, testKey(t, 2)); !errors.Is(err, ErrUnopened) {
		t.Errorf("another key: %v", err)
	}
}

// The shape is checked before the library is asked; if that were forgotten, a panic would still end in a refusal.
func TestPanicsDoNotEscape(t *testing.T) {
	key := testKey(t, 1)
	for _, n := range []int{0, 1, 15, 17} {
		if plain := open(forge(key, version, 0, [16]byte{}, make([]byte, n)), key); plain != nil {
			t.Errorf("body of %d: %q", n, plain)
		}
	}
	for _, n := range []int{0, 1, 8, 9, 24, 25, 41, 56} {
		if plain := open(make(Token, n), key); plain != nil {
			t.Errorf("token of %d: %q", n, plain)
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	text := strings.Repeat("A", 8*MaxToken)
	if got := testing.AllocsPerRun(1, func() {
		if _, err := Parse(text); !errors.Is(err, ErrLength) {
			t.Error(err)
		}
	}); got > 10 {
		t.Errorf("%v allocations for a text that is too long", got)
	}
	if _, err := Parse(Encode(make(Token, MaxToken+1))); !errors.Is(err, ErrLength) {
		t.Error(err)
	}
}

func TestKeys(t *testing.T) {
	a, err := NewKey(nil)
	if err != nil || a.IsZero() {
		t.Fatal(err)
	}
	if b, err := NewKey(nil); err != nil || a == b {
		t.Errorf("the same key twice, %v", err)
	}
	if _, err := NewKey(bytes.NewReader(make([]byte, KeySize))); !errors.Is(err, ErrKey) {
		t.Errorf("a generator stuck at zero: %v", err)
	}
	if k, err := NewKey(iotest.ErrReader(iotest.ErrTimeout)); !errors.Is(err, iotest.ErrTimeout) || !k.IsZero() {
		t.Errorf("a broken generator: %v", err)
	}
	for _, n := range []int{0, 16, 31, 33, 64} {
		if _, err := KeyFrom(bytes.Repeat([]byte{1}, n)); !errors.Is(err, ErrKey) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if _, err := KeyFrom(make([]byte, KeySize)); !errors.Is(err, ErrKey) {
		t.Errorf("zeros: %v", err)
	}
	secret := bytes.Repeat([]byte{1}, KeySize)
	k, err := KeyFrom(secret)
	if err != nil {
		t.Fatal(err)
	}
	clear(secret)
	if k != testKey(t, 1) {
		t.Error("KeyFrom keeps its argument")
	}
	b, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var again Key
	if err := again.UnmarshalBinary(b); err != nil || again != k {
		t.Errorf("binary form: %v", err)
	}
	if err := again.UnmarshalBinary(b[:31]); err == nil || again != k {
		t.Errorf("a short binary form: %v", err)
	}
	k.Wipe()
	if !k.IsZero() {
		t.Error("Wipe left something")
	}
	if _, err := k.MarshalBinary(); !errors.Is(err, ErrKey) {
		t.Errorf("binary form of a wiped key: %v", err)
	}
}

// HKDF-SHA256 of 32 bytes 0x0b, no salt, info "visavis/v1/test" 0x00 "context", computed with Python's cryptography.
func TestDerive(t *testing.T) {
	secret := bytes.Repeat([]byte{0x0b}, 32)
	k, err := Derive(secret, "visavis/v1/test", []byte("context"))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := k.MarshalBinary()
	if got := fmt.Sprintf("%x", b); got != "afc5b1fd1a983fd8d2ea35efb0adcc108b66878deaa8db1b7c167b20d6217414" {
		t.Errorf("derived %s", got)
	}
	seen := map[Key]string{}
	for _, in := range [][2]string{{"visavis/v1/test", "context"}, {"visavis/v1/test", "other"}, {"visavis/v1/other", "context"}, {"visavis/v1/testc", "ontext"}} {
		k, err := Derive(secret, in[0], []byte(in[1]))
		if err != nil || seen[k] != "" {
			t.Errorf("%q gives the key of %s, %v", in, seen[k], err)
		}
		seen[k] = in[0] + " " + in[1]
	}
	if _, err := Derive(secret[:15], "visavis/v1/test", nil); !errors.Is(err, ErrKey) {
		t.Errorf("a short secret: %v", err)
	}
}

func TestKeysPrintRedacted(t *testing.T) {
	k := testKey(t, 'K')
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("key", "k", k, "p", &k)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "k", k, "p", &k)
	inJSON, err := json.Marshal(map[string]any{"k": k, "p": &k, "s": struct{ K Key }{k}})
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(inJSON) + k.String() + k.GoString()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		out += fmt.Sprintf(verb, k) + fmt.Sprintf(verb, &k) + fmt.Sprintf(verb, []Key{k}) + fmt.Sprintf(verb, struct{ K Key }{k})
	}
	for _, leak := range []string{"KKK", "4b4b", "4B4B", "75 75", "75,75", "0x4b", "S0tL"} {
		if strings.Contains(out, leak) {
			t.Errorf("prints %q in %s", leak, out)
		}
	}
}
