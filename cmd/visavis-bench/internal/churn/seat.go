package churn

import (
	"context"
	"errors"
	"fmt"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
)

// seat is one of a person's places: a desk, and the session there. One goroutine at a time uses it.
type seat struct {
	w   *world
	who *person
	bay *bay

	session *client.Session // nil when nobody sits there
	conn    *client.Conn    // the session's, where it was begun by a log-in
	read    *reading
	away    int // rounds until the person comes back
	outbox  []*message
	empty   bool // for good, since its person was revoked
}

func (w *world) newSeat(p *person, b *bay) *seat {
	s := &seat{w: w, who: p, bay: b}
	p.seats = append(p.seats, s)
	return s
}

// tries bounds how often somebody comes back after a broken connection. Nobody comes back before a server runs.
const tries = 50

// errTries says that somebody was cut off again and again.
var errTries = errors.New("cut off too often")

// live says that somebody sits there whose session has not ended.
func (s *seat) live() bool {
	if s.session == nil {
		return false
	}
	select {
	case <-s.session.Done():
		return false
	default:
		return true
	}
}

// in brings the person back to work, in all rooms. It is false for one who is away, by choice or since the server lets him wait.
func (s *seat) in(ctx context.Context) (bool, error) {
	if s.away > 0 {
		return false, nil
	}
	for range tries {
		var err error
		switch {
		case s.live():
		case s.who.ending.Load():
			return false, nil
		default:
			err = s.back(ctx)
		}
		if err == nil {
			err = s.enter(ctx)
		}
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, wire.Refuse(wire.CodeWait)):
			s.w.counts.add(&s.w.counts.Held)
			return false, nil
		case !passing(err):
			return false, err
		}
	}
	return false, errTries
}

// back resumes a session that lost its connection, or begins another one.
func (s *seat) back(ctx context.Context) error {
	if err := s.w.house.wait(ctx); err != nil {
		return err
	}
	if s.session == nil {
		return s.logIn(ctx)
	}
	x, goesOn := s.session.Suspend()
	s.leave()
	if !goesOn {
		return s.logIn(ctx)
	}
	defer x.Wipe()
	for range tries {
		session, err := x.Resume(ctx)
		switch {
		case err == nil:
			s.w.counts.add(&s.w.counts.Resumed)
			s.begin(session, nil)
			return nil
		case fatal(err):
			return err
		case errors.Is(err, client.ErrOver):
			return s.logIn(ctx)
		}
		if err := s.w.house.wait(ctx); err != nil {
			return err
		}
	}
	return errTries
}

// logIn begins a session at the desk that stands there now.
func (s *seat) logIn(ctx context.Context) error {
	defer s.w.door(ctx)()
	s.bay = s.bay.now()
	c, err := s.bay.Connect(ctx)
	if err != nil {
		return err
	}
	session, err := s.bay.LogIn(ctx, c, s.who.name, []byte(s.who.password), eye{s.who.face, s.w.clock})
	if err != nil {
		return errors.Join(fmt.Errorf("log in: %w", err), c.Close())
	}
	s.w.counts.add(&s.w.counts.Logins)
	s.begin(session, c)
	return nil
}

// door lets one of a few at a time show a face, since a password takes memory; it returns the way out.
func (w *world) door(ctx context.Context) (leave func()) {
	select {
	case w.doors <- struct{}{}:
	case <-ctx.Done():
		return func() {}
	}
	w.clock.Enter()
	return func() {
		w.clock.Leave()
		<-w.doors
	}
}

func (s *seat) begin(session *client.Session, c *client.Conn) {
	s.session, s.conn, s.read = session, c, read(s.who, s.w.book, session)
}

// leave empties the place of a session that has ended; what it read is still judged.
func (s *seat) leave() {
	<-s.read.done
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.ended = append(s.w.ended, s.read)
	s.session, s.conn, s.read = nil, nil, nil
}

// enter follows the rooms that the person is in and that this session does not follow yet.
func (s *seat) enter(ctx context.Context) error {
	list, err := s.session.Rooms(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if !r.Member || !s.read.enter(r.ID) {
			continue
		}
		s.w.counts.add(&s.w.counts.Walks)
		if err := s.session.Enter(ctx, r.ID); err != nil {
			s.read.leave(r.ID)
			if !refused(err) { // else he was put out meanwhile
				return fmt.Errorf("enter: %w", err)
			}
		}
	}
	return nil
}

// flush sends what is to be sent, in order, each until it is acknowledged or its author may not send it any more.
func (s *seat) flush(ctx context.Context) error {
	for range tries {
		if len(s.outbox) == 0 {
			return nil
		}
		if in, err := s.in(ctx); !in {
			return err
		}
		err := s.post(ctx, s.outbox[0])
		switch {
		case err == nil:
			s.outbox = s.outbox[1:]
		case errors.Is(err, wire.Refuse(wire.CodeWait)), errors.Is(err, wire.Refuse(wire.CodeConflict)):
			return nil // the next round
		case refused(err):
			s.w.counts.add(&s.w.counts.Given)
			s.outbox = s.outbox[1:]
		case !passing(err):
			s.outbox = s.outbox[1:]
			return fmt.Errorf("send: %w", err)
		}
	}
	return nil
}

func (s *seat) post(ctx context.Context, m *message) error {
	s.w.book.try(m, s.read.heard(m.room), s.read.knew())
	if err := s.session.SendAs(ctx, m.room, m.id, m.text); err != nil {
		return err
	}
	s.w.book.ack(m)
	s.w.counts.add(&s.w.counts.Acknowledged)
	return nil
}

// verdicts are errors that mean that the product is wrong, or stuck.
var verdicts = []error{
	client.ErrVault, client.ErrOldVault, client.ErrOldDirectory, client.ErrServer, client.ErrDeskFile,
	e2e.ErrFork, e2e.ErrIdentity, e2e.ErrLock, e2e.ErrOrder, wire.ErrMalformed, context.DeadlineExceeded, context.Canceled,
}

func fatal(err error) bool {
	for _, v := range verdicts {
		if errors.Is(err, v) {
			return true
		}
	}
	return false
}

// passingCodes are what a server says that stops, that cuts a slow reader, or whose session or desk is over.
var passingCodes = map[wire.Code]bool{
	wire.CodeGoodbye: true, wire.CodeSlow: true, wire.CodeEnded: true, wire.CodeDesk: true, wire.CodeNotDurable: true,
}

// passing says that an error is a broken connection's or an ended session's: who comes back can try again.
func passing(err error) bool {
	var refusal *wire.Error
	switch {
	case fatal(err):
		return false
	case errors.As(err, &refusal):
		return passingCodes[refusal.Code]
	}
	return !refused(err)
}

// refusedCodes are what comes of races between honest people, and of limits.
var refusedCodes = map[wire.Code]bool{
	wire.CodeConflict: true, wire.CodeNotAllowed: true, wire.CodeNotFound: true, wire.CodeWait: true, wire.CodeFull: true,
}

// refused says that somebody else was faster, or that a limit was reached.
func refused(err error) bool {
	var refusal *wire.Error
	if errors.As(err, &refusal) && refusedCodes[refusal.Code] {
		return true
	}
	for _, e := range []error{trust.ErrTaken, trust.ErrNotAllowed, trust.ErrUnknown, client.ErrRoom, e2e.ErrNotMember} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
