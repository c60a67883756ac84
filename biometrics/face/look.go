package face

import (
	"fmt"
	"image"

	dlib "github.com/Kagami/go-face"
	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// near shows dlib the place where a face should be, with a margin in parts of its width, faceSide wide.
func (d *Describer) near(p *picture, box image.Rectangle, margin float64) ([]biometrics.Face, error) {
	if box.Dx() <= 0 {
		return nil, nil
	}
	return d.look(p, box.Inset(-int(margin*float64(box.Dx()))), float64(faceSide)/float64(box.Dx()))
}

// look shows dlib a part of p at a scale, and returns its faces in the frame's pixels. go-face finds, so "no face" and
// "two faces" stay apart: it is always asked for all of them.
func (d *Describer) look(p *picture, part image.Rectangle, scale float64) ([]biometrics.Face, error) {
	part = part.Intersect(p.bounds())
	w, h := int(float64(part.Dx())*scale+0.5), int(float64(part.Dy())*scale+0.5)
	if min(w, h) < cascadeWindow {
		return nil, nil
	}
	jpeg, err := p.encode(part, image.Pt(w, h))
	if err != nil {
		return nil, err
	}
	defer jpeg.Close()
	seen, err := d.dlib.Recognize(jpeg.GetBytes())
	if err != nil {
		return nil, fmt.Errorf("dlib: %w", err)
	}
	back := mapping{part.Min, float32(part.Dx()) / float32(w), float32(part.Dy()) / float32(h)}
	faces := make([]biometrics.Face, 0, len(seen))
	for _, s := range seen {
		f, err := back.face(s)
		if err != nil {
			return nil, err
		}
		faces = append(faces, f)
	}
	return faces, nil
}

// encode gives a part of the frame as JPEG of the best quality: a lower one moves the descriptor by as much as another light does. Its caller closes it.
func (p *picture) encode(part image.Rectangle, size image.Point) (*gocv.NativeByteBuffer, error) {
	scaled := p.part(part, size, gocv.ColorRGBAToBGR)
	defer scaled.Close()
	buf, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, scaled, []int{gocv.IMWriteJpegQuality, 100})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return buf, nil
}

// mapping leads from the picture that dlib saw back to the frame.
type mapping struct {
	origin image.Point
	x, y   float32 // frame's pixels a pixel that dlib saw
}

// point maps a pixel by its centre.
func (m mapping) point(p image.Point) biometrics.Point {
	return biometrics.Point{
		X: float32(m.origin.X) + (float32(p.X)+0.5)*m.x - 0.5,
		Y: float32(m.origin.Y) + (float32(p.Y)+0.5)*m.y - 0.5,
	}
}

func (m mapping) face(s dlib.Face) (biometrics.Face, error) {
	var f biometrics.Face
	if len(s.Shapes) != len(f.Landmarks) {
		return f, fmt.Errorf("dlib: %d landmarks, want %d", len(s.Shapes), len(f.Landmarks))
	}
	for i, p := range s.Shapes {
		f.Landmarks[i] = m.point(p)
	}
	a, b := m.point(s.Rectangle.Min), m.point(s.Rectangle.Max)
	f.Box = biometrics.Box{X: a.X, Y: a.Y, W: b.X - a.X, H: b.Y - a.Y}
	f.Descriptor = biometrics.Descriptor(s.Descriptor)
	return f, nil
}

func boxRect(b biometrics.Box) image.Rectangle {
	return image.Rect(int(b.X), int(b.Y), int(b.X+b.W), int(b.Y+b.H))
}
