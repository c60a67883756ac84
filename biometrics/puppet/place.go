package puppet

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"slices"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/liveness"
)

// The picture that a puppet gives.
const (
	Width, Height = 640, 480

	centreX, centreY = 320, 258 // the head's middle
	eyesApart        = 66.0     // of a face that looks into the camera: it is then about 165 pixels wide
)

// A Finder finds all faces of a photograph, in any order; package face has one.
type Finder func(photo biometrics.Frame) ([]biometrics.Landmarks, error)

// ErrNoSuchFace says that a photograph has fewer faces than the number asked for.
var ErrNoSuchFace = errors.New("the photograph has no face of that number")

// actor is one person's head, or a thing with a picture on it. One goroutine owns it.
type actor struct {
	skin   gocv.Mat // RGBA, Width×Height: the photograph levelled, scaled and put in its place
	body   body
	eyes   [2][2]float64   // in the skin, in pixels, left to right
	border gocv.BorderType // the zero value repeats nothing
	beyond color.RGBA      // what is seen beyond the skin
}

func (a *actor) close() error { return a.skin.Close() }

// copied is the actor's picture on another body, and transparent beyond it; whoever asks for it closes it.
func (a *actor) copied(b body) actor { return actor{skin: a.skin.Clone(), body: b, eyes: a.eyes} }

// wall is what is seen beyond a head's picture.
var wall = color.RGBA{R: 120, G: 124, B: 128, A: 255}

// newActor reads a photograph and places its n-th face, from 1, left to right, on a solid head.
func newActor(path string, n int, find Finder) (*actor, error) {
	photo, err := readPhoto(path)
	if err != nil {
		return nil, err
	}
	faces, err := find(photo)
	if err != nil {
		return nil, fmt.Errorf("find faces: %w", err)
	}
	slices.SortFunc(faces, func(a, b biometrics.Landmarks) int { return cmp.Compare(a[4].X, b[4].X) })
	if n < 1 || n > len(faces) {
		return nil, fmt.Errorf("%w: face %d of %d", ErrNoSuchFace, n, len(faces))
	}
	seen, err := liveness.PoseOf(faces[n-1])
	if err != nil {
		return nil, err
	}
	m, err := gocv.NewMatFromBytes(photo.Height, photo.Width, gocv.MatTypeCV8UC4, photo.Pix)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	taken := photographed(seen)
	eyes := taken.eyes()
	return &actor{skin: place(m, faces[n-1], eyes), body: head(taken), eyes: eyes, beyond: wall}, nil
}

// eyes are where the view's picture of a head has its eyes, in pixels, left to right.
func (v view) eyes() [2][2]float64 {
	lx, ly := v.project(vector{-eyeX, eyeY, eyeZ})
	rx, ry := v.project(vector{eyeX, eyeY, eyeZ})
	return [2][2]float64{{centreX + unit*lx, centreY + unit*ly}, {centreX + unit*rx, centreY + unit*ry}}
}

// photographed is the view of a head that shows this pose: how far it was turned, and whether it looked up or down. What is too much for the
// model is cut off, and a face of other proportions counts as one that nods a little.
func photographed(p liveness.Pose) view {
	const most, mostNod = 20 * math.Pi / 180, 8 * math.Pi / 180
	yaw := max(-most, min(most, math.Atan(p.Shift/1.0)))
	low, high := -mostNod, mostNod // lift falls while the pitch grows
	for range 30 {
		if pitch := (low + high) / 2; viewOf(yaw, pitch, away).lift() > p.Lift {
			low = pitch
		} else {
			high = pitch
		}
	}
	return viewOf(yaw, (low+high)/2, away)
}

// lift is how far the base of the nose is seen below the eyes, in their distance.
func (v view) lift() float64 {
	eyes := v.eyes()
	_, y := v.project(vector{0, noseY, noseZ})
	return (centreY + unit*y - (eyes[0][1]+eyes[1][1])/2) / (eyes[1][0] - eyes[0][0])
}

