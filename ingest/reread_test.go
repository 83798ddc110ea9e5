package ingest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/kpi"
)

// TestAnotherReadingOfABrokenDelivery changes how rows are read on the day on which their source is broken: the kept copies are read instead.
func TestAnotherReadingOfABrokenDelivery(t *testing.T) {
	ctx, city := t.Context(), town()
	files := fstest.MapFS{"data/requests.csv": {Data: []byte(requestsCSV)}, "data/permits.csv": {Data: []byte(permitsCSV)}}
	r := mustOpen(t, t.TempDir(), city)
	defer r.mustClose(t)
	if _, err := r.runner.RunAll(ctx, city, files, asOf, byHand); err != nil {
		t.Fatal(err)
	}
	// r1 is no longer a request that anybody may name.
	changed := town()
	changed.Hash, changed.Datasets[0].Hash = "folder-2", "reading-2"
	changed.Datasets[0].Columns[0].Pattern = "r[2-9]"
	r.city = changed
	if _, err := r.ledger.RecordFolder(ctx, changed, time.Now()); err != nil {
		t.Fatal(err)
	}
	files["data/requests.csv"].Data = []byte("<html>")
	reports, err := r.runner.RunAll(ctx, changed, files, asOf, byHand)
	if err == nil || len(reports) != 3 {
		t.Fatalf("%+v, %v", reports, err)
	}
	re := reports[2]
	if re.Dataset != "requests" || re.Error != "" || re.Load.Attempt != 0 || re.Load.State != kpi.LoadLive || re.Load.Folder != 2 || !strings.HasPrefix(re.Warnings[0], "read anew from the kept copies") {
		t.Errorf("%+v", re)
	}
	if want := (kpi.Counts{Read: 5, Accepted: 2, Rejected: 2, Skipped: 1, New: 2}); re.Load.Counts.Accepted != want.Accepted || re.Load.Counts.Rejected != want.Rejected || re.Load.Counts.Read != want.Read {
		t.Errorf("counts %+v, want %+v", re.Load.Counts, want)
	}
	values := map[string]string{
		"on-time/2026-01": "0/1", "on-time/2026-02": "1/1", "on-time/total": "1/2",
		"opened/2026-01": "1/-", "opened/2026-02": "1/-", "opened/2026-03": "0/-", "opened/total": "2/-",
		"permits/2026-01": "1/-", "permits/2026-02": "1/-", "permits/2026-03": "0/-", "permits/total": "2/-",
	}
	sum := r.want(t, values)
	if err := r.runner.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if again := r.want(t, values); again != sum {
		t.Error("the checksum after a rebuild is another one")
	}
}

// TestOneBrokenDatasetKeepsNoOther declares a column that the kept copies of a broken source lack: its numbers stay by its old definitions, and
// those of the other dataset, and of a new day, are computed.
func TestOneBrokenDatasetKeepsNoOther(t *testing.T) {
	ctx, dir, city := t.Context(), t.TempDir(), town()
	files := fstest.MapFS{"data/requests.csv": {Data: []byte(requestsCSV)}, "data/permits.csv": {Data: []byte(permitsCSV)}}
	r := mustOpen(t, dir, city)
	defer func() { r.mustClose(t) }()
	if _, err := r.runner.RunAll(ctx, city, files, asOf, byHand); err != nil {
		t.Fatal(err)
	}
	changed := town()
	changed.Hash, changed.Datasets[0].Hash = "folder-2", "reading-2"
	changed.Datasets[0].Columns = append(changed.Datasets[0].Columns, kpi.Column{Name: "unit", From: "unit", Type: kpi.TypeText})
	changed.Indicators[0].Measure.Where = "unit = 'a'"
	changed.Indicators[2].Measure.Where = "no = 'p1'" // of the other dataset
	if _, err := r.ledger.RecordFolder(ctx, changed, time.Now()); err != nil {
		t.Fatal(err)
	}
	day := kpi.NewDate(2026, 4, 1)
	want := april(firstValues)
	want["permits/2026-02"], want["permits/total"] = "0/-", "1/-"
	for i := range 2 {
		reports, err := r.runner.RunAll(ctx, changed, files, day, byHand, "permits")
		if (err == nil) == (i == 0) {
			t.Fatalf("%d: %+v, %v", i, reports, err)
		}
		if i == 0 && (len(reports) != 3 || !strings.Contains(reports[1].Error, "its kept copy lacks unit") || reports[2].Load.State != kpi.LoadLive || !strings.Contains(strings.Join(reports[2].Warnings, ""), "requests")) {
			t.Errorf("%+v", reports)
		}
		if i == 1 && len(reports) != 1 { // it is not tried again, and nothing is left to do
			t.Errorf("a second time: %+v", reports)
		}
		r.want(t, want)
	}
	countable, behind, err := ingest.Countable(ctx, r.ledger, changed, time.Time{})
	if err != nil || cmp.Diff([]string{"requests"}, behind) != "" || len(countable.Dataset("requests").Columns) != 4 || countable.Indicator("on-time").Measure.Where != "" || countable.Indicator("permits").Measure.Where == "" {
		t.Errorf("countable: %v, %v, %v", countable, behind, err)
	}
	r.mustClose(t)
	r = mustOpen(t, dir, changed)
	if err := r.runner.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	r.want(t, want)
	// A good delivery ends it.
	files["data/requests.csv"].Data = []byte("id,opened,due,closed,unit\nr1,2026-01-05,2026-01-10,2026-01-09,a\n")
	if _, err := r.runner.RunAll(ctx, changed, files, day, byHand); err != nil {
		t.Fatal(err)
	}
	if _, behind, err := ingest.Countable(ctx, r.ledger, changed, time.Time{}); err != nil || len(behind) > 0 {
		t.Errorf("behind: %v, %v", behind, err)
	}
}

