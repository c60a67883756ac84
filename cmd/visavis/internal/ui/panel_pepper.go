package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// pepper is what an admin does when a workstation was lost: the vault pepper is replaced, carried to the others, and the old ones are dropped once
// everybody has moved.
type pepper struct {
	*frame
	why     *widget.Label
	state   *ribbon
	part    *part
	text    *widget.Label // the pepper, shown while the panel is open
	copied  *button
	slip    *fyne.Container
	reveal  *button
	drop    *button
	replace *button
	sure    *widget.Label
	really  *button
	no      *button
	doing   *fyne.Container
	asking  *fyne.Container
	secret  flow.Secret
	seen    flow.Peppers
	begun   bool
}

func newPepper(k *kit) screen {
	p := &pepper{why: newParagraph(say("pepper.why"), textBody), state: newRibbon(), part: newPart()}
	act := func(v flow.Verb) func() { return func() { k.post(flow.Asked{Action: flow.Action{Verb: v}}) } }
	p.text = newText("", textCaption)
	p.text.Wrapping, p.text.TextStyle.Monospace, p.text.Selectable = fyne.TextWrapBreak, true, true
	p.copied = newButton(k, say("desks.copy"), p.copy)
	p.copied.Icon = theme.ContentCopyIcon()
	card := newCard(nil)
	card.ground = colorTint
	card.inner = pad(gapM, newTidy(gapS, -1, newMuted(say("pepper.carry"), textBody), container.NewBorder(nil, nil, nil, container.NewCenter(p.copied), p.text)))
	p.slip = newTidy(0, -1, card)
	p.slip.Hide()
	p.reveal = newButton(k, say("pepper.show"), act(flow.ShowPepper))
	p.drop = newButton(k, say("pepper.drop"), act(flow.DropPeppers))
	p.replace = newPrimary(k, say("pepper.replace"), func() { p.ask(true) })
	p.sure = newParagraph(say("pepper.sure"), textBody)
	p.really = newDanger(k, say("pepper.really"), func() {
		p.ask(false)
		act(flow.ReplacePepper)()
	})
	p.no = newButton(k, say("people.no"), func() { p.ask(false) })
	p.doing = container.NewBorder(nil, nil, row(gapS, p.reveal, p.drop), p.replace)
	p.asking = newTidy(gapS, -1, flush(p.sure), container.NewBorder(nil, nil, nil, row(gapS, p.really, p.no)))
	p.asking.Hide()
	body := newTidy(gapM, -1, flush(p.why), p.state.object, p.part.object, p.slip)
	p.frame = newFrame(k, panelSize, say("pepper.head"), nil, body, newTidy(0, -1, p.doing, p.asking))
	return p
}

func (p *pepper) content() fyne.CanvasObject { return p.object }

func (p *pepper) focus() fyne.Focusable {
	switch {
	case p.asking.Visible():
		return p.no
	case p.slip.Visible():
		return p.copied
	}
	return p.replace
}

func (p *pepper) copy() {
	p.kit.app.Clipboard().SetContent(p.secret.Reveal())
	p.copied.SetText(say("desks.copied"))
}

func (p *pepper) ask(on bool) {
	visible(!on, p.doing)
	visible(on, p.asking)
	again(p.tidy)
	if p.begun {
		p.kit.window.Canvas().Focus(p.focus())
	}
}

func (p *pepper) show(s flow.State) {
	p.frame.show(s)
	idle, x := s.Busy == flow.Idle, s.Peppers
	allow(idle && x.Looked, p.replace, p.reveal, p.really)
	visible(x.Looked && x.Older > 0, p.drop)
	allow(idle && x.Moved == x.All, p.drop)
	if x != p.seen || !p.begun {
		p.seen = x
		p.tell(s.Problem)
	}
	if s.Secret != p.secret {
		p.secret = s.Secret
		p.text.SetText(s.Secret.Reveal())
		p.copied.SetText(say("desks.copy"))
		visible(!s.Secret.IsZero(), p.slip)
		visible(s.Secret.IsZero(), p.why)
		if !s.Secret.IsZero() && p.begun {
			p.kit.window.Canvas().Focus(p.copied)
		}
	}
	p.begun = true
	settle(p.tidy)
}

// tell says how far people have moved.
func (p *pepper) tell(why flow.Problem) {
	x := p.seen
	visible(x.Looked && x.All > 0, p.part.object)
	switch {
	case !x.Looked && !why.IsZero():
		p.state.show("")
	case !x.Looked:
		p.state.dress(say("pepper.looking"), theme.InfoIcon(), theme.ColorNamePrimary, colorTint)
	case x.Moved < x.All:
		p.state.dress(say("pepper.moving", "moved", x.Moved, "all", x.All, "count", x.All-x.Moved), theme.InfoIcon(), theme.ColorNameWarning, colorWarnTint)
	default:
		p.state.dress(say("pepper.moved", "count", x.All), theme.ConfirmIcon(), theme.ColorNameSuccess, colorGoodTint)
	}
	if x.All > 0 {
		p.part.set(float32(x.Moved) / float32(x.All))
	}
}

// leave wipes the pepper where it was shown; leaving the page empties the clipboard.
func (p *pepper) leave() {
	p.secret = flow.Secret{}
	p.text.SetText("")
	p.seen = flow.Peppers{}
	p.state.show("")
	p.wipe()
}

// part is a bar that is filled in part.
type part struct {
	object       *fyne.Container
	ground, full *canvas.Rectangle
	share        float32
}

func newPart() *part {
	p := &part{ground: canvas.NewRectangle(nil), full: canvas.NewRectangle(nil)}
	p.ground.CornerRadius, p.full.CornerRadius = coachBar/2, coachBar/2
	p.object = container.New(p, p.ground, p.full)
	return p
}

func (p *part) set(share float32) {
	p.share = max(0, min(1, share))
	p.object.Refresh()
}

// MinSize is the bar's height.
func (p *part) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, coachBar) }

// Layout fills the bar from the left.
func (p *part) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p.ground.FillColor, p.full.FillColor = theme.Color(theme.ColorNameSeparator), theme.Color(theme.ColorNamePrimary)
	p.ground.Resize(fyne.NewSize(size.Width, coachBar))
	p.full.Resize(fyne.NewSize(size.Width*p.share, coachBar))
}
