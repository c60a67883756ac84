package e2e

import (
	"crypto/subtle"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"unicode"
	"unicode/utf8"
)

// The groups of a phrase, as they are printed.
const (
	PhraseGroups = 8
	GroupLetters = 4
	RecallGroups = 3 // that are asked back
)

// Recall is the places of a phrase's groups that a person is asked for, counted from 1 and rising. The zero value asks for none, and nothing answers it.
type Recall [RecallGroups]int

// DrawRecall draws places from random, all equally likely.
func DrawRecall(random io.Reader) (Recall, error) {
	var seed [32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return Recall{}, fmt.Errorf("draw a phrase's places: %w", err)
	}
	places := rand.New(rand.NewChaCha8(seed)).Perm(PhraseGroups)
	var a Recall
	for i := range a {
		a[i] = places[i] + 1
	}
	slices.Sort(a[:])
	return a, nil
}

// Wrong says which of what was typed is not the group at its place. Case, spaces, dashes and look-alike digits count as in ParsePhrase. The caller wipes what
// was typed.
func (p Phrase) Wrong(asked Recall, typed [RecallGroups][]byte) (wrong [RecallGroups]bool) {
	text := []byte(p.Text())
	defer clear(text)
	for i, place := range asked {
		wrong[i] = true
		if place < 1 || place > PhraseGroups {
			continue
		}
		at := (place - 1) * (GroupLetters + 1) // a dash follows each group
		group := letters(typed[i])
		wrong[i] = subtle.ConstantTimeCompare(group, text[at:at+GroupLetters]) != 1
		clear(group)
	}
	return wrong
}

// letters are the letters of a phrase in what was typed.
func letters(typed []byte) []byte {
	b := make([]byte, 0, len(typed)+utf8.UTFMax)
	for len(typed) > 0 {
		r, n := utf8.DecodeRune(typed)
		if typed = typed[n:]; phraseLetter(unicode.ToLower(r)) >= 0 {
			b = utf8.AppendRune(b, phraseLetter(unicode.ToLower(r)))
		}
	}
	return b
}
