package login

import (
	"context"
	"time"

	"visavis/models"
)

// pairState refuses when a name may not be tried now at a desk.
func (l Limits) pairState(a models.Attempts, now time.Time) error {
	return rest(now, a.Last, l.passwordWait(a.InRow), errTooMany)
}

// nameState refuses when a name may not be tried now at any desk. It leaves in a what is not forgotten yet.
func (l Limits) nameState(a *models.Attempts, now time.Time) (full bool, err error) {
	drain(a, now, l.NameForget)
	if full = a.Window >= l.NameFailures; full {
		err = rest(now, a.Last, l.NameWait, errTooMany)
	}
	return full, err
}

// mayGuess tells who has to wait so before anything is written: a flood of such tries costs no writes.
func (s *Service) mayGuess(ctx context.Context, key [16]byte, desk models.DeskID) error {
	pair, err := s.peek(ctx, models.AttemptPassword, pairSubject(key, desk))
	if err != nil {
		return err
	}
	name, err := s.peek(ctx, models.AttemptPassword, nameSubject(key))
	if err != nil {
		return err
	}
	if err := s.limits.pairState(pair, s.now()); err != nil {
		return err
	}
	_, err = s.limits.nameState(&name, s.now())
	return err
}

// countPassword counts one answered KE1: for its desk, for the number of accounts that fail there, and as a guess of the name.
func (s *Service) countPassword(ctx context.Context, key [16]byte, desk models.DeskID) (tally, error) {
	if err := s.mayGuess(ctx, key, desk); err != nil {
		return tally{}, err
	}
	var t tally
	err := s.window(ctx, &t, models.AttemptPassword, deskSubject(desk), s.limits.DeskPasswords, s.limits.DeskWindow)
	if err == nil {
		err = s.countPair(ctx, &t, key, desk)
	}
	if err == nil {
		err = s.countGuess(ctx, &t, key, desk)
	}
	if err != nil {
		return tally{}, t.untried(ctx, err)
	}
	return t, nil
}

// countGuess counts one answer that a password for the name can be tried on. The wait that grows hangs on name and desk, so a desk keeps
// nobody out but at itself; what all desks try together is bounded by countName.
func (s *Service) countGuess(ctx context.Context, t *tally, key [16]byte, desk models.DeskID) error {
	now := s.now()
	err := s.inRow(ctx, t, models.AttemptPassword, pairSubject(key, desk), func(a models.Attempts) error {
		return s.limits.pairState(a, now)
	})
	if err != nil {
		return err
	}
	// Last, and only for tries that happen: the name's wait runs from it, and a desk that has to wait itself must not prolong it.
	return s.countName(ctx, t, key)
}

// countName counts a name over all desks, in a bucket that runs out. A full one lets one try through in each NameWait.
func (s *Service) countName(ctx context.Context, t *tally, key [16]byte) error {
	now := s.now()
	full := false
	err := s.count(ctx, models.AttemptPassword, nameSubject(key), func(a *models.Attempts) (err error) {
		if full, err = s.limits.nameState(a, now); err != nil {
			return err
		}
		if !full {
			a.Window++
		}
		a.Last = now
		return nil
	})
	if err == nil && !full {
		t.add(func(ctx context.Context, _ bool) error {
			return s.count(ctx, models.AttemptPassword, nameSubject(key), func(a *models.Attempts) error { less(&a.Window); return nil })
		})
	}
	return err
}

// countPair counts a name as failing at a desk, once a window, and refuses a desk at which too many do: passwords and faces alike.
func (s *Service) countPair(ctx context.Context, t *tally, key [16]byte, desk models.DeskID) error {
	now := s.now()
	var from time.Time // names a window of this desk
	err := s.count(ctx, models.AttemptPassword, heldSubject(desk), func(a *models.Attempts) error {
		roll(a, now, s.limits.DeskWindow)
		from = a.WindowFrom
		if a.Window > s.limits.DeskAccounts {
			return rest(now, from, s.limits.DeskWindow, errHeld)
		}
		return nil
	})
	if err != nil {
		return err
	}
	fresh := false
	err = s.count(ctx, models.AttemptPassword, pairSubject(key, desk), func(a *models.Attempts) error {
		if !a.WindowFrom.Equal(from) {
			a.Window, a.WindowFrom = 0, from
		}
		fresh = a.Window == 0
		a.Window++
		return nil
	})
	if err != nil {
		return err
	}
	t.add(func(ctx context.Context, right bool) error { return s.forgivePair(ctx, key, desk, right) })
	if !fresh {
		return nil
	}
	var failing uint32
	err = s.count(ctx, models.AttemptPassword, heldSubject(desk), func(a *models.Attempts) error {
		a.Window++
		a.Last = now
		failing = a.Window
		return nil
	})
	if err == nil && failing == s.limits.DeskAccounts+1 {
		err = s.audit(ctx, entry{event: "desk.held", desk: desk}, "denied", errHeld.Error())
	}
	return err
}

// forgivePair takes a try back, and the name off the list of those that fail at a desk once none is left: a right one forgives all, one
// that was not let happen only itself.
func (s *Service) forgivePair(ctx context.Context, key [16]byte, desk models.DeskID, right bool) error {
	var from time.Time
	err := s.count(ctx, models.AttemptPassword, pairSubject(key, desk), func(a *models.Attempts) error {
		failed := a.Window > 0
		if less(&a.Window); right {
			a.Window = 0
		}
		if failed && a.Window == 0 {
			from = a.WindowFrom
		}
		return nil
	})
	if err != nil || from.IsZero() {
		return err
	}
	return s.count(ctx, models.AttemptPassword, heldSubject(desk), func(a *models.Attempts) error {
		if a.WindowFrom.Equal(from) {
			less(&a.Window)
		}
		return nil
	})
}
