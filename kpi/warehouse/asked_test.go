package warehouse

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// twoDatasets is a city with a list of units and cases that name a unit. The check asks whether the unit is in the list.
func twoDatasets(unit, code kpi.ColumnType, otherwise kpi.CheckElse) *kpi.City {
	col := func(name string, t kpi.ColumnType) kpi.Column {
		return kpi.Column{Name: name, From: strings.ToUpper(name), Type: t}
	}
	return &kpi.City{ID: "two", TimeZone: "America/New_York", FiscalStart: 7,
		Districts: []kpi.District{district("allston-brighton", "Allston / Brighton", "Allston"), district("roxbury", "Roxbury")},
		Datasets: []kpi.Dataset{
			{ID: "units", Hash: "u", Key: []string{"id"}, Columns: []kpi.Column{col("id", kpi.TypeInteger), col("code", code)}},
			{ID: "cases", Hash: "c", Key: []string{"id"}, Columns: []kpi.Column{col("id", kpi.TypeInteger), col("unit", unit), col("day", kpi.TypeDate)},
				Checks: []kpi.Check{
					{ID: "order", Rule: "id > 0", Kind: kpi.CheckRow, Expr: "id > 0", Else: kpi.ElseReject},
					{ID: "unit", Rule: "exists unit in units.code", Kind: kpi.CheckExists, Columns: []string{"unit"}, InDataset: "units", InColumn: "code", Else: otherwise},
					{ID: "unique", Rule: "unique id", Kind: kpi.CheckUnique, Columns: []string{"id"}, Else: kpi.ElseReject},
				}},
		}}
}

// loadingOf makes the input of a load of one of several datasets.
func loadingOf(t testing.TB, db *DB, city *kpi.City, dataset string, version int64, rows table) LoadInput {
	t.Helper()
	in := loading(t, db, city, version, version-1, "2016-01-12", rows)
	in.Dataset, in.Load.Dataset = dataset, dataset
	return in
}

func loadOf(t testing.TB, db *DB, city *kpi.City, dataset string, version int64, rows table) Output {
	t.Helper()
	out, err := db.Load(context.Background(), loadingOf(t, db, city, dataset, version, rows))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func results(out Output) string {
	var list []string
	for _, r := range out.Checks {
		list = append(list, fmt.Sprintf("%s %d", r.Check.ID, r.Failed))
	}
	return strings.Join(list, ", ")
}

// TestExistsRejects: first load and later one, by what was visible when the load began; blank passes, refused rows and rows that another check set
// aside are not asked, and the value that nobody knows is written down.
func TestExistsRejects(t *testing.T) {
	db, city := openTest(t), twoDatasets(kpi.TypeText, kpi.TypeText, kpi.ElseReject)
	units := table{{"ID", "CODE"}, {"1", "A"}, {"2", "A"}, {"3", ""}, {"4", "Santé"}, {"5", "B"}}
	cases := table{{"ID", "UNIT", "DAY"}, {"1", "A", ""}, {"2", "Sante\u0301", ""}, {"3", "", ""}, {"4", "Z", ""}, {"4", "B", ""}, {"-5", "Z", ""}, {"6", "Y", "x"}, {"7", "a", ""}}
	loadOf(t, db, city, "units", 1, units)
	out := loadOf(t, db, city, "cases", 2, cases)
	if got := results(out); got != "order 1, unit 2, unique 0" || out.Counts.Accepted != 4 || out.Counts.Rejected != 4 {
		t.Errorf("%s, %+v", got, out.Counts)
	}
	rejects, err := db.Rejects(context.Background(), "cases", 2, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rejects {
		if r.Column == "" {
			r.Raw = "" // what is kept of a whole row is another test's question
		}
		got = append(got, fmt.Sprintf("%d %s %s %q", r.Line, r.Column, r.Reason, r.Raw))
		if r.Line == 5 && !strings.Contains(r.Detail, `"exists unit in units.code": no visible row of units has this value in code`) {
			t.Error(r.Detail)
		}
	}
	if d := cmp.Diff([]string{`5 UNIT check "Z"`, `7  check ""`, `8 DAY bad_date "x"`, `9 UNIT check "a"`}, got); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	loadOf(t, db, city, "units", 3, table{{"ID", "CODE"}, {"1", "Z"}, {"2", "Y"}}) // A is gone
	out = loadOf(t, db, city, "cases", 4, cases)
	if got := results(out); got != "order 1, unit 4, unique 0" || out.Counts.Accepted != 2 || out.Counts.Gone != 2 || out.Counts.Restated != 1 {
		t.Errorf("%s, %+v", got, out.Counts)
	}
	if again := loadOf(t, db, city, "cases", 5, cases); results(again) != "order 1, unit 4, unique 0" || again.Counts.Gone+again.Counts.New != 0 {
		t.Errorf("%s, %+v", results(again), again.Counts)
	}
}

func TestExistsFailsOrWarns(t *testing.T) {
	units, cases := table{{"ID", "CODE"}, {"1", "7"}, {"2", "8"}}, table{{"ID", "UNIT", "DAY"}, {"1", "7", ""}, {"2", "9", ""}, {"3", "", ""}}
	for _, types := range [][2]kpi.ColumnType{{kpi.TypeText, kpi.TypeText}, {kpi.TypeInteger, kpi.TypeInteger}, {kpi.TypeInteger, kpi.TypeNumber}} {
		db, city := openTest(t), twoDatasets(types[0], types[1], kpi.ElseWarn)
		loadOf(t, db, city, "units", 1, units)
		if out := loadOf(t, db, city, "cases", 2, cases); results(out) != "order 0, unit 1, unique 0" || out.Counts.Accepted != 3 {
			t.Errorf("%v: %s, %+v", types, results(out), out.Counts)
		}
		city.Datasets[1].Checks[1].Else = kpi.ElseFail
		_, err := db.Load(context.Background(), loadingOf(t, db, city, "cases", 3, cases))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), `the check "exists unit in units.code" is broken by 1 rows, first in data/v3-0.csv line 3`) {
			t.Errorf("%v: %v", types, err)
		}
	}
}

