package churn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/models"
)

// task is something that a person does at a seat.
type task struct {
	name string
	do   func(context.Context, *seat) error
}

// perform does a task, if the person is there, and judges what came of it. What a broken connection took along is left.
func (s *seat) perform(ctx context.Context, t task) {
	ctx, cancel := s.w.patiently(ctx)
	defer cancel()
	in, err := s.in(ctx)
	if in {
		err = t.do(ctx, s)
	}
	switch {
	case err == nil, !fatal(err) && passing(err), s.who.ending.Load() && banned(err):
	case refused(err):
		s.w.counts.add(&s.w.counts.Refused)
	default:
		s.w.counts.wrong(s.who, "%s at %s: %v", t.name, s.bay.Name(), err)
	}
}

// create makes a room.
func create(title string) task {
	return task{"create a room", func(ctx context.Context, s *seat) error {
		id, err := s.session.CreateRoom(ctx, title)
		if err == nil {
			s.read.enter(id)
			s.w.counts.add(&s.w.counts.Walks)
		}
		return err
	}}
}

// send writes a text.
func send(room models.RoomID, text string) task {
	return task{"send", func(ctx context.Context, s *seat) error {
		if !s.read.isIn(room) {
			return nil
		}
		m := &message{note: note{room: room, author: s.who.account}, text: text}
		var err error
		if m.id, err = s.session.NewMessageID(); err != nil {
			return err
		}
		s.w.counts.add(&s.w.counts.Sent)
		s.w.book.add(m)
		s.outbox = append(s.outbox, m)
		return s.flush(ctx)
	}}
}

// invite asks somebody into a room.
func invite(room models.RoomID, whom *person) task {
	return task{"invite " + whom.name, func(ctx context.Context, s *seat) error {
		return s.w.done(&s.w.counts.Invitations, s.session.Invite(ctx, room, whom.account))
	}}
}

// join accepts an invitation.
func join(room models.RoomID) task {
	return task{"join", func(ctx context.Context, s *seat) error {
		err := s.session.Join(ctx, room)
		if err == nil && s.read.enter(room) {
			s.w.counts.add(&s.w.counts.Walks)
		}
		return s.w.done(&s.w.counts.Joins, err)
	}}
}

// leave goes out of a room.
func leave(room models.RoomID) task {
	return task{"leave", func(ctx context.Context, s *seat) error {
		err := s.session.Leave(ctx, room)
		if err == nil {
			s.read.leave(room)
		}
		return s.w.done(&s.w.counts.Leaves, err)
	}}
}

// remove puts somebody out.
func remove(room models.RoomID, whom *person) task {
	return task{"remove " + whom.name, func(ctx context.Context, s *seat) error {
		return s.w.done(&s.w.counts.Removals, s.session.Remove(ctx, room, whom.account))
	}}
}

// logOut goes home for some rounds.
func logOut(rounds int) task {
	return task{"log out", func(ctx context.Context, s *seat) error {
		err := s.session.LogOut(ctx)
		s.leave()
		s.away = rounds
		return s.w.done(&s.w.counts.Logouts, err)
	}}
}

// lock walks away for a moment and comes back with the face alone.
func lock() task {
	return task{"lock", func(ctx context.Context, s *seat) error {
		l, err := s.session.Lock(ctx)
		s.leave()
		if err != nil {
			return err
		}
		session, err := s.unlock(ctx, l)
		if err != nil {
			l.Close()
			return fmt.Errorf("unlock: %w", err)
		}
		s.begin(session, nil)
		return s.w.done(&s.w.counts.Locks, s.enter(ctx))
	}}
}

func (s *seat) unlock(ctx context.Context, l *client.Locked) (*client.Session, error) {
	defer s.w.door(ctx)()
	return l.Unlock(ctx, eye{s.who.face, s.w.clock})
}

// done counts what was acknowledged.
func (w *world) done(n *int, err error) error {
	if err == nil {
		w.counts.add(n)
	}
	return err
}

// stand gives a member of a room another role.
func stand(room models.RoomID, whom *person, as trust.RoomRole) task {
	return task{"set the role of " + whom.name, func(ctx context.Context, s *seat) error {
		return s.w.done(&s.w.counts.Roles, s.session.SetRole(ctx, room, whom.account, as))
	}}
}

// serve makes the person an admin for a moment. He can then do what admins do; and nothing of it afterwards, whatever his desk has heard of that.
func serve() task {
	return task{"serve as an admin", func(ctx context.Context, s *seat) error {
		deed := func() error {
			return client.Freshly(func() error { return s.session.SetAdmin(ctx, s.who.account, true) },
				func() error { return s.session.ProvePassword(ctx, []byte(s.who.password)) })
		}
		return s.w.official(ctx, func(admin *client.Session) error {
			appoint := func(yes bool) error {
				return s.w.freshly(ctx, admin, func() error { return admin.SetAdmin(ctx, s.who.account, yes) })
			}
			if err := appoint(true); err != nil {
				return err
			}
			served := deed()
			if err := errors.Join(served, appoint(false)); err != nil {
				return err
			}
			s.w.counts.add(&s.w.counts.Terms)
			s.vain(ctx, "makes himself an admin again", deed)
			s.vain(ctx, "lists the desks", func() error { _, err := s.session.Desks(ctx); return err })
			return nil
		})
	}}
}

// settle brings a seat to where everything that it has to say is said.
func (s *seat) settle(ctx context.Context) {
	s.perform(ctx, task{"settle", func(ctx context.Context, s *seat) error { return s.flush(ctx) }})
}

// rule gives a room other rules.
func rule(room models.RoomID, p trust.Policy) task {
	return task{"rule", func(ctx context.Context, s *seat) error {
		return s.w.done(&s.w.counts.Policies, s.session.SetRules(ctx, room, p))
	}}
}

// catchUp waits until the seat has read every room that its person is in, to the end. A session that ends meanwhile reads on after it.
func (s *seat) catchUp(ctx context.Context) {
	ctx, cancel := s.w.patiently(ctx)
	defer cancel()
	for _, h := range s.w.histories() {
		if !s.live() || !h.in(s.who.account) {
			continue
		}
		err := s.read.until(ctx, h.id, h.last())
		if err != nil && !errors.Is(err, errEnded) {
			s.w.counts.wrong(s.who, "at %s read room %s up to entry %d of %d: %v", s.bay.Name(), h.id.Short(), s.read.heard(h.id), h.last(), err)
		}
		s.mended(ctx, h.id)
	}
}

// mended waits a moment for keys that others are asked for. Whoever has them may be away: what has not come in the end counts.
func (s *seat) mended(ctx context.Context, room models.RoomID) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for s.live() && s.session.Lacking(room) > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
