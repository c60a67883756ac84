package trust

import (
	"crypto/subtle"
	"fmt"
	"strings"
)

// sheetLetters is how many letters a line's value has.
const sheetLetters = 56

// SheetLines are the names of a root sheet's lines, in order.
func SheetLines() (names []string) {
	for _, l := range new(RootSheet).sheetLines() {
		names = append(names, l.name)
	}
	return names
}

// CheckSheetLine says whether what was typed is the value of a line: ErrFormat while it is shorter or longer than one, ErrChecksum when a letter is wrong.
func CheckSheetLine(name, typed string) error {
	value := squeeze(typed)
	if len(value) != sheetLetters {
		return fmt.Errorf("%w: %d letters of %d", ErrFormat, len(value), sheetLetters)
	}
	raw, err := base32Text.DecodeString(value)
	defer clear(raw)
	if err != nil || len(raw) != 35 || subtle.ConstantTimeCompare(raw[32:], sheetSum(name, raw[:32])) != 1 {
		return fmt.Errorf("root sheet, %s: %w", name, ErrChecksum)
	}
	return nil
}

// TypedSheet is the text of a sheet whose lines' values were typed, as ParseRootSheet reads it.
func TypedSheet(values []string) string {
	var b strings.Builder
	b.WriteString(sheetTitle + "\n")
	for i, name := range SheetLines() {
		if i < len(values) {
			b.WriteString(name + ": " + strings.Join(strings.Fields(values[i]), " ") + "\n")
		}
	}
	return b.String()
}
