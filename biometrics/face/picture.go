package face

import (
	"image"
	"runtime"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// picture is a frame as OpenCV sees it: the frame's own pixels, pinned, of which only parts and small copies are ever made. It owns its Mat.
type picture struct {
	frame biometrics.Frame
	pin   runtime.Pinner
	rgba  gocv.Mat
}

func newPicture(f biometrics.Frame) (*picture, error) {
	p := &picture{frame: f}
	p.pin.Pin(&f.Pix[0])
	rgba, err := gocv.NewMatFromBytes(f.Height, f.Width, gocv.MatTypeCV8UC4, f.Pix)
	if err != nil {
		p.pin.Unpin()
		return nil, err
	}
	p.rgba = rgba
	return p, nil
}

// close frees the Mat, which points to the frame's pixels, before the pixels are let go.
func (p *picture) close() {
	p.rgba.Close()
	p.pin.Unpin()
}

func (p *picture) bounds() image.Rectangle { return image.Rect(0, 0, p.frame.Width, p.frame.Height) }

// part is a part of the frame, which must not be empty, in other colours and another size. Colours come first: fewer channels are scaled
// faster. Its caller closes it.
func (p *picture) part(at image.Rectangle, size image.Point, colours gocv.ColorConversionCode) gocv.Mat {
	region := p.rgba.Region(at)
	defer region.Close()
	converted := gocv.NewMat()
	gocv.CvtColor(region, &converted, colours)
	if size == at.Size() {
		return converted
	}
	defer converted.Close()
	how := gocv.InterpolationArea
	if size.X > at.Dx() {
		how = gocv.InterpolationCubic
	}
	scaled := gocv.NewMat()
	gocv.Resize(converted, &scaled, size, 0, 0, how)
	return scaled
}
