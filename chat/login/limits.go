package login

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"visavis/models"
)

// Limits say how often what may be tried. DefaultLimits are the product's; a zero field is refused by New.
type Limits struct {
	PasswordFree    uint32        // wrong passwords of one name before the first wait
	PasswordFirst   time.Duration // the first wait, doubled by each further one
	PasswordLongest time.Duration // and never longer than this: a name is slowed, never disabled

	DeskPasswords uint32        // answered KE1s without a KE3 of one desk in DeskWindow
	DeskAccounts  uint32        // accounts that may fail at one desk in DeskWindow; one more and it is held
	DeskSignups   uint32        // sign-ups begun at one desk in DeskWindow
	DeskWindow    time.Duration // from the first failure

	FaceInRow uint32 // failed faces of one account in a row, then FaceWait after each
	FaceWait  time.Duration
	FaceWeek  uint32 // failed faces of one account in any seven days, whatever succeeded between them
	FaceTotal uint32 // and since an admin's reset

	ChallengesHour uint32 // challenges drawn for one account in an hour
}

// DefaultLimits are NIST SP 800-63B-4's and our own.
func DefaultLimits() Limits {
	return Limits{
		PasswordFree: 4, PasswordFirst: 5 * time.Second, PasswordLongest: 15 * time.Minute,
		DeskPasswords: 60, DeskAccounts: 5, DeskSignups: 60, DeskWindow: time.Hour,
		FaceInRow: 5, FaceWait: 30 * time.Second, FaceWeek: 20, FaceTotal: 50,
		ChallengesHour: 10,
	}
}

func (l Limits) check() error {
	for _, n := range []uint32{l.PasswordFree, l.DeskPasswords, l.DeskAccounts, l.DeskSignups, l.FaceInRow, l.FaceWeek, l.FaceTotal, l.ChallengesHour} {
		if n == 0 {
			return errors.New("a limit is zero")
		}
	}
	for _, d := range []time.Duration{l.PasswordFirst, l.PasswordLongest, l.DeskWindow, l.FaceWait} {
		if d <= 0 {
			return errors.New("a wait is zero")
		}
	}
	return nil
}

// passwordWait is how long a name rests after so many wrong passwords in a row.
func (l Limits) passwordWait(wrong uint32) time.Duration {
	if wrong < l.PasswordFree {
		return 0
	}
	wait := l.PasswordFirst
	for range wrong - l.PasswordFree {
		if wait >= l.PasswordLongest {
			break
		}
		wait *= 2
	}
	return min(wait, l.PasswordLongest)
}

// waitError says that a counter is full, and for how long.
type waitError struct {
	after time.Duration
	why   error
}

func (e *waitError) Error() string { return fmt.Sprintf("%v: wait %v", e.why, e.after) }
func (e *waitError) Unwrap() error { return e.why }

// waitUntil is nil when the time has come.
func waitUntil(now, then time.Time, why error) error {
	if !now.Before(then) {
		return nil
	}
	return &waitError{after: then.Sub(now), why: why}
}

// Subjects of counters. One that belongs to an account begins with its id: it is deleted with the account.
func nameSubject(key [16]byte) string       { return "name:" + hex.EncodeToString(key[:]) }
func deskSubject(desk models.DeskID) string { return "desk:" + desk.String() }
func heldSubject(desk models.DeskID) string { return "held:" + desk.String() }
func dayBucket(a models.AccountID, day int64) string {
	return fmt.Sprintf("%s/day%d", a, day%weekBuckets)
}
func pairSubject(key [16]byte, desk models.DeskID) string {
	return nameSubject(key) + "@" + desk.String()
}

// roll begins a new window when the last one is over.
func roll(a *models.Attempts, now time.Time, length time.Duration) {
	if a.WindowFrom.IsZero() || !now.Before(a.WindowFrom.Add(length)) {
		a.Window, a.WindowFrom = 0, now
	}
}

func less(n *uint32) {
	if *n > 0 {
		*n--
	}
}

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

// take counts one try without a window: InRow and Total.
func (s *Service) take(ctx context.Context, t *tally, kind models.AttemptKind, subject string, check func(models.Attempts) error) error {
	now := s.now()
	err := s.count(ctx, kind, subject, func(a *models.Attempts) error {
		if err := check(*a); err != nil {
			return err
		}
		a.InRow++
		a.Total++
		a.Last = now
		return nil
	})
	if err != nil {
		return err
	}
	t.add(func(ctx context.Context, right bool) error {
		return s.count(ctx, kind, subject, func(a *models.Attempts) error {
			less(&a.InRow)
			less(&a.Total)
			if right {
				a.InRow = 0
			}
			return nil
		})
	})
	return nil
}

