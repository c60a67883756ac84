package sqlstore

import (
	"context"

	"visavis/models"
)

// VaultOf implements models.Vaults.
func (s *Store) VaultOf(ctx context.Context, account models.AccountID) (v models.Vault, err error) {
	err = s.read(ctx, "find a vault", func(q querier) error {
		v.Account = account
		return q.QueryRowContext(ctx, `SELECT version, prev, body FROM vaults WHERE account = $1`, account[:]).
			Scan(&v.Version, fixed(v.Prev[:]), &v.Body)
	})
	return found(v, err)
}

// PutVault implements models.Vaults.
func (s *Store) PutVault(ctx context.Context, before, next models.Vault) error {
	return s.write(ctx, "write a vault", func(q querier) error { return putVault(ctx, q, before, next) })
}

// PutPassword implements models.Vaults.
func (s *Store) PutPassword(ctx context.Context, before, next models.Password) error {
	return s.overwriting(ctx, "write a password", func(q querier) error {
		if len(next.Record) == 0 || next.Suite == 0 || len(next.Vault.Body) == 0 {
			return models.ErrInvalid
		}
		if err := putVault(ctx, q, before.Vault, next.Vault); err != nil {
			return err
		}
		r, err := q.ExecContext(ctx, `UPDATE users SET record = $2, suite = $3 WHERE id = $1 AND record = $4`,
			next.Vault.Account[:], next.Record, next.Suite, blob(before.Record))
		return changed(r, err, models.ErrConflict)
	})
}

func putVault(ctx context.Context, q querier, before, next models.Vault) error {
	version, err := number(next.Version)
	if err != nil {
		return err
	}
	var stored int64
	if err := q.QueryRowContext(ctx, `SELECT version FROM vaults WHERE account = $1`, next.Account[:]).Scan(&stored); err != nil {
		return err
	}
	r, err := q.ExecContext(ctx, `UPDATE vaults SET version = $2, prev = $3, body = $4 WHERE account = $1 AND version = $2 - 1 AND body = $5`,
		next.Account[:], version, next.Prev[:], blob(next.Body), blob(before.Body))
	return changed(r, err, models.ErrConflict)
}

// PutKeyChange implements models.KeyChanges.
func (s *Store) PutKeyChange(ctx context.Context, k models.KeyChange) error {
	return s.write(ctx, "write a key change", func(q querier) error {
		if k.Account.IsZero() || len(k.Bundle) == 0 {
			return models.ErrInvalid
		}
		known := 0
		if k.Known {
			known = 1
		}
		_, err := q.ExecContext(ctx, `INSERT INTO key_changes (account, bundle, known, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account) DO UPDATE SET
				at = CASE WHEN bundle = excluded.bundle THEN at ELSE excluded.at END,
				bundle = excluded.bundle,
				known = CASE WHEN known = 1 THEN 1 ELSE excluded.known END`, k.Account[:], k.Bundle, known, millis(k.At))
		return err
	})
}

// KeyChanges implements models.KeyChanges.
func (s *Store) KeyChanges(ctx context.Context, after models.AccountID, limit int) (ks []models.KeyChange, err error) {
	err = s.read(ctx, "list key changes", func(q querier) (err error) {
		ks, err = collect(ctx, q, scanKeyChange, `SELECT account, bundle, known, at FROM key_changes WHERE account > $1 ORDER BY account LIMIT $2`, after[:], limit)
		return err
	})
	return ks, err
}

func scanKeyChange(row scanner) (k models.KeyChange, err error) {
	err = row.Scan(fixed(k.Account[:]), &k.Bundle, &k.Known, clock{&k.At})
	return k, err
}

// KeyChangeOf implements models.KeyChanges.
func (s *Store) KeyChangeOf(ctx context.Context, account models.AccountID) (k models.KeyChange, err error) {
	err = s.read(ctx, "find a key change", func(q querier) (err error) {
		k, err = scanKeyChange(q.QueryRowContext(ctx, `SELECT account, bundle, known, at FROM key_changes WHERE account = $1`, account[:]))
		return err
	})
	return found(k, err)
}

// DropKeyChange implements models.KeyChanges.
func (s *Store) DropKeyChange(ctx context.Context, account models.AccountID) error {
	return s.write(ctx, "drop a key change", func(q querier) error {
		_, err := q.ExecContext(ctx, `DELETE FROM key_changes WHERE account = $1`, account[:])
		return err
	})
}

// Vaults implements models.Vaults.
func (s *Store) Vaults(ctx context.Context, after models.AccountID, limit int) (vs []models.Vault, err error) {
	err = s.read(ctx, "list vaults", func(q querier) (err error) {
		vs, err = collect(ctx, q, func(row scanner) (v models.Vault, err error) {
			err = row.Scan(fixed(v.Account[:]), &v.Version, fixed(v.Prev[:]), &v.Body)
			return v, err
		}, `SELECT account, version, prev, body FROM vaults WHERE account > $1 AND account IN (SELECT id FROM users WHERE status <> $2)
			ORDER BY account LIMIT $3`, after[:], models.UserDisabled, limit)
		return err
	})
	return vs, err
}
