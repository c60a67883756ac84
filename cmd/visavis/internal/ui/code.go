package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
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

// codeLevels are the levels of error correction, the smallest code first.
var codeLevels = [...]decoder.ErrorCorrectionLevel{
	decoder.ErrorCorrectionLevel_L, decoder.ErrorCorrectionLevel_M, decoder.ErrorCorrectionLevel_Q, decoder.ErrorCorrectionLevel_H,
}

// drawCode draws a QR code with one pixel a module, quiet zone included. Of few texts the smallest code has a pattern that readers, the window's own too, take for
// one of its corners: then it is the next one.
func drawCode(text string) (*image.Gray, error) {
	var smallest *image.Gray
	for _, level := range codeLevels {
		img, err := drawCodeAt(text, level)
		switch {
		case err != nil && smallest == nil:
			return nil, err
		case err != nil:
			return smallest, nil
		case smallest == nil:
			smallest = img
		}
		if read, err := guarded(readCode, enlarged(img)); err == nil && read == text {
			return img, nil
		}
	}
	return smallest, nil
}

func drawCodeAt(text string, level decoder.ErrorCorrectionLevel) (*image.Gray, error) {
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: quietZone, gozxing.EncodeHintType_ERROR_CORRECTION: level}
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

// enlarged is a code as a camera sees it, a few pixels a module.
func enlarged(code *image.Gray) *image.RGBA {
	const module = 4
	img := image.NewRGBA(image.Rect(0, 0, module*code.Rect.Dx(), module*code.Rect.Dy()))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			img.Set(x, y, code.GrayAt(x/module, y/module))
		}
	}
	return img
}
