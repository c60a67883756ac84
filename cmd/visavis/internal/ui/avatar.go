package ui

import (
	"hash/fnv"
	"image"
	"image/color"
	"math"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"visavis/models"
)

// avatarColours are the grounds of ovals; white stands on each with a contrast of at least 4.5.
var avatarColours = [...]color.NRGBA{
	rgb(0x0B6E69), rgb(0x8A4B14), rgb(0x5B4B9A), rgb(0x9B2C4D), rgb(0x2F6690), rgb(0x4E6B1F),
	rgb(0x7A3E8E), rgb(0x8C3B2A), rgb(0x28666E), rgb(0x6A5A12), rgb(0x3F5AA8), rgb(0x7D3560),
}

var avatarInk = rgb(0xFFFFFF)

// avatarColour is the same for an account on every desk.
func avatarColour(id models.AccountID) color.NRGBA {
	sum := fnv.New32a()
	sum.Write(id[:])
	return avatarColours[(sum.Sum32()>>16)%uint32(len(avatarColours))]
}

// monogram is the first letters of the first and the last word of a name, at most two, in capitals.
func monogram(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) })
	if len(words) == 0 {
		return "·"
	}
	first := func(s string) rune { return unicode.ToTitle([]rune(s)[0]) }
	if len(words) == 1 {
		return string(first(words[0]))
	}
	return string([]rune{first(words[0]), first(words[len(words)-1])})
}

// ovalShape is how wide an oval is to its height.
const ovalShape = 0.82

// avatar is the portrait of somebody without a picture: initials in an oval whose colour is the account's.
type avatar struct {
	widget.BaseWidget
	height float32
	oval   *canvas.Raster
	letter *canvas.Text
	ground color.NRGBA
}

// newAvatar makes a portrait of the given height.
func newAvatar(name string, id models.AccountID, height float32) *avatar {
	a := &avatar{height: height, letter: canvas.NewText("", avatarInk)}
	a.oval = canvas.NewRaster(a.draw)
	a.letter.Alignment, a.letter.TextStyle.Bold = fyne.TextAlignCenter, true
	a.letter.TextSize = height * 0.36
	a.set(name, id)
	a.ExtendBaseWidget(a)
	return a
}

// set shows somebody else.
func (a *avatar) set(name string, id models.AccountID) {
	a.letter.Text, a.ground = monogram(plainLine(name)), avatarColour(id)
	a.letter.Refresh()
	a.oval.Refresh()
}

func (a *avatar) draw(w, h int) image.Image { return fillOval(w, h, a.ground) }

// fillOval fills an ellipse with smooth edges.
func fillOval(w, h int, c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	if w < 1 || h < 1 {
		return img
	}
	rx, ry := float64(w)/2, float64(h)/2
	for y := range h {
		dy := (float64(y) + 0.5 - ry) / ry
		for x := range w {
			dx := (float64(x) + 0.5 - rx) / rx
			d := math.Sqrt(dx*dx + dy*dy)
			cover := min(max((1-d)*min(rx, ry)+0.5, 0), 1)
			img.SetNRGBA(x, y, color.NRGBA{c.R, c.G, c.B, uint8(cover * float64(c.A))})
		}
	}
	return img
}

func (a *avatar) MinSize() fyne.Size { return fyne.NewSize(a.height*ovalShape, a.height) }

func (a *avatar) CreateRenderer() fyne.WidgetRenderer { return &avatarRenderer{a} }

type avatarRenderer struct{ a *avatar }

func (r *avatarRenderer) Destroy() {}

func (r *avatarRenderer) Layout(size fyne.Size) {
	want := r.a.MinSize()
	at := fyne.NewPos((size.Width-want.Width)/2, (size.Height-want.Height)/2)
	r.a.oval.Move(at)
	r.a.oval.Resize(want)
	text := r.a.letter.MinSize()
	r.a.letter.Move(fyne.NewPos(at.X, at.Y+(want.Height-text.Height)/2))
	r.a.letter.Resize(fyne.NewSize(want.Width, text.Height))
}

func (r *avatarRenderer) MinSize() fyne.Size { return r.a.MinSize() }

func (r *avatarRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.a.oval, r.a.letter}
}

func (r *avatarRenderer) Refresh() {
	r.a.oval.Refresh()
	r.a.letter.Refresh()
}
