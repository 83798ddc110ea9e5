package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// The twelve-row city. Every number below was worked out by hand from these rows; times are New York's.
//
//	      kind     opened            due                  closed            area       cost
//	c01   light    01-05 09:00       01-12 09:00          01-10 12:00       North      10
//	c02   light    01-20 08:00       01-27 08:00          01-28 08:00       South      20.50
//	c03   light    01-31 23:30       02-07 23:30          (open)            North      (blank)
//	c04   light    02-03 10:00       02-10 23:59:59       02-04 10:00       (blank)    5
//	c05   light    02-09 10:00       02-16 10:00          02-10 09:00       Sur        7.25
//	c06   light    02-08 12:00       (none)               (open)            South      3
//	c07   pothole  01-15 10:00       01-20 10:00          01-14 10:00       Atlantis   8
//	c08   pothole  01-16 10:00       (none)               01-17 22:00       North      4
//	c09   pothole  02-02 10:00       (none)               02-05 10:00       South      6
//	c10   pothole  02-12 08:00       (none)               (open)            North      1
//	c11   light    01-25 12:00       02-01 12:00          02-01 12:00       south      2.25
//	c12   light    01-30 09:00       02-06 09:00          02-06 08:00       NORTH      9
//
// Load 1 brings c01 to c11. Load 2 restates c03 (closed 02-11 10:00, cost 30), c08 is gone, and c12 comes late. Version 3 is a new day,
// 2015-03-20 after 2015-02-10. Version 4 is another definition: on-time goes by the month of opening instead of the deadline's.
//
// c03 was opened on 31 January at 23:30, which is February in UTC: it belongs to January. "Sur" is an alias of South, "Atlantis" is no
// district.
var twelveHeader = []string{"ID", "KIND", "OPENED", "DUE", "CLOSED", "AREA", "COST"}

func twelveRows(load int) table {
	rows := table{twelveHeader,
		{"c01", "light", "2015-01-05 09:00:00", "2015-01-12 09:00:00", "2015-01-10 12:00:00", "North", "10"},
		{"c02", "light", "2015-01-20 08:00:00", "2015-01-27 08:00:00", "2015-01-28 08:00:00", "South", "20.50"},
		{"c03", "light", "2015-01-31 23:30:00", "2015-02-07 23:30:00", "", "North", ""},
		{"c04", "light", "2015-02-03 10:00:00", "2015-02-10 23:59:59", "2015-02-04 10:00:00", "", "5"},
		{"c05", "light", "2015-02-09 10:00:00", "2015-02-16 10:00:00", "2015-02-10 09:00:00", "Sur", "7.25"},
		{"c06", "light", "2015-02-08 12:00:00", "", "", "South", "3"},
		{"c07", "pothole", "2015-01-15 10:00:00", "2015-01-20 10:00:00", "2015-01-14 10:00:00", "Atlantis", "8"},
		{"c08", "pothole", "2015-01-16 10:00:00", "", "2015-01-17 22:00:00", "North", "4"},
		{"c09", "pothole", "2015-02-02 10:00:00", "", "2015-02-05 10:00:00", "South", "6"},
		{"c10", "pothole", "2015-02-12 08:00:00", "", "", "North", "1"},
		{"c11", "light", "2015-01-25 12:00:00", "2015-02-01 12:00:00", "2015-02-01 12:00:00", "south", "2.25"},
	}
	if load == 1 {
		return rows
	}
	rows[3] = []string{"c03", "light", "2015-01-31 23:30:00", "2015-02-07 23:30:00", "2015-02-11 10:00:00", "North", "30"}
	rows = append(rows, []string{"c12", "light", "2015-01-30 09:00:00", "2015-02-06 09:00:00", "2015-02-06 08:00:00", "NORTH", "9"})
	return slices.Delete(rows, 8, 9) // c08
}

