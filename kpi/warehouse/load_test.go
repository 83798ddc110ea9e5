package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// checkedCity has the dataset of the twelve-row city with checks and bounds.
func checkedCity(change func(*kpi.Dataset)) *kpi.City {
	city := twelveCity()
	change(&city.Datasets[0])
	return city
}

func check1(rule string, kind kpi.CheckKind, otherwise kpi.CheckElse, columns ...string) kpi.Check {
	c := kpi.Check{ID: strings.ReplaceAll(rule, " ", "-"), Rule: rule, Kind: kind, Columns: columns, Else: otherwise}
	if kind == kpi.CheckRow {
		c.Expr = rule
	}
	return c
}

// doubled are the twelve-row city's rows with c01 three times and c02 twice.
func doubled() table {
	rows := twelveRows(1)
	for _, i := range []int{1, 2, 1} {
		rows = append(rows, slices.Clone(rows[i]))
	}
	return rows
}

func TestChecks(t *testing.T) {
	unique := func(otherwise kpi.CheckElse) kpi.Check { return check1("unique id", kpi.CheckUnique, otherwise, "id") }
	for _, c := range []struct {
		name     string
		checks   []kpi.Check
		rows     table
		failed   []int64 // by check; nil: the load fails
		rejected []string
		err      string
	}{
		{"key doubled, no check written", nil, doubled(), nil, nil, `the check "unique id" is broken by 3 rows, first in data/v1-0.csv line 13, data/v1-0.csv line 14, data/v1-0.csv line 15; correct the source`},
		{"unique fails", []kpi.Check{unique(kpi.ElseFail)}, doubled(), nil, nil, `the check "unique id" is broken by 3 rows`},
		{"unique rejects all but the first", []kpi.Check{unique(kpi.ElseReject)}, doubled(), []int64{3}, []string{"13 ID duplicate", "14 ID duplicate", "15 ID duplicate"}, ""},
		{"unique warns, which is not enough for a key", []kpi.Check{unique(kpi.ElseWarn)}, doubled(), nil, nil, `the check "unique id" is broken by 3 rows`},
		{"unique holds", []kpi.Check{unique(kpi.ElseFail)}, twelveRows(1), []int64{0}, nil, ""},
		{"unique of others warns; blanks are unlike", []kpi.Check{check1("unique due", kpi.CheckUnique, kpi.ElseWarn, "due")}, twelveRows(1), []int64{0}, nil, ""},
		{"unique district and kind", []kpi.Check{check1("unique kind, area", kpi.CheckUnique, kpi.ElseReject, "kind", "area")}, twelveRows(1), []int64{5}, // lights of the north: c01 c03; of the south: c02 c05 c06 c11; potholes of the north: c08 c10; blank areas are unlike
			[]string{"4  duplicate", "6  duplicate", "7  duplicate", "11  duplicate", "12  duplicate"}, ""},
		{"not null warns", []kpi.Check{check1("not null due", kpi.CheckNotNull, kpi.ElseWarn, "due")}, twelveRows(1), []int64{4}, nil, ""},
		{"not null rejects", []kpi.Check{check1("not null area", kpi.CheckNotNull, kpi.ElseReject, "area")}, twelveRows(1), []int64{1}, []string{"5 AREA check"}, ""},
		{"not null fails", []kpi.Check{check1("not null due, closed", kpi.CheckNotNull, kpi.ElseFail, "due", "closed")}, twelveRows(1), nil, nil, `the check "not null due, closed" is broken by 5 rows, first in data/v1-0.csv line 4`},
		{"row warns; null passes", []kpi.Check{check1("closed >= opened", kpi.CheckRow, kpi.ElseWarn)}, twelveRows(1), []int64{1}, nil, ""},
		{"row rejects", []kpi.Check{check1("closed >= opened", kpi.CheckRow, kpi.ElseReject)}, twelveRows(1), []int64{1}, []string{"8  check"}, ""},
		{"row with a district", []kpi.Check{check1("area <> 'south' or cost > 5", kpi.CheckRow, kpi.ElseReject)}, twelveRows(1), []int64{2}, []string{"7  check", "12  check"}, ""},
		{"row with as_of", []kpi.Check{check1("opened <= as_of", kpi.CheckRow, kpi.ElseFail)}, twelveRows(1), nil, nil, `the check "opened <= as_of" is broken by 1 rows, first in data/v1-0.csv line 11`},
		{"several fail at once", []kpi.Check{check1("cost > 5", kpi.CheckRow, kpi.ElseFail), unique(kpi.ElseFail)}, doubled(), nil, nil, `the check "cost > 5" is broken by 5 rows, first in data/v1-0.csv line 5, data/v1-0.csv line 7, data/v1-0.csv line 9; the check "unique id" is broken by 3 rows`},
		{"rejected rows are no longer doubled", []kpi.Check{unique(kpi.ElseFail), check1("id <> 'c01' and id <> 'c02'", kpi.CheckRow, kpi.ElseReject)}, doubled(), []int64{0, 5},
			[]string{"2  check", "3  check", "13  check", "14  check", "15  check"}, ""},
		{"wrong expression", []kpi.Check{check1("closd >= opened", kpi.CheckRow, kpi.ElseFail)}, twelveRows(1), nil, nil, `there is no column "closd"`},
		{"no boolean", []kpi.Check{check1("cost + 1", kpi.CheckRow, kpi.ElseFail)}, twelveRows(1), nil, nil, "it is a number and should be a boolean"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := openTest(t)
			city := checkedCity(func(d *kpi.Dataset) { d.Checks = c.checks })
			out, err := db.Load(context.Background(), loading(t, db, city, 1, 0, "2015-02-10", c.rows))
			if c.err != "" {
				if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want an error with %s", err, c.err)
				}
				checkEmpty(t, db)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, n := range c.failed {
				if got := out.Checks[i]; got.Failed != n || got.Check.Rule != c.checks[i].Rule {
					t.Errorf("check %d: %+v, want %d failed", i, got, n)
				}
			}
			list, err := db.Rejects(context.Background(), "cases", 1, 100, 0)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range list {
				got = append(got, fmt.Sprintf("%d %s %s", r.Line, r.Column, r.Reason))
			}
			if d := cmp.Diff(c.rejected, got); d != "" {
				t.Errorf("rejects (-want +got):\n%s", d)
			}
			if n := int64(len(c.rows) - 1 - len(got)); out.Counts.Accepted != n {
				t.Errorf("%d rows were accepted, want %d", out.Counts.Accepted, n)
			}
			var visible int64
			if err := db.sql.QueryRow("SELECT count(*) FROM " + quoteName(rowTableName("cases", "one")) + " WHERE _from <= 1 AND (_to IS NULL OR _to > 1)").Scan(&visible); err != nil || visible != out.Counts.Accepted {
				t.Errorf("%d rows are visible, %v", visible, err)
			}
		})
	}
}

