package warehouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"citystat/kpi"
)

var errFatal = errors.New("FATAL Error: made up")

// TestOpensAgain: after a fatal error the next operation finds everything there, whichever it is.
func TestOpensAgain(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	for name, do := range map[string]func() error{
		"Ping": func() error { return db.Ping(ctx) },
		"Versions": func() error {
			list, err := db.Versions(ctx)
			if !slices.Equal(list, []int64{1}) {
				t.Errorf("versions %v", list)
			}
			return err
		},
		"Undo": func() error { return db.Undo(ctx, 99) },
		"Load": func() error {
			_, err := db.Load(ctx, loading(t, db, city, 2, 1, "2015-02-10", twelveRows(2)))
			return errors.Join(err, db.Undo(ctx, 2))
		},
	} {
		was := db.sql
		if err := db.classify(errFatal); kpi.ErrorCode(err) != kpi.CodeUnready {
			t.Fatal(err)
		}
		if err := do(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if db.sql == was {
			t.Errorf("%s did not open the warehouse again", name)
		}
		if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 1))); d != "" {
			t.Errorf("after %s:\n%s", name, d)
		}
	}
	// The instance that is open now is shut off as the first one was.
	if _, err := db.sql.Exec("SELECT * FROM read_text('/etc/hostname')"); err == nil {
		t.Error("the new instance reaches what it must not")
	}
}

