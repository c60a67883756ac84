package main

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"slices"
	"strings"

	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// errUnread says that a photograph shows no such text, or none that can be read.
var errUnread = errors.New("not to be read off the photograph")

// reader reads small letters and digits of one size in the window's monospaced font off a photograph, as a person reads a screen: it knows how letters
// look, and nothing of what the window keeps.
type reader struct {
	advance float64 // pixels from letter to letter
	above   int     // of the box about a letter, from its baseline
	box     image.Point
	letters map[rune][]float64 // ink in the box, its mean taken off, of length 1
}

const readable = "abcdefghijklmnopqrstuvwxyz234567-"

// newReader learns the letters. size is the font's, in pixels.
func newReader(size float64) (*reader, error) {
	parsed, err := opentype.Parse(theme.DefaultTextMonospaceFont().Content())
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return nil, err
	}
	defer face.Close()
	wide, _ := face.GlyphAdvance('m')
	r := &reader{advance: float64(wide) / 64, above: int(0.85 * size), letters: map[rune][]float64{}}
	r.box = image.Pt(int(math.Ceil(r.advance)), r.above+int(0.3*size))
	for _, letter := range readable {
		m := image.NewGray(image.Rectangle{Max: r.box})
		draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
		d := font.Drawer{Dst: m, Src: image.Black, Face: face, Dot: fixed.P(0, r.above)}
		d.DrawString(string(letter))
		r.letters[letter] = ink(m, image.Point{}, r.box)
	}
	return r, nil
}

// ink is how dark the pixels of a box are, without their mean, scaled to length 1; nothing but zeros where all are alike.
func ink(m *image.Gray, at, size image.Point) []float64 {
	v, mean := make([]float64, 0, size.X*size.Y), 0.0
	for y := range size.Y {
		for x := range size.X {
			dark := 255 - float64(m.GrayAt(at.X+x, at.Y+y).Y)
			v, mean = append(v, dark), mean+dark
		}
	}
	mean /= float64(len(v))
	length := 0.0
	for i := range v {
		v[i] -= mean
		length += v[i] * v[i]
	}
	if length = math.Sqrt(length); length > 0 {
		for i := range v {
			v[i] /= length
		}
	}
	return v
}

// alike is how like a letter has to be, on average over a word; another letter of the font stays below.
const alike = 0.8

// words reads all words of n letters in a part of a photograph, line by line.
func (r *reader) words(photo image.Image, where part, n int) []string {
	area := where.in(photo.Bounds().Size())
	m := image.NewGray(area)
	draw.Draw(m, area, photo, area.Min, draw.Src)
	var all []string
	for _, box := range r.runs(m) {
		if wide := float64(box.Dx()); wide < (float64(n)-0.75)*r.advance || wide > (float64(n)+0.25)*r.advance {
			continue
		}
		if text, sure := r.word(m, box, n); sure >= alike {
			all = append(all, text)
		}
	}
	return all
}

// runs are the boxes about dark pixels that stand together: lines from the top, and in them words from the left.
func (r *reader) runs(m *image.Gray) []image.Rectangle {
	const dark = 140
	inked := func(a image.Rectangle) bool {
		for y := a.Min.Y; y < a.Max.Y; y++ {
			for x := a.Min.X; x < a.Max.X; x++ {
				if m.GrayAt(x, y).Y < dark {
					return true
				}
			}
		}
		return false
	}
	var boxes []image.Rectangle
	for _, line := range stretches(m.Rect.Min.Y, m.Rect.Max.Y, 1, func(y int) bool { return inked(image.Rect(m.Rect.Min.X, y, m.Rect.Max.X, y+1)) }) {
		for _, word := range stretches(m.Rect.Min.X, m.Rect.Max.X, int(r.advance), func(x int) bool { return inked(image.Rect(x, line[0], x+1, line[1])) }) {
			boxes = append(boxes, image.Rect(word[0], line[0], word[1], line[1]))
		}
	}
	return boxes
}

// stretches are where is holds from a to b; gaps shorter than apart belong to them.
func stretches(from, to, apart int, is func(int) bool) [][2]int {
	var all [][2]int
	for i := from; i < to; i++ {
		if !is(i) {
			continue
		}
		if k := len(all) - 1; k >= 0 && i-all[k][1] < apart {
			all[k][1] = i + 1
			continue
		}
		all = append(all, [2]int{i, i + 1})
	}
	return all
}

// word reads n letters about a box: the baseline and the first letter's place are where they make most sense.
func (r *reader) word(m *image.Gray, about image.Rectangle, n int) (text string, sure float64) {
	for base := about.Max.Y - int(0.4*float64(r.above)); base <= about.Max.Y+1; base++ {
		for x := about.Min.X - int(r.advance/2); x <= about.Min.X+1; x++ {
			var b strings.Builder
			sum := 0.0
			for i := range n {
				at := image.Pt(x+int(math.Round(float64(i)*r.advance)), base-r.above)
				letter, like := r.letter(ink(m, at, r.box))
				b.WriteRune(letter)
				sum += like
			}
			if sum /= float64(n); sum > sure {
				text, sure = b.String(), sum
			}
		}
	}
	return text, sure
}

func (r *reader) letter(seen []float64) (best rune, like float64) {
	like = -1
	for _, letter := range readable {
		sum := 0.0
		for i, v := range r.letters[letter] {
			sum += v * seen[i]
		}
		if sum > like {
			best, like = letter, sum
		}
	}
	return best, like
}

// Sizes of what the window shows once, in pixels.
const (
	phraseSize = 20
	codeSize   = 28
)

// onSlip is where a panel shows a code, on the larger screen: what lies around it is dark.
var onSlip = part{275, 300, 725, 425}

// rightHalf is where a page has what there is to do.
var rightHalf = part{500, 110, 1000, 1000}

// readPhrase reads the eight groups of a recovery phrase.
func readPhrase(photo image.Image) ([]string, error) {
	r, err := newReader(phraseSize)
	if err != nil {
		return nil, err
	}
	groups := r.words(photo, rightHalf, 4)
	if len(groups) != 8 || slices.ContainsFunc(groups, func(g string) bool { return strings.Contains(g, "-") }) {
		return nil, fmt.Errorf("%w: %d groups of a phrase", errUnread, len(groups))
	}
	return groups, nil
}

// readCode reads an admin's one-time code.
func readCode(photo image.Image) (string, error) {
	r, err := newReader(codeSize)
	if err != nil {
		return "", err
	}
	if codes := r.words(photo, onSlip, 14); len(codes) == 1 {
		return codes[0], nil
	}
	return "", fmt.Errorf("%w: a code", errUnread)
}
