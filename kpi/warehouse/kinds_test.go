package warehouse

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// The eight-row city: permits and what they cost. Every number below was worked out by hand; times are New York's, as of 3 April 2015.
//
//	      area    day    filed           granted         cost   units  stock
//	p1    North   02-02  02-02 10:00     02-04 10:00     100    4      7
//	p2    North   02-28  02-27 22:00     03-02 10:00     50     1      5
//	p3    South   02-28  02-28 09:00     (open)          30     (-)    2
//	p4    South   03-31  03-31 23:30     04-02 23:30     60     0      9
//	p5    North   03-30  03-30 00:00     03-30 12:00     -20    2      1
//	p6    South   04-01  04-01 12:00     04-07 12:00     8      8      4
//	p7    North   04-02  04-02 12:00     04-01 12:00     5      1      (-)
//	p8    (-)     04-05  04-05 12:00     (open)          1      1      6
//
// 28 February 2015 was a Saturday, 3 April a Friday; 2 April is a holiday. p6 is granted after the as-of day, p7 before it was filed, p8 is filed after it.
func eightRows() table {
	return table{{"ID", "AREA", "DAY", "FILED", "GRANTED", "COST", "UNITS", "STOCK"},
		{"p1", "North", "2015-02-02", "2015-02-02 10:00:00", "2015-02-04 10:00:00", "100", "4", "7"},
		{"p2", "North", "2015-02-28", "2015-02-27 22:00:00", "2015-03-02 10:00:00", "50", "1", "5"},
		{"p3", "South", "2015-02-28", "2015-02-28 09:00:00", "", "30", "", "2"},
		{"p4", "South", "2015-03-31", "2015-03-31 23:30:00", "2015-04-02 23:30:00", "60", "0", "9"},
		{"p5", "North", "2015-03-30", "2015-03-30 00:00:00", "2015-03-30 12:00:00", "-20", "2", "1"},
		{"p6", "South", "2015-04-01", "2015-04-01 12:00:00", "2015-04-07 12:00:00", "8", "8", "4"},
		{"p7", "North", "2015-04-02", "2015-04-02 12:00:00", "2015-04-01 12:00:00", "5", "1", ""},
		{"p8", "", "2015-04-05", "2015-04-05 12:00:00", "", "1", "1", "6"},
	}
}

func eightCity() *kpi.City {
	stamp := "%Y-%m-%d %H:%M:%S"
	indicator := func(id string, unit kpi.Unit, m kpi.Measure) kpi.Indicator {
		return kpi.Indicator{ID: id, Dataset: "permits", Version: 1, Unit: unit, Period: kpi.Month, Measure: m}
	}
	took := kpi.Measure{Kind: kpi.MeasureDuration, From: "filed", To: "granted", P: 0.5, Date: "filed"}
	return &kpi.City{
		ID: "eight", TimeZone: "America/New_York", FiscalStart: 7, Holidays: []kpi.Date{kpi.NewDate(2015, 4, 2)},
		Districts:  []kpi.District{district("north", "North"), district("south", "South")},
		Population: &kpi.Population{Value: 4000, ByDistrict: map[string]int64{"north": 1000}},
		Datasets: []kpi.Dataset{{ID: "permits", Hash: "one", Key: []string{"id"}, Dimensions: []string{"area"}, Columns: []kpi.Column{
			{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "area", From: "AREA", Type: kpi.TypeDistrict}, {Name: "day", From: "DAY", Type: kpi.TypeDate},
			{Name: "filed", From: "FILED", Type: kpi.TypeTimestamp, Format: stamp}, {Name: "granted", From: "GRANTED", Type: kpi.TypeTimestamp, Format: stamp},
			{Name: "cost", From: "COST", Type: kpi.TypeNumber}, {Name: "units", From: "UNITS", Type: kpi.TypeInteger}, {Name: "stock", From: "STOCK", Type: kpi.TypeInteger},
		}}},
		Indicators: []kpi.Indicator{
			indicator("unit-cost", kpi.Number, kpi.Measure{Kind: kpi.MeasureRatio, Of: "cost", Per: "units", Times: 10, Date: "day"}),
			indicator("permits", kpi.Number, kpi.Measure{Kind: kpi.MeasureRate, Times: 1000, Date: "day"}),
			indicator("backlog", kpi.Number, kpi.Measure{Kind: kpi.MeasureLast, Of: "stock", Date: "filed"}),
			indicator("days", kpi.Days, took), indicator("hours", kpi.Hours, took), indicator("workdays", kpi.WorkingDays, took),
		},
	}
}

