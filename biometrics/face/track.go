package face

import (
	"image"
	"time"

	"visavis/biometrics"
)

// trackTime is for how long a face is looked for where it was last seen.
const trackTime = 600 * time.Millisecond

// track is where the last frame's one face was; the zero value knows none. It only tells where to look first when the cascade sees nobody, as
// it does while a head turns: dlib decides there as anywhere, and the cascade looks for a second face in every frame.
type track struct {
	box  image.Rectangle
	size image.Point // of the frame
	at   time.Duration
}

// near returns where f's face may be: only a frame that soon follows the last one has such a place. A picture file, whose time is 0, has none.
func (t track) near(f biometrics.Frame) (box image.Rectangle, ok bool) {
	ok = t.box.Dx() > 0 && t.size == image.Pt(f.Width, f.Height) && f.At > t.at && f.At-t.at <= trackTime
	return t.box, ok
}

// note keeps what was found in f, but for a picture file.
func (t *track) note(f biometrics.Frame, found []biometrics.Face) {
	if f.At <= 0 {
		return
	}
	*t = track{}
	if len(found) == 1 {
		*t = track{boxRect(found[0].Box), image.Pt(f.Width, f.Height), f.At}
	}
}

// follow shows dlib the place where the face was. What is there is looked at once more when it has moved: it is to stand in the middle of what
// dlib sees, like any other. Two faces, or none, are for search to find.
func (d *Describer) follow(p *picture, last image.Rectangle) ([]biometrics.Face, error) {
	seen, err := d.near(p, last)
	if err != nil || len(seen) != 1 {
		return nil, err
	}
	box := boxRect(seen[0].Box)
	moved := box.Min.Add(box.Max).Sub(last.Min.Add(last.Max)).Div(2)
	slack := int(faceMargin / 2 * float64(last.Dx()))
	if max(moved.X, -moved.X, moved.Y, -moved.Y) <= slack {
		return seen, nil
	}
	again, err := d.near(p, box)
	if err != nil || len(again) != 1 {
		return nil, err
	}
	return again, nil
}
