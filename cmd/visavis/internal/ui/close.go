package ui

// Run shows the window until it is closed, or the process is told to end. Afterwards nothing that is shown has an effect.
func (w *Window) Run() {
	w.window.ShowAndRun()
	w.mu.Lock()
	w.running = false
	w.mu.Unlock()
	w.kit.pictures.stop()
}

// Close ends Run, from any goroutine: at once, or as soon as it runs.
func (w *Window) Close() {
	w.mu.Lock()
	running := w.running
	w.ending = true
	w.mu.Unlock()
	if running {
		w.do(w.o.App.Quit)
	}
}
