package face

import (
	"fmt"
	"image"

	"visavis/biometrics"
)

const (
	dlibSide  = 80   // pixels: the narrowest face that dlib sees
	alikeMin  = 0.7  // of a face's width: who is as wide may be meant by the picture as well as he
	alikeLook = 0.65 // what is looked for, so that nobody of alikeMin is missed
	alikeLong = 2560 // pixels: no picture is made longer for it
)

// DescribeAlone describes a picture file as Describe does, and says that there are two faces where anybody but the person described is about as large, or
// larger, wherever he is. The cascade misses some; here dlib looks at all of the picture, which takes several times as long. Dlib sees nobody in profile or
// with a bowed head, so such a companion does not count.
func (d *Describer) DescribeAlone(f biometrics.Frame) (biometrics.Face, error) {
	f.At = 0
	face, err := d.Describe(f)
	if err != nil || !face.Quality.Good() {
		return face, err
	}
	others, err := d.alike(f, face)
	if err != nil {
		return biometrics.Face{}, fmt.Errorf("describe: %w", err)
	}
	if others {
		return biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.TwoFaces), Scene: face.Scene}, nil
	}
	return face, nil
}

// alike says whether a picture shows anybody as large as a face that was found in it, or nearly.
func (d *Describer) alike(f biometrics.Frame, face biometrics.Face) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dlib == nil {
		return false, ErrClosed
	}
	p, err := newPicture(f)
	if err != nil {
		return false, err
	}
	defer p.close()
	scale := alikeScale(p.bounds(), face.Box)
	for _, tile := range tilesOf(p.bounds(), scale) {
		seen, err := d.look(p, tile, scale)
		if err != nil {
			return false, err
		}
		for _, s := range seen {
			if s.Box.W >= alikeMin*face.Box.W && overlap(s.Box, face.Box) <= 0.3 {
				return true, nil
			}
		}
	}
	return false, nil
}

// alikeScale is the scale at which dlib sees whoever is nearly as wide as box, and nobody much smaller.
func alikeScale(whole image.Rectangle, box biometrics.Box) float64 {
	return min(dlibSide/(alikeLook*float64(box.W)), alikeLong/float64(max(whole.Dx(), whole.Dy())))
}
