package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/warehouse"
)

func TestRunMakesALoadLive(t *testing.T) {
	k := newKit(t)
	rep := k.mustRun("requests")
	if diff := cmp.Diff(kpi.Steps, k.steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	l, ok, err := k.books.LastLive(t.Context(), "requests", time.Time{})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if diff := cmp.Diff(l, rep.Load); diff != "" {
		t.Errorf("the report's load is not the ledger's (-ledger +report):\n%s", diff)
	}
	if want := (kpi.Counts{Read: 5, Accepted: 3, Rejected: 1, Skipped: 1}); l.Counts != want {
		t.Errorf("counts %+v, want %+v", l.Counts, want)
	}
	if diff := cmp.Diff([]string{"columns that are not declared were left out: ssn", "from the warehouse"}, l.Warnings); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]kpi.RejectGroup{{Reason: "field_count", Rows: 1}}, rep.Rejects); diff != "" {
		t.Error(diff)
	}
	if rep.Observations != 3 || rep.Duration <= 0 || rep.Unchanged || rep.Error != "" {
		t.Errorf("report %+v", rep)
	}
	f := l.Spool[0]
	if _, err := os.Stat(filepath.Join(k.dir, "spool", f.Copy[:2], f.Copy+".csv.s2")); err != nil {
		t.Error(err)
	}
	if left := k.tmp(); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
	in := k.store.loads[0]
	if in.Load.State != kpi.LoadStaged || in.Load.Folder != 1 || in.Load.AsOf != asOf || in.Previous.ID != 0 || in.Visible != 0 || in.Rejects[0].Load != l.ID || in.Rejects[0].Raw != "" {
		t.Errorf("the warehouse was given %+v", in)
	}
}

// TestStrangeColumnNames tells of columns that nobody declared without repeating whatever somebody wrote there.
func TestStrangeColumnNames(t *testing.T) {
	k := newKit(t)
	lines := strings.Split(requestsCSV, "\n")
	lines[0] += ",\x1b[2J\x07,\"a\rb\"," + strings.Repeat("n", 10_000)
	for i := range 60 {
		lines[0] += fmt.Sprintf(",c%d", i)
	}
	k.files["data/requests.csv"].Data = []byte(strings.Join(lines, "\n"))
	rep, err := k.run("requests")
	said := strings.Join(rep.Warnings, "\n")
	if len(said) > 2000 || strings.ContainsAny(said, "\x1b\x07\r") || !strings.Contains(said, `"\x1b[2J\a"`) || !strings.Contains(said, "more") {
		t.Errorf("%v: the warnings are %d bytes: %.300q", err, len(said), said)
	}
}

func TestSecondLoadKnowsTheFirst(t *testing.T) {
	k := newKit(t)
	first := k.mustRun("requests")
	permits := k.mustRun("permits")
	k.files["data/requests.csv"].Data = []byte(requestsCSV + "r5,2026-02-05,2026-02-10,2026-02-09,\n")
	k.mustRun("requests")
	in := k.store.loads[2]
	if in.Previous.ID != first.Load.ID || in.Previous.Counts != first.Load.Counts || in.Visible != permits.Load.ID {
		t.Errorf("previous %+v, visible %d", in.Previous, in.Visible)
	}
}

func TestUnchanged(t *testing.T) {
	k := newKit(t)
	first := k.mustRun("requests")
	rep := k.mustRun("requests")
	if !rep.Unchanged || rep.Load.ID != first.Load.ID || rep.Load.LiveAt.IsZero() || rep.Error != "" {
		t.Errorf("report %+v", rep)
	}
	if diff := cmp.Diff([]kpi.LoadState{kpi.LoadLive, kpi.LoadUnchanged}, k.state()); diff != "" {
		t.Error(diff)
	}
	if len(k.store.loads) != 1 || len(k.tmp()) > 0 {
		t.Errorf("%d loads, tmp %v", len(k.store.loads), k.tmp())
	}
	k.city.Hash, k.city.Indicators[0].Name = "folder-2", kpi.NewText(kpi.English, "another name")
	k.record()
	if rep := k.mustRun("requests"); !rep.Unchanged {
		t.Error("another name made a load")
	}
}