// checkEmpty makes sure that a failed load has left nothing, and that the next one goes through.
func checkEmpty(t *testing.T, db *DB) {
	t.Helper()
	ctx := context.Background()
	for _, name := range []string{"data_version", "load_file", "row_table", "place", "reject", "observation"} {
		var n int
		if err := db.sql.QueryRow("SELECT count(*) FROM " + name).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s has %d rows, %v", name, n, err)
		}
	}
	var temporary int
	if err := db.sql.QueryRow("SELECT count(*) FROM duckdb_tables() WHERE temporary OR table_name LIKE 'row\\_cases%' ESCAPE '\\'").Scan(&temporary); err != nil || temporary != 0 {
		t.Errorf("%d tables are left, %v", temporary, err)
	}
	if err := db.Ping(ctx); err != nil {
		t.Error(err)
	}
	mustLoad(t, db, twelveCity(), 1, 0, "2015-02-10", twelveRows(1))
}

func TestBounds(t *testing.T) {
	bad := func(n int) table {
		rows := twelveRows(1)
		for i := range n {
			rows[i+1] = slices.Clone(rows[i+1])
			rows[i+1][2] = "never"
		}
		return rows
	}
	for _, c := range []struct {
		name   string
		change func(*kpi.Dataset)
		before int64
		rows   table
		err    string
	}{
		{"rejects within the count", func(d *kpi.Dataset) { d.Limits.Count = 2 }, 0, bad(2), ""},
		{"rejects over the count", func(d *kpi.Dataset) { d.Limits.Count = 2 }, 0, bad(3), "3 of 11 rows were rejected and the limit is 2 (limits.rejects); most often 3 × bad_timestamp in OPENED"},
		{"rejects within the share", func(d *kpi.Dataset) { d.Limits.Share = 0.2 }, 0, bad(2), ""},
		{"rejects over the share", func(d *kpi.Dataset) { d.Limits.Share = 0.1 }, 0, bad(2), "2 of 11 rows were rejected (18.2 %) and the limit is 10 % (limits.share)"},
		{"no row at all", func(*kpi.Dataset) {}, 0, table{twelveHeader}, "0 rows were accepted and at least 1 are expected"},
		{"no good row", func(*kpi.Dataset) {}, 0, bad(11), "0 rows were accepted and at least 1 are expected"},
		{"too few rows", func(d *kpi.Dataset) { d.Expect.MinRows = 12 }, 0, twelveRows(1), "11 rows were accepted and at least 12 are expected"},
		{"no more change than is expected", func(d *kpi.Dataset) { d.Expect.RowsChangeAtMost = 0.1 }, 10, twelveRows(1), ""},
		{"more rows than are expected", func(d *kpi.Dataset) { d.Expect.RowsChangeAtMost = 0.3 }, 8, twelveRows(1), "11 rows were accepted and 8 in the last load (+37.5 %); they may change by 30 %"},
		{"fewer rows than are expected", func(d *kpi.Dataset) { d.Expect.RowsChangeAtMost = 0.3 }, 100, twelveRows(1), "11 rows were accepted and 100 in the last load (-89 %)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := openTest(t)
			in := loading(t, db, checkedCity(c.change), 1, 0, "2015-02-10", c.rows)
			in.Previous.Counts.Accepted = c.before
			_, err := db.Load(context.Background(), in)
			if c.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %v, want an error with %s", err, c.err)
			}
			checkEmpty(t, db)
		})
	}
}

