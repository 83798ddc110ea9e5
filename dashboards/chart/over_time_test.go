package chart

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// byMonth makes a city of n districts with a value for each of so many months: one district is never there, one has too few rows, one is not shown in
// two months, and one has gaps. The last month is not over.
func byMonth(t testing.TB, n, periods int) (*kpi.City, *scorecard.Result) {
	t.Helper()
	values := make([]float64, periods)
	for i := range values {
		values[i] = 70 + 8*math.Sin(float64(i)/3)
	}
	r := months(t, values...)
	r.Series[periods-1].Observation.Partial = true
	city := &kpi.City{}
	for d := range n {
		id := fmt.Sprintf("d-%02d", d)
		city.Districts = append(city.Districts, kpi.District{ID: id, Name: kpi.NewText(kpi.English, districtNames[d%len(districtNames)]+strings.Repeat("*", d/len(districtNames)))})
		if d == 1 {
			continue
		}
		m := scorecard.Member{Dimension: kpi.DimensionDistrict, Member: id}
		for i, pt := range r.Series {
			v := values[i] + 5*float64(d%5) - 8 + 4*math.Cos(float64(i*(d+1)))
			o := kpi.Observation{Period: pt.Period.ID, Dimension: kpi.DimensionDistrict, Member: id, Value: at(v), Numerator: at(v), Denominator: at(100), Rows: 300}
			switch {
			case d == 2:
				o.Rows = 4
			case d == 3 && (i == 3 || i == 4):
				o.Value, o.Numerator, o.Denominator, o.Rows, o.Suppressed = nil, nil, nil, 0, kpi.SuppressedPrimary
			case d == 4 && i%4 == 1:
				continue
			}
			m.Series = append(m.Series, o)
		}
		r.Members = append(r.Members, m)
	}
	return city, r
}

// daily makes a daily result of n days from a Wednesday on.
func daily(t testing.TB, n int) *scorecard.Result {
	r := countOf(months(t))
	r.Indicator.Period = kpi.Day
	for i := range n {
		d := kpi.NewDate(2026, 1, 7).AddDays(i)
		o := kpi.Observation{Period: d.String(), Rows: 50, Value: at(float64(40 + i*17%23))}
		if i == 9 {
			o.Value = nil
		}
		r.Series = append(r.Series, scorecard.Point{Period: kpi.Period{Kind: kpi.Day, ID: d.String(), First: d, Last: d}, Observation: o, Settled: true})
	}
	return r
}

// hostileNames gives every district a name as bad as they come, right-to-left and of 200 letters among them.
func hostileNames(city *kpi.City) *kpi.City {
	texts := append(scorecardtest.HostileTexts(), "حي الميناء القديم", strings.Repeat("Very long ", 20), "שכונת הנמל")
	for i := range city.Districts {
		city.Districts[i].Name = kpi.NewText(kpi.English, texts[i%len(texts)])
	}
	return city
}

// edged puts numbers into the districts that no city has.
func edged(r *scorecard.Result) *scorecard.Result {
	edges := []float64{1e300, -1e300, math.SmallestNonzeroFloat64, -5, 0, 1e21, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.NaN()}
	for i := range r.Members {
		for k := range r.Members[i].Series {
			r.Members[i].Series[k].Value = at(edges[(i+k)%len(edges)])
		}
	}
	return r
}

// weekOf is a Tuesday: the last week of a calendar of freshness is not over.
var freshDay = kpi.NewDate(2026, 3, 17)

// delivered is a dataset that should come weekly, and what its runs brought.
func delivered() (*kpi.Dataset, kpi.DatasetState) {
	ds := &kpi.Dataset{ID: "requests", Name: kpi.NewText(kpi.English, "Service requests")}
	ds.Expect.Every = 7 * 24 * time.Hour
	st := kpi.DatasetState{Dataset: "requests"}
	for i := range 90 {
		d := kpi.Delivery{Day: freshDay.AddDays(i - 89)}
		switch {
		case i > 40 && i < 58: // nothing came
			d.Failed = i%5 == 0
			d.Unchanged = !d.Failed
		case i%7 == 2:
			d.New = true
		case i%11 == 0:
			d.Failed = true
		case i%3 == 0:
			d.Unchanged = true
		default:
			continue
		}
		st.Deliveries = append(st.Deliveries, d)
	}
	return ds, st
}