func TestWhatMakesTheSameSourceALoad(t *testing.T) {
	for name, change := range map[string]func(*kpi.City){
		"another reading":     func(c *kpi.City) { c.Datasets[0].Hash = "reading-2" },
		"another district":    func(c *kpi.City) { c.Districts = []kpi.District{{ID: "north"}} },
		"another measure":     func(c *kpi.City) { c.Indicators[0].Measure.Where = "id = 'r1'" },
		"a new indicator":     func(c *kpi.City) { c.Indicators = append(c.Indicators, c.Indicators[0]); c.Indicators[3].ID = "new" },
		"another zone":        func(c *kpi.City) { c.TimeZone = "Europe/Paris" },
		"another fiscal year": func(c *kpi.City) { c.FiscalStart = time.January },
		"another settling":    func(c *kpi.City) { c.Indicators[0].SettlesAfter = 7 },
		"another dimension":   func(c *kpi.City) { c.Indicators[0].Dimensions = []string{"id"} },
	} {
		k := newKit(t)
		k.mustRun("requests")
		change(k.city)
		k.city.Hash = "folder-2"
		k.record()
		if rep := k.mustRun("requests"); rep.Unchanged || rep.Load.Folder != 2 {
			t.Errorf("%s: report %+v", name, rep)
		}
		if rep := k.mustRun("requests"); !rep.Unchanged {
			t.Errorf("%s: loaded a third time", name)
		}
	}
}

// failsAt says for some failures in which step they are.
var failsAt = map[string]kpi.Step{
	"broken file": kpi.StepFetch, "full disk": kpi.StepFetch, "ledger cannot stage": kpi.StepSpool, "stage": kpi.StepStage, "check": kpi.StepCheck,
	"observe": kpi.StepObserve, "commit": kpi.StepCommit, "ledger cannot make it live": kpi.StepLive,
}

// TestAFailureAnywhereKeepsTheLastGoodData makes a second load fail at every place where it can.
func TestAFailureAnywhereKeepsTheLastGoodData(t *testing.T) {
	failStep := func(s kpi.Step) func(*kit) {
		return func(k *kit) {
			k.store.hook = func(at kpi.Step) error {
				if at == s {
					return errBroken
				}
				return nil
			}
		}
	}
	failBooks := func(m string) func(*kit) { return func(k *kit) { k.books.fail[m] = errBroken } }
	failStore := func(m string) func(*kit) { return func(k *kit) { k.store.fail[m] = errBroken } }
	twist := func(f func(*kpi.Counts)) func(*kit) {
		return func(k *kit) { k.store.twist = func(o *warehouse.Output) { f(&o.Counts) } }
	}
	for _, c := range []struct {
		name   string
		break_ func(*kit)
		state  kpi.LoadState // of the second load; empty: there is none
		want   string
	}{
		{"broken file", func(k *kit) { k.files["data/requests.csv"].Data = []byte("id,opened,due,closed\n1,\"2\n") }, kpi.LoadFailed, "data/requests.csv line 2: a quote is opened here and never closed"},
		{"no file", func(k *kit) { delete(k.files, "data/requests.csv") }, kpi.LoadFailed, `no file matches "data/requests*.csv"`},
		{"renamed column", func(k *kit) { k.files["data/requests.csv"].Data = []byte("id,opened,due_on,closed\n1,2,3,4\n") }, kpi.LoadFailed, `column "due" is missing; the header has "due_on": renamed?`},
		{"connector", func(k *kit) { k.city.Datasets[0].Source.Kind = "fax" }, kpi.LoadFailed, `no connector for sources of kind "fax"`},
		{"full disk", func(k *kit) { k.runner.MinFree = 1 << 60 }, kpi.LoadFailed, "make room and load again"},
		{"ledger cannot begin", failBooks("Begin"), "", "broken on purpose"},
		{"ledger cannot be asked", failBooks("LastLive"), kpi.LoadFailed, "broken on purpose"},
		{"ledger cannot stage", failBooks("Stage"), kpi.LoadFailed, "broken on purpose"},
		{"stage", failStep(kpi.StepStage), kpi.LoadFailed, "broken on purpose"},
		{"check", failStep(kpi.StepCheck), kpi.LoadFailed, "broken on purpose"},
		{"observe", failStep(kpi.StepObserve), kpi.LoadFailed, "broken on purpose"},
		{"commit", failStep(kpi.StepCommit), kpi.LoadFailed, "broken on purpose"},
		{"commit whose answer is lost", failStore("Load"), kpi.LoadFailed, "broken on purpose"},
		{"rows lost", twist(func(c *kpi.Counts) { c.Accepted-- }), kpi.LoadFailed, "this is a fault of the program"},
		{"rows invented", twist(func(c *kpi.Counts) { c.Read++; c.Accepted++ }), kpi.LoadFailed, "this is a fault of the program"},
		{"rejects lost", twist(func(c *kpi.Counts) { c.Rejected--; c.Accepted++ }), kpi.LoadFailed, "the connector counted 6 records (1 set aside, 1 skipped) and the warehouse 6 (5 accepted, 0 rejected, 1 skipped)"},
		{"rejects", failStore("RejectGroupsOf"), kpi.LoadFailed, "broken on purpose"},
		{"ledger cannot make it live", failBooks("Live"), kpi.LoadFailed, "broken on purpose"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKit(t)
			first := k.mustRun("requests")
			before, kept := k.store.newest(), spooled(t, k.dir)
			k.files["data/requests.csv"].Data = []byte(requestsCSV + "r5,2026-02-05,2026-02-10,2026-02-09,\n")
			c.break_(k)
			rep, err := k.run("requests")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			want := []kpi.LoadState{kpi.LoadLive}
			if c.state != "" {
				want = append(want, c.state)
				if rep.Error != err.Error() || rep.Load.State != kpi.LoadFailed {
					t.Errorf("report %+v", rep)
				}
			}
			if diff := cmp.Diff(want, k.state()); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			delete(k.books.fail, "LastLive")
			if at, ok := failsAt[c.name]; ok {
				if l, err := k.books.Loads(t.Context(), "requests", 1); err != nil || l[0].FailedAt != at || !l[0].Ended.After(l[0].Started) {
					t.Errorf("%+v, %v; it failed at %s", l[0], err, at)
				}
			}
			if l, _, err := k.books.LastLive(t.Context(), "requests", time.Time{}); err != nil || l.ID != first.Load.ID {
				t.Errorf("last live load %d (%v), want %d", l.ID, err, first.Load.ID)
			}
			if diff := cmp.Diff(before, k.store.newest()); diff != "" {
				t.Errorf("the warehouse is not as it was:\n%s", diff)
			}
			for f := range kept {
				if _, err := os.Stat(f); err != nil {
					t.Errorf("a kept copy is gone: %v", err)
				}
			}
			if left := k.tmp(); len(left) > 0 {
				t.Errorf("left in tmp: %v", left)
			}
			k.mend()
			if rep := k.mustRun("requests"); rep.Unchanged || rep.Load.Counts.Accepted != 4 {
				t.Errorf("the next load: %+v", rep)
			}
		})
	}
}

