package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// keepCopies is how long a ledger is kept as it was before a newer program changed its schema.
const keepCopies = 30 * 24 * time.Hour

// Copy writes the ledger at path, as it is at one moment, to a new file to: everything that was committed before is in it, and nothing by halves, whoever
// writes meanwhile and in whichever process. The copy has mode 0600 and is on the disk once Copy returns; after an error there is none. The schema is
// copied as it is, so that a program can keep what an older one has written.
func Copy(ctx context.Context, path, to string) (err error) {
	db := &DB{path: path}
	if _, err := os.Stat(path); err != nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is no ledger at %s: nothing was ever loaded there, or it is another directory; say which with --data DIR", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("ledger %s: %w", path, err)
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // SQLite takes an empty file, and would make one that others can read
	if err != nil {
		return fmt.Errorf("copy of the ledger: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, removed(to))
		}
	}()
	pool, err := sql.Open("sqlite", dsn(abs))
	if err != nil {
		return db.fail("copy", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if _, err := pool.ExecContext(ctx, `/* Copy */ VACUUM INTO ?`, to); err != nil {
		return db.fail("copy", err)
	}
	return f.Sync()
}

// removed removes a file if it is there.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Facts are what the file of a ledger says of itself.
type Facts struct {
	Schema      int    // number of the last migration
	City        string // "" if no folder was ever read
	Entries     int64  // of the audit trail
	Head        string // hash of its last entry, in hex
	Publication int64  // the newest; 0: none
	Version     int64  // the newest live data version; 0: none

	Copies []string         // the kept copies that live loads need, each once
	Live   []int64          // the live loads, oldest first
	Rows   map[string]int64 // by table
	Papers map[string]int64 // by kind; revisions are not counted
}

// NewestSchema is the number of the last migration that this program knows.
func NewestSchema() int {
	s, err := steps()
	if err != nil { // the files are in the program; a test reads them
		return 0
	}
	return len(s)
}

// Look reads the file of a ledger, of this schema or an older one, and changes nothing in it.
func Look(ctx context.Context, path string) (f Facts, err error) {
	db := &DB{path: path}
	abs, err := filepath.Abs(path)
	if err != nil {
		return f, fmt.Errorf("ledger %s: %w", path, err)
	}
	pool, err := sql.Open("sqlite", dsn(abs, "mode=ro", "_txlock=deferred"))
	if err != nil {
		return f, db.fail("look", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	err = db.fail("look", inTx(ctx, pool, func(tx *sql.Tx) error { return f.read(ctx, tx, path) }))
	return f, err
}

func (f *Facts) read(ctx context.Context, tx *sql.Tx, path string) error {
	var app int
	if err := tx.QueryRowContext(ctx, `/* Look */ PRAGMA application_id`).Scan(&app); err != nil {
		return err
	}
	if app != applicationID {
		return kpi.Errorf(kpi.CodeInvalid, "%s is no CityStat ledger", path)
	}
	if err := tx.QueryRowContext(ctx, `/* Look */ PRAGMA user_version`).Scan(&f.Schema); err != nil {
		return err
	}
	if err := f.count(ctx, tx); err != nil {
		return err
	}
	if err := f.newest(ctx, tx); err != nil {
		return err
	}
	if err := each(ctx, tx, func(scan scanFunc) error {
		var id int64
		err := scan(&id)
		f.Live = append(f.Live, id)
		return err
	}, `/* Look */ SELECT id FROM load WHERE state = 'live' ORDER BY id`); err != nil {
		return err
	}
	return each(ctx, tx, func(scan scanFunc) error {
		var hash string
		err := scan(&hash)
		f.Copies = append(f.Copies, hash)
		return err
	}, `/* Look */ SELECT DISTINCT copy FROM spool_file JOIN load ON load.id = spool_file.load WHERE state = 'live' ORDER BY copy`)
}

// count counts the rows of every table, and the papers by kind.
func (f *Facts) count(ctx context.Context, tx *sql.Tx) error {
	f.Rows, f.Papers = map[string]int64{}, map[string]int64{}
	var tables []string
	err := each(ctx, tx, func(scan scanFunc) error {
		var name string
		err := scan(&name)
		tables = append(tables, name)
		return err
	}, `/* Look */ SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return err
	}
	for _, t := range tables {
		var n int64
		if err := tx.QueryRowContext(ctx, `/* Look */ SELECT count(*) FROM `+quoted(t)).Scan(&n); err != nil {
			return err
		}
		f.Rows[t] = n
	}
	if !slices.Contains(tables, "paper") {
		return nil
	}
	return each(ctx, tx, func(scan scanFunc) error {
		var kind string
		var n int64
		err := scan(&kind, &n)
		f.Papers[kind] = n
		return err
	}, `/* Look */ SELECT kind, count(DISTINCT id) FROM paper GROUP BY kind ORDER BY kind`)
}

// newest reads what stands last in the ledger. An older schema has not all of it.
func (f *Facts) newest(ctx context.Context, tx *sql.Tx) error {
	var head []byte
	for _, q := range []struct {
		table, sql string
		into       []any
	}{
		{"city", `SELECT id FROM city`, []any{&f.City}},
		{"publication", `SELECT coalesce(max(number), 0) FROM publication`, []any{&f.Publication}},
		{"load", `SELECT coalesce(max(id), 0) FROM load WHERE state = 'live'`, []any{&f.Version}},
		{"audit", `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`, []any{&f.Entries, &head}},
	} {
		if _, ok := f.Rows[q.table]; !ok {
			continue
		}
		if err := tx.QueryRowContext(ctx, `/* Look */ `+q.sql).Scan(q.into...); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	f.Head = hex.EncodeToString(head)
	return nil
}

// quoted writes the name of a table or column of ours in SQL.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Restored ends every session and voids every link that was not used: whoever has a cookie or a letter of the time before a ledger was restored gets in with
// it no more. The audit trail says that, and of when the backup is.
func (db *DB) Restored(ctx context.Context, made time.Time, by account.By, now time.Time) error {
	return db.update(ctx, "end what was before the ledger was restored", func(tx *sql.Tx) error {
		for _, q := range []string{
			`/* Restored */ DELETE FROM session`,
			`/* Restored */ DELETE FROM link WHERE used IS NULL`,
			`/* Restored */ UPDATE person SET epoch = epoch + 1`,
		} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return audit(ctx, tx, by, now, "ledger.restored", "ledger", map[string]string{"made": made.UTC().Format(time.RFC3339)})
	})
}

// before is where the ledger is kept as it was before the migrations that follow one.
func before(path string, schema int) string { return path + ".before-" + strconv.Itoa(schema) }

// keepBefore copies the ledger before it is migrated, so that there is a way back to the program that wrote it. A copy of an earlier try gives way.
func (db *DB) keepBefore(ctx context.Context, schema int) error {
	part := before(db.path, schema) + ".part"
	if err := removed(part); err != nil { // of a program that was killed
		return err
	}
	if err := Copy(ctx, db.path, part); err != nil {
		return fmt.Errorf("the ledger is not migrated, because no copy of it could be kept: %w", err)
	}
	if err := os.Rename(part, before(db.path, schema)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(db.path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ForgetCopies deletes the copies of the ledger from before a migration that are older than 30 days, and returns how many there were.
func (db *DB) ForgetCopies(now time.Time) (int, error) {
	list, err := filepath.Glob(escaped(db.path) + ".before-*")
	n := 0
	for _, path := range list {
		st, statErr := os.Stat(path)
		if statErr != nil || now.Sub(st.ModTime()) < keepCopies {
			err = errors.Join(err, statErr)
			continue
		}
		err = errors.Join(err, removed(path))
		n++
	}
	return n, err
}

// escaped is a path that stands for itself in a pattern.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