// twelveCity has one indicator of each way of adding up: a share, a count, a sum, a quantile.
func twelveCity() *kpi.City {
	stamp := "%Y-%m-%d %H:%M:%S"
	indicator := func(id string, unit kpi.Unit, settles int, m kpi.Measure) kpi.Indicator {
		return kpi.Indicator{ID: id, Dataset: "cases", Version: 1, Unit: unit, Period: kpi.Month, SettlesAfter: settles, Measure: m}
	}
	return &kpi.City{
		ID: "twelve", TimeZone: "America/New_York", FiscalStart: time.July,
		Districts: []kpi.District{district("north", "North"), district("south", "South", "Sur")},
		Datasets: []kpi.Dataset{{ID: "cases", Hash: "one", Key: []string{"id"}, Dimensions: []string{"area"}, Columns: []kpi.Column{
			{Name: "id", From: "ID", Type: kpi.TypeText},
			{Name: "kind", From: "KIND", Type: kpi.TypeText},
			{Name: "opened", From: "OPENED", Type: kpi.TypeTimestamp, Format: stamp},
			{Name: "due", From: "DUE", Type: kpi.TypeTimestamp, Format: stamp},
			{Name: "closed", From: "CLOSED", Type: kpi.TypeTimestamp, Format: stamp},
			{Name: "area", From: "AREA", Type: kpi.TypeDistrict},
			{Name: "cost", From: "COST", Type: kpi.TypeNumber},
		}}},
		Indicators: []kpi.Indicator{
			indicator("on-time", kpi.Percent, 7, kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Where: "kind = 'light'", Date: "due", Exclude: []kpi.Exclusion{
				{When: "due is null", Because: kpi.ReasonNoDueDate}, {When: "due > as_of", Because: kpi.ReasonNotYetDue}}}),
			indicator("opened", kpi.Number, 0, kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}),
			indicator("cost", kpi.Number, 0, kpi.Measure{Kind: kpi.MeasureSum, Of: "cost", Date: "opened"}),
			indicator("repair-days", kpi.Days, 0, kpi.Measure{Kind: kpi.MeasureMedian, Of: "days_between(opened, closed)", Where: "kind = 'pothole'", Date: "closed", Exclude: []kpi.Exclusion{
				{When: "closed is null", Because: kpi.ReasonNotYetClosed}, {When: "closed < opened", Because: kpi.ReasonClosedBeforeOpened}}}),
		},
	}
}

// line writes an observation: indicator and definition, place, period, numerator/denominator, value, rows counted, rows left out, the flags
// P(artial) and V (provisional), the version that first said so.
func line(o kpi.Observation) string {
	n := func(v *float64) string {
		if v == nil {
			return "-"
		}
		return fmt.Sprintf("%.6g", *v)
	}
	where := o.Member
	if o.Dimension == "" {
		where = "city"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%d %s %s %s/%s %s n=%d", o.Indicator, o.Version, where, o.Period, n(o.Numerator), n(o.Denominator), n(o.Value), o.Rows)
	var reasons []string
	for r := range o.Excluded {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	for _, r := range reasons {
		fmt.Fprintf(&b, " %s=%d", r, o.Excluded[r])
	}
	if o.Partial {
		b.WriteString(" P")
	}
	if o.Provisional {
		b.WriteString(" V")
	}
	return fmt.Sprintf("%s @%d", b.String(), o.Load)
}

// lines are sorted, as those that are wanted are; the order of observations has a test of its own.
func lines(list []kpi.Observation) []string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = line(o)
	}
	slices.Sort(out)
	return out
}

func wanted(s string) []string {
	var list []string
	for l := range strings.Lines(s) {
		if l, _, _ = strings.Cut(l, "//"); strings.TrimSpace(l) != "" {
			list = append(list, strings.TrimSpace(l))
		}
	}
	slices.Sort(list)
	return list
}