// TestExistsByDistrict: two spellings of a district are the same, and a name that is no district is found nowhere, not even by itself.
func TestExistsByDistrict(t *testing.T) {
	db, city := openTest(t), twoDatasets(kpi.TypeDistrict, kpi.TypeDistrict, kpi.ElseReject)
	loadOf(t, db, city, "units", 1, table{{"ID", "CODE"}, {"1", "Allston"}, {"2", "Atlantis"}, {"3", ""}})
	out := loadOf(t, db, city, "cases", 2, table{{"ID", "UNIT", "DAY"}, {"1", "ALLSTON / BRIGHTON", ""}, {"2", "Roxbury", ""}, {"3", "Atlantis", ""}, {"4", "", ""}})
	if got := results(out); got != "order 0, unit 2, unique 0" || out.Counts.Accepted != 2 {
		t.Errorf("%s, %+v", got, out.Counts)
	}
	rejects, err := db.Rejects(context.Background(), "cases", 2, 10, 0)
	if err != nil || len(rejects) != 2 || rejects[0].Raw != "Roxbury" || rejects[1].Raw != "Atlantis" {
		t.Errorf("%+v, %v", rejects, err)
	}
}

// TestExistsCannotBeAsked: what is not there to be looked in fails the load, whatever the check says, and says what to do.
func TestExistsCannotBeAsked(t *testing.T) {
	cases := table{{"ID", "UNIT", "DAY"}, {"1", "7", ""}}
	for _, c := range []struct {
		change func(*kpi.City)
		code   kpi.Code
		want   string
	}{
		{func(*kpi.City) {}, kpi.CodeConflict, "looks in the dataset units, which was never loaded; load units first"},
		{func(c *kpi.City) { c.Datasets[1].Checks[1].InDataset = "nowhere" }, kpi.CodeInvalid, `"nowhere", which is no other dataset`},
		{func(c *kpi.City) { c.Datasets[1].Checks[1].InDataset = "cases" }, kpi.CodeInvalid, `"cases", which is no other dataset`},
		{func(c *kpi.City) { c.Datasets[1].Checks[1].InColumn = "nothing" }, kpi.CodeInvalid, `the column "nothing", which the dataset units does not declare`},
		{func(c *kpi.City) { c.Datasets[1].Checks[1].InColumn = "" }, kpi.CodeInvalid, "must name the dataset and the column"},
		{func(c *kpi.City) { c.Datasets[1].Checks[1].Columns = []string{"unit", "id"} }, kpi.CodeInvalid, "must name one column"},
	} {
		db, city := openTest(t), twoDatasets(kpi.TypeText, kpi.TypeText, kpi.ElseWarn)
		c.change(city)
		if _, err := db.Load(context.Background(), loadingOf(t, db, city, "cases", 1, cases)); kpi.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	db, city := openTest(t), twoDatasets(kpi.TypeText, kpi.TypeInteger, kpi.ElseWarn)
	loadOf(t, db, city, "units", 1, table{{"ID", "CODE"}, {"1", "7"}})
	if _, err := db.Load(context.Background(), loadingOf(t, db, city, "cases", 2, cases)); err == nil || !strings.Contains(err.Error(), "compares unit, a text, with code of units, a integer") {
		t.Error(err)
	}
	city.Datasets[0].Columns[1].Type, city.Datasets[0].Hash = kpi.TypeText, "u2" // declared anew, not loaded anew
	if _, err := db.Load(context.Background(), loadingOf(t, db, city, "cases", 2, cases)); kpi.ErrorCode(err) != kpi.CodeConflict || !strings.Contains(err.Error(), "load units anew") {
		t.Error(err)
	}
}

func freshCity(t kpi.ColumnType, within time.Duration, otherwise kpi.CheckElse) *kpi.City {
	city := oneColumn(kpi.Column{Type: t})
	city.Datasets[0].Hash = "fresh"
	city.Datasets[0].Checks = []kpi.Check{
		{ID: "fresh", Rule: "fresh v within n days", Kind: kpi.CheckFresh, Columns: []string{"v"}, Within: within, Else: otherwise},
		{ID: "unique", Rule: "unique id", Kind: kpi.CheckUnique, Columns: []string{"id"}, Else: kpi.ElseReject},
	}
	return city
}

// TestFresh asks as of 2016-01-12, which ends in New York at 2016-01-13T05:00Z.
func TestFresh(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		typ    kpi.ColumnType
		within time.Duration
		values []string
		broken string // part of the message; empty: it holds
	}{
		{kpi.TypeDate, 3 * day, []string{"2016-01-09", "2015-06-30", ""}, ""},
		{kpi.TypeDate, 3 * day, []string{"2016-01-08", "2015-06-30"}, "the newest day in v is 2016-01-08 and should be 2016-01-09 or later (as of 2016-01-12)"},
		{kpi.TypeDate, 3 * day, []string{"2016-01-13", "2206-01-01", "2015-06-30"}, "the newest day in v is 2015-06-30 and should be 2016-01-09 or later"}, // future_dates.csv of the synthetic set
		{kpi.TypeDate, 3 * day, []string{"", "2206-01-01"}, "no row has a day in v up to 2016-01-12; the newest should be 2016-01-09 or later"},
		{kpi.TypeDate, 0, []string{"2016-01-12"}, ""},
		{kpi.TypeDate, 36 * time.Hour, []string{"2016-01-11"}, ""},
		{kpi.TypeDate, 36 * time.Hour, []string{"2016-01-10"}, "should be 2016-01-11 or later"},
		{kpi.TypeTimestamp, 0, []string{"2016-01-13T04:59:59Z"}, ""},
		{kpi.TypeTimestamp, 0, []string{"2016-01-12T00:00:00"}, ""},
		{kpi.TypeTimestamp, 0, []string{"2016-01-13T05:00:00Z", "2016-01-12T04:59:59Z"}, "the newest day in v is 2016-01-11 and should be 2016-01-12 or later"},
	} {
		rows := table{{"ID", "V"}}
		for i, v := range c.values {
			rows = append(rows, []string{fmt.Sprint(i + 1), v})
		}
		db := openTest(t)
		out := mustLoad(t, db, freshCity(c.typ, c.within, kpi.ElseWarn), 1, 0, "2016-01-12", rows)
		if c.broken == "" && (results(out) != "fresh 0, unique 0" || len(out.Warnings) != 0) {
			t.Errorf("%v: %s, %v", c.values, results(out), out.Warnings)
		}
		if c.broken != "" && (results(out) != "fresh 1, unique 0" || len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], c.broken)) {
			t.Errorf("%v: %s, %v, want %q", c.values, results(out), out.Warnings, c.broken)
		}
		_, err := db.Load(context.Background(), loading(t, db, freshCity(c.typ, c.within, kpi.ElseFail), 2, 1, "2016-01-12", rows))
		if c.broken == "" && err != nil || c.broken != "" && (kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.broken)) {
			t.Errorf("%v: %v, want %q", c.values, err, c.broken)
		}
		if v, err := db.Versions(context.Background()); err != nil || (c.broken != "") != (len(v) == 1) {
			t.Errorf("%v: versions %v, %v", c.values, v, err)
		}
	}
}

