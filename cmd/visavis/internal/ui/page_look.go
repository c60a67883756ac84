package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
)

// lookPage shows the camera's picture in its oval, and one instruction at a time.
type lookPage struct {
	kit    *kit
	object fyne.CanvasObject
	title  *widget.Label
	lead   *widget.Label
	notice *notice
	start  *button
	cancel *button
	keys   fyne.CanvasObject

	picture *preview
	ring    *ring
	left    *widget.Icon
	right   *widget.Icon
	advice  *widget.Label
	seen    lookView
}

// lookView is what the page shows beside the picture and the ring.
type lookView struct {
	busy    flow.Busy
	problem flow.Problem
	advice  string
	gesture liveness.Gesture
}

func newLookPage(k *kit) screen {
	p := &lookPage{kit: k, notice: newNotice(k), picture: newOvalPreview(k)}
	p.title, p.lead = newParagraph("", textTitle), newParagraph("", textLead)
	p.title.TextStyle.Bold = true
	p.start = newPrimary(k, say("look.start"), func() { k.post(flow.Pressed{}) })
	p.cancel = newButton(k, say("look.cancel"), func() { k.post(flow.Cancelled{}) })
	p.keys = newMuted(say("look.keys"), textCaption)
	text := column(gapL, flush(p.title), flush(p.lead), p.notice.object, p.start, p.cancel, p.keys)

	p.ring = newRing(container.NewStack(newSunkOval(), p.picture.object()))
	p.left = widget.NewIcon(drawing("arrow-left", theme.ColorNamePrimary))
	p.right = widget.NewIcon(drawing("arrow-right", theme.ColorNamePrimary))
	p.advice = newParagraph("", textTitle)
	p.advice.Alignment, p.advice.TextStyle.Bold = fyne.TextAlignCenter, true
	p.object = container.New(stage{}, text, p.ring, p.left, p.right, p.advice)
	return p
}

// newSunkOval is the ground of the oval while there is no picture.
func newSunkOval() fyne.CanvasObject {
	m := newDrawn(10, drawing("oval", colorSunk))
	m.stretch = true
	return m
}

// stage puts the words on the left, and on the right the ring with an arrow on each side and the advice under it.
type stage struct{}

const (
	stageWords = 340
	arrowSize  = 64
)

func (stage) MinSize(o []fyne.CanvasObject) fyne.Size {
	ring, advice := o[1].MinSize(), o[4].MinSize()
	return fyne.NewSize(stageWords+ring.Width+2*arrowSize+4*gapXL, max(o[0].MinSize().Height, ring.Height+advice.Height)+2*gapL)
}

func (stage) Layout(o []fyne.CanvasObject, size fyne.Size) {
	words, ring, left, right, advice := o[0], o[1], o[2], o[3], o[4]
	total := min(size.Width-2*gapXL, 1160)
	x0 := (size.Width - total) / 2
	words.Resize(fyne.NewSize(stageWords, words.Size().Height))
	high := words.MinSize().Height
	words.Resize(fyne.NewSize(stageWords, high))
	words.Move(fyne.NewPos(x0, max(gapL, (size.Height-high)/2)))

	x1 := x0 + stageWords + gapXL
	wide := total - stageWords - gapXL
	advice.Resize(fyne.NewSize(wide, advice.Size().Height))
	foot := advice.MinSize().Height
	advice.Resize(fyne.NewSize(wide, foot))
	advice.Move(fyne.NewPos(x1, size.Height-foot-gapL))
	tall := size.Height - foot - 2*gapL
	ring.Resize(fyne.NewSize(wide-2*arrowSize-2*gapM, tall))
	ring.Move(fyne.NewPos(x1+arrowSize+gapM, gapL))
	oval := min(tall*4/5, ring.Size().Width)
	for i, a := range []fyne.CanvasObject{left, right} {
		x := x1 + wide/2 - oval/2 - arrowSize - gapM
		if i == 1 {
			x = x1 + wide/2 + oval/2 + gapM
		}
		a.Resize(fyne.NewSquareSize(arrowSize))
		a.Move(fyne.NewPos(x, gapL+(tall-arrowSize)/2))
	}
}

func (p *lookPage) content() fyne.CanvasObject { return p.object }
func (p *lookPage) focus() fyne.Focusable      { return p.start }

func (p *lookPage) leave() {
	p.picture.close()
	for _, l := range []*widget.Label{p.title, p.lead} {
		l.SetText("") // they name a person when a lock is to be opened
	}
}

func (p *lookPage) show(s flow.State) {
	purpose := string(s.Capture.Purpose)
	p.title.SetText(say("look.title." + purpose))
	p.lead.SetText(say("look.lead."+purpose, "name", plainLine(s.Person.Name)))
	p.notice.show(s.Problem, s.Note)
	allow(s.Busy == flow.Idle, p.start)
	visible(s.Busy != flow.Finishing, p.start, p.cancel, p.keys)

	c := s.Capture
	visible(s.Busy == flow.Looking && c.Gesture == liveness.TurnLeft, p.left)
	visible(s.Busy == flow.Looking && c.Gesture == liveness.TurnRight, p.right)
	words, mood := adviceWords(s)
	p.advice.Importance = mood
	p.advice.SetText(words)
	switch {
	case s.Busy == flow.Finishing:
		p.ring.set(1, theme.ColorNameSuccess)
	case s.Busy == flow.Looking:
		p.ring.set(c.Fraction, theme.ColorNamePrimary)
	default:
		p.ring.set(0, theme.ColorNamePrimary)
	}
	// Progress comes many times a second and moves the ring alone.
	if v := (lookView{s.Busy, s.Problem, words, s.Capture.Gesture}); v != p.seen {
		p.seen = v
		settle(p.object)
	}
}

// adviceWords is the one thing to do now, and how it is meant.
func adviceWords(s flow.State) (string, widget.Importance) {
	c := s.Capture
	switch {
	case s.Busy == flow.Finishing:
		return say("look.finishing." + string(c.Purpose)), widget.SuccessImportance
	case s.Eye.Stage != flow.EyeOpen:
		return eyeWords(s.Eye), widget.WarningImportance
	case s.Busy == flow.Looking && c.Gesture != 0:
		return gestureWords(c.Gesture), widget.HighImportance
	case len(c.Reasons) > 0:
		return reasonWords(c.Reasons[0]), widget.WarningImportance
	case s.Busy == flow.Looking:
		return gestureWords(liveness.Neutral), widget.HighImportance
	case !c.Seen:
		return say("look.searching"), widget.MediumImportance
	}
	return say("look.ready"), widget.SuccessImportance
}
