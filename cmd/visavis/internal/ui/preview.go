package ui

import (
	"image"
	"math"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// pictures holds the camera's newest picture and refreshes who shows it. At most one refresh waits for the UI goroutine.
type pictures struct {
	do     func(func())
	onTurn func() // told after a picture was handed to the views, with the count already raised

	mu      sync.Mutex
	next    *image.RGBA
	pending bool
	running bool

	now   *image.RGBA // on screen; this and the rest belong to the UI goroutine
	count uint64
	views map[*preview]bool
	eyes  map[int]func(*image.RGBA) // who else looks at every picture
	last  int
}

func newPictures(do func(func())) *pictures {
	return &pictures{do: do, onTurn: func() {}, views: make(map[*preview]bool), eyes: make(map[int]func(*image.RGBA))}
}

func (p *pictures) start() {
	p.mu.Lock()
	p.running = true
	p.mu.Unlock()
}

func (p *pictures) stop() {
	p.mu.Lock()
	p.running, p.next = false, nil
	p.mu.Unlock()
}

func (p *pictures) add(img *image.RGBA) {
	p.mu.Lock()
	p.next = img
	ask := p.running && !p.pending
	p.pending = p.pending || ask
	p.mu.Unlock()
	if ask {
		p.do(p.paint)
	}
}

func (p *pictures) paint() {
	p.mu.Lock()
	next := p.next
	p.next, p.pending = nil, false
	p.mu.Unlock()
	if len(p.views)+len(p.eyes) == 0 || next == nil {
		return // nobody looks: no face is kept
	}
	p.now = next
	p.count++
	for v := range p.views {
		v.raster.Refresh()
	}
	for _, f := range p.eyes {
		f(next)
	}
	p.onTurn()
}

// watch calls f on the UI goroutine with every new picture, until stop. A picture must not be written to.
func (p *pictures) watch(f func(*image.RGBA)) (stop func()) {
	p.last++
	id := p.last
	p.eyes[id] = f
	return func() { delete(p.eyes, id) }
}

// forget drops the newest picture.
func (p *pictures) forget() {
	p.mu.Lock()
	p.next = nil
	p.mu.Unlock()
	p.now = nil
}

// preview shows the newest picture as a mirror would: who moves to the left sees himself move to the left.
type preview struct {
	from   *pictures
	oval   bool
	raster *canvas.Raster
	buffer *image.RGBA // what was drawn last; used again
	rows   []span      // one a row of the buffer
	edge   []rim       // of the oval
	drawn  *image.RGBA // the picture that the buffer shows
}

// span is the part of a row that lies in the oval, or touches it.
type span struct{ from, to int }

// rim is a pixel that lies in the oval in part: share of 256 of it shows. at is its place in the buffer.
type rim struct{ at, share int }

// newPreview shows the whole picture; newOvalPreview an upright oval out of its middle. Whoever makes one calls close when its screen is left.
func newPreview(k *kit) *preview { return startPreview(k, false) }

func newOvalPreview(k *kit) *preview { return startPreview(k, true) }

func startPreview(k *kit, oval bool) *preview {
	v := &preview{from: k.pictures, oval: oval}
	v.raster = canvas.NewRaster(func(int, int) image.Image { return v.draw() })
	v.from.views[v] = true
	return v
}

// object is what goes into the object tree.
func (v *preview) object() fyne.CanvasObject { return v.raster }

// close takes the view off the list, and wipes what it showed.
func (v *preview) close() {
	delete(v.from.views, v)
	if v.buffer != nil {
		clear(v.buffer.Pix)
	}
	v.drawn = nil
	if len(v.from.views) == 0 {
		v.from.forget()
	}
}

// draw returns the picture at its own size, mirrored: the graphics card scales it. What lies outside the oval is transparent, and stays so in
// the buffer, so that nothing is done there a frame.
func (v *preview) draw() image.Image {
	img := v.from.now
	if img == nil || img.Rect.Empty() || !v.from.views[v] {
		return image.NewRGBA(image.Rect(0, 0, 4, 5))
	}
	if v.drawn == img {
		return v.buffer
	}
	v.fit(img.Rect.Dx(), img.Rect.Dy())
	v.drawn = img
	left := (img.Rect.Dx() - v.buffer.Rect.Dx()) / 2
	for y, s := range v.rows {
		src := img.Pix[y*img.Stride:]
		dst := v.buffer.Pix[y*v.buffer.Stride:]
		from := 4 * (left + v.buffer.Rect.Dx() - 1 - s.from)
		for x := 4 * s.from; x < 4*s.to; x += 4 {
			copy(dst[x:x+4:x+4], src[from:from+4])
			from -= 4
		}
	}
	for _, e := range v.edge {
		p := v.buffer.Pix[e.at : e.at+4 : e.at+4]
		for i := range p {
			p[i] = uint8(int(p[i]) * e.share / 256)
		}
	}
	return v.buffer
}

// fit makes buffer and rows for pictures of a size.
func (v *preview) fit(width, height int) {
	if v.oval {
		width = max(1, min(width, height*4/5))
	}
	if v.buffer != nil && v.buffer.Rect.Dx() == width && v.buffer.Rect.Dy() == height {
		return
	}
	v.buffer = image.NewRGBA(image.Rect(0, 0, width, height))
	v.rows, v.edge = make([]span, height), nil
	for y := range v.rows {
		v.rows[y] = span{0, width}
		if v.oval {
			v.round(y)
		}
	}
}

// round finds what of a row lies in the oval that touches all sides of the buffer.
func (v *preview) round(y int) {
	width, height := v.buffer.Rect.Dx(), v.buffer.Rect.Dy()
	rx, ry := float64(width)/2, float64(height)/2
	dy := (float64(y) + 0.5 - ry) / ry
	in := span{width, 0}
	for x := range width {
		dx := (float64(x) + 0.5 - rx) / rx
		f := math.Hypot(dx, dy)
		slope := math.Hypot(dx/rx, dy/ry) / max(f, 1e-9)
		share := 0.5 + (1-f)/max(slope, 1e-9) // one minus how far the edge is from the pixel's far side, in pixels
		if share <= 0 {
			continue
		}
		in.from, in.to = min(in.from, x), x+1
		if share < 1 {
			v.edge = append(v.edge, rim{y*v.buffer.Stride + 4*x, int(256 * share)})
		}
	}
	v.rows[y] = span{min(in.from, in.to), in.to}
}
