package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

// byCode is what a look has for an admin's one-time code: a button, and a field in its place once it was pressed.
type byCode struct {
	kit    *kit
	ask    *button
	field  *field
	send   *button
	form   *fyne.Container
	object *fyne.Container
	may    bool
	open   bool
}

func newByCode(k *kit) *byCode {
	b := &byCode{kit: k}
	b.ask = newQuiet(k, say("code.ask"), func() { b.turn(true) })
	b.field = newField(k, say("code.hint"), b.hand)
	b.field.TextStyle.Monospace = true
	b.field.OnChanged = b.typed
	b.send = newButton(k, say("code.submit"), b.hand)
	b.form = newTidy(gapXS, -1, labelled(say("code.label"), b.field), b.send)
	b.form.Hide()
	b.object = newTidy(0, -1, b.ask, b.form)
	return b
}

// A code is three groups of four.
const codeLetters = 12

func (b *byCode) typed(text string) {
	letters := fingerprintText(text)
	if len(letters) <= codeLetters && b.field.CursorColumn >= len([]rune(text))-1 {
		if neat := grouped(letters); neat != text && len(neat) >= len(text) {
			b.field.SetText(neat)
			b.field.CursorColumn = len(neat)
			b.field.Refresh()
			return
		}
	}
	b.send.allow(b.may && len(letters) == codeLetters)
}

func (b *byCode) hand() {
	if text := strings.TrimSpace(b.field.Text); !b.send.Disabled() && text != "" {
		b.kit.post(flow.CodeTyped{Code: flow.Password(text)})
	}
}

// turn shows the field in the place of the button, or the button.
func (b *byCode) turn(open bool) {
	b.open = open
	visible(!open, b.ask)
	visible(open, b.form)
	again(b.object)
	if open {
		b.typed(b.field.Text)
		b.kit.window.Canvas().Focus(b.field)
	}
}

// show says whether it has its place, and whether that changed.
func (b *byCode) show(s flow.State) {
	idle := s.Busy == flow.Idle
	if b.may != idle {
		b.may = idle
		allow(idle, b.ask, b.field)
		b.send.allow(idle && len(fingerprintText(b.field.Text)) == codeLetters)
	}
	visible(s.MayCode() && s.Busy != flow.Finishing, b.object)
	if idle && b.open && (s.Problem.Kind == flow.WrongCode || s.Problem.Kind == flow.BadCode) && b.kit.window.Canvas().Focused() == nil {
		b.kit.window.Canvas().Focus(b.field)
	}
}

func (b *byCode) wipe() { b.field.wipe() }
