package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// choice is a few buttons of which one is chosen.
type choice struct {
	kit     *kit
	buttons []*button
	object  *fyne.Container
	chosen  int
}

// newChoice makes one in a row, or in a column when tall; pick is told the index of a button that was pressed.
func newChoice(k *kit, tall bool, texts []string, pick func(int)) *choice {
	c := &choice{kit: k, chosen: -1}
	if tall {
		c.object = column(gapXS)
	} else {
		c.object = row(gapXS)
	}
	for i, text := range texts {
		b := newButton(k, text, func() { pick(i) })
		if tall {
			b.Alignment = widget.ButtonAlignLeading
		}
		c.buttons = append(c.buttons, b)
		c.object.Add(b)
	}
	return c
}

// set shows which one is chosen; -1 for none.
func (c *choice) set(i int) {
	if i == c.chosen {
		return
	}
	c.chosen = i
	for j, b := range c.buttons {
		b.Importance, b.Icon = widget.MediumImportance, nil
		if j == i {
			b.Importance, b.Icon = widget.HighImportance, theme.ConfirmIcon()
		}
		b.Refresh()
	}
}

// allow enables the buttons or disables them.
func (c *choice) allow(on bool) {
	for _, b := range c.buttons {
		b.allow(on)
	}
}
