package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/models"
)

// entry is a row of a book: a person or a desk, what is said of it, and what can be done with it.
type entry struct {
	id      uint64
	face    models.AccountID // for the oval's colour
	name    string
	tag     string // one word beside the name
	tagTone fyne.ThemeColorName
	notes   []string // one line each
	why     string   // wrapped
	problem string   // said in the colour of an error, wrapped
	dim     bool     // it does not count any more
	deeds   []deed
}

// deed is something that can be done with an entry.
type deed struct {
	text   string
	danger bool
	ask    string // the question that is asked before; empty for none
	really string // its answer
	do     func()
}

// book is a list of people or desks. A deed that can not be taken back is asked for twice.
type book struct {
	kit    *kit
	roll   *roll
	rows   []entry
	idle   bool
	asking uint64 // the row that shows a question, 0 for none
	asked  deed
	no     *button // beside the question
}

func newBook(k *kit) *book {
	b := &book{kit: k}
	b.roll = newRoll(k, b, false)
	return b
}

// show puts other rows in; idle says whether something may be done now.
func (b *book) show(rows []entry, idle bool) {
	b.rows, b.idle = rows, idle
	b.roll.update(func(uint64) bool { return false })
}

func (b *book) wipe() {
	b.rows, b.asking, b.asked, b.no = nil, 0, deed{}, nil
	b.roll.wipe()
}

func (b *book) count() int                 { return len(b.rows) }
func (b *book) id(i int) uint64            { return b.rows[i].id }
func (b *book) guess(int, float32) float32 { return faceHeight + 2*gapS }
func (b *book) picks(int) bool             { return true }
func (b *book) copied(int) string          { return "" }

// act does the first deed.
func (b *book) act(i int) {
	if len(b.rows[i].deeds) > 0 && b.idle {
		b.begin(b.rows[i], b.rows[i].deeds[0])
	}
}

// begin asks, or does a deed that needs no question.
func (b *book) begin(e entry, d deed) {
	if d.ask == "" {
		d.do()
		return
	}
	b.asking, b.asked = e.id, d
	b.roll.update(func(id uint64) bool { return id != e.id })
	if b.no != nil {
		b.kit.window.Canvas().Focus(b.no)
	}
}

func (b *book) answer(yes bool) {
	id, d := b.asking, b.asked
	b.asking, b.asked, b.no = 0, deed{}, nil
	b.kit.window.Canvas().Focus(b.roll)
	b.roll.update(func(other uint64) bool { return other != id })
	if yes {
		d.do()
	}
}

func (b *book) item(i int) item {
	e := b.rows[i]
	return newPickRow(func(s *sketch, width float32) float32 { return b.draw(s, e, width) }, nil, false)
}

// draw writes a row: oval, name and notes at the left, what can be done at the right.
func (b *book) draw(s *sketch, e entry, width float32) float32 {
	buttons := b.buttons(e)
	right, tall := width-gapS, float32(0)
	for _, o := range buttons {
		size := o.MinSize()
		right -= size.Width
		tall = max(tall, size.Height)
		s.put(o, right, 0, size)
		right -= gapXS
	}
	from := len(s.objects)
	words := b.words(s, e, right-gapXS)
	y := max(words, tall+gapS, faceHeight+gapS) + gapS
	for _, o := range s.objects[from:] { // in the middle of a row that is higher
		o.Move(o.Position().AddXY(0, (y-gapS-words)/2))
	}
	for _, o := range buttons {
		o.Move(fyne.NewPos(o.Position().X, (y-o.Size().Height)/2))
	}
	face := newAvatar(e.name, e.face, faceHeight)
	s.put(face, gapM, (y-faceHeight)/2, face.MinSize())
	return y
}

func (b *book) words(s *sketch, e entry, right float32) float32 {
	y := float32(gapS)
	name := inkName
	if e.dim {
		name.colour = colorMuted
	}
	end := right
	if e.tag != "" {
		wide := inkHead.text(e.tag).MinSize().Width + 2*gapS
		end -= wide + gapS
	}
	size := s.line(name, plainLine(e.name), roomText, y, end-roomText)
	if e.tag != "" {
		ground, tone := colorTint, theme.ColorNamePrimary
		if e.tagTone != "" {
			ground, tone = colorWarnTint, e.tagTone
		}
		wide := inkHead.text(e.tag).MinSize().Width + 2*gapS
		s.chip(e.tag, ground, tone, roomText+size.Width+gapS+wide, y+1)
	}
	y += size.Height + 1
	if b.asking == e.id && b.asking != 0 {
		return y + s.block(inkDanger, b.asked.ask, roomText, y, right-roomText)
	}
	for _, n := range e.notes {
		y += s.line(inkNote, plainLine(n), roomText, y, right-roomText).Height
	}
	if e.why != "" {
		y += s.block(inkNote, e.why, roomText, y, right-roomText)
	}
	if e.problem != "" {
		y += s.block(inkDanger, plain(e.problem), roomText, y, right-roomText)
	}
	return y
}

// buttons are what can be done with a row, from the right.
func (b *book) buttons(e entry) []*button {
	if b.asking == e.id && b.asking != 0 {
		b.no = newButton(b.kit, say("people.no"), func() { b.answer(false) })
		return []*button{
			b.no,
			newDanger(b.kit, b.asked.really, func() { b.answer(true) }),
		}
	}
	var all []*button
	for _, d := range e.deeds {
		of := newButton(b.kit, d.text, func() { b.begin(e, d) })
		if d.danger {
			of = newQuiet(b.kit, d.text, func() { b.begin(e, d) })
		}
		of.allow(b.idle)
		all = append(all, of)
	}
	return all
}
