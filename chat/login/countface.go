package login

import (
	"context"
	"fmt"
	"time"

	"visavis/models"
)

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
		return rest(now, a.Last, l.FaceWait, errTooMany)
	}
	return nil
}

// week sums the failures of the last seven days; after says in what time the oldest of them is forgotten.
func (s *Service) week(ctx context.Context, account models.AccountID) (sum uint32, after time.Duration, err error) {
	now := s.now()
	today := dayOf(now)
	for d := today; d > today-weekBuckets; d-- {
		a, err := s.peek(ctx, models.AttemptFace, dayBucket(account, d))
		if err != nil {
			return 0, 0, err
		}
		if dayOf(a.WindowFrom) == d && a.Window > 0 {
			sum += a.Window
			after = time.Unix(0, 0).Add(time.Duration(d+weekBuckets) * day).Sub(now)
		}
	}
	return sum, after, nil
}

// mayShowFace refuses a challenge that could only end in a refusal.
func (s *Service) mayShowFace(ctx context.Context, account models.AccountID, limits Limits) error {
	a, err := s.peek(ctx, models.AttemptFace, account.String())
	if err != nil {
		return err
	}
	if err := limits.faceState(a, s.now()); err != nil {
		return err
	}
	sum, after, err := s.week(ctx, account)
	if err == nil && sum >= limits.FaceWeek {
		err = &waitError{after: after, why: errTooMany}
	}
	return err
}

// failFace counts one failed face, if check lets it.
func (s *Service) failFace(ctx context.Context, account models.AccountID, check func(models.Attempts) error) (tally, error) {
	var t tally
	if err := s.inRow(ctx, &t, models.AttemptFace, account.String(), check); err != nil {
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
func (s *Service) countFace(ctx context.Context, account models.AccountID, key [16]byte, desk models.DeskID, limits Limits) (tally, error) {
	now := s.now()
	t, err := s.failFace(ctx, account, func(a models.Attempts) error { return limits.faceState(a, now) })
	if err != nil {
		return tally{}, err
	}
	// Counted first and summed then: of two at once, at the border, none slips through.
	sum, after, err := s.week(ctx, account)
	if err == nil && sum > limits.FaceWeek {
		err = &waitError{after: after, why: errTooMany}
	}
	if err == nil {
		err = s.countPair(ctx, &t, key, desk)
	}
	if err != nil {
		return tally{}, t.untried(ctx, err)
	}
	return t, nil
}

// ResetFace clears the failed faces of an account; by is the admin who said so.
func (s *Service) ResetFace(ctx context.Context, account, by models.AccountID) error {
	subjects := []string{account.String()}
	for d := range int64(weekBuckets) {
		subjects = append(subjects, dayBucket(account, d))
	}
	for _, subject := range subjects {
		if err := s.count(ctx, models.AttemptFace, subject, func(a *models.Attempts) error {
			*a = models.Attempts{}
			return nil
		}); err != nil {
			return fmt.Errorf("reset failed faces: %w", err)
		}
	}
	return s.audit(ctx, entry{event: "login.reset", account: account}, "ok", "by "+by.String())
}
