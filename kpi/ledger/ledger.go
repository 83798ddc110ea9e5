package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"citystat/kpi"
)

// readers bounds the connections that read at a time. Each costs a file handle and a page cache of 2 MB.
const readers = 8

// DB is an open ledger. It is safe for use by many goroutines.
type DB struct {
	path  string
	write *sql.DB // one connection
	read  *sql.DB // up to readers connections that cannot write

	remembered remembered   // versions of the folder
	answers    atomic.Int64 // number of the newest public answer
	papers     atomic.Int64 // saves since the ledger was opened
}

// Open opens the ledger at path, making it and its directory if there is none, and brings its schema up to date. It fails with
// [kpi.CodeConflict] if a newer program has written it, and with [kpi.CodeInvalid] if it is damaged or no ledger at all.
func Open(ctx context.Context, path string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	if err := create(abs); err != nil {
		return nil, fmt.Errorf("ledger %s cannot be made: %w", path, err)
	}
	db := &DB{path: path}
	if db.write, err = sql.Open("sqlite", dsn(abs, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=secure_delete(1)")); err != nil {
		return nil, db.fail("open", err)
	}
	db.write.SetMaxOpenConns(1)
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(db.fail("open", err), db.write.Close())
	}
	if db.read, err = sql.Open("sqlite", dsn(abs, "_txlock=deferred", "_pragma=query_only(1)")); err != nil {
		return nil, errors.Join(db.fail("open", err), db.write.Close())
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	if err := db.readAnswers(ctx); err != nil {
		return nil, errors.Join(db.fail("open", err), db.Close())
	}
	return db, nil
}

// create makes an empty file of mode 0600, so that SQLite never makes one that others can read; its -wal and -shm files take the mode
// of the database.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn writes the address of the file as a URI. busy_timeout comes first: the pragmas after it may have to wait. Without
// recursive_triggers an INSERT OR REPLACE would delete a row past the triggers that forbid it.
func dsn(abs string, more ...string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	s := u.String() + "?_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=recursive_triggers(1)"
	for _, m := range more {
		s += "&" + m
	}
	return s
}

// Close closes the ledger. The write-ahead log is folded into the file.
func (db *DB) Close() error {
	// Readers first: the last connection to close is the one that may checkpoint.
	return errors.Join(db.read.Close(), db.write.Close())
}

// Ping runs a real query on both connections and fails if either store path does not answer.
func (db *DB) Ping(ctx context.Context) error {
	for _, pool := range []*sql.DB{db.write, db.read} {
		var n int
		if err := pool.QueryRowContext(ctx, `/* Ping */ SELECT count(*) FROM city`).Scan(&n); err != nil {
			return db.fail("ping", err)
		}
	}
	return nil
}

// update runs fn in the one writing transaction; any error of fn rolls it back.
func (db *DB) update(ctx context.Context, what string, fn func(*sql.Tx) error) error {
	return db.fail(what, inTx(ctx, db.write, fn))
}

// view runs fn in a reading transaction, so that all its queries see the same state.
func (db *DB) view(ctx context.Context, what string, fn func(*sql.Tx) error) error {
	return db.fail(what, inTx(ctx, db.read, fn))
}

func inTx(ctx context.Context, pool *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(err, back)
		}
		return err
	}
	return tx.Commit()
}

// scanFunc reads the columns of a row.
type scanFunc = func(dest ...any) error

// each calls fn for every row of a query; the first error ends it.
func each(ctx context.Context, tx *sql.Tx, fn func(scanFunc) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// SQLite's primary result codes that have a mend of their own (https://sqlite.org/rescode.html).
const (
	sqliteBusy    = 5
	sqliteCorrupt = 11
	sqliteFull    = 13
	sqliteNotADB  = 26
)

// fail says in which file and during what an error came up. Errors that already carry a message for people pass unchanged.
func (db *DB) fail(what string, err error) error {
	var told *kpi.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqliteBusy:
			return &kpi.Error{Code: kpi.CodeUnready, Message: fmt.Sprintf("ledger %s is in use by another program; stop it or wait", db.path), Err: err}
		case sqliteCorrupt:
			return &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("ledger %s is damaged and cannot be rebuilt; restore it from a backup", db.path), Err: err}
		case sqliteFull:
			return &kpi.Error{Code: kpi.CodeUnready, Message: fmt.Sprintf("ledger %s: the disk is full; make room and try again", db.path), Err: err}
		case sqliteNotADB:
			return &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("%s is not a ledger or its beginning is damaged; restore it from a backup or name another data directory", db.path), Err: err}
		}
	}
	return fmt.Errorf("ledger %s: %s: %w", db.path, what, err)
}

// nanos is how a time is stored.
func nanos(t time.Time) int64 { return t.UTC().UnixNano() }

// timeOf reads what nanos wrote.
func timeOf(n int64) time.Time { return time.Unix(0, n).UTC() }

// sometime is how a time is stored that may not be known.
func sometime(t time.Time) sql.NullInt64 { return sql.NullInt64{Int64: nanos(t), Valid: !t.IsZero()} }

// until is the upper bound for a known-at: the zero time knows everything.
func until(knownAt time.Time) int64 {
	if knownAt.IsZero() {
		return 1<<63 - 1
	}
	return nanos(knownAt)
}
