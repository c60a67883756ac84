package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"time"

	"visavis/models"
)

const (
	maxRows     = 8192 // logins under way
	maxDeskRows = 256  // of one desk: its oldest gives way
)

// binding ties a login to one connection of one desk.
type binding struct {
	desk     models.DeskID
	exporter [32]byte
}

func (c Conn) bind(id models.LoginID) (binding, error) {
	exporter, err := c.Exporter(id)
	if err != nil {
		return binding{}, fmt.Errorf("export from the connection: %w", err)
	}
	return binding{desk: c.Desk, exporter: exporter}, nil
}

func (b binding) equal(other binding) bool {
	return b.desk == other.desk && subtle.ConstantTimeCompare(b.exporter[:], other.exporter[:]) == 1
}

// table holds logins between their steps. A step takes its login out, so none runs twice or beside another; what is not put back is
// over. It owns its values until take: discard gets each one that is over. It is safe for concurrent use.
type table[T any] struct {
	discard func(T)

	mu   sync.Mutex
	rows map[models.LoginID]row[T]
}

type row[T any] struct {
	conn  binding
	until time.Time // in this state
	value T
}

func newTable[T any](discard func(T)) *table[T] {
	return &table[T]{discard: discard, rows: map[models.LoginID]row[T]{}}
}

// begin stores a new login.
func (t *table[T]) begin(c Conn, id models.LoginID, value T, until, now time.Time) error {
	conn, err := c.bind(id)
	if err != nil {
		t.discard(value)
		return err
	}
	return t.put(id, row[T]{conn: conn, until: until, value: value}, now)
}

// put sweeps out what is late and stores a login; one that finds no place is over. The error is a *waitError.
func (t *table[T]) put(id models.LoginID, r row[T], now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var oldest models.LoginID
	var until time.Time
	ofDesk := 0
	for other, o := range t.rows {
		switch {
		case now.After(o.until):
			t.remove(other)
		case o.conn.desk == r.conn.desk:
			if ofDesk++; ofDesk == 1 || o.until.Before(until) {
				oldest, until = other, o.until
			}
		}
	}
	if ofDesk >= maxDeskRows {
		t.remove(oldest)
	}
	if len(t.rows) >= maxRows {
		t.discard(r.value)
		return &waitError{after: answerLife, why: errTooMany}
	}
	t.rows[id] = r
	return nil
}

// take removes a login from the table, unless it belongs to another connection: nobody ends another's.
func (t *table[T]) take(id models.LoginID, conn binding, now time.Time) (row[T], error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.rows[id]
	switch {
	case !ok:
		return row[T]{}, errUnknown
	case !r.conn.equal(conn):
		return row[T]{}, errConnection
	case now.After(r.until):
		t.remove(id)
		return row[T]{}, errLate
	}
	delete(t.rows, id)
	return r, nil
}

// end ends the logins that over names, and says how many.
func (t *table[T]) end(over func(models.LoginID, row[T]) bool) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, r := range t.rows {
		if over(id, r) {
			t.remove(id)
			n++
		}
	}
	return n
}

// endLate ends those whose time is over; nobody may come who would sweep them out.
func (t *table[T]) endLate(now time.Time) {
	t.end(func(_ models.LoginID, r row[T]) bool { return now.After(r.until) })
}

// endOf ends those of a connection.
func (t *table[T]) endOf(c Conn) int {
	return t.end(func(id models.LoginID, r row[T]) bool {
		if r.conn.desk != c.Desk {
			return false
		}
		conn, err := c.bind(id)
		return err == nil && r.conn.equal(conn)
	})
}

func (t *table[T]) remove(id models.LoginID) {
	t.discard(t.rows[id].value)
	delete(t.rows, id)
}

// step takes a login out of its table, lets do work on it, and puts it back for the time that do returns. The zero time ends it: after an
// error too, unless do says that it stays.
func step[T any](ctx context.Context, s *Service, t *table[T], c Conn, id models.LoginID, event string,
	do func(e entry, value T, until time.Time) (time.Time, error)) error {
	e := entry{event: event, desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return err
	}
	conn, err := c.bind(id)
	if err != nil {
		return fmt.Errorf("%s: %w", event, err)
	}
	r, err := t.take(id, conn, s.now())
	if err != nil {
		return refuse(NotSignedIn, err)
	}
	over := true
	defer func() { // also when do panics
		if over {
			t.discard(r.value)
		}
	}()
	r.until, err = do(e, r.value, r.until)
	if r.until.IsZero() {
		return err
	}
	over = false
	if full := t.put(id, r, s.now()); full != nil {
		return errors.Join(err, s.limited(ctx, e, full))
	}
	return err
}
