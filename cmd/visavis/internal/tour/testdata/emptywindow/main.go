// Command emptywindow is the least that Fyne can show, an entry: what the window of Visavis is measured against.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	events := flag.Int("events", 1, "where to say that a letter was typed")
	flag.Parse()
	out := os.NewFile(uintptr(*events), "events")
	w := app.NewWithID("visavis.emptywindow").NewWindow("Empty")
	entry := widget.NewEntry()
	entry.OnChanged = func(string) { fmt.Fprintf(out, "{\"typed\":%d}\n", time.Now().UnixNano()) }
	w.SetContent(entry)
	w.SetFullScreen(true)
	w.Canvas().Focus(entry)
	w.ShowAndRun()
}