// TestReopenWaits: nobody is cut off who is still inside, and after a failure the next try has to wait, ever longer.
func TestReopenWaits(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	db.retry.now = func() time.Time { return clock }
	unreadyNow := func(when string) {
		t.Helper()
		if err := db.Ping(ctx); kpi.ErrorCode(err) != kpi.CodeUnready {
			t.Errorf("%s: %v", when, err)
		}
	}
	if err := db.read(ctx, func(*tx) error {
		_ = db.classify(errFatal)
		unreadyNow("while somebody is inside")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// A directory in place of the file: it cannot be opened.
	file, aside := db.file(), db.file()+".aside"
	if err := errors.Join(os.Rename(file, aside), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	unreadyNow("the first try")
	for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		clock = clock.Add(wait*time.Second - 1)
		before := db.retry.after
		unreadyNow("before its time")
		if db.retry.after != before {
			t.Errorf("it was tried before its time, %v", wait)
		}
		clock = clock.Add(1)
		unreadyNow("still not there")
		if db.retry.after == before {
			t.Errorf("it was not tried at its time, %v", wait)
		}
	}
	if err := errors.Join(os.Remove(file), os.Rename(aside, file)); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(time.Minute)
	if err := db.Ping(ctx); err != nil {
		t.Error(err)
	}
}

// TestClosedStaysClosed: a warehouse that its owner has closed does not come back.
func TestClosedStaysClosed(t *testing.T) {
	db := openUnclosed(t, t.TempDir())
	_ = db.classify(errFatal)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(context.Background()); kpi.ErrorCode(err) != kpi.CodeUnready {
		t.Errorf("got %v", err)
	}
}

// full is a disk that can be filled and freed.
type full struct {
	dir        string
	fill, free func(*testing.T)
}

// TestDiskFull fills a real disk, a small one in memory. Where that may not be mounted the same is done with a limit on the size of files, in a
// process of its own; with it in any case.
func TestDiskFull(t *testing.T) {
	for _, leave := range []int64{2 << 20, 3 << 20, 4 << 20} { // it is hit in the middle of the rows, or by the commit
		t.Run(fmt.Sprintf("disk-%d", leave>>20), func(t *testing.T) {
			dir := t.TempDir()
			if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
				t.Logf("no disk can be mounted here (%v); the limit on the size of files stands for it", err)
				return
			}
			t.Cleanup(func() {
				if err := unix.Unmount(dir, 0); err != nil {
					t.Error(err)
				}
			})
			ballast := filepath.Join(dir, "ballast")
			diskFull(t, full{dir,
				func(t *testing.T) { fillUp(t, dir, ballast, leave) },
				func(t *testing.T) {
					if err := os.Remove(ballast); err != nil {
						t.Fatal(err)
					}
				}})
		})
	}
	t.Run("limit", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestUnderFileLimit$", "-test.v")
		cmd.Env = append(os.Environ(), limitDir+"="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

const limitDir = "CITYSTAT_TEST_LIMIT_DIR"

// TestUnderFileLimit is the second half of TestDiskFull, in the process that it starts; the limit would hit everybody else's files.
func TestUnderFileLimit(t *testing.T) {
	dir := os.Getenv(limitDir)
	if dir == "" {
		return // TestDiskFull runs it
	}
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	limit := func(bytes uint64) func(*testing.T) {
		return func(t *testing.T) {
			var l unix.Rlimit
			if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &l); err != nil {
				t.Fatal(err)
			}
			l.Cur = min(bytes, l.Max)
			if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &l); err != nil {
				t.Fatal(err)
			}
		}
	}
	diskFull(t, full{dir, limit(4 << 20), limit(1 << 40)})
}

// fillUp writes into a file until only so many bytes are free.
func fillUp(t *testing.T, dir, file string, leave int64) {
	t.Helper()
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, make([]byte, int64(fs.Bavail)*fs.Bsize-leave), 0o600); err != nil {
		t.Fatal(err)
	}
}

// diskFull loads onto a full disk until DuckDB stops, and then, with room again, finds everything that was acknowledged.
func diskFull(t *testing.T, disk full) {
	ctx := context.Background()
	db := openDir(t, disk.dir)
	db.minFree, db.freeTimes = 0, 0 // as if others had taken the room after the load looked
	clock := time.Now()
	var mu sync.Mutex
	db.retry.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	city := twelveCity()
	one := mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	in := loading(t, db, city, 2, 1, "2015-02-10", bulky(60_000))
	disk.fill(t)
	for try := 0; ; try++ {
		_, err := db.Load(ctx, in)
		if err == nil {
			t.Fatal("60,000 rows found room where there is none")
		}
		if db.fatal.Load() != nil {
			if kpi.ErrorCode(err) != kpi.CodeUnready {
				t.Errorf("the load that met the full disk: %v", err)
			}
			break
		}
		// An error that DuckDB survives: what is held open must not be lost by it either.
		checkReaders(t, db, city, one)
		if try == 20 {
			t.Fatalf("DuckDB has not stopped: %v", err)
		}
	}
	// As long as there is no room readers get what is there or hear that it is not ready; never anything else.
	for range 5 {
		if err := db.Ping(ctx); err == nil {
			checkReaders(t, db, city, one)
		} else if kpi.ErrorCode(err) != kpi.CodeUnready {
			t.Errorf("while the disk is full: %v", err)
		}
		clock = clock.Add(time.Minute)
	}
	disk.free(t)
	var wait sync.WaitGroup
	for range 8 { // many at once open it once
		wait.Go(func() {
			for db.Ping(ctx) != nil && ctx.Err() == nil {
				mu.Lock()
				clock = clock.Add(time.Minute)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if err := db.Undo(ctx, 2); err != nil { // as the ingest does: the commit may have come through all the same
		t.Fatal(err)
	}
	checkReaders(t, db, city, one)
	out, err := db.Load(ctx, in)
	if err != nil || out.Counts.Accepted != 60_000 {
		t.Errorf("with room again: %+v, %v", out.Counts, err)
	}
	if err := db.Undo(ctx, 2); err != nil {
		t.Fatal(err)
	}
	checkReaders(t, db, city, one)
}

// checkReaders makes sure that what load 1 said is there.
func checkReaders(t *testing.T, db *DB, city *kpi.City, one Output) {
	t.Helper()
	list, err := db.Observations(context.Background(), city, 1)
	if kpi.ErrorCode(err) == kpi.CodeUnready {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wanted(twelveOne), lines(list)); d != "" {
		t.Errorf("version 1 (-want +got):\n%s", d)
	}
	if sum, err := db.Checksum(context.Background(), 1); kpi.ErrorCode(err) != kpi.CodeUnready && (err != nil || sum != one.Checksum) {
		t.Errorf("checksum %s, %v, was %s", sum, err, one.Checksum)
	}
}

// bulky are rows that do not pack well.
func bulky(n int) table {
	r := rand.New(rand.NewPCG(1, 1))
	rows := table{twelveHeader}
	for i := range n {
		rows = append(rows, []string{fmt.Sprintf("%d-%x%x%x%x", i, r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()), "light", "2015-01-05 09:00:00", "", "", "North", "1"})
	}
	return rows
}
