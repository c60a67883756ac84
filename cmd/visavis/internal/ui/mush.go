package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
)

const (
	mushWide = 24
	mushHigh = 15
)

// mushScale is how much smaller than the screen the page is drawn for it: letters are two pixels high.
const mushScale = 0.125

// shimmer is what is left of a page that is about to be locked. It is drawn anew and small: what stands in the graphics card's buffers
// is nobody's to rely on. The page can not be shown again afterwards.
func shimmer(page fyne.CanvasObject, size fyne.Size) image.Image {
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetScale(mushScale)
	c.SetContent(page)
	c.Resize(size)
	return newMush(c.Capture())
}

// newMush reduces a picture of the screen to a few averaged cells. A letter is far smaller than a cell, so that none can be told.
func newMush(screen image.Image) image.Image {
	b := screen.Bounds()
	mush := image.NewRGBA(image.Rect(0, 0, mushWide, mushHigh))
	if b.Dx() < mushWide || b.Dy() < mushHigh {
		return mush
	}
	for y := range mushHigh {
		for x := range mushWide {
			cell := image.Rect(b.Dx()*x/mushWide, b.Dy()*y/mushHigh, b.Dx()*(x+1)/mushWide, b.Dy()*(y+1)/mushHigh).Add(b.Min)
			mush.Set(x, y, mean(screen, cell))
		}
	}
	return mush
}

func mean(from image.Image, cell image.Rectangle) color.Color {
	var r, g, b, n uint64
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		for x := cell.Min.X; x < cell.Max.X; x++ {
			pr, pg, pb, _ := from.At(x, y).RGBA()
			r, g, b, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), n+1
		}
	}
	n = max(n, 1)
	return color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: 0xFFFF}
}
