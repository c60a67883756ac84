package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// facingWidth is how wide two halves may grow together.
const facingWidth = 1040

// newFacing lays a page out as two halves that face each other: what it is about on the left, what there is to do on the right. It scrolls
// when large text does not fit.
func newFacing(left, right fyne.CanvasObject) *fyne.Container {
	halves := container.New(facing{}, left, right)
	return container.NewStack(container.NewVScroll(halves))
}

// settle lays an object out twice: texts that wrap know how high they are only once they know how wide they are.
func settle(o fyne.CanvasObject) {
	o.Refresh()
	o.Refresh()
}

// facing centres two columns of the same width.
type facing struct{}

func (facing) MinSize(halves []fyne.CanvasObject) fyne.Size {
	l, r := halves[0].MinSize(), halves[1].MinSize()
	return fyne.NewSize(2*max(l.Width, r.Width)+gapMax+2*gapXL, max(l.Height, r.Height)+2*gapL)
}

func (facing) Layout(halves []fyne.CanvasObject, size fyne.Size) {
	wide := (min(size.Width-2*gapXL, facingWidth) - gapMax) / 2
	for i, o := range halves {
		o.Resize(fyne.NewSize(wide, o.Size().Height)) // texts that wrap know their height once they know their width
		high := o.MinSize().Height
		o.Resize(fyne.NewSize(wide, high))
		x := size.Width/2 - gapMax/2 - wide
		if i == 1 {
			x = size.Width/2 + gapMax/2
		}
		o.Move(fyne.NewPos(x, max(gapL, (size.Height-high)/2)))
	}
}

// innerPad is the space that Fyne's labels keep around their text.
const innerPad = 8

// flush takes the space around a label away, so that its text stands in line with fields and buttons, and gaps are those of the scale.
func flush(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(-innerPad, -innerPad, -innerPad, -innerPad), o)
}

// newTitle is a page's title.
func newTitle(text string) fyne.CanvasObject {
	l := newParagraph(text, textTitle)
	l.TextStyle.Bold = true
	return flush(l)
}

// newHeading is a card's title.
func newHeading(text string) fyne.CanvasObject {
	l := newParagraph(text, textHeading)
	l.TextStyle.Bold = true
	return flush(l)
}

// newLead is what a page is about, in a few sentences.
func newLead(text string) fyne.CanvasObject { return flush(newParagraph(text, textLead)) }

// newMuted is text of the second rank.
func newMuted(text string, size fyne.ThemeSizeName) fyne.CanvasObject {
	l := newParagraph(text, size)
	l.Importance = widget.LowImportance
	return flush(l)
}

// labelled puts a name above a field.
func labelled(name string, f fyne.CanvasObject) fyne.CanvasObject {
	l := newText(name, textBody)
	l.TextStyle.Bold = true
	return column(gapXS, flush(l), f)
}

// fieldError is the line under a field that says what is wrong with it; it is hidden while it is empty.
type fieldError struct {
	object *fyne.Container
	text   *widget.Label
}

func newFieldError() *fieldError {
	e := &fieldError{text: newParagraph("", textBody)}
	e.text.Importance = widget.DangerImportance
	icon := widget.NewIcon(theme.NewColoredResource(theme.ErrorIcon(), theme.ColorNameError))
	e.object = container.NewBorder(nil, nil, icon, nil, flush(e.text))
	e.object.Hide()
	return e
}

func (e *fieldError) say(text string) {
	e.text.SetText(text)
	if text == "" {
		e.object.Hide()
	} else {
		e.object.Show()
	}
}

// pair puts two objects of the same width side by side.
type pair struct{}

func (pair) MinSize(o []fyne.CanvasObject) fyne.Size {
	l, r := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(2*max(l.Width, r.Width)+gapM, max(l.Height, r.Height))
}

func (pair) Layout(o []fyne.CanvasObject, size fyne.Size) {
	wide := (size.Width - gapM) / 2
	for i, half := range o {
		half.Resize(fyne.NewSize(wide, size.Height))
		half.Move(fyne.NewPos(float32(i)*(wide+gapM), 0))
	}
}
