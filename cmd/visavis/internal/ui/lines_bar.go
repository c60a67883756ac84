package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// barSpace is kept free at a roll's right edge.
const barSpace = 12

const shortestThumb = 32

// rollBar says where a roll is, and moves it.
type rollBar struct {
	widget.BaseWidget
	l            *roll
	thumb        *canvas.Rectangle
	whole, above float32
	over         bool
}

func newRollBar(l *roll) *rollBar {
	b := &rollBar{l: l, thumb: canvas.NewRectangle(theme.Color(theme.ColorNameScrollBar))}
	b.ExtendBaseWidget(b)
	return b
}

func (b *rollBar) set(whole, above float32) {
	if b.whole == whole && b.above == above {
		return
	}
	b.whole, b.above = whole, above
	b.Refresh()
}

// measures are the thumb's upper edge and length, and how many units of the roll one unit of the bar stands for.
func (b *rollBar) measures() (top, length, scale float32) {
	view := b.Size().Height
	if b.whole <= view || view <= 0 {
		return 0, 0, 0
	}
	length = max(view*view/b.whole, min(shortestThumb, view))
	scale = (b.whole - view) / max(view-length, 1)
	return b.above / scale, length, scale
}

func (b *rollBar) Dragged(e *fyne.DragEvent) {
	if _, _, scale := b.measures(); scale > 0 {
		b.l.jump(max(b.above+e.Dragged.DY*scale, 0))
	}
}

func (b *rollBar) DragEnd() {}

func (b *rollBar) Tapped(e *fyne.PointEvent) {
	if _, length, scale := b.measures(); scale > 0 {
		b.l.jump(max((e.Position.Y-length/2)*scale, 0))
	}
}

func (b *rollBar) MouseIn(*desktop.MouseEvent)    { b.over = true; b.Refresh() }
func (b *rollBar) MouseMoved(*desktop.MouseEvent) {}
func (b *rollBar) MouseOut()                      { b.over = false; b.Refresh() }

func (b *rollBar) CreateRenderer() fyne.WidgetRenderer { return &barRenderer{b} }

type barRenderer struct{ b *rollBar }

func (r *barRenderer) Destroy()           {}
func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(barSpace, shortestThumb) }

func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.b.thumb} }

func (r *barRenderer) Layout(fyne.Size) {
	top, length, _ := r.b.measures()
	wide := float32(4)
	if r.b.over {
		wide = 8
	}
	r.b.thumb.Hidden = length == 0
	r.b.thumb.CornerRadius = wide / 2
	r.b.thumb.Move(fyne.NewPos(barSpace-wide-2, top))
	r.b.thumb.Resize(fyne.NewSize(wide, length))
}

func (r *barRenderer) Refresh() {
	r.b.thumb.FillColor = theme.Color(theme.ColorNameScrollBar)
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}