// As of 10 February, after load 1.
const twelveOne = `
on-time/1 city 2015-01 1/2 50 n=2 @1                                    // due in January: c01 kept, c02 a day late; settled at the end of 7 February
on-time/1 city 2015-02 2/3 66.6667 n=3 not-yet-due=1 P V @1             // c03 open and overdue, c04 and c11 kept (c11 to the second); c05 is due on the 16th, though closed
on-time/1 city total 3/5 60 n=5 no-due-date=1 not-yet-due=1 @1          // and c06, which belongs to no period
on-time/1 not-recorded 2015-02 1/1 100 n=1 P V @1                       // c04
on-time/1 not-recorded total 1/1 100 n=1 @1
on-time/1 north 2015-01 1/1 100 n=1 @1                                  // c01
on-time/1 north 2015-02 0/1 0 n=1 P V @1                                // c03
on-time/1 north total 1/2 50 n=2 @1
on-time/1 south 2015-01 0/1 0 n=1 @1                                    // c02
on-time/1 south 2015-02 1/1 100 n=1 not-yet-due=1 P V @1                // c11; c05 by its alias
on-time/1 south total 1/2 50 n=2 no-due-date=1 not-yet-due=1 @1
opened/1 city 2015-01 6/- 6 n=6 @1                                      // c01 c02 c03 c07 c08 c11
opened/1 city 2015-02 4/- 4 n=4 after-as-of=1 P V @1                    // c04 c05 c06 c09; c10 is opened on the 12th
opened/1 city total 10/- 10 n=10 after-as-of=1 @1
opened/1 not-recognised 2015-01 1/- 1 n=1 @1                            // c07
opened/1 not-recognised 2015-02 0/- 0 n=0 P V @1                        // a flow: no rows are 0
opened/1 not-recognised total 1/- 1 n=1 @1
opened/1 not-recorded 2015-01 0/- 0 n=0 @1
opened/1 not-recorded 2015-02 1/- 1 n=1 P V @1                          // c04
opened/1 not-recorded total 1/- 1 n=1 @1
opened/1 north 2015-01 3/- 3 n=3 @1                                     // c01 c03 c08
opened/1 north 2015-02 0/- 0 n=0 after-as-of=1 P V @1                   // c10
opened/1 north total 3/- 3 n=3 after-as-of=1 @1
opened/1 south 2015-01 2/- 2 n=2 @1                                     // c02 c11
opened/1 south 2015-02 3/- 3 n=3 P V @1                                 // c05 c06 c09
opened/1 south total 5/- 5 n=5 @1
cost/1 city 2015-01 44.75/- 44.75 n=5 no-value=1 @1                     // 10 + 20.50 + 8 + 4 + 2.25; c03 has none
cost/1 city 2015-02 21.25/- 21.25 n=4 after-as-of=1 P V @1              // 5 + 7.25 + 3 + 6; c10
cost/1 city total 66/- 66 n=9 after-as-of=1 no-value=1 @1
cost/1 not-recognised 2015-01 8/- 8 n=1 @1
cost/1 not-recognised 2015-02 0/- 0 n=0 P V @1
cost/1 not-recognised total 8/- 8 n=1 @1
cost/1 not-recorded 2015-01 0/- 0 n=0 @1
cost/1 not-recorded 2015-02 5/- 5 n=1 P V @1
cost/1 not-recorded total 5/- 5 n=1 @1
cost/1 north 2015-01 14/- 14 n=2 no-value=1 @1                          // 10 + 4
cost/1 north 2015-02 0/- 0 n=0 after-as-of=1 P V @1
cost/1 north total 14/- 14 n=2 after-as-of=1 no-value=1 @1
cost/1 south 2015-01 22.75/- 22.75 n=2 @1                               // 20.50 + 2.25
cost/1 south 2015-02 16.25/- 16.25 n=3 P V @1                           // 7.25 + 3 + 6
cost/1 south total 39/- 39 n=5 @1
repair-days/1 city 2015-01 -/- 1.5 n=1 closed-before-opened=1 @1        // c08: a day and a half; c07
repair-days/1 city 2015-02 -/- 3 n=1 P V @1                             // c09
repair-days/1 city total -/- 2.25 n=2 closed-before-opened=1 not-yet-closed=1 @1   // the middle of 1.5 and 3; c10 belongs to no period
repair-days/1 not-recognised 2015-01 -/- - n=0 closed-before-opened=1 @1
repair-days/1 not-recognised total -/- - n=0 closed-before-opened=1 @1
repair-days/1 north 2015-01 -/- 1.5 n=1 @1
repair-days/1 north total -/- 1.5 n=1 not-yet-closed=1 @1
repair-days/1 south 2015-02 -/- 3 n=1 P V @1
repair-days/1 south total -/- 3 n=1 @1
`

