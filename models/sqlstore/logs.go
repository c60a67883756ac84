package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"math"

	"visavis/models"
)

const entryColumns = `room, seq, kind, author, message, body, at, ends, gone`

func scanEntry(row scanner) (e models.Entry, err error) {
	err = row.Scan(fixed(e.Room[:]), &e.Seq, &e.Kind, fixed(e.Author[:]), fixed(e.Message[:]), &e.Body, clock{&e.At}, clock{&e.Ends}, scanKind{&e})
	return e, err
}

// Append implements models.Logs.
func (s *Store) Append(ctx context.Context, entries []models.Entry) (out []models.Appended, err error) {
	if len(entries) == 0 {
		return nil, s.read(ctx, "append to a log", func(querier) error { return nil })
	}
	err = s.write(ctx, "append to a log", func(q querier) error {
		b := batch{q: q, last: make(map[models.RoomID]uint64)}
		out = make([]models.Appended, len(entries))
		for i := range entries {
			if out[i], err = b.append(ctx, &entries[i]); err != nil {
				return err
			}
		}
		return b.finish(ctx)
	})
	return found(out, err)
}

// batch is one transaction of Append.
type batch struct {
	q    querier
	last map[models.RoomID]uint64 // of every room touched so far
}

// append answers for one entry; its error is the whole batch's.
func (b *batch) append(ctx context.Context, e *models.Entry) (models.Appended, error) {
	if !validEntry(e) {
		return models.Appended{Err: models.ErrInvalid}, nil
	}
	last, err := b.lastOf(ctx, e.Room)
	if err != nil {
		return models.Appended{}, err
	}
	if taken, err := b.boxTaken(ctx, e); err != nil {
		return models.Appended{}, err
	} else if taken {
		// Either this very entry, or somebody else's generation sent again under another id.
		a, err := b.present(ctx, e)
		if errors.Is(err, sql.ErrNoRows) {
			return models.Appended{Err: models.ErrConflict}, nil
		}
		return a, err
	}
	r, err := b.q.ExecContext(ctx, `INSERT INTO entries (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		ON CONFLICT (room, author, message) DO NOTHING`,
		e.Room[:], int64(last+1), e.Kind, e.Author[:], e.Message[:], blob(e.Body), millis(e.At), millis(e.Ends))
	stored := errors.New("stored already")
	if err := changed(r, err, stored); errors.Is(err, stored) {
		return b.present(ctx, e)
	} else if err != nil {
		return models.Appended{}, err
	}
	for _, box := range e.Boxes {
		if _, err := b.q.ExecContext(ctx, `INSERT INTO boxes (room, generation, account, key, body) VALUES ($1, $2, $3, $4, $5)`,
			e.Room[:], box.Generation[:], box.Account[:], box.Key[:], blob(box.Body)); err != nil {
			return models.Appended{}, err
		}
	}
	b.last[e.Room] = last + 1
	return models.Appended{Seq: last + 1, At: timeOf(millis(e.At))}, nil
}

// present answers for an entry whose id is stored already.
func (b *batch) present(ctx context.Context, e *models.Entry) (models.Appended, error) {
	first, err := entryOf(ctx, b.q, e.Room, e.Author, e.Message)
	if err != nil {
		return models.Appended{}, err
	}
	if gone := first.Kind == models.EntryExpired && e.Kind == models.EntryMessage; !gone && (first.Kind != e.Kind || !bytes.Equal(first.Body, e.Body)) {
		return models.Appended{Err: models.ErrConflict}, nil
	}
	return models.Appended{Seq: first.Seq, At: first.At, Duplicate: true}, nil
}

// boxTaken says whether any of e's boxes stands already.
func (b *batch) boxTaken(ctx context.Context, e *models.Entry) (bool, error) {
	for _, box := range e.Boxes {
		var one int
		err := b.q.QueryRowContext(ctx, `SELECT 1 FROM boxes WHERE room = $1 AND generation = $2 AND account = $3 AND key = $4`,
			e.Room[:], box.Generation[:], box.Account[:], box.Key[:]).Scan(&one)
		if !errors.Is(err, sql.ErrNoRows) {
			return err == nil, err
		}
	}
	return false, nil
}

func (b *batch) lastOf(ctx context.Context, room models.RoomID) (uint64, error) {
	if last, ok := b.last[room]; ok {
		return last, nil
	}
	return lastSeq(ctx, b.q, room)
}

