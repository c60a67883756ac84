package face

import (
	"image"
	"math"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// The bounds of a good frame.
const (
	farWidth     = 80.0  // pixels: a narrower face has to be blown up too far for its descriptor
	closeWidth   = 0.70  // of the frame's shorter side
	edgeOut      = 0.02  // of the face's width may lie outside of the frame
	centreOff    = 0.32  // of the frame's side, between its middle and the face's
	darkLevel    = 45.0  // mean grey of the face, of 255
	brightLevel  = 215.0 // mean grey of the face
	burntPart    = 0.25  // of the face's pixels may be white
	burntLevel   = 250   // grey that counts as white
	blurVariance = 0.5   // see sharpness; a blur of 2% of the face moves the descriptor by 0.3 and gives 0.1 to 0.7 on most faces, a sharp face 1.4 to 31
)

// qualityOf judges a face that was found.
func (p *picture) qualityOf(f biometrics.Face) biometrics.Quality {
	frame := p.bounds()
	box := boxRect(f.Box)
	q := placeOf(f.Box, float64(frame.Dx()), float64(frame.Dy()))
	inside := box.Intersect(frame)
	if inside.Empty() {
		return q.With(biometrics.OffCentre)
	}
	q |= p.lightOf(inside)
	if p.sharpness(inside) < blurVariance {
		q = q.With(biometrics.Blurred)
	}
	return q
}

// placeOf judges where in a frame of w × h pixels a face is, and how large.
func placeOf(b biometrics.Box, w, h float64) biometrics.Quality {
	var q biometrics.Quality
	x, y, width, height := float64(b.X), float64(b.Y), float64(b.W), float64(b.H)
	out := max(-x, -y, x+width-w, y+height-h) > edgeOut*width
	middle := max(math.Abs(x+width/2-w/2)/w, math.Abs(y+height/2-h/2)/h)
	switch {
	case width < farWidth:
		q = q.With(biometrics.TooFar)
	case width > closeWidth*min(w, h):
		q = q.With(biometrics.TooClose)
	}
	if middle > centreOff || out && !q.Has(biometrics.TooClose) {
		q = q.With(biometrics.OffCentre)
	}
	return q
}

// lightOf judges the light in a part of the picture.
func (p *picture) lightOf(part image.Rectangle) biometrics.Quality {
	region := p.grey.Region(part)
	defer region.Close()
	white := gocv.NewMat()
	defer white.Close()
	gocv.Threshold(region, &white, burntLevel, 1, gocv.ThresholdBinary)
	burnt := float64(gocv.CountNonZero(white)) / float64(part.Dx()*part.Dy())
	switch mean := region.Mean().Val1; {
	case mean < darkLevel:
		return biometrics.Quality(0).With(biometrics.TooDark)
	case mean > brightLevel || burnt > burntPart:
		return biometrics.Quality(0).With(biometrics.TooBright)
	}
	return 0
}

// sharpness is the variance of the Laplacian of a face at faceSide over the variance of its grey, times ten: so that dim light does not
// count as blur. An even picture has none.
func (p *picture) sharpness(part image.Rectangle) float64 {
	region := p.grey.Region(part)
	defer region.Close()
	scaled, edges := gocv.NewMat(), gocv.NewMat()
	defer scaled.Close()
	defer edges.Close()
	gocv.Resize(region, &scaled, image.Pt(faceSide, faceSide), 0, 0, gocv.InterpolationArea)
	gocv.Laplacian(scaled, &edges, gocv.MatTypeCV32F, 3, 1, 0, gocv.BorderDefault)
	contrast := deviation(scaled)
	if contrast == 0 {
		return 0
	}
	v := deviation(edges)
	return 10 * v * v / (contrast * contrast)
}

func deviation(m gocv.Mat) float64 {
	mean, dev := gocv.NewMat(), gocv.NewMat()
	defer mean.Close()
	defer dev.Close()
	gocv.MeanStdDev(m, &mean, &dev)
	return dev.GetDoubleAt(0, 0)
}

func boxRect(b biometrics.Box) image.Rectangle {
	return image.Rect(int(b.X), int(b.Y), int(b.X+b.W), int(b.Y+b.H))
}
