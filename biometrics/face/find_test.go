package face

import (
	"image"
	"testing"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// Tiles cover a frame, none is longer than dlib is shown, and neighbours share what a face may be wide.
func TestTilesCoverTheFrame(t *testing.T) {
	for _, size := range [][2]int{{1280, 720}, {1281, 640}, {1920, 1080}, {641, 10}, {720, 1280}, {640, 480}, {4000, 3000}} {
		whole := image.Rect(0, 0, size[0], size[1])
		scale := min(1, float64(tilesSide)/float64(max(size[0], size[1])))
		tiles := tilesOf(whole, scale)
		side := int(float64(tilesShared) / scale)
		for y := 0; y+side <= size[1]; y += 37 {
			for x := 0; x+side <= size[0]; x += 37 {
				face, in := image.Rect(x, y, x+side, y+side), false
				for _, tile := range tiles {
					in = in || face.In(tile)
				}
				if !in {
					t.Fatalf("%v: a face at %v lies in no tile of %v", size, face, tiles)
				}
			}
		}
		for _, tile := range tiles {
			if tile.Empty() || !tile.In(whole) || float64(max(tile.Dx(), tile.Dy()))*scale > frameSide+1 {
				t.Errorf("%v: tile %v", size, tile)
			}
		}
	}
}

// A face too small for the cascade, and for dlib in a frame made as narrow as it is shown, is found in a picture file all the same.
func TestSmallFacesAreFoundInTiles(t *testing.T) {
	d := open(t)
	wide := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(120, 120, 120, 0), 720, 1280, gocv.MatTypeCV8UC3)
	defer wide.Close()
	small := gocv.NewMat()
	defer small.Close()
	gocv.Resize(photo(t, "face.jpg"), &small, image.Point{}, 0.5, 0.5, gocv.InterpolationArea) // a face 90 pixels wide
	at := wide.Region(image.Rect(900, 400, 900+small.Cols(), 400+small.Rows()))
	defer at.Close()
	small.CopyTo(&at)
	p, err := newPicture(frameOf(wide))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for tiles, want := range map[bool]int{true: 1, false: 0} {
		found, err := d.search(p, tiles)
		if err != nil || len(found) != want {
			t.Errorf("tiles %v: %d faces, %v", tiles, len(found), err)
		}
	}
	if got := describe(t, d, wide); got.Quality.Has(biometrics.NoFace) || got.Box.X < 900 {
		t.Errorf("%v at %v", got.Quality.Reasons(), got.Box)
	}
}

// The cascade's square leads to dlib's.
func TestExpectedIsWhereDlibLooks(t *testing.T) {
	got := expected(image.Rect(40, 30, 63, 53), 0.25) // 92 pixels of the frame
	if want := image.Rect(166, 134, 246, 214); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// Somebody far behind a person is an onlooker before a camera, and nobody on a photograph.
func TestSomebodyFarBehind(t *testing.T) {
	d := open(t)
	man := photo(t, "face.jpg")
	scene, small := gocv.NewMat(), gocv.NewMat()
	defer scene.Close()
	defer small.Close()
	inFrame(man, &scene, 0.75, -80, 60)
	gocv.Resize(man, &small, image.Point{}, 0.5, 0.5, gocv.InterpolationArea) // a face 90 pixels wide
	head := small.Region(image.Rect(100, 40, 320, 240))
	defer head.Close()
	at := scene.Region(image.Rect(420, 200, 640, 400))
	defer at.Close()
	head.CopyTo(&at)
	f := frameOf(scene)
	for name, tc := range map[string]struct {
		plan plan
		want int
	}{
		"before a camera": {plan{glance: true}, 2}, "on a photograph": {plan{picture: true, glance: true}, 1},
	} {
		p, err := newPicture(f)
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := d.find(p, tc.plan)
		if err != nil || len(found) != tc.want {
			t.Errorf("%s: %d faces, %v", name, len(found), err)
		}
		p.close()
	}
}
