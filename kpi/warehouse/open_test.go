package warehouse

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"citystat/kpi"
)

func TestSecondOpenerIsRefused(t *testing.T) {
	dir := t.TempDir()
	openDir(t, dir)
	_, err := Open(context.Background(), Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if kpi.ErrorCode(err) != kpi.CodeConflict || !strings.Contains(err.Error(), "another CityStat has this data directory open; stop it or use --data") {
		t.Errorf("got %v", err)
	}
}

func TestLockIsGivenBack(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		if err := openUnclosed(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	ctx := context.Background()
	if _, err := Open(ctx, Options{}); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("without a directory: %v", err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "warehouse.duckdb"), []byte(strings.Repeat("this is no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, Options{Dir: damaged}); kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(err.Error(), "delete it and run citystat rebuild") {
		t.Errorf("damaged: %v", err)
	}
	newer := t.TempDir()
	db := openUnclosed(t, newer)
	if _, err := db.sql.Exec("INSERT INTO migration VALUES (99, 'from the future')"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the lock is given back when opening fails
		if _, err := Open(ctx, Options{Dir: newer}); kpi.ErrorCode(err) != kpi.CodeConflict || !strings.Contains(err.Error(), "newer CityStat") {
			t.Errorf("newer: %v", err)
		}
	}
}

// TestLockdown: SQL that came from nowhere could reach nothing. Nobody can hand us SQL; this is the second wall.
func TestLockdown(t *testing.T) {
	db := openTest(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.csv"), []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"SELECT * FROM read_csv('/etc/passwd', auto_detect = false, columns = {'a': 'VARCHAR'})",
		"SELECT * FROM read_text('/etc/hostname')",
		"SELECT * FROM '" + outside + "/secret.csv'",
		"SELECT * FROM read_csv('" + db.dir + "/spool/../warehouse.lock', auto_detect = false, columns = {'a': 'VARCHAR'})",
		"SELECT * FROM glob('/etc/*')",
		"SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
		"SELECT * FROM read_parquet('s3://bucket/x.parquet')",
		"COPY (SELECT 1) TO '" + outside + "/out.csv'",
		"COPY observation FROM '/etc/passwd'",
		"EXPORT DATABASE '" + outside + "/out'",
		"ATTACH '" + outside + "/other.duckdb' AS other",
		"ATTACH ':memory:' AS other; SELECT * FROM read_text('/etc/passwd')",
		"INSTALL httpfs",
		"LOAD httpfs",
		"LOAD '" + outside + "/x.duckdb_extension'",
		"SET enable_external_access = true",
		"SET allowed_directories = ['/']",
		"SET lock_configuration = false",
		"RESET allowed_directories",
		"SET threads = 64",
		"SET temp_directory = '/etc'",
		"PRAGMA enable_external_access = true",
		"SET autoinstall_known_extensions = true",
		"SET memory_limit = '100GB'",
	} {
		if _, err := db.sql.Exec(q); err == nil {
			t.Errorf("%s was let through", q)
		}
	}
	left, err := os.ReadDir(outside)
	if err != nil || len(left) != 1 {
		t.Errorf("outside there are %v, %v", left, err)
	}
	if err := db.Ping(context.Background()); err != nil {
		t.Error(err)
	}
	var zone, external string
	if err := db.sql.QueryRow("SELECT current_setting('TimeZone'), current_setting('enable_external_access')::VARCHAR").Scan(&zone, &external); err != nil || zone != "UTC" || external != "false" {
		t.Errorf("time zone %s, external access %s, %v", zone, external, err)
	}
}

// TestSpilling: a query that needs more memory than there is writes to the data directory's tmp, which the lockdown leaves open.
func TestSpilling(t *testing.T) {
	db, err := Open(context.Background(), Options{Dir: t.TempDir(), Threads: 2, MemoryLimit: "150MB", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var n int64
	if err := db.sql.QueryRow("SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range(3000000) AS r(i))").Scan(&n); err != nil || n != 3_000_000 {
		t.Errorf("%d, %v", n, err)
	}
}

// TestMemoryLimit: what a load may use does not grow with the machine.
func TestMemoryLimit(t *testing.T) {
	for text, want := range map[string]int64{"MemTotal:       24689000 kB\nMemFree: 1 kB\n": 12344500 << 10, "MemTotal: 500000 kB\n": 250000 << 10, "": usualMemory, "MemTotal: much kB\n": usualMemory} {
		if got := halfOf(text); got != want {
			t.Errorf("%q gives %d, want %d", text, got, want)
		}
	}
	var limit string
	if err := openTest(t).sql.QueryRow("SELECT current_setting('memory_limit')").Scan(&limit); err != nil || limit != "384.0 MiB" {
		t.Errorf("the limit is %s, %v", limit, err)
	}
}

// TestPoisonedTransaction: after a failed statement nothing goes on, nothing is kept, and whoever ignores the error hears of it at the
// commit. DuckDB alone would answer nil.
func TestPoisonedTransaction(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	var first error
	err := db.write(ctx, func(x *tx) error {
		if _, err := x.exec(ctx, "INSERT INTO load_file VALUES (1, 0, 'a', 'b')"); err != nil {
			return err
		}
		_, first = x.exec(ctx, "INSERT INTO load_file VALUES (NULL, 0, 'a', 'b')")
		if first == nil {
			t.Fatal("a null was let into a column that must not be null")
		}
		if _, err := x.exec(ctx, "INSERT INTO load_file VALUES (2, 0, 'a', 'b')"); !errors.Is(err, first) {
			t.Errorf("the next statement: %v", err)
		}
		if err := x.query(ctx, nil, "SELECT 1"); !errors.Is(err, first) {
			t.Errorf("the next query: %v", err)
		}
		if err := x.appendRows("load_file", nil); !errors.Is(err, first) {
			t.Errorf("the next append: %v", err)
		}
		return nil // ignores it
	})
	if !errors.Is(err, first) {
		t.Errorf("the commit gave %v, want %v", err, first)
	}
	var n int
	if err := db.sql.QueryRow("SELECT count(*) FROM load_file").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows were kept, %v", n, err)
	}
}

// TestOneWriterManyReaders: who waits for the writer can give up; readers go on with what they see.
func TestOneWriterManyReaders(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	if err := db.write(ctx, func(x *tx) error {
		if _, err := x.exec(ctx, "INSERT INTO load_file VALUES (1, 0, 'a', 'b')"); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if err := db.write(short, func(*tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second writer: %v", err)
		}
		return db.read(ctx, func(r *tx) error {
			s := &statement{}
			s.printf("SELECT count(*) FROM load_file")
			var n int
			err := r.row(ctx, s, &n)
			if n != 0 {
				t.Errorf("a reader sees %d rows that are not committed", n)
			}
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	var nested func(int) error
	nested = func(depth int) error {
		return db.read(ctx, func(*tx) error {
			if depth > 1 {
				return nested(depth - 1)
			}
			short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			if err := db.read(short, func(*tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("one reader too many: %v", err)
			}
			return db.Ping(ctx)
		})
	}
	if err := nested(maxReaders); err != nil {
		t.Fatal(err)
	}
}

// TestFatalErrorIsSeen: it is told from others, and whoever met it hears that the warehouse is not ready.
func TestFatalErrorIsSeen(t *testing.T) {
	for _, err := range []error{&duckdb.Error{Type: duckdb.ErrorTypeFatal, Msg: "FATAL Error: no space left"}, errors.New("could not flush appender: FATAL Error: no space left")} {
		db := openTest(t)
		if got := db.classify(errors.New("Binder Error: x")); kpi.ErrorCode(got) == kpi.CodeUnready || db.ready() != nil {
			t.Errorf("an ordinary error: %v", got)
		}
		if got := db.classify(err); kpi.ErrorCode(got) != kpi.CodeUnready || !errors.Is(got, err) || kpi.ErrorCode(db.ready()) != kpi.CodeUnready {
			t.Errorf("the error is %v", got)
		}
	}
}

// TestNeverLoaded: a new warehouse has answers too, and they are empty.
func TestNeverLoaded(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	if list, err := db.Observe(ctx, city, kpi.NewDate(2015, 2, 10), 5); err != nil || len(list) != 0 {
		t.Errorf("observe: %v, %v", list, err)
	}
	if f, err := db.Facts(ctx, city, "cases", 5); err != nil || f.Rows != 0 {
		t.Errorf("facts: %+v, %v", f, err)
	}
	if _, err := db.Facts(ctx, city, "x", 5); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("facts of an unknown dataset: %v", err)
	}
	out, err := db.Recompute(ctx, RecomputeInput{Version: 1, City: city, AsOf: kpi.NewDate(2015, 2, 10)})
	if err != nil || out.Observations != 0 || out.Checksum != mustChecksum(t, db, 1) {
		t.Errorf("recompute: %+v, %v", out, err)
	}
}
