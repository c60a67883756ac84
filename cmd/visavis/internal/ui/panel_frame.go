package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// frame is what every panel has: a title, the way out, what went wrong, and a size that the smaller screen has room for.
type frame struct {
	kit    *kit
	notice *notice
	tidy   *fyne.Container
	object fyne.CanvasObject
}

// The sizes of panels: for a list or a form, and for two halves.
var (
	panelSize = fyne.NewSize(600, 440)
	bookSize  = fyne.NewSize(740, 440) // with more than one thing to do in a row
	wideSize  = fyne.NewSize(820, 470)
	tallSize  = fyne.NewSize(820, 500)
)

// newFrame puts a panel's body under its title; it gets the height that is left. top and bottom may be nil.
func newFrame(k *kit, size fyne.Size, title string, top, body, bottom fyne.CanvasObject) *frame {
	f := &frame{kit: k, notice: newNotice(k)}
	closer := newIconButton(k, "", theme.CancelIcon(), func() { k.post(flow.PanelOpened{Panel: flow.NoPanel}) })
	parts := []fyne.CanvasObject{container.NewBorder(nil, nil, nil, closer, newHeading(title)), f.notice.object}
	if top != nil {
		parts = append(parts, top)
	}
	fill := len(parts)
	parts = append(parts, body)
	if bottom != nil {
		parts = append(parts, bottom)
	}
	f.tidy = newTidy(gapM, fill, parts...)
	f.object = container.New(&sized{size}, f.tidy)
	return f
}

// show says what went wrong.
func (f *frame) show(s flow.State) {
	f.notice.show(s.Problem, s.Note)
	again(f.tidy)
}

func (f *frame) wipe() { f.notice.wipe() }

// sized gives an object at least a size.
type sized struct{ min fyne.Size }

func (s *sized) MinSize(o []fyne.CanvasObject) fyne.Size {
	if o[0].Size().Width < s.min.Width { // texts that wrap know their height once they know their width
		o[0].Resize(fyne.NewSize(s.min.Width, o[0].Size().Height))
	}
	return o[0].MinSize().Max(s.min)
}

func (s *sized) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// tidy is a column whose parts have the height that their texts need at the width they get. One part may take all height that is left.
type tidy struct {
	gap  float32
	fill int // index of that part; -1 for none
}

func newTidy(gap float32, fill int, parts ...fyne.CanvasObject) *fyne.Container {
	return container.New(&tidy{gap, fill}, parts...)
}

// newPaged makes what may be higher than its place: the page keys move it, wherever on its screen the keys are.
func newPaged(k *kit, o fyne.CanvasObject) fyne.CanvasObject {
	s, others := container.NewVScroll(pad(gapXS, o)), k.key
	k.key = func(e *fyne.KeyEvent) bool {
		by := s.Size().Height * 0.8
		switch e.Name {
		case fyne.KeyPageUp:
			by = -by
		case fyne.KeyPageDown:
		default:
			return others(e)
		}
		s.ScrollToOffset(fyne.NewPos(0, s.Offset.Y+by))
		return true
	}
	return s
}

// again lays a container out again without making what it holds again, as Refresh would.
func again(c *fyne.Container) { c.Layout.Layout(c.Objects, c.Size()) }

func (t *tidy) MinSize(parts []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range parts {
		if o.Visible() {
			m := o.MinSize()
			size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height+t.gap)
		}
	}
	return fyne.NewSize(size.Width, max(size.Height-t.gap, 0))
}

func (t *tidy) Layout(parts []fyne.CanvasObject, size fyne.Size) {
	high := make([]float32, len(parts))
	left := size.Height + t.gap
	for i, o := range parts {
		if !o.Visible() {
			continue
		}
		if i != t.fill {
			o.Resize(fyne.NewSize(size.Width, max(o.Size().Height, 1))) // texts that wrap know their height once they know their width
			high[i] = o.MinSize().Height
		}
		left -= high[i] + t.gap
	}
	if t.fill >= 0 {
		high[t.fill] = max(left, 0)
	}
	y := float32(0)
	for i, o := range parts {
		if o.Visible() {
			o.Resize(fyne.NewSize(size.Width, high[i]))
			o.Move(fyne.NewPos(0, y))
			y += high[i] + t.gap
		}
	}
}

// fourThirds keeps a camera's picture in shape, in the middle of the space it gets.
type fourThirds struct{}

func (fourThirds) MinSize(o []fyne.CanvasObject) fyne.Size {
	if len(o) == 0 {
		return fyne.Size{}
	}
	return fyne.NewSize(160, 120)
}

func (fourThirds) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if len(o) == 0 {
		return
	}
	wide := min(size.Width, size.Height*4/3)
	o[0].Resize(fyne.NewSize(wide, wide*3/4))
	o[0].Move(fyne.NewPos((size.Width-wide)/2, (size.Height-wide*3/4)/2))
}