// TestFreshOfChanges: a delivery of changes with nothing recent is no older than what is there already; rows that were refused are not there.
func TestFreshOfChanges(t *testing.T) {
	db, city := openTest(t), freshCity(kpi.TypeDate, 3*24*time.Hour, kpi.ElseWarn)
	mustLoad(t, db, city, 1, 0, "2016-01-12", table{{"ID", "V"}, {"1", "2016-01-11"}, {"2", "2015-12-01"}})
	in := loading(t, db, city, 2, 1, "2016-01-12", table{{"ID", "V"}, {"3", "2015-12-02"}})
	in.Load.Changes, in.Previous = true, kpi.Load{ID: 1, Counts: kpi.Counts{Accepted: 2}}
	out, err := db.Load(context.Background(), in)
	if err != nil || results(out) != "fresh 0, unique 0" {
		t.Fatalf("%s, %v", results(out), err)
	}
	in = loading(t, db, city, 3, 2, "2016-01-12", table{{"ID", "V"}, {"1", "2015-12-03"}, {"2", "x"}}) // the newest row is restated
	in.Load.Changes, in.Previous = true, kpi.Load{ID: 2, Counts: kpi.Counts{Accepted: 1}}
	out, err = db.Load(context.Background(), in)
	if err != nil || results(out) != "fresh 1, unique 0" || !strings.Contains(out.Warnings[0], "is 2015-12-03 and should be 2016-01-09 or later") {
		t.Fatalf("%s, %v, %v", results(out), out.Warnings, err)
	}
}