// The same day after load 2. January's six cases are others than before, and six still: nothing new is said.
const twelveTwo = `
on-time/1 city 2015-01 1/2 50 n=2 @1
on-time/1 city 2015-02 3/4 75 n=4 not-yet-due=1 P V @2                  // c12 kept; c03 is closed now, and was late
on-time/1 city total 4/6 66.6667 n=6 no-due-date=1 not-yet-due=1 @2
on-time/1 not-recorded 2015-02 1/1 100 n=1 P V @1
on-time/1 not-recorded total 1/1 100 n=1 @1
on-time/1 north 2015-01 1/1 100 n=1 @1
on-time/1 north 2015-02 1/2 50 n=2 P V @2
on-time/1 north total 2/3 66.6667 n=3 @2
on-time/1 south 2015-01 0/1 0 n=1 @1
on-time/1 south 2015-02 1/1 100 n=1 not-yet-due=1 P V @1
on-time/1 south total 1/2 50 n=2 no-due-date=1 not-yet-due=1 @1
opened/1 city 2015-01 6/- 6 n=6 @1                                      // c08 went, c12 came
opened/1 city 2015-02 4/- 4 n=4 after-as-of=1 P V @1
opened/1 city total 10/- 10 n=10 after-as-of=1 @1
opened/1 not-recognised 2015-01 1/- 1 n=1 @1
opened/1 not-recognised 2015-02 0/- 0 n=0 P V @1
opened/1 not-recognised total 1/- 1 n=1 @1
opened/1 not-recorded 2015-01 0/- 0 n=0 @1
opened/1 not-recorded 2015-02 1/- 1 n=1 P V @1
opened/1 not-recorded total 1/- 1 n=1 @1
opened/1 north 2015-01 3/- 3 n=3 @1
opened/1 north 2015-02 0/- 0 n=0 after-as-of=1 P V @1
opened/1 north total 3/- 3 n=3 after-as-of=1 @1
opened/1 south 2015-01 2/- 2 n=2 @1
opened/1 south 2015-02 3/- 3 n=3 P V @1
opened/1 south total 5/- 5 n=5 @1
cost/1 city 2015-01 79.75/- 79.75 n=6 @2                                // 44.75 − 4 + 30 + 9
cost/1 city 2015-02 21.25/- 21.25 n=4 after-as-of=1 P V @1
cost/1 city total 101/- 101 n=10 after-as-of=1 @2
cost/1 not-recognised 2015-01 8/- 8 n=1 @1
cost/1 not-recognised 2015-02 0/- 0 n=0 P V @1
cost/1 not-recognised total 8/- 8 n=1 @1
cost/1 not-recorded 2015-01 0/- 0 n=0 @1
cost/1 not-recorded 2015-02 5/- 5 n=1 P V @1
cost/1 not-recorded total 5/- 5 n=1 @1
cost/1 north 2015-01 49/- 49 n=3 @2                                     // 10 + 30 + 9
cost/1 north 2015-02 0/- 0 n=0 after-as-of=1 P V @1
cost/1 north total 49/- 49 n=3 after-as-of=1 @2
cost/1 south 2015-01 22.75/- 22.75 n=2 @1
cost/1 south 2015-02 16.25/- 16.25 n=3 P V @1
cost/1 south total 39/- 39 n=5 @1
repair-days/1 city 2015-01 -/- - n=0 closed-before-opened=1 @2          // c08 is gone: no row to judge
repair-days/1 city 2015-02 -/- 3 n=1 P V @1
repair-days/1 city total -/- 3 n=1 closed-before-opened=1 not-yet-closed=1 @2
repair-days/1 not-recognised 2015-01 -/- - n=0 closed-before-opened=1 @1
repair-days/1 not-recognised total -/- - n=0 closed-before-opened=1 @1
repair-days/1 north total -/- - n=0 not-yet-closed=1 @2                 // north in January is gone altogether
repair-days/1 south 2015-02 -/- 3 n=1 P V @1
repair-days/1 south total -/- 3 n=1 @1
`

