package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// button is Fyne's, pressed by Enter too; it hands Esc and F1 on.
type button struct {
	widget.Button
	kit *kit
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
