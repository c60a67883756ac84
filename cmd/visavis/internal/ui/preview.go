package ui

import (
	"image"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// pictures holds the camera's newest picture and refreshes who shows it. At most one refresh waits for the UI goroutine.
type pictures struct {
	do func(func())

	mu      sync.Mutex
	next    *image.RGBA
	pending bool
	running bool

	now   *image.RGBA // on screen; the rest belongs to the UI goroutine
	count uint64
	views map[*preview]bool
}

func newPictures(do func(func())) *pictures {
	return &pictures{do: do, views: make(map[*preview]bool)}
}

func (p *pictures) start() {
	p.mu.Lock()
	p.running = true
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
	p.now, p.next, p.pending = p.next, nil, false
	p.mu.Unlock()
	if len(p.views) == 0 {
		p.now = nil // nobody looks: keep no face
		return
	}
	p.count++
	for v := range p.views {
		v.raster.Refresh()
	}
}

func (p *pictures) painted() uint64 { return p.count }

// preview shows the newest picture.
type preview struct {
	from   *pictures
	raster *canvas.Raster
	object fyne.CanvasObject
}

// newPreview makes a view of the newest picture. Whoever makes it calls close when its screen is left.
func newPreview(k *kit) *preview {
	v := &preview{from: k.pictures}
	v.raster = canvas.NewRaster(func(int, int) image.Image {
		if v.from.now == nil {
			return image.NewRGBA(image.Rect(0, 0, 4, 3))
		}
		return v.from.now
	})
	v.object = v.raster
	v.from.views[v] = true
	return v
}

// close takes the view off the list, and the picture with the last one.
func (v *preview) close() {
	delete(v.from.views, v)
	if len(v.from.views) == 0 {
		v.from.now = nil
	}
}
