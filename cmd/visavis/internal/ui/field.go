package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// field is an entry that hands Esc, F1 and the window's shortcuts on: Fyne gives all keys to what has the focus.
type field struct {
	widget.Entry
	kit    *kit
	onKey  func(*fyne.KeyEvent) bool // sees every other key first; true keeps it from the entry. May be nil
	shifts bool                      // a Shift key is down
}

// newField makes an entry of one line with a hint in it; Enter calls submit, which may be nil.
func newField(k *kit, hint string, submit func()) *field {
	f := &field{kit: k}
	f.setUp(hint, submit)
	return f
}

// newSecretField is a field whose text shows as dots until it is revealed.
func newSecretField(k *kit, hint string, submit func()) *field {
	f := &field{kit: k}
	f.Password = true
	f.ActionItem = newSpace(0) // Fyne's own eye can not be reached by keys; newReveal makes one that can
	f.setUp(hint, submit)
	return f
}

// newArea makes an entry of several lines, rows high, that wraps. Enter breaks the line unless onKey says otherwise.
func newArea(k *kit, hint string, rows int) *field {
	f := &field{kit: k}
	f.MultiLine, f.Wrapping = true, fyne.TextWrapWord
	f.setUp(hint, nil)
	f.SetMinRowsVisible(rows)
	return f
}

func (f *field) setUp(hint string, submit func()) {
	f.ExtendBaseWidget(f)
	f.SetPlaceHolder(hint)
	if submit != nil {
		f.OnSubmitted = func(string) { submit() }
	}
}

// wipe empties the field without telling anybody.
func (f *field) wipe() {
	f.OnChanged = nil
	f.SetText("")
}

// forgetFields empties fields, and what could be undone in them, for somebody else to begin.
func forgetFields(fields ...*field) {
	for _, f := range fields {
		f.SetText("")
	}
}

func (f *field) KeyDown(e *fyne.KeyEvent) {
	f.shifts = f.shifts || shiftKey(e)
	f.Entry.KeyDown(e)
}

func (f *field) KeyUp(e *fyne.KeyEvent) {
	f.shifts = f.shifts && !shiftKey(e)
	f.Entry.KeyUp(e)
}

func (f *field) FocusLost() {
	f.shifts = false
	f.Entry.FocusLost()
}

func shiftKey(e *fyne.KeyEvent) bool {
	return e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight
}

func (f *field) TypedKey(e *fyne.KeyEvent) {
	f.kit.touched()
	if f.kit.key(e) || f.onKey != nil && f.onKey(e) {
		return
	}
	f.Entry.TypedKey(e)
}

// AcceptsTab keeps Tab for going on to what comes next, in entries of several lines too.
func (f *field) AcceptsTab() bool { return false }

func (f *field) TypedShortcut(s fyne.Shortcut) {
	f.kit.touched()
	if !f.kit.shortcut(s) {
		f.Entry.TypedShortcut(s)
	}
}

func (f *field) TypedRune(r rune) {
	f.kit.touched()
	before := len(f.Text)
	f.Entry.TypedRune(r)
	if f.kit.typed != nil && len(f.Text) != before {
		f.kit.typed()
	}
}
