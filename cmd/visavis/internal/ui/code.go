package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// quietZone is the white border of a QR code, in modules: what its standard asks for.
const quietZone = 4

// newCode makes the QR code of a text, black on white whatever the theme, since cameras expect it so. It is nil for a text that no code holds.
func newCode(text string, size float32) fyne.CanvasObject {
	img, err := drawCode(text)
	if err != nil {
		return nil
	}
	picture := canvas.NewImageFromImage(img)
	picture.ScaleMode, picture.FillMode = canvas.ImageScalePixels, canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(size))
	return container.NewCenter(picture)
}

// drawCode draws a QR code with one pixel a module, quiet zone included.
func drawCode(text string) (*image.Gray, error) {
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: quietZone}
	bits, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0, hints)
	if err != nil {
		return nil, err
	}
	img := image.NewGray(image.Rect(0, 0, bits.GetWidth(), bits.GetHeight()))
	for y := range bits.GetHeight() {
		for x := range bits.GetWidth() {
			if !bits.Get(x, y) {
				img.SetGray(x, y, color.Gray{Y: 0xFF})
			}
		}
	}
	return img, nil
}
