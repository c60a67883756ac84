package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/models"
)

// Send seals a text for the room's members and returns its id once the server has it durably. On an error it was not acknowledged; it
// may still have been stored; what was not goes before what is sent next.
func (s *Session) Send(ctx context.Context, id models.RoomID, text string) (models.MessageID, error) {
	return s.send(ctx, id, e2e.Draft{Kind: e2e.KindText, Content: []byte(text)})
}

// NewMessageID draws an id for SendAs.
func (s *Session) NewMessageID() (id models.MessageID, err error) {
	err = models.Draw(&id, s.desk.random())
	return id, err
}

// SendAs is Send under an id that was drawn before, by this session or one that it goes on from. A text is sent once however often this is
// called: nil says that the server has it durably, whichever call it came with.
//
// So a window draws the id, shows the text as not durable yet, and calls SendAs until it returns nil or an error that is not the network's. When the
// session has ended, it keeps room, id and text; after Resume, Unlock or a new log-in it enters the room and calls SendAs again with the same.
// The text's own update, with the same Message.ID, may come before nil does, and says the same.
func (s *Session) SendAs(ctx context.Context, room models.RoomID, id models.MessageID, text string) error {
	if id.IsZero() {
		return fmt.Errorf("send under no id: %w", wire.Refuse(wire.CodeInvalid))
	}
	_, err := s.send(ctx, room, e2e.Draft{ID: id, Kind: e2e.KindText, Content: []byte(text)})
	return err
}

func (s *Session) send(ctx context.Context, id models.RoomID, d e2e.Draft) (models.MessageID, error) {
	r, err := s.room(id)
	if err != nil {
		return models.MessageID{}, err
	}
	r.sending.Lock()
	defer r.sending.Unlock()
	for range rebases {
		if s.stored(r, d.ID) {
			return d.ID, nil
		}
		next, last, err := s.next(r, d)
		switch {
		case errors.Is(err, e2e.ErrNeedsGeneration):
			err = s.change(ctx, r, func() (models.Entry, error) { return r.keys.Generation() })
			if errors.Is(err, wire.Refuse(wire.CodeWait)) {
				err = s.postpone(r, err)
			}
		case err == nil:
			_, err = s.append(ctx, next)
			s.settle(r, next, err)
			if errors.Is(err, wire.Refuse(wire.CodeConflict)) { // it stands in the log, or came too late: after other keys of its author's
				if err = s.catchUp(ctx, r); err == nil {
					continue
				}
			}
		}
		if err == nil && last {
			s.acknowledged(r, d.ID)
		}
		if err == nil && last && d.Kind != e2e.KindTitle {
			s.sayTitle(ctx, r)
		}
		if err != nil || last {
			return next.Message, err
		}
	}
	return models.MessageID{}, wire.Refuse(wire.CodeConflict)
}

// stored says that a message of this person with an id was acknowledged, or stands in the room's log as far as it was read.
func (s *Session) stored(r *room, id models.MessageID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !id.IsZero() && (r.acked[id] || r.keys.Sent(id))
}

func (s *Session) acknowledged(r *room, id models.MessageID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !id.IsZero() {
		r.acked[id] = true
	}
}

// settle keeps what may go again as it is. Behind what may not the stream ends: its number is not given again, and left out it would look as if the server kept
// something back.
func (s *Session) settle(r *room, e models.Entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.unsent.keep(err); err != nil && r.unsent.entry.Message.IsZero() {
		r.keys.TakeBack(e.Message)
	}
}

// postpone goes on without the new generation that the server does not take now, if that can wait; otherwise err stays.
func (s *Session) postpone(r *room, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.keys.Postpone(); r.keys.NeedsGeneration() {
		return err
	}
	return nil
}

// next seals what has to be sent next so that d is sent, and says whether that is d itself. What could not be stored goes before it, since
// it has its place in the stream already: left out, it would look to everybody else as if the server kept something back.
func (s *Session) next(r *room, d e2e.Draft) (e models.Entry, last bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := r.unsent; !u.entry.Message.IsZero() && u.stream == r.keys.Stream() { // else its author was out meanwhile: its stream has ended, and it with it
		return u.entry, u.is(d), nil
	}
	e, err = r.keys.Seal(d)
	r.unsent = unsent{d, e, r.keys.Stream()} // no entry beside an error
	return e, err == nil, err
}

// sayTitle says the room's title again under a generation, by the first who sends under it, since who joined could not read it before. It
// goes behind what was sent, whose fate it does not change: whoever sends next tries again.
func (s *Session) sayTitle(ctx context.Context, r *room) {
	s.mu.Lock()
	title := e2e.Draft{Kind: e2e.KindTitle, Content: []byte(r.title)}
	if r.title == "" || r.titled {
		s.mu.Unlock()
		return
	}
	e, err := r.keys.Seal(title)
	r.titled, r.unsent = err == nil, unsent{title, e, r.keys.Stream()}
	s.mu.Unlock()
	if err == nil {
		_, err = s.append(ctx, e)
		s.settle(r, e, err)
	}
}

// unsent is a sealed message that the server could not store, or that nobody waited for to the end. Tried again it is the same entry.
type unsent struct {
	draft  e2e.Draft
	entry  models.Entry
	stream models.StreamID
}

func (u unsent) is(d e2e.Draft) bool {
	if !d.ID.IsZero() || !u.draft.ID.IsZero() {
		return d.ID == u.draft.ID
	}
	return u.draft.Kind == d.Kind && u.draft.Expiry == d.Expiry && bytes.Equal(u.draft.Content, d.Content)
}

// keep forgets the message, unless err says that it was not stored and may be, or leaves open whether it was: the same entry again is
// stored once.
func (u *unsent) keep(err error) {
	if !errors.Is(err, wire.Refuse(wire.CodeNotDurable)) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		*u = unsent{}
	}
}
