package client

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"visavis/chat/trust"
	"visavis/models"
)

// A desk's folder may have two programs at once: its window, and a command that brings a vault pepper or works with the root sheet. Each writes the whole
// file. So whoever writes reads first what the other has written since, under the folder's lock, and takes it over.

// standing is what this program knows of the desk's file: what it read or wrote last. The zero value is a desk that has none yet.
type standing struct {
	sum   [sha256.Size]byte
	held  []trust.Pepper
	named models.Hash
}

// readDesk reads a desk's file, which has to be its own.
func readDesk(path string) ([]byte, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if fi.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others: chmod 600 it, and think about who did", path)
	}
	if fi.Size() > maxDeskFile {
		return nil, fmt.Errorf("%s: %w", path, ErrDeskFile)
	}
	return os.ReadFile(path)
}

// stand notes what the file holds; mu is held.
func (d *Desk) stand(b []byte, held []trust.Pepper, named models.Hash) {
	d.stands = standing{sha256.Sum256(b), slices.Clone(held), named}
}

// catchUp takes what another program has written into the file since this one read or wrote it: peppers that it brought or dropped, and a newer
// directory that it saw. A file that is another desk's or organisation's by now is left alone; mu is held.
func (d *Desk) catchUp() error {
	path := filepath.Join(d.dir, deskFile)
	b, err := readDesk(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case d.stands.sum == standing{}.sum:
		return fmt.Errorf("%s: %w", path, ErrEnrolled)
	case d.stands.sum == sha256.Sum256(b):
		return nil
	}
	f, p, err := decodeDesk(b)
	if err == nil && (f.ID != d.id || !f.Org.IsZero() && f.Org != d.org) {
		err = ErrDeskFile
	}
	if err != nil {
		return fmt.Errorf("%s was changed meanwhile: %w", path, err)
	}
	theirs := append([]trust.Pepper{trust.Pepper(f.Pepper)}, p.others...)
	list := d.merged(theirs)
	if len(list) > maxPeppers {
		return ErrPeppers
	}
	if p.named != d.stands.named && (d.peppers.named == d.stands.named || f.Seen > d.seen) {
		d.peppers.named = p.named
	}
	if f.Seen > d.seen {
		d.seen, d.head, d.saved = f.Seen, f.Head, f.Seen
	}
	d.arrange(list)
	d.stand(b, theirs, p.named)
	return nil
}

// merged are this program's peppers with what another has brought, and without what it dropped.
func (d *Desk) merged(theirs []trust.Pepper) []trust.Pepper {
	before := d.stands.held
	list := slices.DeleteFunc(d.held(), func(p trust.Pepper) bool { return slices.Contains(before, p) && !slices.Contains(theirs, p) })
	for _, p := range theirs {
		if !slices.Contains(before, p) && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	if len(list) == 0 { // each has dropped what the other kept
		return slices.Clone(theirs)
	}
	return list
}
