package ui

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// lines is the open room's log: what a roll shows of it.
type lines struct {
	kit  *kit
	roll *roll

	room   models.RoomID
	all    []talk.Line
	people map[string]models.AccountID
	made   map[uint64]talk.Line // as they are on screen, by id
	whole  map[uint64]bool      // long messages that are shown whole
}

func newLines(k *kit) *lines {
	l := &lines{kit: k, made: map[uint64]talk.Line{}, whole: map[uint64]bool{}}
	l.roll = newRoll(k, l, true)
	return l
}

// show puts another view of the same room in, or another room. A line whose row would look the same keeps it.
func (l *lines) show(room models.RoomID, all []talk.Line, people map[string]models.AccountID) {
	if room != l.room {
		l.wipe()
		l.room = room
	}
	l.people = people
	if len(all) == len(l.all) && (len(all) == 0 || &all[0] == &l.all[0]) {
		return
	}
	l.all = all
	now := make(map[uint64]*talk.Line, len(l.made))
	for i := range all {
		if _, ok := l.made[all[i].ID]; ok {
			now[all[i].ID] = &all[i]
		}
	}
	l.roll.update(func(id uint64) bool {
		n, ok := now[id]
		if ok && *n == l.made[id] {
			return true
		}
		delete(l.made, id)
		return false
	})
}

func (l *lines) wipe() {
	l.room, l.all, l.people = models.RoomID{}, nil, nil
	clear(l.made)
	clear(l.whole)
	l.roll.wipe()
}

// last is the id of the newest line that somebody wrote, zero without.
func (l *lines) last() uint64 {
	for i := len(l.all) - 1; i >= 0; i-- {
		if l.all[i].Kind == talk.Message {
			return l.all[i].ID
		}
	}
	return 0
}

func (l *lines) count() int      { return len(l.all) }
func (l *lines) id(i int) uint64 { return l.all[i].ID }

// guess takes every letter for as wide as half its height.
func (l *lines) guess(i int, width float32) float32 {
	line := &l.all[i]
	high := theme.Size(textBody) * 1.4
	if line.Kind != talk.Message {
		return high + gapXL
	}
	letters := float32(utf8.RuneCountInString(line.Text)) * theme.Size(textBody) / 2
	rows := 1 + int(letters/max(bubbleWidth(width)-2*gapM, 1))
	return float32(min(rows, foldedRows))*high + 3*gapS
}

func (l *lines) item(i int) item {
	line := l.all[i]
	l.made[line.ID] = line
	if line.Kind == talk.Message {
		return newMessageRow(l, line)
	}
	return newMiddleRow(l, line)
}

func (l *lines) picks(i int) bool {
	return l.all[i].Kind == talk.Message || l.all[i].Kind == talk.Closed
}

// act tries a message again that was not stored, and unfolds a long one.
func (l *lines) act(i int) {
	switch line := l.all[i]; {
	case line.Delivery == talk.Failed, line.Delivery == talk.Held:
		l.resend(line)
	default:
		l.open(line)
	}
}

// open says more of a line. Of a number that was used twice a panel does, which has the proof.
func (l *lines) open(line talk.Line) {
	if line.Kind == talk.Closed && line.Cause == e2e.CauseReused {
		l.kit.post(flow.PanelOpened{Panel: flow.TwiceSaid})
		return
	}
	l.unfold(line.ID)
}

func (l *lines) copied(i int) string { return l.all[i].Text }

func (l *lines) resend(line talk.Line) {
	l.kit.post(flow.Asked{Action: flow.Action{Verb: flow.ResendText, Room: l.room, Message: line.Message}})
}

func (l *lines) drop(line talk.Line) {
	l.kit.post(flow.Asked{Action: flow.Action{Verb: flow.DropText, Room: l.room, Message: line.Message}})
}

// unfold shows a long message whole, or why lines are closed or warned of; or folds it again.
func (l *lines) unfold(id uint64) {
	if l.whole[id] {
		delete(l.whole, id)
	} else {
		l.whole[id] = true
	}
	l.roll.update(func(other uint64) bool { return other != id })
}

// at puts the keys at a message.
func (l *lines) at(id uint64) {
	l.kit.window.Canvas().Focus(l.roll)
	l.roll.current = id
	l.roll.markAll()
}

var _ fyne.Shortcutable = (*roll)(nil)