// window counts subject once in a window of fixed length, at most most times.
func (s *Service) window(ctx context.Context, t *tally, kind models.AttemptKind, subject string, most uint32, length time.Duration) error {
	now := s.now()
	err := s.count(ctx, kind, subject, func(a *models.Attempts) error {
		roll(a, now, length)
		if a.Window >= most {
			return waitUntil(now, a.WindowFrom.Add(length), errTooMany)
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

// countPassword counts one answered KE1: for its desk, for the number of accounts that fail there, and for its name.
func (s *Service) countPassword(ctx context.Context, key [16]byte, desk models.DeskID) (tally, error) {
	var t tally
	if err := s.window(ctx, &t, models.AttemptPassword, deskSubject(desk), s.limits.DeskPasswords, s.limits.DeskWindow); err != nil {
		return tally{}, err
	}
	if err := s.countPair(ctx, &t, key, desk); err != nil {
		return tally{}, t.untried(ctx, err)
	}
	now := s.now()
	err := s.take(ctx, &t, models.AttemptPassword, nameSubject(key), func(a models.Attempts) error {
		return waitUntil(now, a.Last.Add(s.limits.passwordWait(a.InRow)), errTooMany)
	})
	if err != nil {
		return tally{}, t.untried(ctx, err)
	}
	return t, nil
}

// countPair counts a name as failing at a desk, once a window, and refuses a desk at which too many do: passwords and faces alike.
func (s *Service) countPair(ctx context.Context, t *tally, key [16]byte, desk models.DeskID) error {
	now := s.now()
	var from time.Time // names a window of this desk
	err := s.count(ctx, models.AttemptPassword, heldSubject(desk), func(a *models.Attempts) error {
		roll(a, now, s.limits.DeskWindow)
		from = a.WindowFrom
		if a.Window > s.limits.DeskAccounts {
			return waitUntil(now, from.Add(s.limits.DeskWindow), errHeld)
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
		a.Last = now
		return nil
	})
	if err != nil {
		return err
	}
	t.add(func(ctx context.Context, _ bool) error { return s.forgivePair(ctx, key, desk) })
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

// forgivePair takes a name off the list of those that fail at a desk.
func (s *Service) forgivePair(ctx context.Context, key [16]byte, desk models.DeskID) error {
	var from time.Time
	err := s.count(ctx, models.AttemptPassword, pairSubject(key, desk), func(a *models.Attempts) error {
		if a.Window > 0 {
			from = a.WindowFrom
		}
		a.Window = 0
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

// weekBuckets keep a rolling week by day: today and the seven days before it, so never less than a week.
const weekBuckets = 8

const day = 24 * time.Hour

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// faceState refuses when an account may not try its face now.
func (l Limits) faceState(a models.Attempts, now time.Time) error {
	if a.Total >= l.FaceTotal {
		return errReset
	}
	if a.InRow >= l.FaceInRow {
		return waitUntil(now, a.Last.Add(l.FaceWait), errTooMany)
	}
	return nil
}

// week sums the failures of the last seven days; until says when the oldest of them is forgotten.
func (s *Service) week(ctx context.Context, account models.AccountID) (sum uint32, until time.Time, err error) {
	today := dayOf(s.now())
	for d := today; d > today-weekBuckets; d-- {
		a, err := s.peek(ctx, models.AttemptFace, dayBucket(account, d))
		if err != nil {
			return 0, time.Time{}, err
		}
		if dayOf(a.WindowFrom) == d && a.Window > 0 {
			sum += a.Window
			until = time.Unix(0, 0).Add(time.Duration(d+weekBuckets) * day)
		}
	}
	return sum, until, nil
}

// mayShowFace refuses a challenge that could only end in a refusal.
func (s *Service) mayShowFace(ctx context.Context, account models.AccountID) error {
	a, err := s.peek(ctx, models.AttemptFace, account.String())
	if err != nil {
		return err
	}
	if err := s.limits.faceState(a, s.now()); err != nil {
		return err
	}
	sum, until, err := s.week(ctx, account)
	if err != nil {
		return err
	}
	if sum >= s.limits.FaceWeek {
		return waitUntil(s.now(), until, errTooMany)
	}
	return nil
}

// failFace counts one failed face, if check lets it.
func (s *Service) failFace(ctx context.Context, account models.AccountID, check func(models.Attempts) error) (tally, error) {
	var t tally
	if err := s.take(ctx, &t, models.AttemptFace, account.String(), check); err != nil {
		return tally{}, err
	}
	now := s.now()
	bucket := dayBucket(account, dayOf(now))
	err := s.count(ctx, models.AttemptFace, bucket, func(a *models.Attempts) error {
		if dayOf(a.WindowFrom) != dayOf(now) {
			a.Window = 0
		}
		a.Window++
		a.WindowFrom, a.Last = now, now
		return nil
	})
	if err != nil {
		return tally{}, err
	}
	t.add(func(ctx context.Context, _ bool) error {
		return s.count(ctx, models.AttemptFace, bucket, func(a *models.Attempts) error { less(&a.Window); return nil })
	})
	return t, nil
}

// countFace counts one face before it is judged.
func (s *Service) countFace(ctx context.Context, account models.AccountID, key [16]byte, desk models.DeskID) (tally, error) {
	now := s.now()
	t, err := s.failFace(ctx, account, func(a models.Attempts) error { return s.limits.faceState(a, now) })
	if err != nil {
		return tally{}, err
	}
	// Counted first and summed then: of two at once, at the border, none slips through.
	sum, until, err := s.week(ctx, account)
	if err == nil && sum > s.limits.FaceWeek {
		err = waitUntil(now, until, errTooMany)
	}
	if err == nil {
		err = s.countPair(ctx, &t, key, desk)
	}
	if err != nil {
		return tally{}, t.untried(ctx, err)
	}
	return t, nil
}
