package face

import (
	"image"
	"runtime"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

const (
	smallPart = 4 // the small picture's sides are this part of the frame's,
	smallMin  = 160
	smallMax  = 213 // but its longer one, in pixels, lies within these, and no picture is blown up
)

// picture is a frame as OpenCV sees it: the frame's own pixels, pinned, of which only small pictures and parts are ever converted. It owns its Mats.
type picture struct {
	frame biometrics.Frame
	pin   runtime.Pinner
	rgba  gocv.Mat
	small gocv.Mat // the whole of it, RGBA
	scale float64  // small picture's pixels a frame's pixel
}

func newPicture(f biometrics.Frame) (*picture, error) {
	p := &picture{frame: f}
	p.pin.Pin(&f.Pix[0])
	rgba, err := gocv.NewMatFromBytes(f.Height, f.Width, gocv.MatTypeCV8UC4, f.Pix)
	if err != nil {
		p.pin.Unpin()
		return nil, err
	}
	p.rgba, p.small = rgba, gocv.NewMat()
	long := float64(max(f.Width, f.Height))
	p.scale = min(1, min(max(long/smallPart, smallMin), smallMax)/long)
	size := image.Pt(max(1, int(float64(f.Width)*p.scale)), max(1, int(float64(f.Height)*p.scale)))
	gocv.Resize(p.rgba, &p.small, size, 0, 0, gocv.InterpolationArea)
	return p, nil
}

// close frees the Mats, which point to the frame's pixels, before the pixels are let go.
func (p *picture) close() {
	p.small.Close()
	p.rgba.Close()
	p.pin.Unpin()
}

func (p *picture) bounds() image.Rectangle { return image.Rect(0, 0, p.frame.Width, p.frame.Height) }

// grey is a part of the frame, which must not be empty, as a grey picture of a size. Its caller closes it.
func (p *picture) grey(part image.Rectangle, size image.Point) gocv.Mat {
	scaled := p.scaled(part, size)
	defer scaled.Close()
	grey := gocv.NewMat()
	gocv.CvtColor(scaled, &grey, gocv.ColorRGBAToGray)
	return grey
}

// scaled is a part of the frame, which must not be empty, in RGBA and another size. Its caller closes it.
func (p *picture) scaled(part image.Rectangle, size image.Point) gocv.Mat {
	region := p.rgba.Region(part)
	defer region.Close()
	scaled := gocv.NewMat()
	how := gocv.InterpolationArea
	if size.X > part.Dx() {
		how = gocv.InterpolationCubic
	}
	gocv.Resize(region, &scaled, size, 0, 0, how)
	return scaled
}
