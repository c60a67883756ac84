package ui

import (
	"embed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

//go:embed art
var art embed.FS

// picture is one of our own, as it was drawn.
func picture(name string) fyne.Resource {
	raw, err := art.ReadFile("art/" + name + ".svg")
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return fyne.NewStaticResource(name+".svg", raw)
}

// icon is the window's: logo.svg in 64 by 64 pixels, since painting it takes as long as all the rest of the window.
func icon() fyne.Resource {
	raw, err := art.ReadFile("art/logo.png")
	if err != nil {
		panic(err)
	}
	return fyne.NewStaticResource("logo.png", raw)
}

// drawing is one of our own pictures, in a colour of the theme.
func drawing(name string, colour fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(picture(name), colour)
}

// mark is the logo: two faces, looking at each other, whose halves make one oval. Closed, it is an eye with its lid down.
type mark struct {
	widget.BaseWidget
	height  float32
	stretch bool // to the size it is given, instead of keeping its shape
	parts   []fyne.Resource
}

func newMark(height float32) *mark {
	return newDrawn(height, drawing("left", theme.ColorNamePrimary), drawing("right", theme.ColorNameForeground))
}

func newClosedMark(height float32) *mark {
	return newDrawn(height, drawing("lid", theme.ColorNamePrimary))
}

func newDrawn(height float32, parts ...fyne.Resource) *mark {
	m := &mark{height: height, parts: parts}
	m.ExtendBaseWidget(m)
	return m
}

// draw changes the mark to other parts, as many as before.
func (m *mark) draw(parts ...fyne.Resource) {
	m.parts = parts
	m.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (m *mark) CreateRenderer() fyne.WidgetRenderer {
	r := &layers{mark: m, min: fyne.NewSize(m.height*0.8, m.height)}
	for _, p := range m.parts {
		img := canvas.NewImageFromResource(p)
		img.FillMode = canvas.ImageFillContain
		if m.stretch {
			img.FillMode = canvas.ImageFillStretch
		}
		r.images = append(r.images, img)
		r.objects = append(r.objects, img)
	}
	return r
}

// layers draws pictures over each other, all of the widget's size.
type layers struct {
	mark    *mark
	min     fyne.Size
	images  []*canvas.Image
	objects []fyne.CanvasObject
}

func (r *layers) Destroy()                     {}
func (r *layers) MinSize() fyne.Size           { return r.min }
func (r *layers) Objects() []fyne.CanvasObject { return r.objects }

func (r *layers) Layout(size fyne.Size) {
	for _, o := range r.objects {
		o.Resize(size)
	}
}

func (r *layers) Refresh() {
	for i, img := range r.images {
		img.Resource = r.mark.parts[i]
		img.Refresh()
	}
}
