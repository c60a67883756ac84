package sqlstore

import (
	"context"
	"crypto/ed25519"
	"time"

	"visavis/models"
)

// maxOrigin bounds the text of an address.
const maxOrigin = 64

const deskColumns = `id, name, status, device_key, tls_key, request, invite, created_at, revoked_at, origin`

func scanDesk(row scanner) (d models.Desk, err error) {
	err = row.Scan(fixed(d.ID[:]), &d.Name, &d.Status, &d.DeviceKey, fixed(d.TLSKeyHash[:]), &d.Request,
		fixed(d.Invite[:]), clock{&d.CreatedAt}, clock{&d.RevokedAt}, &d.Origin)
	return d, err
}

// AddInvite implements models.Desks.
func (s *Store) AddInvite(ctx context.Context, i models.Invite) error {
	return s.write(ctx, "add an invite", func(q querier) error {
		if i.Code.IsZero() || !i.UsedBy.IsZero() || !i.ExpiresAt.After(i.CreatedAt) {
			return models.ErrInvalid
		}
		_, err := q.ExecContext(ctx, `INSERT INTO invites (code, author, created_at, expires_at, used_by) VALUES ($1, $2, $3, $4, $5)`,
			i.Code[:], i.By[:], millis(i.CreatedAt), millis(i.ExpiresAt), i.UsedBy[:])
		return err
	})
}

// EnrolDesk implements models.Desks.
func (s *Store) EnrolDesk(ctx context.Context, d models.Desk, now time.Time) error {
	return s.write(ctx, "enrol a desk", func(q querier) error {
		if d.ID.IsZero() || d.Name == "" || len(d.DeviceKey) != ed25519.PublicKeySize || d.TLSKeyHash.IsZero() ||
			(d.Status != models.DeskPending && d.Status != models.DeskActive) || !d.RevokedAt.IsZero() {
			return models.ErrInvalid
		}
		var unused models.DeskID
		r, err := q.ExecContext(ctx, `UPDATE invites SET used_by = $2 WHERE code = $1 AND used_by = $3 AND expires_at > $4`,
			d.Invite[:], d.ID[:], unused[:], millis(now))
		if err := changed(r, err, models.ErrNotFound); err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, `INSERT INTO desks (`+deskColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			d.ID[:], d.Name, d.Status, d.DeviceKey, d.TLSKeyHash[:], blob(d.Request), d.Invite[:],
			millis(d.CreatedAt), millis(d.RevokedAt), d.Origin)
		return err
	})
}

// DeskByID implements models.Desks.
func (s *Store) DeskByID(ctx context.Context, id models.DeskID) (d models.Desk, err error) {
	err = s.read(ctx, "find a desk", func(q querier) (err error) {
		d, err = scanDesk(q.QueryRowContext(ctx, `SELECT `+deskColumns+` FROM desks WHERE id = $1`, id[:]))
		return err
	})
	return found(d, err)
}

// DeskByTLSKey implements models.Desks.
func (s *Store) DeskByTLSKey(ctx context.Context, key models.Hash) (d models.Desk, err error) {
	err = s.read(ctx, "find a desk by its key", func(q querier) (err error) {
		d, err = scanDesk(q.QueryRowContext(ctx, `SELECT `+deskColumns+` FROM desks WHERE tls_key = $1`, key[:]))
		return err
	})
	return found(d, err)
}

// Desks implements models.Desks.
func (s *Store) Desks(ctx context.Context) (ds []models.Desk, err error) {
	err = s.read(ctx, "list desks", func(q querier) (err error) {
		ds, err = collect(ctx, q, scanDesk, `SELECT `+deskColumns+` FROM desks ORDER BY created_at, id`)
		return err
	})
	return ds, err
}

// SetDeskStatus implements models.Desks.
func (s *Store) SetDeskStatus(ctx context.Context, id models.DeskID, status models.DeskStatus, at time.Time) error {
	return s.write(ctx, "set a desk's status", func(q querier) error {
		if status < models.DeskPending || status > models.DeskRevoked || (status == models.DeskRevoked && at.IsZero()) {
			return models.ErrInvalid
		}
		var now models.DeskStatus
		if err := q.QueryRowContext(ctx, `SELECT status FROM desks WHERE id = $1`, id[:]).Scan(&now); err != nil {
			return err
		}
		switch {
		case now == models.DeskRevoked && status == models.DeskRevoked:
			return nil // the first revocation's time stands
		case now == models.DeskRevoked:
			return models.ErrConflict
		case status != models.DeskRevoked:
			at = time.Time{}
		}
		_, err := q.ExecContext(ctx, `UPDATE desks SET status = $2, revoked_at = $3 WHERE id = $1`, id[:], status, millis(at))
		return err
	})
}

// SetDeskOrigin implements models.Desks.
func (s *Store) SetDeskOrigin(ctx context.Context, id models.DeskID, origin string) error {
	return s.write(ctx, "set a desk's origin", func(q querier) error {
		if origin == "" || len(origin) > maxOrigin {
			return models.ErrInvalid
		}
		r, err := q.ExecContext(ctx, `UPDATE desks SET origin = $2 WHERE id = $1`, id[:], origin)
		return changed(r, err, models.ErrNotFound)
	})
}
