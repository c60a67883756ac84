package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// frame is what every panel has: a title, the way out, what went wrong, and a size that both kinds of screens have room for.
type frame struct {
	kit    *kit
	notice *notice
	object fyne.CanvasObject
}

const panelWidth, panelHeight = 600, 440

// newFrame puts a panel's body under its title. top and bottom may be nil.
func newFrame(k *kit, title string, top, body, bottom fyne.CanvasObject) *frame {
	f := &frame{kit: k, notice: newNotice(k)}
	closer := newIconButton(k, "", theme.CancelIcon(), k.escape)
	head := container.NewBorder(nil, nil, nil, closer, newHeading(title))
	above := column(gapM, head, f.notice.object)
	if top != nil {
		above.Add(top)
	}
	if bottom != nil {
		bottom = container.New(&gapAbove{gapM}, bottom)
	}
	f.object = container.New(&sized{fyne.NewSize(panelWidth, panelHeight)}, container.NewBorder(above, bottom, nil, nil, body))
	return f
}

// show says what went wrong. The notice's height changes, so the body has to move.
func (f *frame) show(s flow.State) { f.notice.show(s.Problem, s.Note) }

func (f *frame) wipe() { f.notice.wipe() }

// sized gives an object at least a size.
type sized struct{ min fyne.Size }

func (s *sized) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize().Max(s.min) }

func (s *sized) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

// gapAbove keeps a space free above an object.
type gapAbove struct{ gap float32 }

func (g *gapAbove) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(0, g.gap)
}

func (g *gapAbove) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(0, g.gap))
	o[0].Resize(size.SubtractWidthHeight(0, g.gap))
}
