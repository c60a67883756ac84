package face

import (
	"image"
	"math"
	"sync"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// The bounds of a good frame; docs/biometrics.md says what they were measured on.
const (
	farWidth   = 70.0  // pixels: dlib begins to miss narrower faces, and their descriptors move
	boxEyes    = 2.3   // dlib's box is so many eye distances wide
	closeWidth = 0.70  // of the frame's shorter side
	edgeOut    = 0.02  // of the face's width may lie outside of the frame
	centreOff  = 0.32  // of the frame's side, between its middle and the face's
	darkLevel  = 45.0  // mean grey of the face, of 255
	whiteLevel = 215.0 // mean grey of the face
	burntPart  = 0.25  // of the face's pixels may be white
	burntLevel = 250   // grey that counts as white
	backLevel  = 80.0  // mean grey of a face that may be called backlit: a lighter one has detail enough
	backTimes  = 2.2   // what is around the head is so much lighter

	sharpSide    = 150
	blurVariance = 0.5 // see sharpness; a blur of 2% of the face moves the descriptor by 0.3 and gives 0.1 to 0.7 on most faces, a sharp face 1.4 to 31

	turnedShift  = 0.22 // of the nose from the middle of the eyes, in eye distances
	turnedUp     = 0.50 // the nose's way down from the eyes, in eye distances, is shorter when the face looks up
	turnedDown   = 1.05 // and longer when it looks down
	turnedTilted = 20.0 // degrees
)

// lightSamples is how many pixels along each side of a part its light is read from.
const lightSamples = 96

// judge sets what is wrong with the one face of a frame, and its colours.
func (d *Describer) judge(p *picture, f *biometrics.Face) {
	frame := p.bounds()
	box := boxRect(f.Box)
	f.Quality = placeOf(f.Box, axesOf(f.Landmarks).apart(), float64(frame.Dx()), float64(frame.Dy())) | turnOf(f.Landmarks)
	inside := box.Intersect(frame)
	if inside.Empty() {
		f.Quality = f.Quality.With(biometrics.OffCentre)
		return
	}
	var looking sync.WaitGroup
	hidden := false
	looking.Go(func() { hidden = d.eyesHidden(p.frame, f.Landmarks) }) // on the other core: it is the dearest of all
	f.Skin, f.Scene = skinOf(p.frame, f.Landmarks), sceneOf(p.frame, personAt(box, frame.Dy()))
	if p.frame.At > 0 && d.stream.motion.speed(p.frame.At, f.Landmarks) > movingSpeed {
		f.Quality = f.Quality.With(biometrics.Moving)
	}
	f.Quality |= lightOf(lightIn(p.frame, inside, image.Rectangle{}), lightIn(p.frame, frame, personAt(box, frame.Dy())))
	if p.sharpness(inside) < blurVariance {
		f.Quality = f.Quality.With(biometrics.Blurred)
	}
	if looking.Wait(); hidden {
		f.Quality = f.Quality.With(biometrics.EyesHidden)
	}
}

// eyesHidden looks at the eyes of a picture, and of a stream at those of every third frame: eyes that are kept closed are what it is for.
func (d *Describer) eyesHidden(f biometrics.Frame, l biometrics.Landmarks) bool {
	if f.At <= 0 {
		return d.eyes.hidden(f, l)
	}
	if d.stream.eyesDue() {
		d.stream.eyesHidden = d.eyes.hidden(f, l)
	}
	return d.stream.eyesHidden
}

// placeOf judges where in a frame of w × h pixels a face is whose eyes are so far apart, and how large. Boxes come in steps of a fifth, and
// the eyes of a turned head stand closer: so who is far is small by both.
func placeOf(b biometrics.Box, apart, w, h float64) biometrics.Quality {
	var q biometrics.Quality
	x, y, width, height := float64(b.X), float64(b.Y), float64(b.W), float64(b.H)
	out := max(-x, -y, x+width-w, y+height-h) > edgeOut*width
	middle := max(math.Abs(x+width/2-w/2)/w, math.Abs(y+height/2-h/2)/h)
	switch {
	case max(width, boxEyes*apart) < farWidth:
		q = q.With(biometrics.TooFar)
	case width > closeWidth*min(w, h):
		q = q.With(biometrics.TooClose)
	}
	if middle > centreOff || out && !q.Has(biometrics.TooClose) {
		q = q.With(biometrics.OffCentre)
	}
	return q
}

// turnOf judges where a face looks, by itself: how far it is from the person's own rest is liveness's to say.
func turnOf(l biometrics.Landmarks) biometrics.Quality {
	a := axesOf(l)
	u, v := a.of(l[4])
	tilt := math.Atan2(a.uy, a.ux) * 180 / math.Pi
	if a.apart() == 0 || math.Abs(u) > turnedShift || v < turnedUp || v > turnedDown || math.Abs(tilt) > turnedTilted {
		return biometrics.Quality(0).With(biometrics.Turned)
	}
	return 0
}

// light is how light a part of a frame is.
type light struct {
	mean  float64 // grey, 0 to 255; negative of nothing
	burnt float64 // part of its pixels that are white
}

// lightIn reads the light of a part of a frame, but for what lies in except.
func lightIn(f biometrics.Frame, part, except image.Rectangle) light {
	var sum, white, n int
	stepX, stepY := max(1, part.Dx()/lightSamples), max(1, part.Dy()/lightSamples)
	for y := part.Min.Y; y < part.Max.Y; y += stepY {
		for x := part.Min.X; x < part.Max.X; x += stepX {
			if image.Pt(x, y).In(except) {
				continue
			}
			grey := greyOf(f.Pix[4*(y*f.Width+x):])
			sum += grey
			n++
			if grey >= burntLevel {
				white++
			}
		}
	}
	if n == 0 {
		return light{mean: -1}
	}
	return light{float64(sum) / float64(n), float64(white) / float64(n)}
}

// greyOf is the grey of a pixel in RGBA.
func greyOf(px []byte) int { return (77*int(px[0]) + 150*int(px[1]) + 29*int(px[2])) >> 8 }

// lightOf judges the light on a face, or on a whole frame, against that around it.
func lightOf(on, around light) biometrics.Quality {
	switch {
	case on.mean < backLevel && around.mean > backTimes*max(on.mean, 1) && around.mean > backLevel:
		return biometrics.Quality(0).With(biometrics.Backlit)
	case on.mean < darkLevel:
		return biometrics.Quality(0).With(biometrics.TooDark)
	case on.mean > whiteLevel || on.burnt > burntPart:
		return biometrics.Quality(0).With(biometrics.TooBright)
	}
	return 0
}

// personAt is what a person whose face is at box fills of a frame of a height: the head, and all that is below it. An empty box is nobody.
func personAt(box image.Rectangle, height int) image.Rectangle {
	if box.Empty() {
		return box
	}
	person := box.Inset(-box.Dx() * 6 / 10)
	person.Max.Y = height
	return person
}

// sharpness is the variance of the Laplacian of a face at sharpSide over the variance of its grey, times ten: so that dim light does not
// count as blur. An even picture has none.
func (p *picture) sharpness(part image.Rectangle) float64 {
	scaled, edges := p.part(part, image.Pt(sharpSide, sharpSide), gocv.ColorRGBAToGray), gocv.NewMat()
	defer scaled.Close()
	defer edges.Close()
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