func (b *batch) finish(ctx context.Context) error {
	for room, last := range b.last {
		if _, err := b.q.ExecContext(ctx, `INSERT INTO logs (room, last) VALUES ($1, $2)
			ON CONFLICT (room) DO UPDATE SET last = excluded.last`, room[:], int64(last)); err != nil {
			return err
		}
	}
	return nil
}

// validEntry also refuses two boxes of one entry that share a key, which no table would take.
func validEntry(e *models.Entry) bool {
	if e.Kind < models.EntryStatement || e.Kind > models.EntryMessage || e.Message.IsZero() || len(e.Body) == 0 ||
		(len(e.Boxes) > 0 && e.Kind != models.EntryGeneration) || (!e.Ends.IsZero() && e.Kind != models.EntryMessage) {
		return false
	}
	type id struct {
		account models.AccountID
		key     models.Hash
	}
	seen := make(map[id]struct{}, len(e.Boxes))
	for _, box := range e.Boxes {
		at := id{box.Account, box.Key}
		if _, twice := seen[at]; twice || box.Room != e.Room || box.Generation.IsZero() || box.Generation != e.Boxes[0].Generation {
			return false
		}
		seen[at] = struct{}{}
	}
	return true
}

func lastSeq(ctx context.Context, q querier, room models.RoomID) (last uint64, err error) {
	err = q.QueryRowContext(ctx, `SELECT last FROM logs WHERE room = $1`, room[:]).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

func entryOf(ctx context.Context, q querier, room models.RoomID, author models.AccountID, message models.MessageID) (models.Entry, error) {
	return scanEntry(q.QueryRowContext(ctx, `SELECT `+entryColumns+` FROM entries
		WHERE room = $1 AND author = $2 AND message = $3`, room[:], author[:], message[:]))
}

// Entries implements models.Logs.
func (s *Store) Entries(ctx context.Context, room models.RoomID, after uint64, limit int) (es []models.Entry, err error) {
	err = s.read(ctx, "read a log", func(q querier) (err error) {
		if limit < 1 || after > math.MaxInt64 {
			return nil
		}
		es, err = collect(ctx, q, scanEntry, `SELECT `+entryColumns+` FROM entries
			WHERE room = $1 AND seq > $2 ORDER BY seq LIMIT $3`, room[:], int64(after), limit)
		return err
	})
	return es, err
}

// EntryOf implements models.Logs.
func (s *Store) EntryOf(ctx context.Context, room models.RoomID, author models.AccountID, message models.MessageID) (e models.Entry, err error) {
	err = s.read(ctx, "find an entry", func(q querier) (err error) {
		e, err = entryOf(ctx, q, room, author, message)
		return err
	})
	return found(e, err)
}

// LastSeq implements models.Logs.
func (s *Store) LastSeq(ctx context.Context, room models.RoomID) (last uint64, err error) {
	err = s.read(ctx, "find a log's end", func(q querier) (err error) {
		last, err = lastSeq(ctx, q, room)
		return err
	})
	return last, err
}

// Rooms implements models.Logs.
func (s *Store) Rooms(ctx context.Context) (rooms []models.RoomID, err error) {
	var directory models.RoomID
	err = s.read(ctx, "list rooms", func(q querier) (err error) {
		rooms, err = collect(ctx, q, func(row scanner) (id models.RoomID, err error) {
			err = row.Scan(fixed(id[:]))
			return id, err
		}, `SELECT room FROM logs WHERE room <> $1 ORDER BY room`, directory[:])
		return err
	})
	return rooms, err
}

// BoxFor implements models.Logs.
func (s *Store) BoxFor(ctx context.Context, room models.RoomID, generation models.Hash, account models.AccountID) (boxes []models.Box, err error) {
	err = s.read(ctx, "find a box", func(q querier) (err error) {
		boxes, err = collect(ctx, q, func(row scanner) (models.Box, error) {
			b := models.Box{Room: room, Generation: generation, Account: account}
			err := row.Scan(fixed(b.Key[:]), &b.Body)
			return b, err
		}, `SELECT key, body FROM boxes WHERE room = $1 AND generation = $2 AND account = $3
			UNION ALL SELECT key, body FROM given WHERE room = $1 AND generation = $2 AND account = $3 ORDER BY key`,
			room[:], generation[:], account[:])
		return err
	})
	return boxes, err
}
