package models

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCanonicalName(t *testing.T) {
	tests := []struct{ typed, want string }{
		{"alice", "alice"},
		{"ALICE", "alice"},
		{"\uff21\uff4c\uff49\uff43\uff45", "alice"}, // full-width
		{"Jose\u0301", "jos\u00e9"},
		{"a.b_c-1", "a.b_c-1"},
		{"\u738b\u5c0f\u660e", "\u738b\u5c0f\u660e"},
		{strings.Repeat("a", MaxName), strings.Repeat("a", MaxName)},
		{"a", ""},
		{"", ""},
		{strings.Repeat("a", MaxName+1), ""},
		{strings.Repeat("\u738b", 22), ""}, // 66 bytes
		{strings.Repeat("a", 1<<20), ""},
		{"two words", ""},
		{"tab\t", ""},
		{"line\nbreak", ""},
		{"\u202eecila", ""},  // right-to-left override
		{"al\u200bice", ""},  // zero-width space
		{"\u265a\u265b", ""}, // symbols are not of the identifier class
		{"\xff\xfe", ""},
		{"nul\x00", ""},
	}
	for _, test := range tests {
		got, err := CanonicalName(test.typed)
		if got != test.want || (test.want == "") != errors.Is(err, ErrName) {
			t.Errorf("CanonicalName(%.20q) = %q, %v, want %q", test.typed, got, err, test.want)
		}
	}
}

func FuzzCanonicalName(f *testing.F) {
	for _, s := range []string{"alice", "ALICE", "\uff21\uff4c", "\u1e9e\u0130x", "\u03c3\u03c2\u03a3", "\u0345\u03b1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		name, err := CanonicalName(typed)
		if err != nil {
			return
		}
		if again, err := CanonicalName(name); err != nil || again != name {
			t.Errorf("%q → %q → %q, %v", typed, name, again, err)
		}
		if n := utf8.RuneCountInString(name); n < MinName || n > MaxName || len(name) > MaxNameBytes {
			t.Errorf("%q has %d characters in %d bytes", name, n, len(name))
		}
	})
}
