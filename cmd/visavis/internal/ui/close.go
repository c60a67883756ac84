package ui

// Close ends Run, from any goroutine.
func (w *Window) Close() { w.do(w.o.App.Quit) }
