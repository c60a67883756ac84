package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// someone is one person: the safety number that both compare, and what came of it.
type someone struct {
	*frame
	face     *avatar
	name     *widget.Label
	standing *ribbon
	digits   *fyne.Container // twelve groups in four columns
	code     *fyne.Container // the QR code
	hint     *widget.Label   // what to do with either
	right    *fyne.Container // code and hint, or the camera's picture
	sight    *sighting
	wrong    *ribbon // a code was scanned, and it is another one
	same     *button
	undo     *button
	accept   *button
	scan     *button
	write    *button

	peer  flow.Peer
	drawn trust.SafetyNumber
	idle  bool
	scans bool
	begun bool // it is in the window
	gone  bool
}

func newSomeone(k *kit) screen {
	p := &someone{face: newAvatar("", models.AccountID{}, 44), name: newText("", textHeading), standing: newRibbon(), wrong: newRibbon()}
	p.name.TextStyle.Bold, p.name.Truncation = true, fyne.TextTruncateEllipsis
	p.digits = container.NewGridWithColumns(4)
	p.code, p.sight = container.NewStack(), newSighting(k)
	p.hint = newParagraph("", textCaption)
	p.hint.Importance, p.hint.Alignment = widget.LowImportance, fyne.TextAlignCenter
	judge := func(v flow.Verb) func() { return func() { p.judge(v) } }
	p.same = newPrimary(k, say("someone.same"), judge(flow.VerifyPerson))
	p.undo = newQuiet(k, say("someone.undo"), judge(flow.DoubtPerson))
	p.accept = newButton(k, say("someone.accept"), judge(flow.AcceptPerson))
	p.scan = newButton(k, say("approvals.scan"), func() { k.post(flow.ScanAsked{On: !p.scans}) })
	p.write = newIconButton(k, say("people.write"), theme.MailSendIcon(), func() {
		k.post(flow.Asked{Action: flow.Action{Verb: flow.WriteTo, Account: p.peer.Account}})
	})
	about := container.NewBorder(nil, nil, pad(gapXS, p.face), container.NewCenter(p.write), container.NewVBox(layout.NewSpacer(), p.name, layout.NewSpacer()))
	left := newTidy(gapM, -1, about, p.standing.object, newMuted(say("someone.why"), textBody), p.digits, p.wrong.object)
	p.right = newTidy(gapS, 0, container.NewStack(p.code, p.sight.box), flush(p.hint))
	body := container.New(split{share: 0.62}, left, p.right)
	buttons := container.NewBorder(nil, nil, row(gapXS, p.undo, p.accept), row(gapXS, p.scan, p.same))
	p.frame = newFrame(k, wideSize, say("someone.head"), nil, body, buttons)
	return p
}

func (p *someone) content() fyne.CanvasObject { return p.object }

func (p *someone) focus() fyne.Focusable {
	if p.same.Visible() {
		return p.scan // the number is looked at first
	}
	return p.write
}

// judge speaks of the very identity that is shown.
func (p *someone) judge(v flow.Verb) {
	p.kit.post(flow.Asked{Action: flow.Action{Verb: v, Account: p.peer.Account, Identity: p.peer.Identity}})
}

func (p *someone) show(s flow.State) {
	p.frame.show(s)
	if s.Peer != p.peer || !p.begun {
		p.peer = s.Peer
		p.tell()
	}
	if s.Scans != p.scans {
		p.look(s.Scans)
	}
	p.idle = s.Busy == flow.Idle
	known := p.peer.Number != ""
	done := p.peer.Standing == e2e.StandingVerified
	visible(known && !done, p.same, p.scan)
	visible(done || p.peer.Standing == e2e.StandingHandedOn, p.undo)
	visible(p.peer.Standing == e2e.StandingChanged, p.accept)
	allow(p.idle && known, p.same, p.undo, p.accept, p.scan, p.write)
	p.begun = true
	again(p.tidy)
}

// tell writes of the person who is shown.
func (p *someone) tell() {
	x := p.peer
	p.face.set(x.Name, x.Account)
	p.name.SetText(plainLine(x.Name))
	p.wrong.show("")
	a, ok := attitudes[x.Standing]
	p.standing.show("")
	if ok {
		p.standing.dress(p.standingWords(x), a.icon(), a.mood, a.ground)
	}
	if x.Number == p.drawn {
		return
	}
	p.drawn = x.Number
	p.digits.RemoveAll()
	for _, g := range x.Number.Groups() {
		t := canvas.NewText(g, theme.Color(theme.ColorNameForeground))
		t.TextSize, t.TextStyle, t.Alignment = theme.Size(textHeading), fyne.TextStyle{Monospace: true, Bold: true}, fyne.TextAlignCenter
		p.digits.Add(t)
	}
	p.code.RemoveAll()
	if code := newCode(x.Number.Code(), 190); code != nil && x.Number != "" {
		p.code.Add(code)
	}
	p.hint.SetText(say("someone.code", "name", plainLine(x.Name)))
}

// look begins or ends looking for the other one's code in the camera's picture.
func (p *someone) look(on bool) {
	p.scans = on
	visible(!on, p.code)
	if !on {
		p.sight.end()
		p.scan.SetText(say("approvals.scan"))
		p.hint.SetText(say("someone.code", "name", plainLine(p.peer.Name)))
		again(p.right)
		return
	}
	p.scan.SetText(say("approvals.scan.stop"))
	p.hint.SetText(say("someone.scan", "name", plainLine(p.peer.Name)))
	p.wrong.show("")
	p.sight.begin(p.found)
	again(p.right)
}

// found compares what was scanned. What is no safety number is somebody's T-shirt.
func (p *someone) found(text string) {
	if p.gone || !p.scans || !trust.IsSafetyCode(text) {
		return
	}
	p.kit.post(flow.ScanAsked{On: false})
	if p.peer.Number.Matches(text) {
		p.judge(flow.VerifyPerson)
		return
	}
	p.wrong.warn(say("someone.wrong", "name", plainLine(p.peer.Name)), theme.ColorNameError, colorErrorTint)
	again(p.tidy)
}

func (p *someone) leave() {
	p.gone = true
	p.sight.end()
	p.peer, p.drawn = flow.Peer{}, ""
	p.face.set("", models.AccountID{})
	wipeLabels([]*widget.Label{p.name, p.hint})
	p.standing.show("")
	p.wrong.show("")
	p.digits.RemoveAll()
	p.code.RemoveAll()
	p.wipe()
}
