package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
)

// burst is how long ada sends before the server is killed: long enough to be in the middle of it.
const burst = 400 * time.Millisecond

// crash: the server is killed while ada sends. What it acknowledged is there afterwards, once; what it did not may be, once.
func (s *story) crash(ctx context.Context) error {
	acknowledged, tried, sendErr, err := s.sendUntilKilled(ctx)
	if err != nil {
		return err
	}
	if err := s.check(errors.Is(sendErr, client.ErrClosed), "the server was killed while ada sent; she had %d of %d messages acknowledged, and then read: %q",
		acknowledged, tried, sendErr); err != nil {
		return err
	}
	s.ada.Close()
	s.cleo.Close()
	took, err := seconds(func() error { return s.server.Start(ctx) })
	if err != nil {
		return err
	}
	s.true("it serves again after %.1f s", took)
	err = atOnce(ctx, func(ctx context.Context) error { return s.loggedIn(ctx, s.desks[0], s.cast["ada"], &s.ada) },
		func(ctx context.Context) error { return s.loggedIn(ctx, s.desks[1], s.cast["cleo"], &s.cleo) })
	if err != nil {
		return err
	}
	if err := s.ada.Enter(ctx, s.room); err != nil {
		return err
	}
	if err := s.allThere(ctx, acknowledged, tried); err != nil {
		return err
	}
	if err := s.cleo.Enter(ctx, s.room); err != nil {
		return err
	}
	return s.heard(ctx, s.cleo, s.ada, afterSaid)
}

func numbered(i int) string { return fmt.Sprintf("lantern number %d is lit", i) }

// sendUntilKilled counts what ada sent, and what of it was acknowledged.
func (s *story) sendUntilKilled(ctx context.Context) (acknowledged, tried int, sendErr, err error) {
	killed := make(chan error, 1)
	timer := time.AfterFunc(burst, func() { killed <- s.server.Kill() })
	defer timer.Stop()
	for sendErr == nil {
		_, sendErr = s.ada.Send(ctx, s.room, numbered(tried))
		tried++
		if sendErr == nil {
			acknowledged++
		}
	}
	select {
	case err = <-killed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return acknowledged, tried, sendErr, err
}

// allThere reads the room to its end and counts the numbered lines.
func (s *story) allThere(ctx context.Context, acknowledged, tried int) error {
	if _, err := s.ada.Send(ctx, s.room, endSaid); err != nil {
		return err
	}
	var next int
	for {
		u, err := s.ada.Next(ctx)
		if err != nil {
			return err
		}
		if u.Event == nil {
			continue
		}
		said, ok := text(u.Event, e2e.KindText)
		if !ok {
			continue
		}
		switch said {
		case numbered(next):
			next++
		case endSaid:
			return s.check(next >= acknowledged && next <= tried, "of the %d acknowledged messages all are there, once and in order (and %d that no answer came to)",
				acknowledged, next-acknowledged)
		default:
			if next > 0 {
				return fmt.Errorf("%w: after %d numbered lines came another one", ErrUntrue, next)
			}
		}
	}
}
