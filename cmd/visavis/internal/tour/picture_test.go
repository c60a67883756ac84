package main

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// page is a picture with a heading, a button, and a line of words that begins at x, y.
func page(x, y int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, 1280, 800))
	draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{247, 244, 238, 255}), image.Point{}, draw.Src)
	box := func(r image.Rectangle, c color.RGBA) { draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src) }
	box(image.Rect(100, 80, 500, 120), color.RGBA{28, 36, 48, 255})
	box(image.Rect(700, 600, 900, 640), color.RGBA{11, 110, 105, 255})
	for i := range 30 {
		box(image.Rect(x+12*i, y, x+12*i+6, y+14), color.RGBA{28, 36, 48, 255})
	}
	return m
}

func TestCompare(t *testing.T) {
	want := page(100, 300)
	cursor := page(100, 300)
	draw.Draw(cursor, image.Rect(600, 400, 602, 420), image.Black, image.Point{}, draw.Src)
	smoothed := soften(page(100, 300))
	dark := page(100, 300)
	for i := range dark.Pix {
		dark.Pix[i] -= dark.Pix[i] / 40
	}
	hidden := page(100, 300)
	draw.Draw(hidden, image.Rect(0, 280, 1280, 330), image.Black, image.Point{}, draw.Src)
	word := page(100, 300)
	draw.Draw(word, image.Rect(700, 300, 740, 314), image.Black, image.Point{}, draw.Src)
	for _, tt := range []struct {
		name  string
		got   *image.RGBA
		masks []part
		close bool
	}{
		{"the same", page(100, 300), nil, true},
		{"a blinking cursor", cursor, nil, true},
		{"another rasteriser", smoothed, nil, true},
		{"a short word more", word, nil, false},
		{"words a row lower", page(100, 320), nil, false},
		{"words that are not there", page(100, 900), nil, false},
		{"all a little darker", dark, nil, false},
		{"a bar over the words", hidden, nil, false},
		{"a bar over the words, masked", hidden, []part{{0, 340, 1000, 420}}, true},
		{"a bar over the words, masked elsewhere", hidden, []part{{0, 500, 1000, 600}}, false},
	} {
		d, err := compare(shrink(tt.got, goldenWidth), shrink(want, goldenWidth), tt.masks...)
		if err != nil || d.close() != tt.close {
			t.Errorf("%s: %.4f of the pixels, %.2f levels, %v", tt.name, d.share, d.mean, err)
		}
	}
	if _, err := compare(image.NewRGBA(image.Rect(0, 0, 2, 2)), image.NewRGBA(image.Rect(0, 0, 2, 3))); !errors.Is(err, errPicture) {
		t.Errorf("two sizes: %v", err)
	}
}

func TestGolden(t *testing.T) {
	dir := t.TempDir()
	path, diff := filepath.Join(dir, "golden", "page.png"), filepath.Join(dir, "differs.png")
	if err := golden(page(100, 300), path, diff, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no golden picture: %v", err)
	}
	if err := golden(page(100, 300), path, diff, true); err != nil {
		t.Fatal(err)
	}
	if err := golden(page(100, 300), path, diff, false); err != nil {
		t.Errorf("the same: %v", err)
	}
	if _, err := os.Stat(diff); err == nil {
		t.Error("a picture of no difference")
	}
	if err := golden(page(300, 300), path, diff, false); !errors.Is(err, errPicture) {
		t.Errorf("another: %v", err)
	}
	if _, err := os.Stat(diff); err != nil {
		t.Errorf("the difference is not shown: %v", err)
	}
}
