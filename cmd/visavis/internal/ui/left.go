package ui

import (
	"image"

	"fyne.io/fyne/v2"
)

// Left is what a window looked like when its process ended, for the one that follows: the same size, and the same colours behind the lock. Nothing
// can be read in it.
type Left struct {
	Wide, High uint16 // in the toolkit's units; zero for a window's usual size
	Mush       []byte // RGBA of mushWide by mushHigh cells; empty when nothing is locked
}

// Left is how the window looks now. It may be called from any goroutine; what it returns does not change.
func (w *Window) Left() Left {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.keeps
}

// keep notes what the next process shows first.
func (w *Window) keep() {
	size := w.window.Canvas().Size()
	l := Left{Wide: uint16(size.Width), High: uint16(size.Height)}
	if m, ok := w.kit.mush.(*image.RGBA); ok {
		l.Mush = m.Pix
	}
	w.mu.Lock()
	w.keeps = l
	w.mu.Unlock()
}

// takeUp begins as the process before looked, and returns the window's size.
func (w *Window) takeUp(l Left) fyne.Size {
	if len(l.Mush) == 4*mushWide*mushHigh {
		w.kit.mush = &image.RGBA{Pix: l.Mush, Stride: 4 * mushWide, Rect: image.Rect(0, 0, mushWide, mushHigh)}
	}
	if l.Wide == 0 || l.High == 0 {
		return fyne.NewSize(1280, 800)
	}
	return fyne.NewSize(float32(l.Wide), float32(l.High))
}
