package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
)

const (
	maxText     = 4096 // bytes of a message: what its largest padded form has room for
	nearMaxText = 3600 // from here on the room that is left is shown
	mostRows    = 5    // that the composer grows to
)

// composer is where a message is written: Enter sends, Shift+Enter breaks the line.
type composer struct {
	kit    *kit
	send   func(text string)
	turned func()        // its height changed
	scroll func(up bool) // Page Up and Page Down move the lines
	text   *field
	button *button
	left   *canvas.Text
	side   *fyne.Container // what is left, above the button
	object *fyne.Container
	rows   int
	last   time.Time // when a letter was typed
}

func newComposer(k *kit, send func(string)) *composer {
	c := &composer{kit: k, send: send, turned: func() {}, scroll: func(bool) {}, rows: 1}
	c.text = newArea(k, say("composer.hint"), 1)
	c.text.onKey, c.text.OnChanged = c.onKey, c.changed
	c.button = newPrimary(k, say("composer.send"), c.submit)
	c.button.SetIcon(theme.MailSendIcon())
	c.left = small("", colorMuted, fyne.TextStyle{})
	c.left.Alignment = fyne.TextAlignTrailing
	c.left.Hide()
	c.side = container.NewVBox(layout.NewSpacer(), c.left, c.button)
	c.object = container.NewBorder(nil, nil, nil, c.side, c.text)
	c.allow(false)
	return c
}

func (c *composer) onKey(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.text.shifts {
			c.breakLine()
		} else {
			c.submit()
		}
	case fyne.KeyPageUp, fyne.KeyPageDown:
		c.scroll(e.Name == fyne.KeyPageUp)
	default:
		return false
	}
	return true
}

// breakLine writes a line break as any other letter, since Fyne takes Shift+Enter for sending.
func (c *composer) breakLine() { c.text.TypedRune('\n') }

func (c *composer) submit() {
	text := strings.TrimSpace(c.text.Text)
	if text == "" || len(text) > maxText || c.text.Disabled() {
		return
	}
	c.put("")
	c.send(text)
}

// put replaces what stands in the composer, the cursor at its end.
func (c *composer) put(text string) {
	if c.text.Text == text {
		return
	}
	c.text.SetText(text)
	c.text.CursorRow, c.text.CursorColumn = strings.Count(text, "\n"), len([]rune(text))
	c.text.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	c.last = time.Time{} // nobody typed that now
}

// changed is called at every letter, so it does no more than it must.
func (c *composer) changed(text string) {
	c.last = c.kit.now()
	c.allow(!c.text.Disabled())
	if near := len(text) >= nearMaxText; near || c.left.Visible() {
		c.left.Text, c.left.Hidden = badgeLeft(maxText-len(strings.TrimSpace(text))), !near
		c.left.Color, c.left.TextSize = theme.Color(colorMuted), theme.Size(textCaption)
		if len(strings.TrimSpace(text)) > maxText {
			c.left.Color = theme.Color(theme.ColorNameError)
		}
		c.left.Refresh()
		again(c.object) // the column beside the text may be wider now
		again(c.side)
	}
	if rows := c.need(text); rows != c.rows {
		c.rows = rows
		c.text.SetMinRowsVisible(rows)
		c.turned()
	}
}

func badgeLeft(n int) string {
	if n < 0 {
		return say("composer.over", "count", -n)
	}
	return say("composer.left", "count", n)
}

// need is how many rows a text needs.
func (c *composer) need(text string) int {
	rows := 1 + strings.Count(text, "\n")
	if rows < mostRows && len(text) > 0 {
		inner := c.text.Size().Width - 4*theme.Size(theme.SizeNameInnerPadding)
		if inner > 0 {
			rows = max(rows, 1+int(float32(len(text))*theme.Size(textBody)*0.5/inner))
		}
	}
	return min(rows, mostRows)
}

// typing says that a letter was typed just now: the next one is on its way.
func (c *composer) typing() bool {
	return c.text.Text != "" && c.kit.now().Sub(c.last) < handsRest
}

func (c *composer) allow(on bool) {
	if on {
		c.text.Enable()
	} else {
		c.text.Disable()
	}
	text := strings.TrimSpace(c.text.Text)
	c.button.allow(on && text != "" && len(text) <= maxText)
}

func (c *composer) wipe() { c.text.wipe() }
