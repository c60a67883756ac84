package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"visavis/models"
	"visavis/models/audit"
	"visavis/models/canon"
)

// auditFile is what a desk remembers of the audit log, beside its own file; mode 0600. It is no secret and of no person: the latest head that any
// admin has seen here.
const (
	auditFile    = "audit.visavis"
	maxAuditFile = 1 << 10
	auditVersion = 1
)

// ErrAuditFile says that the desk does not know any more what it has seen.
var ErrAuditFile = errors.New("what this desk has seen of the audit log does not read: its file was changed")

// auditState is the file's form.
type auditState struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Desk    models.DeskID
	Size    uint64
	Root    models.Hash
}

// audited is the head that was kept here; zero for none.
func (d *Desk) audited() (audit.Head, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.readAudit()
}

// readAudit is audited under mu.
func (d *Desk) readAudit() (audit.Head, error) {
	path := filepath.Join(d.dir, auditFile)
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return audit.Head{}, nil
	}
	fail := func(err error) (audit.Head, error) {
		return audit.Head{}, fmt.Errorf("%s: %w", path, errors.Join(ErrAuditFile, err))
	}
	if err != nil || fi.Size() > maxAuditFile {
		return fail(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fail(err)
	}
	var s auditState
	if err := canon.Unmarshal(b, &s); err != nil || s.Version != auditVersion {
		return fail(err)
	}
	h := audit.Head{Size: s.Size, Root: s.Root}
	if err := h.Check(); err != nil {
		return fail(err)
	}
	if s.Desk != d.id { // left by a desk that was here before this one was enrolled
		return audit.Head{}, nil
	}
	return h, nil
}

// keepAudit remembers a larger log than the one that was kept, unless another was kept meanwhile.
func (d *Desk) keepAudit(was, now audit.Head) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if kept, err := d.readAudit(); err != nil || kept != was || now.Size <= kept.Size {
		return err
	}
	return d.writeAuditFile(now)
}

// writeAudit remembers a log whatever was kept.
func (d *Desk) writeAudit(h audit.Head) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writeAuditFile(h)
}

func (d *Desk) writeAuditFile(h audit.Head) error {
	return writeFile(filepath.Join(d.dir, auditFile), canon.MustMarshal(auditState{Version: auditVersion, Desk: d.id, Size: h.Size, Root: h.Root}))
}
