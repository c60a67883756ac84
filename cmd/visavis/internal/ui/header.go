package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

// header is the strip above every page: where one is, how connection and camera are, and what works everywhere.
type header struct {
	kit          *kit
	object       fyne.CanvasObject
	organisation *widget.Label
	desk         *widget.Label
	link         *status
	eye          *status
	banner       *card
	shade        *button
	settings     *button
	about        *button
	state        flow.State
	seen         headerView
}

// headerView is what the header shows.
type headerView struct {
	page flow.Page
	desk flow.Desk
	link flow.Link
	eye  flow.Eye
}

func newHeader(k *kit) *header {
	h := &header{kit: k, organisation: newText("", textLead), desk: newText("", textBody), link: newStatus(), eye: newStatus()}
	h.organisation.TextStyle.Bold = true
	h.desk.Importance, h.desk.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	h.shade = newIconButton(k, "", theme.ColorPaletteIcon(), h.turnShade)
	h.settings = newIconButton(k, "", theme.SettingsIcon(), func() { k.post(flow.PanelOpened{Panel: flow.Settings}) })
	h.about = newIconButton(k, "", theme.HelpIcon(), func() { k.post(flow.PanelOpened{Panel: flow.About}) })
	left := container.NewHBox(container.NewCenter(newMark(28)), h.organisation)
	right := container.NewHBox(h.link.object, newSpaceWide(gapXS), h.eye.object, newSpaceWide(gapXS), h.shade, h.settings, h.about)
	bar := newStrip(colorSurface, pad(gapXS, container.NewBorder(nil, nil, left, right, h.desk)))
	words := newText(say("header.demonstration"), textBody)
	words.TextStyle.Bold = true
	h.banner = newStrip(colorWarnTint, container.NewHBox(layout.NewSpacer(),
		widget.NewIcon(theme.NewColoredResource(theme.WarningIcon(), theme.ColorNameWarning)), words, layout.NewSpacer()))
	h.banner.Hide()
	h.object = container.NewVBox(bar, h.banner)
	h.object.(*fyne.Container).Layout = layout.NewCustomPaddedVBoxLayout(0)
	return h
}

// show says whether anything changed, so that the window has to be laid out again.
func (h *header) show(s flow.State) (changed bool) {
	h.state = s
	v := headerView{s.Page, s.Desk, s.Link, s.Eye}
	if v == h.seen {
		return false
	}
	h.seen = v
	h.organisation.SetText(orElse(plainLine(s.Desk.Organisation), say("window.title")))
	h.desk.SetText(plainLine(s.Desk.Name))
	h.link.show(linkWords(s.Link), linkMood(s.Link))
	h.eye.show(eyeWords(s.Eye), eyeMood(s.Eye))
	visible(s.Page != flow.Starting && s.Page != flow.Enrol, h.link.object)
	visible(s.Page != flow.Starting, h.eye.object)
	visible(s.Desk.Virtual || s.Eye.Virtual, h.banner)
	free := s.Page != flow.Starting && s.Page != flow.Look && s.Page != flow.Locked && s.Page != flow.Sheet && s.Page != flow.Phrase && s.Page != flow.Recalled
	visible(free, h.settings, h.about)
	visible(s.Page != flow.Starting, h.shade)
	return true
}

// turnShade goes from light to dark, or back.
func (h *header) turnShade() {
	p := h.state.Prefs
	p.Theme = flow.ThemeDark
	if newLook(h.state.Prefs).dark(h.kit.app.Settings().ThemeVariant()) {
		p.Theme = flow.ThemeLight
	}
	h.kit.post(flow.PrefsPicked{Prefs: p})
}

func linkMood(l flow.Link) fyne.ThemeColorName {
	switch l {
	case flow.LinkUp:
		return theme.ColorNameSuccess
	case flow.LinkDown:
		return theme.ColorNameWarning
	}
	return theme.ColorNameDisabled
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// status is a dot with a few words beside it.
type status struct {
	object fyne.CanvasObject
	dot    *mark
	text   *widget.Label
}

func newStatus() *status {
	s := &status{dot: newDrawn(12, drawing("oval", theme.ColorNameDisabled)), text: newText("", textCaption)}
	s.object = container.NewHBox(container.NewCenter(s.dot), container.NewCenter(s.text))
	s.object.(*fyne.Container).Layout = layout.NewCustomPaddedHBoxLayout(-2)
	return s
}

func (s *status) show(text string, mood fyne.ThemeColorName) {
	s.dot.draw(drawing("oval", mood))
	s.text.SetText(text)
}
