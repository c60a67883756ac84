package churn

import (
	"iter"
	"slices"
	"strings"
	"sync"

	"visavis/models"
)

// book is what was sent. Safe for concurrent use.
type book struct {
	mu   sync.Mutex
	sent map[note]*message
}

// note names a message.
type note struct {
	room   models.RoomID
	author models.AccountID
	id     models.MessageID
}

// message is a text on its way, of one seat.
type message struct {
	note
	text string

	// Under book.mu.
	tried bool
	heard uint64 // Seq of the last entry that its author had been shown when he sent it first
	knew  uint64 // statements of the directory that he had been shown by then
	acked bool
}

func (b *book) add(m *message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent == nil {
		b.sent = map[note]*message{}
	}
	b.sent[m.note] = m
}

// try notes how far the author has read room and directory before he sends it. Only the first time counts: it may be stored as it was sealed then.
func (b *book) try(m *message, heard, knew uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !m.tried {
		m.tried, m.heard, m.knew = true, heard, knew
	}
}

func (b *book) ack(m *message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.acked = true
}

// is says whether that was sent under that name.
func (b *book) is(room models.RoomID, author models.AccountID, id models.MessageID, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.sent[note{room, author, id}]
	return m != nil && m.tried && m.text == text
}

// since is how far the author of a message had read room and directory; false for one that the book does not know: a title, which a client sends by itself.
func (b *book) since(n note) (heard, knew uint64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.sent[n]; m != nil {
		return m.heard, m.knew, true
	}
	return 0, 0, false
}

// sorted returns the ids that are wanted, in the order of their bytes, so that what is drawn from them comes from the seed.
func sorted[T any](ids iter.Seq[models.ID[T]], want func(models.ID[T]) bool) []models.ID[T] {
	var list []models.ID[T]
	for id := range ids {
		if want(id) {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(a, b models.ID[T]) int { return strings.Compare(a.String(), b.String()) })
	return list
}
