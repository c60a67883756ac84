package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/pressly/goose/v3"

	"visavis/models"
)

// Errors beside those of package models.
var (
	ErrDamaged = errors.New("the database is damaged, or no database: restore a backup")
	ErrBusy    = errors.New("the database is in use by another program")
	ErrNewer   = errors.New("the database was written by a newer version: update the program")
	ErrMode    = errors.New("others may read the file: chmod 600")
)

// Store implements models.Store. It is safe for concurrent use. Its zero value is closed.
type Store struct {
	dialect dialect
	writer  *sql.DB // one connection
	reader  *sql.DB

	mu   sync.RWMutex // held for reading while a call runs, so that Close waits
	open bool
	held atomic.Bool // the last scrub was held up; written by who has the writing connection
}

var _ models.Store = (*Store)(nil)

// Create makes a new database in the file path, which must not exist. The file's mode is 0600.
func Create(ctx context.Context, path string) (*Store, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("create the database %s: %w", path, models.ErrExists)
		}
		return nil, fmt.Errorf("create the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("create the database: %w", err)
	}
	return Open(ctx, path)
}

// Open opens the database in the file path, which Create made, and brings its tables up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open the database %s: %w", path, models.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("open the database: %w", err)
	case fi.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("open the database %s (mode %#o): %w", path, fi.Mode().Perm(), ErrMode)
	}
	d, err := sqliteDialect()
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: d, open: true}
	if err := s.connect(ctx, path); err != nil {
		return nil, errors.Join(s.wrap(ctx, "open the database "+path, err), s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, place string) (err error) {
	if s.writer, err = sql.Open(s.dialect.driver, s.dialect.writer(place)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open(s.dialect.driver, s.dialect.reader(place)); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(s.dialect.readers)
	s.reader.SetMaxIdleConns(s.dialect.readers)
	return s.migrate(ctx)
}

func (s *Store) migrate(ctx context.Context) error {
	p, err := goose.NewProvider(s.dialect.goose, s.writer, s.dialect.migrations, goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(auditTree()))
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("%w: its tables are version %d, this program knows %d", ErrNewer, have, newest)
	}
	_, err = p.Up(ctx)
	return err
}

// Forget implements models.Store. Freed space is overwritten when it is freed (secure_delete); what is left to do is the write-ahead log.
func (s *Store) Forget(ctx context.Context) error {
	const op = "forget what was deleted"
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return s.wrap(ctx, op, err)
	}
	c, err := s.writer.Conn(ctx)
	if err != nil {
		return s.wrap(ctx, op, err)
	}
	defer func() { _ = c.Close() }()
	err = s.dialect.scrub(ctx, c)
	s.held.Store(err != nil)
	return s.wrap(ctx, op, err)
}

// Held implements models.Store.
func (s *Store) Held() bool { return s.held.Load() }

// overwriting is write for what replaces secrets: in the file and in its log they are overwritten before it returns, though its caller gives up
// meanwhile. Where they can not be, Held says so: what was written is not called a failure.
func (s *Store) overwriting(ctx context.Context, op string, f func(querier) error) error {
	if err := s.write(ctx, op, f); err != nil {
		return err
	}
	_ = s.Forget(context.WithoutCancel(ctx)) // where it is closed, that has folded the log in
	return nil
}

// Close implements models.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		return nil
	}
	s.open = false
	var errs []error
	// The writer is last: the last connection to close folds the write-ahead log into the file.
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// querier is what a *sql.DB and a *sql.Tx have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read runs f against a reading connection. Each statement sees a state of its own.
func (s *Store) read(ctx context.Context, op string, f func(querier) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return s.wrap(ctx, op, err)
	}
	return s.wrap(ctx, op, f(s.reader))
}

// write runs f in a transaction: all of it is on the disk when write returns nil, nothing when it returns an error.
func (s *Store) write(ctx context.Context, op string, f func(querier) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return s.wrap(ctx, op, err)
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return s.wrap(ctx, op, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to do after a commit; also runs when f panics
	if err := f(tx); err != nil {
		return s.wrap(ctx, op, err)
	}
	return s.wrap(ctx, op, tx.Commit())
}

func (s *Store) ready(ctx context.Context) error {
	if !s.open {
		return models.ErrClosed
	}
	return ctx.Err()
}

// wrap names the operation and says which of the store's errors err is.
func (s *Store) wrap(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%s: %w: %w", op, cause, err)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", op, models.ErrNotFound)
	}
	if s.dialect.classify != nil {
		if known := s.dialect.classify(err); known != nil {
			return fmt.Errorf("%s: %w: %w", op, known, err)
		}
	}
	return fmt.Errorf("%s: %w", op, err)
}
