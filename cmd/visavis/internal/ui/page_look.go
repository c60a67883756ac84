package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
)

// lookPage shows the camera's picture in its oval, and one instruction at a time, on a ground that takes the challenge's light.
type lookPage struct {
	kit    *kit
	object fyne.CanvasObject
	title  *widget.Label
	lead   *widget.Label
	head   fyne.CanvasObject // the title's and the lead's places
	about  fyne.CanvasObject
	notice *notice
	start  *button
	skip   *button
	cancel *button
	code   *byCode
	other  *button // another way than the look; may be nil
	keys   fyne.CanvasObject

	lamp    *lamp
	picture *preview
	ring    *ring
	coach   *coach
	steady  steady
	stop    func() bool // of the wait for a reason that has to stand still
	state   flow.State
	seen    lookView
}

// lookView is what decides how the page is laid out, beside what the coach says.
type lookView struct {
	busy    flow.Busy
	problem flow.Problem
	purpose flow.Purpose
	note    flow.Note
}

func newLookPage(k *kit) screen { return newLookWith(k, nil) }

// newLookWith is a look with another way out under its buttons.
func newLookWith(k *kit, other *button) *lookPage {
	p := &lookPage{kit: k, other: other, notice: newNotice(k), picture: newOvalPreview(k), lamp: newLamp(k), coach: newCoach()}
	p.title, p.lead = newParagraph("", textTitle), newParagraph("", textLead)
	p.title.TextStyle.Bold = true
	p.start = newPrimary(k, say("look.start"), func() { k.post(flow.Pressed{}) })
	p.skip = newButton(k, say("look.skip"), func() { k.post(flow.Skipped{}) })
	p.cancel = newButton(k, say("look.cancel"), func() { k.post(flow.Cancelled{}) })
	p.code = newByCode(k)
	p.keys = newMuted(say("look.keys"), textCaption)
	p.head, p.about = flush(p.title), flush(p.lead)
	text := container.NewVScroll(column(gapL, p.head, p.about, p.notice.object))
	buttons := column(gapL, p.start, p.skip)
	if other != nil {
		buttons.Add(other)
	}
	for _, o := range []fyne.CanvasObject{p.cancel, p.code.object, p.keys} {
		buttons.Add(o)
	}

	p.ring = newRing(container.NewStack(newSunkOval(), p.picture.object()))
	p.object = container.NewStack(p.lamp.rect, container.New(stage{text}, text, buttons, p.ring, p.coach.object))
	return p
}

// newSunkOval is the ground of the oval while there is no picture.
func newSunkOval() fyne.CanvasObject {
	m := newDrawn(10, drawing("oval", colorSunk))
	m.stretch = true
	return m
}

// stage puts the words on the left with the buttons under them, and on the right the ring with the coach under it. Where large text is too high for
// the window, the words scroll: the buttons are always there.
type stage struct{ text *container.Scroll }

const stageWords = 340

func (stage) MinSize(o []fyne.CanvasObject) fyne.Size {
	text, buttons, ring, coach := o[0].MinSize(), o[1].MinSize(), o[2].MinSize(), o[3].MinSize()
	wide := max(ring.Width, coach.Width)
	return fyne.NewSize(stageWords+wide+3*gapXL, max(text.Height+gapL+buttons.Height, ring.Height+coach.Height)+2*gapL)
}

func (s stage) Layout(o []fyne.CanvasObject, size fyne.Size) {
	text, buttons, ring, coach := o[0], o[1], o[2], o[3]
	total := min(size.Width-2*gapXL, 1160)
	x0 := (size.Width - total) / 2
	text.Resize(fyne.NewSize(stageWords, text.Size().Height)) // texts that wrap know their height once they know their width
	foot := buttons.MinSize().Height
	high := min(s.text.Content.MinSize().Height, size.Height-2*gapL-gapL-foot)
	text.Resize(fyne.NewSize(stageWords, high))
	text.Move(fyne.NewPos(x0, max(gapL, (size.Height-high-gapL-foot)/2)))
	buttons.Resize(fyne.NewSize(stageWords, foot))
	buttons.Move(fyne.NewPos(x0, text.Position().Y+high+gapL))

	x1 := x0 + stageWords + gapXL
	wide := total - stageWords - gapXL
	coach.Resize(fyne.NewSize(wide, coach.Size().Height))
	foot = coach.MinSize().Height
	coach.Resize(fyne.NewSize(wide, foot))
	coach.Move(fyne.NewPos(x1, size.Height-foot-gapL))
	ring.Resize(fyne.NewSize(wide, size.Height-foot-2*gapL))
	ring.Move(fyne.NewPos(x1, gapL))
}

func (p *lookPage) content() fyne.CanvasObject { return p.object }
func (p *lookPage) focus() fyne.Focusable      { return p.start }

func (p *lookPage) leave() {
	p.picture.close()
	p.lamp.close()
	p.code.wipe()
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	for _, l := range []*widget.Label{p.title, p.lead} {
		l.SetText("") // they name a person when a lock is to be opened
	}
	p.state = flow.State{}
}

