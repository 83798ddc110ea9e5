package warehouse

import (
	"context"
	"errors"
	"strings"
	"testing"

	"citystat/kpi"
)

// FuzzQuoteName: whatever the name, it is one identifier and nothing else. DuckDB itself is asked.
func FuzzQuoteName(f *testing.F) {
	for _, s := range []string{"a", `a"b`, `"; DROP TABLE observation; --`, "select", "ä", "a\nb", `""`, "'", "a.b", `\"`, "a\u2028b", strings.Repeat(`"`, 63)} {
		f.Add(s)
	}
	db := openTest(f)
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
			return // no identifier; columns and datasets have an allow-list before it comes to this
		}
		rows, err := db.sql.Query("SELECT 1 AS " + quoteName(s))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil || len(columns) != 1 || columns[0] != s {
			t.Errorf("%q became %q, %v", s, columns, err)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Error(err)
		}
		var text string
		if err := db.sql.QueryRow("SELECT " + quoteText(s)).Scan(&text); err != nil || text != s {
			t.Errorf("%q came back as %q, %v", s, text, err)
		}
	})
}

// TestNamesAreAllowListed: what could not be an identifier never comes near a statement.
func TestNamesAreAllowListed(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	for name, change := range map[string]func(*kpi.City){
		"column with a quote":    func(c *kpi.City) { c.Datasets[0].Columns[1].Name = `kind"; DROP TABLE observation; --` },
		"column of ours":         func(c *kpi.City) { c.Datasets[0].Columns[1].Name = "_from" },
		"column twice":           func(c *kpi.City) { c.Datasets[0].Columns[1].Name = "id" },
		"column in capitals":     func(c *kpi.City) { c.Datasets[0].Columns[1].Name = "Kind" },
		"column of unknown type": func(c *kpi.City) { c.Datasets[0].Columns[1].Type = "VARCHAR); DROP TABLE observation; --" },
		"unknown key":            func(c *kpi.City) { c.Datasets[0].Key = []string{`id" OR 1=1`} },
		"no key":                 func(c *kpi.City) { c.Datasets[0].Key = nil },
		"unknown dimension":      func(c *kpi.City) { c.Datasets[0].Dimensions = []string{"area) --"} },
		"unknown column in check": func(c *kpi.City) {
			c.Datasets[0].Checks = []kpi.Check{check1("unique x", kpi.CheckUnique, kpi.ElseFail, "x y")}
		},
		"check without columns": func(c *kpi.City) { c.Datasets[0].Checks = []kpi.Check{check1("unique", kpi.CheckUnique, kpi.ElseFail)} },
		"check of unknown kind": func(c *kpi.City) { c.Datasets[0].Checks = []kpi.Check{check1("x", "sql", kpi.ElseFail)} },
		"time zone":             func(c *kpi.City) { c.Datasets[0].TimeZone = "Mars/Olympus" },
		"period's column":       func(c *kpi.City) { c.Indicators[0].Measure.Date = "kind" },
		"measure":               func(c *kpi.City) { c.Indicators[0].Measure.Kind = "magic" },
		"percentile":            func(c *kpi.City) { c.Indicators[3].Measure.Kind, c.Indicators[3].Measure.P = kpi.MeasurePercentile, 1 },
		"period":                func(c *kpi.City) { c.Indicators[0].Period = "fortnight" },
		"expression":            func(c *kpi.City) { c.Indicators[0].Measure.Where = "1 = 1; DROP TABLE observation" },
		"exclusion":             func(c *kpi.City) { c.Indicators[0].Measure.Exclude[0].When = "nothing" },
	} {
		city := twelveCity()
		change(city)
		if _, err := db.Load(ctx, loading(t, db, city, 1, 0, "2015-02-10", twelveRows(1))); err == nil {
			t.Errorf("%s: let through", name)
		}
	}
	checkEmpty(t, db)
}

// TestLiteralsAreBound: quotes and semicolons in values, lists, expressions, members and file names are data.
func TestLiteralsAreBound(t *testing.T) {
	ctx := context.Background()
	evil := `x'); DROP TABLE observation; --"`
	db := openTest(t)
	city := twelveCity()
	d := &city.Datasets[0]
	d.Dimensions = []string{"kind", "area"}
	d.Columns[1].Values = map[string]string{"light": evil, "pothole": "pothole"}
	city.Districts = append(city.Districts, district("evil", evil, `"`, `';`))
	city.Indicators[0].Measure.Where = `kind = 'x''); DROP TABLE observation; --"' and kind in ('x''); DROP TABLE observation; --"', ''';') and lower(kind) <> ''''`
	rows := twelveRows(1)
	rows[4][5] = evil
	in := loading(t, db, city, 1, 0, "2015-02-10", rows)
	in.Load.Spool[0].Source = evil
	if _, err := db.Load(ctx, in); err != nil {
		t.Fatal(err)
	}
	list := mustObservations(t, db, city, 1)
	if o := find(t, list, "on-time", kpi.PeriodTotal, "kind", evil); o.Rows != 5 {
		t.Errorf("%d rows", o.Rows)
	}
	if o := find(t, list, "opened", kpi.PeriodTotal, "area", "evil"); o.Rows != 1 {
		t.Errorf("%d rows", o.Rows)
	}
	var source string
	if err := db.sql.QueryRow("SELECT source FROM load_file").Scan(&source); err != nil || source != evil {
		t.Errorf("the source is %q, %v", source, err)
	}
}
