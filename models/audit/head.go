package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"visavis/models"
)

// MaxSize bounds a log, in events: a thousand a second for thirty years. The tree's arithmetic does not end for sizes near those of an int64, so
// whatever comes from outside is held against it first.
const MaxSize = 1 << 40

// ErrHead says that something is no head of a log.
var ErrHead = errors.New("not the head of an audit log")

// Head names the first Size events of a log by the root of their tree. The zero Head is none.
type Head struct {
	Size uint64
	Root models.Hash
}

// IsZero says that there is no head.
func (h Head) IsZero() bool { return h == Head{} }

// Check refuses a head that no log has, with ErrHead: more events than any log holds, or a root that does not fit none.
func (h Head) Check() error {
	if h.Size > MaxSize || (h.Size == 0) != (h.Root == emptyRoot()) {
		return fmt.Errorf("%w: %d events", ErrHead, h.Size)
	}
	return nil
}

// emptyRoot is the root of a log without events.
func emptyRoot() models.Hash {
	h, _ := tlog.TreeHash(0, nil) // reads nothing
	return models.Hash(h)
}

// String returns "SIZE:ROOT", the size in decimal and the root in hex.
func (h Head) String() string { return strconv.FormatUint(h.Size, 10) + ":" + h.Root.String() }

// ParseHead reads what String wrote, and nothing else. It fails with ErrHead.
func ParseHead(s string) (Head, error) {
	size, root, _ := strings.Cut(s, ":")
	var h Head
	n, err := strconv.ParseUint(size, 10, 64)
	b, herr := hex.DecodeString(root)
	if err != nil || herr != nil || len(b) != len(h.Root) {
		return Head{}, ErrHead
	}
	h = Head{Size: n, Root: models.Hash(b)}
	if h.String() != s {
		return Head{}, ErrHead
	}
	if err := h.Check(); err != nil {
		return Head{}, err
	}
	return h, nil
}