// skippable are the looks of a sign-up that may be left out.
var skippable = map[flow.Purpose]bool{flow.ToAgain: true, flow.ToTry: true}

func (p *lookPage) show(s flow.State) {
	p.state = s
	purpose := string(s.Capture.Purpose)
	p.title.SetText(say("look.title." + purpose))
	p.lead.SetText(say("look.lead."+purpose, "name", plainLine(s.Person.Name)))
	p.notice.show(s.Problem, s.Note)
	visible(s.Problem.IsZero(), p.about)
	visible(s.Problem.IsZero() || s.Prefs.TextSize <= 100, p.head) // large text leaves room for the problem alone
	allow(s.Busy == flow.Idle, p.start, p.skip)
	visible(s.Busy != flow.Finishing, p.start, p.cancel)
	visible(s.Busy != flow.Finishing && s.Problem.IsZero(), p.keys)
	visible(s.Busy != flow.Finishing && skippable[s.Capture.Purpose], p.skip)
	if p.other != nil {
		allow(s.Busy == flow.Idle, p.other)
		visible(s.Busy != flow.Finishing, p.other)
	}
	p.code.show(s)
	p.shine(s)
	p.fill(s)
	turned := p.coach.say(p.advice(s))
	if c := s.Capture; c.Of > 0 {
		p.coach.time(float32(c.Left) / float32(c.Of))
	}
	// Progress comes many times a second and moves the ring and the bar alone.
	if v := (lookView{s.Busy, s.Problem, s.Capture.Purpose, s.Note}); v != p.seen || turned {
		p.seen = v
		settle(p.object)
	}
}

// shine shows the challenge's light, where it is not asked for or allowed the window as it is.
func (p *lookPage) shine(s flow.State) {
	if s.Busy == flow.Looking && s.Lit() {
		p.lamp.show(s.Capture.Tint)
	} else {
		p.lamp.show(liveness.Plain)
	}
}

// fill shows on the ring how far the look has come: where the head was turned, or how much of the time has gone.
func (p *lookPage) fill(s flow.State) {
	c := s.Capture
	switch {
	case s.Busy == flow.Finishing:
		p.ring.set(1, theme.ColorNameSuccess)
	case s.Busy == flow.Looking && (c.Purpose == flow.ToSignUp || c.Purpose == flow.ToAgain):
		p.ring.setPoses(c.Poses, c.Gesture)
	case s.Busy == flow.Looking:
		p.ring.set(c.Fraction, theme.ColorNamePrimary)
	default:
		p.ring.set(0, theme.ColorNamePrimary)
	}
}

// advice is the one thing to do now, and how it is meant.
func (p *lookPage) advice(s flow.State) advice {
	c := s.Capture
	reason, wrong := p.reason(s)
	switch {
	case s.Busy == flow.Finishing:
		return advice{words: say("look.finishing." + string(c.Purpose)), mood: widget.SuccessImportance}
	case s.Eye.Stage != flow.EyeOpen:
		return advice{words: eyeWords(s.Eye), mood: widget.WarningImportance}
	case s.Busy == flow.Looking && c.Gesture != 0:
		a := advice{words: gestureWords(c.Gesture), mood: widget.HighImportance, gesture: c.Gesture, reached: c.Reached}
		switch {
		case wrong:
			a.hint = reasonWords(reason)
		case c.Reached:
			a.hint = say("look.reached")
		}
		return a
	case wrong:
		return advice{words: reasonWords(reason), mood: widget.WarningImportance}
	case s.Busy == flow.Looking:
		return advice{words: gestureWords(liveness.Neutral), mood: widget.HighImportance}
	case !c.Seen:
		return advice{words: say("look.searching")}
	}
	return advice{words: say("look.ready"), mood: widget.SuccessImportance}
}

// bearing are the reasons that a gesture brings with it.
var bearing = []biometrics.Reason{biometrics.Turned, biometrics.Moving, biometrics.EyesHidden}

// reason is what to put right first; it stands until it could be read.
func (p *lookPage) reason(s flow.State) (biometrics.Reason, bool) {
	reasons := s.Capture.Reasons
	if s.Busy == flow.Looking && s.Capture.Gesture != 0 {
		reasons = slices.DeleteFunc(slices.Clone(reasons), func(r biometrics.Reason) bool {
			return slices.Contains(bearing, r) || s.Capture.Gesture == liveness.ComeCloser && (r == biometrics.TooClose || r == biometrics.OffCentre)
		})
	}
	first, some := foremost(reasons)
	r, some, wait := p.steady.next(first, some, p.kit.now())
	if wait > 0 && p.stop == nil {
		p.stop = p.kit.after(wait, func() {
			p.kit.do(func() {
				if p.stop != nil {
					p.stop = nil
					p.show(p.state)
				}
			})
		})
	}
	return r, some
}
