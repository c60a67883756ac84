package face

import (
	"image"
	"math"

	"visavis/biometrics"
)

const (
	toneBurnt    = 250  // a pixel with a channel at this level has lost its colour; it counts less and less from
	toneFaint    = 235  // this level on, so that a slow change of light moves no pixel in or out at once
	toneSteps    = 48   // at most so many samples along each side of a patch
	sceneSamples = 160  // along the frame's longer side
	scenePart    = 0.05 // of a picture, at least, is scene
)

// patch is a part of a face, in eye distances from the middle between the eyes: u along the line through them towards the picture's right, v across
// it towards the chin.
type patch struct{ u0, u1, v0, v1 float64 }

// skinPatches are the forehead under the hair and both cheeks beside the nose.
var skinPatches = [...]patch{{-0.35, 0.35, -0.75, -0.40}, {-0.62, -0.28, 0.30, 0.70}, {0.28, 0.62, 0.30, 0.70}}

// axes are a face's own: the middle between its eyes and the vector from the eye on the picture's left to the other.
type axes struct{ x, y, ux, uy float64 }

func axesOf(l biometrics.Landmarks) axes {
	rx, ry := float64(l[0].X+l[1].X)/2, float64(l[0].Y+l[1].Y)/2
	lx, ly := float64(l[2].X+l[3].X)/2, float64(l[2].Y+l[3].Y)/2
	return axes{(rx + lx) / 2, (ry + ly) / 2, rx - lx, ry - ly}
}

// apart is the distance between the eyes in pixels.
func (a axes) apart() float64 { return math.Hypot(a.ux, a.uy) }

// at is the place in the frame of a place in the face.
func (a axes) at(u, v float64) (x, y float64) {
	return a.x + u*a.ux - v*a.uy, a.y + u*a.uy + v*a.ux
}

// of is the place in the face of a place in the frame.
func (a axes) of(p biometrics.Point) (u, v float64) {
	x, y, n := float64(p.X)-a.x, float64(p.Y)-a.y, a.ux*a.ux+a.uy*a.uy
	return (x*a.ux + y*a.uy) / n, (y*a.ux - x*a.uy) / n
}

// tally adds colours up.
type tally struct{ r, g, b, weight float64 }

// add counts a pixel in RGBA: one that is nearly burnt for less, a burnt one not at all.
func (t *tally) add(px []byte) {
	w := float64(toneBurnt-int(max(px[0], px[1], px[2]))) / (toneBurnt - toneFaint)
	if w = min(w, 1); w <= 0 {
		return
	}
	t.r += w * float64(px[0])
	t.g += w * float64(px[1])
	t.b += w * float64(px[2])
	t.weight += w
}

// tone is the mean, or zero when there is none.
func (t *tally) tone() biometrics.Tone {
	if t.weight == 0 {
		return biometrics.Tone{}
	}
	level := func(sum float64) uint16 { return uint16(math.Round(256 * sum / t.weight)) }
	return biometrics.Tone{R: level(t.r), G: level(t.g), B: level(t.b)}
}

// skinOf is the colour of a face's skin.
func skinOf(f biometrics.Frame, l biometrics.Landmarks) biometrics.Tone {
	var t tally
	a := axesOf(l)
	apart := a.apart()
	for _, p := range skinPatches {
		nu, nv := steps((p.u1-p.u0)*apart), steps((p.v1-p.v0)*apart)
		for i := range nu {
			for j := range nv {
				x, y := a.at(p.u0+(p.u1-p.u0)*(float64(i)+0.5)/float64(nu), p.v0+(p.v1-p.v0)*(float64(j)+0.5)/float64(nv))
				if at := image.Pt(int(math.Round(x)), int(math.Round(y))); at.In(image.Rect(0, 0, f.Width, f.Height)) {
					t.add(f.Pix[4*(at.Y*f.Width+at.X):])
				}
			}
		}
	}
	return t.tone()
}

// steps is how many samples a length of pixels is worth.
func steps(pixels float64) int { return int(min(max(pixels, 1), toneSteps)) }

// sceneOf is the colour of a frame but for the person in it; it is zero when that leaves next to nothing.
func sceneOf(f biometrics.Frame, person image.Rectangle) biometrics.Tone {
	var t tally
	step := max(1, max(f.Width, f.Height)/sceneSamples)
	for y := step / 2; y < f.Height; y += step {
		for x := step / 2; x < f.Width; x += step {
			if !image.Pt(x, y).In(person) {
				t.add(f.Pix[4*(y*f.Width+x):])
			}
		}
	}
	if t.weight*float64(step*step) < scenePart*float64(f.Width*f.Height) {
		return biometrics.Tone{}
	}
	return t.tone()
}
