package sqlstore

import (
	"context"
	"errors"
	"time"

	"visavis/models"
)

// GiveBoxes implements models.Logs.
func (s *Store) GiveBoxes(ctx context.Context, giver models.AccountID, boxes []models.Box) error {
	return s.write(ctx, "give boxes", func(q querier) error {
		for _, b := range boxes {
			if giver.IsZero() || b.Room.IsZero() || b.Generation.IsZero() || b.Account.IsZero() || b.Key.IsZero() || len(b.Body) == 0 {
				return models.ErrInvalid
			}
			var others int
			if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM given WHERE room = $1 AND generation = $2 AND account = $3 AND key = $4 AND giver <> $5`,
				b.Room[:], b.Generation[:], b.Account[:], b.Key[:], giver[:]).Scan(&others); err != nil {
				return err
			}
			if others >= models.MaxGivers {
				continue
			}
			if _, err := q.ExecContext(ctx, `INSERT INTO given (room, generation, account, key, giver, body) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (room, generation, account, key, giver) DO UPDATE SET body = excluded.body`,
				b.Room[:], b.Generation[:], b.Account[:], b.Key[:], giver[:], blob(b.Body)); err != nil {
				return err
			}
		}
		return nil
	})
}

// PutAsk implements models.Logs.
func (s *Store) PutAsk(ctx context.Context, a models.Ask) error {
	return s.write(ctx, "ask for keys", func(q querier) error {
		if a.Room.IsZero() || a.Account.IsZero() {
			return models.ErrInvalid
		}
		if len(a.Generations) == 0 && !a.Waiting {
			_, err := q.ExecContext(ctx, `DELETE FROM asks WHERE room = $1 AND account = $2`, a.Room[:], a.Account[:])
			return err
		}
		ids := make([]byte, 0, 32*len(a.Generations))
		for _, g := range a.Generations {
			ids = append(ids, g[:]...)
		}
		_, err := q.ExecContext(ctx, `INSERT INTO asks (room, account, generations, waiting) VALUES ($1, $2, $3, $4)
			ON CONFLICT (room, account) DO UPDATE SET generations = excluded.generations, waiting = excluded.waiting`,
			a.Room[:], a.Account[:], blob(ids), flag(a.Waiting))
		return err
	})
}

// Asks implements models.Logs.
func (s *Store) Asks(ctx context.Context, room models.RoomID) (asks []models.Ask, err error) {
	err = s.read(ctx, "list who asks for keys", func(q querier) (err error) {
		asks, err = collect(ctx, q, func(row scanner) (models.Ask, error) {
			a := models.Ask{Room: room}
			var ids []byte
			if err := row.Scan(fixed(a.Account[:]), &ids, &a.Waiting); err != nil {
				return a, err
			}
			if len(ids)%32 != 0 {
				return a, ErrDamaged
			}
			for ; len(ids) > 0; ids = ids[32:] {
				a.Generations = append(a.Generations, models.Hash(ids[:32]))
			}
			return a, nil
		}, `SELECT account, generations, waiting FROM asks WHERE room = $1 ORDER BY account`, room[:])
		return err
	})
	return asks, err
}

// Ended implements models.Logs.
func (s *Store) Ended(ctx context.Context, now time.Time, limit int) (es []models.Entry, err error) {
	err = s.read(ctx, "find what is over", func(q querier) (err error) {
		es, err = collect(ctx, q, scanEntry, `SELECT `+entryColumns+` FROM entries
			WHERE ends > 0 AND gone = 0 AND ends <= $1 ORDER BY ends, room, seq LIMIT $2`, millis(now), max(limit, 0))
		return err
	})
	return es, err
}

// Vanish implements models.Logs.
func (s *Store) Vanish(ctx context.Context, entries []models.Entry) error {
	const op = "make messages vanish"
	if len(entries) == 0 {
		return s.read(ctx, op, func(querier) error { return nil })
	}
	return s.overwriting(ctx, op, func(q querier) error {
		for _, e := range entries {
			if len(e.Body) == 0 || e.Kind != models.EntryExpired {
				return models.ErrInvalid
			}
			seq, err := number(e.Seq)
			if err != nil {
				return err
			}
			r, err := q.ExecContext(ctx, `UPDATE entries SET body = $3, gone = 1 WHERE room = $1 AND seq = $2 AND kind = $4 AND ends > 0`,
				e.Room[:], seq, blob(e.Body), models.EntryMessage)
			if err := changed(r, err, models.ErrNotFound); err != nil {
				return err
			}
		}
		return nil
	})
}

// scanKind reads what kind of entry a row is: a message that is gone is another kind.
type scanKind struct{ e *models.Entry }

func (k scanKind) Scan(v any) error {
	gone, ok := v.(int64)
	switch {
	case !ok || gone < 0 || gone > 1:
		return errors.Join(ErrDamaged, errors.New("neither gone nor there"))
	case gone == 1:
		k.e.Kind = models.EntryExpired
	}
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
