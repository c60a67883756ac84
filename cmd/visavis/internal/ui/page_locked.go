package ui

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// locked covers a session whose person is not there. Behind it lies what is left of the screen: colours in which nothing can be read.
type locked struct {
	kit    *kit
	object fyne.CanvasObject
	back   *canvas.Image
	notice *notice
	busy   *busyLine
	who    *avatar
	name   *widget.Label
	unlock *button
	logOut *button
}

func newLocked(k *kit) screen {
	p := &locked{kit: k, notice: newNotice(k), busy: newBusy(k), who: newAvatar("", models.AccountID{}, 56)}
	if k.mush == nil {
		k.mush = image.NewRGBA(image.Rect(0, 0, mushWide, mushHigh))
	}
	p.back = canvas.NewImageFromImage(k.mush)
	p.back.FillMode, p.back.ScaleMode = canvas.ImageFillStretch, canvas.ImageScaleSmooth
	p.name = newText("", textHeading)
	p.name.TextStyle.Bold, p.name.Truncation = true, fyne.TextTruncateEllipsis
	p.unlock = newPrimary(k, say("locked.unlock"), func() { k.post(flow.Pressed{}) })
	p.logOut = newButton(k, say("locked.logout"), func() { k.post(flow.LogOutAsked{}) })
	title := newText(say("locked.title"), textTitle)
	title.TextStyle.Bold = true
	who := container.NewBorder(nil, nil, p.who, nil, container.NewVBox(layout.NewSpacer(), p.name, layout.NewSpacer()))
	card := newCard(column(gapL,
		container.NewHBox(newClosedMark(72), newSpaceWide(gapS), container.NewCenter(title)),
		who,
		newMuted(say("locked.lead"), textBody),
		p.notice.object,
		container.New(pair{}, p.unlock, p.logOut),
		p.busy.object))
	p.object = container.NewStack(p.back, container.NewCenter(container.New(fixedWidth(420), card)))
	return p
}

// fixedWidth gives what it holds a width, and the height that it then needs.
type fixedWidth float32

func (w fixedWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	if o[0].Size().Width != float32(w) {
		o[0].Resize(fyne.NewSize(float32(w), o[0].Size().Height))
	}
	return fyne.NewSize(float32(w), o[0].MinSize().Height)
}

func (w fixedWidth) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(size)
	o[0].Move(fyne.NewPos(0, 0))
}

func (p *locked) content() fyne.CanvasObject { return p.object }
func (p *locked) focus() fyne.Focusable      { return p.unlock }

func (p *locked) leave() {
	p.name.SetText("")
	p.who.set("", models.AccountID{})
}

func (p *locked) show(s flow.State) {
	p.notice.show(s.Problem, s.Note)
	p.name.SetText(plainLine(s.Person.Name))
	p.who.set(s.Person.Name, s.Person.Account)
	allow(s.Busy == flow.Idle, p.unlock)
	allow(s.Busy != flow.Renewing, p.logOut)
	p.busy.show(busyWords(s.Busy))
	settle(p.object)
}
