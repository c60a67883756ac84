package trust

import (
	"errors"
	"strings"
	"testing"

	"visavis/models"
)

// What is typed line by line is checked line by line, and makes the sheet that it was typed from.
func TestTypedSheet(t *testing.T) {
	sheet := RootSheet{Org: models.OrgID{1}, CA: models.Hash{2}, Root: Secret{3}, Pepper: Pepper{4}}
	var values []string
	for line := range strings.Lines(sheet.Text()) {
		if _, value, ok := strings.Cut(line, ": "); ok {
			values = append(values, strings.ToUpper(strings.TrimSpace(value)))
		}
	}
	names := SheetLines()
	if len(values) != len(names) {
		t.Fatalf("%d lines, %d names", len(values), len(names))
	}
	for i, name := range names {
		other := names[(i+1)%len(names)]
		flipped := values[i][:1] + "0" + values[i][2:] // no letter of base32
		for typed, want := range map[string]error{
			values[i]: nil, "  " + strings.ReplaceAll(values[i], "-", " \n"): nil, values[i][:20]: ErrFormat, values[i] + "a": ErrFormat, "": ErrFormat, flipped: ErrChecksum,
			swapped(values[i]): ErrChecksum,
		} {
			if err := CheckSheetLine(name, typed); !errors.Is(err, want) {
				t.Errorf("%s %q: %v, want %v", name, typed, err, want)
			}
		}
		if err := CheckSheetLine(other, values[i]); !errors.Is(err, ErrChecksum) {
			t.Errorf("the %s as the %s: %v", name, other, err)
		}
	}
	if got, err := ParseRootSheet(TypedSheet(values)); err != nil || got != sheet {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ParseRootSheet(TypedSheet(values[:3])); !errors.Is(err, ErrFormat) {
		t.Errorf("three lines: %v", err)
	}
}

// swapped has another last letter.
func swapped(text string) string {
	if last := len(text) - 1; text[last] != 'A' {
		return text[:last] + "A"
	}
	return text[:len(text)-1] + "B"
}
