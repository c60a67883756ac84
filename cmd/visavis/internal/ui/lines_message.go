package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/talk"
)

const (
	foldedRows   = 24  // of a long message; the rest shows when it is asked for
	widestBubble = 600 // units
	faceHeight   = 36  // of the oval beside a message
	faceColumn   = gapL + faceHeight*ovalShape + gapS
)

// bubbleWidth is how wide a message may be in a roll of a width.
func bubbleWidth(width float32) float32 {
	return max(min(width-faceColumn-gapL-gapMax, widestBubble), 120)
}

// messageRow is one message: somebody's on the left beside his oval, one's own on the right.
type messageRow struct {
	widget.BaseWidget
	of     *lines
	line   talk.Line
	bubble *canvas.Rectangle
	edge   fyne.ThemeColorName

	width, tall float32
	objects     []fyne.CanvasObject
}

func newMessageRow(of *lines, line talk.Line) *messageRow {
	r := &messageRow{of: of, line: line, bubble: canvas.NewRectangle(rgba(0, 0)), edge: theme.ColorNameSeparator}
	r.bubble.CornerRadius = gapM
	r.ExtendBaseWidget(r)
	return r
}

// looks of a message by how far it has come: ground, edge, text.
var looks = map[talk.Delivery]struct{ ground, edge, text fyne.ThemeColorName }{
	talk.Sending: {theme.ColorNameBackground, theme.ColorNameSeparator, colorMuted},
	talk.Held:    {colorWarnTint, theme.ColorNameWarning, theme.ColorNameForeground},
	talk.Failed:  {colorErrorTint, theme.ColorNameError, theme.ColorNameForeground},
	talk.Stored:  {colorTint, colorTint, theme.ColorNameForeground},
}

func (r *messageRow) height(width float32) float32 {
	if width == r.width {
		return r.tall
	}
	r.width, r.objects = width, []fyne.CanvasObject{r.bubble}
	look, ground := theme.ColorNameForeground, colorSurface
	if own, ok := looks[r.line.Delivery]; ok && r.line.Mine {
		look, ground, r.edge = own.text, own.ground, own.edge
	}
	r.bubble.FillColor = theme.Color(ground)
	y := float32(2)
	if r.line.First {
		y = gapS
	}
	inside, size := r.fillBubble(look)
	at := fyne.NewPos(faceColumn, y)
	if r.line.Mine {
		at.X = width - gapL - size.Width
	} else if r.line.First {
		oval := newAvatar(r.line.By, r.of.people[r.line.By], faceHeight)
		oval.Move(fyne.NewPos(gapL, y))
		oval.Resize(oval.MinSize())
		r.objects = append(r.objects, oval)
	}
	r.bubble.Move(at)
	r.bubble.Resize(size)
	for _, o := range inside {
		o.Move(o.Position().Add(at))
	}
	r.objects = append(r.objects, inside...)
	y = r.below(at, y+size.Height)
	r.tall = y + 2
	r.mark(false)
	return r.tall
}

// fillBubble lays name, text and time out from the bubble's corner.
func (r *messageRow) fillBubble(look fyne.ThemeColorName) ([]fyne.CanvasObject, fyne.Size) {
	room := bubbleWidth(r.width) - 2*gapM
	var objects []fyne.CanvasObject
	y, wide, last := float32(6), float32(0), float32(0)
	put := func(t *canvas.Text) {
		size := t.MinSize()
		t.Move(fyne.NewPos(gapM, y))
		t.Resize(size)
		y, last = y+size.Height, size.Width
		wide = max(wide, last)
		objects = append(objects, t)
	}
	if r.line.First && !r.line.Mine {
		name := clip(plainLine(r.line.By), room, measureText(theme.Size(textCaption), fyne.TextStyle{Bold: true}))
		put(small(name, colorMuted, fyne.TextStyle{Bold: true}))
	}
	texts, more := r.text(room)
	for _, s := range texts {
		t := canvas.NewText(s, theme.Color(look))
		t.TextSize = theme.Size(textBody)
		put(t)
	}
	if more > 0 {
		open := newQuiet(r.of.kit, say("line.whole", "count", more), func() { r.of.unfold(r.line.ID) })
		size := open.MinSize()
		open.Move(fyne.NewPos(gapXS, y))
		open.Resize(size)
		y, last, wide = y+size.Height, room, max(wide, size.Width)
		objects = append(objects, open)
	}
	stamp := r.stamp()
	need := stamp.Size().Width
	if last+gapM+need <= room {
		wide = max(wide, last+gapM+need)
		stamp.Move(fyne.NewPos(gapM+wide-need, y-stamp.Size().Height-1))
	} else {
		wide = max(wide, need)
		stamp.Move(fyne.NewPos(gapM+wide-need, y))
		y += stamp.Size().Height
	}
	return append(objects, stamp), fyne.NewSize(wide+2*gapM, y+6)
}

