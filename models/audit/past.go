package audit

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"visavis/models"
)

// What can be wrong with a log that somebody kept a head of: a closed set.
var (
	ErrCut       = errors.New("the audit log was cut: events that were in it are missing at its end")
	ErrRewritten = errors.New("the audit log was rewritten: events that were in it are not, or not as they were")
	ErrUnproven  = errors.New("the server does not prove that the audit log is what it was")
)

// Past is what a log says of an earlier size of its own: the root that it had then, and the proof that it goes on from there. The root
// makes a proof of another past, which is a rewritten log, differ from no proof at all.
type Past struct {
	_     struct{} `cbor:",toarray"`
	Root  models.Hash
	Proof []models.Hash // RFC 6962's consistency proof
}

// Compare holds the head that somebody kept against the one that is shown now, and the past that is shown for kept.Size. It is nil when the
// log is the same or goes on; else it is ErrCut, ErrRewritten or ErrUnproven, wrapped. The zero kept head agrees with every log.
func Compare(kept, shown Head, past Past) error {
	if err := shown.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if err := kept.Check(); err != nil && !kept.IsZero() {
		return fmt.Errorf("%w: what was kept: %w", ErrUnproven, err)
	}
	switch {
	case kept.Size == 0:
		return nil
	case shown.Size < kept.Size:
		return fmt.Errorf("%w: it had %d and has %d", ErrCut, kept.Size, shown.Size)
	case shown.Size == kept.Size && shown.Root != kept.Root:
		return fmt.Errorf("%w: among its %d", ErrRewritten, kept.Size)
	case shown.Size == kept.Size:
		return nil
	}
	proof := make(tlog.TreeProof, len(past.Proof))
	for i, h := range past.Proof {
		proof[i] = tlog.Hash(h)
	}
	err := tlog.CheckTree(proof, int64(shown.Size), tlog.Hash(shown.Root), int64(kept.Size), tlog.Hash(past.Root))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnproven, err)
	case past.Root != kept.Root:
		return fmt.Errorf("%w: among its first %d", ErrRewritten, kept.Size)
	}
	return nil
}
