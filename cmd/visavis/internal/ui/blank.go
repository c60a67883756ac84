package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

type blank struct{ object fyne.CanvasObject }

func newBlank(*kit) screen                  { return &blank{container.NewStack()} }
func (b *blank) content() fyne.CanvasObject { return b.object }
func (b *blank) show(flow.State)            {}
func (b *blank) focus() fyne.Focusable      { return nil }
func (b *blank) leave()                     {}

func newStarting(k *kit) screen { return newBlank(k) }
func newEnrol(k *kit) screen    { return newBlank(k) }
func newFound(k *kit) screen    { return newBlank(k) }
func newSheet(k *kit) screen    { return newBlank(k) }
func newLogIn(k *kit) screen    { return newBlank(k) }
func newSignUp(k *kit) screen   { return newBlank(k) }
func newLookPage(k *kit) screen { return newBlank(k) }
func newPhrase(k *kit) screen   { return newBlank(k) }
func newWaiting(k *kit) screen  { return newBlank(k) }
func newLocked(k *kit) screen   { return newBlank(k) }
