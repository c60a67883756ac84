package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"visavis/models"
	"visavis/models/audit"
)

// AddAudit implements models.Audits.
func (s *Store) AddAudit(ctx context.Context, e models.AuditEvent) error {
	return s.write(ctx, "add an audit event", func(q querier) error {
		if err := audit.Check(e); err != nil {
			return err
		}
		var err error
		if e.Seq, err = nextAudit(ctx, q); err != nil {
			return err
		}
		e.At = timeOf(millis(e.At))
		hashes, err := audit.Complete(e, auditHashes(ctx, q))
		if errors.Is(err, models.ErrNotFound) {
			return fmt.Errorf("%w: hashes of the audit log are missing: %v", ErrDamaged, err)
		} else if err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, `INSERT INTO audit (seq, at, event, outcome, account, desk, detail, hashes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			int64(e.Seq), millis(e.At), e.Event, e.Outcome, e.Account[:], e.Desk[:], e.Detail, joined(hashes))
		return err
	})
}

// nextAudit counts the log on, in its one row: whoever does holds the row until the transaction ends, so that others, in other processes too,
// come after. What was taken off the end beside the store is not written over.
func nextAudit(ctx context.Context, q querier) (seq uint64, err error) {
	if err := q.QueryRowContext(ctx, `UPDATE audit_log SET size = size + 1 RETURNING size`).Scan(&seq); err != nil {
		return 0, noLog(err)
	}
	var last uint64
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM audit`).Scan(&last); err != nil {
		return 0, err
	}
	if last != seq-1 {
		return 0, fmt.Errorf("%w: the audit log's last event is %d and should be %d", ErrDamaged, last, seq-1)
	}
	return seq, nil
}

// noLog says what it means that the log's row is not there.
func noLog(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: the audit log has no end", ErrDamaged)
	}
	return err
}

const auditColumns = `seq, at, event, outcome, account, desk, detail`

func scanAudit(row scanner) (e models.AuditEvent, err error) {
	err = row.Scan(&e.Seq, clock{&e.At}, &e.Event, &e.Outcome, fixed(e.Account[:]), fixed(e.Desk[:]), &e.Detail)
	return e, err
}

// AuditAfter implements models.Audits.
func (s *Store) AuditAfter(ctx context.Context, seq uint64, limit int) (es []models.AuditEvent, err error) {
	err = s.read(ctx, "read the audit log", func(q querier) (err error) {
		es, err = auditAfter(ctx, q, seq, limit)
		return err
	})
	return es, err
}

func auditAfter(ctx context.Context, q querier, seq uint64, limit int) ([]models.AuditEvent, error) {
	if limit < 1 || seq > math.MaxInt64 {
		return nil, nil
	}
	return collect(ctx, q, scanAudit, `SELECT `+auditColumns+` FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, int64(seq), limit)
}

// AuditSize implements models.Audits.
func (s *Store) AuditSize(ctx context.Context) (size uint64, err error) {
	err = s.read(ctx, "find the audit log's end", func(q querier) error {
		return noLog(q.QueryRowContext(ctx, `SELECT size FROM audit_log`).Scan(&size))
	})
	return found(size, err)
}

// AuditHashes implements models.Audits.
func (s *Store) AuditHashes(ctx context.Context, indexes []int64) (hashes []models.Hash, err error) {
	err = s.read(ctx, "read the audit log's hashes", func(q querier) error {
		read, err := auditHashes(ctx, q)(indexes)
		for _, h := range read {
			hashes = append(hashes, models.Hash(h))
		}
		return err
	})
	return found(hashes, err)
}
