package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"golang.org/x/mod/sumdb/tlog"

	"visavis/models"
	"visavis/models/audit"
)

const (
	hashBytes = len(models.Hash{})
	auditPage = 500 // rows that are asked for at once
)

// joined is how the hashes that an event completes stand in its row: its leaf's first, then those of ever larger subtrees that end with it.
func joined(hashes []models.Hash) []byte {
	b := make([]byte, 0, len(hashes)*hashBytes)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// auditHashes reads hashes of the tree by tlog's index.
func auditHashes(ctx context.Context, q querier) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(indexes))
		for page := range slices.Chunk(indexes, auditPage) {
			rows := map[uint64][]byte{}
			for _, index := range page {
				seq, _, err := audit.Index(index)
				if err != nil {
					return nil, err
				}
				rows[seq] = nil
			}
			if err := fillRows(ctx, q, rows); err != nil {
				return nil, err
			}
			for _, index := range page {
				seq, at, _ := audit.Index(index)
				row := rows[seq]
				if len(row) < (at+1)*hashBytes {
					return nil, fmt.Errorf("%w: hash %d of event %d", models.ErrNotFound, at, seq)
				}
				out = append(out, tlog.Hash(row[at*hashBytes:][:hashBytes]))
			}
		}
		return out, nil
	}
}

// fillRows reads the hashes of the events that rows names; those that are not there stay nil.
func fillRows(ctx context.Context, q querier, rows map[uint64][]byte) error {
	places, args := make([]string, 0, len(rows)), make([]any, 0, len(rows))
	for seq := range rows {
		args = append(args, int64(seq))
		places = append(places, "$"+strconv.Itoa(len(args)))
	}
	_, err := collect(ctx, q, func(row scanner) (struct{}, error) {
		var seq uint64
		var b []byte
		err := row.Scan(&seq, &b)
		rows[seq] = b
		return struct{}{}, err
	}, `SELECT seq, hashes FROM audit WHERE seq IN (`+strings.Join(places, ", ")+`)`, args...)
	return err
}

// auditTree is the migration that gives the events of before their hashes; the columns are there already.
func auditTree() *goose.Migration {
	return goose.NewGoMigration(3, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error { return fillTree(ctx, tx) }}, nil)
}

func fillTree(ctx context.Context, q querier) error {
	var tree audit.Tree
	var after uint64
	for {
		events, err := auditAfter(ctx, q, after, auditPage)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			after = e.Seq
			hashes, err := tree.Add(e)
			if err != nil {
				return fmt.Errorf("%w: the audit log: %w", ErrDamaged, err)
			}
			if _, err := q.ExecContext(ctx, `UPDATE audit SET hashes = $1 WHERE seq = $2`, joined(hashes), int64(e.Seq)); err != nil {
				return err
			}
		}
	}
}
