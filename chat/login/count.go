package login

import (
	"context"
	"errors"
	"time"

	"visavis/models"
)

func (s *Service) count(ctx context.Context, kind models.AttemptKind, subject string, change func(*models.Attempts) error) error {
	_, err := s.store.CountAttempt(ctx, kind, subject, change)
	return err
}

var errPeek = errors.New("only looking")

// peek reads a counter without writing it.
func (s *Service) peek(ctx context.Context, kind models.AttemptKind, subject string) (models.Attempts, error) {
	var seen models.Attempts
	err := s.count(ctx, kind, subject, func(a *models.Attempts) error { seen = *a; return errPeek })
	if errors.Is(err, errPeek) {
		err = nil
	}
	return seen, err
}

// forget drops counters of names and desks that have run out: names are whatever somebody types. What an account's faces have used up stays.
func (s *Service) forget(ctx context.Context) {
	for _, kind := range []models.AttemptKind{models.AttemptPassword, models.AttemptRecovery, models.AttemptSignup} {
		if err := s.store.ForgetAttempts(ctx, kind, s.now().Add(-s.limits.forgets())); err != nil {
			return // at the next sweep
		}
	}
}

// tally is a try that was counted before it was judged. What is not settled stays counted.
type tally struct {
	undo []func(ctx context.Context, right bool) error
}

func (t *tally) add(undo func(ctx context.Context, right bool) error) { t.undo = append(t.undo, undo) }

// right takes the try back because it was right: the row of failures ends.
func (t *tally) right(ctx context.Context) error { return t.settle(ctx, true) }

// untried takes the try back because it was not let happen, and returns err.
func (t *tally) untried(ctx context.Context, err error) error {
	return errors.Join(err, t.settle(ctx, false))
}

func (t *tally) settle(ctx context.Context, right bool) error {
	var err error
	for _, undo := range t.undo {
		err = errors.Join(err, undo(ctx, right))
	}
	t.undo = nil
	return err
}

func less(n *uint32) {
	if *n > 0 {
		*n--
	}
}

// inRow counts one try in a row: InRow and Total. After a right one the row begins anew.
func (s *Service) inRow(ctx context.Context, t *tally, kind models.AttemptKind, subject string, check func(models.Attempts) error) error {
	now := s.now()
	var before time.Time
	err := s.count(ctx, kind, subject, func(a *models.Attempts) error {
		if err := check(*a); err != nil {
			return err
		}
		a.InRow++
		a.Total++
		before, a.Last = a.Last, now
		return nil
	})
	if err != nil {
		return err
	}
	t.add(func(ctx context.Context, right bool) error {
		return s.count(ctx, kind, subject, func(a *models.Attempts) error {
			less(&a.InRow)
			less(&a.Total)
			switch {
			case right:
				a.InRow = 0
			case a.Last.Equal(now): // who is told to wait waits no longer for having asked
				a.Last = before
			}
			return nil
		})
	})
	return nil
}

// roll begins a new window when the last one is over.
func roll(a *models.Attempts, now time.Time, length time.Duration) {
	if now.Sub(a.WindowFrom).Abs() >= length {
		a.Window, a.WindowFrom = 0, now
	}
}

// window counts subject once in a window of fixed length, at most most times.
func (s *Service) window(ctx context.Context, t *tally, kind models.AttemptKind, subject string, most uint32, length time.Duration) error {
	now := s.now()
	err := s.count(ctx, kind, subject, func(a *models.Attempts) error {
		roll(a, now, length)
		if a.Window >= most {
			return rest(now, a.WindowFrom, length, errTooMany)
		}
		a.Window++
		a.Last = now
		return nil
	})
	if err == nil {
		t.add(func(ctx context.Context, _ bool) error {
			return s.count(ctx, kind, subject, func(a *models.Attempts) error { less(&a.Window); return nil })
		})
	}
	return err
}

// drain forgets one of a.Window for each whole forget since WindowFrom.
func drain(a *models.Attempts, now time.Time, forget time.Duration) {
	switch passed := now.Sub(a.WindowFrom) / forget; {
	case passed < 0: // the clock was set back
		a.WindowFrom = now
	case passed >= time.Duration(a.Window):
		a.Window, a.WindowFrom = 0, now
	default:
		a.Window -= uint32(passed)
		a.WindowFrom = a.WindowFrom.Add(passed * forget)
	}
}
