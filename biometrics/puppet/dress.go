package puppet

import (
	"image"
	"image/color"
	"math"

	"gocv.io/x/gocv"
)

// wear draws glasses into a skin: rims, a bridge, and a slight glare on lenses that are tinted by so many per cent.
func (a *actor) wear(tint int) {
	rim := color.RGBA{R: 40, G: 34, B: 32, A: 255}
	lens := gocv.NewMat()
	defer lens.Close()
	apart := a.eyes[1][0] - a.eyes[0][0]
	w, h := int(0.36*apart), int(0.27*apart)
	a.skin.CopyTo(&lens)
	for _, e := range a.eyes {
		at := image.Pt(int(e[0]+0.5), int(e[1]+0.5)+2)
		gocv.Ellipse(&lens, at, image.Pt(w, h), 0, 0, 360, color.RGBA{A: 255}, -1)
	}
	keep := 1 - float64(min(100, max(0, tint-1)))/100
	gocv.AddWeighted(a.skin, keep, lens, 1-keep, 0, &a.skin)
	a.skin.CopyTo(&lens)
	for _, e := range a.eyes {
		at := image.Pt(int(e[0]+0.5), int(e[1]+0.5)+2)
		glare := at.Add(image.Pt(-w/2, -h/3))
		gocv.Line(&lens, glare, glare.Add(image.Pt(w/3, -h/3)), color.RGBA{R: 255, G: 255, B: 255, A: 255}, 2)
		gocv.Ellipse(&lens, at, image.Pt(w, h), 0, 0, 360, rim, 1)
	}
	between := image.Pt(int((a.eyes[0][0]+a.eyes[1][0])/2), int((a.eyes[0][1]+a.eyes[1][1])/2))
	gocv.Ellipse(&lens, between.Add(image.Pt(0, 2)), image.Pt(int(0.14*apart), int(0.08*apart)), 0, 180, 360, rim, 1)
	gocv.AddWeighted(a.skin, 0.25, lens, 0.75, 0, &a.skin)
}

// cutEyes makes holes in a print where its eyes are.
func (a *actor) cutEyes() {
	apart := a.eyes[1][0] - a.eyes[0][0]
	for _, e := range a.eyes {
		gocv.Ellipse(&a.skin, image.Pt(int(e[0]+0.5), int(e[1]+0.5)), image.Pt(int(0.27*apart), int(0.15*apart)), 0, 0, 360, color.RGBA{}, -1)
	}
}

// paper is the sheet that a print is on: of A4's shape, the face as large as in life.
var paper = image.Rect(centreX-112, centreY-158, centreX+112, centreY+158)

// trim cuts the paper out of an endless print.
func (a *actor) trim() {
	for _, r := range beyond(paper) {
		gocv.Rectangle(&a.skin, r, color.RGBA{}, -1)
	}
}

// beyond are four rectangles that cover the picture but for its inner part.
func beyond(inner image.Rectangle) [4]image.Rectangle {
	return [4]image.Rectangle{
		image.Rect(0, 0, Width, inner.Min.Y), image.Rect(0, inner.Max.Y, Width, Height),
		image.Rect(0, inner.Min.Y, inner.Min.X, inner.Max.Y), image.Rect(inner.Max.X, inner.Min.Y, Width, inner.Max.Y),
	}
}

// screen is a phone or a monitor that shows a picture: its frame, and the pixels that a camera sees beat against its own.
type screen struct {
	moire, frame, mask gocv.Mat
	shown              gocv.Mat // what show answers
}

var (
	phoneGlass   = image.Rect(centreX-104, centreY-176, centreX+104, centreY+176)
	monitorGlass = image.Rect(centreX-260, centreY-196, centreX+260, centreY+200)
)

const (
	phoneFrame, monitorFrame = 7, 14
	dimmed                   = 0.88 // the picture's part in what a screen shows: black is never black on one
	glow                     = 14.0
)

func newScreen(glass image.Rectangle, thick int) (*screen, error) {
	pix := make([]byte, 4*Width*Height)
	for i := range Width * Height {
		x, y := float64(i%Width), float64(i/Width)
		rows := 3 * math.Sin(2*math.Pi*y/2.17)
		for c, more := range [3]float64{0, 1, 5} { // a screen's light is bluish
			pix[4*i+c] = uint8(glow + more + rows + 8*math.Sin(2*math.Pi*(x/2.23+float64(c)/3)))
		}
		pix[4*i+3] = uint8(math.Ceil(255 * (1 - dimmed)))
	}
	moire, err := gocv.NewMatFromBytes(Height, Width, gocv.MatTypeCV8UC4, pix)
	if err != nil {
		return nil, err
	}
	defer moire.Close()
	s := &screen{moire.Clone(), gocv.NewMatWithSize(Height, Width, gocv.MatTypeCV8UC4), gocv.NewMatWithSize(Height, Width, gocv.MatTypeCV8U), gocv.NewMat()}
	s.frame.SetTo(gocv.NewScalar(0, 0, 0, 0))
	gocv.Rectangle(&s.frame, glass.Inset(-thick), color.RGBA{R: 22, G: 22, B: 24, A: 255}, -1)
	s.mask.SetTo(gocv.NewScalar(255, 0, 0, 0))
	gocv.Rectangle(&s.mask, glass, color.RGBA{}, -1)
	return s, nil
}

// show is a picture on the screen; what is around the screen is transparent. It stays the screen's.
func (s *screen) show(picture gocv.Mat) gocv.Mat {
	gocv.AddWeighted(picture, dimmed, s.moire, 1, 0, &s.shown)
	s.frame.CopyToWithMask(&s.shown, s.mask)
	return s.shown
}

func (s *screen) mats() []gocv.Mat { return []gocv.Mat{s.moire, s.frame, s.mask, s.shown} }

// over lays a picture with transparent parts over another one, both as RGBA, in place.
func over(front, back []byte) {
	for i := 0; i < len(front); i += 4 {
		a := int(front[i+3])
		if a == 255 {
			continue
		}
		for c := range 3 {
			front[i+c] = uint8((int(front[i+c])*a + int(back[i+c])*(255-a)) / 255)
		}
		front[i+3] = 255
	}
}