const eightWanted = `
unit-cost/1 city 2015-02 150/5 300 n=2 no-value=1 @1       // 10 · (100 + 50) / (4 + 1); p3 has no units
unit-cost/1 city 2015-03 40/2 200 n=2 @1               // (60 − 20) / (0 + 2)
unit-cost/1 city 2015-04 13/9 14.4444 n=2 after-as-of=1 P V @1
unit-cost/1 city total 203/16 126.875 n=6 after-as-of=1 no-value=1 @1
unit-cost/1 north 2015-02 150/5 300 n=2 @1
unit-cost/1 north 2015-03 -20/2 -100 n=1 @1
unit-cost/1 north 2015-04 5/1 50 n=1 P V @1
unit-cost/1 north total 135/8 168.75 n=4 @1
unit-cost/1 south 2015-02 0/0 - n=0 no-value=1 @1
unit-cost/1 south 2015-03 60/0 - n=1 @1                // spent for nothing: there is no cost per unit
unit-cost/1 south 2015-04 8/8 10 n=1 P V @1
unit-cost/1 south total 68/8 85 n=2 no-value=1 @1
unit-cost/1 not-recorded 2015-04 0/0 - n=0 after-as-of=1 P V @1
unit-cost/1 not-recorded total 0/0 - n=0 after-as-of=1 @1
permits/1 city 2015-02 3/4000 0.75 n=3 @1
permits/1 city 2015-03 2/4000 0.5 n=2 @1
permits/1 city 2015-04 2/4000 0.5 n=2 after-as-of=1 P V @1
permits/1 city total 7/4000 1.75 n=7 after-as-of=1 @1
permits/1 north 2015-02 2/1000 2 n=2 @1
permits/1 north 2015-03 1/1000 1 n=1 @1
permits/1 north 2015-04 1/1000 1 n=1 P V @1
permits/1 north total 4/1000 4 n=4 @1
permits/1 south 2015-02 1/- - n=1 @1                       // nobody counted the residents of South
permits/1 south 2015-03 1/- - n=1 @1
permits/1 south 2015-04 1/- - n=1 P V @1
permits/1 south total 3/- - n=3 @1
permits/1 not-recorded 2015-02 0/- - n=0 @1
permits/1 not-recorded 2015-03 0/- - n=0 @1
permits/1 not-recorded 2015-04 0/- - n=0 after-as-of=1 P V @1
permits/1 not-recorded total 0/- - n=0 after-as-of=1 @1
backlog/1 city 2015-02 2/- 2 n=3 @1                        // 28 February: p3
backlog/1 city 2015-03 9/- 9 n=2 @1                    // 31 March until midnight of New York: p4
backlog/1 city 2015-04 4/- 4 n=1 after-as-of=1 no-value=1 P V @1 // 1 April: p7 has no stock
backlog/1 city total 4/- 4 n=6 after-as-of=1 no-value=1 @1
backlog/1 north 2015-02 -/- - n=2 @1                       // nothing in North on 28 February: p2 was filed the evening before
backlog/1 north 2015-03 -/- - n=1 @1
backlog/1 north 2015-04 -/- - n=0 no-value=1 P V @1
backlog/1 north total -/- - n=3 no-value=1 @1
backlog/1 south 2015-02 2/- 2 n=1 @1
backlog/1 south 2015-03 9/- 9 n=1 @1
backlog/1 south 2015-04 4/- 4 n=1 P V @1
backlog/1 south total 4/- 4 n=3 @1
backlog/1 not-recorded 2015-04 -/- - n=0 after-as-of=1 P V @1
backlog/1 not-recorded total -/- - n=0 after-as-of=1 @1
days/1 city 2015-02 2/3 2.5 n=3 @1                         // p1 2, p2 2.5 (66 − 6 hours over two nights), p3 open: 2/3, 1/3
days/1 city 2015-03 2/2 0.5 n=2 @1                     // p5 half a day, p4 2
days/1 city 2015-04 0/1 - n=1 after-as-of=1 closed-before-opened=1 P V @1 // p6 is open still
days/1 city total 4/6 2 n=6 after-as-of=1 closed-before-opened=1 @1 // 0.5: 5/6; 2 twice: 5/6 · 3/5 = 1/2
days/1 north 2015-02 2/2 2 n=2 @1
days/1 north 2015-03 1/1 0.5 n=1 @1
days/1 north 2015-04 0/0 - n=0 closed-before-opened=1 P V @1
days/1 north total 3/3 2 n=3 closed-before-opened=1 @1     // 0.5: 2/3; 2: 1/3
days/1 south 2015-02 0/1 - n=1 @1
days/1 south 2015-03 1/1 2 n=1 @1
days/1 south 2015-04 0/1 - n=1 P V @1
days/1 south total 1/3 - n=3 @1                            // 2 days: 2/3 · … p3 is open for 34, p6 for 2.5
days/1 not-recorded 2015-04 0/0 - n=0 after-as-of=1 P V @1
days/1 not-recorded total 0/0 - n=0 after-as-of=1 @1
`

