package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrForeign says that a folder holds what was not made here.
var ErrForeign = errors.New("the folder holds what this command did not make: name a new or an empty one")

// Claim makes dir, or takes it over when it is empty or bears the mark, the name of a file. fresh says that nothing else is in it. Any other
// folder is left alone.
func Claim(dir, mark string) (fresh bool, err error) {
	names, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(names) == 0:
	case err != nil:
		return false, err
	default:
		if _, err := os.Lstat(filepath.Join(dir, mark)); err != nil {
			return false, fmt.Errorf("%s: %w", dir, ErrForeign)
		}
		return len(names) == 1, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	return true, os.WriteFile(filepath.Join(dir, mark), []byte("visavis made this folder and may empty it\n"), 0o600)
}

// Renew is Claim, after which the folder holds nothing but the mark.
func Renew(dir, mark string) error {
	fresh, err := Claim(dir, mark)
	if err != nil || fresh {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	_, err = Claim(dir, mark)
	return err
}
