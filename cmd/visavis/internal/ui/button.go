package ui

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// button is Fyne's, pressed by Enter too; it hands Esc and F1 on.
type button struct {
	widget.Button
	kit     *kit
	focused bool
}

func newButton(k *kit, text string, tapped func()) *button {
	b := &button{kit: k}
	b.Text, b.OnTapped = text, tapped
	b.ExtendBaseWidget(b)
	return b
}

// newPrimary makes the button that goes on; a page has one.
func newPrimary(k *kit, text string, tapped func()) *button {
	b := newButton(k, text, tapped)
	b.Importance = widget.HighImportance
	return b
}

// newQuiet makes a button without a ground.
func newQuiet(k *kit, text string, tapped func()) *button {
	b := newButton(k, text, tapped)
	b.Importance = widget.LowImportance
	return b
}

// newDanger makes a button for what can not be taken back.
func newDanger(k *kit, text string, tapped func()) *button {
	b := newButton(k, text, tapped)
	b.Importance = widget.DangerImportance
	return b
}

// newIconButton makes a quiet button with a picture; its text may be empty.
func newIconButton(k *kit, text string, icon fyne.Resource, tapped func()) *button {
	b := newQuiet(k, text, tapped)
	b.Icon = icon
	return b
}

func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch {
	case b.kit.key(e):
	case e.Name == fyne.KeyReturn, e.Name == fyne.KeyEnter:
		if !b.Disabled() {
			b.Tapped(nil)
		}
	default:
		b.Button.TypedKey(e)
	}
}

// FocusGained draws a ring into the button: Fyne alone only changes its shade.
func (b *button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
	b.Refresh()
}

// FocusLost takes the ring away.
func (b *button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	b.ExtendBaseWidget(b)
	r := &buttonRenderer{b.Button.CreateRenderer(), b, canvas.NewRectangle(color.Transparent)}
	r.ring.StrokeWidth = 2
	r.dress()
	return r
}

// buttonRenderer is Fyne's with a ring over it.
type buttonRenderer struct {
	fyne.WidgetRenderer
	button *button
	ring   *canvas.Rectangle
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return append(slices.Clone(r.WidgetRenderer.Objects()), r.ring)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	const inset = 3
	r.ring.Move(fyne.NewPos(inset, inset))
	r.ring.Resize(size.Subtract(fyne.NewSquareSize(2 * inset)))
}

func (r *buttonRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.dress()
}

func (r *buttonRenderer) dress() {
	ink := theme.ColorNamePrimary
	switch r.button.Importance {
	case widget.HighImportance:
		ink = theme.ColorNameForegroundOnPrimary
	case widget.DangerImportance:
		ink = theme.ColorNameForegroundOnError
	}
	r.ring.StrokeColor = theme.Color(ink)
	r.ring.CornerRadius = theme.InputRadiusSize() - 3
	r.ring.Hidden = !r.button.focused
	r.ring.Refresh()
}

// allow enables the button or disables it.
func (b *button) allow(on bool) {
	if on == !b.Disabled() {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}
