package template

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/match"
	"visavis/chat/fernet"
	"visavis/models"
	"visavis/models/canon"
)

var (
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	alice = models.AccountID{1: 0xa}
	bob   = models.AccountID{1: 0xb}
)

// sequence is randomness that is the same in every run: the bytes from, from+1, …
type sequence byte

func (s *sequence) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(*s)
		*s++
	}
	return len(b), nil
}

func testRing(t testing.TB, from byte) Ring {
	t.Helper()
	s := sequence(from)
	r, err := NewRing(&s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// person is a made-up face from three sides; the numbers follow from the seed alone, without rounding that machines could differ in.
func person(t testing.TB, seed uint64) match.Template {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	var face biometrics.Descriptor
	for i := range face {
		face[i] = float32(rng.IntN(2)*2-1) / 8 // norm 1.414
	}
	var views []match.Vector
	for range 3 {
		view := face
		for range 2 {
			view[rng.IntN(len(view))] *= -1
		}
		v, err := match.Unit(view)
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, v)
	}
	tmpl, err := match.NewTemplate("dlib-1", match.OneIn10000, views...)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func same(a, b match.Template) bool {
	if a.Weights != b.Weights || len(a.Views) != len(b.Views) || match.Distance(a.Centroid, b.Centroid) > 1e-6 {
		return false
	}
	for i := range a.Views {
		if a.Views[i] != b.Views[i] {
			return false
		}
	}
	return true
}

func seal(t testing.TB, r Ring, account models.AccountID, tmpl match.Template) []byte {
	t.Helper()
	b, err := Seal(r, account, tmpl, start)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealAndOpen(t *testing.T) {
	r, tmpl := testRing(t, 1), person(t, 1)
	b := seal(t, r, alice, tmpl)
	got, err := Open(r, alice, b)
	if err != nil || !same(got, tmpl) {
		t.Errorf("opened: %v, %v", same(got, tmpl), err)
	}
	if bytes.Equal(b, seal(t, r, alice, tmpl)) {
		t.Error("sealed to the same bytes twice")
	}
	if bytes.Contains(b, []byte("dlib")) || bytes.Contains(b, alice[:]) {
		t.Error("more is in clear than the key's id")
	}
}

func TestSealRefuses(t *testing.T) {
	r, tmpl := testRing(t, 1), person(t, 1)
	empty := match.Template{Weights: "dlib-1"}
	zeros := match.Template{Weights: "dlib-1", Views: make([]match.Vector, 3)}
	verbose := tmpl
	verbose.Weights = string(bytes.Repeat([]byte("w"), MaxSealed))
	nameless := tmpl
	nameless.Weights = ""
	for _, tt := range []struct {
		name    string
		ring    Ring
		account models.AccountID
		tmpl    match.Template
		now     time.Time
		want    error
	}{
		{"the zero ring", Ring{}, alice, tmpl, start, ErrRing},
		{"no account", r, models.AccountID{}, tmpl, start, ErrRefused},
		{"no views", r, alice, empty, start, match.ErrViews},
		{"zero views", r, alice, zeros, start, match.ErrNorm},
		{"no weights", r, alice, nameless, start, match.ErrWeights},
		{"too long", r, alice, verbose, start, ErrFormat},
		{"no time", r, alice, tmpl, time.Time{}, fernet.ErrTime},
	} {
		if b, err := Seal(tt.ring, tt.account, tt.tmpl, tt.now); b != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %d bytes, %v, want %v", tt.name, len(b), err, tt.want)
		}
	}
}

// Who can write to the database but has no key moves, swaps, cuts and edits; each must end in a refusal.
func TestOpenRefusesWhatWasMoved(t *testing.T) {
	r := testRing(t, 1)
	old := r
	s := sequence(200)
	r, err := r.Renewed(&s)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := person(t, 1)
	hers, his, older := seal(t, r, alice, tmpl), seal(t, r, bob, person(t, 2)), seal(t, old, alice, tmpl)
	part := func(b []byte) sealed {
		var s sealed
		if err := canon.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	build := func(version uint8, key KeyID, token fernet.Token) []byte {
		return canon.MustMarshal(sealed{Version: version, Key: key, Token: token})
	}
	flipped := bytes.Clone(part(hers).Token)
	flipped[40] ^= 1
	for _, tt := range []struct {
		name    string
		ring    Ring
		account models.AccountID
		b       []byte
		want    error
	}{
		{"another account's, in her row", r, alice, his, ErrRefused},
		{"hers, in another's row", r, bob, hers, ErrRefused},
		{"no account", r, models.AccountID{}, hers, ErrRefused},
		{"another account's token in her envelope", r, alice, build(1, part(hers).Key, part(his).Token), ErrRefused},
		{"the id of an older key", r, alice, build(1, part(older).Key, part(hers).Token), ErrRefused},
		{"the id of a newer key", r, alice, build(1, part(hers).Key, part(older).Token), ErrRefused},
		{"a key that is gone", old, alice, hers, ErrUnknown},
		{"the zero ring", Ring{}, alice, hers, ErrUnknown},
		{"another server's ring", testRing(t, 7), alice, hers, ErrUnknown},
		{"one bit", r, alice, build(1, part(hers).Key, flipped), ErrRefused},
		{"cut", r, alice, hers[:len(hers)-1], ErrFormat},
		{"something behind", r, alice, append(bytes.Clone(hers), 0), ErrFormat},
		{"version 2", r, alice, build(2, part(hers).Key, part(hers).Token), ErrFormat},
		{"no token", r, alice, build(1, part(hers).Key, nil), ErrRefused},
		{"nothing", r, alice, nil, ErrFormat},
		{"too long", r, alice, make([]byte, MaxSealed+1), ErrFormat},
	} {
		if got, err := Open(tt.ring, tt.account, tt.b); got.Views != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	for name, b := range map[string][]byte{"hers": hers, "the older": older} {
		if got, err := Open(r, alice, b); err != nil || !same(got, tmpl) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Under the right key, what is inside must still say that it is a template, whose, under which key, and be canonical.
func TestOpenRefusesWhatIsInside(t *testing.T) {
	r, tmpl := testRing(t, 1), person(t, 1)
	k := r.keys[0]
	good := body{Version: 1, Type: bodyType, Account: alice, Key: k.ID, Weights: "dlib-1", Views: tmpl.Views}
	reseal := func(plain []byte) []byte {
		key, err := derive(k, alice)
		if err != nil {
			t.Fatal(err)
		}
		token, err := fernet.Seal(plain, key, start)
		if err != nil {
			t.Fatal(err)
		}
		return canon.MustMarshal(sealed{Version: 1, Key: k.ID, Token: token})
	}
	change := func(f func(*body)) []byte {
		b := good
		f(&b)
		return canon.MustMarshal(b)
	}
	nan := bytes.Clone(canon.MustMarshal(good))
	copy(nan[len(nan)-512:], []byte{0x7f, 0xc0, 0, 0})
	long := bytes.Clone(canon.MustMarshal(good))
	long = append([]byte{long[0], 0x18, 1}, long[2:]...) // the version in two bytes
	for _, tt := range []struct {
		name  string
		plain []byte
		want  error
	}{
		{"another version", change(func(b *body) { b.Version = 2 }), ErrFormat},
		{"another type", change(func(b *body) { b.Type = "vault" }), ErrFormat},
		{"another account", change(func(b *body) { b.Account = bob }), ErrRefused},
		{"another key", change(func(b *body) { b.Key[0] ^= 1 }), ErrRefused},
		{"no weights", change(func(b *body) { b.Weights = "" }), match.ErrWeights},
		{"no views", change(func(b *body) { b.Views = nil }), match.ErrViews},
		{"too many views", change(func(b *body) { b.Views = append(append(b.Views, b.Views...), b.Views...) }), match.ErrViews},
		{"a view of NaN", nan, ErrFormat},
		{"not the one encoding", long, ErrFormat},
		{"something behind", append(canon.MustMarshal(good), 0), ErrFormat},
		{"nothing", nil, ErrFormat},
	} {
		if got, err := Open(r, alice, reseal(tt.plain)); got.Views != nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, err := Open(r, alice, reseal(canon.MustMarshal(good))); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestRings(t *testing.T) {
	r := testRing(t, 1)
	s := sequence(100)
	r, err := r.Renewed(&s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseRing(r.Encode())
	if err != nil || !bytes.Equal(again.Encode(), r.Encode()) || len(again.keys) != 2 {
		t.Errorf("read again: %d keys, %v", len(again.keys), err)
	}
	if b := seal(t, r, alice, person(t, 1)); !bytes.Contains(b, r.keys[0].ID[:]) {
		t.Error("not sealed under the newest key")
	}
	if random, err := NewRing(nil); err != nil || bytes.Equal(random.Encode(), testRing(t, 1).Encode()) {
		t.Errorf("a ring from the system's randomness: %v", err)
	}
	one := r.keys[0]
	file := func(f ringFile) []byte { return canon.MustMarshal(f) }
	for name, b := range map[string][]byte{
		"nothing":         nil,
		"cut":             r.Encode()[:40],
		"something after": append(r.Encode(), 0),
		"no keys":         file(ringFile{Version: 1, Type: ringType}),
		"another version": file(ringFile{Version: 2, Type: ringType, Keys: r.keys}),
		"another type":    file(ringFile{Version: 1, Type: "vault", Keys: r.keys}),
		"one id twice":    file(ringFile{Version: 1, Type: ringType, Keys: []ringKey{one, one}}),
		"a key of zeros":  file(ringFile{Version: 1, Type: ringType, Keys: []ringKey{{ID: KeyID{1}}}}),
		"an id of zeros":  file(ringFile{Version: 1, Type: ringType, Keys: []ringKey{{Secret: one.Secret}}}),
		"too many":        file(ringFile{Version: 1, Type: ringType, Keys: make([]ringKey, MaxKeys+1)}),
	} {
		if r, err := ParseRing(b); !errors.Is(err, ErrRing) || r.keys != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if (Ring{}).Encode() != nil {
		t.Error("the zero ring has a file")
	}
	if _, err := NewRing(bytes.NewReader(make([]byte, 64))); !errors.Is(err, ErrRing) {
		t.Errorf("a generator stuck at zero: %v", err)
	}
	if _, err := NewRing(bytes.NewReader(nil)); err == nil {
		t.Error("a generator without bytes")
	}
}

// TestReseal: what an old key sealed is sealed by the newest, the same face for the same account; then the old key may go.
func TestReseal(t *testing.T) {
	old, tmpl := testRing(t, 1), person(t, 1)
	b := seal(t, old, alice, tmpl)
	s := sequence(100)
	r, err := old.Renewed(&s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Reseal(r, bob, b, start); !errors.Is(err, ErrRefused) {
		t.Errorf("sealed anew for another account: %v", err)
	}
	again, err := Reseal(r, alice, b, start)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := KeyOf(again); err != nil || id != r.IDs()[0] {
		t.Errorf("under %v, %v", id, err)
	}
	if id, err := KeyOf(b); err != nil || id != r.IDs()[1] || id.Short() != id.String()[:8] {
		t.Errorf("before under %v, %v", id, err)
	}
	alone, err := r.Without(r.IDs()[1])
	if err != nil || len(alone.IDs()) != 1 || len(r.IDs()) != 2 {
		t.Fatalf("%d keys, %v", len(alone.IDs()), err)
	}
	if got, err := Open(alone, alice, again); err != nil || !same(got, tmpl) {
		t.Errorf("opened: %v", err)
	}
	if _, err := Open(alone, alice, b); !errors.Is(err, ErrUnknown) {
		t.Errorf("opened under a key that was dropped: %v", err)
	}
	if _, err := r.Without(r.IDs()[0]); !errors.Is(err, ErrRing) {
		t.Errorf("dropped the newest key: %v", err)
	}
	if _, err := (Ring{}).Without(); !errors.Is(err, ErrRing) {
		t.Errorf("of the zero ring: %v", err)
	}
	if _, err := KeyOf([]byte("no template")); !errors.Is(err, ErrFormat) {
		t.Errorf("the key of no template: %v", err)
	}
}

func TestRingsPrintRedacted(t *testing.T) {
	r := testRing(t, 'K')
	text, _ := r.MarshalText()
	out := string(text) + r.String() + r.GoString()
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s"} {
		out += fmt.Sprintf(verb, r) + fmt.Sprintf(verb, &r) + fmt.Sprintf(verb, struct{ R Ring }{r})
	}
	for _, leak := range []string{"KLM", "[L", "4b4c", "75 76", "0x4b"} {
		if strings.Contains(out, leak) {
			t.Errorf("prints %q in %s", leak, out)
		}
	}
}

func TestMaxSealedHoldsTheLargestTemplate(t *testing.T) {
	tmpl := person(t, 1)
	for len(tmpl.Views) < match.MaxViews {
		tmpl.Views = append(tmpl.Views, tmpl.Views[0])
	}
	tmpl.Weights = string(bytes.Repeat([]byte("w"), 256))
	if b := seal(t, testRing(t, 1), alice, tmpl); len(b) > MaxSealed {
		t.Errorf("%d bytes", len(b))
	}
}

// FuzzOpen: nobody without the key makes a template that opens, but for the one that he was given.
func FuzzOpen(f *testing.F) {
	r, tmpl := testRing(f, 1), person(f, 1)
	good := seal(f, r, alice, tmpl)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{0x83, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := Open(r, alice, b); err == nil && !same(got, tmpl) {
			t.Errorf("opened %x", b)
		}
	})
}

// FuzzInside is FuzzOpen for who holds the key: what opens is the one encoding of a template.
func FuzzInside(f *testing.F) {
	r, tmpl := testRing(f, 1), person(f, 1)
	k := r.keys[0]
	key, err := derive(k, alice)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(canon.MustMarshal(body{Version: 1, Type: bodyType, Account: alice, Key: k.ID, Weights: "dlib-1", Views: tmpl.Views}))
	f.Fuzz(func(t *testing.T, plain []byte) {
		token, err := fernet.Seal(plain, key, start)
		if err != nil {
			t.Skip()
		}
		b, err := canon.Marshal(sealed{Version: 1, Key: k.ID, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(r, alice, b)
		if err != nil {
			return
		}
		again := canon.MustMarshal(body{Version: 1, Type: bodyType, Account: alice, Key: k.ID, Weights: got.Weights, Views: got.Views})
		if !bytes.Equal(again, plain) {
			t.Errorf("%x is read as %x", plain, again)
		}
	})
}

func FuzzParseRing(f *testing.F) {
	f.Add(testRing(f, 1).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseRing(b); err == nil && !bytes.Equal(r.Encode(), b) {
			t.Errorf("%x", b)
		}
	})
}
