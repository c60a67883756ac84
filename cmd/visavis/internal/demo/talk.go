package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// talk: a room, words both ways, a log-in at the other desk.
func (s *story) talk(ctx context.Context) (err error) {
	window := s.desks[1]
	if err := s.loggedIn(ctx, window, s.cast["ben"], &s.ben); err != nil {
		return err
	}
	for _, w := range []string{titleSaid, benSaid, cleoSaid, adaSaid, awaySaid, cutSaid, lateSaid, endSaid, afterSaid, numbered(0)} {
		s.hide("what was said", []byte(w))
	}
	if s.room, err = s.ada.CreateRoom(ctx, titleSaid); err != nil {
		return err
	}
	if err := s.ada.Invite(ctx, s.room, s.cast["ben"].Account); err != nil {
		return err
	}
	if err := s.ben.Join(ctx, s.room); err != nil {
		return err
	}
	if err := s.heard(ctx, s.ben, s.ada, benSaid); err != nil {
		return err
	}
	if err := s.heard(ctx, s.ada, s.ben, adaSaid); err != nil {
		return err
	}
	err = came(ctx, s.ben, "the room's title", func(ev *e2e.Event) bool {
		title, ok := text(ev, e2e.KindTitle)
		return ok && title == titleSaid && s.ben.Title(s.room) == titleSaid
	})
	if err != nil {
		return err
	}
	s.true("ada and ben talk both ways in %q; the server has Fernet tokens", titleSaid)
	return s.elsewhere(ctx, window)
}

// listDesk: the desk's request proves that its keys are its own, so the admin need not compare anything.
func (s *story) listDesk(ctx context.Context, d *desk) error {
	desks, err := s.ada.Desks(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(desks, func(x wire.Desk) bool { return x.ID == d.ID() && x.Status == models.DeskPending })
	if i < 0 {
		return fmt.Errorf("%w: desk %s does not wait", ErrUntrue, d.name)
	}
	_, err = d.logIn(ctx, "ada", s.cast["ada"].password, s.cast["ada"].photo.source(seedLogIn))
	if err := s.refused(err, wire.CodeDesk, "a log-in at a desk that the directory does not list yet"); err != nil {
		return err
	}
	if err := s.freshly(ctx, func() error { return s.ada.ApproveDesk(ctx, desks[i]) }); err != nil {
		return err
	}
	s.true("ada's client checked the request of desk %q under the invite's secret and signed the desk into the directory", d.name)
	return nil
}

// heard: what one says, the other reads.
func (s *story) heard(ctx context.Context, from, to *client.Session, text string) error {
	took, err := seconds(func() error {
		if _, err := from.Send(ctx, s.room, text); err != nil {
			return err
		}
		return s.reads(ctx, to, from.Name(), text)
	})
	if err != nil {
		return err
	}
	s.true("%s said something; %s read it %.0f ms later, sent, durable, opened and checked", from.Name(), to.Name(), 1000*took)
	return nil
}

// came waits until a session was shown an event, or fails with what should have come.
func came(ctx context.Context, to *client.Session, what string, is func(*e2e.Event) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		u, err := to.Next(ctx)
		if err != nil {
			return fmt.Errorf("%w: %s was never shown %s: %w", ErrUntrue, to.Name(), what, err)
		}
		if u.Event != nil && is(u.Event) {
			return nil
		}
	}
}

// text is the event's text, when it is a message of this kind.
func text(ev *e2e.Event, kind e2e.Kind) (string, bool) {
	if ev.Kind != e2e.EventMessage || ev.Message.Kind != kind {
		return "", false
	}
	return string(ev.Message.Content), true
}

// reads waits until a session has been shown a text by somebody.
func (s *story) reads(ctx context.Context, to *client.Session, by, said string) error {
	return came(ctx, to, "what "+by+" said", func(ev *e2e.Event) bool {
		got, ok := text(ev, e2e.KindText)
		return ok && got == said && to.NameOf(ev.Author) == by
	})
}

// noticed waits until a session has been told that somebody came or went.
func (s *story) noticed(ctx context.Context, to *client.Session, kind trust.ChangeKind, who *person, told string) error {
	err := came(ctx, to, "that "+told, func(ev *e2e.Event) bool {
		return ev.Kind == e2e.EventNotice && ev.Change.Kind == kind && ev.Change.Account == who.Account
	})
	if err != nil {
		return err
	}
	s.true("%s was told that %s", to.Name(), told)
	return nil
}

// elsewhere: ben logs out and in again at the other desk, and reads what he may; cleo, who joins, reads nothing older.
func (s *story) elsewhere(ctx context.Context, window *desk) error {
	counter := s.desks[0]
	if err := s.ben.LogOut(ctx); err != nil {
		return err
	}
	err := atOnce(ctx, func(ctx context.Context) error { return s.loggedIn(ctx, counter, s.cast["ben"], &s.ben) },
		func(ctx context.Context) error { return s.loggedIn(ctx, window, s.cast["cleo"], &s.cleo) })
	if err != nil {
		return err
	}
	if err := s.ben.Enter(ctx, s.room); err != nil {
		return err
	}
	if err := s.reads(ctx, s.ben, "ada", adaSaid); err != nil {
		return err
	}
	s.true("ben read at desk %q what was said at desk %q", counter.name, window.name)
	if err := s.ada.Invite(ctx, s.room, s.cast["cleo"].Account); err != nil {
		return err
	}
	if err := s.cleo.Join(ctx, s.room); err != nil {
		return err
	}
	if err := s.noticed(ctx, s.ben, trust.ChangeJoined, s.cast["cleo"], "cleo joined"); err != nil {
		return err
	}
	if err := s.heard(ctx, s.cleo, s.ben, cleoSaid); err != nil {
		return err
	}
	if err := s.notOlder(ctx); err != nil {
		return err
	}
	return s.left(ctx)
}

// notOlder: cleo was shown the old lines as such, and opened none of them.
func (s *story) notOlder(ctx context.Context) error {
	var closed int
	for {
		u, err := s.cleo.Next(ctx)
		if err != nil {
			return err
		}
		ev := u.Event
		switch {
		case ev == nil:
		case ev.Kind == e2e.EventRefused && ev.Cause == e2e.CauseNoKey:
			closed++
		case ev.Kind == e2e.EventMessage && ev.Author != s.cleo.Account():
			return fmt.Errorf("%w: cleo opened an older message", ErrUntrue)
		case ev.Kind == e2e.EventMessage && string(ev.Message.Content) == cleoSaid:
			return s.check(closed >= 3, "cleo, who joined later, was shown %d older lines without a key to them, and opened none", closed)
		}
	}
}

// left: ben leaves, and what is said then is not for him.
func (s *story) left(ctx context.Context) error {
	if err := s.ben.Leave(ctx, s.room); err != nil {
		return err
	}
	if err := s.noticed(ctx, s.cleo, trust.ChangeLeft, s.cast["ben"], "ben left"); err != nil {
		return err
	}
	if err := s.heard(ctx, s.ada, s.cleo, lateSaid); err != nil {
		return err
	}
	err := s.ben.Enter(ctx, s.room)
	if err := s.refused(err, wire.CodeNotFound, "ben, who left the room, wants to read on"); err != nil {
		return err
	}
	members, err := s.ada.Members(s.room)
	if err != nil {
		return err
	}
	var names []string
	for _, m := range members {
		names = append(names, s.ada.NameOf(m.Account))
	}
	slices.Sort(names)
	return s.check(slices.Equal(names, []string{"ada", "cleo"}), "in the room are %s now", list(names))
}
