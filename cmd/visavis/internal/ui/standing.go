package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

// attitude is how a standing looks: words for a list, and for the person's own page.
type attitude struct {
	short, long  string // keys of texts; short is empty where a list says nothing
	icon         func() fyne.Resource
	mood, ground fyne.ThemeColorName
}

var attitudes = map[e2e.Standing]attitude{
	e2e.StandingOpen:     {"", "someone.open", theme.InfoIcon, theme.ColorNamePrimary, colorTint},
	e2e.StandingVerified: {"people.verified", "someone.verified", theme.ConfirmIcon, theme.ColorNameSuccess, colorGoodTint},
	e2e.StandingHandedOn: {"people.handedon", "someone.handedon", theme.InfoIcon, theme.ColorNamePrimary, colorTint},
	e2e.StandingChanged:  {"people.changed", "someone.changed", theme.WarningIcon, theme.ColorNameWarning, colorWarnTint},
}

// standingNote is what a list says of somebody's keys; empty for nothing.
func standingNote(s e2e.Standing) string {
	if a := attitudes[s]; a.short != "" {
		return say(a.short)
	}
	return ""
}

// standingWords is what his own page says.
func (p *someone) standingWords(x flow.Peer) string {
	a, ok := attitudes[x.Standing]
	if !ok {
		return ""
	}
	key := a.long
	if x.Standing == e2e.StandingChanged && !x.Verified.IsZero() {
		key = "someone.changed.verified"
	}
	return say(key, "name", plainLine(x.Name), "time", moment(x.Verified, p.kit.now()))
}
