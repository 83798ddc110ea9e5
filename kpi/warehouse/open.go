package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"citystat/kpi"
)

// catalogName is the name under which the warehouse's file is attached.
const catalogName = "wh"

// maxReaders bounds the transactions that read at the same time.
const maxReaders = 4

// Options say where the warehouse lies and what it may use.
type Options struct {
	Dir         string       // the data directory: warehouse.duckdb, warehouse.lock, spool/, export/, tmp/
	Threads     int          // 0: one for each processor
	MemoryLimit string       // such as 2GB; empty: 384 MB, or half of the machine's memory if that is less
	Logger      *slog.Logger // nil: slog.Default()
}

// DB is the open warehouse: one writer, a bounded number of readers. Its methods may be called from many goroutines.
type DB struct {
	dir     string
	options Options
	log     *slog.Logger
	lock    *os.File
	sql     *sql.DB // of the instance that is open; written with gate locked
	writer  chan struct{}
	readers chan struct{}
	minFree int64 // bytes that a load wants free at the least

	freeTimes int64 // how often its own size the warehouse wants free for a load

	gate  sync.RWMutex // read-locked by everybody who uses sql
	fatal atomic.Pointer[error]
	retry retry // guarded by gate
}

// Open takes the data directory for itself, opens the warehouse in it (an empty one if there is none), brings its schema up to date
// and shuts DuckDB off from everything but the spool. It fails with kpi.CodeConflict if another process has the directory open.
func Open(ctx context.Context, o Options) (*DB, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	lock, err := takeLock(filepath.Join(o.Dir, "warehouse.lock"))
	if err != nil {
		return nil, err
	}
	db, err := open(ctx, o, lock)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return db, nil
}

// complete fills in defaults and makes the directories.
func (o *Options) complete() error {
	if o.Dir == "" {
		return kpi.Errorf(kpi.CodeInvalid, "the warehouse needs a data directory; give one with --data")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	o.Dir = dir
	if o.Threads <= 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.MemoryLimit == "" {
		o.MemoryLimit = memoryLimit()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	for _, d := range []string{"spool/tmp", "export", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
	}
	return sweep(filepath.Join(dir, "tmp"))
}

// sweep removes what a killed process spilled.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "duckdb_temp*"))
	if err != nil {
		return fmt.Errorf("temporary directory: %w", err)
	}
	for _, f := range left {
		if err := os.Remove(f); err != nil {
			return fmt.Errorf("temporary directory: %w", err)
		}
	}
	return nil
}

func open(ctx context.Context, o Options, lock *os.File) (*DB, error) {
	db := &DB{dir: o.Dir, options: o, log: o.Logger, lock: lock, writer: make(chan struct{}, 1), readers: make(chan struct{}, maxReaders), minFree: 1 << 30, freeTimes: 3, retry: retry{now: time.Now}}
	if err := db.connect(ctx); err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.sql.Close())
	}
	return db, nil
}

// connect starts DuckDB and attaches the file. After an error db.sql is as it was.
func (db *DB) connect(ctx context.Context) error {
	// The file is attached to a database in memory rather than opened: after a crash directly behind some schema changes DuckDB
	// cannot replay the log of a file that it opens as its first database, and can replay that of an attached one.
	attached := false
	connector, err := duckdb.NewConnector(":memory:", func(c driver.ExecerContext) error {
		if !attached { // the first connection is made below, alone
			if err := execAll(ctx, c, db.options.settings()); err != nil {
				return err
			}
			attached = true
		}
		return execAll(context.Background(), c, []string{"USE " + catalogName})
	})
	if err != nil {
		return fmt.Errorf("start DuckDB: %w", err)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(maxReaders + 2) // the writer, and Ping
	if err := pool.PingContext(ctx); err != nil {
		err = &kpi.Error{Code: kpi.CodeUnready, Message: fmt.Sprintf("the warehouse %s cannot be opened; if its file is damaged, delete it and run citystat rebuild: everything in it comes back from the spool", db.file()), Err: err}
		return errors.Join(err, pool.Close())
	}
	db.sql = pool
	return nil
}

func (o *Options) file() string { return filepath.Join(o.Dir, "warehouse.duckdb") }

// settings are the statements of the first connection, in an order that matters: the file is attached and the directories are
// named while that is still allowed, and the last statement lets nothing be changed any more.
func (o *Options) settings() []string {
	path := func(name string) string { return quoteText(filepath.Join(o.Dir, name)) }
	return []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET threads = " + strconv.Itoa(o.Threads),
		"SET memory_limit = " + quoteText(o.MemoryLimit),
		"SET temp_directory = " + path("tmp"),
		"SET max_temp_directory_size = '32GB'",
		"SET GLOBAL TimeZone = 'UTC'",
		"SET preserve_insertion_order = false", // rows carry their file and line
		"ATTACH " + quoteText(o.file()) + " AS " + catalogName,
		"SET allowed_directories = [" + path("spool") + ", " + path("export") + "]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	}
}

func execAll(ctx context.Context, c driver.ExecerContext, statements []string) error {
	for _, s := range statements {
		if _, err := c.ExecContext(ctx, s, nil); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// usualMemory is enough for loads of any size: what needs more is written to the disk. Resident memory was measured at up to 2.5 times the limit, so
// that with this one a load stays below 1 GB. The values of a median or percentile do not count towards it: DuckDB holds them all at once.
const usualMemory = 384 << 20

// memoryLimit is the limit if none is given.
func memoryLimit() string {
	limit := int64(usualMemory)
	if b, err := os.ReadFile("/proc/meminfo"); err == nil { // otherwise it is not Linux
		limit = min(limit, halfOf(string(b)))
	}
	return strconv.FormatInt(limit>>10, 10) + "KiB"
}

// halfOf reads the machine's memory from the text of /proc/meminfo and returns half of it, in bytes.
func halfOf(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		f := strings.Fields(line)
		if len(f) == 3 && f[0] == "MemTotal:" {
			if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return kb << 10 / 2
			}
		}
	}
	return usualMemory
}

// Close waits for the writer and the readers, writes everything into the file and gives the data directory free.
func (db *DB) Close() error {
	db.writer <- struct{}{}
	defer func() { <-db.writer }()
	db.gate.Lock()
	defer db.gate.Unlock()
	db.retry.closed = true
	return errors.Join(db.sql.Close(), db.lock.Close())
}

// Ping asks the warehouse a real question. It fails with kpi.CodeUnready as long as the warehouse cannot be opened again after a fatal error.
func (db *DB) Ping(ctx context.Context) error {
	leave, err := db.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var versions int64
	if err := db.sql.QueryRowContext(ctx, "SELECT count(*) FROM data_version").Scan(&versions); err != nil {
		return db.classify(fmt.Errorf("ask the warehouse: %w", err))
	}
	return nil
}
