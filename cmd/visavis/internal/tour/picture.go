package main

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
)

// goldenWidth is how wide a golden picture is: what is compared is layout, words and colours, not how a machine smooths a letter.
const goldenWidth = 640

// shrink makes a picture width wide, each pixel the mean of those that it stands for.
func shrink(m image.Image, width int) *image.RGBA {
	from := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(from, from.Rect, m, m.Bounds().Min, draw.Src)
	if width >= from.Rect.Dx() {
		return from
	}
	height := max(1, from.Rect.Dy()*width/from.Rect.Dx())
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		y0, y1 := y*from.Rect.Dy()/height, (y+1)*from.Rect.Dy()/height
		for x := range width {
			x0, x1 := x*from.Rect.Dx()/width, (x+1)*from.Rect.Dx()/width
			to.SetRGBA(x, y, mean(from, image.Rect(x0, y0, x1, y1)))
		}
	}
	return to
}

// mean is the mean colour of a part.
func mean(m *image.RGBA, part image.Rectangle) color.RGBA {
	part = part.Intersect(m.Rect)
	var sum [3]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			i := m.PixOffset(x, y)
			for c := range sum {
				sum[c] += int(m.Pix[i+c])
			}
		}
	}
	n := max(1, part.Dx()*part.Dy())
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}

// soften blurs by a pixel all around, so that an edge that lies half a pixel elsewhere is no difference.
func soften(m *image.RGBA) *image.RGBA {
	to := image.NewRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			to.SetRGBA(x, y, mean(m, image.Rect(x-1, y-1, x+2, y+2)))
		}
	}
	return to
}

// part is a rectangle of a picture, in thousandths of its width and height.
type part struct{ x0, y0, x1, y1 int }

func (p part) in(size image.Point) image.Rectangle {
	return image.Rect(p.x0*size.X/1000, p.y0*size.Y/1000, p.x1*size.X/1000, p.y1*size.Y/1000)
}

// Tolerances of compare, on softened pictures. A blinking cursor and another rasteriser stay below; a word that changed does not.
const (
	levelsApart = 28     // of a channel, from which on a pixel differs
	mostApart   = 0.0005 // of all pixels
	mostMean    = 1.0    // levels
)

// errPicture says that a picture is not as it should be.
var errPicture = errors.New("the picture is another one")

// difference is how far two pictures are from each other.
type difference struct {
	mean  float64         // levels a channel
	share float64         // of pixels that differ
	where image.Rectangle // about all that do, in the picture's pixels
	shown *image.RGBA     // both, and what differs in red
}

func (d difference) close() bool { return d.share <= mostApart && d.mean <= mostMean }

// compare compares two pictures of one size outside of the masks.
func compare(got, want *image.RGBA, masks ...part) (difference, error) {
	if got.Rect != want.Rect {
		return difference{}, fmt.Errorf("%w: %v pixels, and was %v", errPicture, got.Rect.Size(), want.Rect.Size())
	}
	got, want = masked(got, masks), masked(want, masks)
	a, b := soften(got), soften(want)
	d := difference{shown: image.NewRGBA(image.Rect(0, 0, 3*got.Rect.Dx(), got.Rect.Dy()))}
	draw.Draw(d.shown, got.Rect, want, image.Point{}, draw.Src)
	draw.Draw(d.shown, got.Rect.Add(image.Pt(got.Rect.Dx(), 0)), got, image.Point{}, draw.Src)
	sum, differ := 0, 0
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			i, most := got.PixOffset(x, y), 0
			for c := range 3 {
				apart := int(a.Pix[i+c]) - int(b.Pix[i+c])
				apart = max(apart, -apart)
				sum, most = sum+apart, max(most, apart)
			}
			grey := uint8(128 + int(a.Pix[i+1])/2)
			mark := color.RGBA{grey, grey, grey, 255}
			if most >= levelsApart {
				differ++
				d.where = d.where.Union(image.Rect(x, y, x+1, y+1))
				mark = color.RGBA{R: 220, A: 255}
			}
			d.shown.SetRGBA(2*got.Rect.Dx()+x, y, mark)
		}
	}
	pixels := float64(max(1, got.Rect.Dx()*got.Rect.Dy()))
	d.mean, d.share = float64(sum)/(3*pixels), float64(differ)/pixels
	return d, nil
}

// masked paints over what may differ.
func masked(m *image.RGBA, masks []part) *image.RGBA {
	to := image.NewRGBA(m.Rect)
	draw.Draw(to, to.Rect, m, m.Rect.Min, draw.Src)
	for _, p := range masks {
		draw.Draw(to, p.in(m.Rect.Size()), image.NewUniform(color.RGBA{128, 128, 128, 255}), image.Point{}, draw.Src)
	}
	return to
}

// golden holds a photograph to the golden picture of its name. With update it becomes that picture.
func golden(photo image.Image, path, diff string, update bool, masks ...part) error {
	got := masked(shrink(photo, goldenWidth), masks)
	if update {
		return savePNG(path, got, png.BestCompression)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: `make ui UPDATE=1` makes it, then look at it", err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	d, err := compare(got, shrink(m, goldenWidth), masks...)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if d.close() {
		return nil
	}
	if err := savePNG(diff, d.shown, png.BestSpeed); err != nil {
		return err
	}
	return fmt.Errorf("%w: %.2f%% of the pixels differ from %s (at most %.2f%%), %.2f levels in the mean, within %v of its pixels: look at %s",
		errPicture, 100*d.share, path, 100*mostApart, d.mean, d.where, diff)
}
