package face

import (
	"image"
	"sort"
	"sync"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

const (
	// The cascade looks at a small picture, whose sides are this part of the frame's; but its longer one, in pixels, lies within bounds.
	smallPart, smallMin, smallMax = 4, 160, 213

	cascadeWindow = 20   // pixels of the small picture: the narrowest face that the cascade was trained for
	nearPart      = 3.75 // of the shorter side: the narrowest of somebody who is near enough to be looked for first in a picture file, which costs a third
	cascadeStep   = 1.2  // between two sizes it tries
	cascadeVotes  = 1    // neighbouring hits that make a face
	maxCandidates = 4    // of the cascade's hits, the largest, are shown to dlib

	// How the cascade's square lies to dlib's, of the same face: so much wider, and so much of dlib's width higher. Medians of 299
	// photographs; its size varies by a sixth either way, its middle by 0.06 sideways and by 0.1 up and down.
	cascadeWider, cascadeHigher = 1.15, 0.10

	faceSide     = 120 // dlib is shown a face this wide: its descriptor moves when it sees fewer pixels
	faceMargin   = 0.3 // of its width, on each side, where the cascade saw it,
	followMargin = 0.3 // and where dlib saw it last
	frameSide    = 640 // dlib is shown a whole frame at most this long
	tilesSide    = 1280
	tilesShared  = 160 // pixels that two tiles have in common: whoever is wider was seen in the whole frame
	clearSide    = 110 // pixels: who is this wide in the whole frame needs no closer look
)

// find returns the faces in p, at most two (a second is only counted). Where dlib saw the face last it looks first; the cascade says where else
// to look; whether it is a face, dlib decides: the cascade alone sees faces in curtains. Where neither helps, dlib looks at the whole frame, which
// takes far longer and is done as the plan says.
func (d *Describer) find(p *picture, plan plan) (found []biometrics.Face, done did, err error) {
	var hits []image.Rectangle
	var looking sync.WaitGroup
	if done.glanced = plan.glance; plan.glance && !plan.picture {
		looking.Go(func() { hits = d.candidates(p) }) // while dlib follows, on the other core
	}
	if plan.follow {
		found, err = d.follow(p, plan.box)
	}
	looking.Wait()
	switch {
	case err != nil:
		return nil, done, err
	case plan.picture:
		found, err = d.glanceAtPicture(p)
	case plan.glance:
		found, err = d.confirm(p, hits, found)
	case plan.recent && len(found) == 0:
		done.glanced = true
		found, err = d.confirm(p, d.candidates(p), nil)
	}
	if err == nil && len(found) == 0 && plan.search {
		done.searched = true
		found, err = d.search(p, plan.picture)
	}
	return found, done, err
}

// glanceAtPicture returns whom the cascade shows on a picture file. Somebody far behind a person who is near does not count there; before a camera he looks on.
func (d *Describer) glanceAtPicture(p *picture) ([]biometrics.Face, error) {
	w, h := float64(p.frame.Width), float64(p.frame.Height)
	near := smallMin / nearPart * min(w, h) / max(w, h)
	found, err := d.confirm(p, d.hits(p, smallMin, int(near)), nil)
	if err != nil || len(found) > 0 {
		return found, err
	}
	return d.confirm(p, d.candidates(p), nil)
}

// confirm shows dlib the cascade's hits, one by one, and adds whom it sees to found.
func (d *Describer) confirm(p *picture, hits []image.Rectangle, found []biometrics.Face) ([]biometrics.Face, error) {
	for _, box := range hits {
		if len(found) > 1 {
			break
		}
		if shown(box, found) {
			continue
		}
		seen, err := d.near(p, box, faceMargin)
		if err != nil {
			return nil, err
		}
		found = merge(found, seen)
	}
	return found, nil
}

// shown says whether a place is that of a face which was found already: dlib would describe the same face once more.
func shown(place image.Rectangle, found []biometrics.Face) bool {
	box := biometrics.Box{X: float32(place.Min.X), Y: float32(place.Min.Y), W: float32(place.Dx()), H: float32(place.Dy())}
	for _, f := range found {
		if overlap(box, f.Box) > 0.6 {
			return true
		}
	}
	return false
}

// candidates are where the cascade sees a face of any width that it knows.
func (d *Describer) candidates(p *picture) []image.Rectangle {
	long := float64(max(p.frame.Width, p.frame.Height))
	return d.hits(p, min(max(long/smallPart, smallMin), smallMax), cascadeWindow)
}

// hits are the places, as dlib would see them, of the cascade's hits in a picture made so long, the largest first; none is narrower there than least.
func (d *Describer) hits(p *picture, long float64, least int) []image.Rectangle {
	w, h := p.frame.Width, p.frame.Height
	scale := min(1, long/float64(max(w, h)))
	small := p.part(p.bounds(), image.Pt(max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale))), gocv.ColorRGBAToGray)
	defer small.Close()
	hits := d.cascade.DetectMultiScaleWithParams(small, cascadeStep, cascadeVotes, 0, image.Pt(least, least), image.Point{})
	for i, h := range hits {
		hits[i] = expected(h, scale)
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].Dx() > hits[j].Dx() })
	return hits[:min(len(hits), maxCandidates)]
}

// expected is where in the frame dlib would see what the cascade saw in the small picture.
func expected(hit image.Rectangle, scale float64) image.Rectangle {
	w := float64(hit.Dx()) / scale / cascadeWider
	x := float64(hit.Min.X+hit.Max.X) / 2 / scale
	y := float64(hit.Min.Y+hit.Max.Y)/2/scale + cascadeHigher*w
	return image.Rect(int(x-w/2), int(y-w/2), int(x+w/2), int(y+w/2))
}

// search shows dlib the whole frame: at most frameSide long, and when it sees nobody and tiles is set, part by part at most tilesSide long.
func (d *Describer) search(p *picture, tiles bool) ([]biometrics.Face, error) {
	whole := p.bounds()
	long := float64(max(whole.Dx(), whole.Dy()))
	scale := min(1, frameSide/long)
	seen, err := d.look(p, whole, scale)
	if err != nil {
		return nil, err
	}
	if len(seen) == 0 && tiles && scale < 1 {
		scale = min(1, tilesSide/long)
		seen, err = d.searchTiles(p, scale)
	}
	if err != nil || len(seen) != 1 || float64(seen[0].Box.W)*scale >= clearSide {
		return seen, err
	}
	// Seen as small as this, the face has another descriptor: so it is looked at once more, as large as any other.
	closer, err := d.near(p, boxRect(seen[0].Box), faceMargin)
	if err != nil || len(closer) == 0 {
		return seen, err
	}
	return closer, nil
}

func (d *Describer) searchTiles(p *picture, scale float64) ([]biometrics.Face, error) {
	var found []biometrics.Face
	for _, tile := range tilesOf(p.bounds(), scale) {
		seen, err := d.look(p, tile, scale)
		if err != nil {
			return nil, err
		}
		if found = merge(found, seen); len(found) > 1 {
			break
		}
	}
	return found, nil
}

// tilesOf covers a frame by parts that are at most frameSide long at a scale, and share tilesShared of such pixels with their neighbours.
func tilesOf(whole image.Rectangle, scale float64) []image.Rectangle {
	side, step := int(frameSide/scale), int((frameSide-tilesShared)/scale)
	var tiles []image.Rectangle
	for y := 0; ; y += step {
		for x := 0; ; x += step {
			tiles = append(tiles, image.Rect(x, y, x+side, y+side).Intersect(whole))
			if x+side >= whole.Dx() {
				break
			}
		}
		if y+side >= whole.Dy() {
			return tiles
		}
	}
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
