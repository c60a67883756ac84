package face

import (
	"fmt"
	"image"
	"sort"

	dlib "github.com/Kagami/go-face"
	"gocv.io/x/gocv"

	"visavis/biometrics"
)

const (
	cascadeScale  = 3    // the cascade looks at a frame this many times smaller,
	cascadeSide   = 427  // but at most this long
	cascadeWindow = 24   // its smallest face there
	cascadeStep   = 1.15 // between two sizes it tries
	cascadeVotes  = 3    // neighbouring hits that make a face
	maxCandidates = 4    // of the cascade's hits, the largest, are shown to dlib

	faceSide   = 150 // dlib is shown a face this wide: its descriptor moves below 130
	faceMargin = 0.3 // of its width, on each side
	frameSide  = 640 // dlib is shown a whole frame at most this long
)

// find returns the faces in p, at most two (a second is only counted). The cascade says where to look; whether it is a face, dlib decides:
// the cascade alone sees faces in curtains. Where the cascade sees none, as with a tilted head, dlib looks where the face was last, and then
// at the whole frame, which takes three times as long.
func (d *Describer) find(p *picture, f biometrics.Frame) ([]biometrics.Face, error) {
	found, err := d.confirm(p, d.candidates(p))
	if err != nil {
		return nil, err
	}
	if last, ok := d.track.near(f); ok && !shown(last, found) {
		// Also when the cascade sees somebody elsewhere: then these are two.
		followed, err := d.follow(p, last)
		if err != nil {
			return nil, err
		}
		found = merge(found, followed)
	}
	if len(found) > 0 {
		return found, nil
	}
	return d.search(p)
}

// near shows dlib a place, as large as any other.
func (d *Describer) near(p *picture, box image.Rectangle) ([]biometrics.Face, error) {
	return d.look(p, around(box), float64(faceSide)/float64(box.Dx()))
}

// confirm shows dlib the cascade's hits, one by one.
func (d *Describer) confirm(p *picture, hits []image.Rectangle) ([]biometrics.Face, error) {
	var found []biometrics.Face
	for _, box := range hits {
		if shown(box, found) {
			continue
		}
		seen, err := d.near(p, box)
		if err != nil {
			return nil, err
		}
		if found = merge(found, seen); len(found) > 1 {
			return found, nil
		}
	}
	return found, nil
}

// shown says whether a place is that of a face which was found already: dlib would describe the same face once more.
func shown(hit image.Rectangle, found []biometrics.Face) bool {
	box := biometrics.Box{X: float32(hit.Min.X), Y: float32(hit.Min.Y), W: float32(hit.Dx()), H: float32(hit.Dy())}
	for _, f := range found {
		if overlap(box, f.Box) > 0.8 {
			return true
		}
	}
	return false
}

// search shows dlib the whole frame.
func (d *Describer) search(p *picture) ([]biometrics.Face, error) {
	whole := p.bounds()
	seen, err := d.look(p, whole, min(1, float64(frameSide)/float64(max(whole.Dx(), whole.Dy()))))
	if err != nil || len(seen) != 1 {
		return seen, err
	}
	// Seen at another size, the same face has another descriptor: so it is looked at once more, as large as any other.
	closer, err := d.near(p, boxRect(seen[0].Box))
	if err != nil || len(closer) == 0 {
		return seen, err
	}
	return closer, nil
}

// candidates are the cascade's hits in the frame's pixels, the largest first.
func (d *Describer) candidates(p *picture) []image.Rectangle {
	scale := min(1.0/cascadeScale, cascadeSide/float64(max(p.grey.Cols(), p.grey.Rows())))
	small := gocv.NewMat()
	defer small.Close()
	size := image.Pt(max(1, int(float64(p.grey.Cols())*scale)), max(1, int(float64(p.grey.Rows())*scale)))
	gocv.Resize(p.grey, &small, size, 0, 0, gocv.InterpolationArea)
	hits := d.cascade.DetectMultiScaleWithParams(small, cascadeStep, cascadeVotes, 0, image.Pt(cascadeWindow, cascadeWindow), image.Point{})
	for i, h := range hits {
		hits[i] = image.Rect(grow(h.Min.X, scale), grow(h.Min.Y, scale), grow(h.Max.X, scale), grow(h.Max.Y, scale))
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].Dx() > hits[j].Dx() })
	return hits[:min(len(hits), maxCandidates)]
}

func grow(v int, scale float64) int { return int(float64(v) / scale) }

// around is a face's box with dlib's margin.
func around(box image.Rectangle) image.Rectangle {
	m := int(faceMargin * float64(box.Dx()))
	return box.Inset(-m)
}

// merge adds what is not yet in found: two hits of the cascade on one face give the same face twice.
func merge(found, seen []biometrics.Face) []biometrics.Face {
next:
	for _, s := range seen {
		for _, f := range found {
			if overlap(s.Box, f.Box) > 0.3 {
				continue next
			}
		}
		found = append(found, s)
	}
	return found
}

// overlap is the part that two boxes share, of the smaller one.
func overlap(a, b biometrics.Box) float32 {
	w := min(a.X+a.W, b.X+b.W) - max(a.X, b.X)
	h := min(a.Y+a.H, b.Y+b.H) - max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / min(a.W*a.H, b.W*b.H)
}

// look shows dlib a part of p at a scale, and returns its faces in the frame's pixels. go-face finds, so "no face" and
// "two faces" stay apart: it is always asked for all of them.
func (d *Describer) look(p *picture, part image.Rectangle, scale float64) ([]biometrics.Face, error) {
	part = part.Intersect(p.bounds())
	w, h := int(float64(part.Dx())*scale+0.5), int(float64(part.Dy())*scale+0.5)
	if w < cascadeWindow || h < cascadeWindow {
		return nil, nil
	}
	jpeg, err := encode(p.bgr, part, image.Pt(w, h))
	if err != nil {
		return nil, err
	}
	seen, err := d.dlib.Recognize(jpeg)
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

// encode gives a part of a picture as JPEG of the best quality: a lower one moves the descriptor by as much as another light does.
func encode(bgr gocv.Mat, part image.Rectangle, size image.Point) ([]byte, error) {
	region := bgr.Region(part)
	defer region.Close()
	scaled := gocv.NewMat()
	defer scaled.Close()
	how := gocv.InterpolationArea
	if size.X > part.Dx() {
		how = gocv.InterpolationCubic
	}
	gocv.Resize(region, &scaled, size, 0, 0, how)
	buf, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, scaled, []int{gocv.IMWriteJpegQuality, 100})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	defer buf.Close()
	return append([]byte(nil), buf.GetBytes()...), nil
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
