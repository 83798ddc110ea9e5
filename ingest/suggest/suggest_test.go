package suggest_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/ingest/catalog"
	"citystat/ingest/connector"
	"citystat/ingest/suggest"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/warehouse"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	connector.RunChild()
	os.Exit(m.Run())
}

// The files are those of other packages: broken and odd ones, and what cities have published.
var sources = []string{
	"../connector/testdata/synthetic/*", "../connector/testdata/csv-spectrum/*.csv", "../testdata/cities/*/data/*", "../testdata/tenjo/data/*.xlsx", "../../sample-data/boston-2015/data/*",
	"../connector/testdata/excelize/*.xlsx", "testdata/files/*",
}

// files lists them.
func files(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, pattern := range sources {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		list = append(list, found...)
	}
	return slices.DeleteFunc(list, func(f string) bool {
		base := path.Base(f)
		return base == "MANIFEST.csv" || strings.HasSuffix(base, ".md") || strings.HasPrefix(base, "LICENSE")
	})
}

// idOf makes the id of a dataset of a file's path, unique among all of them.
func idOf(file string) string {
	s := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(strings.NewReplacer("../", "", "testdata", "", "data", "").Replace(file)), "-")
	return strings.Trim(s[max(0, len(s)-60):], "-")
}

const minimalCity = `city: somewhere
name: Somewhere
about: A city of the tests.
languages: [en]
time_zone: UTC
as_of: 2026-12-31
departments: [{id: data, name: Data}]
priorities: [{id: data, name: Data, promise: "We know."}]
`

var (
	lookedAt = regexp.MustCompile(`# Looked at: all rows; whole ones: (\d+)`)
	broken   = regexp.MustCompile(`would be set aside: (\d+)`)
)

// TestWhatIsSuggestedLoads makes a block for every file, puts it into a city and loads the file: what was looked at is accepted, and what is
// broken in itself is set aside, no more and no less. A file that no block can be made for has a reason that is fit for people.
func TestWhatIsSuggestedLoads(t *testing.T) {
	dir := t.TempDir()
	var golden strings.Builder
	want := map[string][2]int64{}
	write(t, filepath.Join(dir, "city.yaml"), []byte(minimalCity))
	for _, f := range files(t) {
		name, id := "data/"+idOf(f)+"/"+filepath.Base(f), idOf(f)
		block, err := suggest.File(t.Context(), os.DirFS(filepath.Dir(f)), filepath.Base(f), suggest.Options{Dataset: id, Path: name, Dir: t.TempDir()})
		fmt.Fprintf(&golden, "-- %s --\n", strings.TrimPrefix(f, "../"))
		if err != nil {
			if kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Errorf("%s: the error %v is not fit for people", f, err)
			}
			fmt.Fprintf(&golden, "error: %v\n", err)
			continue
		}
		golden.Write(block)
		n, ok := counted(block)
		if !ok {
			t.Errorf("%s: the block does not say how much was looked at", f)
		}
		want[id] = n
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), b)
		write(t, filepath.Join(dir, "datasets", id+".yaml"), block)
	}
	for id, got := range loadAll(t, dir) {
		if got != want[id] {
			t.Errorf("%s: %d accepted and %d rejected, want %d and %d", id, got[0], got[1], want[id][0], want[id][1])
		}
		delete(want, id)
	}
	for id := range want {
		t.Errorf("%s was not loaded", id)
	}
	compare(t, "testdata/all.golden", golden.String())
}

func counted(block []byte) (n [2]int64, ok bool) {
	for i, re := range []*regexp.Regexp{lookedAt, broken} {
		if m := re.FindSubmatch(block); m != nil {
			n[i], _ = strconv.ParseInt(string(m[1]), 10, 64)
			ok = true
		}
	}
	return n, ok
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, []byte(got))
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// loadAll loads every dataset of a folder for real and returns the rows accepted and rejected.
func loadAll(t *testing.T, dir string) map[string][2]int64 {
	t.Helper()
	folder := os.DirFS(dir)
	city, problems, err := catalog.Load(folder)
	if err != nil || city == nil {
		t.Fatalf("%v\n%s", err, problems)
	}
	ctx, data, quiet := context.WithoutCancel(t.Context()), t.TempDir(), slog.New(slog.DiscardHandler)
	led, err := ledger.Open(ctx, filepath.Join(data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, led.Close()) })
	if _, err := led.RecordFolder(ctx, city, time.Now()); err != nil {
		t.Fatal(err)
	}
	wh, err := warehouse.Open(ctx, warehouse.Options{Dir: data, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing(t, wh.Close()) })
	runner, err := ingest.New(ingest.Options{Ledger: led, Warehouse: wh, Dir: data, MinFree: 1, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int64{}
	for _, ds := range city.Datasets {
		rep, err := runner.Run(ctx, city, folder, ds.ID, city.AsOf, ingest.How{Trigger: kpi.TriggerPerson})
		if err != nil {
			t.Errorf("%s: %v", ds.ID, err)
		}
		if rep.Load.Counts.Rejected > 0 {
			t.Logf("%s: %+v", ds.ID, rep.Rejects)
		}
		got[ds.ID] = [2]int64{rep.Load.Counts.Accepted, rep.Load.Counts.Rejected}
	}
	return got
}

func closing(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// suggested is the block for a file of the text.
func suggested(t *testing.T, text string, o suggest.Options) string {
	t.Helper()
	b, err := suggest.File(t.Context(), fstest.MapFS{"f.csv": {Data: []byte(text)}}, "f.csv", o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := suggest.File(t.Context(), fstest.MapFS{"f.csv": {Data: []byte(text)}}, "f.csv", o)
	if err != nil || string(again) != string(b) {
		t.Errorf("the same file, another block: %v\n%s\n%s", err, b, again)
	}
	return string(b)
}
