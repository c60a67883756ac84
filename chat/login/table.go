package login

import (
	"crypto/subtle"
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
// over. It is safe for concurrent use.
type table[T any] struct {
	discard func(T) // called for values that go unused

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

// put sweeps out what is late and stores a login. The error is a *waitError.
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

func (t *table[T]) remove(id models.LoginID) {
	t.discard(t.rows[id].value)
	delete(t.rows, id)
}
