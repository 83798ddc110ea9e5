package chart

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// On a phone of 390 pixels every label of Harborview stands whole, in all languages: none is cut, none overlaps another.
func TestTextFitsOnAPhoneInEveryLanguage(t *testing.T) {
	harbor := scorecardtest.Published() // with a piece of work, and numbers that are not shown
	n := 0
	for _, lang := range kpi.Langs {
		for name, f := range everyFigure(t, lang, harbor) {
			c := f.svg(narrow)
			page := box{-0.5, -0.5, c.w + 1, c.h + 1}
			for i, a := range c.text {
				n++
				if strings.HasSuffix(a.text, "…") {
					t.Errorf("%s in %s: %q is cut", name, lang, a.text)
				}
				if !a.within(page) {
					t.Errorf("%s in %s: %q leaves the drawing", name, lang, a.text)
				}
				for _, b := range c.text[i+1:] {
					if a.overlaps(b.box) {
						t.Errorf("%s in %s: %q and %q overlap", name, lang, a.text, b.text)
					}
				}
			}
			if f.Caption == "" && len(shownValues(f)) > 0 || strings.Contains(f.Caption+f.desc, "[") {
				t.Errorf("%s in %s: caption %q, description %q", name, lang, f.Caption, f.desc)
			}
		}
	}
	if n < 3000 {
		t.Errorf("only %d labels were looked at", n)
	}
}

// everyFigure makes all figures of a scorecard, and those that it has no example of.
func everyFigure(t testing.TB, lang kpi.Lang, s *scorecard.Scorecard) map[string]*Figure {
	p := printer(t, lang)
	list := map[string]*Figure{"project": schoolFigure(t, lang)}
	for i := range s.Results {
		r := &s.Results[i]
		id := r.Indicator.ID
		list[id+"-trend"] = Trend(p, "f", r)
		if f := YearToDate(p, "f", "Finding", s.City, r); f != nil {
			list[id+"-to-date"] = f
		}
		for k := range r.Equity {
			list[id+"-groups"] = Equity(p, "f", "Finding", s.City, r, &r.Equity[k])
		}
		for k := range r.Drivers {
			list[id+"-drivers"] = Drivers(p, "f", "Finding", s.City, r, &r.Drivers[k])
		}
		if x := s.Works(r); x != nil {
			list[id+"-project"] = Project(p, "f", "Finding", x, x.Assess(kpi.ProjectOptions{AsOf: s.AsOf}))
		}
	}
	for i := range s.Evaluations {
		e := &s.Evaluations[i]
		if f := Evaluation(p, "f", "Finding", s.City, s.Result(e.Definition.Indicator), e); f != nil {
			list[e.Definition.ID] = f
		}
	}
	city, r, e := verdicts(t)
	list["verdicts"] = Equity(p, "f", "Finding", city, r, e)
	for n, mixed := range map[int]bool{3: false, 24: true} {
		city, r, d := parts(t, n, mixed)
		list[fmt.Sprintf("drivers-%d", n)] = Drivers(p, "f", "Finding", city, r, d)
	}
	for i := range s.Results {
		r := &s.Results[i]
		for name, f := range map[string]*Figure{"heat": DistrictHeat(p, "f", s.City, r), "panels": DistrictPanels(p, "f", s.City, r), "process": Process(p, "f", r)} {
			if f != nil {
				list[r.Indicator.ID+"-"+name] = f
			}
		}
	}
	ds, st := delivered()
	list["freshness"], list["days"] = Freshness(p, "f", ds, st, freshDay), DayHeat(p, "f", daily(t, 90))
	utc := &kpi.City{TimeZone: "UTC"}
	list["segments"] = Evaluation(p, "f", "Finding", utc, normal(t), answered(normal(t), false))
	list["differences"] = Evaluation(p, "f", "Finding", utc, normal(t), answered(normal(t), true))
	return list
}

// What is not shown is said as such, and no number stands in its place: neither in the drawing nor in table, file and option.
func TestSuppressedNumbersAreNotShown(t *testing.T) {
	r := hidden(normal(t))
	f := Trend(printer(t, kpi.English), "f", r)
	for i, why := range map[int]string{3: "not shown (too few cases)", 9: "not shown (protects another number)"} {
		row := f.Table.Rows[i]
		if row.Mark != why || row.Cells[3].Text != "suppressed" {
			t.Errorf("row %d is marked %q, its value is %q", i, row.Mark, row.Cells[3].Text)
		}
		for k, c := range row.Cells {
			if c.Number != nil && (k < 4 || k > 8) { // expected value and limits are not the number itself
				t.Errorf("row %d has the number %v in column %s", i, *c.Number, f.Table.Columns[k].Key)
			}
		}
	}
	if records := readCSV(t, f.Table); records[4][13] != "small" || records[10][13] != "complementary" || records[4][3] != "" || records[4][9] != "" {
		t.Errorf("the file has %v and %v", records[4], records[10])
	}
	if !strings.Contains(f.Caption, "Some numbers are not shown") {
		t.Errorf("caption %q", f.Caption)
	}
	city, members, e := verdicts(t)
	groups := Equity(printer(t, kpi.English), "f", "Finding", city, members, e)
	for _, i := range []int{7, 8} {
		for _, c := range groups.Table.Rows[i].Cells {
			if c.Number != nil {
				t.Errorf("a group that is not shown has the number %v", *c.Number)
			}
		}
	}
	if svg := string(groups.SVGWide()); strings.Count(svg, "suppressed") != 2 {
		t.Error("the drawing does not say of two groups that they are not shown")
	}
}

