package pake

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/bytemare/ecc"
	"golang.org/x/crypto/argon2"

	"visavis/models"
	"visavis/models/canon"
)

var (
	testOrg  = models.OrgID{1, 2, 3}
	goodPass = []byte("correct horse battery staple")
)

func newTestServer(t testing.TB, org models.OrgID) *Server {
	t.Helper()
	secrets, err := NewSecrets(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(org, secrets, SuiteTest, AllowTestSuite())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newTestClient() *Client { return NewClient(testOrg, SuiteTest) }

func newAccount(t testing.TB) (id models.AccountID) {
	t.Helper()
	if err := models.Draw(&id, nil); err != nil {
		t.Fatal(err)
	}
	return id
}

// signUp registers name and returns its user and the export key.
func signUp(t testing.TB, s *Server, c *Client, name string, password []byte) (*models.User, ExportKey) {
	t.Helper()
	r, request, err := c.Register(password)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Register(name, request)
	if err != nil {
		t.Fatal(err)
	}
	user := &models.User{ID: newAccount(t), Name: name}
	record, export, err := r.Finalize(user.ID, s.Params(), response)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckRecord(record); err != nil {
		t.Fatal(err)
	}
	user.Record = record
	return user, export
}

func TestLogin(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user, registered := signUp(t, s, c, "alice", goodPass)
	a, ke1, err := c.Start(goodPass)
	if err != nil {
		t.Fatal(err)
	}
	answer, pending, err := s.Answer("alice", user, ke1)
	if err != nil {
		t.Fatal(err)
	}
	ke3, theirs, export, err := a.Finish(answer)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := pending.Finish(ke3)
	if err != nil {
		t.Fatal(err)
	}
	if ours != theirs || ours == (SessionKey{}) {
		t.Error("the two sides do not share a session key")
	}
	if export != registered || export == (ExportKey{}) {
		t.Error("the export key of the log-in is not the registration's")
	}
	if _, err := pending.Finish(ke3); !errors.Is(err, ErrPassword) {
		t.Errorf("the same KE3 twice: %v, want ErrPassword", err)
	}
	if _, _, _, err := a.Finish(answer); !errors.Is(err, ErrPassword) {
		t.Errorf("the same KE2 twice: %v, want ErrPassword", err)
	}
}

// Each row changes one thing of a log-in that would go well.
func TestLoginRefused(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user, _ := signUp(t, s, c, "alice", goodPass)
	other, _ := signUp(t, s, c, "bob", goodPass)
	tests := []struct {
		what   string
		client *Client
		pass   string
		name   string
		user   *models.User
		change func(*Answer)
		want   error
	}{
		{what: "wrong password", pass: "correct horse battery stapl", want: ErrPassword},
		{what: "name without a user", name: "nobody", user: &models.User{}, want: ErrPassword},
		{what: "another person's record under the name", user: other, want: ErrPassword},
		{what: "another account claimed", change: func(a *Answer) { a.Account[0] ^= 1 }, want: ErrPassword},
		{what: "client of another organisation", client: NewClient(models.OrgID{9}, SuiteTest), want: ErrPassword},
		{what: "KE2 cut", change: func(a *Answer) { a.KE2 = a.KE2[:KE2Size-1] }, want: ErrPassword},
		{what: "KE2 long", change: func(a *Answer) { a.KE2 = append(a.KE2, 0) }, want: ErrPassword},
		{what: "KE2 empty", change: func(a *Answer) { a.KE2 = nil }, want: ErrPassword},
		{what: "KE2 all zero", change: func(a *Answer) { clear(a.KE2) }, want: ErrPassword},
		{what: "server's MAC changed", change: func(a *Answer) { a.KE2[KE2Size-1] ^= 1 }, want: ErrPassword},
		{what: "client accepts only the real suite", client: NewClient(testOrg), want: ErrSuite},
		{what: "fewer passes", change: func(a *Answer) { a.Params.KSF.Time = 0 }, want: ErrSuite},
		{what: "less memory", change: func(a *Answer) { a.Params.KSF.Memory-- }, want: ErrSuite},
		{what: "memory enough to crash the desk", change: func(a *Answer) { a.Params.KSF.Memory = 1 << 31 }, want: ErrSuite},
		{what: "no suite", change: func(a *Answer) { a.Params = Params{} }, want: ErrSuite},
		{what: "real suite's name on the cheap parameters", change: func(a *Answer) { a.Params.Suite = SuiteV1 }, want: ErrSuite},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			client, name, u, pass := c, "alice", user, goodPass
			if test.client != nil {
				client = test.client
			}
			if test.name != "" {
				name, u = test.name, nil
			}
			if test.user == other {
				u = other
			}
			if test.pass != "" {
				pass = []byte(test.pass)
			}
			a, ke1, err := client.Start(pass)
			if err != nil {
				t.Fatal(err)
			}
			answer, _, err := s.Answer(name, u, ke1)
			if err != nil {
				t.Fatal(err)
			}
			if test.change != nil {
				test.change(&answer)
			}
			ke3, session, export, err := a.Finish(answer)
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if ke3 != nil || session != (SessionKey{}) || export != (ExportKey{}) {
				t.Error("a refused log-in gave something away")
			}
		})
	}
}

