package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// check is Fyne's, ticked by Space; it hands Esc, F1 on.
type check struct {
	widget.Check
	kit *kit
}

func newCheck(k *kit, text string, changed func(bool)) *check {
	c := &check{kit: k}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

func (c *check) TypedKey(e *fyne.KeyEvent) {
	if !c.kit.key(e) {
		c.Check.TypedKey(e)
	}
}
