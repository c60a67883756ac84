package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// roomPane is the open room: its head, its lines, and where the next one is written.
type roomPane struct {
	kit      *kit
	head     *roomHead
	notice   *notice
	strip    *ribbon // what is the matter with the room
	hold     *hold
	veil     *veil
	lines    *lines
	composer *composer
	pill     *button // goes to what came while one read further up
	blank    *blankSpace
	object   *fyne.Container
	middle   *fyne.Container

	open   models.RoomID
	drafts map[models.RoomID]string
	bottom uint64 // the newest message when the end of the lines was in view
	people map[string]models.AccountID
	view   *talk.View
	begun  bool // it is in the window; before, nothing in it takes the focus
}

func newRoomPane(k *kit) *roomPane {
	p := &roomPane{kit: k, notice: newNotice(k), strip: newRibbon(), lines: newLines(k), blank: newBlankSpace(k), drafts: map[models.RoomID]string{}}
	p.head, p.veil, p.hold = newRoomHead(k), newVeil(k), newHold(k)
	p.composer = newComposer(k, p.send)
	p.composer.turned = p.relayout
	p.composer.scroll = p.page
	p.pill = newPrimary(k, say("room.newer"), p.toEnd)
	p.pill.SetIcon(theme.MoveDownIcon())
	p.pill.Hide()
	p.lines.roll.moved, p.lines.roll.typed = p.moved, p.typed
	p.middle = container.New(overLines{}, p.lines.roll, p.blank.object, p.pill, p.veil.over)
	top := column(0, p.head.object, sides(gapL, p.notice.object), sides(gapL, p.veil.object), sides(gapL, p.strip.object), sides(gapL, p.hold.object))
	p.object = container.NewBorder(top, sides(gapL, p.composer.object), nil, nil, p.middle)
	return p
}

// sides keeps a space free at the left and the right, and a little below.
func sides(space float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&inset{space}, o)
}

type inset struct{ space float32 }

func (i *inset) MinSize(o []fyne.CanvasObject) fyne.Size {
	if !o[0].Visible() {
		return fyne.Size{}
	}
	return o[0].MinSize().AddWidthHeight(2*i.space, 2*gapS)
}

func (i *inset) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(i.space, gapS))
	o[0].Resize(size.SubtractWidthHeight(2*i.space, 2*gapS))
}

// overLines lays the lines under the words for when there are none, and under the way to the newest.
type overLines struct{}

func (overLines) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (overLines) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(size)
	o[1].Resize(size)
	o[3].Resize(size)
	pill := o[2].MinSize()
	o[2].Resize(pill)
	o[2].Move(fyne.NewPos((size.Width-pill.Width)/2, size.Height-pill.Height-gapS))
}

// relayout is for changes of height; a Refresh would make every row again.
func (p *roomPane) relayout() { again(p.object) }

func (p *roomPane) page(up bool) {
	by := p.lines.roll.Size().Height * 0.8
	if !up {
		by = -by
	}
	p.lines.roll.scroll(by)
}

// typed goes on writing for who has looked at a message.
func (p *roomPane) typed(r rune) {
	if !p.composer.text.Disabled() {
		p.kit.window.Canvas().Focus(p.composer.text)
		p.composer.text.TypedRune(r)
	}
}

func (p *roomPane) toEnd() {
	p.lines.roll.toEnd()
	p.kit.window.Canvas().Focus(p.composer.text)
}

// moved keeps count of what came while the end was out of view.
func (p *roomPane) moved() {
	last := p.lines.last()
	if p.lines.roll.stuck {
		p.bottom = last
	}
	if newer := last != p.bottom && p.lines.count() > 0; newer != p.pill.Visible() {
		visible(newer, p.pill)
		again(p.middle)
	}
}

func (p *roomPane) send(text string) {
	p.lines.roll.toEnd()
	p.kit.post(flow.Asked{Action: flow.Action{Verb: flow.SendText, Room: p.open, Text: text}})
}

func (p *roomPane) show(s flow.State) {
	problem, note := s.Problem, s.Note
	if s.Panel != flow.NoPanel {
		problem, note = flow.Problem{}, flow.NoNote // the panel says it
	}
	tall := p.object.Objects[0].MinSize().Height
	p.notice.show(problem, note)
	p.head.show(s)
	if s.Talk != p.view {
		p.view = s.Talk
		p.showTalk(s.Talk)
	}
	p.begun = true
	p.hide(s)
	if p.object.Objects[0].MinSize().Height != tall || s.Talk == nil {
		p.relayout()
	}
}

// hide takes the lines away while they are veiled: keys and the clipboard do not reach them either.
func (p *roomPane) hide(s flow.State) {
	if !p.veil.put(s) {
		return
	}
	canvas := p.kit.window.Canvas()
	if s.Veiled && canvas.Focused() == fyne.Focusable(p.lines.roll) {
		canvas.Focus(p.composer.text)
	}
	if at := canvas.Focused(); !s.Veiled && at == fyne.Focusable(p.veil.show) {
		canvas.Focus(p.composer.text)
	}
	visible(!s.Veiled, p.lines.roll)
	again(p.middle)
}

