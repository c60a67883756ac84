package face

import (
	"image"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

func TestTrackIsOfFramesThatFollowEachOther(t *testing.T) {
	frame := func(w int, at time.Duration) biometrics.Frame { return biometrics.Frame{Width: w, Height: 480, At: at} }
	one := []biometrics.Face{{Box: biometrics.Box{X: 100, Y: 50, W: 200, H: 200}}}
	for name, tc := range map[string]struct {
		first biometrics.Frame
		found []biometrics.Face
		next  biometrics.Frame
		want  bool
	}{
		"next frame":          {frame(640, time.Second), one, frame(640, time.Second+66*time.Millisecond), true},
		"slow eye":            {frame(640, time.Second), one, frame(640, time.Second+trackTime), true},
		"too late":            {frame(640, time.Second), one, frame(640, time.Second+trackTime+1), false},
		"another camera":      {frame(640, time.Second), one, frame(640, time.Millisecond), false},
		"the same time":       {frame(640, time.Second), one, frame(640, time.Second), false},
		"another size":        {frame(640, time.Second), one, frame(641, time.Second+1), false},
		"a picture file":      {frame(640, time.Second), one, frame(640, 0), false},
		"after a picture":     {frame(640, 0), one, frame(640, 1), false},
		"after nobody":        {frame(640, time.Second), nil, frame(640, time.Second+1), false},
		"after two":           {frame(640, time.Second), append(one, one...), frame(640, time.Second+1), false},
		"after an odd answer": {frame(640, time.Second), []biometrics.Face{{}}, frame(640, time.Second+1), false},
	} {
		var k track
		k.note(tc.first, tc.found)
		box, ok := k.near(tc.next)
		if ok != tc.want || ok && box != image.Rect(100, 50, 300, 250) {
			t.Errorf("%s: %v, %v", name, box, ok)
		}
	}
	var k track
	k.note(frame(640, time.Second), one)
	k.note(frame(640, 0), nil)
	if _, ok := k.near(frame(640, time.Second+1)); !ok {
		t.Error("a picture between two frames ends the track")
	}
}

// tilted turns a picture so far that the cascade does not know a face any more.
func tilted(m gocv.Mat) gocv.Mat {
	turned := gocv.NewMat()
	turn := gocv.GetRotationMatrix2D(image.Pt(m.Cols()/2, m.Rows()/2), 24, 1)
	defer turn.Close()
	gocv.WarpAffineWithParams(m, &turned, turn, image.Pt(m.Cols(), m.Rows()), gocv.InterpolationLinear, gocv.BorderReplicate, black)
	return turned
}

// A head that the cascade loses is followed, and looks to dlib as it would have without: landmarks are whole pixels, so that any two crops of
// one face as tilted as this differ by up to 0.2.
func TestFollowedFaceIsAsSearched(t *testing.T) {
	d := open(t)
	m := tilted(photo(t, "face.jpg"))
	defer m.Close()
	f := frameOf(m)
	p, err := newPicture(f)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if found, err := d.confirm(p, d.candidates(p)); err != nil || len(found) > 0 {
		t.Fatalf("the cascade sees %d faces, %v: the picture shows nothing", len(found), err)
	}
	searched, err := d.search(p)
	if err != nil || len(searched) != 1 {
		t.Fatalf("%d faces, %v", len(searched), err)
	}
	at := boxRect(searched[0].Box)
	for name, last := range map[string]image.Rectangle{
		"where it was": at, "moved a little": at.Add(image.Pt(at.Dx()/10, -at.Dx()/10)), "moved": at.Add(image.Pt(at.Dx()/4, at.Dx()/5)),
	} {
		followed, err := d.follow(p, last)
		if err != nil || len(followed) != 1 {
			t.Errorf("%s: %d faces, %v", name, len(followed), err)
			continue
		}
		if moved := distance(followed[0].Descriptor, searched[0].Descriptor); moved > 0.25 {
			t.Errorf("%s: the descriptor moved by %.3f", name, moved)
		}
	}
	if followed, err := d.follow(p, image.Rect(0, 0, 80, 80)); err != nil || len(followed) != 0 {
		t.Errorf("a face in the corner: %d, %v", len(followed), err)
	}
}

// Who comes in beside a person who is followed is seen at once, whichever of the two the cascade sees.
func TestASecondFaceEndsTheTrack(t *testing.T) {
	d := open(t)
	man := photo(t, "face.jpg")
	turned := tilted(man)
	defer turned.Close()
	for name, first := range map[string]gocv.Mat{"upright": man, "tilted": turned} {
		alone, pair := gocv.NewMat(), gocv.NewMat()
		inFrame(first, &alone, 0.6, -60, 60)
		alone.CopyTo(&pair)
		other := gocv.NewMat()
		inFrame(man, &other, 0.6, 300, 60)
		from, to := other.Region(image.Rect(300, 60, 640, 348)), pair.Region(image.Rect(300, 60, 640, 348))
		from.CopyTo(&to)
		for i, m := range []gocv.Mat{alone, alone, pair} {
			f := frameOf(m)
			f.At = time.Duration(i+1) * 66 * time.Millisecond
			seen, err := d.Describe(f)
			if err != nil {
				t.Fatal(err)
			}
			if two := seen.Quality.Has(biometrics.TwoFaces); two != (i == 2) || seen.Quality.Has(biometrics.NoFace) {
				t.Errorf("%s, frame %d: %v", name, i, seen.Quality.Reasons())
			}
		}
		for _, m := range []gocv.Mat{alone, pair, other, from, to} {
			m.Close()
		}
	}
}
