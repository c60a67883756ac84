package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

// Hands: who is still typing when a page goes, and who has gone while a page stays.
const (
	handsRest = 400 * time.Millisecond // without a key, before a page that nobody asked for takes them
	formKept  = 2 * time.Minute        // that a form waits for somebody who has gone: as long as a look does
)

// surprise says that a page went by itself while its person may be typing: what the hands go on with is not for the next page. There, Space
// would press a button, and words would stand in a field for everybody to read.
func surprise(old, s flow.State) bool {
	if old.Page == "" || old.Page == flow.Starting { // somebody may have been typing into the process before
		return s.Busy == flow.Renewing
	}
	if old.Page != flow.Inside {
		return false
	}
	return s.Page == flow.Locked && s.Note != flow.NoNote || s.Page == flow.LogIn && !s.Problem.IsZero()
}

// rest keeps the focus from everything until no key came for a while. Keys that nothing has the focus for come to the window.
func (w *Window) rest() {
	if w.rested != nil {
		w.rested()
	}
	w.resting = true
	w.window.Canvas().Unfocus()
	w.rested = w.kit.after(handsRest, func() {
		w.do(func() {
			w.resting = false
			if !w.closed {
				w.keepFocus()
				w.tell()
			}
		})
	})
}

// strayKey is a key that nothing has the focus for.
func (w *Window) strayKey(e *fyne.KeyEvent) {
	if w.resting {
		w.rest()
		return
	}
	w.key(e)
}

func (w *Window) strayRune(rune) {
	if w.resting {
		w.rest()
	}
}

// unseen closes a panel in a while, where nobody is watched over: the settings show whoever walks by.
func (w *Window) unseen(panel screen) {
	w.shut = w.kit.after(formKept, func() {
		w.do(func() {
			if w.panel == panel && !w.closed {
				w.kit.post(flow.PanelOpened{Panel: flow.NoPanel})
			}
		})
	})
}

// forgetter is a page with a form. forget empties it: what somebody typed and left is not for the next one to send or to reveal.
type forgetter interface{ forget() }

// untouched ends the wait for who left a form.
func (w *Window) untouched() {
	if w.left != nil {
		w.left()
		w.left = nil
	}
}

// touched is called with every key that goes into a field.
func (w *Window) touched() {
	w.untouched()
	if _, ok := w.page.(forgetter); !ok {
		return
	}
	if !w.begun {
		w.begun = true
		w.kit.post(flow.Typing{})
	}
	w.left = w.kit.after(formKept, func() {
		w.do(func() {
			if f, ok := w.page.(forgetter); ok && !w.closed {
				f.forget()
			}
		})
	})
}
