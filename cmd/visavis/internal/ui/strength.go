package ui

import (
	"sync"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/ccojocar/zxcvbn-go"
)

const (
	strengthDelay = 150 * time.Millisecond
	shortest      = 10 // what the server's rule asks for, so that the meter does not praise what will be refused
	longest       = 128
	enough        = 3 // of zxcvbn's 0 to 4
	levels        = 5
)

// strength is the meter under a new password: five bars and a word. It is worked out beside the UI goroutine, once typing pauses.
type strength struct {
	widget.BaseWidget
	do    func(func())
	after func(time.Duration, func()) (stop func() bool)
	level int // -1 for no password yet
	bars  [levels]*canvas.Rectangle
	word  *widget.Label

	mu   sync.Mutex
	turn int // a result counts only when nothing was typed since
	stop func() bool
}

func newStrength(do func(func()), after func(time.Duration, func()) func() bool) *strength {
	m := &strength{do: do, after: after, level: -1, word: newText(levelWords(-1), textCaption)}
	for i := range m.bars {
		m.bars[i] = canvas.NewRectangle(nil)
		m.bars[i].CornerRadius = 3
	}
	m.ExtendBaseWidget(m)
	return m
}

// typed asks for the meter of a password; inputs are words that a guesser would try first.
func (m *strength) typed(password string, inputs ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stop != nil {
		m.stop()
	}
	m.turn++
	turn := m.turn
	if password == "" {
		m.stop = nil
		m.set(-1)
		return
	}
	m.stop = m.after(strengthDelay, func() {
		level := measure(password, inputs)
		m.do(func() {
			m.mu.Lock()
			late := turn != m.turn
			m.mu.Unlock()
			if !late {
				m.set(level)
			}
		})
	})
}

// close forgets the password that waits to be measured.
func (m *strength) close() { m.typed("") }

func (m *strength) set(level int) {
	m.level = level
	m.word.SetText(levelWords(level))
	m.Refresh()
}

func levelWords(level int) string {
	return say([...]string{"strength.none", "strength.0", "strength.1", "strength.2", "strength.3", "strength.4"}[level+1])
}

// measure gives a password a level from 0 to 4. What is too short is never enough.
func measure(password string, inputs []string) int {
	if len(password) > longest {
		return 0
	}
	level := min(levels-1, zxcvbn.PasswordStrength(password, inputs).Score)
	if utf8.RuneCountInString(password) < shortest {
		level = min(level, enough-2)
	}
	return level
}

// CreateRenderer implements fyne.Widget.
func (m *strength) CreateRenderer() fyne.WidgetRenderer {
	r := &strengthRenderer{m}
	r.Refresh()
	return r
}

type strengthRenderer struct{ of *strength }

func (r *strengthRenderer) Destroy() {}

func (r *strengthRenderer) MinSize() fyne.Size {
	return fyne.NewSize(160, r.of.word.MinSize().Height)
}

func (r *strengthRenderer) Objects() []fyne.CanvasObject {
	all := []fyne.CanvasObject{r.of.word}
	for _, b := range r.of.bars {
		all = append(all, b)
	}
	return all
}

// Layout puts the bars to the left of the word, half and half.
func (r *strengthRenderer) Layout(size fyne.Size) {
	wide := (size.Width/2 - gapXS*(levels-1)) / levels
	for i, b := range r.of.bars {
		b.Resize(fyne.NewSize(wide, 6))
		b.Move(fyne.NewPos(float32(i)*(wide+gapXS), (size.Height-6)/2))
	}
	r.of.word.Resize(fyne.NewSize(size.Width/2, size.Height))
	r.of.word.Move(fyne.NewPos(size.Width/2, 0))
}

func (r *strengthRenderer) Refresh() {
	mood := theme.ColorNameError
	switch {
	case r.of.level >= enough:
		mood = theme.ColorNameSuccess
	case r.of.level == enough-1:
		mood = theme.ColorNameWarning
	}
	for i, b := range r.of.bars {
		b.FillColor = theme.Color(theme.ColorNameSeparator)
		if i <= r.of.level {
			b.FillColor = theme.Color(mood)
		}
		b.Refresh()
	}
	r.of.word.Refresh()
}
