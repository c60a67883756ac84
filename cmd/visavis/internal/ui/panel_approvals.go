package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// approvals lists who has signed up. Whoever is admitted shows his fingerprint, which is typed or scanned here: the server has no part in it.
type approvals struct {
	*frame
	list    *signupList
	name    *widget.Label
	email   *widget.Label
	when    *widget.Label
	blocked *widget.Label
	like    *ribbon // whom the face looks like
	print   *field
	scan    *button
	approve *button
	reject  *button
	really  *button
	keep    *button
	sure    *widget.Label
	doing   *fyne.Container
	asking  *fyne.Container
	form    *fyne.Container
	detail  *fyne.Container
	blank   *blankSpace
	sight   *sighting

	open  models.AccountID
	rows  []flow.Signup
	idle  bool
	scans bool
	gone  bool
	begun bool // it is in the window; before, nothing in it takes the focus
}

func newApprovals(k *kit) screen {
	p := &approvals{list: newSignupList(k), blank: newBlankSpace(k), sight: newSighting(k)}
	p.list.pick = p.turn
	p.name, p.email, p.when = newText("", textHeading), newText("", textBody), newText("", textBody)
	p.name.TextStyle.Bold = true
	for _, l := range []*widget.Label{p.name, p.email, p.when} {
		l.Truncation = fyne.TextTruncateEllipsis
	}
	p.blocked = newParagraph("", textBody)
	p.blocked.Importance = widget.DangerImportance
	p.like = newRibbon()
	p.print = newField(k, say("approvals.hint"), p.send)
	p.print.TextStyle.Monospace = true
	p.print.OnChanged = p.typed
	p.scan = newButton(k, "", func() { k.post(flow.ScanAsked{On: !p.scans}) })
	p.approve = newPrimary(k, say("approvals.approve"), p.send)
	p.reject = newQuiet(k, say("approvals.reject"), func() { p.ask(true) })
	p.really = newDanger(k, say("approvals.reject.really"), func() {
		p.ask(false)
		verb := flow.RejectSignup
		if p.row().Keys != flow.CompareNone {
			verb = flow.RejectKeys
		}
		k.post(flow.Asked{Action: flow.Action{Verb: verb, Account: p.open}})
	})
	p.keep = newButton(k, say("people.no"), func() { p.ask(false) })
	p.build(k)
	return p
}

func (p *approvals) build(k *kit) {
	p.sure = newParagraph(say("approvals.reject.sure"), textBody)
	p.doing = container.NewBorder(nil, nil, p.reject, p.approve)
	p.asking = newTidy(gapS, -1, flush(p.sure), container.NewBorder(nil, nil, nil, row(gapS, p.really, p.keep)))
	p.asking.Hide()
	p.form = newTidy(gapM, -1, newMuted(say("approvals.why"), textBody), container.NewBorder(nil, nil, nil, p.scan, p.print))
	about := column(-gapM, p.name, p.email, p.when)
	p.detail = newTidy(gapM, 4, flush(about), p.like.object, flush(p.blocked), p.form, p.sight.box, p.doing, p.asking)
	body := container.New(split{share: 0.4}, p.list.roll, p.detail)
	p.frame = newFrame(k, wideSize, say("approvals.head"), nil, container.NewStack(body, p.blank.object), nil)
}

func (p *approvals) content() fyne.CanvasObject { return p.object }

func (p *approvals) focus() fyne.Focusable {
	if p.open.IsZero() || !p.form.Visible() {
		return p.list.roll
	}
	return p.print
}

// typed groups what is typed in fours, and lets it be sent when it is whole.
func (p *approvals) typed(text string) {
	if letters := fingerprintText(text); len(letters) <= fingerprintLetters && p.print.CursorColumn >= len([]rune(text))-1 {
		if neat := grouped(letters); neat != text && len(neat) >= len(text) {
			p.print.SetText(neat)
			p.print.CursorColumn = len(neat)
			p.print.Refresh()
			return
		}
	}
	p.ready()
}

func (p *approvals) ready() {
	_, whole := asFingerprint(p.print.Text)
	p.approve.allow(p.idle && whole && p.form.Visible() && !p.open.IsZero())
}

func (p *approvals) send() {
	if f, ok := asFingerprint(p.print.Text); ok && !p.approve.Disabled() {
		verb := flow.ApproveSignup
		if p.row().Keys != flow.CompareNone {
			verb = flow.ApproveKeys
		}
		p.kit.post(flow.Asked{Action: flow.Action{Verb: verb, Account: p.open, Text: string(f)}})
	}
}