// A line and its limits are interrupted where they begin anew, and say why.
func TestBreaks(t *testing.T) {
	r := broken(normal(t))
	f := Trend(printer(t, kpi.English), "f", r)
	l := f.plot.(*Line)
	if len(l.Breaks) != 2 || l.Breaks[0] != (Break{8, "Definition changed"}) || l.Breaks[1] != (Break{15, "Limits begin anew"}) {
		t.Fatalf("breaks %+v", l.Breaks)
	}
	svg := string(f.SVGWide())
	if n := strings.Count(svg, `class="c-band"`); n != 2 {
		t.Errorf("%d bands, want one for each stretch with limits", n)
	}
	if n := strings.Count(svg, `class="c-line"`); n != 4 { // a gap in the first stretch makes two of it
		t.Errorf("%d lines, want 4", n)
	}
	if f.Table.Rows[8].Mark != "definition changed" || f.Table.Rows[15].Mark != "limits begin anew" {
		t.Errorf("marks %q and %q", f.Table.Rows[8].Mark, f.Table.Rows[15].Mark)
	}
	_, tree := options(t, f)
	drawn := 0
	for _, s := range tree["series"].([]any) {
		s := s.(map[string]any)
		if style, _ := s["lineStyle"].(map[string]any); s["name"] == l.Name && style["width"] == 2.5 {
			drawn++
		}
	}
	if drawn != 3 {
		t.Errorf("%d stretches in the interactive chart, want 3", drawn)
	}
}

// Limits of a point's own are drawn where they are, and hold on after the last point only where they do not change.
func TestLimitsOfEveryPoint(t *testing.T) {
	en := printer(t, kpi.English)
	right := func(f *Figure) float64 {
		c := f.svg(wide)
		var d string
		if _, rest, ok := strings.Cut(c.bytes(), `class="c-band" d="`); ok {
			d, _, _ = strings.Cut(rest, `"`)
		}
		most := 0.0
		for _, pair := range strings.FieldsFunc(d, func(r rune) bool { return strings.ContainsRune("MLZ", r) }) {
			var x, y float64
			if _, err := fmt.Sscanf(pair, "%g %g", &x, &y); err != nil {
				t.Fatal(err)
			}
			most = max(most, x)
		}
		return most
	}
	r := normal(t)
	flat := func(n int) *Figure {
		r := normal(t)
		for i := range n {
			r.Series[i].Lower, r.Series[i].Upper = at(62), at(88)
		}
		return Trend(en, "f", r)
	}
	if all, most := right(flat(len(r.Series))), right(flat(len(r.Series)-2)); all != most {
		t.Errorf("limits that do not change end at %v, want %v", most, all)
	}
	if vary, all := right(Trend(en, "f", short(uneven(normal(t))))), right(flat(len(r.Series))); vary >= all {
		t.Errorf("limits that change go on to %v after the last point that has some", vary)
	}
}

// short takes the limits of the last three points away.
func short(r *scorecard.Result) *scorecard.Result {
	for i := len(r.Series) - 3; i < len(r.Series); i++ {
		r.Series[i].Lower, r.Series[i].Upper, r.Series[i].Mean = nil, nil, nil
	}
	return r
}

// The day ahead stands as far to the right as it is in time, and not farther than the series is long by a little more than a half.
func TestAheadIsAsFarAsInTime(t *testing.T) {
	en := printer(t, kpi.English)
	where := func(by kpi.Date) float64 {
		l := Trend(en, "f", outlook(normal(t), by)).plot.(*Line)
		c := newCanvas(wide, "")
		c.h = 320
		y, _ := l.scaleY(5)
		d := &lineLayout{Line: l, c: c, y: y, last: l.last()}
		d.place()
		return (d.ahead - d.points[len(d.points)-1].x) / d.spacing
	}
	for by, want := range map[kpi.Date]float64{kpi.NewDate(2015, 10, 31): 184.0 / 30, kpi.NewDate(2016, 4, 30): 366.0 / 30, kpi.NewDate(2040, 1, 1): 0.6*22 + 1} {
		if got := where(by); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v is drawn %v periods after the last point, want %v", by, got, want)
		}
	}
	past := normal(t)
	if l := Trend(en, "f", outlook(past, kpi.NewDate(2015, 3, 31))).plot.(*Line); l.Ahead != nil {
		t.Error("an outlook for a day that is over is drawn")
	}
}

