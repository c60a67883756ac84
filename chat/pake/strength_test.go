package pake

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckStrength(t *testing.T) {
	tests := []struct {
		what, password string
		inputs         []string
		weak           string // part of the reason; empty: accepted
	}{
		{"empty", "", nil, "short"},
		{"nine", "kV9#qm2!x", nil, "short"},
		{"nine after the mapping", "kV9#qm2!e\u0301"[:9], nil, "short"},
		{"ten", "kV9#qm2!xw", nil, ""},
		{"words", "correct horse battery staple", nil, ""},
		{"common", "password123", nil, "guess"},
		{"keyboard", "qwertyuiop", nil, "guess"},
		{"repeated", "aaaaaaaaaaaaaaaaaaaa", nil, "guess"},
		{"own name", "mariannekowalskiweg", []string{"mariannekowalskiweg"}, "guess"},
		{"128", strings.Repeat("kV9#qm2!", 16), nil, ""},
		{"129", strings.Repeat("kV9#qm2!", 16) + "x", nil, "long"},
		{"a megabyte", strings.Repeat("x", 1<<20), nil, "long"},
		{"control", "kV9#qm2!x\tw", nil, "characters"},
		{"not UTF-8", "kV9#qm2!x\xffw", nil, "characters"},
	}
	for _, test := range tests {
		err := CheckStrength([]byte(test.password), test.inputs...)
		weak, isWeak := errors.AsType[*WeakPassword](err)
		switch {
		case test.weak == "" && err != nil:
			t.Errorf("%s: %v, want accepted", test.what, err)
		case test.weak != "" && (!isWeak || !strings.Contains(weak.Reason, test.weak)):
			t.Errorf("%s: %v, want a reason with %q", test.what, err, test.weak)
		case isWeak && (weak.Cure == "" || (test.password != "" && strings.Contains(weak.Error(), test.password))):
			t.Errorf("%s: %q has no cure, or holds the password", test.what, weak)
		}
	}
}

func BenchmarkCheckStrength(b *testing.B) {
	for b.Loop() {
		_ = CheckStrength([]byte("correct horse battery staple"), "alice", "alice@example.org")
	}
}

func BenchmarkClientFinish(b *testing.B) {
	s := newTestServer(b, testOrg)
	params, _ := SuiteV1.Params()
	s.params = params
	c := NewClient(testOrg)
	user, _ := signUp(b, s, c, "alice", goodPass)
	for b.Loop() {
		a, ke1, err := c.Start(goodPass)
		if err != nil {
			b.Fatal(err)
		}
		answer, _, err := s.Answer("alice", user, ke1)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, _, err := a.Finish(answer); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnswer compares the work for a known and an unknown name.
func BenchmarkAnswer(b *testing.B) {
	s, c := newTestServer(b, testOrg), newTestClient()
	user, _ := signUp(b, s, c, "alice", goodPass)
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			_, _, _ = s.Answer("alice", user, ke1)
		}
	})
	b.Run("unknown", func(b *testing.B) {
		for b.Loop() {
			_, _, _ = s.Answer("alice", nil, ke1)
		}
	})
}
