package ui

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// notice says what went wrong, why, and what to do; or something good. It is hidden while there is neither.
type notice struct {
	kit     *kit
	object  fyne.CanvasObject // what goes into the object tree
	box     *card
	icon    *widget.Icon
	what    *widget.Label
	why     *widget.Label
	closer  *button
	problem flow.Problem
	until   time.Time // when TooMany is over
}

// calm are the problems that nobody did anything wrong for: they are shown in the colour of a warning.
var calm = map[flow.Kind]bool{
	flow.Unreachable: true, flow.Restarting: true, flow.NoGoodPicture: true, flow.NothingSeen: true, flow.Interrupted: true, flow.CutOff: true, flow.PhraseVoid: true,
	flow.NoCamera: true, flow.CameraBusy: true, flow.CameraDark: true, flow.EyeDied: true,
	flow.CameraBright: true, flow.CameraFrozen: true, flow.CameraSlow: true, flow.CameraGone: true, flow.NotRecognised: true, flow.FacesUsed: true,
	flow.NotCaptured: true, flow.TooMany: true, flow.NotAdmitted: true,
	flow.SessionEnded: true, flow.LockedTooLong: true, flow.LockedOffline: true, flow.NoConsent: true, flow.ProofOld: true, flow.WeakPassword: true,
	flow.CameByCode: true, flow.BadPhrase: true, flow.PhraseUnsure: true, flow.BadCode: true, flow.NoRenewal: true,
	flow.Unsent: true, flow.NewerDesk: true, flow.NameTaken: true, flow.BadName: true, flow.BadEmail: true, flow.Overtaken: true, flow.TooLong: true, flow.NotStored: true,
}

type dress struct {
	icon         func() fyne.Resource
	mood, ground fyne.ThemeColorName
}

// dresses are the notes that are no good news.
var dresses = map[flow.Note]dress{
	flow.NoteStranger: {theme.WarningIcon, theme.ColorNameWarning, colorWarnTint},
	flow.NoteIdle:     {theme.InfoIcon, theme.ColorNamePrimary, colorTint},
	flow.NoteLeft:     {theme.InfoIcon, theme.ColorNamePrimary, colorTint},
	flow.NoteSheet:    {theme.InfoIcon, theme.ColorNamePrimary, colorTint},
	flow.NoteUnproven: {theme.InfoIcon, theme.ColorNamePrimary, colorTint},
	flow.NoteAway:     {theme.InfoIcon, theme.ColorNamePrimary, colorTint},
}

func newNotice(k *kit) *notice {
	n := &notice{kit: k, icon: widget.NewIcon(nil), what: newParagraph("", textBody), why: newParagraph("", textBody)}
	n.what.TextStyle.Bold = true
	n.closer = newIconButton(k, "", theme.CancelIcon(), func() { k.post(flow.Dismissed{}) })
	words := column(-gapS, n.what, n.why)
	icon := container.NewVBox(pad(gapXS, n.icon))
	n.box = newCard(nil)
	n.box.round, n.box.inner = gapS, pad(gapXS, container.NewBorder(nil, nil, icon, container.NewVBox(n.closer), words))
	n.box.Hide()
	n.object = n.box
	return n
}

// show shows a problem, or else a note, or nothing. It is called again while a wait is counted down.
func (n *notice) show(p flow.Problem, note flow.Note) {
	if p != n.problem {
		n.until = n.kit.now().Add(p.Wait)
	}
	n.problem = p
	switch {
	case !p.IsZero():
		n.put(problemWords(p, n.until.Sub(n.kit.now())))
		if calm[p.Kind] {
			n.dress(theme.WarningIcon(), theme.ColorNameWarning, colorWarnTint)
		} else {
			n.dress(theme.ErrorIcon(), theme.ColorNameError, colorErrorTint)
		}
	case note != flow.NoNote:
		n.put(say("note."+string(note)+".what"), say("note."+string(note)+".why"))
		d, ok := dresses[note]
		if !ok {
			d = dress{theme.ConfirmIcon, theme.ColorNameSuccess, colorGoodTint}
		}
		n.dress(d.icon(), d.mood, d.ground)
	default:
		n.put("", "")
		n.box.Hide()
	}
}

// wipe takes every text off.
func (n *notice) wipe() { n.show(flow.Problem{}, flow.NoNote) }

func (n *notice) put(what, why string) {
	n.what.SetText(what)
	n.why.SetText(why)
}

func (n *notice) dress(icon fyne.Resource, mood, ground fyne.ThemeColorName) {
	n.icon.SetResource(theme.NewColoredResource(icon, mood))
	n.box.ground, n.box.edge = ground, mood
	n.box.Show()
	n.box.Refresh()
}

// problemWords says what happened, and then why and what to do. left is how long TooMany still lasts.
func problemWords(p flow.Problem, left time.Duration) (what, why string) {
	key := "problem." + string(p.Kind)
	what = say(key+".what", "count", p.Count, "name", plainLine(p.Detail))
	if p.Kind == flow.TooMany {
		if left > 0 {
			return what, say(key+".why") + " " + say(key+".cure", "wait", clockWords(left))
		}
		return what, say(key+".why") + " " + say("problem.too-many.over")
	}
	parts := []string{say(key + ".why"), say(key + ".cure")}
	switch {
	case p.Kind == flow.NoGoodPicture:
		parts = []string{reasonWords(p.Reason) + ".", say(key + ".cure")}
	case p.Flaw != 0:
		parts = []string{flawWords(p.Flaw), say("problem.flaw.cure")}
	case p.Kind == flow.CameByCode:
	case p.Detail != "":
		parts[0] = say("problem.detail", "detail", plainLine(p.Detail))
	}
	return what, strings.Join(parts, " ")
}

// clockWords is a wait in words: 0:09, 12:30.
func clockWords(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
