package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"visavis/cmd/visavis/internal/flow"
)

// proof asks for the password again, over whatever is being done; that stays as it is beneath.
type proof struct {
	kit      *kit
	notice   *notice
	password *field
	reveal   *check
	submit   *button
	cancel   *button
	tidy     *fyne.Container
	object   fyne.CanvasObject
	busy     bool
}

func newProof(k *kit) screen {
	p := &proof{kit: k, notice: newNotice(k)}
	p.password = newSecretField(k, "", p.send)
	p.reveal = newReveal(k, p.password)
	p.submit = newPrimary(k, say("proof.submit"), p.send)
	p.cancel = newButton(k, say("proof.cancel"), func() { k.post(flow.ProofLeft{}) })
	p.tidy = newTidy(gapL, -1,
		newHeading(say("proof.head")),
		newMuted(say("proof.why"), textBody),
		p.notice.object,
		column(gapXS, labelled(say("proof.password"), p.password), p.reveal),
		container.New(pair{}, p.submit, p.cancel))
	p.object = container.New(&sized{fyne.NewSize(420, 0)}, p.tidy)
	return p
}

func (p *proof) content() fyne.CanvasObject { return p.object }
func (p *proof) focus() fyne.Focusable      { return p.password }

func (p *proof) send() {
	switch {
	case p.submit.Disabled():
	case p.password.Text == "":
		p.kit.window.Canvas().Focus(p.password)
	default:
		p.kit.post(flow.ProofGiven{Password: flow.Password(p.password.Text)})
	}
}

func (p *proof) show(s flow.State) {
	p.notice.show(s.Proof.Problem, flow.NoNote)
	allow(!s.Proof.Busy, p.password, p.reveal, p.submit)
	if p.busy && !s.Proof.Busy {
		p.password.SetText("") // it was wrong, or the server was not there: either way it is typed again
		p.kit.window.Canvas().Focus(p.password)
	}
	p.busy = s.Proof.Busy
	again(p.tidy)
}

func (p *proof) leave() {
	p.reveal.SetChecked(false)
	p.password.wipe()
	p.notice.wipe()
}

// layer is a screen that lies over others; the zero value is none.
type layer struct {
	screen screen
	kit    *kit
	object fyne.CanvasObject
}

// putProof lays the dialog over everything, or takes it off.
func (w *Window) putProof(s flow.State) {
	switch {
	case !s.Proof.Wanted:
		if w.proof.screen != nil {
			w.leaveProof()
			w.keepFocus()
		}
		return
	case w.proof.screen == nil:
		own := *w.kit
		l := layer{screen: newProof(&own), kit: &own}
		l.object = newOver(l.screen.content())
		w.proof = l
		w.window.Canvas().Overlays().Add(l.object)
		l.object.Resize(w.window.Canvas().Size())
		w.focusOn(l.screen)
	}
	w.proof.screen.show(s)
}

func (w *Window) leaveProof() {
	if w.proof.screen == nil {
		return
	}
	w.proof.screen.leave()
	w.proof.kit.stopWheels()
	w.window.Canvas().Overlays().Remove(w.proof.object)
	w.proof = layer{}
}