// TestCountsMustAddUp: a connector that miscounts, a copy that lost a row, a copy outside the spool.
func TestCountsMustAddUp(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*LoadInput)
		err    string
	}{
		"read one more":     {func(in *LoadInput) { in.Read++ }, "12 rows read, 11 accepted + 0 rejected + 0 skipped"},
		"skipped one":       {func(in *LoadInput) { in.Skipped++ }, "11 rows read, 11 accepted + 0 rejected + 1 skipped"},
		"a reject too many": {func(in *LoadInput) { in.Rejects = make([]kpi.Reject, 1) }, "11 rows read, 11 accepted + 1 rejected"},
		"a copy short":      {func(in *LoadInput) { in.Load.Spool[0].Rows = 12 }, "12 rows are in the canonical copies and 11 were read"},
		"no spool file":     {func(in *LoadInput) { in.Load.Spool = nil }, "names 0 spool files"},
		"outside":           {func(in *LoadInput) { in.Files[0] = "/etc/passwd" }, "lies outside the spool"},
		"a link to the outside": {func(in *LoadInput) {
			link := in.Files[0] + ".link"
			if err := os.Symlink("/etc/passwd", link); err != nil {
				t.Error(err)
			}
			in.Files[0] = link
		}, "lies outside the spool"},
		"climbing out":    {func(in *LoadInput) { in.Files[0] = filepath.Dir(in.Files[0]) + "/../../warehouse.lock" }, "lies outside the spool"},
		"no such dataset": {func(in *LoadInput) { in.Dataset = "x" }, `no dataset "x"`},
		"no as-of date":   {func(in *LoadInput) { in.Load.AsOf = kpi.Date{} }, "no as-of date"},
		"version 0":       {func(in *LoadInput) { in.Load.ID = 0 }, "version 0 cannot follow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openTest(t)
			in := loading(t, db, twelveCity(), 1, 0, "2015-02-10", twelveRows(1))
			c.change(&in)
			if _, err := db.Load(context.Background(), in); err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %v, want an error with %s", err, c.err)
			}
			checkEmpty(t, db)
		})
	}
}

