package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"visavis/models"
)

// CountAttempt implements models.Limits.
func (s *Store) CountAttempt(ctx context.Context, kind models.AttemptKind, subject string, change func(*models.Attempts) error) (a models.Attempts, err error) {
	var refused error
	err = s.write(ctx, "count an attempt", func(q querier) error {
		if kind == 0 || subject == "" {
			return models.ErrInvalid
		}
		err := q.QueryRowContext(ctx, `SELECT in_row, in_window, total, window_from, last_at FROM attempts
			WHERE kind = $1 AND subject = $2`, kind, subject).
			Scan(&a.InRow, &a.Window, &a.Total, clock{&a.WindowFrom}, clock{&a.Last})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		a.Kind, a.Subject = kind, subject
		if refused = change(&a); refused != nil {
			return refused
		}
		a.Kind, a.Subject = kind, subject // not the caller's to change
		a.WindowFrom, a.Last = timeOf(millis(a.WindowFrom)), timeOf(millis(a.Last))
		_, err = q.ExecContext(ctx, `INSERT INTO attempts (kind, subject, in_row, in_window, total, window_from, last_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (kind, subject) DO UPDATE SET in_row = excluded.in_row, in_window = excluded.in_window,
				total = excluded.total, window_from = excluded.window_from, last_at = excluded.last_at`,
			a.Kind, a.Subject, a.InRow, a.Window, a.Total, millis(a.WindowFrom), millis(a.Last))
		return err
	})
	if refused != nil {
		return models.Attempts{}, refused
	}
	return found(a, err)
}

// ForgetAttempts implements models.Limits.
func (s *Store) ForgetAttempts(ctx context.Context, kind models.AttemptKind, then time.Time) error {
	return s.write(ctx, "forget old attempts", func(q querier) error {
		_, err := q.ExecContext(ctx, `DELETE FROM attempts WHERE kind = $1 AND last_at < $2 AND window_from < $2`, kind, millis(then))
		return err
	})
}

// PutChallenge implements models.Limits.
func (s *Store) PutChallenge(ctx context.Context, c models.Challenge) (standing models.Challenge, err error) {
	err = s.write(ctx, "put a challenge", func(q querier) error {
		if c.Account.IsZero() || c.Desk.IsZero() || len(c.Body) == 0 {
			return models.ErrInvalid
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO challenges (account, desk, body, issued_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account, desk) DO NOTHING`, c.Account[:], c.Desk[:], c.Body, millis(c.IssuedAt)); err != nil {
			return err
		}
		standing, err = challengeOf(ctx, q, c.Account, c.Desk)
		return err
	})
	return found(standing, err)
}

// TakeChallenge implements models.Limits.
func (s *Store) TakeChallenge(ctx context.Context, account models.AccountID, desk models.DeskID) (c models.Challenge, err error) {
	err = s.write(ctx, "take a challenge", func(q querier) (err error) {
		if c, err = challengeOf(ctx, q, account, desk); err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, `DELETE FROM challenges WHERE account = $1 AND desk = $2`, account[:], desk[:])
		return err
	})
	return found(c, err)
}

func challengeOf(ctx context.Context, q querier, account models.AccountID, desk models.DeskID) (models.Challenge, error) {
	c := models.Challenge{Account: account, Desk: desk}
	err := q.QueryRowContext(ctx, `SELECT body, issued_at FROM challenges WHERE account = $1 AND desk = $2`, account[:], desk[:]).
		Scan(&c.Body, clock{&c.IssuedAt})
	return c, err
}