func TestFreshCannotBeAsked(t *testing.T) {
	for want, change := range map[string]func(*kpi.Dataset){
		"asks for days, and id holds none":            func(d *kpi.Dataset) { d.Checks[0].Columns = []string{"id"} },
		"must name one column":                        func(d *kpi.Dataset) { d.Checks[0].Columns = nil },
		"must allow 0 days or more":                   func(d *kpi.Dataset) { d.Checks[0].Within = -1 },
		"cannot reject a row; write else: fail":       func(d *kpi.Dataset) { d.Checks[0].Else = kpi.ElseReject },
		`the check "fresh v within n days" is of the`: func(d *kpi.Dataset) { d.Checks[0].Kind = "new" },
	} {
		db, city := openTest(t), freshCity(kpi.TypeDate, 0, kpi.ElseWarn)
		change(&city.Datasets[0])
		_, err := db.Load(context.Background(), loading(t, db, city, 1, 0, "2016-01-12", table{{"ID", "V"}, {"1", "2016-01-12"}}))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestRowsCheckedByRule: negative_duration.csv and future_dates.csv of the synthetic set, each set aside by a rule.
func TestRowsCheckedByRule(t *testing.T) {
	db, city := openTest(t), oneColumn(kpi.Column{Type: kpi.TypeTimestamp, Format: "%Y-%m-%d %H:%M"})
	d := &city.Datasets[0]
	d.Columns = append(d.Columns, kpi.Column{Name: "w", From: "W", Type: kpi.TypeTimestamp, Format: "%Y-%m-%d %H:%M"})
	d.Checks = []kpi.Check{
		{ID: "order", Rule: "w >= v", Kind: kpi.CheckRow, Expr: "w >= v", Else: kpi.ElseReject},
		{ID: "future", Rule: "v <= as_of", Kind: kpi.CheckRow, Expr: "v <= as_of", Else: kpi.ElseReject},
	}
	out := mustLoad(t, db, city, 1, 0, "2026-01-12", table{{"ID", "V", "W"}, {"1", "2026-01-05 10:00", "2026-01-04 09:00"}, {"2", "2206-01-01 00:00", ""}, {"3", "2026-01-05 10:00", ""}, {"4", "2026-01-12 23:59", ""}, {"5", "2026-01-13 00:00", ""}})
	if got := results(out); got != "order 1, future 2" || out.Counts.Accepted != 2 {
		t.Errorf("%s, %+v", got, out.Counts)
	}
}
