package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"visavis/models"
)

// Complete returns the hashes that an event completes which comes after the others: its leaf's, and those of the subtrees that end with it.
// read returns earlier ones, by tlog's index; it is asked for as many as the tree is deep, at most.
func Complete(e models.AuditEvent, read tlog.HashReader) ([]models.Hash, error) {
	if e.Seq < 1 || e.Seq > MaxSize {
		return nil, fmt.Errorf("%w: event %d of a log", models.ErrInvalid, e.Seq)
	}
	hashes, err := tlog.StoredHashes(int64(e.Seq-1), Leaf(e), read)
	if err != nil {
		return nil, err
	}
	out := make([]models.Hash, len(hashes))
	for i, h := range hashes {
		out[i] = models.Hash(h)
	}
	return out, nil
}

// Index says where tlog's hash of an index stands in a store: among those that the event at seq completes, in the place at.
func Index(index int64) (seq uint64, at int, err error) {
	if index < 0 || index > tlog.StoredHashIndex(0, MaxSize) {
		return 0, 0, fmt.Errorf("%w: hash %d of a log", models.ErrInvalid, index)
	}
	level, n := tlog.SplitStoredHashIndex(index)
	return uint64(n+1) << level, level, nil
}

// Tree is a log's tree while its events are read in order, to be compared with what was stored or kept. It holds as many hashes as the tree
// is deep. The zero Tree has no events. One goroutine owns it.
type Tree struct {
	size uint64
	ends []tlog.Hash // by level: the newest complete subtree
}

var errGap = errors.New("not the next event")

// Add adds the next event and returns the hashes that it completes; an event whose Seq is not the next one is an error.
func (t *Tree) Add(e models.AuditEvent) ([]models.Hash, error) {
	if e.Seq != t.size+1 {
		return nil, fmt.Errorf("%w: %d after %d", errGap, e.Seq, t.size)
	}
	hashes, err := Complete(e, t)
	if err != nil {
		return nil, err
	}
	t.size++
	for level, h := range hashes {
		if level == len(t.ends) {
			t.ends = append(t.ends, tlog.Hash{})
		}
		t.ends[level] = tlog.Hash(h)
	}
	return hashes, nil
}

// ReadHashes implements tlog.HashReader for what the newest event and the root need: at each level, the newest hash.
func (t *Tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		if level >= len(t.ends) || uint64(n) != t.size>>level-1 {
			return nil, fmt.Errorf("%w: hash %d is not kept", models.ErrNotFound, index)
		}
		out[i] = t.ends[level]
	}
	return out, nil
}

// Head is the head of the events so far.
func (t *Tree) Head() (Head, error) { return headOf(t.size, t) }

func headOf(size uint64, read tlog.HashReader) (Head, error) {
	root, err := tlog.TreeHash(int64(size), read)
	if err != nil {
		return Head{}, err
	}
	return Head{Size: size, Root: models.Hash(root)}, nil
}

// Stored is what a log's heads and proofs are made of; models.Audits is one.
type Stored interface {
	AuditSize(context.Context) (uint64, error)
	AuditHashes(context.Context, []int64) ([]models.Hash, error)
}

// HeadAt is the head of a stored log's first size events. It reads as many hashes as the tree is deep.
func HeadAt(ctx context.Context, s Stored, size uint64) (Head, error) {
	if size > MaxSize {
		return Head{}, fmt.Errorf("%w: %d events", ErrHead, size)
	}
	return headOf(size, reader(ctx, s))
}

// HeadOf is the head of a stored log.
func HeadOf(ctx context.Context, s Stored) (Head, error) {
	size, err := s.AuditSize(ctx)
	if err != nil {
		return Head{}, err
	}
	return HeadAt(ctx, s, size)
}

// PastOf proves that a stored log of now events goes on from its first size. For a size that it had not reached, or none, there is nothing to
// prove: the zero Past.
func PastOf(ctx context.Context, s Stored, size, now uint64) (Past, error) {
	if size == 0 || size > now || now > MaxSize {
		return Past{}, nil
	}
	then, err := HeadAt(ctx, s, size)
	if err != nil {
		return Past{}, err
	}
	proof, err := tlog.ProveTree(int64(now), int64(size), reader(ctx, s))
	if err != nil {
		return Past{}, err
	}
	p := Past{Root: then.Root, Proof: make([]models.Hash, len(proof))}
	for i, h := range proof {
		p.Proof[i] = models.Hash(h)
	}
	return p, nil
}

func reader(ctx context.Context, s Stored) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		stored, err := s.AuditHashes(ctx, indexes)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, len(stored))
		for i, h := range stored {
			out[i] = tlog.Hash(h)
		}
		return out, nil
	})
}
