package warehouse

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"citystat/kpi"
)

// told writes open cases in a line: what says so, how many, and each with its days and whether it is late.
func told(c kpi.OpenCases) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s–%s by %s: %d, %d late", c.Begin, c.End, c.Due, c.Open, c.Overdue)
	for _, o := range c.List {
		fmt.Fprintf(&b, "; %s %s %s %dd %s", strings.Join([]string{o.Key["id"]}, "+"), o.Opened, o.Due, o.Days, o.District)
		if o.Overdue {
			b.WriteString(" LATE")
		}
	}
	return b.String()
}

// TestOpenCases lists those of the twelve rows that are open, worked out by hand. As of 10 February light c03 is open and late, c06 open without a date, and
// pothole c10 is not opened yet; two days later it is.
func TestOpenCases(t *testing.T) {
	city := twelveCity()
	add := func(id string, unit kpi.Unit, m kpi.Measure) {
		city.Indicators = append(city.Indicators, kpi.Indicator{ID: id, Dataset: "cases", Version: 1, Unit: unit, Period: kpi.Month, Measure: m})
	}
	add("duration", kpi.Days, kpi.Measure{Kind: kpi.MeasureDuration, From: "opened", To: "closed", P: 0.5, Where: "kind = 'pothole'", Date: "opened"})
	add("waiting", kpi.Number, kpi.Measure{Kind: kpi.MeasureCount, Where: "kind = 'light' and due <= as_of and (closed is null or closed > as_of)", Date: "due"})
	add("within", kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "days_between(opened, closed) <= 1.5", Date: "opened"})
	add("within-hours", kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "hours_between(opened, closed) <= 24 * 20", Where: "kind = 'light'", Date: "opened"})
	add("dear", kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Where: "kind = 'light'", Date: "due", Exclude: []kpi.Exclusion{
		{When: "cost is null", Because: kpi.ReasonNoValue}, {When: "cost <= 3", Because: "cheap"}}})
	add("age", kpi.Days, kpi.Measure{Kind: kpi.MeasureMean, Of: "days_between(opened, as_of)", Where: "closed is null", Date: "opened"})
	add("promised", kpi.Days, kpi.Measure{Kind: kpi.MeasureMean, Of: "days_between(opened, due)", Date: "opened"})
	add("with-light", kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "kind = 'light'", Date: "opened"})

	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	mustLoad(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
	for _, c := range []struct {
		indicator, district string
		asOf                kpi.Date
		version             int64
		limit               int
		want                string
	}{
		{"on-time", "", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by due: 2, 1 late; c03 2015-01-31 2015-02-07 10d north LATE; c06 2015-02-08  2d south"},
		{"on-time", "", kpi.NewDate(2015, 2, 10), 1, 1, "opened–closed by due: 2, 1 late; c03 2015-01-31 2015-02-07 10d north LATE"},
		{"on-time", "south", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by due: 1, 0 late; c06 2015-02-08  2d south"},
		{"on-time", kpi.MemberNotRecorded, kpi.NewDate(2015, 2, 3), 1, 9, "opened–closed by due: 1, 0 late; c04 2015-02-03 2015-02-10 0d not-recorded"},
		// The deadline has not passed while its moment has not: c03's lies at 23:30 of the 7th, so at the end of that day it has.
		{"on-time", "north", kpi.NewDate(2015, 2, 6), 1, 9, "opened–closed by due: 1, 0 late; c03 2015-01-31 2015-02-07 6d north"},
		{"on-time", "north", kpi.NewDate(2015, 2, 7), 1, 9, "opened–closed by due: 1, 1 late; c03 2015-01-31 2015-02-07 7d north LATE"},
		// What load 2 knows: c03 was closed on the 11th.
		{"on-time", "", kpi.NewDate(2015, 2, 11), 2, 9, "opened–closed by due: 1, 0 late; c06 2015-02-08  3d south"},
		{"on-time", "", kpi.NewDate(2015, 2, 11), 1, 9, "opened–closed by due: 2, 1 late; c03 2015-01-31 2015-02-07 11d north LATE; c06 2015-02-08  3d south"},
		{"duration", "", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by due: 0, 0 late"},
		{"duration", "", kpi.NewDate(2015, 2, 13), 1, 9, "opened–closed by due: 1, 0 late; c10 2015-02-12  1d north"},
		{"waiting", "", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by due: 1, 1 late; c03 2015-01-31 2015-02-07 10d north LATE"},
		{"repair-days", "", kpi.NewDate(2015, 2, 13), 1, 9, "opened–closed by due: 1, 0 late; c10 2015-02-12  1d north"},
		{"within", "", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by days_between(opened, closed) <= 1.5: 2, 2 late; c03 2015-01-31 2015-02-02 10d north LATE; c06 2015-02-08 2015-02-10 2d south LATE"},
		{"within-hours", "", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by hours_between(opened, closed) <= 24 * 20: 2, 0 late; c03 2015-01-31 2015-02-20 10d north; c06 2015-02-08 2015-02-28 2d south"},
		// A case without a cost is behind the number yet; a cheap one is not.
		{"dear", "", kpi.NewDate(2015, 2, 10), 1, 9, "opened–closed by due: 1, 1 late; c03 2015-01-31 2015-02-07 10d north LATE"},
		{"opened", "", kpi.NewDate(2015, 2, 10), 1, 9, "– by : 0, 0 late"},
		{"cost", "", kpi.NewDate(2015, 2, 10), 1, 9, "– by : 0, 0 late"},
		{"age", "", kpi.NewDate(2015, 2, 10), 1, 9, "– by : 0, 0 late"},
		{"promised", "", kpi.NewDate(2015, 2, 10), 1, 9, "– by : 0, 0 late"},
		{"with-light", "", kpi.NewDate(2015, 2, 10), 1, 9, "– by : 0, 0 late"},
	} {
		got, err := db.OpenCases(context.Background(), city, c.asOf, c.version, kpi.CaseQuery{Indicator: c.indicator, District: c.district, Limit: c.limit})
		if err != nil {
			t.Errorf("%s: %v", c.indicator, err)
		} else if told(got) != c.want {
			t.Errorf("%s in %q as of %s at %d:\n got %s\nwant %s", c.indicator, c.district, c.asOf, c.version, told(got), c.want)
		}
		if HasCases(city, c.indicator) != got.Known() {
			t.Errorf("%s: whether it has cases is told in two ways", c.indicator)
		}
	}
	if _, err := db.OpenCases(context.Background(), city, kpi.NewDate(2015, 2, 10), 1, kpi.CaseQuery{Indicator: "none"}); kpi.ErrorCode(err) != kpi.CodeNotFound || HasCases(city, "none") {
		t.Errorf("of an indicator that is not there: %v", err)
	}
	if got, err := db.OpenCases(context.Background(), city, kpi.NewDate(2015, 2, 10), 1, kpi.CaseQuery{Indicator: "on-time", District: "'; DROP TABLE place; --", Limit: 9}); err != nil || got.Open != 0 {
		t.Errorf("of a district that is not there: %v, %v", got, err)
	}
	city.Datasets[0].Hash = "two"
	if _, err := db.OpenCases(context.Background(), city, kpi.NewDate(2015, 2, 10), 1, kpi.CaseQuery{Indicator: "on-time"}); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("of rows that were read in another way: %v", err)
	}
}

// TestOpenCasesOfDays: where cases begin and end on days, a due day has passed when it is over.
func TestOpenCasesOfDays(t *testing.T) {
	city := &kpi.City{ID: "days", TimeZone: "America/Bogota", Datasets: []kpi.Dataset{{ID: "visits", Hash: "one", Key: []string{"id", "place"}, Columns: []kpi.Column{
		{Name: "id", From: "ID", Type: kpi.TypeInteger}, {Name: "place", From: "PLACE", Type: kpi.TypeText}, {Name: "asked", From: "ASKED", Type: kpi.TypeDate},
		{Name: "promised", From: "PROMISED", Type: kpi.TypeDate}, {Name: "seen", From: "SEEN", Type: kpi.TypeDate}, {Name: "diagnosis", From: "DIAGNOSIS", Type: kpi.TypeText},
	}, Checks: []kpi.Check{{ID: "order", Kind: kpi.CheckRow, Expr: "seen >= asked", Else: kpi.ElseWarn}}}},
		Indicators: []kpi.Indicator{{ID: "kept", Dataset: "visits", Version: 1, Unit: kpi.Percent, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureShare, Of: "seen <= promised", Date: "promised"}}},
	}
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2026-03-10", table{{"ID", "PLACE", "ASKED", "PROMISED", "SEEN", "DIAGNOSIS"},
		{"7", "a", "2026-03-01", "2026-03-10", "", "secret"}, {"8", "a", "2026-03-02", "2026-03-09", "", "secret"}, {"9", "b", "2026-02-01", "2026-02-02", "2026-03-11", "secret"},
		{"10", "b", "2026-02-01", "2026-02-02", "2026-03-10", "secret"}, {"11", "b", "2026-03-11", "2026-03-20", "", "secret"}})
	got, err := db.OpenCases(context.Background(), city, kpi.NewDate(2026, 3, 10), 1, kpi.CaseQuery{Indicator: "kept", Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	want := "asked–seen by promised: 3, 2 late; 9 2026-02-01 2026-02-02 37d  LATE; 8 2026-03-02 2026-03-09 8d  LATE; 7 2026-03-01 2026-03-10 9d "
	if told(got) != want || got.Placed || got.List[0].Key["place"] != "b" {
		t.Errorf("got %s\nwant %s", told(got), want)
	}
	if s := fmt.Sprint(got); strings.Contains(s, "secret") {
		t.Errorf("a case tells what is no key: %s", s)
	}
	if got, err := db.OpenCases(context.Background(), city, kpi.NewDate(2026, 3, 10), 1, kpi.CaseQuery{Indicator: "kept", District: "north", Limit: 9}); err != nil || got.Open != 0 || !got.Known() {
		t.Errorf("of a district where rows have none: %v, %v", told(got), err)
	}
}