// overTimeCases are the figures of districts and days over time.
func overTimeCases(t testing.TB) map[string]*Figure {
	en, fr := printer(t, kpi.English), printer(t, kpi.French)
	list := map[string]*Figure{}
	city, r := byMonth(t, 9, 26)
	list["heat"], list["panels"] = DistrictHeat(en, "f", city, r), DistrictPanels(en, "f", city, r)
	list["heat-fr"], list["panels-fr"] = DistrictHeat(fr, "f", city, days(r)), DistrictPanels(fr, "f", city, days(r))
	city, r = byMonth(t, 24, 7)
	list["heat-24"], list["panels-24"] = DistrictHeat(en, "f", city, countOf(r)), DistrictPanels(en, "f", city, countOf(r))
	city, r = byMonth(t, 12, 14)
	hostileNames(city)
	list["heat-hostile"], list["panels-hostile"] = DistrictHeat(en, "f", city, edged(r)), DistrictPanels(en, "f", city, edged(r))
	none := Heat{Empty: "Nothing", Rows: []HeatRow{{ID: "a", Name: "A"}}, Cols: []HeatColumn{{Tick: "Jul", Label: "July"}}}
	list["heat-empty"] = NewHeat("f", "Finding", "", "Description", Table{}, none)
	list["heat-one"] = NewHeat("f", "Finding", "", "Description", Table{}, Heat{None: "No value", Rows: []HeatRow{{ID: "a", Name: "A", Cells: []Member{{Value: at(-3), Shown: "-3"}}}}, Cols: none.Cols})
	list["panels-empty"] = NewPanels("f", "Finding", "", "Description", Table{}, Panels{Empty: "Nothing", Points: none.Cols, Panels: []Panel{{ID: "a", Name: "A"}}})
	list["panels-one"] = NewPanels("f", "Finding", "", "Description", Table{}, Panels{Points: none.Cols, Axis: axis(en, kpi.Number, 3),
		Panels: []Panel{{ID: "a", Name: "A", Last: "-3", Cells: []Member{{Value: at(-3), Shown: "-3"}}}}})
	list["days"] = DayHeat(en, "f", daily(t, 90))
	list["days-short"] = DayHeat(fr, "f", daily(t, 28))
	list["process"] = Process(en, "f", uneven(normal(t)))
	list["process-breaks"] = Process(fr, "f", broken(normal(t)))
	ds, st := delivered()
	list["freshness"], list["freshness-fr"] = Freshness(en, "f", ds, st, freshDay), Freshness(fr, "f", ds, st, freshDay)
	st.Deliveries = st.Deliveries[:1]
	list["freshness-old"] = Freshness(en, "f", ds, st, freshDay)
	list["freshness-one"] = Freshness(en, "f", &kpi.Dataset{Name: ds.Name}, kpi.DatasetState{Deliveries: []kpi.Delivery{{Day: freshDay, New: true, Failed: true}}}, freshDay)
	return list
}

// Where there are too few periods or districts, or too many districts, there is no figure that nobody can read.
func TestOverTimeNeedsEnough(t *testing.T) {
	en := printer(t, kpi.English)
	for _, c := range []struct {
		districts, periods int
		heat, panels       bool
	}{{4, 7, true, true}, {3, 7, false, false}, {4, 6, false, false}, {24, 7, true, true}, {25, 7, true, false}, {60, 7, true, false}, {61, 7, false, false}} {
		city, r := byMonth(t, c.districts, c.periods) // one district has no value, one period is not over
		if got := DistrictHeat(en, "f", city, r) != nil; got != c.heat {
			t.Errorf("%d districts, %d periods: squares %v, want %v", c.districts, c.periods, got, c.heat)
		}
		if got := DistrictPanels(en, "f", city, r) != nil; got != c.panels {
			t.Errorf("%d districts, %d periods: small lines %v, want %v", c.districts, c.periods, got, c.panels)
		}
	}
	if DayHeat(en, "f", daily(t, 27)) != nil || DayHeat(en, "f", normal(t)) != nil {
		t.Error("less than four weeks, or months, are a calendar of days")
	}
	if Process(en, "f", normal(t)) != nil {
		t.Error("there is a process-behaviour chart without limits")
	}
	ds, _ := delivered()
	if Freshness(en, "f", ds, kpi.DatasetState{}, freshDay) != nil || Freshness(en, "f", ds, kpi.DatasetState{Deliveries: []kpi.Delivery{{Day: freshDay.AddDays(1), New: true}}}, freshDay) != nil {
		t.Error("a calendar shows deliveries of which nothing is known yet")
	}
}

