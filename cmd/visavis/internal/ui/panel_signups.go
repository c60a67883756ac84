package ui

import (
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// signupList is who waits, the first first.
type signupList struct {
	kit  *kit
	roll *roll
	rows []flow.Signup
	open models.AccountID
	pick func(models.AccountID)
}

func newSignupList(k *kit) *signupList {
	l := &signupList{kit: k}
	l.roll = newRoll(k, l, false)
	return l
}

func (l *signupList) show(rows []flow.Signup, open models.AccountID) {
	l.rows, l.open = rows, open
	l.roll.update(func(uint64) bool { return false })
}

func (l *signupList) wipe() {
	l.rows = nil
	l.roll.wipe()
}

func (l *signupList) count() int                 { return len(l.rows) }
func (l *signupList) id(i int) uint64            { return shortID(l.rows[i].Account) }
func (l *signupList) guess(int, float32) float32 { return faceHeight + 2*gapS }
func (l *signupList) picks(int) bool             { return true }
func (l *signupList) act(i int)                  { l.pick(l.rows[i].Account) }
func (l *signupList) copied(int) string          { return "" }

func (l *signupList) item(i int) item {
	x := l.rows[i]
	return newPickRow(func(s *sketch, width float32) float32 {
		y := gapS + s.line(inkName, plainLine(x.Name), roomText, gapS, width-gapS-roomText).Height + 1
		y += s.line(inkNote, moment(x.At, l.kit.now()), roomText, y, width-gapS-roomText).Height + gapS
		face := newAvatar(x.Name, x.Account, faceHeight)
		s.put(face, gapM, (y-faceHeight)/2, face.MinSize())
		return y
	}, func() { l.pick(x.Account) }, x.Account == l.open)
}
