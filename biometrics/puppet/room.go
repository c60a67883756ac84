package puppet

import (
	"image"
	"image/color"

	"gocv.io/x/gocv"
)

// newRoom is an actor's place without the actor: a wall in evening light with a window, a shelf and a desk, a little out of focus.
func newRoom() (*actor, error) {
	pix := make([]byte, 4*Width*Height)
	for i := range Width * Height {
		x, y := float64(i%Width)/Width, float64(i/Width)/Height
		light := 1 - 0.35*x - 0.2*y // from the window
		pix[4*i], pix[4*i+1], pix[4*i+2], pix[4*i+3] = uint8(205*light), uint8(192*light), uint8(172*light), 255
	}
	m, err := gocv.NewMatFromBytes(Height, Width, gocv.MatTypeCV8UC4, pix)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	for _, thing := range []struct {
		at     image.Rectangle
		colour color.RGBA
	}{
		{image.Rect(40, 50, 190, 250), color.RGBA{R: 232, G: 236, B: 238, A: 255}}, // the window
		{image.Rect(111, 50, 119, 250), color.RGBA{R: 150, G: 138, B: 120, A: 255}},
		{image.Rect(40, 146, 190, 154), color.RGBA{R: 150, G: 138, B: 120, A: 255}},
		{image.Rect(420, 150, 610, 162), color.RGBA{R: 96, G: 72, B: 52, A: 255}}, // the shelf and what is on it
		{image.Rect(440, 96, 456, 150), color.RGBA{R: 120, G: 60, B: 50, A: 255}},
		{image.Rect(460, 88, 480, 150), color.RGBA{R: 60, G: 84, B: 96, A: 255}},
		{image.Rect(484, 102, 502, 150), color.RGBA{R: 150, G: 128, B: 70, A: 255}},
		{image.Rect(0, 400, Width, Height), color.RGBA{R: 110, G: 84, B: 62, A: 255}}, // the desk
	} {
		gocv.Rectangle(&m, thing.at, thing.colour, -1)
	}
	a := &actor{skin: gocv.NewMat(), body: unmoved(), beyond: wall}
	gocv.GaussianBlur(m, &a.skin, image.Pt(0, 0), 5, 5, gocv.BorderReplicate)
	return a, nil
}
