package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// oval is a person without a picture: initials in an oval.
type oval struct {
	widget.BaseWidget
	name   string
	height float32
}

// newOval makes the oval of a name; it is four fifths as wide as it is high.
func newOval(name string, height float32) *oval {
	o := &oval{name: name, height: height}
	o.ExtendBaseWidget(o)
	return o
}

// set changes whose oval it is.
func (o *oval) set(name string) {
	if o.name != name {
		o.name = name
		o.Refresh()
	}
}

func (o *oval) CreateRenderer() fyne.WidgetRenderer {
	r := &ovalRenderer{of: o, ground: canvas.NewImageFromResource(drawing("oval", colorTint)), text: canvas.NewText("", nil)}
	r.ground.FillMode = canvas.ImageFillStretch
	r.text.Alignment, r.text.TextStyle.Bold = fyne.TextAlignCenter, true
	r.Refresh()
	return r
}

type ovalRenderer struct {
	of     *oval
	ground *canvas.Image
	text   *canvas.Text
}

func (r *ovalRenderer) Destroy()           {}
func (r *ovalRenderer) MinSize() fyne.Size { return fyne.NewSize(r.of.height*0.8, r.of.height) }

func (r *ovalRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.text}
}

func (r *ovalRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	high := r.text.MinSize().Height
	r.text.Resize(fyne.NewSize(size.Width, high))
	r.text.Move(fyne.NewPos(0, (size.Height-high)/2))
}

func (r *ovalRenderer) Refresh() {
	r.text.Text = initials(r.of.name)
	r.text.TextSize = r.of.height * 0.34
	r.text.Color = theme.Color(theme.ColorNamePrimary)
	r.Layout(r.of.Size())
	r.ground.Refresh()
	r.text.Refresh()
}

// initials are the first letters of the first two words of a name, in capitals.
func initials(name string) string {
	var b strings.Builder
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for _, w := range words[:min(2, len(words))] {
		r, _ := utf8.DecodeRuneInString(w)
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