func TestFinishRefuses(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user, _ := signUp(t, s, c, "alice", goodPass)
	for what, change := range map[string]func([]byte) []byte{
		"one bit":  func(b []byte) []byte { b[7] ^= 1; return b },
		"cut":      func(b []byte) []byte { return b[:KE3Size-1] },
		"long":     func(b []byte) []byte { return append(b, 0) },
		"empty":    func([]byte) []byte { return nil },
		"all zero": func(b []byte) []byte { clear(b); return b },
	} {
		t.Run(what, func(t *testing.T) {
			a, ke1, err := c.Start(goodPass)
			if err != nil {
				t.Fatal(err)
			}
			answer, pending, err := s.Answer("alice", user, ke1)
			if err != nil {
				t.Fatal(err)
			}
			ke3, _, _, err := a.Finish(answer)
			if err != nil {
				t.Fatal(err)
			}
			good := bytes.Clone(ke3)
			if key, err := pending.Finish(change(ke3)); !errors.Is(err, ErrPassword) || key != (SessionKey{}) {
				t.Errorf("changed KE3: %v, want ErrPassword and no key", err)
			}
			if _, err := pending.Finish(good); !errors.Is(err, ErrPassword) {
				t.Errorf("the right KE3 after a wrong one: %v, want ErrPassword", err)
			}
		})
	}
	var none Pending
	if _, err := none.Finish(make([]byte, KE3Size)); !errors.Is(err, ErrPassword) {
		t.Errorf("zero Pending: %v, want ErrPassword", err)
	}
}

// Whoever asks about names must not learn which exist: same shape, same length, same account each time.
func TestUnknownNames(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user, _ := signUp(t, s, c, "alice", goodPass)
	ask := func(name string, u *models.User) Answer {
		t.Helper()
		_, ke1, err := c.Start(goodPass)
		if err != nil {
			t.Fatal(err)
		}
		answer, _, err := s.Answer(name, u, ke1)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	known, first, second, third := ask("alice", user), ask("nobody", nil), ask("nobody", nil), ask("somebody", nil)
	if first.Account != second.Account {
		t.Error("an unknown name's account changes from one time to the next")
	}
	if first.Account == third.Account || first.Account.IsZero() {
		t.Error("unknown names share an account")
	}
	if len(first.KE2) != len(known.KE2) || first.Params != known.Params {
		t.Error("the answer for an unknown name has another shape")
	}
	if bytes.Equal(first.KE2, second.KE2) {
		t.Error("two answers are equal")
	}

	// The record behind it is stable too: a desk that sends one KE1 twice sees the same evaluation (the first 32 bytes).
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		t.Fatal(err)
	}
	for name, u := range map[string]*models.User{"alice": user, "nobody": nil} {
		one, _, err := s.Answer(name, u, ke1)
		if err != nil {
			t.Fatal(err)
		}
		two, _, err := s.Answer(name, u, ke1)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one.KE2[:32], two.KE2[:32]) {
			t.Errorf("%s: the evaluation of one KE1 changes", name)
		}
	}
	a1, r1 := s.fake("nobody")
	a2, r2 := s.fake("nobody")
	if a1 != a2 || !bytes.Equal(r1.Serialize(), r2.Serialize()) || len(r1.Serialize()) != rawRecordSize {
		t.Error("the fake record is not stable")
	}
	elsewhere := newTestServer(t, testOrg)
	if a, _ := elsewhere.fake("nobody"); a == a1 {
		t.Error("the fake account does not depend on the server's secrets")
	}
	if s.NameKey("nobody") == s.NameKey("somebody") || s.NameKey("nobody") == elsewhere.NameKey("nobody") {
		t.Error("name keys collide")
	}
}

