package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/models/audit"
)

// auditLog tells an admin how the server's log of security events is, beside what was seen of it before; and takes it as it is from who knows why.
type auditLog struct {
	*frame
	state  *ribbon
	why    *widget.Label
	kept   *widget.Label
	shown  *widget.Label
	look   *button
	accept *button
	really *button
	no     *button
	sure   *widget.Label
	doing  *fyne.Container
	asking *fyne.Container
	found  flow.Audit
	begun  bool
}

func newAuditLog(k *kit) screen {
	p := &auditLog{state: newRibbon(), why: newParagraph("", textBody), kept: newParagraph("", textBody), shown: newParagraph("", textBody)}
	for _, l := range []*widget.Label{p.kept, p.shown} {
		l.TextStyle.Monospace = true
	}
	p.look = newButton(k, say("audit.look"), func() { k.post(flow.Asked{Action: flow.Action{Verb: flow.LookAtAudit}}) })
	p.accept = newQuiet(k, say("audit.accept"), func() { p.ask(true) })
	p.really = newDanger(k, say("audit.accept.really"), func() {
		p.ask(false)
		k.post(flow.Asked{Action: flow.Action{Verb: flow.AcceptAudit, Head: p.found.Shown}})
	})
	p.no = newButton(k, say("people.no"), func() { p.ask(false) })
	p.sure = newParagraph(say("audit.accept.sure"), textBody)
	p.doing = container.NewBorder(nil, nil, p.accept, p.look)
	p.asking = newTidy(gapS, -1, flush(p.sure), container.NewBorder(nil, nil, nil, row(gapS, p.really, p.no)))
	p.asking.Hide()
	body := newTidy(gapM, -1, p.state.object, flush(p.why), labelled(say("audit.kept"), p.kept), labelled(say("audit.shown"), p.shown))
	p.frame = newFrame(k, panelSize, say("audit.head"), nil, body, newTidy(0, -1, p.doing, p.asking))
	return p
}

func (p *auditLog) content() fyne.CanvasObject { return p.object }
func (p *auditLog) focus() fyne.Focusable      { return p.look }

func (p *auditLog) ask(on bool) {
	visible(!on, p.doing)
	visible(on, p.asking)
	again(p.tidy)
	if on && p.begun {
		p.kit.window.Canvas().Focus(p.no)
	}
}

// auditKeys are the words for what was found.
var auditKeys = map[flow.Kind]string{flow.AuditCut: "audit.cut", flow.AuditRewritten: "audit.rewritten", flow.AuditUnproven: "audit.unproven"}

func (p *auditLog) show(s flow.State) {
	p.frame.show(s)
	idle := s.Busy == flow.Idle
	if s.Audit != p.found || !p.begun {
		p.found = s.Audit
		p.ask(false) // the answer was for what was shown before
		p.tell()
	}
	looked := !p.found.Looked.IsZero()
	p.look.allow(idle && looked)
	visible(p.found.Changed != flow.NoProblem && !p.found.Shown.IsZero(), p.accept)
	allow(idle, p.accept, p.really)
	p.begun = true
	again(p.tidy)
}

func (p *auditLog) tell() {
	x := p.found
	p.kept.SetText(headWords(x.Kept))
	p.shown.SetText(headWords(x.Shown))
	key, wrong := auditKeys[x.Changed]
	p.state.show("")
	switch {
	case x.Looked.IsZero():
		p.state.dress(say("audit.looking"), theme.InfoIcon(), theme.ColorNamePrimary, colorTint)
		p.why.SetText("")
	case wrong:
		p.state.dress(say(key), theme.ErrorIcon(), theme.ColorNameError, colorErrorTint)
		p.why.SetText(say("audit.wrong.why"))
	case x.Shown.IsZero():
		p.state.dress(say("audit.none"), theme.InfoIcon(), theme.ColorNamePrimary, colorTint)
		p.why.SetText(say("audit.why"))
	default:
		p.state.dress(say("audit.good", "time", moment(x.Looked, p.kit.now())), theme.ConfirmIcon(), theme.ColorNameSuccess, colorGoodTint)
		p.why.SetText(say("audit.why"))
	}
}

// headWords are how many events a log has, and the beginning of its root, to be compared with what stands elsewhere.
func headWords(h audit.Head) string {
	if h.IsZero() {
		return say("audit.nothing")
	}
	root := h.Root.String()
	return say("audit.size", "count", h.Size, "root", root[:16]+" "+root[16:32])
}

func (p *auditLog) leave() {
	p.found = flow.Audit{}
	wipeLabels([]*widget.Label{p.kept, p.shown, p.why})
	p.state.show("")
	p.wipe()
}
