package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Errors.
var (
	ErrMissing = errors.New("file is missing")
	ErrWrong   = errors.New("file is not the one that is pinned")
	ErrNowhere = errors.New("no source has the file")
	ErrNoNpm   = errors.New("npm is not installed: apt-get install npm, or name a folder that has the files (--from)")
)

// Progress tells what Ensure does: one line of text, and for a file that is in place its name.
type Progress struct {
	File string // empty for a line about a source
	Text string
}

// Source is one place that files may come from.
type Source interface {
	// Describe names the source for people.
	Describe() string
	// Open returns the files of the set that this source has, by File.Name. Ensure closes each, and then calls release.
	Open(ctx context.Context, s Set, want []File) (found map[string]io.ReadCloser, release func(), err error)
}

// Check says whether every file of s is in dir and right. Its error names every file that is not.
func (s Set) Check(dir string) error {
	var bad []error
	for _, f := range s.Files {
		if err := f.check(filepath.Join(dir, f.Name)); err != nil {
			bad = append(bad, err)
		}
	}
	return errors.Join(bad...)
}

// check compares sizes before it reads.
func (f File) check(path string) error {
	in, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: %w", f.Name, ErrMissing)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.Size {
		return fmt.Errorf("%s: %w: %d bytes, want %d", f.Name, ErrWrong, info.Size(), f.Size)
	}
	return f.copy(io.Discard, in)
}

// copy copies the file and refuses one of another length or sum. It never reads more than one byte too many.
func (f File) copy(out io.Writer, in io.Reader) error {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(in, f.Size+1))
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != f.Size || got != f.SHA256 {
		return fmt.Errorf("%s: %w: SHA-256 %s in %d bytes, want %s in %d", f.Name, ErrWrong, got, n, f.SHA256, f.Size)
	}
	return nil
}

// Ensure puts every file of s into dir, asking the sources in order for what is missing or wrong. It touches nothing when all files are
// right, and leaves no part of a file behind. progress may be nil.
func (s Set) Ensure(ctx context.Context, dir string, sources []Source, progress func(Progress)) error {
	say := func(p Progress) {
		if progress != nil {
			progress(p)
		}
	}
	missing := s.missing(dir, say)
	if len(missing) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var failures []error
	for _, source := range sources {
		say(Progress{Text: "from " + source.Describe()})
		if err := s.take(ctx, dir, source, missing, say); err != nil {
			say(Progress{Text: err.Error()})
			failures = append(failures, fmt.Errorf("%s: %w", source.Describe(), err))
		}
		if missing = s.missing(dir, nil); len(missing) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for _, f := range missing {
		failures = append(failures, fmt.Errorf("%s: %w", f.Name, ErrNowhere))
	}
	return fmt.Errorf("fetch %s: %w", s.Name, errors.Join(failures...))
}

func (s Set) missing(dir string, say func(Progress)) []File {
	var missing []File
	for _, f := range s.Files {
		if err := f.check(filepath.Join(dir, f.Name)); err != nil {
			missing = append(missing, f)
			continue
		}
		if say != nil {
			say(Progress{File: f.Name, Text: "is there"})
		}
	}
	return missing
}

// take installs what one source has; a file that is wrong does not keep the others out.
func (s Set) take(ctx context.Context, dir string, source Source, want []File, say func(Progress)) error {
	found, release, err := source.Open(ctx, s, want)
	if release != nil {
		defer release()
	}
	var failures []error
	for _, f := range want {
		in, ok := found[f.Name]
		if !ok {
			continue
		}
		err := f.install(dir, in)
		in.Close()
		if err != nil {
			failures = append(failures, err)
			continue
		}
		say(Progress{File: f.Name, Text: "fetched"})
	}
	return errors.Join(append(failures, err)...)
}

// install writes a file beside its place, and moves it there once it is whole, right and on the disk.
func (f File) install(dir string, in io.Reader) (err error) {
	out, err := os.CreateTemp(dir, "."+f.Name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			out.Close()
			os.Remove(out.Name())
		}
	}()
	if err := f.copy(out, in); err != nil {
		return err
	}
	if err := out.Chmod(0o644); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Rename(out.Name(), filepath.Join(dir, f.Name))
}
