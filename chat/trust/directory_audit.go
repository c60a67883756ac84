package trust

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"visavis/models"
	"visavis/models/audit"
)

// Witnessed is a head of a server's audit log that an admin's desk has checked and signed into the directory, for the other admins to compare. The
// zero one is none.
type Witnessed struct {
	Server models.Hash // server id, as in its hello
	Log    audit.Head
	By     models.AccountID
	At     time.Time // the admin's clock
}

type auditBody struct {
	_      struct{} `cbor:",toarray"`
	Server models.Hash
	Size   uint64
	Root   models.Hash
}

// Witnessed returns the latest.
func (d *Directory) Witnessed() Witnessed {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.witnessed
}

// checkAudit takes a head of the audit log from an admin. Of one server's log it names no fewer events than the one before, and no other root of as
// many.
func (d *Directory) checkAudit(s Statement, _ *DirectoryChange) (func(*Directory), error) {
	var b auditBody
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	if s.Author.IsZero() {
		return nil, fmt.Errorf("the root reads no log: %w", ErrNotAllowed)
	}
	w := Witnessed{Server: b.Server, Log: audit.Head{Size: b.Size, Root: b.Root}, By: s.Author, At: s.at()}
	if err := w.Log.Check(); err != nil || b.Server.IsZero() || b.Size == 0 {
		return nil, fmt.Errorf("%w: no head of a server's log", ErrFormat)
	}
	was := d.witnessed
	if was.Server == w.Server && (w.Log.Size < was.Log.Size || w.Log.Size == was.Log.Size && w.Log.Root != was.Log.Root) {
		return nil, fmt.Errorf("head of the audit log: %w", ErrPrev)
	}
	return func(d *Directory) { d.witnessed = w }, nil
}

// SignAudit says that an admin's desk has seen a head of a server's audit log, and that it goes on from all that the desk knew.
func (d *Directory) SignAudit(by models.AccountID, key ed25519.PrivateKey, server models.Hash, head audit.Head, at time.Time) ([]byte, error) {
	return d.sign(LabelAudit, by, key, auditBody{Server: server, Size: head.Size, Root: head.Root}, at)
}
