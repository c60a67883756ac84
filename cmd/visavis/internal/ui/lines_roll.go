package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// items is what a roll shows.
type items interface {
	count() int
	id(i int) uint64                    // the same for the same item, whatever comes before it
	guess(i int, width float32) float32 // its height, quickly
	item(i int) item                    // made for the screen, and dropped when it leaves it
	picks(i int) bool                   // whether the keys stop at it
	act(i int)                          // Enter, or Space
	copied(i int) string                // what Ctrl+C takes; empty for nothing
}

// item is one row on screen.
type item interface {
	fyne.CanvasObject
	height(width float32) float32 // when it is as wide as this
	mark(on bool)                 // the keys are at it
}

// roll is a list of rows of any height, of which only those exist that are seen. What it keeps is a place: a row and how far its upper
// edge stands below the view's. So nothing on screen moves when rows come before or after it, or turn out higher than was guessed.
type roll struct {
	widget.BaseWidget
	kit   *kit
	items items
	tail  bool       // it begins at its end and stays there while it is there
	moved func()     // after the place changed; nil for nobody
	typed func(rune) // what is typed while the keys are here; nil for nobody

	width float32
	tall  []float32          // by index; guessed until measured
	exact map[uint64]float32 // by id
	index map[uint64]int
	live  map[uint64]item

	place   uint64  // id of the first row in view
	offset  float32 // of its upper edge, from the view's; zero or less
	stuck   bool    // at the end, by its own will
	current uint64  // where the keys are; zero for nowhere
	focused bool

	box  *fyne.Container
	clip *container.Clip
	bar  *rollBar
}

func newRoll(k *kit, of items, tail bool) *roll {
	l := &roll{kit: k, items: of, tail: tail, stuck: tail, exact: map[uint64]float32{}, index: map[uint64]int{}, live: map[uint64]item{}}
	l.box = container.New(still{})
	l.clip = container.NewClip(l.box)
	l.clip.ExtendBaseWidget(l.clip)
	l.bar = newRollBar(l)
	l.ExtendBaseWidget(l)
	return l
}

// still is a layout that leaves its objects where they are.
type still struct{}

func (still) Layout([]fyne.CanvasObject, fyne.Size)        {}
func (still) MinSize([]fyne.CanvasObject) (none fyne.Size) { return none }

// update is called after the items changed; keep says for an id whether its row still looks the same.
func (l *roll) update(keep func(id uint64) bool) {
	for id := range l.exact {
		if !keep(id) {
			delete(l.exact, id)
			delete(l.live, id)
		}
	}
	l.reindex()
	l.arrange()
}

func (l *roll) reindex() {
	n := l.items.count()
	old := l.index
	l.index = make(map[uint64]int, n)
	l.tall = l.tall[:0]
	for i := range n {
		id := l.items.id(i)
		l.index[id] = i
		h, ok := l.exact[id]
		if !ok {
			h = l.items.guess(i, l.width)
		}
		l.tall = append(l.tall, h)
	}
	for id := range l.live {
		if _, ok := l.index[id]; !ok {
			delete(l.live, id)
		}
	}
	if _, ok := l.index[l.place]; !ok {
		l.place = l.nearest(old)
	}
}

// nearest is the row to hold on to when the one at the view's edge went away.
func (l *roll) nearest(old map[uint64]int) uint64 {
	was, ok := old[l.place]
	if n := l.items.count(); ok && n > 0 {
		return l.items.id(min(was, n-1))
	}
	return 0
}

// row returns the row of an index, measured.
func (l *roll) row(i int) item {
	id := l.items.id(i)
	it, ok := l.live[id]
	if !ok {
		it = l.items.item(i)
		it.mark(l.focused && id == l.current)
		l.live[id] = it
		h := it.height(l.width) // lays it out, too
		l.exact[id], l.tall[i] = h, h
		it.MinSize() // gives it its renderer, without which nothing in it takes the focus
	}
	return it
}

func (l *roll) heightOf(i int) float32 {
	if _, ok := l.exact[l.items.id(i)]; !ok {
		l.row(i)
	}
	return l.tall[i]
}

// arrange puts the rows that are in view where they belong.
func (l *roll) arrange() {
	size := l.Size()
	if size.Width <= barSpace || size.Height <= 0 {
		return
	}
	if w := size.Width - barSpace; w != l.width {
		l.width = w
		clear(l.exact)
		clear(l.live)
		l.reindex()
	}
	first, y := l.start(size.Height)
	l.fill(first, y, size.Height)
	l.bar.set(l.extent())
	if l.moved != nil {
		l.moved()
	}
	canvas.Refresh(l)
}