// TestWhichCopiesCanBeReadAnew changes one thing at a time.
func TestWhichCopiesCanBeReadAnew(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*kpi.Dataset)
		reads  bool
		says   string
	}{
		"a list of values":      {func(d *kpi.Dataset) { d.Columns[0].OthersAre = "x" }, true, ""},
		"how it is reached":     {func(d *kpi.Dataset) { d.Source.Token, d.Source.Timeout = "${TOKEN}", time.Hour }, true, ""},
		"another encoding":      {func(d *kpi.Dataset) { d.Source.Encoding = "windows-1252" }, false, ""},
		"another file":          {func(d *kpi.Dataset) { d.Source.Path = "data/other.csv" }, false, ""},
		"a column that is lost": {func(d *kpi.Dataset) { d.Columns = append(d.Columns, kpi.Column{Name: "ssn", From: "ssn"}) }, false, "its kept copy lacks ssn"},
		"a column that goes":    {func(d *kpi.Dataset) { d.Columns = d.Columns[:3] }, false, "is to be read without closed, which its kept copy holds"},
		"a column is dropped":   {func(d *kpi.Dataset) { d.Drop = []string{"closed"} }, false, "is to be read without closed, which its kept copy holds"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			first := k.mustRun("requests")
			k.city = town()
			k.city.Hash, k.city.Datasets[0].Hash = "folder-2", "reading-2"
			c.change(&k.city.Datasets[0])
			k.record()
			delete(k.files, "data/requests.csv")
			if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil {
				t.Fatal(err)
			}
			last, _, err := k.books.LastLive(t.Context(), "requests", time.Time{})
			if err != nil || (last.ID != first.Load.ID) != c.reads {
				t.Errorf("last live load %d, %v", last.ID, err)
			}
			if c.reads && (last.Folder != 2 || last.Attempt != 0 || last.Trigger != kpi.TriggerStart || last.SourceHash != first.Load.SourceHash || last.Counts != first.Load.Counts) {
				t.Errorf("%+v", last)
			}
			loads, err := k.books.Loads(t.Context(), "requests", 1)
			if err != nil || !strings.Contains(loads[0].Error, c.says) || (loads[0].State == kpi.LoadFailed) != (c.says != "") {
				t.Errorf("newest load %+v, %v", loads[0], err)
			}
			if left := k.tmp(); len(left) > 0 {
				t.Errorf("left in tmp: %v", left)
			}
			before := len(k.state())
			if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil || len(k.state()) != before {
				t.Errorf("tried again: %v, %v", k.state(), err)
			}
		})
	}
}

// TestChangesAreReadAnewInTheirOrder: where only changes were delivered, the whole and all changes since are read again.
func TestChangesAreReadAnewInTheirOrder(t *testing.T) {
	k, p := withPortal(t)
	p.answer = fromCSV(requestsCSV, nil)
	k.mustRun("requests")
	for i, cursor := range []string{"1", "2"} {
		p.answer = fromCSV("id,opened,due,closed\nr"+string(rune('7'+i))+",2026-02-05,2026-02-10,\n", changes(cursor))
		k.mustRun("requests")
	}
	k.city.Hash, k.city.Datasets[0].Hash = "folder-2", "reading-2"
	k.record()
	if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil {
		t.Fatal(err)
	}
	loads, err := k.books.Loads(t.Context(), "requests", 0)
	if err != nil || len(loads) != 6 {
		t.Fatal(loads, err)
	}
	for i := range 3 {
		was, is := loads[3+i], loads[i]
		if was.SourceHash != is.SourceHash || was.Changes != is.Changes || was.Cursor != is.Cursor || is.Folder == was.Folder {
			t.Errorf("%+v was read anew as %+v", was, is)
		}
	}
	if in := k.store.loads[4]; in.Previous.ID != loads[2].ID {
		t.Errorf("the first changes follow load %d, not %d", in.Previous.ID, loads[2].ID)
	}
}

// TestAnOlderDataDirectoryKeepsEverything opens a data directory that an older version has written, without its warehouse: every number is there.
func TestAnOlderDataDirectoryKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "schema-1"))); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(path, 0o600)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	city := town()
	r := mustOpen(t, dir, city)
	defer func() { r.mustClose(t) }()
	sum := r.want(t, april(secondValues))
	last, ok, err := r.ledger.LastLive(t.Context(), "", time.Time{})
	if err != nil || !ok || last.Checksum != sum {
		t.Errorf("the ledger's checksum is %q, the warehouse's %q (%v)", last.Checksum, sum, err)
	}
	files := fstest.MapFS{"data/requests.csv": {Data: []byte(requestsCSV)}, "data/permits.csv": {Data: []byte(permitsCSV)}}
	if _, err := r.runner.RunAll(t.Context(), city, files, kpi.NewDate(2026, 4, 1), byHand); err != nil {
		t.Fatal(err)
	}
	r.want(t, april(firstValues))
}
