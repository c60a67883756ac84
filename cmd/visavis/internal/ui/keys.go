package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"visavis/cmd/visavis/internal/flow"
)

// shortcuts are the window's own keys; an event whose page does not allow it is ignored by flow.
func shortcuts() map[desktop.CustomShortcut]flow.Event {
	const (
		ctrl  = fyne.KeyModifierControl
		shift = fyne.KeyModifierShift
	)
	return map[desktop.CustomShortcut]flow.Event{
		{KeyName: fyne.KeyComma, Modifier: ctrl}:     flow.PanelOpened{Panel: flow.Settings},
		{KeyName: fyne.KeyN, Modifier: ctrl}:         flow.PanelOpened{Panel: flow.NewRoom},
		{KeyName: fyne.KeyI, Modifier: ctrl}:         flow.PanelOpened{Panel: flow.Invite},
		{KeyName: fyne.KeyM, Modifier: ctrl}:         flow.PanelOpened{Panel: flow.Members},
		{KeyName: fyne.KeyP, Modifier: ctrl}:         flow.PanelOpened{Panel: flow.People},
		{KeyName: fyne.KeyP, Modifier: ctrl | shift}: flow.PanelOpened{Panel: flow.TwiceSaid},
		{KeyName: fyne.KeyR, Modifier: ctrl}:         flow.PanelOpened{Panel: flow.RoomRules},
		{KeyName: fyne.KeyK, Modifier: ctrl}:         flow.PanelOpened{Panel: flow.MyKeys},
		{KeyName: fyne.KeyH, Modifier: ctrl | shift}: flow.PanelOpened{Panel: flow.Help},
		{KeyName: fyne.KeyU, Modifier: ctrl | shift}: flow.PanelOpened{Panel: flow.AuditLog},
		{KeyName: fyne.KeyA, Modifier: ctrl | shift}: flow.PanelOpened{Panel: flow.Approvals},
		{KeyName: fyne.KeyD, Modifier: ctrl | shift}: flow.PanelOpened{Panel: flow.Desks},
		{KeyName: fyne.KeyS, Modifier: ctrl | shift}: flow.ShowAsked{},
		{KeyName: fyne.KeyL, Modifier: ctrl}:         flow.LockAsked{},
		{KeyName: fyne.KeyQ, Modifier: ctrl | shift}: flow.LogOutAsked{},
	}
}

func (w *Window) addShortcuts() {
	for cut := range shortcuts() {
		w.window.Canvas().AddShortcut(&cut, func(s fyne.Shortcut) { w.shortcut(s) })
	}
}

// shortcut does what one of the window's shortcuts asks for, and says whether it is one.
func (w *Window) shortcut(s fyne.Shortcut) bool {
	cut, ok := s.(*desktop.CustomShortcut)
	if !ok {
		return false
	}
	e, ok := shortcuts()[*cut]
	if ok {
		w.kit.post(e)
	}
	return ok
}

// key does what a key means on every page, and says whether it means something.
func (w *Window) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyEscape:
		w.escape()
	case fyne.KeyF1:
		w.kit.post(flow.PanelOpened{Panel: flow.About})
	default:
		return false
	}
	return true
}

// escape leaves the dialog, closes the panel, or leaves what can be left on the page.
func (w *Window) escape() {
	if w.state.Proof.Wanted {
		w.kit.post(flow.ProofLeft{})
		return
	}
	if w.state.Panel != flow.NoPanel {
		w.kit.post(flow.PanelOpened{Panel: flow.NoPanel})
		return
	}
	w.kit.post(flow.Cancelled{})
}