// TestStructuralRejects: what the connector set aside is kept with the load, and counts.
func TestStructuralRejects(t *testing.T) {
	db := openTest(t)
	in := loading(t, db, twelveCity(), 1, 0, "2015-02-10", twelveRows(1))
	in.Rejects = []kpi.Reject{{File: "data/v1-0.csv", Line: 14, Reason: "field_count", Detail: "5 fields", Raw: strings.Repeat("x", 2000)},
		{File: "data/v1-0.csv", Line: 13, Reason: "invalid_utf8", Detail: "mend it", Raw: "caf\xe9"}}
	in.Read, in.Skipped = in.Read+5, 3
	out, err := db.Load(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if want := (kpi.Counts{Read: 16, Accepted: 11, Rejected: 2, Skipped: 3, New: 11}); out.Counts != want {
		t.Errorf("counts %+v, want %+v", out.Counts, want)
	}
	want := []kpi.Reject{{Load: 1, Dataset: "cases", File: "data/v1-0.csv", Line: 13, Reason: "invalid_utf8", Detail: "mend it", Raw: "caf\ufffd"},
		{Load: 1, Dataset: "cases", File: "data/v1-0.csv", Line: 14, Reason: "field_count", Detail: "5 fields", Raw: strings.Repeat("x", 1000)}}
	got, err := db.Rejects(context.Background(), "cases", 1, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	if got, err := db.Rejects(context.Background(), "cases", 1, 1, 1); err != nil || len(got) != 1 || got[0].Line != 14 {
		t.Errorf("the second page: %+v, %v", got, err)
	}
	groups, err := db.RejectGroupsOf(context.Background(), "cases", 1, 1)
	if err != nil || len(groups) != 2 || groups[0].Rows != 1 {
		t.Errorf("groups %+v, %v", groups, err)
	}
}

// TestRejectsAreOfTheirLoad: a later load has its own, and the earlier one's can still be asked for.
func TestRejectsAreOfTheirLoad(t *testing.T) {
	db := openTest(t)
	rows := twelveRows(1)
	rows[11][6] = "much"
	mustLoad(t, db, twelveCity(), 1, 0, "2015-02-10", rows)
	mustLoad(t, db, twelveCity(), 2, 1, "2015-02-10", twelveRows(1))
	for version, want := range map[int64]int{0: 0, 1: 1, 2: 0, 9: 0} {
		got, err := db.Rejects(context.Background(), "cases", version, 10, 0)
		if err != nil || len(got) != want {
			t.Errorf("version %d has %d rejects, %v, want %d", version, len(got), err, want)
		}
	}
}

// TestReadAnew: a dataset that is read in another way must be loaded anew; its history stays in the old table.
func TestReadAnew(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	old := twelveCity()
	mustLoad(t, db, old, 1, 0, "2015-02-10", twelveRows(1))

	city := twelveCity()
	d := &city.Datasets[0]
	d.Hash, d.Columns[6].Type = "two", kpi.TypeText // cost
	city.Indicators = slices.Delete(city.Indicators, 2, 3)
	for name, err := range map[string]error{
		"Observe": func() error { _, err := db.Observe(ctx, city, kpi.NewDate(2015, 2, 10), 1); return err }(),
		"Recompute": func() error {
			_, err := db.Recompute(ctx, RecomputeInput{Version: 2, City: city, AsOf: kpi.NewDate(2015, 2, 10), Visible: 1})
			return err
		}(),
		"Facts": func() error { _, err := db.Facts(ctx, city, "cases", 1); return err }(),
	} {
		var reread *RereadError
		if !errors.As(err, &reread) || !slices.Equal(reread.Datasets, []string{"cases"}) || kpi.ErrorCode(err) != kpi.CodeConflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := db.Reread(ctx, city, 1); err != nil || !slices.Equal(list, []string{"cases"}) {
		t.Errorf("reread %v, %v", list, err)
	}
	out := mustLoad(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
	if want := (kpi.Counts{Read: 11, Accepted: 11, New: 1, Restated: 1, Gone: 1}); out.Counts != want { // by what both have
		t.Errorf("counts %+v, want %+v", out.Counts, want)
	}
	if list, err := db.Reread(ctx, city, 2); err != nil || len(list) != 0 {
		t.Errorf("reread %v, %v", list, err)
	}
	if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, old, 1))); d != "" {
		t.Errorf("version 1 has changed:\n%s", d)
	}
	afresh, err := db.Observe(ctx, old, kpi.NewDate(2015, 2, 10), 1)
	if err != nil || len(afresh) == 0 {
		t.Errorf("version 1 cannot be computed any more: %v", err)
	}
	if list := mustObservations(t, db, old, 2); slices.ContainsFunc(list, func(o kpi.Observation) bool { return o.Indicator == "cost" }) {
		t.Error("an indicator that the folder no longer has is still visible")
	}

	// Another key: nothing can be followed.
	d.Hash, d.Key = "three", []string{"kind", "opened"}
	out = mustLoad(t, db, city, 3, 2, "2015-02-10", twelveRows(2))
	if out.Counts.Gone != 0 || out.Counts.New != 0 || out.Counts.Restated != 0 {
		t.Errorf("the same rows by another key of the same columns: %+v", out.Counts)
	}
	d.Hash, d.Key = "four", []string{"code"}
	d.Columns[0].Name = "code"
	out = mustLoad(t, db, city, 4, 3, "2015-02-10", twelveRows(2))
	if out.Counts.Gone != 11 || out.Counts.New != 11 {
		t.Errorf("counts %+v", out.Counts)
	}
	if err := db.Undo(ctx, 4); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(lines(mustObservations(t, db, city, 3)), lines(mustObservations(t, db, city, 4))); d != "" {
		t.Errorf("after the undo:\n%s", d)
	}
}

// TestCrashInsideALoad panics when each step begins: nothing has changed, and the next load goes through.
func TestCrashInsideALoad(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	before := mustChecksum(t, db, 1)
	for _, step := range []kpi.Step{kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit} {
		in := loading(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
		in.Hook = func(s kpi.Step) {
			if s == step {
				panic("crash at " + string(s))
			}
		}
		if p := panicOf(func() { _, _ = db.Load(ctx, in) }); p != "crash at "+string(step) {
			t.Fatalf("panic %v", p)
		}
		if got := mustChecksum(t, db, 9); got != before {
			t.Errorf("after a crash at %s the numbers have changed", step)
		}
		if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 9))); d != "" {
			t.Errorf("after a crash at %s:\n%s", step, d)
		}
	}
	for _, step := range []kpi.Step{kpi.StepObserve, kpi.StepCommit} {
		in := RecomputeInput{Version: 2, City: city, AsOf: kpi.NewDate(2015, 3, 20), Visible: 1, Hook: func(s kpi.Step) {
			if s == step {
				panic("crash")
			}
		}}
		if p := panicOf(func() { _, _ = db.Recompute(ctx, in) }); p != "crash" {
			t.Fatalf("panic %v", p)
		}
		if got := mustChecksum(t, db, 9); got != before {
			t.Errorf("after a crash of a recomputation at %s the numbers have changed", step)
		}
	}
	versions, err := db.Versions(ctx)
	if err != nil || !slices.Equal(versions, []int64{1}) {
		t.Errorf("versions %v, %v", versions, err)
	}
	mustLoad(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
}

