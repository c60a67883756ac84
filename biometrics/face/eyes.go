package face

import (
	"errors"
	"image"
	"math"
	"slices"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// eyeCascades tell an open eye; the first takes hardly a closed one for it, the others are less strict and see also what hair or glasses half hide.
var eyeCascades = [...]string{"haarcascade_eye.xml", "haarcascade_lefteye_2splits.xml", "haarcascade_righteye_2splits.xml"}

const (
	eyeSide   = 64  // pixels of a levelled patch around an eye,
	eyeSpan   = 2.4 // which is so many times as wide as the eye is between its corners
	eyeLeast  = 26  // pixels: the smallest that a cascade looks for
	eyesApart = 35  // pixels in the frame: of smaller ones nothing can be said

	// A lid is as light as the skin below it, an iris is not: of the darkest spots, as wide as half an iris, in the middle of both eyes, the
	// lighter one has at most this part of the light below the eye.
	lidLevel = 0.55
	// Where it has less than this of it, in both eyes, that is an iris, and no cascade need be asked. Of 405 photographs 290 are so; dark glasses are
	// from 0.43 on.
	irisLevel = 0.40

	// An open eye is one that the first cascade is sure of; where the light does not tell a lid, a single hit of any cascade will do.
	strictStep, strictVotes = 1.15, 1
	looseStep, looseVotes   = 1.1, 0
)

// eyes knows open eyes.
type eyes struct{ cascades []gocv.CascadeClassifier }

func openEyes() (*eyes, error) {
	e := &eyes{}
	for _, name := range eyeCascades {
		c, err := openCascade(name)
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
		e.cascades = append(e.cascades, c)
	}
	return e, nil
}

func (e *eyes) close() error {
	var err error
	for _, c := range e.cascades {
		err = errors.Join(err, c.Close())
	}
	e.cascades = nil
	return err
}

// hidden says that neither eye is seen open: both are closed, or something covers them. One eye is enough, and eyes that are too small to tell are
// taken for open.
func (e *eyes) hidden(f biometrics.Frame, l biometrics.Landmarks) bool {
	if axesOf(l).apart() < eyesApart {
		return false
	}
	var pix [2][]byte
	lid := 0.0
	for i := range pix {
		pix[i] = levelled(f, l[2*i], l[2*i+1])
		lid = max(lid, darkest(pix[i]))
	}
	if lid < irisLevel {
		return false
	}
	var patches [2]gocv.Mat
	for i := range patches {
		patches[i] = equalised(pix[i])
		defer patches[i].Close()
	}
	if seesEye(e.cascades[:1], patches[:], strictStep, strictVotes) {
		return false
	}
	return lid > lidLevel || !seesEye(e.cascades, patches[:], looseStep, looseVotes)
}

func seesEye(cascades []gocv.CascadeClassifier, patches []gocv.Mat, step float64, votes int) bool {
	for _, cascade := range cascades {
		for _, patch := range patches {
			if len(cascade.DetectMultiScaleWithParams(patch, step, votes, 0, image.Pt(eyeLeast, eyeLeast), image.Point{})) > 0 {
				return true
			}
		}
	}
	return false
}

// equalised is an eye's patch for a cascade. Its caller closes it.
func equalised(pix []byte) gocv.Mat {
	patch := gocv.NewMatWithSize(eyeSide, eyeSide, gocv.MatTypeCV8UC1)
	if to, err := patch.DataPtrUint8(); err == nil {
		copy(to, pix)
		gocv.EqualizeHist(patch, &patch)
	}
	return patch
}

// levelled is the grey patch around the eye between two corners, in rows.
func levelled(f biometrics.Frame, a, b biometrics.Point) []byte {
	cx, cy := float64(a.X+b.X)/2, float64(a.Y+b.Y)/2
	ux, uy := float64(b.X-a.X), float64(b.Y-a.Y)
	if ux < 0 {
		ux, uy = -ux, -uy
	}
	const k, half = eyeSpan / eyeSide, eyeSide / 2.0
	pix := make([]byte, eyeSide*eyeSide)
	for y := range eyeSide {
		for x := range eyeSide {
			u, v := (float64(x)+0.5-half)*k, (float64(y)+0.5-half)*k
			px := min(max(int(math.Round(cx+u*ux-v*uy)), 0), f.Width-1)
			py := min(max(int(math.Round(cy+u*uy+v*ux)), 0), f.Height-1)
			pix[y*eyeSide+x] = byte(greyOf(f.Pix[4*(py*f.Width+px):]))
		}
	}
	return pix
}

// Where darkest looks, in the pixels of a patch.
const (
	eyeMiddle  = eyeSide / 2
	spotRadius = 3 // half an iris
	spotStep   = 2
	spotAside  = 8 // of the middle, each side,
	spotAbove  = 6
	spotBelow  = 4
	lidTop     = eyeMiddle + 10 // the skin below the eye
	lidBottom  = eyeMiddle + 16
	lidAside   = 16
)

// darkest is the grey of the darkest spot in the middle of an eye's patch, as a part of the light below the eye: near 1 for a lid.
func darkest(pix []byte) float64 {
	var below []byte
	for y := lidTop; y < lidBottom; y++ {
		below = append(below, pix[y*eyeSide+eyeMiddle-lidAside:y*eyeSide+eyeMiddle+lidAside]...)
	}
	slices.Sort(below)
	least := 255.0
	for y := -spotAbove; y <= spotBelow; y += spotStep {
		for x := -spotAside; x <= spotAside; x += spotStep {
			least = min(least, spot(pix, eyeMiddle+x, eyeMiddle+y, spotRadius))
		}
	}
	return least / max(float64(below[len(below)*3/4]), 1)
}

// spot is the mean grey of a disc in a patch.
func spot(pix []byte, cx, cy, r int) float64 {
	sum, n := 0, 0
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			if x*x+y*y <= r*r {
				sum += int(pix[(cy+y)*eyeSide+cx+x])
				n++
			}
		}
	}
	return float64(sum) / float64(n)
}