func (p *approvals) ask(on bool) {
	visible(!on, p.doing)
	visible(on, p.asking)
	again(p.detail)
	if on && p.begun {
		p.kit.window.Canvas().Focus(p.keep)
	}
}

func (p *approvals) show(s flow.State) {
	p.frame.show(s)
	p.idle = s.Busy == flow.Idle
	if !slices.Equal(p.rows, s.Admin.Signups) || p.name.Text == "" {
		p.rows = s.Admin.Signups
		if !slices.ContainsFunc(p.rows, func(x flow.Signup) bool { return x.Account == p.open }) {
			p.turn(models.AccountID{})
			if len(p.rows) > 0 {
				p.turn(p.rows[0].Account)
			}
		}
		p.tell()
		p.list.show(p.rows, p.open)
	}
	if s.Scans != p.scans || p.scan.Text == "" {
		p.look(s.Scans)
	}
	allow(p.idle, p.print, p.scan, p.reject, p.really)
	p.ready()
	if len(p.rows) == 0 {
		p.blank.show(say("approvals.none"), say("approvals.none.why"), false)
	} else {
		p.blank.show("", "", false)
	}
	visible(len(p.rows) > 0, p.detail, p.list.roll)
	p.begun = true
}

// turn shows another applicant; what was typed was for the one before.
func (p *approvals) turn(to models.AccountID) {
	p.open = to
	p.print.SetText("")
	p.tell()
	p.ask(false)
	visible(!to.IsZero(), p.doing)
	p.list.show(p.rows, to)
	p.list.roll.current = shortID(to)
	p.ready()
	if !to.IsZero() && p.begun {
		p.kit.window.Canvas().Focus(p.focus())
	}
}

// row is the applicant who is open.
func (p *approvals) row() (x flow.Signup) {
	for _, r := range p.rows {
		if r.Account == p.open {
			x = r
		}
	}
	return x
}

// tell says what is known of the applicant who is open.
func (p *approvals) tell() {
	x := p.row()
	p.name.SetText(plainLine(x.Name))
	p.email.SetText(plainLine(x.Email))
	p.when.SetText(say("approvals.when", "time", moment(x.At, p.kit.now()), "desk", plainLine(x.Desk)))
	p.sure.SetText(say("approvals.reject.sure"))
	if x.Keys != flow.CompareNone {
		p.email.SetText(say("approvals.keys." + string(x.Keys)))
		p.when.SetText(say("approvals.keys.when", "time", moment(x.At, p.kit.now())))
		p.sure.SetText(say("approvals.keys.sure"))
	}
	p.blocked.SetText(plain(x.Blocked))
	p.like.show("")
	switch {
	case x.Renews:
		p.like.warn(say("approvals.renews", "name", plainLine(x.Name)), theme.ColorNameWarning, colorWarnTint)
	case x.Same:
		p.like.warn(say("approvals.same", "name", plainLine(x.Like)), theme.ColorNameError, colorErrorTint)
	case x.Like != "":
		p.like.warn(say("approvals.like", "name", plainLine(x.Like)), theme.ColorNameWarning, colorWarnTint)
	}
	visible(x.Blocked != "", p.blocked)
	visible(x.Blocked == "", p.form)
	again(p.detail)
}

// look begins or ends looking for a code in the camera's picture.
func (p *approvals) look(on bool) {
	p.scans = on
	p.scan.SetText(say("approvals.scan"))
	if !on {
		p.stop()
		return
	}
	p.scan.SetText(say("approvals.scan.stop"))
	p.sight.begin(func(text string) {
		if f, ok := asFingerprint(text); ok {
			p.found(f)
		}
	})
	again(p.detail)
}

// found puts what was scanned where it would be typed.
func (p *approvals) found(f trust.Fingerprint) {
	if p.gone || !p.scans {
		return
	}
	p.print.SetText(string(f))
	p.ready()
	p.kit.post(flow.ScanAsked{On: false})
	p.kit.window.Canvas().Focus(p.approve)
}

func (p *approvals) stop() {
	p.sight.end()
	again(p.detail)
}

func (p *approvals) leave() {
	p.gone = true
	p.stop()
	p.print.wipe()
	for _, l := range []*widget.Label{p.name, p.email, p.when, p.blocked} {
		l.SetText("")
	}
	p.like.show("")
	p.rows = nil
	p.list.wipe()
	p.wipe()
}