// TestRatioRateLastDuration: the eight rows, by hand; hours are days times 24, and working days are whole ones.
func TestRatioRateLastDuration(t *testing.T) {
	db := openTest(t)
	city := eightCity()
	mustLoad(t, db, city, 1, 0, "2015-04-03", eightRows())
	list := mustObservations(t, db, city, 1)
	want := wanted(eightWanted)
	var got []string
	byDays := map[string]*float64{}
	for _, o := range list {
		key := o.Member + " " + o.Period
		switch o.Indicator {
		case "days":
			byDays[key] = o.Value
		case "hours":
			if d := byDays[key]; (d == nil) != (o.Value == nil) || d != nil && *o.Value != 24**d {
				t.Errorf("hours of %s: %s", key, line(o))
			}
			continue
		case "workdays":
			continue
		}
		got = append(got, line(o))
	}
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// p1 Monday to Wednesday 2, p2 Friday evening to Monday 1, p3 from Saturday until Friday 3 April 23 working days, 2 April being none; p4 Tuesday to Thursday 2;
	// p5 0; p6 Wednesday until Friday, with Thursday off, 1.
	for key, v := range map[[2]string]float64{{"2015-02", ""}: 2, {"2015-02", "north"}: 1, {"2015-03", ""}: 0, {"2015-03", "south"}: 2, {"total", ""}: 2} {
		dimension := ""
		if key[1] != "" {
			dimension = "area"
		}
		if o := find(t, list, "workdays", key[0], dimension, key[1]); o.Value == nil || *o.Value != v {
			t.Errorf("working days: %s, want %v", line(o), v)
		}
	}
}

