package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// busyWords says what is being done; empty for nothing.
func busyWords(b flow.Busy) string {
	if b == flow.Idle {
		return ""
	}
	return say("busy." + string(b))
}

// eyeWords says in a few words how the camera is.
func eyeWords(e flow.Eye) string {
	switch {
	case e.Stage == flow.EyeFailed:
		key := "eye." + string(e.Problem.Kind)
		if _, ok := english()[key]; !ok {
			key = "eye.failed"
		}
		return say(key)
	case e.Stage == flow.EyeStarting:
		return say("eye.starting")
	case e.Stage == flow.EyeOpen && e.Back:
		return say("eye.back")
	}
	return say("eye." + string(e.Stage))
}

// linkWords says in a few words how the connection is.
func linkWords(l flow.Link) string {
	if l == flow.LinkOpening {
		return say("link.opening")
	}
	return say("link." + string(l))
}

// eyeHint is the line that says how the camera is.
type eyeHint struct {
	object fyne.CanvasObject
	icon   *widget.Icon
	text   *widget.Label
}

func newEyeHint() *eyeHint {
	h := &eyeHint{icon: widget.NewIcon(nil), text: newParagraph("", textBody)}
	h.object = container.NewBorder(nil, nil, h.icon, nil, flush(h.text))
	return h
}

func (h *eyeHint) show(e flow.Eye) {
	h.text.SetText(eyeWords(e))
	h.icon.SetResource(theme.NewColoredResource(theme.VisibilityIcon(), eyeMood(e)))
}

// eyeMood is the colour of how the camera is.
func eyeMood(e flow.Eye) fyne.ThemeColorName {
	switch e.Stage {
	case flow.EyeOpen:
		return theme.ColorNameSuccess
	case flow.EyeFailed:
		return theme.ColorNameWarning
	}
	return theme.ColorNameDisabled
}

// allow enables widgets, or disables them.
func allow(on bool, widgets ...fyne.Disableable) {
	for _, w := range widgets {
		switch {
		case on && w.Disabled():
			w.Enable()
		case !on && !w.Disabled():
			w.Disable()
		}
	}
}

// visible shows objects, or hides them.
func visible(on bool, objects ...fyne.CanvasObject) {
	for _, o := range objects {
		switch {
		case on && !o.Visible():
			o.Show()
		case !on && o.Visible():
			o.Hide()
		}
	}
}
