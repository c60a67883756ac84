package face

import (
	"image"
	"slices"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

const fifteenth = time.Second / 15

func frameAt(w int, at time.Duration) biometrics.Frame {
	return biometrics.Frame{Width: w, Height: 480, At: at}
}

var oneFace = []biometrics.Face{{Box: biometrics.Box{X: 100, Y: 50, W: 200, H: 200}}}

func TestFollowedIsWhoWasJustThere(t *testing.T) {
	for name, tc := range map[string]struct {
		first biometrics.Frame
		found []biometrics.Face
		next  biometrics.Frame
		want  bool
	}{
		"next frame":          {frameAt(640, time.Second), oneFace, frameAt(640, time.Second+fifteenth), true},
		"slow eye":            {frameAt(640, time.Second), oneFace, frameAt(640, time.Second+trackTime), true},
		"too late":            {frameAt(640, time.Second), oneFace, frameAt(640, time.Second+trackTime+1), false},
		"another camera":      {frameAt(640, time.Second), oneFace, frameAt(640, time.Millisecond), false},
		"the same time":       {frameAt(640, time.Second), oneFace, frameAt(640, time.Second), false},
		"another size":        {frameAt(640, time.Second), oneFace, frameAt(641, time.Second+1), false},
		"a picture file":      {frameAt(640, time.Second), oneFace, frameAt(640, 0), false},
		"after a picture":     {frameAt(640, 0), oneFace, frameAt(640, 1), false},
		"after nobody":        {frameAt(640, time.Second), nil, frameAt(640, time.Second+1), false},
		"after two":           {frameAt(640, time.Second), append(oneFace[:1:1], oneFace...), frameAt(640, time.Second+1), false},
		"after an odd answer": {frameAt(640, time.Second), []biometrics.Face{{}}, frameAt(640, time.Second+1), false},
	} {
		var s stream
		s.begin(tc.first)
		s.end(tc.first, tc.found, did{})
		p := s.begin(tc.next)
		if p.follow != tc.want || p.follow && p.box != image.Rect(100, 50, 300, 250) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	var s stream
	s.begin(frameAt(640, time.Second))
	s.end(frameAt(640, time.Second), oneFace, did{})
	s.begin(frameAt(640, 0))
	s.end(frameAt(640, 0), nil, did{})
	if !s.begin(frameAt(640, time.Second+1)).follow {
		t.Error("a picture between two frames ends the track")
	}
}

func TestPicturesAreSearchedWholly(t *testing.T) {
	var s stream
	for range 3 {
		if p := s.begin(frameAt(640, 0)); p != (plan{picture: true, glance: true, search: true}) {
			t.Errorf("%+v", p)
		}
		s.end(frameAt(640, 0), nil, did{true, true})
	}
}

// play gives a stream's frames what an eye would: the cascade and the search see nobody, a followed face is there when present says so.
func play(s *stream, from time.Duration, frames int, every time.Duration, found []biometrics.Face) (glances, searches []int) {
	for i := range frames {
		f := frameAt(640, from+time.Duration(i)*every)
		p := s.begin(f)
		var done did
		if done.glanced = p.glance || p.recent && len(found) == 0; done.glanced {
			glances = append(glances, i)
		}
		if done.searched = p.search && len(found) == 0; done.searched {
			searches = append(searches, i)
		}
		s.end(f, found, done)
	}
	return glances, searches
}

// Whoever comes in beside a followed face is looked for at the latest two frames later, or 200 ms.
func TestASecondFaceIsLookedForInEveryThirdFrame(t *testing.T) {
	for _, every := range []time.Duration{time.Second / 60, time.Second / 25, fifteenth, time.Second / 10, time.Second / 4} {
		var s stream
		glances, searches := play(&s, 1, 60, every, oneFace)
		if len(searches) > 0 || glances[0] != 0 {
			t.Errorf("every %v: searched %v, glanced first at %d", every, searches, glances[0])
		}
		for i := 1; i < len(glances); i++ {
			if gap := glances[i] - glances[i-1]; gap > glanceEvery || gap > 1 && time.Duration(gap-1)*every >= glanceTime {
				t.Errorf("every %v: %d frames without a glance", every, gap)
			}
		}
	}
}

// While two were seen within a second, no frame goes without a glance.
func TestAfterTwoFacesEveryFrameIsLookedAt(t *testing.T) {
	var s stream
	play(&s, 1, 1, fifteenth, append(oneFace[:1:1], oneFace...))
	if glances, _ := play(&s, fifteenth, 12, fifteenth, oneFace); len(glances) != 12 {
		t.Errorf("%v", glances)
	}
}

// A lost face is looked for in every frame, by all means, for a second; then, in an empty view, a third of the frames is looked at, and every two seconds
// the whole of one.
func TestWhatALostFaceCosts(t *testing.T) {
	var s stream
	play(&s, 1, 5, fifteenth, oneFace)
	const frames, soon = 150, 14 // of 15 in the second after the last frame with a face
	glances, searches := play(&s, 6*fifteenth, frames, fifteenth, nil)
	for i := range soon {
		if glances[i] != i || searches[i] != i {
			t.Fatalf("frame %d after the loss: glances %v, searches %v", i, glances, searches)
		}
	}
	if later := len(glances) - soon; later < 44 || later > 46 {
		t.Errorf("%d glances in %d frames", later, frames-soon)
	}
	if later := len(searches) - soon; later < 3 || later > 5 {
		t.Errorf("%d searches in nine seconds: %v", later, searches)
	}
}

func TestTheFirstFrameIsSearched(t *testing.T) {
	var s stream
	if glances, searches := play(&s, 1, 10, fifteenth, nil); glances[0] != 0 || len(searches) != 1 || searches[0] != 0 {
		t.Errorf("%v, %v", glances, searches)
	}
}

// tilted turns a picture so far that the cascade does not know a face any more.
func tilted(m gocv.Mat) gocv.Mat {
	turned := gocv.NewMat()
	turn := gocv.GetRotationMatrix2D(image.Pt(m.Cols()/2, m.Rows()/2), 27, 1)
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
	p, err := newPicture(frameOf(m))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if found, err := d.confirm(p, d.candidates(p), nil); err != nil || len(found) > 0 {
		t.Fatalf("the cascade sees %d faces, %v: the picture shows nothing", len(found), err)
	}
	searched, err := d.search(p, false)
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

// Who comes in beside a person who is followed is seen at the latest in the third frame, whichever of the two the cascade sees.
func TestASecondFaceEndsTheTrack(t *testing.T) {
	d := open(t)
	man := photo(t, "face.jpg")
	turned := tilted(man)
	defer turned.Close()
	for name, first := range map[string]gocv.Mat{"upright": man, "tilted": turned} {
		alone, pair, other := gocv.NewMat(), gocv.NewMat(), gocv.NewMat()
		inFrame(first, &alone, 0.6, -60, 60)
		alone.CopyTo(&pair)
		inFrame(man, &other, 0.6, 300, 60)
		from, to := other.Region(image.Rect(300, 60, 640, 348)), pair.Region(image.Rect(300, 60, 640, 348))
		from.CopyTo(&to)
		at := time.Duration(0)
		see := func(m gocv.Mat) biometrics.Quality {
			f := frameOf(m)
			at += fifteenth
			f.At = at
			seen, err := d.Describe(f)
			if err != nil {
				t.Fatal(err)
			}
			return seen.Quality
		}
		for before := range glanceEvery { // frames of the one alone, so that the other comes in at each place of the cadence
			for range 1 + before {
				if q := see(alone); q.Has(biometrics.TwoFaces) || q.Has(biometrics.NoFace) {
					t.Errorf("%s, alone: %v", name, q.Reasons())
				}
			}
			late := 0
			for !see(pair).Has(biometrics.TwoFaces) {
				if late++; late == glanceEvery {
					t.Errorf("%s, after %d frames: no second face in %d", name, before, late)
					break
				}
			}
			at += 2 * time.Second // the second one is gone for long
		}
		for _, m := range []gocv.Mat{alone, pair, other, from, to} {
			m.Close()
		}
		d.stream = stream{}
	}
}

// The eyes are looked at in the first frame of a stream that has a face, and in every third after it; what they were counts in between.
func TestEyesAreLookedAtInEveryThirdFrame(t *testing.T) {
	var s stream
	var due []bool
	for range 7 {
		due = append(due, s.eyesDue())
	}
	if want := []bool{true, false, false, true, false, false, true}; !slices.Equal(due, want) {
		t.Errorf("%v", due)
	}
}