// A fake record's MAC is known to the server alone; even who learned it would not get in.
func TestFakeNeverFinishes(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		t.Fatal(err)
	}
	_, pending, err := s.Answer("nobody", nil, ke1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pending.Finish(bytes.Clone(pending.mac)); !errors.Is(err, ErrPassword) {
		t.Errorf("the expected MAC of an unknown name: %v, want ErrPassword", err)
	}
}

func TestRegistrationRefused(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	account := newAccount(t)
	begin := func() (*Registration, []byte) {
		t.Helper()
		r, request, err := c.Register(goodPass)
		if err != nil {
			t.Fatal(err)
		}
		response, err := s.Register("alice", request)
		if err != nil {
			t.Fatal(err)
		}
		return r, response
	}
	for what, change := range map[string]func([]byte) []byte{
		"cut":        func(b []byte) []byte { return b[:len(b)-1] },
		"long":       func(b []byte) []byte { return append(b, 0) },
		"empty":      func([]byte) []byte { return nil },
		"all zero":   func(b []byte) []byte { clear(b); return b },
		"no element": func(b []byte) []byte { b[31] |= 0x80; return b },
	} {
		r, response := begin()
		if _, _, err := r.Finalize(account, s.Params(), change(response)); !errors.Is(err, ErrPassword) {
			t.Errorf("response %s: %v, want ErrPassword", what, err)
		}
	}
	r, response := begin()
	if _, _, err := r.Finalize(account, Params{Suite: SuiteTest}, response); !errors.Is(err, ErrSuite) {
		t.Errorf("no parameters: %v, want ErrSuite", err)
	}
	if _, _, err := r.Finalize(account, s.Params(), response); !errors.Is(err, ErrPassword) {
		t.Errorf("finalized twice: %v, want ErrPassword", err)
	}
	for _, request := range [][]byte{nil, make([]byte, 32), make([]byte, 31), bytes.Repeat([]byte{0xff}, 32)} {
		if _, err := s.Register("alice", request); !errors.Is(err, ErrPassword) {
			t.Errorf("request %x: %v, want ErrPassword", request, err)
		}
	}
}

