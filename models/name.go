package models

import (
	"errors"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// Bounds of an account's name in its canonical form.
const (
	MinName      = 2  // characters
	MaxName      = 32 // characters
	MaxNameBytes = 64
)

// ErrName says that a text can not be an account's name; it does not repeat the text.
var ErrName = errors.New("not a name: 2 to 32 letters, digits and signs, without spaces")

// CanonicalName maps what a person typed to the name that is stored and compared (PRECIS UsernameCaseMapped, RFC 8265):
// "Alice", "ALICE" and full-width "Ａｌｉｃｅ" are one name. The canonical form of a canonical name is itself.
func CanonicalName(typed string) (string, error) {
	if len(typed) > 4*MaxNameBytes {
		return "", ErrName
	}
	name, err := precis.UsernameCaseMapped.String(typed)
	if err != nil {
		return "", ErrName
	}
	if n := utf8.RuneCountInString(name); n < MinName || n > MaxName || len(name) > MaxNameBytes {
		return "", ErrName
	}
	// RFC 8264 allows mappings that are not stable after one pass; two spellings of one account must not exist.
	if again, err := precis.UsernameCaseMapped.String(name); err != nil || again != name {
		return "", ErrName
	}
	return name, nil
}