// text is the message in lines, and how many of them are folded away.
func (r *messageRow) text(room float32) (texts []string, more int) {
	texts = wrap(plain(r.line.Text), room, measureText(theme.Size(textBody), fyne.TextStyle{}))
	if n := len(texts) - foldedRows; n > 2 && !r.of.whole[r.line.ID] {
		return texts[:foldedRows], n
	}
	return texts, 0
}

// stamp is the time of a message, or a clock while it has none.
func (r *messageRow) stamp() fyne.CanvasObject {
	if r.line.Mine && r.line.Delivery == talk.Sending {
		clock := canvas.NewImageFromResource(drawing("clock", colorMuted))
		clock.FillMode = canvas.ImageFillContain
		clock.Resize(fyne.NewSquareSize(theme.Size(textCaption) + 2))
		return clock
	}
	t := small(clock(r.line.At), colorMuted, fyne.TextStyle{})
	if r.line.Mine && r.line.Delivery == talk.Failed {
		t.Text, t.Color = say("line.failed"), theme.Color(theme.ColorNameError)
	}
	if r.line.Mine && r.line.Delivery == talk.Held {
		t.Text, t.Color = say("line.held"), theme.Color(theme.ColorNameWarning)
	}
	t.Resize(t.MinSize())
	return t
}

// below puts what is to be said of a message under it, and what can be done.
func (r *messageRow) below(at fyne.Position, y float32) float32 {
	for _, w := range warningKeys {
		if r.line.Warn.Has(w.warning) {
			text := say(w.key)
			if r.of.whole[r.line.ID] {
				text += " " + say("more."+w.key)
			}
			y = r.warn(text, y)
		}
	}
	if !r.line.Mine || r.line.Delivery != talk.Failed && r.line.Delivery != talk.Held {
		return y
	}
	x := r.width - gapL
	for _, b := range []*button{
		newButton(r.of.kit, say("line.retry"), func() { r.of.resend(r.line) }),
		newQuiet(r.of.kit, say("line.drop"), func() { r.of.drop(r.line) }),
	} {
		size := b.MinSize()
		x -= size.Width
		b.Move(fyne.NewPos(x, y+gapXS))
		b.Resize(size)
		x -= gapXS
		r.objects = append(r.objects, b)
	}
	return y + gapXS + r.objects[len(r.objects)-1].Size().Height
}

func (r *messageRow) warn(text string, y float32) float32 {
	icon := canvas.NewImageFromResource(theme.NewWarningThemedResource(theme.WarningIcon()))
	icon.FillMode = canvas.ImageFillContain
	size := theme.Size(textCaption) + 4
	room := bubbleWidth(r.width) - size - gapXS
	y += gapXS
	for i, s := range wrap(text, room, measureText(theme.Size(textCaption), fyne.TextStyle{})) {
		t := small(s, theme.ColorNameWarning, fyne.TextStyle{})
		min := t.MinSize()
		x := faceColumn + size + gapXS
		if r.line.Mine {
			x = r.width - gapL - min.Width
		}
		t.Move(fyne.NewPos(x, y))
		t.Resize(min)
		if i == 0 {
			icon.Move(fyne.NewPos(x-size-gapXS, y))
			icon.Resize(fyne.NewSquareSize(size))
			r.objects = append(r.objects, icon)
		}
		y += min.Height
		r.objects = append(r.objects, t)
	}
	return y
}

// mark frames the message that the keys are at.
func (r *messageRow) mark(on bool) {
	r.bubble.StrokeWidth, r.bubble.StrokeColor = 1, theme.Color(r.edge)
	if on {
		r.bubble.StrokeWidth, r.bubble.StrokeColor = 2, theme.Color(theme.ColorNamePrimary)
	}
	r.bubble.Refresh()
}

func (r *messageRow) Tapped(*fyne.PointEvent) { r.of.at(r.line.ID) }

func (r *messageRow) CreateRenderer() fyne.WidgetRenderer { return &fixed{of: &r.objects} }

// small makes a text of the smallest size.
func small(text string, colour fyne.ThemeColorName, style fyne.TextStyle) *canvas.Text {
	t := canvas.NewText(text, theme.Color(colour))
	t.TextSize, t.TextStyle = theme.Size(textCaption), style
	return t
}

// clip shortens a text of one line so that it fits.
func clip(text string, width float32, wide wideness) string {
	if _, ok := fits(text, width, wide); ok {
		return text
	}
	head, _ := cut([]rune(text), max(width-wide("…"), 1), wide)
	return head + "…"
}
