package churn

import (
	"context"
	"errors"
	"sync"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/models"
)

// reading is what one session has read, taken in by a goroutine that ends with the session.
type reading struct {
	who  *person
	book *book
	done chan struct{} // closed when nothing more comes

	mu      sync.Mutex
	moved   chan struct{} // closed and replaced when something came
	walks   map[models.RoomID]*walk
	old     []*walk // of rooms that were left, and entered again from their beginning
	entered map[models.RoomID]bool
	knows   uint64 // statements of the directory
	strange int    // events that did not come in the log's order
}

// walk is a way through a room's log.
type walk struct {
	who   *person
	room  models.RoomID
	heard uint64            // Seq of the last entry that was read
	fresh []seen            // those up to it that nobody has judged yet
	again map[uint64]seen   // entries that turned out otherwise, since a key came
	ahead uint64            // Seq of an entry that the log did not have at the last look
	owed  map[uint64]string // what its person has to read and can not yet, and why
}

// seen is an entry as a session showed it.
type seen struct {
	kind  e2e.EventKind
	cause e2e.Cause
	warn  e2e.Warning
	id    models.MessageID
	other bool // a message that says something else than what was sent under its id
}

func read(who *person, b *book, s *client.Session) *reading {
	r := &reading{who: who, book: b, done: make(chan struct{}), moved: make(chan struct{}), walks: map[models.RoomID]*walk{}, entered: map[models.RoomID]bool{}}
	go func() {
		defer close(r.done)
		for {
			u, err := s.Next(context.Background()) // until the session ends
			if err != nil {
				return
			}
			r.take(u)
		}
	}()
	return r
}

func (r *reading) take(u client.Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case u.News && !u.Open:
		delete(r.entered, u.Room)
	case u.Directory != nil:
		r.knows = u.Directory.Seq + 1
	case u.Event != nil:
		r.event(u.Room, u.Event, u.Again)
	}
	close(r.moved)
	r.moved = make(chan struct{})
}

func (r *reading) event(room models.RoomID, ev *e2e.Event, again bool) {
	w := r.walks[room]
	if again && w != nil && ev.Seq <= w.heard {
		w.again[ev.Seq] = r.seen(room, ev)
		return
	}
	if w == nil || ev.Seq == 1 {
		if w != nil {
			r.old = append(r.old, w)
		}
		w = &walk{who: r.who, room: room, again: map[uint64]seen{}, owed: map[uint64]string{}}
		r.walks[room] = w
	}
	if ev.Seq != w.heard+1 {
		r.strange++
		return
	}
	w.heard = ev.Seq
	w.fresh = append(w.fresh, r.seen(room, ev))
}

func (r *reading) seen(room models.RoomID, ev *e2e.Event) seen {
	s := seen{kind: ev.Kind, cause: ev.Cause, warn: ev.Warn}
	if m := ev.Message; m != nil {
		s.id, s.other = m.ID, m.Kind == e2e.KindText && !r.book.is(room, ev.Author, m.ID, string(m.Content))
	}
	return s
}

// owed says whether somebody waits for a key in a room that he is in.
func (r *reading) owed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, w := range r.walks {
		if r.entered[id] && len(w.owed) > 0 {
			return true
		}
	}
	return false
}

// heard is how far a room was read.
func (r *reading) heard(room models.RoomID) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.walks[room]; w != nil {
		return w.heard
	}
	return 0
}

// errEnded says that a session ended before it had read what it was to read.
var errEnded = errors.New("the session ended before that")

// knew is how much of the directory was shown.
func (r *reading) knew() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.knows
}

// until waits until a room was read up to an entry.
func (r *reading) until(ctx context.Context, room models.RoomID, seq uint64) error {
	for {
		r.mu.Lock()
		w, moved := r.walks[room], r.moved
		there := w != nil && w.heard >= seq
		r.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-moved:
		case <-r.done:
			return errEnded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *reading) enter(room models.RoomID) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first = !r.entered[room]
	r.entered[room] = true
	return first
}

func (r *reading) leave(room models.RoomID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entered, room)
}

func (r *reading) isIn(room models.RoomID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entered[room]
}

// each gives every walk to f, which takes what is fresh.
func (r *reading) each(f func(*walk)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.old {
		f(w)
	}
	r.old = nil
	for _, w := range r.walks {
		f(w)
	}
}