func panicOf(do func()) (p any) {
	defer func() { p = recover() }()
	do()
	return nil
}

// TestCancelledLoad cancels the context when each step begins.
func TestCancelledLoad(t *testing.T) {
	db := openTest(t)
	city := twelveCity()
	for _, step := range []kpi.Step{kpi.StepStage, kpi.StepCheck, kpi.StepObserve} {
		ctx, cancel := context.WithCancel(context.Background())
		in := loading(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
		in.Hook = func(s kpi.Step) {
			if s == step {
				cancel()
			}
		}
		if _, err := db.Load(ctx, in); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
		cancel()
	}
	checkEmpty(t, db)
}

// TestVersionsFollow: nothing is built on a version that nobody calls live.
func TestVersionsFollow(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	for name, err := range map[string]error{
		"over a version that is not live": func() error {
			_, err := db.Load(ctx, loading(t, db, city, 2, 0, "2015-02-10", twelveRows(2)))
			return err
		}(),
		"the same version": func() error {
			_, err := db.Load(ctx, loading(t, db, city, 1, 1, "2015-02-10", twelveRows(2)))
			return err
		}(),
		"recomputed": func() error {
			_, err := db.Recompute(ctx, RecomputeInput{Version: 1, City: city, AsOf: kpi.NewDate(2015, 2, 10), Visible: 1})
			return err
		}(),
	} {
		if kpi.ErrorCode(err) != kpi.CodeConflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	versions, err := db.Versions(ctx)
	if err != nil || !slices.Equal(versions, []int64{1}) {
		t.Errorf("versions %v, %v", versions, err)
	}
}

// TestUnchangedLoad: the same rows again change nothing but the version; the order of rows and of files does not matter.
func TestUnchangedLoad(t *testing.T) {
	db := openTest(t)
	city := twelveCity()
	one := mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	rows := twelveRows(1)
	slices.Reverse(rows[1:])
	two := mustLoad(t, db, city, 2, 1, "2015-02-10", rows[:5], append(table{rows[0]}, rows[5:]...))
	if two.Counts.New+two.Counts.Restated+two.Counts.Gone+two.Observations != 0 || two.Checksum != one.Checksum {
		t.Errorf("%+v after %+v", two, one)
	}
	if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 2))); d != "" {
		t.Error(d)
	}
}

