package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// walk visits every object of a tree, hidden ones too. It stops going down where f says false.
func walk(o fyne.CanvasObject, f func(fyne.CanvasObject) bool) {
	if o == nil || !f(o) {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			walk(child, f)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			walk(child, f)
		}
	}
}

// texts are all that stands in a tree, hidden texts and what entries hold too.
func texts(o fyne.CanvasObject) string {
	var all []string
	walk(o, func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *canvas.Text:
			all = append(all, o.Text)
		case *widget.Label:
			all = append(all, o.Text)
		case *field:
			all = append(all, o.Text)
		case *widget.RichText:
			all = append(all, o.String())
		}
		return true
	})
	return strings.Join(all, "\n")
}

// everything is the window's whole tree: page, header and what lies over them.
func (w *world) everything() string {
	all := texts(w.window.Content())
	for _, o := range w.window.Canvas().Overlays().List() {
		all += texts(o)
	}
	return all
}

// TestFits holds that no page needs more than the smallest screen, with the banner above it, and that nothing is cut off at its edges.
func TestFits(t *testing.T) {
	oneGoroutine(t)
	for _, size := range screens {
		w := newWorld(t, size)
		for name, s := range entryStates() {
			s.Eye.Virtual, s.Desk.Virtual = true, true
			w.Show(s)
			least := w.window.Content().MinSize()
			walk(w.body, func(o fyne.CanvasObject) bool {
				if scroll, ok := o.(*container.Scroll); ok {
					least = least.Max(scroll.Content.MinSize().Add(fyne.NewSize(0, w.header.object.MinSize().Height)))
				}
				return true
			})
			if least.Width > size.Width || least.Height > size.Height {
				t.Errorf("%s needs %v, and the screen has %v", name, least, size)
			}
			inBounds(t, w, name, size)
		}
	}
}

// inBounds holds that every visible text and control lies inside the window, but for what can be scrolled up to.
func inBounds(t *testing.T, w *world, name string, size fyne.Size) {
	var within func(above, below float32) func(fyne.CanvasObject) bool
	within = func(above, below float32) func(fyne.CanvasObject) bool {
		return func(o fyne.CanvasObject) bool {
			if !o.Visible() {
				return false
			}
			at := w.app.Driver().AbsolutePositionForObject(o)
			end := at.Add(o.Size())
			switch o := o.(type) {
			case *roll:
				if at.Y < 0 || end.Y > size.Height {
					t.Errorf("%s: a list from %v to %v is cut off by a window of %v", name, at, end, size)
				}
				for _, row := range test.WidgetRenderer(o).Objects() {
					walk(row, within(-size.Height, 2*size.Height))
				}
				return false
			case *widget.Label, *button, *field, *check, *mark, *avatar:
				const slack = innerPad // of labels' own padding
				if at.X < -slack || at.Y < above-slack || end.X > size.Width+slack || end.Y > below+slack {
					t.Errorf("%s: %T from %v to %v is cut off by a window of %v", name, o, at, end, size)
				}
				if least := o.MinSize(); o.Size().Width < least.Width-1 || o.Size().Height < least.Height-1 {
					t.Errorf("%s: %T got %v and needs %v", name, o, o.Size(), least)
				}
			}
			return true
		}
	}
	walk(w.window.Content(), within(0, size.Height))
}

// TestTabOrder holds that Tab reaches every control that is shown and enabled: of a page, or of the panel over it.
func TestTabOrder(t *testing.T) {
	w := newWorld(t, screens[1])
	states := entryStates()
	for name, s := range insideStates() {
		states["inside: "+name] = s
	}
	for name, s := range states {
		w.Show(s)
		top := w.window.Content()
		if w.panel != nil {
			top = w.panel.content()
		}
		want := make(map[fyne.Focusable]bool)
		walk(top, func(o fyne.CanvasObject) bool {
			if !o.Visible() {
				return false
			}
			off, _ := o.(fyne.Disableable)
			if f, ok := o.(fyne.Focusable); ok && (off == nil || !off.Disabled()) {
				if _, scroll := o.(*container.Scroll); !scroll {
					want[f] = true
				}
			}
			return true
		})
		canvas := w.window.Canvas()
		canvas.Unfocus()
		for range len(want) + 1 {
			canvas.FocusNext()
			delete(want, canvas.Focused())
		}
		for f := range want {
			t.Errorf("%s: Tab never reaches a %T", name, f)
		}
	}
}

// TestFocus holds that a page begins where one types or presses.
func TestFocus(t *testing.T) {
	w := newWorld(t, screens[0])
	for name, s := range entryStates() {
		if s.Page == flow.Starting || s.Busy != flow.Idle {
			continue
		}
		w.Show(desk(flow.Starting))
		w.Show(s)
		if w.window.Canvas().Focused() == nil {
			t.Errorf("%s: nothing has the focus", name)
		}
	}
}
