package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// Colours of our own, beside Fyne's names.
const (
	colorSurface   fyne.ThemeColorName = "visavis.surface"    // cards and panels
	colorSunk      fyne.ThemeColorName = "visavis.sunk"       // a ground a little darker than the surface
	colorMuted     fyne.ThemeColorName = "visavis.muted"      // text of the second rank
	colorScrim     fyne.ThemeColorName = "visavis.scrim"      // between page and panel
	colorTint      fyne.ThemeColorName = "visavis.tint"       // primary, as a ground
	colorErrorTint fyne.ThemeColorName = "visavis.tint-error" // error, as a ground
	colorWarnTint  fyne.ThemeColorName = "visavis.tint-warn"
	colorGoodTint  fyne.ThemeColorName = "visavis.tint-good"
	colorLampWarm  fyne.ThemeColorName = "visavis.lamp-warm" // the ground of a look, lit
	colorLampCool  fyne.ThemeColorName = "visavis.lamp-cool"
)

// The type scale.
const (
	textCaption fyne.ThemeSizeName = theme.SizeNameCaptionText // 12
	textBody    fyne.ThemeSizeName = theme.SizeNameText        // 14
	textLead    fyne.ThemeSizeName = "visavis.lead"            // 16
	textHeading fyne.ThemeSizeName = "visavis.heading"         // 20
	textTitle   fyne.ThemeSizeName = "visavis.title"           // 28
	textDisplay fyne.ThemeSizeName = "visavis.display"         // 40
)

// The spacing scale.
const (
	gapXS  float32 = 4
	gapS   float32 = 8
	gapM   float32 = 12
	gapL   float32 = 16
	gapXL  float32 = 24
	gapXXL float32 = 32
	gapMax float32 = 48
)

// look is our fyne.Theme: two sets of colours, one type scale that the settings stretch.
type look struct {
	theme   flow.Theme
	percent int
}

// lookOf is a state's: a look whose light the organisation asks for is light, since a dark window gives none.
func lookOf(s flow.State) look {
	l := newLook(s.Prefs)
	if s.Page == flow.Look && s.Desk.Lamp {
		l.theme = flow.ThemeLight
	}
	return l
}

func newLook(p flow.Prefs) look {
	if p.TextSize <= 0 {
		p.TextSize = 100
	}
	return look{p.Theme, p.TextSize}
}

// Color returns a colour; the settings decide between light and dark, or the system does.
func (l look) Color(name fyne.ThemeColorName, system fyne.ThemeVariant) color.Color {
	set := lightColours
	if l.dark(system) {
		set = darkColours
	}
	if c, ok := set[name]; ok {
		return c
	}
	variant := theme.VariantLight
	if l.dark(system) {
		variant = theme.VariantDark
	}
	return theme.DefaultTheme().Color(name, variant)
}

func (l look) dark(system fyne.ThemeVariant) bool {
	switch l.theme {
	case flow.ThemeDark:
		return true
	case flow.ThemeLight:
		return false
	}
	return system == theme.VariantDark
}

// Font returns Fyne's own fonts.
func (look) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon returns Fyne's own icons.
func (look) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

var sizes = map[fyne.ThemeSizeName]float32{
	textCaption: 12, textBody: 14, textLead: 16, textHeading: 20, textTitle: 28, textDisplay: 40,
	theme.SizeNameHeadingText: 28, theme.SizeNameSubHeadingText: 20,
	theme.SizeNameInnerPadding: 8, theme.SizeNamePadding: 4, theme.SizeNameInputRadius: 8, theme.SizeNameInputBorder: 1,
	theme.SizeNameInlineIcon: 20,
}

var stretched = map[fyne.ThemeSizeName]bool{
	textCaption: true, textBody: true, textLead: true, textHeading: true, textTitle: true, textDisplay: true,
	theme.SizeNameHeadingText: true, theme.SizeNameSubHeadingText: true, theme.SizeNameInlineIcon: true,
}

// Size returns a size; text and the icons beside it follow the settings.
func (l look) Size(name fyne.ThemeSizeName) float32 {
	size, ok := sizes[name]
	if !ok {
		return theme.DefaultTheme().Size(name)
	}
	if stretched[name] {
		size = size * float32(l.percent) / 100
	}
	return size
}

