package ui

import (
	"image"
	"image/color"
	"testing"

	"go.uber.org/goleak"

	"visavis/chat/trust"
)

// codePicture is a camera's picture with a QR code in its middle, scale pixels a module.
func codePicture(t *testing.T, text string, scale, width, height int) *image.RGBA {
	t.Helper()
	code, err := drawCode(text)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	size := code.Rect.Dx() * scale
	for y := range height {
		for x := range width {
			v := uint8(200)
			if u, w := x-(width-size)/2, y-(height-size)/2; u >= 0 && w >= 0 && u < size && w < size {
				v = code.GrayAt(u/scale, w/scale).Y
			}
			img.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	return img
}

func TestAsFingerprint(t *testing.T) {
	for text, want := range map[string]trust.Fingerprint{
		print4: print4, letters: print4, "ABCD EFGH IJ23 4567 KLMN": print4, " " + print4 + "\n": print4,
		"": "", print4 + "a": "", print4[:23]: "", "abcd-efgh-ij23-4567-kl01": "", "https://example.org/" + letters: "", "x" + letters + "\x00": "",
		"abcd\u202eefgh-ij23-4567-klmn": "",
	} {
		if got, ok := asFingerprint(text); got != want || ok != (want != "") {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestReadCode(t *testing.T) {
	for name, img := range map[string]*image.RGBA{
		"small": codePicture(t, print4, 4, 320, 240), "usual": codePicture(t, print4, 8, 640, 480), "large": codePicture(t, print4, 24, 1920, 1080),
	} {
		if got, err := readCode(img); err != nil || got != print4 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A picture may be anything: none of these ends the program or reads out of its bounds.
func TestReadCodeOfRubbish(t *testing.T) {
	noise := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i, seed := 0, uint32(1); i < len(noise.Pix); i++ {
		seed = seed*1664525 + 1013904223
		noise.Pix[i] = uint8(seed >> 24)
	}
	cut := codePicture(t, print4, 4, 320, 240)
	cut.Pix = cut.Pix[:len(cut.Pix)/2]
	for name, img := range map[string]*image.RGBA{
		"none": nil, "empty": {}, "one pixel": image.NewRGBA(image.Rect(0, 0, 1, 1)), "a line": image.NewRGBA(image.Rect(0, 0, 640, 1)),
		"noise": noise, "cut off": cut, "liar": {Stride: 4, Rect: image.Rect(0, 0, 1<<30, 1<<30)},
	} {
		if got, err := readCode(img); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A panic in the library ends neither the scanner nor the program.
func TestScanGuards(t *testing.T) {
	text, err := guarded(func(*image.RGBA) (string, error) { panic("index out of range") }, nil)
	if text != "" || err == nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestScannerTakesTheNewestAndEnds(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	found := make(chan string, 1)
	s := newScanner(func(text string) {
		if text == print4 {
			found <- text
		}
	})
	for range 50 {
		s.look(image.NewRGBA(image.Rect(0, 0, 640, 480)))
	}
	s.look(codePicture(t, "https://example.org/not-a-fingerprint", 4, 320, 240))
	s.look(codePicture(t, print4, 4, 320, 240))
	if f := <-found; f != print4 {
		t.Errorf("found %q", f)
	}
	s.close()
	s.close()
	<-s.done
	s.look(codePicture(t, print4, 4, 320, 240)) // nobody takes it, nothing blocks
	s.look(codePicture(t, print4, 4, 320, 240))
}
