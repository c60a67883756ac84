package sqlstore

import (
	"bytes"
	"context"

	"visavis/models"
)

const userColumns = `id, name, email, status, record, suite, bundle, template, consent_at, consent, desk, created_at`

func scanUser(row scanner) (u models.User, err error) {
	err = row.Scan(fixed(u.ID[:]), &u.Name, &u.Email, &u.Status, &u.Record, &u.Suite, &u.Bundle, &u.Template,
		clock{&u.ConsentAt}, fixed(u.Consent[:]), fixed(u.Desk[:]), clock{&u.CreatedAt})
	return u, err
}

func validUserStatus(s models.UserStatus) bool {
	return s >= models.UserWaiting && s <= models.UserDisabled
}

// AddUser implements models.Users.
func (s *Store) AddUser(ctx context.Context, u models.User, v models.Vault) error {
	return s.write(ctx, "add a user", func(q querier) error {
		if u.ID.IsZero() || u.Name == "" || !validUserStatus(u.Status) || v.Account != u.ID || v.Version != 1 || !v.Prev.IsZero() {
			return models.ErrInvalid
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO users (`+userColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			u.ID[:], u.Name, u.Email, u.Status, blob(u.Record), u.Suite, blob(u.Bundle), blob(u.Template),
			millis(u.ConsentAt), u.Consent[:], u.Desk[:], millis(u.CreatedAt)); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO vaults (account, version, prev, body) VALUES ($1, 1, $2, $3)`,
			v.Account[:], v.Prev[:], blob(v.Body))
		return err
	})
}

// UserByName implements models.Users.
func (s *Store) UserByName(ctx context.Context, name string) (u models.User, err error) {
	err = s.read(ctx, "find a user by name", func(q querier) (err error) {
		u, err = scanUser(q.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE name = $1`, name))
		return err
	})
	return found(u, err)
}

// UserByID implements models.Users.
func (s *Store) UserByID(ctx context.Context, id models.AccountID) (u models.User, err error) {
	err = s.read(ctx, "find a user", func(q querier) (err error) {
		u, err = scanUser(q.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, id[:]))
		return err
	})
	return found(u, err)
}

// found returns the zero value beside an error, never half a record.
func found[T any](v T, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// SetUserStatus implements models.Users.
func (s *Store) SetUserStatus(ctx context.Context, id models.AccountID, status models.UserStatus) error {
	return s.write(ctx, "set a user's status", func(q querier) error {
		if !validUserStatus(status) {
			return models.ErrInvalid
		}
		var now models.UserStatus
		if err := q.QueryRowContext(ctx, `SELECT status FROM users WHERE id = $1`, id[:]).Scan(&now); err != nil {
			return err
		}
		if now == models.UserDisabled {
			return models.ErrConflict
		}
		_, err := q.ExecContext(ctx, `UPDATE users SET status = $2 WHERE id = $1`, id[:], status)
		return err
	})
}

// UsersByStatus implements models.Users.
func (s *Store) UsersByStatus(ctx context.Context, status models.UserStatus) (us []models.User, err error) {
	err = s.read(ctx, "list users", func(q querier) (err error) {
		us, err = collect(ctx, q, scanUser,
			`SELECT `+userColumns+` FROM users WHERE status = $1 ORDER BY created_at, id`, status)
		return err
	})
	return us, err
}

// Templates implements models.Users.
func (s *Store) Templates(ctx context.Context, after models.SealedTemplate, limit int) (ts []models.SealedTemplate, err error) {
	err = s.read(ctx, "list templates", func(q querier) (err error) {
		ts, err = collect(ctx, q, func(row scanner) (t models.SealedTemplate, err error) {
			err = row.Scan(fixed(t.Account[:]), &t.Renewal, &t.Sealed)
			return t, err
		}, `SELECT account, renewal, template FROM (
				SELECT id AS account, 0 AS renewal, template FROM users
				UNION ALL SELECT account, 1 AS renewal, template FROM renewals) AS every
			WHERE length(template) > 0 AND (account > $1 OR account = $1 AND renewal > $2) ORDER BY account, renewal LIMIT $3`,
			after.Account[:], after.Renewal, limit)
		return err
	})
	return ts, err
}

// templateOf are the statements that read and write a template, of an account and of a renewal.
var templateOf = map[bool]struct{ read, write string }{
	false: {`SELECT template FROM users WHERE id = $1`, `UPDATE users SET template = $2 WHERE id = $1`},
	true:  {`SELECT template FROM renewals WHERE account = $1`, `UPDATE renewals SET template = $2 WHERE account = $1`},
}

// ReplaceTemplate implements models.Users.
func (s *Store) ReplaceTemplate(ctx context.Context, t models.SealedTemplate, to []byte) error {
	return s.write(ctx, "replace a template", func(q querier) error {
		if len(t.Sealed) == 0 || len(to) == 0 {
			return models.ErrInvalid
		}
		var stored []byte
		if err := q.QueryRowContext(ctx, templateOf[t.Renewal].read, t.Account[:]).Scan(&stored); err != nil {
			return err
		}
		if !bytes.Equal(stored, t.Sealed) {
			return models.ErrConflict
		}
		_, err := q.ExecContext(ctx, templateOf[t.Renewal].write, t.Account[:], to)
		return err
	})
}

// DeleteUser implements models.Users.
func (s *Store) DeleteUser(ctx context.Context, id models.AccountID) error {
	return s.overwriting(ctx, "delete a user", func(q querier) error {
		r, err := q.ExecContext(ctx, `DELETE FROM users WHERE id = $1`, id[:]) // the vault goes with it, codes and a renewal
		if err := changed(r, err, models.ErrNotFound); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM boxes WHERE account = $1`,
			`DELETE FROM given WHERE account = $1`,
			`DELETE FROM asks WHERE account = $1`,
			`DELETE FROM challenges WHERE account = $1`,
		} {
			if _, err := q.ExecContext(ctx, statement, id[:]); err != nil {
				return err
			}
		}
		// '~' sorts after every character of a subject that follows the id.
		_, err = q.ExecContext(ctx, `DELETE FROM attempts WHERE subject >= $1 AND subject < $2`, id.String(), id.String()+"~")
		return err
	})
}