var (
	lightColours = map[fyne.ThemeColorName]color.Color{
		theme.ColorNameBackground: rgb(0xF7F4EE), colorSurface: rgb(0xFFFDF8), colorSunk: rgb(0xEFEAE0),
		theme.ColorNameForeground: rgb(0x1C2430), colorMuted: rgb(0x56606E),
		theme.ColorNamePrimary: rgb(0x0B6E69), theme.ColorNameForegroundOnPrimary: rgb(0xFFFFFF), theme.ColorNameHyperlink: rgb(0x0B6E69),
		theme.ColorNameError: rgb(0xB3261E), theme.ColorNameForegroundOnError: rgb(0xFFFFFF),
		theme.ColorNameWarning: rgb(0x8A5A00), theme.ColorNameForegroundOnWarning: rgb(0xFFFFFF),
		theme.ColorNameSuccess: rgb(0x23693F), theme.ColorNameForegroundOnSuccess: rgb(0xFFFFFF),
		colorTint: rgb(0xDDEDEA), colorErrorTint: rgb(0xFBE6E2), colorWarnTint: rgb(0xFBEED2), colorGoodTint: rgb(0xE0F0E4),
		colorLampWarm: rgb(0xFFE0BC), colorLampCool: rgb(0xCFE4FF),
		theme.ColorNameButton: rgb(0xEAE4D8), theme.ColorNameDisabledButton: rgb(0xEFEAE0), theme.ColorNameDisabled: rgb(0x5B6470),
		theme.ColorNamePlaceHolder: rgb(0x636C79), theme.ColorNameInputBackground: rgb(0xFFFFFF), theme.ColorNameInputBorder: rgb(0x8A8D90),
		theme.ColorNameHover: rgba(0x1C2430, 0x12), theme.ColorNamePressed: rgba(0x1C2430, 0x24), theme.ColorNameFocus: rgba(0x0B6E69, 0x40),
		theme.ColorNameSelection: rgba(0x0B6E69, 0x38), theme.ColorNameSeparator: rgb(0xDED7C9), theme.ColorNameScrollBar: rgba(0x1C2430, 0x70),
		theme.ColorNameScrollBarBackground: rgba(0x1C2430, 0x10), theme.ColorNameShadow: rgba(0x1C2430, 0x28),
		theme.ColorNameOverlayBackground: rgb(0xFFFDF8), theme.ColorNameMenuBackground: rgb(0xFFFDF8), theme.ColorNameHeaderBackground: rgb(0xEFEAE0),
		colorScrim: rgba(0x1C2430, 0x8C),
	}
	darkColours = map[fyne.ThemeColorName]color.Color{
		theme.ColorNameBackground: rgb(0x12171E), colorSurface: rgb(0x1B222B), colorSunk: rgb(0x0D1116),
		theme.ColorNameForeground: rgb(0xEDEAE3), colorMuted: rgb(0xA5ACB5),
		theme.ColorNamePrimary: rgb(0x5CC8BE), theme.ColorNameForegroundOnPrimary: rgb(0x08211F), theme.ColorNameHyperlink: rgb(0x5CC8BE),
		theme.ColorNameError: rgb(0xFF8A80), theme.ColorNameForegroundOnError: rgb(0x2B0A07),
		theme.ColorNameWarning: rgb(0xF2B84B), theme.ColorNameForegroundOnWarning: rgb(0x281B00),
		theme.ColorNameSuccess: rgb(0x7FD69B), theme.ColorNameForegroundOnSuccess: rgb(0x08210F),
		colorTint: rgb(0x17393A), colorErrorTint: rgb(0x43211F), colorWarnTint: rgb(0x3D2F12), colorGoodTint: rgb(0x1B3626),
		colorLampWarm: rgb(0x4A3414), colorLampCool: rgb(0x14365C),
		theme.ColorNameButton: rgb(0x2A333E), theme.ColorNameDisabledButton: rgb(0x20272F), theme.ColorNameDisabled: rgb(0x9AA2AC),
		theme.ColorNamePlaceHolder: rgb(0x949CA6), theme.ColorNameInputBackground: rgb(0x141A21), theme.ColorNameInputBorder: rgb(0x6B7480),
		theme.ColorNameHover: rgba(0xEDEAE3, 0x14), theme.ColorNamePressed: rgba(0xEDEAE3, 0x28), theme.ColorNameFocus: rgba(0x5CC8BE, 0x50),
		theme.ColorNameSelection: rgba(0x5CC8BE, 0x48), theme.ColorNameSeparator: rgb(0x2E3743), theme.ColorNameScrollBar: rgba(0xEDEAE3, 0x70),
		theme.ColorNameScrollBarBackground: rgba(0xEDEAE3, 0x10), theme.ColorNameShadow: rgba(0x000000, 0x60),
		theme.ColorNameOverlayBackground: rgb(0x1B222B), theme.ColorNameMenuBackground: rgb(0x222A34), theme.ColorNameHeaderBackground: rgb(0x0D1116),
		colorScrim: rgba(0x05080B, 0xA8),
	}
)

func rgb(v uint32) color.NRGBA { return rgba(v, 0xFF) }

func rgba(v uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: alpha}
}
