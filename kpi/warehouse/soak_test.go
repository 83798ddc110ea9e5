//go:build soak

package warehouse_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/warehouse"
)

// The soak of a load: five million rows, and twenty, the whole way from the source's file. Every load runs in a process of its own, so that the peak
// of memory is its own. Run it with
//
//	go test -tags soak -run Soak -timeout 60m -v ./kpi/warehouse
//
// CITYSTAT_SOAK_ROWS names other numbers of rows, separated by commas.

const (
	soakRole = "CITYSTAT_SOAK_ROLE"
	soakDir  = "CITYSTAT_SOAK_DIR"
	soakRows = "CITYSTAT_SOAK_ROWS"
)

// mostMemory is what a load may use at its peak, however large the file is.
const mostMemory = 1 << 30

func TestSoakLoad(t *testing.T) {
	sizes := "5000000,20000000"
	if s := os.Getenv(soakRows); s != "" {
		sizes = s
	}
	for size := range strings.SplitSeq(sizes, ",") {
		t.Run(size, func(t *testing.T) {
			rows, err := strconv.Atoi(size)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := writeBench(filepath.Join(dir, "requests.csv"), rows); err != nil {
				t.Fatal(err)
			}
			var bare, ours time.Duration
			for round := range 2 { // in turn: the machine may have others to serve
				b := soak(t, "bare", dir, rows)
				o := soak(t, "load", dir, rows)
				bare, ours = bare+b.took, ours+o.took
				t.Logf("round %d: bare DuckDB %.1f s, peak %d MB; the whole way %.1f s, peak %d MB; ratio %.2f", round, b.took.Seconds(), b.peak>>20, o.took.Seconds(), o.peak>>20, o.took.Seconds()/b.took.Seconds())
				if o.peak > mostMemory {
					t.Errorf("the load used %d MB at its peak and may use %d MB", o.peak>>20, mostMemory>>20)
				}
			}
			t.Logf("%d rows: ratio %.2f", rows, ours.Seconds()/bare.Seconds())
			soak(t, "readers", dir, rows)
		})
	}
}

// result is what a process of the soak says of itself.
type result struct {
	took time.Duration
	peak int64 // bytes of resident memory
}

// soak runs a role in a process of its own.
func soak(t *testing.T, role, dir string, rows int) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSoakRole$", "-test.v", "-test.timeout=60m")
	cmd.Env = append(os.Environ(), soakRole+"="+role, soakDir+"="+dir, soakRows+"="+strconv.Itoa(rows))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", role, err, out)
	}
	var r result
	for line := range strings.Lines(string(out)) {
		if _, said, ok := strings.Cut(line, "SAYS "); ok {
			t.Logf("%s: %s", role, strings.TrimSpace(said))
		}
		if _, said, ok := strings.Cut(line, "RESULT "); ok {
			if _, err := fmt.Sscan(said, &r.took, &r.peak); err != nil {
				t.Fatal(err)
			}
		}
	}
	return r
}

// TestSoakRole is a process of the soak; alone it does nothing.
func TestSoakRole(t *testing.T) {
	role, dir := os.Getenv(soakRole), os.Getenv(soakDir)
	if role == "" {
		return
	}
	rows, err := strconv.ParseInt(os.Getenv(soakRows), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	switch role {
	case "bare":
		bareLoad(t, filepath.Join(dir, "requests.csv"))
	case "load":
		_, steps := ourLoad(t, dir, rows)
		for _, s := range kpi.Steps {
			t.Logf("SAYS %s %.2f s", s, steps[s].Seconds())
		}
	case "readers":
		readersDuringLoad(t, dir)
	}
	t.Logf("RESULT %d %d", time.Since(began).Nanoseconds(), peakMemory(t))
}

// peakMemory is the most resident memory that this process has had.
func peakMemory(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no VmHWM in /proc/self/status")
	return 0
}

// readersDuringLoad asks for all observations from four goroutines, before a load and during it.
func readersDuringLoad(t *testing.T, dir string) {
	ctx, data := t.Context(), t.TempDir()
	wh, err := warehouse.Open(ctx, warehouse.Options{Dir: data, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer wh.Close() // measured and thrown away
	city := benchCity()
	small := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(small, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeBench(filepath.Join(small, "requests.csv"), 100_000); err != nil {
		t.Fatal(err)
	}
	run := loadInto(t, wh, data, city)
	run(small)
	idle := make(chan struct{})
	time.AfterFunc(5*time.Second, func() { close(idle) })
	report := func(when string, list []time.Duration) {
		slices.Sort(list)
		t.Logf("SAYS 4 readers %s: %d answers, median %s, 99th percentile %s", when, len(list), list[len(list)/2].Round(time.Microsecond), list[len(list)*99/100].Round(time.Microsecond))
	}
	report("idle", fourReaders(t, wh, city, idle))
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(dir)
	}()
	report("during the load", fourReaders(t, wh, city, done))
}

// loadInto returns what loads the table of a directory into an open warehouse.
func loadInto(t *testing.T, wh *warehouse.DB, data string, city *kpi.City) func(from string) {
	ctx := t.Context()
	led, err := ledger.Open(ctx, filepath.Join(data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := led.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := led.RecordFolder(ctx, city, time.Now()); err != nil {
		t.Fatal(err)
	}
	r, err := ingest.New(ingest.Options{Ledger: led, Warehouse: wh, Dir: data, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return func(from string) {
		if _, err := r.Run(ctx, city, os.DirFS(from), "requests", kpi.NewDate(2015, 12, 31), ingest.How{}); err != nil {
			t.Error(err)
		}
	}
}

// fourReaders ask until the channel is closed, and tell how long each answer took.
func fourReaders(t *testing.T, wh *warehouse.DB, city *kpi.City, until <-chan struct{}) []time.Duration {
	var mu sync.Mutex
	var list []time.Duration
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-until:
					return
				default:
				}
				began := time.Now()
				if _, err := wh.Observations(context.Background(), city, 1); err != nil {
					t.Error(err)
					return
				}
				took := time.Since(began)
				mu.Lock()
				list = append(list, took)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return list
}