func readPhoto(path string) (biometrics.Frame, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return biometrics.Frame{}, fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	if err != nil {
		return biometrics.Frame{}, err
	}
	f, err := camera.Decode(data)
	if err != nil {
		return biometrics.Frame{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// place levels the eyes, scales the face to the puppet's size, puts its eyes where they belong, and hides everything beyond the head, where other
// faces may be.
func place(photo gocv.Mat, l biometrics.Landmarks, to [2][2]float64) gocv.Mat {
	from := [2][2]float64{
		{float64(l[2].X+l[3].X) / 2, float64(l[2].Y+l[3].Y) / 2},
		{float64(l[0].X+l[1].X) / 2, float64(l[0].Y+l[1].Y) / 2},
	}

	// Shrinking in one go would alias: halve first, as often as it fits.
	src := photo.Clone()
	defer func() { src.Close() }()
	for distance(to) < 0.5*distance(from) {
		half := gocv.NewMat()
		gocv.Resize(src, &half, image.Pt(src.Cols()/2, src.Rows()/2), 0, 0, gocv.InterpolationArea)
		src.Close()
		src = half
		for i := range from {
			from[i] = [2]float64{(from[i][0] - 0.5) / 2, (from[i][1] - 0.5) / 2}
		}
	}

	m := similarity(from, to)
	defer m.Close()
	near := gocv.NewMat()
	gocv.WarpAffineWithParams(src, &near, m, image.Pt(Width, Height), gocv.InterpolationCubic, gocv.BorderReplicate, color.RGBA{})
	sharpen(&near)
	hide(&near)
	return near
}

// sharpen gives back what two samplings, here and for each frame, take away.
func sharpen(m *gocv.Mat) {
	const amount, radius = 0.6, 1.2
	soft := gocv.NewMat()
	defer soft.Close()
	gocv.GaussianBlur(*m, &soft, image.Pt(0, 0), radius, radius, gocv.BorderReplicate)
	gocv.AddWeighted(*m, 1+amount, soft, -amount, 0, m)
}

func distance(p [2][2]float64) float64 { return math.Hypot(p[1][0]-p[0][0], p[1][1]-p[0][1]) }

// similarity is the 2×3 matrix of the turn, scale and shift that takes two points to two others.
func similarity(from, to [2][2]float64) gocv.Mat {
	fx, fy := from[1][0]-from[0][0], from[1][1]-from[0][1]
	tx, ty := to[1][0]-to[0][0], to[1][1]-to[0][1]
	n := fx*fx + fy*fy
	c, s := (fx*tx+fy*ty)/n, (fx*ty-fy*tx)/n
	return affine([6]float64{
		c, -s, to[0][0] - c*from[0][0] + s*from[0][1],
		s, c, to[0][1] - s*from[0][0] - c*from[0][1],
	})
}

func affine(v [6]float64) gocv.Mat {
	m := gocv.NewMatWithSize(2, 3, gocv.MatTypeCV64F)
	for i, x := range v {
		m.SetDoubleAt(i/3, i%3, x)
	}
	return m
}

// hide fades what lies beyond head and neck into a blur in which no face is left.
func hide(m *gocv.Mat) {
	const less, radius = 4, 45.0 // a blur so wide needs no more than every fourth pixel
	far := gocv.NewMat()
	defer far.Close()
	gocv.Resize(*m, &far, image.Pt(Width/less, Height/less), 0, 0, gocv.InterpolationArea)
	gocv.GaussianBlur(far, &far, image.Pt(0, 0), radius/less, radius/less, gocv.BorderReplicate)
	gocv.Resize(far, &far, image.Pt(Width, Height), 0, 0, gocv.InterpolationLinear)
	near, err := m.DataPtrUint8()
	if err != nil {
		return
	}
	blur, err := far.DataPtrUint8()
	if err != nil {
		return
	}
	for i := range near {
		x, y := float64(i/4%Width)-centreX, float64(i/4/Width)-centreY
		x, y = x/(1.85*unit), y/(2.5*unit)
		w := smooth((math.Sqrt(x*x+y*y) - 0.85) / 0.3)
		near[i] = uint8(float64(near[i])*(1-w) + float64(blur[i])*w + 0.5)
	}
}