// mend takes back whatever a test broke.
func (k *kit) mend() {
	k.store.hook, k.store.twist = func(kpi.Step) error { return nil }, func(*warehouse.Output) {}
	clear(k.store.fail)
	clear(k.books.fail)
	k.runner.MinFree = 1
	k.city.Datasets[0].Source.Kind = "csv"
	k.files["data/requests.csv"] = k.files["data/permits.csv"]
	k.files["data/requests.csv"].Data = []byte(requestsCSV + "r5,2026-02-05,2026-02-10,2026-02-09,\n")
}

func spooled(t *testing.T, dir string) map[string]bool {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "spool", "*", "*.s2"))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]bool{}
	for _, f := range list {
		m[f] = true
	}
	return m
}

func TestLiveWhoseAnswerIsLostIsLive(t *testing.T) {
	k := newKit(t)
	k.books.fail["after Live"] = errBroken
	rep := k.mustRun("requests")
	if rep.Load.State != kpi.LoadLive || len(k.store.undone) > 0 || len(k.store.versions) != 1 {
		t.Errorf("report %+v, undone %v", rep, k.store.undone)
	}
}

func TestWhatCannotBeUndoneBlocksTheNextLoad(t *testing.T) {
	k := newKit(t)
	k.store.fail["RejectGroupsOf"], k.store.fail["Undo"] = errBroken, errBroken
	if _, err := k.run("requests"); err == nil || !strings.Contains(err.Error(), "load 1 could not be taken out of the warehouse") {
		t.Errorf("error %v", err)
	}
	delete(k.store.fail, "RejectGroupsOf")
	if _, err := k.run("permits"); err == nil || !strings.Contains(err.Error(), "a failed load is still in the warehouse") {
		t.Errorf("error %v", err)
	}
	delete(k.store.fail, "Undo")
	k.mustRun("permits")
	if diff := cmp.Diff([]int64{1}, k.store.undone); diff != "" {
		t.Error(diff)
	}
}

