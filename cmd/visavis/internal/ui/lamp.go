package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"visavis/biometrics/liveness"
)

const (
	lampEase  = 120 * time.Millisecond // from one tint to the next
	lampStep  = 30 * time.Millisecond
	lampShort = 400 * time.Millisecond // between two changes at least: 2.5 a second, where WCAG 2.2 calls more than three a flash
)

// lampColours are the tints: alike in brightness, so that nothing flickers, and apart in red and blue.
var lampColours = map[liveness.Tint]fyne.ThemeColorName{
	liveness.Plain: theme.ColorNameBackground, liveness.Warm: colorLampWarm, liveness.Cool: colorLampCool,
}

// lamp is a page's ground, which takes the light of a challenge. However its tints come, it changes no faster than lampShort.
type lamp struct {
	kit  *kit
	rect *canvas.Rectangle

	want     liveness.Tint // asked for last
	tint     liveness.Tint // shown, or being eased to
	from, to color.NRGBA
	at       time.Time   // of the last change
	stop     func() bool // of the timer that is under way; nil for none
}

func newLamp(k *kit) *lamp {
	l := &lamp{kit: k, want: liveness.Plain, tint: liveness.Plain}
	l.rect = canvas.NewRectangle(color.Transparent) // the window's own ground
	return l
}

// show asks for a tint; the zero Tint is Plain.
func (l *lamp) show(t liveness.Tint) {
	if t == 0 {
		t = liveness.Plain
	}
	if t != l.want {
		l.want = t
		l.turn()
	}
}

// turn begins a change as soon as the last one is long enough ago.
func (l *lamp) turn() {
	if l.want == l.tint {
		return
	}
	now := l.kit.now()
	if wait := lampShort - now.Sub(l.at); !l.at.IsZero() && wait > 0 {
		if l.stop == nil {
			l.later(wait, l.turn)
		}
		return
	}
	l.from, l.to, l.tint, l.at = l.ground(l.tint), l.ground(l.want), l.want, now
	l.ease()
}

func (l *lamp) ground(t liveness.Tint) color.NRGBA {
	return color.NRGBAModel.Convert(theme.Color(lampColours[t])).(color.NRGBA)
}

// ease paints the next shade of a change.
func (l *lamp) ease() {
	part := min(1, float64(l.kit.now().Sub(l.at))/float64(lampEase))
	l.rect.FillColor = between(l.from, l.to, part)
	if part == 1 && l.tint == liveness.Plain {
		l.rect.FillColor = color.Transparent
	}
	l.rect.Refresh()
	if part < 1 {
		l.later(lampStep, l.ease)
		return
	}
	l.turn() // to what was asked for meanwhile
}

func (l *lamp) later(d time.Duration, then func()) {
	if l.stop != nil {
		l.stop()
	}
	l.stop = l.kit.after(d, func() {
		l.kit.do(func() {
			if l.stop != nil {
				l.stop = nil
				then()
			}
		})
	})
}

// close stops it.
func (l *lamp) close() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
}

func between(a, b color.NRGBA, part float64) color.NRGBA {
	mix := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*part + 0.5) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), mix(a.A, b.A)}
}
