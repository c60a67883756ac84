package operator

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/models"
)

// Errors of the files.
var (
	ErrOpenKey = errors.New("others may read the key file: chmod 600")
	ErrOthers  = errors.New("the key file is another user's, who knows the keys: name one of your own")
	ErrThere   = errors.New("there is a file already: remove it, or name another")
	ErrTooLong = errors.New("the file is too long")
)

// maxKeyFile bounds a key file: a ring of template.MaxKeys keys takes about 4 kB.
const maxKeyFile = 16 << 10

// LoadKeys reads a ring of keys from a file that nobody else may read.
func LoadKeys(path string) (template.Ring, error) {
	b, err := readAtMost(path, maxKeyFile, true)
	if err != nil {
		return template.Ring{}, fmt.Errorf("read keys: %w", err)
	}
	defer clear(b)
	return template.ParseRing(b)
}

// LoadOrMakeKeys is LoadKeys, and makes the file, of one key drawn from random, where there is none.
func LoadOrMakeKeys(path string, random io.Reader) (ring template.Ring, made bool, err error) {
	ring, err = LoadKeys(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return ring, false, err
	}
	if ring, err = template.NewRing(random); err != nil {
		return template.Ring{}, false, err
	}
	b := ring.Encode()
	defer clear(b)
	if err := writeNew(path, b); err != nil {
		return template.Ring{}, false, fmt.Errorf("make keys: %w", err)
	}
	return ring, true, nil
}

// account is what a template is bound to: the name of its person. It is no account of any server.
func account(name string) (id models.AccountID) {
	sum := sha256.Sum256([]byte("visavis/v1/operator" + "\x00" + name))
	copy(id[:], sum[:])
	return id
}

// Save seals a person's template into a new file.
func Save(path string, ring template.Ring, name string, t match.Template, now time.Time) error {
	b, err := template.Seal(ring, account(name), t, now)
	if err != nil {
		return err
	}
	if err := writeNew(path, b); err != nil {
		return fmt.Errorf("save template: %w", err)
	}
	return nil
}

// Load opens what Save saved for a person of this name.
func Load(path string, ring template.Ring, name string) (match.Template, error) {
	b, err := readAtMost(path, template.MaxSealed, false)
	if err != nil {
		return match.Template{}, fmt.Errorf("read template: %w", err)
	}
	return template.Open(ring, account(name), b)
}

// CanSave says whether Save would find its place free: to be asked before somebody shows his face.
func CanSave(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s: %w", path, ErrThere), err)
	}
	return nil
}

// readAtMost reads a file that is not longer than most; a secret one also has to be this user's alone.
func readAtMost(path string, most int64, secret bool) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case secret && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s: %w", path, ErrOpenKey)
	case secret && !mine(info):
		return nil, fmt.Errorf("%s: %w", path, ErrOthers)
	case info.Size() > most:
		return nil, fmt.Errorf("%s: %w", path, ErrTooLong)
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("%s: %w", path, ErrTooLong)
	}
	return b, err
}

// writeNew makes a file that its owner alone may read. It never replaces one, follows no link, and removes
// one that could not be written whole; one that a power cut left is refused when it is read.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrThere)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