func (p *roomPane) showTalk(v *talk.View) {
	p.hold.show(v)
	if v == nil || v.Open == nil {
		p.turn(models.RoomID{})
		p.lines.wipe()
		p.strip.show("")
		p.composer.allow(false)
		visible(false, p.composer.object, p.pill)
		p.blank.show(say("room.none"), say("room.none.why"), false)
		p.relayout()
		return
	}
	o := v.Open
	p.people = make(map[string]models.AccountID, len(v.People))
	for _, x := range v.People {
		p.people[x.Name] = x.ID
	}
	visible(true, p.composer.object)
	p.composer.allow(!o.Forked && !o.Loading)
	typing := p.composer.typing()
	fresh := p.turn(o.ID)
	p.lines.show(o.ID, o.Lines, p.people)
	switch {
	case o.Forked:
		p.strip.warn(say("room.forked"), theme.ColorNameError, colorErrorTint)
	case o.Waiting:
		p.strip.warn(say("room.waiting"), theme.ColorNameWarning, colorWarnTint)
	default:
		p.strip.show("")
	}
	switch {
	case o.Loading && len(o.Lines) == 0:
		p.blank.show(say("room.loading"), "", true)
	case len(o.Lines) == 0 && !o.Waiting:
		p.blank.show(say("room.empty"), say("room.empty.why"), false)
	default:
		p.blank.show("", "", false)
	}
	p.relayout()
	if fresh {
		p.bottom = p.lines.last()
	}
	switch {
	case fresh && typing: // the room changed under the hands: the end of the sentence is not for these people
		p.kit.rest()
	case fresh && p.begun:
		p.kit.window.Canvas().Focus(p.composer.text)
	}
	p.moved()
}

// turn changes to another room, with what was begun to be written there, and says whether it was another.
func (p *roomPane) turn(to models.RoomID) bool {
	if to == p.open {
		return false
	}
	if text := p.composer.text.Text; text != "" {
		p.drafts[p.open] = text
	} else {
		delete(p.drafts, p.open)
	}
	p.open = to
	p.composer.put(p.drafts[to])
	p.lines.roll.toEnd()
	return true
}

func (p *roomPane) wipe() {
	p.composer.wipe()
	p.lines.wipe()
	p.head.wipe()
	p.strip.show("")
	p.hold.show(nil)
	p.blank.show("", "", false)
	p.notice.wipe()
	clear(p.drafts)
	clear(p.people)
	p.view, p.open = nil, models.RoomID{}
}

// ribbon is one line on a coloured ground.
type ribbon struct {
	object fyne.CanvasObject
	card   *card
	icon   *widget.Icon
	text   *widget.Label
}

func newRibbon() *ribbon {
	s := &ribbon{icon: widget.NewIcon(nil), text: newParagraph("", textBody)}
	s.card = newCard(nil)
	s.card.inner = container.NewBorder(nil, nil, pad(gapS, s.icon), nil, s.text)
	s.object = s.card
	s.card.Hide()
	return s
}

func (s *ribbon) show(text string) {
	if s.text.Text != text {
		s.text.SetText(text)
	}
	visible(text != "", s.card)
}

func (s *ribbon) warn(text string, mood, ground fyne.ThemeColorName) {
	s.dress(text, theme.WarningIcon(), mood, ground)
}

func (s *ribbon) dress(text string, icon fyne.Resource, mood, ground fyne.ThemeColorName) {
	if s.text.Text != text {
		s.card.ground, s.card.edge = ground, mood
		s.icon.SetResource(theme.NewColoredResource(icon, mood))
		s.card.Refresh()
	}
	s.show(text)
}

// blankSpace says in the middle of an empty place what could be there.
type blankSpace struct {
	object *fyne.Container
	what   *widget.Label
	why    *widget.Label
	wheel  *wheel
	mark   *mark
}

func newBlankSpace(k *kit) *blankSpace {
	b := &blankSpace{what: newText("", textHeading), why: newParagraph("", textBody), wheel: newWheel(k), mark: newMark(96)}
	b.what.Alignment, b.why.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	wide := canvas.NewRectangle(rgba(0, 0))
	wide.SetMinSize(fyne.NewSize(380, 0))
	b.object = container.NewCenter(column(gapXS, container.NewCenter(b.mark), container.NewCenter(b.wheel.object), b.what, container.NewStack(wide, b.why)))
	return b
}

func (b *blankSpace) show(what, why string, waits bool) {
	if b.what.Text != what || b.why.Text != why {
		b.what.SetText(what)
		b.why.SetText(why)
	}
	visible(waits, b.wheel.object)
	visible(!waits, b.mark)
	b.wheel.turn(waits)
	visible(what != "", b.object)
}