// csvRows reads a table of testdata, its header taken off.
func csvRows(t *testing.T, name string) [][]string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestKaplanMeier holds the quantiles of durations with open cases to those of R's survival package.
func TestKaplanMeier(t *testing.T) {
	type summary struct{ Quantile map[string]float64 }
	var want struct {
		All   summary            `json:"aml_all"`
		Open  summary            `json:"open_cases"`
		Group map[string]float64 `json:"aml_medians"`
	}
	b, err := os.ReadFile("testdata/kaplan_meier_summary.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	asOf := kpi.NewDate(2025, 12, 1)
	aml, open := table{{"ID", "KIND", "FROM", "TO"}}, table{{"ID", "KIND", "FROM", "TO"}}
	for i, r := range csvRows(t, "aml.csv") { // the day of today less the time; the open ones without an end
		days, err := strconv.Atoi(r[0])
		if err != nil {
			t.Fatal(err)
		}
		to := ""
		if r[1] == "1" {
			to = asOf.String()
		}
		aml = append(aml, []string{strconv.Itoa(i), r[2], asOf.AddDays(-days).String(), to})
	}
	for i, r := range csvRows(t, "open_cases.csv") {
		open = append(open, []string{strconv.Itoa(i), "", r[0], r[1]})
	}
	city := &kpi.City{ID: "km", TimeZone: "UTC", FiscalStart: 1, Datasets: []kpi.Dataset{{ID: "cases", Hash: "km", Key: []string{"id"}, Dimensions: []string{"kind"}, Columns: []kpi.Column{
		{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "kind", From: "KIND", Type: kpi.TypeText}, {Name: "a", From: "FROM", Type: kpi.TypeDate}, {Name: "b", From: "TO", Type: kpi.TypeDate}}}}}
	for _, p := range []float64{0.25, 0.5, 0.75, 0.9} {
		city.Indicators = append(city.Indicators, kpi.Indicator{ID: fmt.Sprintf("p%.0f", 100*p), Dataset: "cases", Version: 1, Unit: kpi.Days, Period: kpi.Year,
			Measure: kpi.Measure{Kind: kpi.MeasureDuration, P: p, From: "a", To: "b", Date: "a"}})
	}
	for name, c := range map[string]struct {
		rows table
		want map[string]float64
	}{"aml": {aml, want.All.Quantile}, "open cases": {open, want.Open.Quantile}} {
		db := openTest(t)
		mustLoad(t, db, city, 1, 0, asOf.String(), c.rows)
		list := mustObservations(t, db, city, 1)
		for id, v := range c.want {
			if o := find(t, list, id, kpi.PeriodTotal, "", ""); o.Value == nil || *o.Value != v {
				t.Errorf("%s: %s, want %v", name, line(o), v)
			}
		}
		if name == "open cases" {
			if o := find(t, list, "p50", kpi.PeriodTotal, "", ""); *o.Numerator != 50 || *o.Denominator != 60 {
				t.Error(line(o))
			}
			continue
		}
		for group, v := range want.Group {
			if o := find(t, list, "p50", kpi.PeriodTotal, "kind", group); o.Value == nil || *o.Value != v {
				t.Errorf("%s: %s, want %v", group, line(o), v)
			}
		}
	}
}

// TestQuantileTypes: medians and percentiles are of type 7.
func TestQuantileTypes(t *testing.T) {
	city := &kpi.City{ID: "q", TimeZone: "UTC", FiscalStart: 1, Datasets: []kpi.Dataset{{ID: "values", Hash: "q", Key: []string{"id"}, Dimensions: []string{"kind"}, Columns: []kpi.Column{
		{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "kind", From: "KIND", Type: kpi.TypeText}, {Name: "day", From: "DAY", Type: kpi.TypeDate}, {Name: "v", From: "V", Type: kpi.TypeNumber}}}}}
	rows, known := table{{"ID", "KIND", "DAY", "V"}}, map[string]bool{}
	want := map[[2]string]float64{}
	for _, r := range csvRows(t, "quantile_types.csv") {
		p, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if r[3] != "7" || p == 0 || p == 1 {
			continue
		}
		if !known[r[0]] {
			known[r[0]] = true
			for i, v := range strings.Split(r[1], ";") {
				rows = append(rows, []string{r[0] + strconv.Itoa(i), r[0], "2015-06-30", v})
			}
		}
		id := fmt.Sprintf("p%02.0f", 100*p)
		if want[[2]string{id, r[0]}], err = strconv.ParseFloat(r[4], 64); err != nil {
			t.Fatal(err)
		}
		if city.Indicator(id) == nil {
			m := kpi.Measure{Kind: kpi.MeasurePercentile, Of: "v", P: p, Date: "day"}
			if p == 0.5 {
				m = kpi.Measure{Kind: kpi.MeasureMedian, Of: "v", Date: "day"}
			}
			city.Indicators = append(city.Indicators, kpi.Indicator{ID: id, Dataset: "values", Version: 1, Unit: kpi.Number, Period: kpi.Year, Measure: m})
		}
	}
	if len(want) != 30 {
		t.Fatalf("%d quantiles", len(want))
	}
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-06-30", rows)
	list := mustObservations(t, db, city, 1)
	for k, v := range want {
		if o := find(t, list, k[0], "2015", "kind", k[1]); o.Value == nil || math.Abs(*o.Value-v) > 1e-12*math.Max(1, math.Abs(v)) {
			t.Errorf("%s of %s: %s, want %v", k[0], k[1], line(o), v)
		}
	}
}

// TestHalfOfManyCases: where exactly half of the cases are closed, the median is the time of that case, however many there are, and however many
// threads count them; one less and there is none.
func TestHalfOfManyCases(t *testing.T) {
	city := eightCity()
	city.Indicators = city.Indicators[3:4]
	for _, closed := range []int{5000, 4999} {
		rows := table{eightRows()[0]}
		for i := range 10_000 {
			filed, granted := "2015-03-01 00:00:00", ""
			if i < closed {
				granted = fmt.Sprintf("2015-03-02 %02d:%02d:%02d", i/3600, i/60%60, i%60)
			} else if i%2 == 1 { // each was last seen open at a time of its own, long after the others were closed
				filed = fmt.Sprintf("2015-03-01 00:%02d:%02d", i/60%60, i%60)
			}
			rows = append(rows, []string{strconv.Itoa(i), "North", "2015-03-01", filed, granted, "1", "1", "1"})
		}
		db := openTest(t)
		mustLoad(t, db, city, 1, 0, "2015-04-03", rows)
		o := find(t, mustObservations(t, db, city, 1), "days", "2015-03", "", "")
		if closed == 5000 && (o.Value == nil || *o.Value != 1+4999.0/86400) || closed == 4999 && o.Value != nil {
			t.Errorf("%d of 10,000 closed: %s", closed, line(o))
		}
	}
}

// TestMeasuresThatCannotBe: what a folder may get wrong is an error that names the indicator and the mend.
func TestMeasuresThatCannotBe(t *testing.T) {
	for want, change := range map[string]func(*kpi.Indicator){
		"indicator days: a duration runs from one date or timestamp column": func(i *kpi.Indicator) { i.Measure.From = "cost" },
		"day is a date and granted is a timestamp":                          func(i *kpi.Indicator) { i.Measure.From = "day" },
		"between two dates there are no hours":                              func(i *kpi.Indicator) { i.Measure.From, i.Measure.To, i.Unit = "day", "day", kpi.Hours },
		"in days, working_days or hours, not in \"number\"":                 func(i *kpi.Indicator) { i.Unit = kpi.Number },
		"p is 0 and must lie between 0 and 1":                               func(i *kpi.Indicator) { i.Measure.P = 0 },
		"indicator days: per":                                               func(i *kpi.Indicator) { i.Measure = kpi.Measure{Kind: kpi.MeasureRatio, Of: "cost", Date: "day"} },
		"it is a timestamp and should be a number":                          func(i *kpi.Indicator) { i.Measure = kpi.Measure{Kind: kpi.MeasureLast, Of: "filed", Date: "day"} },
		"there is no measure \"guess\"":                                     func(i *kpi.Indicator) { i.Measure.Kind = "guess" },
	} {
		city := eightCity()
		city.Indicators = city.Indicators[3:4]
		change(&city.Indicators[0])
		db := openTest(t)
		_, err := db.Load(t.Context(), loading(t, db, city, 1, 0, "2015-04-03", eightRows()))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		checkEmpty(t, db)
	}
}
