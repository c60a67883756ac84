package ui

import (
	"fyne.io/fyne/v2"
)

// The roll's keys: arrows go from row to row, Home and End to the ends, the page keys a view further; Enter acts, Ctrl+C copies.

func (l *roll) hasCurrent() bool {
	_, ok := l.index[l.current]
	return ok
}

func (l *roll) FocusGained() {
	l.focused = true
	if !l.hasCurrent() {
		l.current = l.first()
	}
	l.markAll()
}

// first is the row in view where the keys begin: the last one of a roll that begins at its end.
func (l *roll) first() (id uint64) {
	for _, o := range l.box.Objects {
		for i, it := range l.live {
			if o == it && l.items.picks(l.index[i]) {
				if id = i; !l.tail {
					return id
				}
			}
		}
	}
	return id
}

func (l *roll) FocusLost() {
	l.focused = false
	l.markAll()
}

func (l *roll) markAll() {
	for id, it := range l.live {
		it.mark(l.focused && id == l.current)
	}
	l.bar.Refresh()
}

// pick puts the keys at a row.
func (l *roll) pick(i int) {
	if i < 0 || i >= l.items.count() {
		return
	}
	l.current = l.items.id(i)
	l.reveal(i)
	l.markAll()
}

func (l *roll) TypedRune(r rune) {
	if l.typed != nil {
		l.typed(r)
	}
}

func (l *roll) TypedKey(e *fyne.KeyEvent) {
	if l.kit.key(e) {
		return
	}
	page := l.Size().Height * 0.9
	switch e.Name {
	case fyne.KeyUp:
		l.step(-1)
	case fyne.KeyDown:
		l.step(1)
	case fyne.KeyPageUp:
		l.scroll(page)
	case fyne.KeyPageDown:
		l.scroll(-page)
	case fyne.KeyHome:
		l.jump(0)
		l.current = 0
		l.markAll()
	case fyne.KeyEnd:
		l.toEnd()
		l.current = 0
		l.markAll()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if i, ok := l.index[l.current]; ok {
			l.items.act(i)
		}
	}
}

// step goes to the next row in a direction that the keys stop at. A row that reaches out of the view is scrolled first.
func (l *roll) step(by int) {
	i, ok := l.index[l.current]
	if it, seen := l.live[l.current]; ok && seen {
		top, bottom := it.Position().Y, it.Position().Y+it.Size().Height
		if third := l.Size().Height / 3; by > 0 && bottom > l.Size().Height+1 && top <= 0 {
			l.scroll(-min(third, bottom-l.Size().Height))
			return
		} else if by < 0 && top < -1 && bottom >= l.Size().Height {
			l.scroll(min(third, -top))
			return
		}
	} else {
		i = l.outside(by)
	}
	for i += by; i >= 0 && i < l.items.count(); i += by {
		if l.items.picks(i) {
			l.pick(i)
			return
		}
	}
	l.scroll(float32(-by) * l.Size().Height) // what comes before the first one
}

// outside is the row before or behind those in view, from where a step leads to the first one in it.
func (l *roll) outside(by int) int {
	at := l.index[l.place]
	if by > 0 {
		return at - 1
	}
	return min(at+len(l.live), l.items.count())
}

func (l *roll) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); !ok {
		l.kit.shortcut(s)
		return
	}
	if i, ok := l.index[l.current]; ok {
		if text := l.items.copied(i); text != "" {
			l.kit.app.Clipboard().SetContent(text)
		}
	}
}

func (l *roll) Scrolled(e *fyne.ScrollEvent) { l.scroll(e.Scrolled.DY) }

func (l *roll) Tapped(*fyne.PointEvent) { l.kit.window.Canvas().Focus(l) }
