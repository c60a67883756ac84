package ui

import (
	"fmt"
	"strings"
	"unicode"
)

const (
	maxMarks = 4   // on one letter; more are an attack on the lines above and below
	maxLabel = 160 // letters of a name or a title
)

// plain makes a text that somebody else wrote harmless to show: line breaks stay, every other control character, and what turns the
// direction of writing or is not seen at all, is shown by its number.
func plain(text string) string {
	var b strings.Builder
	marks := 0
	for _, r := range strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ").Replace(text) {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		case r == '\n', r == '\u200c', r == '\u200d': // the joiners are needed by Persian and by emoji
			marks = 0
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			fmt.Fprintf(&b, "[U+%04X]", r)
			continue
		default:
			marks = 0
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plainLine is plain for names and titles: one line of bounded length.
func plainLine(text string) string {
	runes := []rune(strings.Join(strings.Fields(plain(text)), " "))
	if len(runes) > maxLabel {
		return string(runes[:maxLabel-1]) + "…"
	}
	return string(runes)
}
