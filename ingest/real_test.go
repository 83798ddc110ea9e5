package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/warehouse"
)

// real is a data directory with both stores and a runner, as the program has them.
type real struct {
	dir    string
	ledger *ledger.DB
	wh     *warehouse.DB
	runner *ingest.Runner
	city   *kpi.City
}

// openReal opens a data directory as the program does at its start.
func openReal(ctx context.Context, dir string, city *kpi.City, change func(*ingest.Options)) (*real, error) {
	r := &real{dir: dir, city: city}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	if r.ledger, err = ledger.Open(ctx, filepath.Join(dir, "ledger.db")); err != nil {
		return nil, err
	}
	if _, err = r.ledger.RecordFolder(ctx, city, time.Now()); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if r.wh, err = warehouse.Open(ctx, warehouse.Options{Dir: dir, Logger: quiet}); err != nil {
		return nil, errors.Join(err, r.close())
	}
	o := ingest.Options{Ledger: r.ledger, Warehouse: r.wh, Dir: dir, MinFree: 1, Logger: quiet}
	change(&o)
	if r.runner, err = ingest.New(o); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if err := r.runner.Reconcile(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *real) close() error {
	var errs []error
	if r.wh != nil {
		errs = append(errs, r.wh.Close())
	}
	return errors.Join(append(errs, r.ledger.Close())...)
}

func mustOpen(t *testing.T, dir string, city *kpi.City) *real {
	t.Helper()
	return mustOpenWith(t, dir, city, func(*ingest.Options) {})
}

func mustOpenWith(t *testing.T, dir string, city *kpi.City, change func(*ingest.Options)) *real {
	t.Helper()
	r, err := openReal(t.Context(), dir, city, change)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *real) mustClose(t *testing.T) {
	t.Helper()
	if err := r.close(); err != nil {
		t.Error(err)
	}
}

// values returns the visible values of the whole city as indicator/period=numerator/denominator.
func (r *real) values(ctx context.Context) (map[string]string, string, error) {
	v, _, err := r.ledger.Visible(ctx, time.Time{})
	if err != nil {
		return nil, "", err
	}
	list, err := r.wh.Observations(ctx, r.city, v)
	if err != nil {
		return nil, "", err
	}
	got := map[string]string{}
	for _, o := range list {
		got[o.Indicator+"/"+o.Period] = number(o.Numerator) + "/" + number(o.Denominator)
	}
	sum, err := r.wh.Checksum(ctx, v)
	return got, sum, err
}

func number(f *float64) string {
	if f == nil {
		return "-"
	}
	return fmt.Sprint(*f)
}

func (r *real) want(t *testing.T, want map[string]string) string {
	t.Helper()
	got, sum, err := r.values(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	return sum
}

// The values of the two deliveries of the test, by hand. Of the first, r1 and r3 are on time, r2 is late and r4 has too few fields.
var (
	firstValues = map[string]string{
		"on-time/2026-01": "1/2", "on-time/2026-02": "1/1", "on-time/total": "2/3",
		"opened/2026-01": "2/-", "opened/2026-02": "1/-", "opened/2026-03": "0/-", "opened/total": "3/-",
		"permits/2026-01": "1/-", "permits/2026-02": "1/-", "permits/2026-03": "0/-", "permits/total": "2/-",
	}
	// r2 is restated and on time now, r3 is gone, r5 is new, due on 31 March and open.
	secondCSV    = "id,opened,due,closed\nr1,2026-01-05,2026-01-10,2026-01-09\nr2,2026-01-06,2026-01-11,2026-01-10\nr5,2026-02-05,2026-03-31,\n"
	secondValues = map[string]string{
		"on-time/2026-01": "2/2", "on-time/2026-03": "0/1", "on-time/total": "2/3",
		"opened/2026-01": "2/-", "opened/2026-02": "1/-", "opened/2026-03": "0/-", "opened/total": "3/-",
		"permits/2026-01": "1/-", "permits/2026-02": "1/-", "permits/2026-03": "0/-", "permits/total": "2/-",
	}
)

// TestTwoLoadsForReal goes the whole way on the real stores: two loads, a broken third, nothing new, a new day, a restart, a rebuild.
func TestTwoLoadsForReal(t *testing.T) {
	ctx, dir, city := t.Context(), t.TempDir(), town()
	files := fstest.MapFS{"data/requests.csv": {Data: []byte(requestsCSV)}, "data/permits.csv": {Data: []byte(permitsCSV)}}
	r := mustOpen(t, dir, city)
	defer func() { r.mustClose(t) }()
	reports, err := r.runner.RunAll(ctx, city, files, asOf, byHand)
	if err != nil || len(reports) != 2 {
		t.Fatalf("%+v, %v", reports, err)
	}
	if want := (kpi.Counts{Read: 5, Accepted: 3, Rejected: 1, Skipped: 1, New: 3}); reports[0].Load.Counts != want {
		t.Errorf("counts %+v, want %+v", reports[0].Load.Counts, want)
	}
	if diff := cmp.Diff([]kpi.RejectGroup{{Reason: "field_count", Rows: 1}}, reports[0].Rejects); diff != "" {
		t.Error(diff)
	}
	r.want(t, firstValues)

	files["data/requests.csv"].Data = []byte(secondCSV)
	rep, err := r.runner.Run(ctx, city, files, "requests", asOf, byHand)
	if err != nil {
		t.Fatal(err)
	}
	if want := (kpi.Counts{Read: 3, Accepted: 3, New: 1, Restated: 1, Gone: 1}); rep.Load.Counts != want {
		t.Errorf("counts %+v, want %+v", rep.Load.Counts, want)
	}
	second := r.want(t, secondValues)

	files["data/requests.csv"].Data = []byte("id,opened,due,closed\nr1,2026-01-05,2026-01-10,\"2026-01-09\n")
	if _, err := r.runner.Run(ctx, city, files, "requests", asOf, byHand); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a broken file: %v", err)
	}
	// As the whole file is refused only where nobody can tell its rows, a file of bad rows is for the warehouse to refuse.
	files["data/requests.csv"].Data = []byte("id,opened,due,closed\n,yesterday,tomorrow,never\n")
	if _, err := r.runner.Run(ctx, city, files, "requests", asOf, byHand); err == nil {
		t.Error("a file without one good row became live")
	}
	files["data/requests.csv"].Data = []byte(secondCSV)
	if rep, err := r.runner.Run(ctx, city, files, "requests", asOf, byHand); err != nil || !rep.Unchanged || rep.Load.Counts.Restated != 1 {
		t.Errorf("the same file again: %+v, %v", rep, err)
	}
	if sum := r.want(t, secondValues); sum != second {
		t.Error("the checksum is another one")
	}

	if err := r.runner.Refresh(ctx, city, kpi.NewDate(2026, 4, 1)); err != nil {
		t.Fatal(err)
	}
	third := r.want(t, april(secondValues))
	r.mustClose(t)
	r = mustOpen(t, dir, city)
	if sum := r.want(t, april(secondValues)); sum != third {
		t.Error("the checksum after a restart is another one")
	}
	if err := r.runner.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if sum := r.want(t, april(secondValues)); sum != third {
		t.Error("the checksum after a rebuild is another one")
	}
}

// april adds what a day in April knows: a month more in which nothing was opened.
func april(values map[string]string) map[string]string {
	m := map[string]string{"opened/2026-04": "0/-", "permits/2026-04": "0/-"}
	for k, v := range values {
		m[k] = v
	}
	return m
}

// TestAWarehouseThatIsLostComesBack deletes the warehouse's files, and puts an older one in their place: a restart gives the same numbers.
func TestAWarehouseThatIsLostComesBack(t *testing.T) {
	ctx, dir, city := t.Context(), t.TempDir(), town()
	files := fstest.MapFS{"data/requests.csv": {Data: []byte(requestsCSV)}, "data/permits.csv": {Data: []byte(permitsCSV)}}
	r := mustOpen(t, dir, city)
	if _, err := r.runner.RunAll(ctx, city, files, asOf, byHand); err != nil {
		t.Fatal(err)
	}
	r.mustClose(t)
	file := filepath.Join(dir, "warehouse.duckdb")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r = mustOpen(t, dir, city)
	files["data/requests.csv"].Data = []byte(secondCSV)
	if _, err := r.runner.Run(ctx, city, files, "requests", asOf, byHand); err != nil {
		t.Fatal(err)
	}
	sum := r.want(t, secondValues)
	for name, lose := range map[string]func() error{
		"deleted": func() error { return os.Remove(file) },
		"older":   func() error { return os.WriteFile(file, old, 0o600) },
	} {
		r.mustClose(t)
		if err := lose(); err != nil {
			t.Fatal(err)
		}
		r = mustOpen(t, dir, city)
		if got := r.want(t, secondValues); got != sum {
			t.Errorf("%s: the checksum is another one", name)
		}
		rejects, err := r.wh.Rejects(ctx, "requests", 1, 10, 0)
		if err != nil || len(rejects) != 1 || rejects[0].Line != 6 || rejects[0].Reason != "field_count" {
			t.Errorf("%s: rejects of the first load %+v, %v", name, rejects, err)
		}
	}
	r.mustClose(t)
}
