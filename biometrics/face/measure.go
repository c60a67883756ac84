package face

import (
	"errors"
	"fmt"
	"image"
	"math"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/face/figures"
)

const (
	wholeEvery = 5 // frames of a stream: go-face sees one of so many
	warmUp     = 2 // rounds that do not count
)

// Clocks are what is measured by: the time that passes, and the processor's that the process uses, which a busy machine does not spoil as much.
type Clocks struct{ Wall, CPU func() time.Duration }

func (c Clocks) took(f func() error) (figures.Time, error) {
	wall, cpu := c.Wall(), c.CPU()
	err := f()
	return figures.Time{Wall: millis(c.Wall() - wall), CPU: millis(c.CPU() - cpu)}, err
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// MeasurePicture times the describer on a picture, which it takes for a file, in turn with go-face on the whole of it.
func (d *Describer) MeasurePicture(f biometrics.Frame, rounds int, t Clocks) (figures.Row, error) {
	f.At = 0
	row := figures.Row{Width: f.Width, Height: f.Height}
	for i := range rounds {
		whole, n, err := d.measureWhole(f, t)
		if err != nil {
			return figures.Row{}, err
		}
		var seen biometrics.Face
		ours, err := t.took(func() (err error) { seen, err = d.Describe(f); return err })
		if err != nil {
			return figures.Row{}, err
		}
		row.WholeFaces, row.Faces = n, facesIn(seen)
		row.Whole, row.Ours = append(row.Whole, whole), append(row.Ours, ours)
		if i == rounds-1 && row.Faces == 1 {
			if err := d.measureWays(f, seen, &row, t); err != nil {
				return figures.Row{}, err
			}
		}
	}
	return row, nil
}

// facesIn counts the faces that a description tells: 2 for more than one.
func facesIn(f biometrics.Face) int {
	switch {
	case f.Quality.Has(biometrics.NoFace):
		return 0
	case f.Quality.Has(biometrics.TwoFaces):
		return 2
	}
	return 1
}

// measureWhole times go-face on the whole of a frame. Its JPEG is made beforehand: that is go-face's price too, but not dlib's.
func (d *Describer) measureWhole(f biometrics.Frame, t Clocks) (took figures.Time, faces int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := newPicture(f)
	if err != nil {
		return figures.Time{}, 0, err
	}
	defer p.close()
	jpeg, err := p.encode(p.bounds(), image.Pt(f.Width, f.Height))
	if err != nil {
		return figures.Time{}, 0, err
	}
	defer jpeg.Close()
	took, err = t.took(func() error {
		seen, err := d.dlib.Recognize(jpeg.GetBytes())
		faces = len(seen)
		return err
	})
	return took, faces, err
}

// measureWays times what judges a face's quality, and compares the descriptors of one face that was found in different ways.
func (d *Describer) measureWays(f biometrics.Frame, seen biometrics.Face, row *figures.Row, t Clocks) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, err := newPicture(f)
	if err != nil {
		return err
	}
	defer p.close()
	again := seen
	judging, _ := t.took(func() error { d.judge(p, &again); return nil })
	row.Judging = append(row.Judging, judging)
	followed, err := d.follow(p, boxRect(seen.Box))
	if err != nil {
		return err
	}
	searched, err := d.search(p, false)
	if err != nil {
		return err
	}
	if len(followed) == 1 {
		row.FollowedApart = apartOf(seen.Descriptor, followed[0].Descriptor)
	}
	if len(searched) == 1 {
		row.SearchedApart = apartOf(seen.Descriptor, searched[0].Descriptor)
	}
	return nil
}

// apartOf is the distance of two descriptors scaled to unit length.
func apartOf(a, b biometrics.Descriptor) float64 {
	var aa, bb, ab float64
	for i := range a {
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
		ab += float64(a[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return math.Sqrt(max(0, 2-2*ab/math.Sqrt(aa*bb)))
}

var errNothingToMeasure = errors.New("nothing to measure")

// MeasureStream times the describer on frames that follow each other, rate a second, beginning as a camera does that was just opened.
func (d *Describer) MeasureStream(frames []biometrics.Frame, rate int, t Clocks) (figures.Row, error) {
	if len(frames) == 0 || rate <= 0 {
		return figures.Row{}, fmt.Errorf("measure: %w", errNothingToMeasure)
	}
	d.mu.Lock()
	d.stream = stream{}
	d.mu.Unlock()
	row := figures.Row{Stream: true, Width: frames[0].Width, Height: frames[0].Height}
	for i, f := range frames {
		f.At = time.Duration(i+1) * time.Second / time.Duration(rate)
		var seen biometrics.Face
		ours, err := t.took(func() (err error) { seen, err = d.Describe(f); return err })
		if err != nil {
			return figures.Row{}, err
		}
		row.Ours = append(row.Ours, ours)
		if facesIn(seen) == 1 {
			row.Faces++
		}
		if i%wholeEvery > 0 {
			continue
		}
		whole, n, err := d.measureWhole(f, t)
		if err != nil {
			return figures.Row{}, err
		}
		row.Whole = append(row.Whole, whole)
		row.WholeFaces = max(row.WholeFaces, n)
	}
	return row, nil
}
