package ui

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
)

// rootPage takes the root sheet, line by line from paper, and lets its holder name an admin. The sheet is the organisation: its fields are wiped as soon as
// they were sent, and what is kept of it is kiosk's.
type rootPage struct {
	kit    *kit
	object fyne.CanvasObject
	notice *notice
	busy   *busyLine
	more   fyne.CanvasObject
	state  *widget.Label // the organisation that the sheet opened
	lines  []*field
	names  []string
	wrong  *fieldError
	submit *button
	back   *button
	form   *fyne.Container
	print  *field
	book   *book
	list   *fyne.Container
	was    flow.State
	begun  bool
}

func newRoot(k *kit) screen {
	p := &rootPage{kit: k, notice: newNotice(k), busy: newBusy(k), wrong: newFieldError(), names: trust.SheetLines(), book: newBook(k)}
	p.submit = newPrimary(k, say("root.submit"), p.send)
	p.form = column(gapS)
	for i, name := range p.names {
		f := newArea(k, "xxxx-xxxx-…", 2)
		f.TextStyle.Monospace = true
		f.Wrapping = fyne.TextWrapBreak
		f.OnChanged = func(string) { p.typed() }
		f.onKey = enterSubmits(func() { p.next(i) })
		p.lines = append(p.lines, f)
		p.form.Add(labelled(name, f))
	}
	p.form.Add(p.wrong.object)
	p.form.Add(p.submit)
	p.print = newField(k, "xxxx-xxxx-xxxx-xxxx-xxxx", func() {})
	p.print.TextStyle.Monospace = true
	p.list = column(gapM, labelled(say("root.print"), p.print), container.New(&sized{fyne.NewSize(0, 260)}, p.book.roll))
	p.back = newQuiet(k, say("recover.back"), func() { k.post(flow.Cancelled{}) })
	p.state = newParagraph("", textBody)
	p.more = newMuted(say("root.more"), textBody)
	left := column(gapL,
		row(0, newMark(72)), newTitle(say("root.title")), newLead(say("root.lead")), p.more, flush(p.state), p.notice.object)
	right := newCard(column(gapM, p.form, p.list, container.NewStack(container.NewCenter(p.back), p.busy.object)))
	p.object = newFacing(left, right)
	return p
}

// check is what is wrong with the first line that is not right; empty when all are.
func (p *rootPage) check() (at int, why string) {
	for i, name := range p.names {
		err := trust.CheckSheetLine(name, p.lines[i].Text)
		switch {
		case err == nil:
		case errors.Is(err, trust.ErrChecksum):
			return i, say("root.letter", "line", name)
		default:
			return i, say("root.short", "line", name)
		}
	}
	return -1, ""
}

// typed says what is wrong with a line that is long enough to be judged.
func (p *rootPage) typed() {
	p.wrong.say("")
	for i, name := range p.names {
		if errors.Is(trust.CheckSheetLine(name, p.lines[i].Text), trust.ErrChecksum) {
			p.wrong.say(say("root.letter", "line", name))
		}
	}
	settle(p.form)
}

// next goes on to the next line, and sends after the last.
func (p *rootPage) next(i int) {
	if i+1 < len(p.lines) {
		p.kit.window.Canvas().Focus(p.lines[i+1])
		return
	}
	p.send()
}

func (p *rootPage) send() {
	if p.submit.Disabled() {
		return
	}
	at, why := p.check()
	if p.wrong.say(why); why != "" {
		settle(p.form)
		p.kit.window.Canvas().Focus(p.lines[at])
		return
	}
	values := make([]string, len(p.lines))
	for i, f := range p.lines {
		values[i] = f.Text
	}
	p.kit.post(flow.SheetTyped{Text: flow.Password(trust.TypedSheet(values))})
}

func (p *rootPage) content() fyne.CanvasObject { return p.object }

func (p *rootPage) focus() fyne.Focusable {
	if p.list.Visible() {
		return p.book.roll
	}
	return p.lines[0]
}

func (p *rootPage) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	idle, opened := s.Busy == flow.Idle, s.Root.Opened
	visible(s.Problem.IsZero() || s.Prefs.TextSize <= 100, p.more) // large text leaves room for the problem alone
	visible(!opened, p.form)
	visible(opened, p.list)
	for _, f := range append([]*field{p.print}, p.lines...) {
		allow(idle, f)
	}
	allow(idle, p.submit, p.back)
	visible(idle, p.back)
	p.busy.show(busyWords(s.Busy))
	if opened && !p.was.Root.Opened {
		forgetFields(p.lines...)
	}
	p.people(s, idle)
	if p.begun && (opened != p.was.Root.Opened || p.was.Busy != flow.Idle && idle) {
		p.kit.window.Canvas().Focus(p.focus())
	}
	p.was, p.begun = s, true
	settle(p.object)
}

// people lists whom the sheet may make an admin.
func (p *rootPage) people(s flow.State, idle bool) {
	p.state.SetText("")
	if !s.Root.Opened {
		return
	}
	p.state.SetText(say("root.state", "name", plainLine(s.Root.Organisation), "count", s.Root.Desks))
	rows := make([]entry, 0, len(s.Root.People))
	for _, x := range s.Root.People {
		e := entry{id: shortID(x.Account), face: x.Account, name: x.Name, problem: x.Blocked}
		switch {
		case x.Admin:
			e.tag = say("inside.admin")
		case x.Blocked != "":
			e.tag, e.tagTone, e.dim = say("root.waits"), theme.ColorNameWarning, true
		case x.Waits:
			e.tag, e.tagTone = say("root.waits"), theme.ColorNameWarning
			e.deeds = []deed{{text: say("root.admit"), do: func() { p.admit(x) }}}
		default:
			e.deeds = []deed{{text: say("root.name"), ask: say("root.sure", "name", plainLine(x.Name)), really: say("root.really"), do: func() {
				p.kit.post(flow.AdminNamed{Account: x.Account})
			}}}
		}
		rows = append(rows, e)
	}
	p.book.show(rows, idle)
}

// admit lets somebody in whose own screen shows the fingerprint that was typed.
func (p *rootPage) admit(x flow.RootPerson) {
	print := strings.TrimSpace(p.print.Text)
	if print == "" {
		p.kit.window.Canvas().Focus(p.print)
		return
	}
	p.kit.post(flow.AdminNamed{Account: x.Account, Print: print})
}

func (p *rootPage) leave() {
	for _, f := range append([]*field{p.print}, p.lines...) {
		f.wipe()
	}
	p.book.wipe()
	wipeLabels([]*widget.Label{p.state})
	p.wrong.say("")
	p.was = flow.State{}
}

func (p *rootPage) forget() {
	forgetFields(append([]*field{p.print}, p.lines...)...)
	p.kit.window.Canvas().Focus(p.focus())
}
