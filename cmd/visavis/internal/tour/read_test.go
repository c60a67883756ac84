package main

import (
	"image"
	"image/draw"
	"image/png"
	"os"
	"testing"

	"visavis/chat/e2e"
	"visavis/chat/trust"
)

// photographed is a photograph in testdata, with white about it where a page has more.
func photographed(t *testing.T, name string, at image.Point) *image.RGBA {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	page := image.NewRGBA(image.Rect(0, 0, 1280, 800))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(page, m.Bounds().Add(at), m, m.Bounds().Min, draw.Src)
	return page
}

// What is read off a photograph of the window is what stood there: the phrase's checksum says so.
func TestReadPhrase(t *testing.T) {
	for _, at := range []image.Point{{664, 310}, {701, 133}} {
		groups, err := readPhrase(photographed(t, "phrase.png", at))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"6r4d", "r5wk", "277l", "ylmo", "4ruf", "rvi7", "zbbq", "y5dm"}
		for i, g := range groups {
			if g != want[i] {
				t.Errorf("group %d is read as %q, and is %q", i+1, g, want[i])
			}
		}
		if _, err := e2e.ParsePhrase(groups[0] + groups[1] + groups[2] + groups[3] + groups[4] + groups[5] + groups[6] + groups[7]); err != nil {
			t.Error(err)
		}
	}
	if groups, err := readPhrase(image.NewRGBA(image.Rect(0, 0, 1280, 800))); err == nil {
		t.Errorf("read off nothing: %v", groups)
	}
}

func TestReadCode(t *testing.T) {
	code, err := readCode(photographed(t, "code.png", image.Pt(330, 200)))
	if err != nil || code != "w2vt-4c26-nup6" {
		t.Errorf("read as %q, %v", code, err)
	}
	if _, err := trust.ParseCode(code); err != nil {
		t.Error(err)
	}
	if code, err := readCode(image.NewRGBA(image.Rect(0, 0, 1280, 800))); err == nil {
		t.Errorf("read off nothing: %v", code)
	}
}
