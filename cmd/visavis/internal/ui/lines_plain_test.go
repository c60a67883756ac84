package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// What somebody writes must not reach beyond its own line, turn what stands beside it, or hide.
func TestPlain(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"as it is":            {"Grüße, Ольга 🙂", "Grüße, Ольга 🙂"},
		"line breaks":         {"a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"},
		"tab":                 {"a\tb", "a    b"},
		"override":            {"exe.\u202egpj", "exe.[U+202E]gpj"},
		"isolates":            {"\u2066a\u2069", "[U+2066]a[U+2069]"},
		"marks of direction":  {"a\u200e\u200f\u061cb", "a[U+200E][U+200F][U+061C]b"},
		"bell and escape":     {"\a\x1b[31m", "[U+0007][U+001B][31m"},
		"nothing":             {"a\x00b", "a[U+0000]b"},
		"no width":            {"ad\u200bmin\ufeff\u00ad", "ad[U+200B]min[U+FEFF][U+00AD]"},
		"joiners stay":        {"👩\u200d🔬 می\u200cخواهم", "👩\u200d🔬 می\u200cخواهم"},
		"tags":                {"\U000e0041", "[U+E0041]"},
		"private":             {"\ue000", "[U+E000]"},
		"a tower of marks":    {"Z" + strings.Repeat("\u0335", 50) + "a", "Z" + strings.Repeat("\u0335", maxMarks) + "a"},
		"broken encoding":     {"a\xffb", "a\ufffdb"},
		"what it would write": {"[U+202E]", "[U+202E]"},
	}
	for name, tt := range tests {
		if got := plain(tt.text); got != tt.want {
			t.Errorf("%s: %q became %q, want %q", name, tt.text, got, tt.want)
		}
	}
}

func TestPlainLine(t *testing.T) {
	if got := plainLine("  two\n\nlines\there "); got != "two lines here" {
		t.Errorf("got %q", got)
	}
	if got := []rune(plainLine(strings.Repeat("ä", 4096))); len(got) != maxLabel || got[maxLabel-1] != '…' {
		t.Errorf("%d letters", len(got))
	}
}

func TestWrap(t *testing.T) {
	test.NewTempApp(t)
	wide := measureText(14, fyne.TextStyle{})
	for name, text := range map[string]string{
		"words": strings.Repeat("some words of different length ", 20), "one word": strings.Repeat("w", 3000), "a link": "see https://example.org/" + strings.Repeat("abc/", 200) + " there",
		"no spaces": strings.Repeat("日本語", 300), "empty": "", "breaks": "a\n\nb\n", "spaces": "a   b    c", "marks": strings.Repeat("e\u0301", 400),
	} {
		lines := wrap(text, 200, wide)
		for _, l := range lines {
			if w := wide(l); w > 201 {
				t.Errorf("%s: %q is %f wide", name, l, w)
			}
			if strings.HasPrefix(l, "\u0301") {
				t.Errorf("%s: a mark lost its letter", name)
			}
		}
		if got := strings.Join(strings.Fields(strings.Join(lines, "")), ""); got != strings.Join(strings.Fields(text), "") {
			t.Errorf("%s: letters were lost", name)
		}
	}
	if got := wrap("a\n\nb", 200, wide); len(got) != 3 || got[1] != "" {
		t.Errorf("an empty line became %q", got)
	}
	if got := wrap("WWW", 1, wide); len(got) != 3 {
		t.Errorf("letters wider than the line became %q", got)
	}
}

// A message as long as it may be, of the worst letters, costs no noticeable time.
func TestWrapIsBounded(t *testing.T) {
	test.NewTempApp(t)
	count := 0
	wide := func(s string) float32 {
		if count++; len([]rune(s)) > maxRun {
			t.Fatalf("%d letters measured at once", len([]rune(s)))
		}
		return float32(len([]rune(s))) * 7
	}
	wrap(strings.Repeat("x", maxText), 560, wide)
	if count > 1000 {
		t.Errorf("%d measurements", count)
	}
}
