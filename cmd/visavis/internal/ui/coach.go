package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/biometrics/liveness"
)

const (
	coachPicture = 96
	coachBar     = 8
)

// coach says the one thing to do now: a drawing of it, words to be read at arm's length, and how much time is left.
type coach struct {
	object *fyne.Container
	figure *widget.Icon
	words  *widget.Label
	hint   *widget.Label
	ground *canvas.Rectangle // of the bar
	left   *canvas.Rectangle
	part   float32 // of the time that is left
	seen   advice
}

// advice is what the coach says.
type advice struct {
	words   string
	hint    string
	mood    widget.Importance
	gesture liveness.Gesture // drawn; none when zero
	reached bool             // it is being done
}

func newCoach() *coach {
	c := &coach{figure: widget.NewIcon(nil), words: newParagraph("", textTitle), hint: newParagraph("", textLead)}
	c.words.TextStyle.Bold = true
	c.ground, c.left = canvas.NewRectangle(color.Transparent), canvas.NewRectangle(color.Transparent)
	c.ground.CornerRadius, c.left.CornerRadius = coachBar/2, coachBar/2
	c.object = container.New(c, c.figure, c.words, c.hint, c.ground, c.left)
	return c
}

// say shows an advice, and says whether it was another one, so that the page has to be laid out anew.
func (c *coach) say(a advice) bool {
	if a == c.seen {
		return false
	}
	c.seen = a
	size, mood := textTitle, theme.ColorNamePrimary
	if a.gesture != 0 {
		size = textDisplay
	}
	if a.reached {
		mood, a.mood = theme.ColorNameSuccess, widget.SuccessImportance
		c.figure.SetResource(theme.NewColoredResource(theme.ConfirmIcon(), mood))
	} else if a.gesture != 0 {
		c.figure.SetResource(drawing("gesture-"+gestureNames[a.gesture], mood))
	}
	c.words.SizeName, c.words.Importance, c.hint.Importance = size, a.mood, widget.WarningImportance
	if a.reached {
		c.hint.Importance = widget.SuccessImportance
	}
	c.words.SetText(a.words)
	c.hint.SetText(a.hint)
	visible(a.gesture != 0, c.figure, c.ground, c.left)
	visible(a.hint != "", c.hint)
	c.ground.FillColor, c.left.FillColor = theme.Color(theme.ColorNameSeparator), theme.Color(mood)
	c.ground.Refresh()
	return true
}

// time shows how much of a gesture's time is left, from 1 down to 0.
func (c *coach) time(part float32) {
	if part = max(0, min(1, part)); part != c.part {
		c.part = part
		c.left.Resize(fyne.NewSize(c.ground.Size().Width*part, coachBar))
		c.left.Refresh()
	}
}

// width is how wide the words are in one line.
func (c *coach) width(l *widget.Label) float32 {
	if l.Text == "" {
		return 0
	}
	return fyne.MeasureText(l.Text, theme.Size(l.SizeName), l.TextStyle).Width + 2*innerPad + 2
}

// MinSize asks for the height that the words need at the width that they got.
func (c *coach) MinSize([]fyne.CanvasObject) fyne.Size {
	high := c.words.MinSize().Height
	if c.hint.Text != "" {
		high += c.hint.MinSize().Height - innerPad
	}
	if c.figure.Visible() {
		high = max(high, coachPicture) + coachBar + gapS
	}
	return fyne.NewSize(coachPicture+gapM, high)
}

// Layout puts figure and words into the middle, and the bar under both.
func (c *coach) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	beside := float32(0)
	if c.figure.Visible() {
		beside = coachPicture + gapM
	}
	wide := min(size.Width-beside, max(c.width(c.words), c.width(c.hint)))
	x := (size.Width - beside - wide) / 2
	c.figure.Resize(fyne.NewSquareSize(coachPicture))
	c.figure.Move(fyne.NewPos(x, 0))
	tall := float32(0)
	for _, l := range []*widget.Label{c.words, c.hint} {
		l.Resize(fyne.NewSize(wide, l.Size().Height)) // texts that wrap know their height once they know their width
		l.Resize(fyne.NewSize(wide, l.MinSize().Height))
		if l.Text != "" {
			tall += l.MinSize().Height
		}
	}
	y := float32(0)
	if c.figure.Visible() {
		y = max(0, (coachPicture-tall)/2)
	}
	c.words.Move(fyne.NewPos(x+beside, y))
	c.hint.Move(fyne.NewPos(x+beside, y+c.words.MinSize().Height-innerPad))
	bar := min(size.Width, beside+wide)
	c.ground.Resize(fyne.NewSize(bar, coachBar))
	c.ground.Move(fyne.NewPos((size.Width-bar)/2, size.Height-coachBar))
	c.left.Resize(fyne.NewSize(bar*c.part, coachBar))
	c.left.Move(c.ground.Position())
}
