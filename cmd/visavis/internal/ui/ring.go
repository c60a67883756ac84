package ui

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
)

const (
	ticks     = 60
	tickWidth = 4
	tickLong  = 12
	ringSpace = 24 // between the widget's edge and what it surrounds
)

// ring surrounds the oval picture with ticks that fill as the challenge goes on, from the top, clockwise, or by the sides to which a head has
// been turned. Only ticks that change are touched.
type ring struct {
	widget.BaseWidget
	inner fyne.CanvasObject
	moods [ticks]fyne.ThemeColorName
	lines [ticks]*canvas.Line
}

func newRing(inner fyne.CanvasObject) *ring {
	r := &ring{inner: inner}
	for i := range r.lines {
		r.lines[i] = canvas.NewLine(nil)
		r.lines[i].StrokeWidth = tickWidth
		r.moods[i] = theme.ColorNameSeparator
	}
	r.ExtendBaseWidget(r)
	r.paint()
	return r
}

// set fills a fraction from 0 to 1 of the ring, in a colour.
func (r *ring) set(fraction float64, mood fyne.ThemeColorName) {
	done := int(math.Round(ticks * min(1, max(0, fraction))))
	r.put(func(i int) fyne.ThemeColorName {
		if i < done {
			return mood
		}
		return theme.ColorNameSeparator
	})
}

// quarters are the parts of the ring, clockwise from the top: in a mirror, a person's left is on the left.
var quarters = [4]liveness.Gesture{liveness.LookUp, liveness.TurnRight, liveness.LookDown, liveness.TurnLeft}

// setPoses fills the quarters of the poses that were done, and marks the one to be done now.
func (r *ring) setPoses(done flow.Poses, now liveness.Gesture) {
	r.put(func(i int) fyne.ThemeColorName {
		switch side := quarters[(2*i+1+ticks/4)/(ticks/2)%4]; {
		case done.Has(side):
			return theme.ColorNameSuccess
		case side == now:
			return theme.ColorNamePrimary
		}
		return theme.ColorNameSeparator
	})
}

func (r *ring) put(mood func(tick int) fyne.ThemeColorName) {
	for i := range r.lines {
		if m := mood(i); m != r.moods[i] {
			r.moods[i] = m
			r.lines[i].StrokeColor = theme.Color(m)
			r.lines[i].Refresh()
		}
	}
}

// paint takes every tick's colour from the theme again.
func (r *ring) paint() {
	for i, l := range r.lines {
		l.StrokeColor = theme.Color(r.moods[i])
		l.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (r *ring) CreateRenderer() fyne.WidgetRenderer { return &ringRenderer{r} }

type ringRenderer struct{ ring *ring }

func (r *ringRenderer) Destroy()           {}
func (r *ringRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 250) }
func (r *ringRenderer) Refresh()           { r.ring.paint() }

func (r *ringRenderer) Objects() []fyne.CanvasObject {
	all := make([]fyne.CanvasObject, 0, ticks+1)
	all = append(all, r.ring.inner)
	for _, l := range r.ring.lines {
		all = append(all, l)
	}
	return all
}

// Layout puts an oval of 4:5 into the middle and the ticks around it, each at a right angle to the oval.
func (r *ringRenderer) Layout(size fyne.Size) {
	high := min(size.Height-2*ringSpace, (size.Width-2*ringSpace)*5/4)
	inner := fyne.NewSize(high*4/5, high)
	r.ring.inner.Resize(inner)
	r.ring.inner.Move(fyne.NewPos((size.Width-inner.Width)/2, (size.Height-inner.Height)/2))
	rx, ry := float64(inner.Width)/2, float64(inner.Height)/2
	at := func(angle, out float64) fyne.Position {
		sin, cos := math.Sincos(angle)
		nx, ny := sin/rx, -cos/ry // normal of the oval
		n := math.Hypot(nx, ny)
		return fyne.NewPos(size.Width/2+float32(rx*sin+out*nx/n), size.Height/2+float32(-ry*cos+out*ny/n))
	}
	for i, l := range r.ring.lines {
		angle := (float64(i) + 0.5) / ticks * 2 * math.Pi
		l.Position1, l.Position2 = at(angle, ringSpace-tickLong-4), at(angle, ringSpace-4)
		l.Refresh()
	}
}