// TestCancelledLoadIsNotedAsAbandoned: the delivery is not to blame when the program is asked to end.
func TestCancelledLoadIsNotedAsAbandoned(t *testing.T) {
	for _, step := range []kpi.Step{kpi.StepFetch, kpi.StepSpool} {
		k := newKit(t)
		ctx, cancel := context.WithCancel(t.Context())
		k.hook = func(s kpi.Step) {
			if s == step {
				cancel()
			}
		}
		_, err := k.runner.Run(ctx, k.city, k.files, "requests", asOf, byHand)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", step, err)
		}
		if diff := cmp.Diff([]kpi.LoadState{kpi.LoadAbandoned}, k.state()); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
		if left := k.tmp(); len(left) > 0 {
			t.Errorf("%s: left in tmp: %v", step, left)
		}
	}
}

func TestCancelledAfterTheCommitIsLive(t *testing.T) {
	k := newKit(t)
	ctx, cancel := context.WithCancel(t.Context())
	k.hook = func(s kpi.Step) {
		if s == kpi.StepLive {
			cancel()
		}
	}
	if rep, err := k.runner.Run(ctx, k.city, k.files, "requests", asOf, byHand); err != nil || rep.Load.State != kpi.LoadLive {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestRunRefuses(t *testing.T) {
	k := newKit(t)
	for _, c := range []struct {
		run  func() error
		want string
	}{
		{func() error { _, err := k.run("nowhere"); return err }, `the folder of springfield has no dataset "nowhere"`},
		{func() error {
			_, err := k.runner.RunAll(t.Context(), k.city, k.files, asOf, byHand, "nowhere")
			return err
		}, `the folder of springfield has no dataset "nowhere"`},
		{func() error {
			_, err := k.runner.Run(t.Context(), k.city, k.files, "requests", kpi.Date{}, byHand)
			return err
		}, "a load needs a day as of which it is judged"},
		{func() error {
			other := *k.city
			other.Hash = "unrecorded"
			_, err := k.runner.Run(t.Context(), &other, k.files, "requests", asOf, byHand)
			return err
		}, "the folder of springfield is not the newest that the ledger knows; record it first"},
	} {
		if err := c.run(); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	if len(k.state()) > 0 {
		t.Errorf("loads %v", k.state())
	}
	if _, err := ingest.New(ingest.Options{}); err == nil {
		t.Error("a runner without anything")
	}
}

func TestRunAllGoesOn(t *testing.T) {
	k := newKit(t)
	k.files["data/requests.csv"].Data = nil
	reports, err := k.runner.RunAll(t.Context(), k.city, k.files, asOf, byHand)
	if err == nil || err.Error() != "data/requests.csv is empty; the last good data stay" {
		t.Errorf("error %v", err)
	}
	if len(reports) != 2 || reports[0].Error == "" || reports[1].Dataset != "permits" || reports[1].Load.State != kpi.LoadLive {
		t.Errorf("reports %+v", reports)
	}
	reports, err = k.runner.RunAll(t.Context(), k.city, k.files, asOf, byHand, "permits")
	if err != nil || len(reports) != 1 || !reports[0].Unchanged {
		t.Errorf("reports %+v, %v", reports, err)
	}
}

func TestANewDayIsADataVersion(t *testing.T) {
	k := newKit(t)
	if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil || len(k.state()) > 0 {
		t.Fatalf("without data: %v, %v", err, k.state())
	}
	k.mustRun("requests")
	k.mustRun("permits")
	if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil || len(k.state()) != 2 {
		t.Fatalf("on the same day: %v, %v", err, k.state())
	}
	next := asOf.AddDays(1)
	reports, err := k.runner.RunAll(t.Context(), k.city, k.files, next, byHand)
	if err != nil || len(reports) != 3 {
		t.Fatalf("reports %+v, %v", reports, err)
	}
	l := reports[2].Load
	if l.Cause != kpi.CauseAsOf || l.Dataset != "" || l.AsOf != next || l.State != kpi.LoadLive || reports[2].Dataset != "" {
		t.Errorf("recomputation %+v", reports[2])
	}
	if in := k.store.again[0]; in.Version != l.ID || in.AsOf != next || in.Visible != 2 || in.City.ID != "springfield" {
		t.Errorf("the warehouse was given %+v", in)
	}
	if err := k.runner.Refresh(t.Context(), k.city, next); err != nil || len(k.store.again) != 1 {
		t.Errorf("recomputed again on the same day: %v", err)
	}
}

func TestChangedDefinitionsAreADataVersion(t *testing.T) {
	k := newKit(t)
	k.mustRun("requests")
	k.mustRun("permits")
	k.city.Hash, k.city.Indicators[2].Measure.Where = "folder-2", "no = 'p1'"
	k.record()
	if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil {
		t.Fatal(err)
	}
	l, ok, err := k.books.LastLive(t.Context(), "", time.Time{})
	if err != nil || !ok || l.Cause != kpi.CauseDefinitions || l.Folder != 2 || l.ID != 3 {
		t.Errorf("%+v, %v, %v", l, ok, err)
	}
	if rep := k.mustRun("permits"); !rep.Unchanged {
		t.Error("what was recomputed is loaded again")
	}
}

// TestRefreshReadsAnewFirst: what is to be read in another way is loaded by Refresh itself, and then there is nothing to recompute.
func TestRefreshReadsAnewFirst(t *testing.T) {
	k := newKit(t)
	k.mustRun("requests")
	k.city.Hash, k.city.Datasets[0].Hash = "folder-2", "reading-2"
	k.record()
	if err := k.runner.Refresh(t.Context(), k.city, asOf); err != nil || len(k.store.again) > 0 || len(k.store.loads) != 2 {
		t.Errorf("recomputed from rows that were read in another way: %v", err)
	}
	if diff := cmp.Diff([]kpi.LoadState{kpi.LoadLive, kpi.LoadLive}, k.state()); diff != "" {
		t.Error(diff)
	}
}

func TestAFailedRecomputationKeepsTheNumbers(t *testing.T) {
	for _, broken := range []func(*kit){func(k *kit) { k.store.fail["Recompute"] = errBroken }, func(k *kit) { k.books.fail["Live"] = errBroken }} {
		k := newKit(t)
		k.mustRun("requests")
		broken(k)
		if err := k.runner.Refresh(t.Context(), k.city, asOf.AddDays(1)); !errors.Is(err, errBroken) {
			t.Errorf("error %v", err)
		}
		if diff := cmp.Diff([]kpi.LoadState{kpi.LoadLive, kpi.LoadFailed}, k.state()); diff != "" {
			t.Error(diff)
		}
		if v, _, err := k.books.Visible(t.Context(), time.Time{}); err != nil || v != 1 || len(k.store.versions) != 1 {
			t.Errorf("visible %d (%v), versions %v", v, err, k.store.versions)
		}
	}
}

func TestLoadsTakeTurns(t *testing.T) {
	k := newKit(t)
	inside, done := make(chan struct{}), make(chan error)
	k.hook = func(s kpi.Step) {
		if s == kpi.StepObserve && len(k.store.loads) == 1 {
			close(inside)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := k.runner.Run(ctx, k.city, k.files, "permits", asOf, byHand)
			done <- err
		}
	}
	go func() { <-inside; done <- nil }()
	go func() { _, err := k.run("requests"); done <- err }()
	var errs []error
	for range 3 {
		errs = append(errs, <-done)
	}
	if err := errors.Join(errs...); !errors.Is(err, context.Canceled) || strings.Count(fmt.Sprint(err), "\n") != 0 {
		t.Errorf("errors %v, want one for the load that could not wait", errs)
	}
	if diff := cmp.Diff([]kpi.LoadState{kpi.LoadLive}, k.state()); diff != "" {
		t.Error(diff)
	}
}

func TestOtherConnectors(t *testing.T) {
	k := newKit(t)
	k.runner.Connectors = map[string]ingest.Connector{"csv": deliver{errBroken}, "other": connector.CSV{}}
	if _, err := k.run("requests"); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}

func TestGuardMeasuresTheWarehouse(t *testing.T) {
	k := newKit(t)
	f, err := os.Create(filepath.Join(k.dir, "warehouse.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 40); err != nil { // sparse: it takes no room itself
		t.Fatal(err)
	}
	_, err = k.run("requests")
	if kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(err.Error(), "a load needs 3145728 MB; make room and load again") {
		t.Errorf("error %v", err)
	}
}
