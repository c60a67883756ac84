package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pickRow is a row of a list that can be pointed at, tapped, and chosen.
type pickRow struct {
	widget.BaseWidget
	build  func(s *sketch, width float32) float32 // draws the row from its upper left corner and says how high it is
	tapped func()                                 // nil for a row that does nothing
	chosen bool

	ground      *canvas.Rectangle
	over, at    bool
	width, tall float32
	objects     []fyne.CanvasObject
}

func newPickRow(build func(*sketch, float32) float32, tapped func(), chosen bool) *pickRow {
	r := &pickRow{build: build, tapped: tapped, chosen: chosen, ground: canvas.NewRectangle(rgba(0, 0))}
	r.ground.CornerRadius = gapS
	r.ExtendBaseWidget(r)
	return r
}

func (r *pickRow) height(width float32) float32 {
	if width == r.width {
		return r.tall
	}
	s := &sketch{}
	r.width, r.tall = width, r.build(s, width)
	r.ground.Move(fyne.NewPos(gapXS, 1))
	r.ground.Resize(fyne.NewSize(width-gapXS, r.tall-2))
	r.objects = append([]fyne.CanvasObject{r.ground}, s.objects...)
	r.paint()
	return r.tall
}

func (r *pickRow) mark(on bool) {
	r.at = on
	r.paint()
}

func (r *pickRow) paint() {
	r.ground.FillColor, r.ground.StrokeWidth = rgba(0, 0), 0
	if r.over && r.tapped != nil {
		r.ground.FillColor = theme.Color(theme.ColorNameHover)
	}
	if r.chosen {
		r.ground.FillColor = theme.Color(colorTint)
	}
	if r.at {
		r.ground.StrokeWidth, r.ground.StrokeColor = 2, theme.Color(theme.ColorNamePrimary)
	}
	r.ground.Refresh()
}

func (r *pickRow) MouseIn(*desktop.MouseEvent)    { r.over = true; r.paint() }
func (r *pickRow) MouseMoved(*desktop.MouseEvent) {}
func (r *pickRow) MouseOut()                      { r.over = false; r.paint() }

func (r *pickRow) Tapped(*fyne.PointEvent) {
	if r.tapped != nil {
		r.tapped()
	}
}

func (r *pickRow) CreateRenderer() fyne.WidgetRenderer { return &fixed{of: &r.objects} }

// sketch collects objects that are put where they belong at once.
type sketch struct{ objects []fyne.CanvasObject }

func (s *sketch) put(o fyne.CanvasObject, x, y float32, size fyne.Size) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(size)
	s.objects = append(s.objects, o)
}

// ink is how a text looks.
type ink struct {
	size   fyne.ThemeSizeName
	colour fyne.ThemeColorName
	bold   bool
}

var (
	inkName   = ink{textBody, theme.ColorNameForeground, true}
	inkBody   = ink{textBody, theme.ColorNameForeground, false}
	inkNote   = ink{textCaption, colorMuted, false}
	inkHead   = ink{textCaption, colorMuted, true}
	inkDanger = ink{textCaption, theme.ColorNameError, false}
)

func (i ink) wideness() wideness {
	return measureText(theme.Size(i.size), fyne.TextStyle{Bold: i.bold})
}

func (i ink) text(words string) *canvas.Text {
	t := canvas.NewText(words, theme.Color(i.colour))
	t.TextSize, t.TextStyle.Bold = theme.Size(i.size), i.bold
	return t
}

// line writes one line at x and y, shortened to width, and returns its size.
func (s *sketch) line(i ink, words string, x, y, width float32) fyne.Size {
	t := i.text(clip(words, width, i.wideness()))
	size := t.MinSize()
	s.put(t, x, y, size)
	return size
}

// block writes a text that wraps, and returns how high it is.
func (s *sketch) block(i ink, words string, x, y, width float32) float32 {
	var tall float32
	for _, words := range wrap(words, width, i.wideness()) {
		t := i.text(words)
		size := t.MinSize()
		s.put(t, x, y+tall, size)
		tall += size.Height
	}
	return tall
}

// chip writes a word on a ground of its own, with its right edge at x, and returns its width.
func (s *sketch) chip(words string, ground, colour fyne.ThemeColorName, right, y float32) float32 {
	t := ink{textCaption, colour, true}.text(words)
	size := t.MinSize()
	wide := max(size.Width+2*gapS, size.Height+2)
	pill := canvas.NewRectangle(theme.Color(ground))
	pill.CornerRadius = (size.Height + 2) / 2
	s.put(pill, right-wide, y, fyne.NewSize(wide, size.Height+2))
	s.put(t, right-wide+(wide-size.Width)/2, y+1, size)
	return wide
}
