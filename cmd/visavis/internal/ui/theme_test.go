package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// pairs are the inks that stand on which grounds, and the contrast that WCAG 2.2 asks for at level AA: 4.5 for text, 3 for icons, edges of
// fields and marks of focus.
var pairs = []struct {
	ink, ground fyne.ThemeColorName
	least       float64
}{
	{theme.ColorNameForeground, theme.ColorNameBackground, 4.5},
	{theme.ColorNameForeground, colorSurface, 4.5},
	{theme.ColorNameForeground, colorSunk, 4.5},
	{theme.ColorNameForeground, theme.ColorNameButton, 4.5},
	{theme.ColorNameForeground, theme.ColorNameInputBackground, 4.5},
	{theme.ColorNameForeground, theme.ColorNameMenuBackground, 4.5},
	{theme.ColorNameForeground, theme.ColorNameOverlayBackground, 4.5},
	{theme.ColorNameForeground, theme.ColorNameHeaderBackground, 4.5},
	{theme.ColorNameForeground, colorTint, 4.5},
	{theme.ColorNameForeground, colorErrorTint, 4.5},
	{theme.ColorNameForeground, colorWarnTint, 4.5},
	{theme.ColorNameForeground, colorGoodTint, 4.5},
	{colorMuted, theme.ColorNameBackground, 4.5},
	{colorMuted, colorSurface, 4.5},
	{colorMuted, colorSunk, 4.5},
	{colorMuted, colorTint, 4.5},
	{theme.ColorNameDisabled, theme.ColorNameBackground, 4.5},
	{theme.ColorNameDisabled, colorSurface, 4.5},
	{theme.ColorNameDisabled, colorTint, 4.5},
	{theme.ColorNameDisabled, theme.ColorNameDisabledButton, 4.5},
	{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground, 4.5},
	{theme.ColorNamePrimary, theme.ColorNameBackground, 4.5},
	{theme.ColorNamePrimary, colorSurface, 4.5},
	{theme.ColorNamePrimary, colorTint, 4.5},
	{theme.ColorNamePrimary, theme.ColorNameButton, 3},
	{theme.ColorNameHyperlink, colorSurface, 4.5},
	{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary, 4.5},
	{theme.ColorNameForegroundOnError, theme.ColorNameError, 4.5},
	{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning, 4.5},
	{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess, 4.5},
	{theme.ColorNameError, theme.ColorNameBackground, 4.5},
	{theme.ColorNameError, colorSurface, 4.5},
	{theme.ColorNameError, colorErrorTint, 4.5},
	{theme.ColorNameWarning, theme.ColorNameBackground, 4.5},
	{theme.ColorNameWarning, colorSurface, 4.5},
	{theme.ColorNameWarning, colorWarnTint, 4.5},
	{theme.ColorNameSuccess, theme.ColorNameBackground, 4.5},
	{theme.ColorNameSuccess, colorSurface, 4.5},
	{theme.ColorNameSuccess, colorGoodTint, 4.5},
	{theme.ColorNameForeground, colorLampWarm, 4.5},
	{theme.ColorNameForeground, colorLampCool, 4.5},
	{colorMuted, colorLampWarm, 4.5},
	{colorMuted, colorLampCool, 4.5},
	{theme.ColorNamePrimary, colorLampWarm, 4.5},
	{theme.ColorNamePrimary, colorLampCool, 4.5},
	{theme.ColorNameSuccess, colorLampWarm, 4.5},
	{theme.ColorNameSuccess, colorLampCool, 4.5},
	{theme.ColorNameWarning, colorLampWarm, 4.5},
	{theme.ColorNameWarning, colorLampCool, 4.5},
	{theme.ColorNameInputBorder, theme.ColorNameInputBackground, 3},
	{theme.ColorNameInputBorder, colorSurface, 3},
	{theme.ColorNamePrimary, theme.ColorNameInputBackground, 3},
}

func TestContrast(t *testing.T) {
	for _, shade := range []flow.Theme{flow.ThemeLight, flow.ThemeDark} {
		l := look{shade, 100}
		for _, p := range pairs {
			if c := contrast(l.Color(p.ink, theme.VariantLight), l.Color(p.ground, theme.VariantLight)); c < p.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", shade, p.ink, p.ground, c, p.least)
			}
		}
	}
}

// contrast is WCAG's (L1 + 0.05) / (L2 + 0.05).
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xFFFF
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestTheme(t *testing.T) {
	dark, light := look{flow.ThemeDark, 100}, look{flow.ThemeLight, 100}
	for _, name := range []fyne.ThemeColorName{theme.ColorNameBackground, colorSurface, theme.ColorNamePrimary} {
		if (look{flow.ThemeSystem, 100}).Color(name, theme.VariantDark) != dark.Color(name, theme.VariantLight) {
			t.Errorf("%s: the system says dark, and it is not", name)
		}
		if (look{flow.ThemeLight, 100}).Color(name, theme.VariantDark) != light.Color(name, theme.VariantLight) {
			t.Errorf("%s: light was picked, and the system's dark is shown", name)
		}
	}
	for name := range sizes {
		small, large := newLook(flow.Prefs{TextSize: 100}).Size(name), newLook(flow.Prefs{TextSize: 130}).Size(name)
		if stretched[name] && large < small*1.29 || !stretched[name] && large != small {
			t.Errorf("%s is %v at 100%% and %v at 130%%", name, small, large)
		}
	}
	for name := range lightColours {
		if _, ok := darkColours[name]; !ok {
			t.Errorf("%s has no dark colour", name)
		}
	}
}
