package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

func TestMonogram(t *testing.T) {
	for name, want := range map[string]string{
		lena: "LH", jose: "JÑ", olga: "ОК", long: "MS", "bo": "B", "": "·", "  --  ": "·", "3 com": "3C", "élan": "É",
	} {
		if got := monogram(plainLine(name)); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestAvatarColours(t *testing.T) {
	for i, c := range avatarColours {
		if got := contrast(avatarInk, c); got < 4.5 {
			t.Errorf("colour %d has a contrast of %.2f", i, got)
		}
	}
	used := make(map[any]bool)
	for i := range 200 {
		id := models.AccountID{byte(i), byte(i * 7), 3: byte(i * 31)}
		used[avatarColour(id)] = true
	}
	if len(used) != len(avatarColours) {
		t.Errorf("200 accounts use %d of %d colours", len(used), len(avatarColours))
	}
}

// Every text inside stands on its ground with a contrast of at least 4.5, in both themes.
func TestInsideContrast(t *testing.T) {
	pairs := [][2]fyne.ThemeColorName{
		{theme.ColorNameForeground, colorTint}, {colorMuted, colorTint}, {theme.ColorNameForeground, colorSurface}, {colorMuted, colorSurface},
		{colorMuted, theme.ColorNameBackground}, {theme.ColorNamePrimary, theme.ColorNameBackground}, {theme.ColorNamePrimary, colorTint},
		{theme.ColorNameForeground, colorErrorTint}, {theme.ColorNameError, colorErrorTint}, {theme.ColorNameError, colorSurface},
		{theme.ColorNameWarning, theme.ColorNameBackground}, {theme.ColorNameWarning, colorWarnTint}, {theme.ColorNameForeground, colorWarnTint},
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary}, {theme.ColorNameError, theme.ColorNameBackground},
	}
	for _, th := range []flow.Theme{flow.ThemeLight, flow.ThemeDark} {
		l := look{theme: th, percent: 100}
		for _, p := range pairs {
			if got := contrast(l.Color(p[0], 0), l.Color(p[1], 0)); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", th, p[0], p[1], got)
			}
		}
	}
}
