package trust

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func testSheet() RootSheet {
	var s RootSheet
	for i, l := range s.sheetLines() {
		copy(l.part[:], bytes.Repeat([]byte{byte(i + 1)}, 32))
	}
	return s
}

func TestRootSheetIsReadBack(t *testing.T) {
	want := testSheet()
	text := want.Text()
	for name, typed := range map[string]string{
		"as printed":      text,
		"upper case":      strings.NewReplacer("VISAVIS ROOT SHEET", "visavis root sheet", "ORGANISATION:", "organisation:", "AUTHORITY:", "authority:", "ROOT KEY:", "root key:", "VAULT PEPPER:", "vault pepper:").Replace(strings.ToUpper(text)),
		"without dashes":  strings.ReplaceAll(text, "-", ""),
		"space around it": "\n  " + text + " \n",
	} {
		got, err := ParseRootSheet(typed)
		if err != nil || got != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseRootSheet(strings.Replace(text, "organisation: a", "organisation: b", 1)); !errors.Is(err, ErrChecksum) {
		t.Errorf("a typing error: %v", err)
	}
}

func TestRootSheetRefuses(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(testSheet().Text()), "\n")
	swapped := append([]string{}, lines...)
	swapped[3], swapped[4] = "root key:"+strings.TrimPrefix(lines[4], "vault pepper:"), "vault pepper:"+strings.TrimPrefix(lines[3], "root key:")
	for name, tc := range map[string]struct {
		text string
		want error
	}{
		"nothing":               {"", ErrFormat},
		"another title":         {"visavis root sheet 2\n" + strings.Join(lines[1:], "\n"), ErrFormat},
		"a line missing":        {strings.Join(lines[:4], "\n"), ErrFormat},
		"a line twice":          {strings.Join(append(lines[:5:5], lines[4]), "\n"), ErrFormat},
		"values swapped":        {strings.Join(swapped, "\n"), ErrChecksum},
		"a letter off":          {strings.Replace(strings.Join(lines, "\n"), "ai", "aq", 1), ErrChecksum},
		"not a letter":          {strings.Replace(strings.Join(lines, "\n"), "organisation: a", "organisation: 1", 1), ErrChecksum},
		"a part of zeros":       {RootSheet{}.Text(), ErrFormat},
		"far too long":          {strings.Repeat("a", maxSheet+1), ErrFormat},
		"no checksum in a line": {lines[0] + "\n" + strings.Join([]string{lines[1][:60], lines[2], lines[3], lines[4]}, "\n"), ErrChecksum},
	} {
		if _, err := ParseRootSheet(tc.text); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestRootSheetPrintsRedacted(t *testing.T) {
	s := testSheet()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if out := fmt.Sprintf(verb, s); strings.Contains(out, "0303") || strings.Contains(out, "3 3 3") || !strings.Contains(out, "redacted") {
			t.Errorf("%s prints %q", verb, out)
		}
	}
}

func FuzzParseRootSheet(f *testing.F) {
	f.Add(testSheet().Text())
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseRootSheet(text)
		if err != nil {
			return
		}
		if again, err := ParseRootSheet(s.Text()); err != nil || again != s {
			t.Fatalf("what was read does not read again: %v", err)
		}
	})
}
