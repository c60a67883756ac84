package ui

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
)

// wideness says how wide a text is.
type wideness func(string) float32

func measureText(size float32, style fyne.TextStyle) wideness {
	return func(s string) float32 { return fyne.MeasureText(s, size, style).Width }
}

// maxRun is more letters than a line holds: longer texts are never measured whole, since that takes milliseconds.
const maxRun = 256

// fits says whether a text is at most width wide, and how wide it is if it does.
func fits(text string, width float32, wide wideness) (float32, bool) {
	if len(text) > 4*maxRun || len([]rune(text)) > maxRun {
		return 0, false
	}
	w := wide(text)
	return w, w <= width
}

// wrap breaks a text into lines that are at most width wide: at line breaks, between words, and inside words that are wider than a line.
func wrap(text string, width float32, wide wideness) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrapParagraph(paragraph, width, wide)...)
	}
	return lines
}

func wrapParagraph(text string, width float32, wide wideness) []string {
	if _, ok := fits(text, width, wide); ok {
		return []string{text} // one measurement instead of one a word
	}
	var lines []string
	line, used, space := "", float32(0), wide(" ")
	for word := range strings.SplitSeq(text, " ") {
		w, ok := fits(word, width, wide)
		if ok && line != "" && used+space+w <= width {
			line += " " + word
			used += space + w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for !ok {
			var head string
			head, word = cut([]rune(word), width, wide)
			if word == "" {
				word = head // one letter, wider than the line
				break
			}
			lines = append(lines, head)
			w, ok = fits(word, width, wide)
		}
		line, used = word, w
	}
	return append(lines, line)
}

// cut splits a word that is wider than width: as many letters as fit, at least one, and the rest. Letters keep their marks.
func cut(word []rune, width float32, wide wideness) (head, rest string) {
	low, high := 1, min(len(word), maxRun)
	for low < high {
		middle := (low + high + 1) / 2
		if wide(string(word[:middle])) <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	whole := low
	for whole > 1 && whole < len(word) && joins(word, whole) {
		whole--
	}
	if whole == 1 { // a first letter wider than the line stays whole
		for whole = low; whole < len(word) && joins(word, whole); whole++ {
		}
	}
	return string(word[:whole]), string(word[whole:])
}

// joins says whether the rune at i belongs to the letter before it.
func joins(word []rune, i int) bool {
	return unicode.In(word[i], unicode.Mn, unicode.Me) || word[i] == '\u200d' || word[i-1] == '\u200d'
}
