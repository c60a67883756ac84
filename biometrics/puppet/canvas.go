package puppet

import (
	"errors"
	"image"
	"image/color"
	"math"

	"gocv.io/x/gocv"
)

// shrink is by how much a map is smaller than the picture: it is smooth, and growing it costs less than finding where each ray goes.
const shrink = 4

// canvas holds the Mats that each frame is drawn with.
type canvas struct{ small, full, picture, none gocv.Mat }

func newCanvas() canvas {
	return canvas{gocv.NewMatWithSize(Height/shrink, Width/shrink, gocv.MatTypeCV32F|gocv.MatChannels2), gocv.NewMat(), gocv.NewMat(), gocv.NewMat()}
}

func (c canvas) close() error {
	return errors.Join(c.small.Close(), c.full.Close(), c.picture.Close(), c.none.Close())
}

// draw answers what is seen of who in a pose: the canvas's own picture, until the next.
func (c canvas) draw(who actor, p pose) (gocv.Mat, error) {
	points, err := c.small.DataPtrFloat32()
	if err != nil {
		return gocv.Mat{}, err
	}
	seen := who.body(p)
	for i := range len(points) / 2 {
		px := float64(i%(Width/shrink)*shrink) + (shrink-1)/2.0
		py := float64(i/(Width/shrink)*shrink) + (shrink-1)/2.0
		x, y := seen((px-centreX)/unit, (py-centreY)/unit)
		points[2*i], points[2*i+1] = float32(centreX+unit*x), float32(centreY+unit*y)
	}

	// Roll and sway move the picture as a whole: they go into the growing of the map, so that the photograph is sampled once.
	sin, cos := math.Sincos(p.roll * math.Pi / 180)
	sin, cos = sin/p.scale, cos/p.scale
	const half = (shrink - 1) / 2.0
	x0, y0 := centreX-half, centreY-half
	m := affine([6]float64{
		cos / shrink, sin / shrink, (x0 - cos*(centreX+p.x) - sin*(centreY+p.y)) / shrink,
		-sin / shrink, cos / shrink, (y0 + sin*(centreX+p.x) - cos*(centreY+p.y)) / shrink,
	})
	defer m.Close()
	gocv.WarpAffineWithParams(c.small, &c.full, m, image.Pt(Width, Height),
		gocv.InterpolationLinear|gocv.WarpInverseMap, gocv.BorderReplicate, color.RGBA{})
	gocv.Remap(who.skin, &c.picture, &c.full, &c.none, gocv.InterpolationLinear, who.border, who.beyond)
	return c.picture, nil
}

// blurred is a picture out of focus; its noise stays with it, as a camera's own processing leaves it.
func blurred(pix []byte, deviation float64) ([]byte, error) {
	m, err := gocv.NewMatFromBytes(Height, Width, gocv.MatTypeCV8UC4, pix)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	soft := gocv.NewMat()
	defer soft.Close()
	gocv.GaussianBlur(m, &soft, image.Pt(0, 0), deviation, deviation, gocv.BorderReplicate)
	return soft.ToBytes(), nil
}
