package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	duckdb "github.com/marcboeker/go-duckdb/v2"
)

// tx is a transaction that poisons itself: after the first failed statement every further one, and the commit, returns that first
// error. DuckDB's own COMMIT answers nil after a failed statement and saves nothing.
type tx struct {
	db   *DB
	conn *sql.Conn
	err  error
}

// fail poisons the transaction and returns the error. The first error is the one that a commit would return.
func (t *tx) fail(err error) error {
	if t.err == nil {
		t.err = err
	}
	return err
}

// exec runs a statement and returns the number of rows that it changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	result, err := t.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, t.fail(t.db.classify(err))
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, t.fail(t.db.classify(err))
	}
	return n, nil
}

// run executes a statement in the making.
func (t *tx) run(ctx context.Context, s *statement) (int64, error) {
	return t.exec(ctx, s.String(), s.args...)
}

// query runs a query and calls each for every row of its result.
func (t *tx) query(ctx context.Context, each func(scan func(...any) error) error, query string, args ...any) (err error) {
	if t.err != nil {
		return t.err
	}
	rows, err := t.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return t.fail(t.db.classify(err))
	}
	defer func() {
		if e := errors.Join(rows.Err(), rows.Close()); e != nil && err == nil {
			err = t.fail(t.db.classify(e))
		}
	}()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return t.fail(err)
		}
	}
	return nil
}

// row runs a query that gives exactly one row.
func (t *tx) row(ctx context.Context, s *statement, dest ...any) error {
	n := 0
	err := t.query(ctx, func(scan func(...any) error) error {
		n++
		return scan(dest...)
	}, s.String(), s.args...)
	if err == nil && n != 1 {
		err = t.fail(fmt.Errorf("a query for one row gave %d: %s", n, s.String()))
	}
	return err
}

// appendRows writes rows into a table of the warehouse through DuckDB's appender, which is many times faster than INSERT and takes
// part in the transaction. rows calls add for every row.
func (t *tx) appendRows(table string, rows func(add func(...driver.Value) error) error) error {
	if t.err != nil {
		return t.err
	}
	err := t.conn.Raw(func(c any) error {
		conn, ok := c.(driver.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", c)
		}
		appender, err := duckdb.NewAppender(conn, catalogName, "main", table)
		if err != nil {
			return err
		}
		return errors.Join(rows(appender.AppendRow), appender.Close())
	})
	if err != nil {
		return t.fail(t.db.classify(fmt.Errorf("append to %s: %w", table, err)))
	}
	return nil
}

// restart ends the transaction without a trace and begins it anew. It mends a poisoned one, so it is for a first statement only.
func (t *tx) restart(ctx context.Context) error {
	t.err = nil
	if _, err := t.exec(ctx, "ROLLBACK"); err != nil {
		return err
	}
	_, err := t.exec(ctx, "BEGIN TRANSACTION")
	return err
}

// write runs do in the one writing transaction and commits it if do returns nil. If do fails or panics, nothing has changed.
func (db *DB) write(ctx context.Context, do func(*tx) error) error {
	select {
	case db.writer <- struct{}{}:
		defer func() { <-db.writer }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for the warehouse's writer: %w", ctx.Err())
	}
	return db.transact(ctx, do, "COMMIT")
}

// read runs do in a transaction that sees one state of the warehouse throughout, and ends it without a trace. The number of readers
// is bounded: more of them at once are slower than one after the other.
func (db *DB) read(ctx context.Context, do func(*tx) error) error {
	select {
	case db.readers <- struct{}{}:
		defer func() { <-db.readers }()
	case <-ctx.Done():
		return fmt.Errorf("waiting to read the warehouse: %w", ctx.Err())
	}
	return db.transact(ctx, do, "ROLLBACK")
}

func (db *DB) transact(ctx context.Context, do func(*tx) error, end string) (err error) {
	leave, err := db.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return db.classify(err)
	}
	t := &tx{db: db, conn: conn}
	ended := false
	defer func() {
		// Also when do panics: the transaction must not stay open on a connection that goes back to the pool.
		if !ended {
			err = errors.Join(err, t.rollback())
		}
		if e := conn.Close(); e != nil && !errors.Is(e, sql.ErrConnDone) {
			err = errors.Join(err, fmt.Errorf("give a connection back: %w", e))
		}
	}()
	if _, err := t.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		ended = true
		return err
	}
	if err := do(t); err != nil {
		return err
	}
	// It returns the first error of the transaction if do swallowed it. A commit is not cut off half-way: nobody would know
	// whether it had happened.
	sound := t.err == nil
	if _, err := t.exec(context.WithoutCancel(ctx), end); err != nil {
		if sound && end == "COMMIT" && db.ready() == nil {
			err = db.stop(err)
		}
		return err
	}
	ended = true
	return nil
}

// rollback undoes everything. It does not listen to the context, which may be the reason for the rollback. If it fails the
// connection is thrown away, and DuckDB rolls back with it.
func (t *tx) rollback() error {
	_, err := t.conn.ExecContext(context.Background(), "ROLLBACK")
	if err == nil {
		return nil
	}
	discard := t.conn.Raw(func(any) error { return driver.ErrBadConn })
	if t.err != nil || errors.Is(discard, driver.ErrBadConn) {
		return nil //nolint:nilerr // the first error is what matters, and the connection is gone
	}
	return fmt.Errorf("roll back: %w", err)
}

// classify looks for the errors after which DuckDB answers nothing any more, or nothing right, and marks the warehouse unready.
func (db *DB) classify(err error) error {
	if !fatal(err) {
		return err
	}
	return db.stop(err)
}

// stop marks the warehouse unready. A commit that fails has left the log in a state in which every later one fails too, though DuckDB calls neither
// fatal, and the process may crash when many of them are rolled back.
func (db *DB) stop(err error) error {
	db.fatal.CompareAndSwap(nil, &err)
	return unready(err)
}

// fatal also reads the text: the appender passes errors on as text alone.
func fatal(err error) bool {
	var e *duckdb.Error
	if errors.As(err, &e) && (e.Type == duckdb.ErrorTypeFatal || e.Type == duckdb.ErrorTypeInternal) {
		return true
	}
	if err == nil {
		return false
	}
	text := err.Error()
	return slices.ContainsFunc([]string{"FATAL Error:", "INTERNAL Error:", "Could not write file", "Could not truncate file"}, func(s string) bool { return strings.Contains(text, s) })
}