// TestProgressAndHookTellTheSteps in their order.
func TestProgressAndHookTellTheSteps(t *testing.T) {
	db := openTest(t)
	in := loading(t, db, twelveCity(), 1, 0, "2015-02-10", twelveRows(1))
	var hooks, told []kpi.Step
	in.Hook = func(s kpi.Step) { hooks = append(hooks, s) }
	in.Progress = func(p kpi.Progress) {
		told = append(told, p.Step)
		if p.Dataset != "cases" || p.Total != 11 || p.Unit != "rows" {
			t.Errorf("progress %+v", p)
		}
	}
	if _, err := db.Load(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	want := []kpi.Step{kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit}
	if !slices.Equal(hooks, want) || !slices.Equal(told, want) {
		t.Errorf("hooks %v, progress %v", hooks, told)
	}
}

// TestReopened: everything is there after the warehouse was closed and opened again.
func TestReopened(t *testing.T) {
	dir := t.TempDir()
	city := twelveCity()
	db := openUnclosed(t, dir)
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tmp", "duckdb_temp_storage_0.tmp"), []byte("left by a kill"), 0o600); err != nil {
		t.Fatal(err)
	}
	db = openDir(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "tmp", "duckdb_temp_storage_0.tmp")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed process spilled is still there: %v", err)
	}
	if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 1))); d != "" {
		t.Error(d)
	}
	mustLoad(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
}