// start finds the first row in view, and where its upper edge is.
func (l *roll) start(height float32) (int, float32) {
	n := l.items.count()
	if n == 0 {
		return 0, 0
	}
	if !l.stuck {
		i, y := l.index[l.place], l.offset
		for y > 0 && i > 0 {
			i--
			y -= l.heightOf(i)
		}
		y = min(y, 0)
		end := y
		for j := i; j < n && end < height; j++ {
			end += l.heightOf(j)
		}
		if end >= height {
			return i, y
		}
	}
	i, y := n, height // from the end up
	for i > 0 && y > 0 {
		i--
		y -= l.heightOf(i)
	}
	if y > 0 && !l.tail {
		y = 0
	}
	return i, y
}

// fill shows rows from first on, whose upper edge is at y, down to height.
func (l *roll) fill(first int, y, height float32) {
	n := l.items.count()
	shown := make(map[uint64]item, len(l.live))
	objects := make([]fyne.CanvasObject, 0, len(l.box.Objects)+4)
	for i := first; i < n; i++ {
		if h := l.heightOf(i); y+h <= 0 {
			y += h
			continue
		}
		if len(objects) == 0 {
			l.place, l.offset = l.items.id(i), y
		}
		it := l.row(i)
		it.Resize(fyne.NewSize(l.width, l.tall[i]))
		it.Move(fyne.NewPos(0, y))
		shown[l.items.id(i)] = it
		objects = append(objects, it)
		y += l.tall[i]
		if y >= height {
			l.stuck = l.tail && i == n-1 && y <= height+1
			break
		}
		l.stuck = l.tail && i == n-1
	}
	l.live = shown
	l.box.Objects = objects
}

// extent is how long the whole roll is and how far it is scrolled.
func (l *roll) extent() (whole, above float32) {
	at, ok := l.index[l.place]
	for i, h := range l.tall {
		if ok && i == at {
			above = whole - l.offset
		}
		whole += h
	}
	return whole, above
}

// scroll moves the rows down by dy, or up when it is negative.
func (l *roll) scroll(dy float32) {
	l.stuck = false
	l.offset += dy
	l.arrange()
}

// jump puts what lies at a distance from the roll's beginning at the upper edge.
func (l *roll) jump(above float32) {
	l.stuck = false
	for i, h := range l.tall {
		if above < h || i == len(l.tall)-1 {
			l.place, l.offset = l.items.id(i), -above
			break
		}
		above -= h
	}
	l.arrange()
}

// toEnd goes to the end and stays there.
func (l *roll) toEnd() {
	l.stuck = l.tail
	if !l.tail && l.items.count() > 0 {
		l.place, l.offset = l.items.id(l.items.count()-1), 0
	}
	l.arrange()
}

// reveal brings a row into view with as little movement as possible.
func (l *roll) reveal(i int) {
	for j, y := l.index[l.place], l.offset; j <= i && y < l.Size().Height; j++ {
		if h := l.heightOf(j); j < i {
			y += h
		} else if y >= 0 && y+h <= l.Size().Height {
			return
		}
	}
	above := i <= l.index[l.place]
	l.stuck, l.place, l.offset = false, l.items.id(i), 0
	if h := l.heightOf(i); !above && h < l.Size().Height {
		l.offset = l.Size().Height - h
	}
	l.arrange()
}

// wipe forgets every row.
func (l *roll) wipe() {
	clear(l.exact)
	clear(l.live)
	clear(l.index)
	l.tall, l.box.Objects = nil, nil
	l.place, l.offset, l.current, l.stuck = 0, 0, 0, l.tail
	canvas.Refresh(l)
}

func (l *roll) CreateRenderer() fyne.WidgetRenderer {
	edge := canvas.NewRectangle(rgba(0, 0))
	edge.StrokeWidth, edge.CornerRadius, edge.StrokeColor = 2, gapS, theme.Color(theme.ColorNamePrimary)
	return &rollRenderer{l, edge}
}

type rollRenderer struct {
	l    *roll
	edge *canvas.Rectangle // seen while the keys are here and at no row
}

func (r *rollRenderer) Destroy()           {}
func (r *rollRenderer) MinSize() fyne.Size { return fyne.NewSize(120, 60) }

func (r *rollRenderer) Objects() []fyne.CanvasObject {
	r.edge.Hidden = !r.l.focused || r.l.hasCurrent()
	return []fyne.CanvasObject{r.l.clip, r.edge, r.l.bar}
}

func (r *rollRenderer) Layout(size fyne.Size) {
	r.l.clip.Resize(size)
	r.edge.Move(fyne.NewPos(1, 1))
	r.edge.Resize(size.SubtractWidthHeight(barSpace, 2))
	r.l.bar.Move(fyne.NewPos(size.Width-barSpace, 0))
	r.l.bar.Resize(fyne.NewSize(barSpace, size.Height))
	r.l.arrange()
}

// Refresh makes every row again: colours or sizes may be others.
func (r *rollRenderer) Refresh() {
	r.edge.StrokeColor = theme.Color(theme.ColorNamePrimary)
	clear(r.l.exact)
	clear(r.l.live)
	r.l.reindex()
	r.l.arrange()
	r.l.bar.Refresh()
}
