package sqlstore

import (
	"context"
	"time"

	"visavis/models"
)

// PutCode implements models.Recoveries.
func (s *Store) PutCode(ctx context.Context, c models.Code) error {
	return s.write(ctx, "keep a code", func(q querier) error {
		if c.Account.IsZero() || c.Desk.IsZero() || len(c.Grant) == 0 || c.Tries == 0 {
			return models.ErrInvalid
		}
		_, err := q.ExecContext(ctx, `INSERT INTO codes (account, desk, grant_body, tries, until) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account, desk) DO UPDATE SET grant_body = excluded.grant_body, tries = excluded.tries, until = excluded.until`,
			c.Account[:], c.Desk[:], c.Grant, c.Tries, millis(c.Until))
		return err
	})
}

// TryCode implements models.Recoveries.
func (s *Store) TryCode(ctx context.Context, account models.AccountID, desk models.DeskID, now time.Time, right func(models.Code) bool) (models.Code, error) {
	c := models.Code{Account: account, Desk: desk}
	good := false
	err := s.write(ctx, "try a code", func(q querier) error {
		err := q.QueryRowContext(ctx, `SELECT grant_body, tries, until FROM codes WHERE account = $1 AND desk = $2`, account[:], desk[:]).
			Scan(&c.Grant, &c.Tries, clock{&c.Until})
		if err != nil {
			return err
		}
		if !now.Before(c.Until) {
			return models.ErrNotFound
		}
		c.Tries--
		if good = right(c); good || c.Tries == 0 {
			_, err = q.ExecContext(ctx, `DELETE FROM codes WHERE account = $1 AND desk = $2`, account[:], desk[:])
		} else {
			_, err = q.ExecContext(ctx, `UPDATE codes SET tries = $3 WHERE account = $1 AND desk = $2`, account[:], desk[:], c.Tries)
		}
		return err
	})
	if err == nil && !good {
		err = s.wrap(ctx, "try a code", models.ErrConflict)
	}
	return found(c, err)
}

// AllowRenewal implements models.Recoveries.
func (s *Store) AllowRenewal(ctx context.Context, account, by models.AccountID, until time.Time) error {
	return s.overwriting(ctx, "allow a renewal", func(q querier) error {
		if _, err := q.ExecContext(ctx, `DELETE FROM renewals WHERE account = $1`, account[:]); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO renewals (account, author, until) VALUES ($1, $2, $3)`, account[:], by[:], millis(until))
		return err
	})
}

// MakeRenewal implements models.Recoveries.
func (s *Store) MakeRenewal(ctx context.Context, r models.Renewal, now time.Time) error {
	return s.write(ctx, "make a renewal", func(q querier) error {
		u := r.User
		if u.ID != r.Account || len(u.Bundle) == 0 || len(r.Vault) == 0 {
			return models.ErrInvalid
		}
		stands, err := scanRenewal(q.QueryRowContext(ctx, selectRenewal+` WHERE renewals.account = $1`, r.Account[:]))
		switch {
		case err != nil:
			return err
		case len(stands.User.Bundle) > 0:
			return models.ErrExists
		case !now.Before(stands.Until):
			return models.ErrNotFound
		}
		_, err = q.ExecContext(ctx, `UPDATE renewals SET email = $2, record = $3, suite = $4, bundle = $5, template = $6, vault = $7,
			consent_at = $8, consent = $9, desk = $10, created_at = $11 WHERE account = $1`,
			r.Account[:], u.Email, blob(u.Record), u.Suite, u.Bundle, blob(u.Template), r.Vault,
			millis(u.ConsentAt), u.Consent[:], u.Desk[:], millis(u.CreatedAt))
		return err
	})
}

const selectRenewal = `SELECT users.id, users.name, users.status, author, until, renewals.email, renewals.record, renewals.suite, renewals.bundle,
	renewals.template, vault, renewals.consent_at, renewals.consent, renewals.desk, renewals.created_at
	FROM renewals JOIN users ON users.id = renewals.account`

func scanRenewal(row scanner) (r models.Renewal, err error) {
	u := &r.User
	err = row.Scan(fixed(r.Account[:]), &u.Name, &u.Status, fixed(r.By[:]), clock{&r.Until}, &u.Email, &u.Record, &u.Suite, &u.Bundle,
		&u.Template, &r.Vault, clock{&u.ConsentAt}, fixed(u.Consent[:]), fixed(u.Desk[:]), clock{&u.CreatedAt})
	u.ID = r.Account
	return r, err
}

// RenewalOf implements models.Recoveries.
func (s *Store) RenewalOf(ctx context.Context, account models.AccountID) (r models.Renewal, err error) {
	err = s.read(ctx, "find a renewal", func(q querier) (err error) {
		r, err = scanRenewal(q.QueryRowContext(ctx, selectRenewal+` WHERE renewals.account = $1`, account[:]))
		return err
	})
	return found(r, err)
}

// Renewals implements models.Recoveries.
func (s *Store) Renewals(ctx context.Context) (rs []models.Renewal, err error) {
	err = s.read(ctx, "list renewals", func(q querier) (err error) {
		rs, err = collect(ctx, q, scanRenewal, selectRenewal+` WHERE length(renewals.bundle) > 0 ORDER BY renewals.created_at, users.id`)
		return err
	})
	return rs, err
}

// FinishRenewal implements models.Recoveries.
func (s *Store) FinishRenewal(ctx context.Context, account models.AccountID, bundle []byte) error {
	return s.overwriting(ctx, "finish a renewal", func(q querier) error {
		if len(bundle) == 0 {
			return models.ErrNotFound
		}
		r, err := q.ExecContext(ctx, `UPDATE users SET (email, record, suite, bundle, template, consent_at, consent, desk) =
			(SELECT email, record, suite, bundle, template, consent_at, consent, desk FROM renewals WHERE account = $1)
			WHERE id = $1 AND EXISTS (SELECT 1 FROM renewals WHERE account = $1 AND bundle = $2)`, account[:], bundle)
		if err := changed(r, err, models.ErrNotFound); err != nil {
			return err
		}
		for _, statement := range []string{
			`UPDATE vaults SET version = 1, prev = zeroblob(32), body = (SELECT vault FROM renewals WHERE account = $1) WHERE account = $1`,
			`DELETE FROM boxes WHERE account = $1`,
			`DELETE FROM challenges WHERE account = $1`,
			`DELETE FROM codes WHERE account = $1`,
			`DELETE FROM renewals WHERE account = $1`,
		} {
			if _, err := q.ExecContext(ctx, statement, account[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropRenewal implements models.Recoveries.
func (s *Store) DropRenewal(ctx context.Context, account models.AccountID) error {
	return s.overwriting(ctx, "drop a renewal", func(q querier) error {
		r, err := q.ExecContext(ctx, `DELETE FROM renewals WHERE account = $1`, account[:])
		return changed(r, err, models.ErrNotFound)
	})
}
