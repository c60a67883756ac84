package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// proof asks who sits there, over whatever is being done, which stays as it is beneath: with a look that fills the window, since its light has to, or with
// the password in a dialog.
type proof struct {
	kit      *kit
	look     *lookPage
	stage    fyne.CanvasObject
	why      fyne.CanvasObject
	notice   *notice
	eye      *eyeHint // why there is no look
	password *field
	reveal   *check
	submit   *button
	face     *button
	cancel   *button
	tidy     *fyne.Container
	form     fyne.CanvasObject
	object   fyne.CanvasObject
	shown    flow.Proof
	seen     formView
	begun    bool
}

// formView is what decides how the dialog is laid out.
type formView struct {
	proof flow.Proof
	eye   flow.Eye
	text  int
}

// newProof takes the header, which stays to be read over the look.
func newProof(k *kit, header fyne.CanvasObject) *proof {
	own := *k
	own.post = func(e flow.Event) { k.post(proves(e)) }
	p := &proof{kit: k, notice: newNotice(k), eye: newEyeHint()}
	p.look = newLookWith(&own, newQuiet(k, say("proof.by.password"), func() { k.post(flow.ProofTurned{}) }))
	p.stage = container.New(below{header}, container.NewStack(newStrip(theme.ColorNameBackground, newSpace(0)), p.look.content()))
	p.password = newSecretField(k, "", p.send)
	p.reveal = newReveal(k, p.password)
	p.submit = newPrimary(k, say("proof.submit"), p.send)
	p.face = newQuiet(k, say("proof.by.face"), func() { k.post(flow.ProofTurned{ByFace: true}) })
	p.cancel = newButton(k, say("proof.cancel"), func() { k.post(flow.ProofLeft{}) })
	p.why = newMuted(say("proof.why"), textBody)
	p.tidy = newTidy(gapL, -1,
		newHeading(say("proof.head")),
		p.why,
		p.notice.object,
		column(gapXS, labelled(say("proof.password"), p.password), p.reveal),
		container.New(pair{}, p.submit, p.cancel),
		newTidy(0, -1, p.face, p.eye.object))
	p.form = newOver(container.New(&sized{fyne.NewSize(460, 0)}, p.tidy))
	p.object = container.NewStack(p.form, p.stage)
	return p
}

// proves is what the buttons of a look mean to a proof.
func proves(e flow.Event) flow.Event {
	switch e.(type) {
	case flow.Pressed:
		return flow.ProofPressed{}
	case flow.Cancelled:
		return flow.ProofLeft{}
	}
	return e
}

// below leaves the place of what stands above.
type below struct{ above fyne.CanvasObject }

func (below) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 0) }

func (b below) Layout(o []fyne.CanvasObject, size fyne.Size) {
	high := b.above.MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, size.Height-high))
	o[0].Move(fyne.NewPos(0, high))
}

func (p *proof) content() fyne.CanvasObject { return p.object }

func (p *proof) focus() fyne.Focusable {
	if p.shown.ByFace {
		return p.look.focus()
	}
	return p.password
}

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
	was := p.shown
	p.shown = s.Proof
	visible(s.Proof.ByFace, p.stage)
	visible(!s.Proof.ByFace, p.form)
	p.showForm(s)
	p.showLook(s)
	if p.begun && (was.ByFace != s.Proof.ByFace || was.Busy != flow.Idle && s.Proof.Busy == flow.Idle) {
		p.password.SetText("") // it was wrong, or the server was not there: either way it is typed again
		p.kit.window.Canvas().Focus(p.focus())
	}
	p.begun = true
}

func (p *proof) showForm(s flow.State) {
	if s.Proof.ByFace {
		p.notice.wipe()
		return
	}
	idle := s.Proof.Busy == flow.Idle
	p.notice.show(s.Proof.Problem, flow.NoNote)
	allow(idle, p.password, p.reveal, p.submit, p.face)
	visible(s.MayFace(), p.face)
	visible(!s.MayFace(), p.eye.object)
	p.eye.show(s.Eye)
	if s.Eye.Stage == flow.EyeOpen && !s.MayFace() {
		p.eye.text.SetText(say("proof.virtual"))
		p.eye.icon.SetResource(theme.NewColoredResource(theme.VisibilityIcon(), theme.ColorNameWarning))
	}
	visible(s.Proof.Problem.IsZero() || s.Prefs.TextSize <= 100, p.why) // large text leaves room for the problem alone
	if v := (formView{s.Proof, s.Eye, s.Prefs.TextSize}); v != p.seen {
		p.seen = v
		settle(p.form)
	}
}

// showLook shows what a look would of the proof's state.
func (p *proof) showLook(s flow.State) {
	if !s.Proof.ByFace {
		p.look.notice.wipe()
		return
	}
	s.Page, s.Busy, s.Problem, s.Note = flow.Look, s.Proof.Busy, s.Proof.Problem, flow.NoNote
	p.look.show(s)
}

func (p *proof) leave() {
	p.look.leave()
	p.reveal.SetChecked(false)
	p.password.wipe()
	p.notice.wipe()
}

// putProof lays the question over everything, or takes it off.
func (w *Window) putProof(s flow.State) {
	switch {
	case !s.Proof.Wanted:
		if w.proof != nil {
			w.leaveProof()
			w.keepFocus()
		}
		return
	case w.proof == nil:
		own := *w.kit
		w.proof = newProof(&own, w.header.object)
		w.window.Canvas().Overlays().Add(w.proof.object)
		w.proof.object.Resize(w.window.Canvas().Size())
		w.proof.show(s)
		w.focusOn(w.proof)
		return
	}
	w.proof.show(s)
}

func (w *Window) leaveProof() {
	if w.proof == nil {
		return
	}
	w.proof.leave()
	w.proof.kit.stopWheels()
	w.window.Canvas().Overlays().Remove(w.proof.object)
	w.proof = nil
}
