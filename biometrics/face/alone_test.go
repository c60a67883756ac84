package face

import (
	"errors"
	"image"
	"testing"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// Of several persons of one size, in whom the cascade sees one, nobody can say whom a photograph is meant to show.
func TestAGroupIsNobody(t *testing.T) {
	d := open(t)
	for name, one := range map[string]bool{
		"face.jpg": true, "face-detect.jpg": true, "sample1.jpg": false, "sample4.jpg": false, "sample6.jpg": false,
	} {
		got, err := d.DescribeAlone(frameOf(photo(t, name)))
		if err != nil || got.Quality.Has(biometrics.NoFace) || got.Quality.Has(biometrics.TwoFaces) == one {
			t.Errorf("%s: %v, %v", name, got.Quality.Reasons(), err)
		}
		if !one && (got.Descriptor != biometrics.Descriptor{} || got.Box != biometrics.Box{}) {
			t.Errorf("%s: one of the group is described", name)
		}
	}
}

// Who stands beside a person counts when he is at least alikeMin as wide.
func TestWhoIsAlikeInSize(t *testing.T) {
	d := open(t)
	man := photo(t, "face.jpg")
	for size, want := range map[float64]bool{0.5: false, 0.85: true} {
		scene, other := gocv.NewMat(), gocv.NewMat()
		inFrame(man, &scene, 0.75, -80, 60)
		gocv.Resize(man, &other, image.Point{}, 0.75*size, 0.75*size, gocv.InterpolationArea)
		wide := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(120, 120, 120, 0), scene.Rows(), scene.Cols()+other.Cols(), gocv.MatTypeCV8UC3)
		for at, part := range map[image.Point]gocv.Mat{{}: scene, {X: scene.Cols()}: other} {
			region := wide.Region(image.Rectangle{at, at.Add(image.Pt(part.Cols(), part.Rows()))})
			part.CopyTo(&region)
			region.Close()
		}
		face := describe(t, d, scene)
		if face.Box.W == 0 {
			t.Fatal(face.Quality.Reasons())
		}
		if got, err := d.alike(frameOf(wide), face); err != nil || got != want {
			t.Errorf("a face %v as large beside a face: %v, %v", size, got, err)
		}
		for _, m := range []*gocv.Mat{&scene, &other, &wide} {
			m.Close()
		}
	}
}

func TestAloneAfterClose(t *testing.T) {
	d := open(t)
	f := frameOf(photo(t, "face.jpg"))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.alike(f, biometrics.Face{Box: biometrics.Box{W: 100}}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
