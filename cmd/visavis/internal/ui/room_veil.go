package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// veil hides what a room says from a second face that looks at the screen, and says so. What it shows instead is made of nothing that was
// written: bars as if of blurred lines.
type veil struct {
	object fyne.CanvasObject // the word of it, above the room
	over   *canvas.Image     // the bars, over its lines
	strip  *ribbon
	show   *button
}

func newVeil(k *kit) *veil {
	v := &veil{strip: newRibbon()}
	v.show = newButton(k, say("room.show"), func() { k.post(flow.ShowAsked{}) })
	v.strip.card.inner = container.NewBorder(nil, nil, pad(gapS, v.strip.icon), pad(gapXS, v.show), v.strip.text)
	v.object = v.strip.object
	v.over = canvas.NewImageFromImage(image.NewRGBA(image.Rect(0, 0, mushWide, mushHigh)))
	v.over.FillMode, v.over.ScaleMode = canvas.ImageFillStretch, canvas.ImageScaleSmooth
	v.over.Hide()
	return v
}

// put shows how it is, and says whether that is new.
func (v *veil) put(s flow.State) bool {
	if v.over.Visible() == s.Veiled && v.strip.card.Visible() == s.Onlooker {
		return false
	}
	text := ""
	if s.Onlooker {
		text = say("room.onlooker")
		v.strip.warn(text, theme.ColorNameWarning, colorWarnTint)
	}
	v.strip.show(text)
	visible(s.Veiled, v.show)
	if s.Veiled {
		v.over.Image = bars(theme.Color(theme.ColorNameBackground), theme.Color(colorMuted))
		v.over.Refresh()
	}
	visible(s.Veiled, v.over)
	return true
}

// bars are lines of a text of which nothing is left: always the same, whatever was written.
func bars(ground, ink color.Color) image.Image {
	from, to := color.NRGBAModel.Convert(ground).(color.NRGBA), color.NRGBAModel.Convert(ink).(color.NRGBA)
	m := image.NewRGBA(image.Rect(0, 0, mushWide, mushHigh))
	for y := range mushHigh {
		long := 6 + (y*7)%13
		for x := range mushWide {
			part := 0.0
			if y%3 == 1 && x > 1 && x < long {
				part = 0.3
			}
			m.Set(x, y, between(from, to, part))
		}
	}
	return m
}
