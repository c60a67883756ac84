package pake

import (
	"fmt"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go"
	"golang.org/x/text/secure/precis"
)

// Bounds of a password, in bytes after PRECIS OpaqueString.
const (
	MinPassword = 10
	MaxPassword = 128

	minScore = 3 // of zxcvbn's 0 to 4: more than 10^8 guesses
)

// WeakPassword says why a new password is refused, and what to do about it. Both are texts to show; neither holds any of the password.
type WeakPassword struct {
	Reason string
	Cure   string
}

// Error joins the reason and the cure.
func (e *WeakPassword) Error() string { return e.Reason + ": " + e.Cure }

// CheckStrength refuses, with a *WeakPassword, a new password that is easily guessed. userInputs are words that a guesser
// would try first: the name, the e-mail address, the organisation's name.
func CheckStrength(password []byte, userInputs ...string) error {
	if len(password) > MaxPassword {
		return tooLong()
	}
	if !utf8.Valid(password) {
		return badCharacters()
	}
	b, err := precis.OpaqueString.Bytes(password)
	switch {
	case len(password) > 0 && err != nil:
		return badCharacters()
	case len(b) < MinPassword:
		return &WeakPassword{"the password is too short", fmt.Sprintf("use at least %d characters, best four or more unrelated words", MinPassword)}
	case len(b) > MaxPassword:
		return tooLong()
	}
	if zxcvbn.PasswordStrength(string(b), userInputs).Score < minScore {
		return &WeakPassword{"the password is too easy to guess", "use four or more unrelated words, and neither your name nor a date"}
	}
	return nil
}

func tooLong() error {
	return &WeakPassword{"the password is too long", fmt.Sprintf("use at most %d bytes", MaxPassword)}
}

func badCharacters() error {
	return &WeakPassword{"the password has characters that cannot be typed everywhere", "leave out control characters"}
}