// As of 20 March, version 3: February is over and settled, March has begun.
const twelveThree = `
on-time/1 city 2015-01 1/2 50 n=2 @1
on-time/1 city 2015-02 4/5 80 n=5 @3                                    // c05 is judged now: kept
on-time/1 city total 5/7 71.4286 n=7 no-due-date=1 @3
on-time/1 not-recorded 2015-02 1/1 100 n=1 @3                           // the same number, no longer provisional
on-time/1 not-recorded total 1/1 100 n=1 @1
on-time/1 north 2015-01 1/1 100 n=1 @1
on-time/1 north 2015-02 1/2 50 n=2 @3
on-time/1 north total 2/3 66.6667 n=3 @2
on-time/1 south 2015-01 0/1 0 n=1 @1
on-time/1 south 2015-02 2/2 100 n=2 @3
on-time/1 south total 2/3 66.6667 n=3 no-due-date=1 @3
opened/1 city 2015-01 6/- 6 n=6 @1
opened/1 city 2015-02 5/- 5 n=5 @3                                      // c10
opened/1 city 2015-03 0/- 0 n=0 P V @3
opened/1 city total 11/- 11 n=11 @3
opened/1 not-recognised 2015-01 1/- 1 n=1 @1
opened/1 not-recognised 2015-02 0/- 0 n=0 @3
opened/1 not-recognised 2015-03 0/- 0 n=0 P V @3
opened/1 not-recognised total 1/- 1 n=1 @1
opened/1 not-recorded 2015-01 0/- 0 n=0 @1
opened/1 not-recorded 2015-02 1/- 1 n=1 @3
opened/1 not-recorded 2015-03 0/- 0 n=0 P V @3
opened/1 not-recorded total 1/- 1 n=1 @1
opened/1 north 2015-01 3/- 3 n=3 @1
opened/1 north 2015-02 1/- 1 n=1 @3
opened/1 north 2015-03 0/- 0 n=0 P V @3
opened/1 north total 4/- 4 n=4 @3
opened/1 south 2015-01 2/- 2 n=2 @1
opened/1 south 2015-02 3/- 3 n=3 @3
opened/1 south 2015-03 0/- 0 n=0 P V @3
opened/1 south total 5/- 5 n=5 @1
cost/1 city 2015-01 79.75/- 79.75 n=6 @2
cost/1 city 2015-02 22.25/- 22.25 n=5 @3                                // and c10's 1
cost/1 city 2015-03 0/- 0 n=0 P V @3
cost/1 city total 102/- 102 n=11 @3
cost/1 not-recognised 2015-01 8/- 8 n=1 @1
cost/1 not-recognised 2015-02 0/- 0 n=0 @3
cost/1 not-recognised 2015-03 0/- 0 n=0 P V @3
cost/1 not-recognised total 8/- 8 n=1 @1
cost/1 not-recorded 2015-01 0/- 0 n=0 @1
cost/1 not-recorded 2015-02 5/- 5 n=1 @3
cost/1 not-recorded 2015-03 0/- 0 n=0 P V @3
cost/1 not-recorded total 5/- 5 n=1 @1
cost/1 north 2015-01 49/- 49 n=3 @2
cost/1 north 2015-02 1/- 1 n=1 @3
cost/1 north 2015-03 0/- 0 n=0 P V @3
cost/1 north total 50/- 50 n=4 @3
cost/1 south 2015-01 22.75/- 22.75 n=2 @1
cost/1 south 2015-02 16.25/- 16.25 n=3 @3
cost/1 south 2015-03 0/- 0 n=0 P V @3
cost/1 south total 39/- 39 n=5 @1
repair-days/1 city 2015-01 -/- - n=0 closed-before-opened=1 @2
repair-days/1 city 2015-02 -/- 3 n=1 @3
repair-days/1 city total -/- 3 n=1 closed-before-opened=1 not-yet-closed=1 @2
repair-days/1 not-recognised 2015-01 -/- - n=0 closed-before-opened=1 @1
repair-days/1 not-recognised total -/- - n=0 closed-before-opened=1 @1
repair-days/1 north total -/- - n=0 not-yet-closed=1 @2
repair-days/1 south 2015-02 -/- 3 n=1 @3
repair-days/1 south total -/- 3 n=1 @1
`

// The same day, version 4: on-time by the month of opening, as its second definition. The others stay.
const twelveFourOnTime = `
on-time/2 city 2015-01 3/5 60 n=5 @4                                    // c01 c11 c12 kept, c02 c03 not
on-time/2 city 2015-02 2/2 100 n=2 no-due-date=1 @4                     // c04 c05; c06 has a month now
on-time/2 city total 5/7 71.4286 n=7 no-due-date=1 @4
on-time/2 not-recorded 2015-02 1/1 100 n=1 @4
on-time/2 not-recorded total 1/1 100 n=1 @4
on-time/2 north 2015-01 2/3 66.6667 n=3 @4                              // c01 c12 kept, c03 not
on-time/2 north total 2/3 66.6667 n=3 @4
on-time/2 south 2015-01 1/2 50 n=2 @4                                   // c11 kept, c02 not
on-time/2 south 2015-02 1/1 100 n=1 no-due-date=1 @4                    // c05
on-time/2 south total 2/3 66.6667 n=3 no-due-date=1 @4
`

