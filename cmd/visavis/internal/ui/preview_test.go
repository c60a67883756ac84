package ui

import (
	"image"
	"image/color"
	"testing"

	"visavis/cmd/visavis/internal/flow"
)

// halves is a picture that is red on the left and blue on the right.
func halves(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{255, 0, 0, 255}
			if x >= width/2 {
				c = color.RGBA{0, 0, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func TestPreviewMirrors(t *testing.T) {
	for name, make := range map[string]func(*kit) *preview{"whole": newPreview, "oval": newOvalPreview} {
		w := newWorld(t, screens[0])
		v := make(w.kit)
		w.Frame(halves(640, 480))
		img := v.draw()
		b := img.Bounds()
		if b.Dy() != 480 {
			t.Errorf("%s: %v, want the picture's own height", name, b)
		}
		if r, _, blue, _ := img.At(b.Dx()/4, 240).RGBA(); r != 0 || blue == 0 {
			t.Errorf("%s: what is on the camera's left is not on the mirror's right", name)
		}
		if r, _, _, a := img.At(b.Dx()*3/4, 240).RGBA(); r == 0 || a != 0xFFFF {
			t.Errorf("%s: what is on the camera's right is not on the mirror's left", name)
		}
		_, _, _, corner := img.At(0, 0).RGBA()
		if (corner == 0) != (name == "oval") {
			t.Errorf("%s: its corner has the opacity %d", name, corner)
		}
	}
}

// TestOvalTouchesTheSides holds that the oval is whole: it reaches the middle of each side, and its rows lie in the picture.
func TestOvalTouchesTheSides(t *testing.T) {
	for _, size := range []image.Point{{640, 480}, {1280, 720}, {480, 640}, {64, 48}, {1, 1}} {
		w := newWorld(t, screens[0])
		v := newOvalPreview(w.kit)
		w.Frame(halves(size.X, size.Y))
		img := v.draw()
		b := img.Bounds()
		for _, p := range []image.Point{{b.Dx() / 2, 0}, {b.Dx() / 2, b.Dy() - 1}, {0, b.Dy() / 2}, {b.Dx() - 1, b.Dy() / 2}} {
			if _, _, _, a := img.At(p.X, p.Y).RGBA(); a == 0 {
				t.Errorf("%v: nothing at %v", size, p)
			}
		}
	}
}

// TestNobodyLooks holds that no face is kept that no page shows, and that a page that is left wipes what it showed.
func TestNobodyLooks(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.LogIn))
	w.Frame(halves(64, 48))
	if w.kit.pictures.now != nil || w.kit.pictures.next != nil {
		t.Error("a picture is kept while nobody looks")
	}
	w.Show(desk(flow.Look))
	w.Frame(halves(64, 48))
	v := w.page.(*lookPage).picture
	v.draw()
	w.Show(desk(flow.LogIn))
	for _, b := range v.buffer.Pix {
		if b != 0 {
			t.Fatal("the page that was left still holds a picture")
		}
	}
	if w.kit.pictures.now != nil || len(w.kit.pictures.views) != 0 {
		t.Error("the newest picture outlives its page")
	}
}

// TestPicturesAreTold holds that whoever drives the window hears of pictures though no state comes with them.
func TestPicturesAreTold(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.Look))
	before := len(w.shown)
	for range 60 {
		w.Frame(halves(64, 48))
	}
	if told := len(w.shown) - before; told != 3 {
		t.Fatalf("60 pictures were told of %d times, want at the first, 26th and 51st", told)
	}
	if last := w.shown[len(w.shown)-1].Frames; last != 51 {
		t.Errorf("Frames is %d, want 51", last)
	}
}

func BenchmarkOvalPreview(b *testing.B) {
	p := newPictures(func(f func()) { f() })
	v := startPreview(&kit{pictures: p}, true)
	imgs := []*image.RGBA{halves(640, 480), halves(640, 480)}
	for i := range b.N {
		p.now = imgs[i%2]
		v.draw()
	}
}
