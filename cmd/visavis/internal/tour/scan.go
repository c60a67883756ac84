package main

import (
	"errors"
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// errNoCode says that a photograph shows no QR code.
var errNoCode = errors.New("no QR code in the photograph")

// scan reads the QR code in a photograph, as a telephone held before the screen would.
func scan(photo image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(photo)
	if err != nil {
		return "", err
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoCode, err)
	}
	return found.GetText(), nil
}