func TestCheckRecord(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user, _ := signUp(t, s, c, "alice", goodPass)
	open := func() record {
		var r record
		if err := canon.Unmarshal(user.Record, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for what, change := range map[string]func(*record){
		"version 0":           func(r *record) { r.Version = 0 },
		"version 2":           func(r *record) { r.Version = 2 },
		"no suite":            func(r *record) { r.Params.Suite = 0 },
		"another suite":       func(r *record) { r.Params, _ = SuiteV1.Params() },
		"cheaper parameters":  func(r *record) { r.Params.KSF.Memory = 8 },
		"short":               func(r *record) { r.Raw = r.Raw[:191] },
		"long":                func(r *record) { r.Raw = append(r.Raw, 0) },
		"identity as a key":   func(r *record) { clear(r.Raw[:32]) },
		"no element as a key": func(r *record) { r.Raw[31] |= 0x80 },
		"empty masking key":   func(r *record) { clear(r.Raw[32:96]) },
	} {
		r := open()
		change(&r)
		if err := s.CheckRecord(canon.MustMarshal(r)); !errors.Is(err, ErrRecord) {
			t.Errorf("%s: %v, want ErrRecord", what, err)
		}
		bad := *user
		bad.Record = canon.MustMarshal(r)
		_, ke1, err := c.Start(goodPass)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Answer("alice", &bad, ke1); !errors.Is(err, ErrRecord) {
			t.Errorf("answer under a record with %s: %v, want ErrRecord", what, err)
		}
	}
	for _, b := range [][]byte{nil, {0x80}, make([]byte, MaxRecordSize+1), append(bytes.Clone(user.Record), 0)} {
		if err := s.CheckRecord(b); !errors.Is(err, ErrRecord) {
			t.Errorf("%d bytes: %v, want ErrRecord", len(b), err)
		}
	}
	if len(user.Record) > MaxRecordSize {
		t.Errorf("a record has %d bytes, more than MaxRecordSize", len(user.Record))
	}
}

func TestNewServerRefuses(t *testing.T) {
	secrets, err := NewSecrets(nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		what    string
		org     models.OrgID
		secrets Secrets
		suite   Suite
		options []ServerOption
		want    error
	}{
		{"test suite without saying so", testOrg, secrets, SuiteTest, nil, ErrSuite},
		{"no suite", testOrg, secrets, 0, nil, ErrSuite},
		{"unknown suite", testOrg, secrets, 7, []ServerOption{AllowTestSuite()}, ErrSuite},
		{"no secrets", testOrg, Secrets{}, SuiteV1, nil, ErrSecrets},
		{"no organisation", models.OrgID{}, secrets, SuiteV1, nil, ErrSecrets},
	}
	for _, test := range tests {
		if _, err := NewServer(test.org, test.secrets, test.suite, test.options...); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
	if _, err := NewServer(testOrg, secrets, SuiteV1); err != nil {
		t.Errorf("the real suite: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	random := sha512.New()
	stream := bytes.NewReader(bytes.Repeat(random.Sum(nil), 8))
	s, err := NewSecrets(stream)
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeSecrets(s.Encode())
	if err != nil || again != s {
		t.Fatalf("decode what was encoded: %v", err)
	}
	if _, err := NewSecrets(strings.NewReader("short")); err == nil {
		t.Error("secrets from too little randomness")
	}
	change := func(f func(*secretsFile)) []byte {
		v := secretsFile{Version: secretsVersion, Seed: s.seed[:], AKE: s.ake[:], MAC: s.mac[:]}
		f(&v)
		return canon.MustMarshal(v)
	}
	for what, b := range map[string][]byte{
		"empty":         nil,
		"tail":          append(s.Encode(), 0),
		"cut":           s.Encode()[:100],
		"version":       change(func(f *secretsFile) { f.Version = 2 }),
		"short seed":    change(func(f *secretsFile) { f.Seed = f.Seed[:63] }),
		"short mac":     change(func(f *secretsFile) { f.MAC = nil }),
		"zero scalar":   change(func(f *secretsFile) { f.AKE = make([]byte, 32) }),
		"scalar >= ord": change(func(f *secretsFile) { f.AKE = bytes.Repeat([]byte{0xff}, 32) }),
	} {
		if _, err := DecodeSecrets(b); !errors.Is(err, ErrSecrets) {
			t.Errorf("%s: %v, want ErrSecrets", what, err)
		}
	}
}

func TestSecretsPrintRedacted(t *testing.T) {
	s, err := NewSecrets(nil)
	if err != nil {
		t.Fatal(err)
	}
	session, export := SessionKey{0xab, 0xcd}, ExportKey{0xab, 0xcd}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	text := slog.New(slog.NewTextHandler(&log, nil))
	for _, v := range []any{s, &s, session, &session, export, &export, struct{ K SessionKey }{session}, []any{s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(strings.ToLower(out), "abcd") || strings.Contains(out, "171") || !strings.Contains(out, "redacted") {
				t.Errorf("%T as %s prints %q", v, verb, out)
			}
		}
		logger.Info("x", "v", v)
		text.Info("x", "v", v)
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(j)
	}
	if out := log.String(); strings.Contains(out, "171,205") || strings.Contains(out, "171 205") || strings.Contains(out, "abcd") {
		t.Errorf("a log holds a key: %s", out)
	}
}

// TestSuiteIsWhatItSays computes a record's masking key and the export key anew, from the RFC alone and without the library: it fails when
// any parameter of SuiteV1 (passes, memory, threads, salt, length, hash) is not the one that is passed.
func TestSuiteIsWhatItSays(t *testing.T) {
	params, ok := SuiteV1.Params()
	if !ok {
		t.Fatal("no SuiteV1")
	}
	g := ecc.Ristretto255Sha512
	key := g.HashToScalar([]byte("some OPRF key"), []byte("test"))
	r, request, err := NewClient(testOrg).Register(goodPass)
	if err != nil {
		t.Fatal(err)
	}
	blinded := g.NewElement()
	if err := blinded.Decode(request); err != nil {
		t.Fatal(err)
	}
	response := append(blinded.Multiply(key).Encode(), g.Base().Multiply(key).Encode()...)
	b, export, err := r.Finalize(newAccount(t), params, response)
	if err != nil {
		t.Fatal(err)
	}
	var rec record
	if err := canon.Unmarshal(b, &rec); err != nil {
		t.Fatal(err)
	}

	// RFC 9497, 3.3.1: Finalize; RFC 9807, 5.2 and 6.3.2.
	y := g.HashToGroup(goodPass, []byte("HashToGroup-OPRFV1-\x00-ristretto255-SHA512")).Multiply(key).Encode()
	h := sha512.New()
	for _, part := range [][]byte{goodPass, y} {
		_ = binary.Write(h, binary.BigEndian, uint16(len(part)))
		h.Write(part)
	}
	h.Write([]byte("Finalize"))
	out := h.Sum(nil)
	stretched := argon2.IDKey(out, make([]byte, 16), 3, 64<<10, 4, 64)
	prk, err := hkdf.Extract(sha512.New, append(bytes.Clone(out), stretched...), nil)
	if err != nil {
		t.Fatal(err)
	}
	masking, err := hkdf.Expand(sha512.New, prk, "MaskingKey", 64)
	if err != nil {
		t.Fatal(err)
	}
	nonce := rec.Raw[96:128]
	exported, err := hkdf.Expand(sha512.New, prk, string(nonce)+"ExportKey", 64)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(masking, rec.Raw[32:96]) {
		t.Error("the record was not made with the suite's parameters")
	}
	if !bytes.Equal(exported, export[:]) {
		t.Error("the export key was not made with the suite's parameters")
	}
}

func TestZeroSuite(t *testing.T) {
	if p, known := Suite(0).Params(); known || p != (Params{}) {
		t.Error("the zero Suite is known")
	}
}

// One password typed on two keyboards is one password: composed and decomposed, full-width space or not.
func TestPasswordForms(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user, _ := signUp(t, s, c, "alice", []byte("caf\u00e9 au lait\u3000noir"))
	a, ke1, err := c.Start([]byte("cafe\u0301 au lait noir"))
	if err != nil {
		t.Fatal(err)
	}
	answer, pending, err := s.Answer("alice", user, ke1)
	if err != nil {
		t.Fatal(err)
	}
	ke3, _, _, err := a.Finish(answer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pending.Finish(ke3); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "tab\there", "\xff\xfe", strings.Repeat("x", MaxPassword+1), "nul\x00"} {
		if _, _, err := c.Start([]byte(bad)); !errors.Is(err, ErrPassword) {
			t.Errorf("password %q: %v, want ErrPassword", bad, err)
		}
		if _, _, err := c.Register([]byte(bad)); !errors.Is(err, ErrPassword) {
			t.Errorf("new password %q: %v, want ErrPassword", bad, err)
		}
	}
	mine := bytes.Clone(goodPass)
	if _, _, err := c.Start(mine); err != nil || !bytes.Equal(mine, goodPass) {
		t.Error("Start changed its caller's password")
	}
}

// A foreign library's panic must not end the server.
func TestGuard(t *testing.T) {
	err := guard("do it", ErrPassword, func() error { panic("index out of range") })
	if !errors.Is(err, ErrPassword) {
		t.Errorf("a panic became %v", err)
	}
	inner := errors.New("inner")
	if err := guard("do it", ErrPassword, func() error { return inner }); !errors.Is(err, ErrPassword) || errors.Is(err, inner) {
		t.Errorf("an error became %v", err)
	}
}
