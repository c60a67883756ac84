package sqlstore

import (
	"context"
	"math"

	"visavis/models"
)

// AddAudit implements models.Audits.
func (s *Store) AddAudit(ctx context.Context, e models.AuditEvent) error {
	return s.write(ctx, "add an audit event", func(q querier) error {
		if e.Event == "" || e.Outcome == "" {
			return models.ErrInvalid
		}
		_, err := q.ExecContext(ctx, `INSERT INTO audit (seq, at, event, outcome, account, desk, detail)
			SELECT COALESCE(MAX(seq), 0) + 1, $1, $2, $3, $4, $5, $6 FROM audit`,
			millis(e.At), e.Event, e.Outcome, e.Account[:], e.Desk[:], e.Detail)
		return err
	})
}

// AuditAfter implements models.Audits.
func (s *Store) AuditAfter(ctx context.Context, seq uint64, limit int) (es []models.AuditEvent, err error) {
	err = s.read(ctx, "read the audit log", func(q querier) (err error) {
		if limit < 1 || seq > math.MaxInt64 {
			return nil
		}
		es, err = collect(ctx, q, func(row scanner) (e models.AuditEvent, err error) {
			err = row.Scan(&e.Seq, clock{&e.At}, &e.Event, &e.Outcome, fixed(e.Account[:]), fixed(e.Desk[:]), &e.Detail)
			return e, err
		}, `SELECT seq, at, event, outcome, account, desk, detail FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, int64(seq), limit)
		return err
	})
	return es, err
}
