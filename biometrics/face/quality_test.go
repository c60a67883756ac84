package face

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

var black = color.RGBA{A: 255}

func TestPlace(t *testing.T) {
	for name, tc := range map[string]struct {
		box  biometrics.Box
		want []biometrics.Reason
	}{
		"good":                {biometrics.Box{X: 230, Y: 150, W: 180, H: 180}, nil},
		"smallest":            {biometrics.Box{X: 280, Y: 200, W: 70, H: 70}, nil},
		"far":                 {biometrics.Box{X: 280, Y: 200, W: 69, H: 69}, []biometrics.Reason{biometrics.TooFar}},
		"close":               {biometrics.Box{X: 140, Y: 60, W: 360, H: 360}, []biometrics.Reason{biometrics.TooClose}},
		"close, over an edge": {biometrics.Box{X: 140, Y: -20, W: 360, H: 360}, []biometrics.Reason{biometrics.TooClose}},
		"left":                {biometrics.Box{X: 5, Y: 150, W: 180, H: 180}, []biometrics.Reason{biometrics.OffCentre}},
		"cut off below":       {biometrics.Box{X: 230, Y: 310, W: 180, H: 180}, []biometrics.Reason{biometrics.OffCentre}},
		"far in a corner":     {biometrics.Box{X: 0, Y: 0, W: 60, H: 60}, []biometrics.Reason{biometrics.TooFar, biometrics.OffCentre}},
	} {
		if got := placeOf(tc.box, float64(tc.box.W)/boxEyes, 640, 480).Reasons(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// Each thing that can be wrong with a frame is made wrong on a real photograph, and is the first that is told.
func TestReasons(t *testing.T) {
	d := open(t)
	man := photo(t, "face.jpg") // 640 × 480, face 230 wide
	for name, tc := range map[string]struct {
		make func(dst *gocv.Mat)
		want biometrics.Reason
	}{
		"dark":      {func(dst *gocv.Mat) { man.ConvertToWithParams(dst, gocv.MatTypeCV8UC3, 0.3, 0) }, biometrics.TooDark},
		"bright":    {func(dst *gocv.Mat) { man.ConvertToWithParams(dst, gocv.MatTypeCV8UC3, 1.6, 90) }, biometrics.TooBright},
		"blurred":   {func(dst *gocv.Mat) { gocv.GaussianBlur(man, dst, image.Pt(0, 0), 5, 5, gocv.BorderDefault) }, biometrics.Blurred},
		"far":       {func(dst *gocv.Mat) { inFrame(man, dst, 0.36, 220, 140) }, biometrics.TooFar},
		"off":       {func(dst *gocv.Mat) { inFrame(man, dst, 0.6, -130, 100) }, biometrics.OffCentre},
		"close":     {func(dst *gocv.Mat) { inFrame(man, dst, 2, -380, -340) }, biometrics.TooClose},
		"two":       {func(dst *gocv.Mat) { twice(man, dst) }, biometrics.TwoFaces},
		"nobody":    {func(dst *gocv.Mat) { gocv.Flip(man, dst, 0) }, biometrics.NoFace},
		"backlit":   {func(dst *gocv.Mat) { backlit(man, dst) }, biometrics.Backlit},
		"tilted":    {func(dst *gocv.Mat) { turned := tilted(man); turned.CopyTo(dst); turned.Close() }, biometrics.Turned},
		"all black": {func(dst *gocv.Mat) { man.ConvertToWithParams(dst, gocv.MatTypeCV8UC3, 0, 0) }, biometrics.TooDark},
	} {
		t.Run(name, func(t *testing.T) {
			m := gocv.NewMat()
			defer m.Close()
			tc.make(&m)
			f := describe(t, d, m)
			if got := f.Quality.Reasons(); len(got) == 0 || got[0] != tc.want {
				t.Errorf("%v (box %v), want %v", got, f.Box, tc.want)
			}
			blank := f.Box == (biometrics.Box{}) && f.Descriptor == (biometrics.Descriptor{}) && f.Skin == (biometrics.Tone{})
			if blank != (f.Quality.Has(biometrics.NoFace) || f.Quality.Has(biometrics.TwoFaces)) {
				t.Errorf("%v, box %v", f.Quality.Reasons(), f.Box)
			}
			if name == "all black" && !f.Quality.Has(biometrics.NoFace) {
				t.Error("somebody in a black frame")
			}
		})
	}
}

// backlit is the man dimmed, before a bright wall.
func backlit(src gocv.Mat, dst *gocv.Mat) {
	src.ConvertToWithParams(dst, gocv.MatTypeCV8UC3, 0.38, 0)
	for _, wall := range []image.Rectangle{image.Rect(0, 0, 200, 480), image.Rect(500, 0, 640, 480), image.Rect(0, 0, 640, 90)} {
		gocv.Rectangle(dst, wall, color.RGBA{240, 240, 240, 255}, -1)
	}
}

// inFrame puts a picture, scaled, at a place of a grey frame of its own size; what sticks out is cut off.
func inFrame(src gocv.Mat, dst *gocv.Mat, scale float64, x, y int) {
	small := gocv.NewMat()
	defer small.Close()
	gocv.Resize(src, &small, image.Point{}, scale, scale, gocv.InterpolationArea)
	frame := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(120, 120, 120, 0), src.Rows(), src.Cols(), gocv.MatTypeCV8UC3)
	defer frame.Close()
	at := image.Rect(x, y, x+small.Cols(), y+small.Rows()).Intersect(image.Rect(0, 0, frame.Cols(), frame.Rows()))
	from, to := small.Region(at.Sub(image.Pt(x, y))), frame.Region(at)
	defer from.Close()
	defer to.Close()
	from.CopyTo(&to)
	frame.CopyTo(dst)
}

// twice puts two faces side by side.
func twice(src gocv.Mat, dst *gocv.Mat) {
	middle := src.Region(image.Rect(190, 100, 510, 480))
	defer middle.Close()
	gocv.Hconcat(middle, middle, dst)
}

// The cascade takes other things for faces; what dlib does not confirm is no second person.
func TestCascadeAloneMakesNoSecondFace(t *testing.T) {
	d := open(t)
	m := photo(t, "face.jpg")
	f := frameOf(m)
	p, err := newPicture(f)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	hits := []image.Rectangle{image.Rect(20, 20, 160, 160), image.Rect(450, 250, 620, 420), image.Rect(250, 200, 450, 400)}
	seen, err := d.confirm(p, hits, nil)
	if err != nil || len(seen) != 1 {
		t.Errorf("%d faces, %v", len(seen), err)
	}
}

func TestMergeKnowsOneFaceSeenTwice(t *testing.T) {
	at := func(x, y, w float32) biometrics.Face {
		return biometrics.Face{Box: biometrics.Box{X: x, Y: y, W: w, H: w}}
	}
	for name, tc := range map[string]struct {
		a, b biometrics.Face
		want int
	}{
		"same": {at(10, 10, 100), at(14, 8, 104), 1}, "inside": {at(10, 10, 200), at(60, 60, 90), 1},
		"beside": {at(10, 10, 100), at(120, 10, 100), 2}, "touching": {at(10, 10, 100), at(95, 10, 100), 2},
	} {
		if got := merge([]biometrics.Face{tc.a}, []biometrics.Face{tc.b}); len(got) != tc.want {
			t.Errorf("%s: %d faces", name, len(got))
		}
	}
}
