package ui

import (
	"fmt"
	"image"
	"strings"
	"sync"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"visavis/chat/trust"
)

const (
	fingerprintLetters = 20
	fingerprintGroup   = 4
	maxScanSide        = 640     // pixels; larger pictures are thinned out first
	maxScanPixels      = 1 << 26 // more is no camera's picture
)

// asFingerprint reads a text that looks like a fingerprint, whatever is between its groups.
func asFingerprint(text string) (trust.Fingerprint, bool) {
	if len(text) > 4*fingerprintLetters {
		return "", false
	}
	letters := fingerprintText(text)
	if len(letters) != fingerprintLetters || len(letters) != len(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(text))) {
		return "", false
	}
	return trust.Fingerprint(grouped(letters)), true
}

// fingerprintText keeps of a text what can be in a fingerprint: small letters and the digits 2 to 7.
func fingerprintText(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '2' && r <= '7' {
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// grouped sets a dash after every four letters.
func grouped(letters string) string {
	var b strings.Builder
	for i, r := range letters {
		if i > 0 && i%fingerprintGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// scanner looks for QR codes in pictures, the newest first, in one goroutine of its own. Pictures that come while it looks at
// one replace each other.
type scanner struct {
	found func(text string) // called in the scanner's goroutine
	slot  chan *image.RGBA  // holds one
	once  sync.Once
	quit  chan struct{}
	done  chan struct{} // closed when the goroutine is gone
}

// newScanner starts one. Whoever starts it calls close, which does not wait: a picture may take a while, and what it holds is shown nowhere.
func newScanner(found func(text string)) *scanner {
	s := &scanner{found: found, slot: make(chan *image.RGBA, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *scanner) close() { s.once.Do(func() { close(s.quit) }) }

// look takes a picture, which must not change afterwards. It never blocks.
func (s *scanner) look(img *image.RGBA) {
	for {
		select {
		case s.slot <- img:
			return
		default:
		}
		select {
		case <-s.slot: // an older one that nobody has begun
		default:
		}
	}
}

func (s *scanner) run() {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			return
		case img := <-s.slot:
			text, err := guarded(readCode, img)
			if err != nil {
				continue
			}
			select {
			case <-s.quit:
				return
			default:
				s.found(text)
			}
		}
	}
}

// guarded makes an error of a panic: the library that reads codes is not ours, and a picture may be anything.
func guarded(read func(*image.RGBA) (string, error), img *image.RGBA) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			text, err = "", fmt.Errorf("read a code: %v", r)
		}
	}()
	return read(img)
}

// readCode reads the QR code in a picture.
func readCode(img *image.RGBA) (string, error) {
	gray, err := thin(img)
	if err != nil {
		return "", err
	}
	bits, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(gozxing.NewLuminanceSourceFromImage(gray)))
	if err != nil {
		return "", fmt.Errorf("read a code: %w", err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_POSSIBLE_FORMATS: []gozxing.BarcodeFormat{gozxing.BarcodeFormat_QR_CODE}}
	found, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil {
		return "", fmt.Errorf("read a code: %w", err)
	}
	return found.GetText(), nil
}

// thin makes a gray picture of bounded size.
func thin(img *image.RGBA) (*image.Gray, error) {
	if img == nil || img.Rect.Empty() || img.Rect.Dx() > maxScanPixels/img.Rect.Dy() || len(img.Pix) < img.PixOffset(img.Rect.Max.X-1, img.Rect.Max.Y-1)+4 {
		return nil, fmt.Errorf("read a code: not a picture")
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	step := (max(w, h) + maxScanSide - 1) / maxScanSide
	out := image.NewGray(image.Rect(0, 0, (w+step-1)/step, (h+step-1)/step))
	for y := range out.Rect.Dy() {
		from := img.Pix[y*step*img.Stride:]
		for x := range out.Rect.Dx() {
			p := from[4*x*step : 4*x*step+3]
			out.Pix[y*out.Stride+x] = uint8((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000)
		}
	}
	return out, nil
}
