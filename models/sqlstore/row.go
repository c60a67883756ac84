package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"visavis/models"
)

// blob keeps a nil slice from becoming NULL: to the store nil and empty are the same.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// millis is how a time is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// timeOf reads what millis wrote.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// number turns an unsigned number into one that a column holds.
func number(n uint64) (int64, error) {
	if n > math.MaxInt64 {
		return 0, models.ErrInvalid
	}
	return int64(n), nil
}

// clock scans a column of milliseconds.
type clock struct{ t *time.Time }

func (c clock) Scan(v any) error {
	ms, ok := v.(int64)
	if !ok {
		return fmt.Errorf("%w: a time of type %T", ErrDamaged, v)
	}
	*c.t = timeOf(ms)
	return nil
}

// fixed scans a column of exactly as many bytes as it has place for.
type fixed []byte

func (f fixed) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(f) {
		return fmt.Errorf("%w: %d bytes where %d belong", ErrDamaged, len(b), len(f))
	}
	copy(f, b)
	return nil
}

// collect reads all rows of a query with scan.
func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (out []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err's
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// changed returns missing unless the statement touched a row.
func changed(r sql.Result, err, missing error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}