func TestTwelveRows(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	february, march := kpi.NewDate(2015, 2, 10), kpi.NewDate(2015, 3, 20)

	one := mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	if want := (kpi.Counts{Read: 11, Accepted: 11, New: 11}); one.Counts != want {
		t.Errorf("load 1 counts %+v, want %+v", one.Counts, want)
	}
	two := mustLoad(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
	if want := (kpi.Counts{Read: 11, Accepted: 11, New: 1, Restated: 1, Gone: 1}); two.Counts != want {
		t.Errorf("load 2 counts %+v, want %+v", two.Counts, want)
	}
	three, err := db.Recompute(ctx, RecomputeInput{Version: 3, Cause: kpi.CauseAsOf, City: city, AsOf: march, Visible: 2})
	if err != nil {
		t.Fatal(err)
	}
	changed := twelveCity()
	changed.Indicators[0].Measure.Date, changed.Indicators[0].Version = "opened", 2
	four, err := db.Recompute(ctx, RecomputeInput{Version: 4, City: changed, AsOf: march, Visible: 3})
	if err != nil {
		t.Fatal(err)
	}

	other := func(s string) bool { return !strings.HasPrefix(s, "on-time") }
	wantFour := wanted(twelveFourOnTime)
	for _, l := range wanted(twelveThree) {
		if other(l) {
			wantFour = append(wantFour, l)
		}
	}
	slices.Sort(wantFour)
	// Every version is asked for after all of them were written: the past is as it was.
	for _, c := range []struct {
		version  int64
		city     *kpi.City
		asOf     kpi.Date
		want     []string
		checksum string
	}{
		{1, city, february, wanted(twelveOne), one.Checksum},
		{2, city, february, wanted(twelveTwo), two.Checksum},
		{3, city, march, wanted(twelveThree), three.Checksum},
		{4, changed, march, wantFour, four.Checksum},
	} {
		stored := mustObservations(t, db, c.city, c.version)
		if d := cmp.Diff(c.want, lines(stored)); d != "" {
			t.Errorf("version %d (-want +got):\n%s", c.version, d)
		}
		if got := mustChecksum(t, db, c.version); got != c.checksum {
			t.Errorf("version %d has the checksum %s, had %s when it was written", c.version, got, c.checksum)
		}
		afresh, err := db.Observe(ctx, c.city, c.asOf, c.version)
		if err != nil {
			t.Fatal(err)
		}
		for i := range stored {
			stored[i].Load, stored[i].AsOf = 0, c.asOf
		}
		if d := cmp.Diff(lines(stored), lines(afresh)); d != "" {
			t.Errorf("version %d computed afresh differs from what is stored (-stored +afresh):\n%s", c.version, d)
		}
	}

	// What load 1 said of 10 February can still be asked as of 20 March, and the other way round: the two clocks are independent.
	early, err := db.Observe(ctx, city, march, 1)
	if err != nil {
		t.Fatal(err)
	}
	if o := find(t, early, "on-time", kpi.PeriodTotal, "", ""); o.Rows != 6 || *o.Numerator != 4 { // c01 c04 c05 c11 of c01 c02 c03 c04 c05 c11
		t.Errorf("as of 20 March at version 1 there are %v of %d", *o.Numerator, o.Rows)
	}
}

func TestTwelveRowsFacts(t *testing.T) {
	db := openTest(t)
	city := twelveCity()
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	got, err := db.Facts(context.Background(), city, "cases", 1)
	if err != nil {
		t.Fatal(err)
	}
	// due and opened speak of days after 10 February, closed does not: its newest day is c05's.
	want := Facts{Rows: 11, DataUntil: kpi.NewDate(2015, 2, 10), Unplaced: []kpi.Unplaced{
		{Member: kpi.MemberNotRecorded, Rows: 1}, {Member: kpi.MemberNotRecognised, Name: "Atlantis", Rows: 1}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("facts (-want +got):\n%s", d)
	}
}

// TestTwelveRowsUndone takes the versions back one by one: each time the world is as it was before.
func TestTwelveRowsUndone(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	mustLoad(t, db, city, 2, 1, "2015-02-10", twelveRows(2))
	if err := db.Undo(ctx, 1); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("undoing version 1 under version 2: %v", err)
	}
	for _, v := range []int64{2, 2, 99} { // the second time and the unknown version do nothing
		if err := db.Undo(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 2))); d != "" {
		t.Errorf("after the undo (-want +got):\n%s", d)
	}
	out := mustLoad(t, db, city, 3, 1, "2015-02-10", twelveRows(2)) // the same rows come again
	if want := (kpi.Counts{Read: 11, Accepted: 11, New: 1, Restated: 1, Gone: 1}); out.Counts != want {
		t.Errorf("counts %+v, want %+v", out.Counts, want)
	}
	for _, v := range []int64{3, 1} {
		if err := db.Undo(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	versions, err := db.Versions(ctx)
	if err != nil || len(versions) != 0 {
		t.Errorf("versions %v, %v", versions, err)
	}
	var tables int
	if err := db.sql.QueryRow("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'row\\_%' ESCAPE '\\' AND table_name <> 'row_table'").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d row tables are left, %v", tables, err)
	}
}
