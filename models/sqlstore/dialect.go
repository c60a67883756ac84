package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"visavis/models"
)

// A dialect is everything that one kind of database does its own way. Statements are not: they use $1, $2, … and what both
// SQLite and PostgreSQL understand.
type dialect struct {
	name       string
	driver     string
	goose      goose.Dialect
	migrations fs.FS
	// writer and reader return the data source names of the one writing and of the reading connections.
	writer, reader func(place string) string
	readers        int
	// classify says which of the store's errors the driver's error is, nil for none.
	classify func(error) error
	// scrub makes the database forget what was deleted, by the one writing connection. ErrHeld says that a reader still needs some of it.
	scrub func(context.Context, *sql.Conn) error
}

//go:embed migrations
var migrations embed.FS

func sqliteDialect() (dialect, error) {
	own, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return dialect{}, fmt.Errorf("find the migrations: %w", err)
	}
	return dialect{
		name:       "sqlite",
		driver:     "sqlite",
		goose:      goose.DialectSQLite3,
		migrations: own,
		// Immediate: a transaction that will write takes the lock when it begins, where waiting for another process is safe,
		// and not at its first write, where SQLite can only fail.
		writer: func(path string) string {
			return sqliteName(path, url.Values{"_txlock": {"immediate"}}, "query_only(0)")
		},
		reader:   func(path string) string { return sqliteName(path, url.Values{}, "query_only(1)") },
		readers:  max(4, runtime.GOMAXPROCS(0)),
		classify: classifySQLite,
		scrub:    scrubSQLite,
	}, nil
}

func sqliteName(path string, q url.Values, mode string) string {
	q["_pragma"] = []string{
		"busy_timeout(" + strconv.Itoa(busyMillis) + ")",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
		"secure_delete(1)",
		"trusted_schema(0)",
		mode,
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// Milliseconds that another process, such as `visavisd device revoke` beside a running server, is waited for.
const (
	busyMillis  = 5000 // by a write
	scrubMillis = 100  // by a scrub: writes wait meanwhile, and it is tried again
)

// scrubSQLite folds the write-ahead log into the file and cuts it to nothing.
func scrubSQLite(ctx context.Context, c *sql.Conn) (err error) {
	if _, err := c.ExecContext(ctx, `PRAGMA busy_timeout = `+strconv.Itoa(scrubMillis)); err != nil {
		return err
	}
	defer func() {
		_, back := c.ExecContext(context.WithoutCancel(ctx), `PRAGMA busy_timeout = `+strconv.Itoa(busyMillis))
		err = errors.Join(err, back)
	}()
	var busy, pages, folded int
	if err := c.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &folded); err != nil {
		return err
	}
	if busy != 0 {
		return models.ErrHeld
	}
	return nil
}

func classifySQLite(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return models.ErrExists
	case sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_DATATYPE:
		return models.ErrInvalid
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return models.ErrNotFound
	}
	switch e.Code() & 0xff { // the primary code of an extended one
	case sqlite3.SQLITE_FULL:
		return models.ErrFull
	case sqlite3.SQLITE_TOOBIG:
		return models.ErrInvalid
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	}
	return nil
}