// The newest two dozen periods that are over are shown; table and file have the same numbers, and what is not shown has none.
func TestHeatTable(t *testing.T) {
	city, r := byMonth(t, 9, 26)
	f := DistrictHeat(printer(t, kpi.English), "f", city, r)
	records := readCSV(t, f.Table)
	if len(records) != 1+9+1 || len(records[0]) != 2+24 || records[0][2] != "2013-08" || records[0][25] != "2015-07" {
		t.Fatalf("%d rows, header %v", len(records), records[0])
	}
	for i, row := range f.Table.Rows[:9] {
		for k, cell := range row.Cells[2:] {
			o := r.Observation(records[0][2+k], kpi.DimensionDistrict, city.Districts[i].ID)
			switch {
			case o == nil || o.Value == nil:
				if cell.Number != nil || records[i+1][2+k] != "" {
					t.Errorf("%s %s has the number %v", city.Districts[i].ID, records[0][2+k], cell.Number)
				}
			case *cell.Number != *o.Value:
				t.Errorf("%s %s: %v, want %v", city.Districts[i].ID, records[0][2+k], *cell.Number, *o.Value)
			}
		}
	}
	if got := f.Table.Rows[3].Cells[2+2].Text; got != "suppressed" {
		t.Errorf("what is not shown reads %q", got)
	}
	same(t, f.Finding, "Above the whole city in 3 out of 4 periods or more: 3 of 9 districts. Below it: 3.")
	if !strings.Contains(f.desc, "Districts: 9. Periods: 24. Lowest value: ") {
		t.Errorf("description %q", f.desc)
	}
	plain := DistrictHeat(printer(t, kpi.English), "f", city, countOf(r))
	if len(plain.Table.Rows) != 9 || !strings.HasPrefix(plain.Finding, "Lowest value: ") {
		t.Errorf("a count has %d rows and the finding %q: the city is no district to compare with", len(plain.Table.Rows), plain.Finding)
	}
}

// The higher a value, the larger its square: nobody needs the colour.
func TestHeatSaysValuesBySize(t *testing.T) {
	h := Heat{None: "None", Cols: []HeatColumn{{Tick: "a"}, {Tick: "b"}, {Tick: "c"}, {Tick: "d"}, {Tick: "e"}, {Tick: "f"}}, Range: func(a, b string) string { return a + b }}
	row := HeatRow{ID: "r", Name: "Row"}
	for i := range 5 {
		row.Cells = append(row.Cells, Member{Value: at(float64(i)), Shown: number(float64(i))})
	}
	h.Rows = []HeatRow{row}
	f := NewHeat("f", "F", "C", "D", Table{}, h)
	for _, c := range both(f) {
		widths := map[string]string{}
		for _, m := range regexp.MustCompile(`class="c-cell (c-\w+)" x="[^"]*" y="[^"]*" width="([^"]*)"`).FindAllStringSubmatch(c.bytes(), -1) {
			if widths[m[1]] == "" {
				widths[m[1]] = m[2]
			}
		}
		before := 0.0
		for i := 1; i <= 5; i++ {
			var w float64
			if _, err := fmt.Sscanf(widths[fmt.Sprintf("c-s%d", i)], "%g", &w); err != nil || w < before+2 {
				t.Errorf("%s: the squares of class %d are %q wide, those before %v", c.class, i, widths[fmt.Sprintf("c-s%d", i)], before)
			}
			before = w
		}
		if widths["c-none"] == "" || !strings.Contains(c.bytes(), "url(#f-") {
			t.Errorf("%s: a cell without a value has no stripes", c.class)
		}
	}
}