// The year's figure has the totals of the series, the path that the domain expects, and last year beside it.
func TestYearToDate(t *testing.T) {
	city, r := planting(t)
	en := printer(t, kpi.English)
	f := YearToDate(en, "f", "Finding", city, r)
	if len(f.Table.Rows) != 12 {
		t.Fatalf("%d rows, want the 12 months of the fiscal year", len(f.Table.Rows))
	}
	records := readCSV(t, f.Table)
	if got := records[9]; got[0] != "2015-03" || got[1] != "60" || got[2] != "812" || got[4] != "774" {
		t.Errorf("March: %v", got)
	}
	if got := records[12]; got[0] != "2015-06" || got[2] != "" || got[3] != "1300" || got[4] != "1204" {
		t.Errorf("June: %v", got)
	}
	same(t, f.desc, "Total so far: 752, in February 2015. Expected by then: 739. Target: 1,300.")
	same(t, f.Caption, "Each point is one month. Line: total since the beginning of the year. Dashed line: expected value. The expected path follows the seasons of the years before. "+
		"Thin line: the year before. Dotted line: the period is not over. Upright bar at the right: where 8 out of 10 forecasts for the target’s date lie.")
	trend := Trend(en, "f", r)
	if l := trend.plot.(*Line); l.Target != nil || l.Ahead != nil || l.path() {
		t.Error("the months by themselves are drawn beside what is for the year")
	}
	if YearToDate(en, "f", "Finding", city, normal(t)) != nil {
		t.Error("what does not add up has a total")
	}
	for i := range r.Series {
		r.Series[i].ToDate = nil
	}
	if YearToDate(en, "f", "Finding", city, r) != nil {
		t.Error("there is a figure without a total")
	}
}

// Small parts are put together in the drawing, and all stand in the table.
func TestDriversAreFolded(t *testing.T) {
	city, r, d := parts(t, 24, true)
	f := Drivers(printer(t, kpi.English), "f", "Finding", city, r, d)
	rows := f.plot.(*Parts).Rows
	if len(rows) != 11 || rows[10].Name != "Other groups: 14" || len(f.Table.Rows) != 25 {
		t.Fatalf("%d rows, the last %+v; %d in the table", len(rows), rows[len(rows)-1], len(f.Table.Rows))
	}
	sum := 0.0
	for i, row := range rows {
		sum += row.Total
		if i > 0 && i < 10 && math.Abs(row.Total) > math.Abs(rows[i-1].Total) {
			t.Errorf("%s stands after a smaller part", row.Name)
		}
	}
	if math.Abs(sum-d.Change) > 1e-9 {
		t.Errorf("the rows add up to %v, the change is %v", sum, d.Change)
	}
	if last := f.Table.Rows[24]; !last.Apart || *last.Cells[4].Number != d.Change {
		t.Errorf("the whole city: %+v", last)
	}
}

// Every verdict has a form and a word of its own.
func TestVerdictsDifferInForm(t *testing.T) {
	city, r, e := verdicts(t)
	f := Equity(printer(t, kpi.English), "f", "Finding", city, r, e)
	form := map[Mark]string{}
	for _, g := range f.plot.(*Forest).Groups {
		if g.Value == nil {
			continue
		}
		if other, ok := form[g.Mark]; ok && other != g.Word && g.Mark != MarkSquare {
			t.Errorf("%q and %q have the form %s", other, g.Word, g.Mark)
		}
		form[g.Mark] = g.Word
	}
	if len(form) != 6 {
		t.Errorf("forms %v", form)
	}
	if order := f.plot.(*Forest).Groups; order[len(order)-3].Mark != MarkHollow || order[len(order)-1].Value != nil {
		t.Error("groups with too few cases, and those that are not shown, do not stand last")
	}
	same(t, f.desc, "Groups: 9. Better: 1. Worse: 1. Different: 1. No clear difference: 1.")
}

