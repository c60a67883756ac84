package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// newText makes a label of a size of the type scale; it wraps when wrap is asked for.
func newText(text string, size fyne.ThemeSizeName) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName = size
	return l
}

// newParagraph makes a text that wraps.
func newParagraph(text string, size fyne.ThemeSizeName) *widget.Label {
	l := newText(text, size)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// column stacks objects with a gap of the spacing scale between them.
func column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// row puts objects beside each other with a gap between them; layout.NewSpacer() takes what is left.
func row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap), objects...)
}

// pad puts the same space on all sides of an object.
func pad(space float32, object fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(space, space, space, space), object)
}

// newSpace keeps a height free.
func newSpace(height float32) fyne.CanvasObject {
	space := canvas.NewRectangle(color.Transparent)
	space.SetMinSize(fyne.NewSize(1, height))
	return space
}

// card is a surface with rounded corners under an object.
type card struct {
	widget.BaseWidget
	ground fyne.ThemeColorName
	edge   fyne.ThemeColorName // none when empty
	round  float32
	inner  fyne.CanvasObject
}

// newStrip puts an object on a ground without corners and edge.
func newStrip(ground fyne.ThemeColorName, inner fyne.CanvasObject) *card {
	c := &card{ground: ground, inner: inner}
	c.ExtendBaseWidget(c)
	return c
}

// newCard puts an object on the surface, with space around it.
func newCard(inner fyne.CanvasObject) *card {
	c := &card{ground: colorSurface, edge: theme.ColorNameSeparator, round: gapM, inner: pad(gapXL, inner)}
	c.ExtendBaseWidget(c)
	return c
}

func (c *card) CreateRenderer() fyne.WidgetRenderer {
	r := &cardRenderer{card: c, ground: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type cardRenderer struct {
	card   *card
	ground *canvas.Rectangle
}

func (r *cardRenderer) Destroy() {}

func (r *cardRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.card.inner.Resize(size)
}

func (r *cardRenderer) MinSize() fyne.Size { return r.card.inner.MinSize() }

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.card.inner}
}

func (r *cardRenderer) Refresh() {
	r.ground.FillColor = theme.Color(r.card.ground)
	r.ground.CornerRadius = r.card.round
	if r.card.edge != "" {
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(r.card.edge), 1
	}
	r.ground.Refresh()
	r.card.inner.Refresh()
	r.Layout(r.card.Size())
}

// newSpaceWide keeps a width free.
func newSpaceWide(width float32) fyne.CanvasObject {
	space := canvas.NewRectangle(color.Transparent)
	space.SetMinSize(fyne.NewSize(width, 1))
	return space
}