func TestPanels(t *testing.T) {
	city, r := byMonth(t, 9, 26)
	f := DistrictPanels(printer(t, kpi.English), "f", city, r)
	p := f.plot.(*Panels)
	if len(p.Panels) != 9 || p.Whole == nil || len(p.Points) != 24 {
		t.Fatalf("%d lines over %d periods", len(p.Panels), len(p.Points))
	}
	records := readCSV(t, f.Table)
	if strings.Join(records[0], " ") != "member member_name 2013-08 2015-07 change lowest highest" || len(records) != 10 {
		t.Errorf("header %v, %d rows", records[0], len(records))
	}
	for i, record := range records[1:] {
		first, last := r.Observation("2013-08", kpi.DimensionDistrict, city.Districts[i].ID), r.Observation("2015-07", kpi.DimensionDistrict, city.Districts[i].ID)
		number := f.Table.Rows[i].Cells[4].Number
		if (first == nil || first.Value == nil || last.Value == nil || first.Rows < 10) != (number == nil) {
			t.Errorf("%s: change %v", record[0], number)
		}
		if number != nil && math.Abs(*number-(*last.Value-*first.Value)) > 1e-9 {
			t.Errorf("%s: change %v, want %v", record[0], *number, *last.Value-*first.Value)
		}
	}
	if !regexp.MustCompile(`^Districts whose value rose since August 2013: \d of \d\. Whose value fell: \d\.$`).MatchString(f.Finding) {
		t.Errorf("finding %q", f.Finding)
	}
	for _, m := range p.Panels[2].Cells {
		if m.Value != nil {
			t.Error("values of too few cases are drawn as a line")
		}
	}
	if without := DistrictPanels(printer(t, kpi.English), "f", city, countOf(r)); without.plot.(*Panels).Whole != nil || strings.Contains(without.Caption, "whole city") {
		t.Error("the whole city is drawn behind counts of districts")
	}
}

// The keyboard reaches every cell: as many data as there are rows times columns, each with its name and its value.
func TestExplorersHaveEveryCell(t *testing.T) {
	for name, f := range overTimeCases(t) {
		_, tree := options(t, f)
		keys, ok := tree["keys"].(map[string]any)
		if !ok {
			continue
		}
		series := tree["series"].([]any)
		var data []any
		switch n, panels := keys["panels"].(float64); {
		case panels:
			for _, s := range series[:int(n)] {
				data = append(data, s.(map[string]any)["data"].([]any)...)
			}
			if len(tree["grid"].([]any)) != int(n) || len(tree["title"].([]any)) != int(n) {
				t.Errorf("%s: %d fields have %d grids", name, int(n), len(tree["grid"].([]any)))
			}
		default:
			data = series[0].(map[string]any)["data"].([]any)
		}
		want := 0
		switch p := f.plot.(type) {
		case *Heat:
			want = len(p.Rows) * len(p.Cols)
		case *Panels:
			want = len(p.Panels) * len(p.Points)
		case *DayCalendar:
			want = 7 * freshWeeks
		}
		if len(data) != want {
			t.Errorf("%s: %d data, want %d", name, len(data), want)
		}
		for i, d := range data {
			if m, ok := d.(map[string]any); !ok || m["title"] == nil || m["shown"] == nil {
				t.Fatalf("%s: datum %d is %v, and says nothing", name, i, d)
			}
		}
	}
}

// A day is late when the newest data are older than promised, and before the first delivery nobody can say.
func TestFreshness(t *testing.T) {
	ds, st := delivered()
	f := Freshness(printer(t, kpi.English), "f", ds, st, freshDay)
	records := readCSV(t, f.Table)
	late := map[string]string{}
	for _, r := range records[1:] {
		late[r[0]] = r[1] + " " + r[2]
	}
	from := func(i int) string { return freshDay.AddDays(i - 89).String() }
	// New data came on day 37 and, after the gap, on day 58.
	for i, want := range map[int]string{37: "new false", 44: "unchanged false", 45: "failed true", 46: "unchanged true", 57: "unchanged true", 58: "new false"} {
		if late[from(i)] != want {
			t.Errorf("day %d: %q, want %q", i, late[from(i)], want)
		}
	}
	if !regexp.MustCompile(`^Days with new data: \d+\. With nothing new: \d+\. With a failed delivery: \d+\. Days on which the data were late: 13\.$`).MatchString(f.Finding) {
		t.Errorf("finding %q", f.Finding)
	}
	ds.Expect.Every = 0
	if f := Freshness(printer(t, kpi.English), "f", ds, st, freshDay); strings.Contains(f.Finding, "late") {
		t.Errorf("nothing is promised, and still: %s", f.Finding)
	}
	young := kpi.DatasetState{Deliveries: []kpi.Delivery{{Day: freshDay.AddDays(-2), New: true}}}
	ds.Expect.Every = 24 * time.Hour
	records = readCSV(t, Freshness(printer(t, kpi.English), "f", ds, young, freshDay).Table)
	if len(records) != 3 || records[1][2] != "false" || records[2][0] != freshDay.String() || records[2][2] != "true" {
		t.Errorf("a dataset of two days: %v", records)
	}
}