func TestProjectTable(t *testing.T) {
	p, s := school()
	f := Project(printer(t, kpi.English), "f", "Finding", p, s)
	same(t, f.desc, "Work done: 41%, on February\u00a028, 2026. Expected by then: 72%. Milestones done: 2 of 4.")
	found := map[string]string{}
	for _, row := range f.Table.Rows {
		if row.Cells[1].Text != "" {
			found[row.Cells[1].Text] = row.Cells[0].Text + ", " + row.Mark
		}
	}
	for name, want := range map[string]string{"Foundations": "March\u00a014, 2025, done", "Classrooms ready": "September\u00a015, 2026, expected on September\u00a015, 2026"} {
		if found[name] != want {
			t.Errorf("%s: %q, want %q", name, found[name], want)
		}
	}
	planned := readCSV(t, f.Table)
	if first, last := planned[1], planned[len(planned)-1]; first[0] != "2024-09-01" || first[2] == "" || last[0] != "2026-11-30" || last[2] != "100" {
		t.Errorf("first row %v, last row %v", first, last)
	}
}

// The points of an evaluation are those that it was given, and the line through them is interrupted on the day itself.
func TestEvaluationPoints(t *testing.T) {
	r := normal(t)
	e := answered(r, true)
	f := Evaluation(printer(t, kpi.English), "f", "Finding", &kpi.City{TimeZone: "UTC"}, r, e)
	l := f.plot.(*Line)
	if len(l.Points) != len(r.Series) || l.Breaks[0].At != 10 || l.Breaks[0].Label != "May\u00a01, 2014" || *l.Zone != (Zone{8, 9, "Left out"}) {
		t.Errorf("%d points, breaks %+v, zone %+v", len(l.Points), l.Breaks, l.Zone)
	}
	records := readCSV(t, f.Table)
	if records[9][1] != "left_out" || records[11][1] != "after" || records[1][1] != "before" || records[11][5] == "" {
		t.Errorf("rows %v, %v, %v", records[1], records[9], records[11])
	}
	same(t, f.Caption, "Each point is one month. Line with squares: comparison group. "+
		"Dashed line: where the values would be had they changed as those of the comparison group. Solid lines: the course of the values before and after. "+
		"Dotted vertical line: May\u00a01, 2014. Shaded area: left out, between announcement and start.")
	alone := Evaluation(printer(t, kpi.English), "f", "Finding", &kpi.City{TimeZone: "UTC"}, r, answered(r, false))
	if strings.Contains(alone.Caption, "comparison") || len(alone.Table.Shown()) != 6 {
		t.Errorf("without a comparison: %s", alone.Caption)
	}
}

func BenchmarkEquity(b *testing.B) {
	city, r, e := verdicts(b)
	p := printer(b, kpi.English)
	b.ReportAllocs()
	for b.Loop() {
		Equity(p, "f", "Finding", city, r, e).SVGWide()
	}
}

// A part that is wide enough to be seen is not labelled as nothing.
func TestVisiblePartsHaveANumber(t *testing.T) {
	group := func(v float64) scorecard.Driver { return scorecard.Driver{Rate: v, Total: v} }
	for _, c := range []struct {
		name     string
		parts    []float64
		decimals int
		want     int
	}{
		{"whole parts", []float64{3, -2}, 0, 0}, {"small ones beside", []float64{0.4, 0.04, -0.02}, 1, 2}, {"tiny ones, too narrow to be seen", []float64{4, 0.004}, 1, 1},
		{"none", nil, 1, 1}, {"nothing", []float64{0, 0}, 1, 1}, {"all of them tiny", []float64{0.00004}, 1, 3},
	} {
		d := &scorecard.Drivers{}
		for _, v := range c.parts {
			d.Groups = append(d.Groups, group(v))
		}
		if got := visibleDecimals(d, c.decimals); got != c.want {
			t.Errorf("%s: %d decimals, want %d", c.name, got, c.want)
		}
	}
}

// Each of four milestones has its name, also the last one, at the edge of the drawing, and the one beside it.
func TestEveryMilestoneHasItsName(t *testing.T) {
	p := &kpi.Project{PlannedStart: kpi.NewDate(2024, 9, 1), PlannedEnd: kpi.NewDate(2027, 4, 30)}
	names := []string{"Environmental permit", "Sea wall", "Promenade and trees", "Open to the public"}
	for k, day := range []kpi.Date{kpi.NewDate(2025, 3, 14), kpi.NewDate(2026, 3, 11), kpi.NewDate(2026, 12, 15), kpi.NewDate(2027, 4, 30)} {
		p.Milestones = append(p.Milestones, kpi.Milestone{Name: kpi.NewText(kpi.English, names[k]), Planned: day})
	}
	f := Project(printer(t, kpi.English), "f", "Finding", p, kpi.ProjectState{AsOf: kpi.NewDate(2026, 10, 13)})
	for _, name := range names {
		if !strings.Contains(string(f.SVGWide()), ">"+name+"</text>") {
			t.Errorf("%s has no name in the drawing", name)
		}
	}
}