func TestWeeksUntil(t *testing.T) {
	for day, want := range map[kpi.Date]kpi.Date{
		kpi.NewDate(2026, 3, 16): kpi.NewDate(2026, 3, 16), kpi.NewDate(2026, 3, 22): kpi.NewDate(2026, 3, 16), kpi.NewDate(2026, 3, 23): kpi.NewDate(2026, 3, 23),
		kpi.NewDate(1999, 12, 31): kpi.NewDate(1999, 12, 27), kpi.NewDate(2024, 1, 1): kpi.NewDate(2024, 1, 1),
	} {
		list := weeksUntil(day, 12)
		if len(list) != 12 || list[11] != want || list[0] != want.AddDays(-77) {
			t.Errorf("weeks until %v: %v to %v, want the last to begin on %v", day, list[0], list[11], want)
		}
	}
}

// A bullet says in its name what it draws, ends where it should, and is not there where it would mislead.
func TestBullet(t *testing.T) {
	en := printer(t, kpi.English)
	r := promised(normal(t), kpi.TrajectoryLinear)
	r.Assessment.Value, r.Assessment.Expected, r.Assessment.Pace, r.Assessment.Baseline = at(72.4), at(80), at(0.37), r.Indicator.Baseline
	got := string(NewBullet(en, r))
	for _, want := range []string{`role="img" aria-label="Value 72.4%, expected by now 80.0%, target 90%"`, `class="c-bar"`, `class="c-goal"`, `class="c-step"`, `class="c-on-zone"`, `class="c-behind-zone"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "<text") || strings.Contains(got, "style=") {
		t.Errorf("a bullet has text or style: %s", got)
	}
	if k := bulletBands(&r.Assessment); math.Abs(k.OnTrack-79.4) > 1e-9 || math.Abs(k.Behind-75.2) > 1e-9 {
		t.Errorf("bands %+v", k)
	}
	for name, change := range map[string]func(*scorecard.Result){
		"no value":  func(r *scorecard.Result) { r.Assessment.Value = nil },
		"no target": func(r *scorecard.Result) { r.Assessment.Target = nil },
		"a range":   func(r *scorecard.Result) { r.Indicator.Direction = kpi.Range },
		"too few":   func(r *scorecard.Result) { r.Assessment.Status = kpi.TooFew },
		"infinite":  func(r *scorecard.Result) { r.Assessment.Value = at(math.Inf(1)) },
	} {
		r := promised(normal(t), kpi.TrajectoryLinear)
		change(r)
		if got := NewBullet(en, r); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, v := range []float64{0, -5, 1e300, -math.MaxFloat64, math.SmallestNonzeroFloat64} {
		svg := string(Bullet{Name: `</script>"__f__`, Value: v, Target: -v, Expected: at(3), Bands: &BulletBands{-1e300, math.MaxFloat64}}.SVG())
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, "</script>") || !strings.Contains(svg, "&lt;/script&gt;") {
			t.Errorf("%v: %s", v, svg)
		}
		for _, m := range regexp.MustCompile(` x="([^"]*)" y="[^"]*" width="([^"]*)"`).FindAllStringSubmatch(svg, -1) {
			var x, w float64
			if _, err := fmt.Sscanf(m[1]+" "+m[2], "%g %g", &x, &w); err != nil || x < 0 || x+w > bulletWidth+0.2 {
				t.Errorf("%v: a part from %s, %s wide, leaves the drawing", v, m[1], m[2])
			}
		}
	}
}

// The five shades of a heat map go with five sizes, all of which a phone shows apart.
func TestHeatShares(t *testing.T) {
	for i := 1; i <= classes; i++ {
		if s := heatShare(i); s <= 0 || s > 1 || i > 1 && s < heatShare(i-1)+0.1 {
			t.Errorf("shade %d takes %v of its cell", i, s)
		}
	}
}
