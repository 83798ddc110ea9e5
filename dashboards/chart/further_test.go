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

// uneven gives every point limits of its own, wide where there are few cases.
func uneven(r *scorecard.Result) *scorecard.Result {
	for i := range r.Series {
		w := 5 + 4*math.Cos(float64(i))
		r.Series[i].Mean, r.Series[i].Lower, r.Series[i].Upper = at(75), at(75-w), at(75+w)
	}
	r.Series[6].Lower, r.Series[6].Upper, r.Series[6].Mean = nil, nil, nil
	return r
}

// broken changes the definition at the ninth point, and lets limits begin anew at the sixteenth. Each stretch has its limits.
func broken(r *scorecard.Result) *scorecard.Result {
	for i := range r.Series {
		pt := &r.Series[i]
		mean := 60.0
		switch {
		case i >= 15:
			pt.Segment, pt.Observation.Version, mean = 2, 2, 80
		case i >= 8:
			pt.Segment, pt.Observation.Version, mean = 1, 2, 70
		default:
			pt.Observation.Version = 1
		}
		if pt.Settled && i >= 8 {
			pt.Mean, pt.Lower, pt.Upper = at(mean), at(mean-6), at(mean+6)
		}
		if pt.Observation.Value != nil {
			pt.Observation.Value = at(mean + float64(i*7%9) - 4)
		}
	}
	return r
}

// outlook adds where the value will probably be.
func outlook(r *scorecard.Result, by kpi.Date) *scorecard.Result {
	r.Assessment.Outlook = &kpi.Outlook{Word: kpi.Unlikely, Probability: 0.2, By: by, Low: 76, Mean: 82, High: 91, Target: 90}
	return r
}

// hidden takes the numbers out of two points.
func hidden(r *scorecard.Result) *scorecard.Result {
	for i, why := range map[int]kpi.Suppression{3: kpi.SuppressedPrimary, 9: kpi.SuppressedComplementary} {
		o := &r.Series[i].Observation
		o.Value, o.Numerator, o.Denominator, o.Rows, o.Excluded, o.Suppressed = nil, nil, nil, 0, nil, why
	}
	return r
}

// planting is a count that adds up in the fiscal year, with a complete year before.
func planting(t testing.TB) (*kpi.City, *scorecard.Result) {
	t.Helper()
	city := &kpi.City{TimeZone: "UTC", FiscalStart: 7}
	parts := []float64{10, 12, 60, 240, 260, 80, 10, 12, 90, 240, 160, 30, 12, 10, 75, 255, 290, 85, 14, 11, 60}
	r := countOf(months(t, parts...))
	ind := r.Indicator
	ind.AddsUpIn, ind.AddsUpFrom, ind.Trajectory, ind.Name = kpi.FiscalYear, 7, kpi.TrajectorySeasonal, kpi.NewText(kpi.English, "Trees planted")
	ind.Targets = []kpi.Target{{By: kpi.NewDate(2015, 6, 30), Value: 1300, Set: kpi.NewDate(2014, 1, 1)}}
	total := 0.0
	for i := range r.Series {
		if i%12 == 0 {
			total = 0
		}
		total += parts[i]
		r.Series[i].ToDate = at(total)
	}
	last := &r.Series[len(r.Series)-1]
	last.Settled, last.Observation.Partial, last.Observation.Provisional = false, true, true
	r.Assessment.Outlook = &kpi.Outlook{Word: kpi.AboutEven, By: kpi.NewDate(2015, 6, 30), Low: 1190, Mean: 1275, High: 1360, Target: 1300}
	return city, r
}

// verdicts are groups of every kind, two of them not shown.
func verdicts(t testing.TB) (*kpi.City, *scorecard.Result, *scorecard.Equity) {
	city, r := squares(t, 9)
	e := &scorecard.Equity{Dimension: kpi.DimensionDistrict, From: "2013-07", To: "2013-07", Value: at(65.1), Low: at(64), High: at(66.2), Method: "wilson", Hidden: 2}
	kinds := []scorecard.Verdict{scorecard.VerdictBetter, scorecard.VerdictWorse, scorecard.VerdictSimilar, scorecard.VerdictDifferent, scorecard.VerdictTooFew,
		scorecard.VerdictNone, scorecard.VerdictReference, scorecard.VerdictHidden, scorecard.VerdictHidden}
	for i, v := range kinds {
		value := 58 + 2.3*float64(i)
		g := scorecard.Group{Member: city.Districts[i].ID, Verdict: v, Rows: int64(400 - 30*i), Value: at(value), Low: at(value - 3 - float64(i)), High: at(value + 2 + float64(i)),
			Difference: at(value - 65.1), DiffLow: at(value - 68.1), DiffHigh: at(value - 62.1), Ratio: at(value / 65.1), RatioLow: at(value / 68), RatioHigh: at(value / 62)}
		switch v {
		case scorecard.VerdictHidden:
			g = scorecard.Group{Member: g.Member, Verdict: v, Suppressed: kpi.SuppressedPrimary}
			if i == len(kinds)-1 {
				g.Suppressed = kpi.SuppressedComplementary
			}
		case scorecard.VerdictNone:
			g.Low, g.High, g.DiffLow, g.DiffHigh, g.RatioLow, g.RatioHigh = nil, nil, nil, nil, nil, nil
		}
		e.Groups = append(e.Groups, g)
	}
	return city, r, e
}

// parts divide a change among n groups, one of which stands for all that are not shown.
func parts(t testing.TB, n int, mixed bool) (*kpi.City, *scorecard.Result, *scorecard.Drivers) {
	city, r := squares(t, max(n, 2))
	d := &scorecard.Drivers{Dimension: kpi.DimensionDistrict, From: "2013-07", To: "2013-07"}
	for i := range n {
		g := scorecard.Driver{Member: city.Districts[i].ID, Rate: 1.3 - 0.31*float64(i)}
		if i == 2 {
			g.Member = ""
		}
		if mixed {
			g.Mix = 0.2*float64(i%3) - 0.15
		}
		g.Total = g.Rate + g.Mix
		d.Rate, d.Mix, d.Change = d.Rate+g.Rate, d.Mix+g.Mix, d.Change+g.Total
		d.Groups = append(d.Groups, g)
	}
	return city, r, d
}

// answered is an evaluation over the points of a result, from the eleventh on; the two before it are left out.
func answered(r *scorecard.Result, compared bool) *scorecard.Evaluation {
	e := &scorecard.Evaluation{State: "answered", Method: kpi.EvaluateSegments, Before: 8, After: len(r.Series) - 10,
		Definition: kpi.Evaluation{ID: "e", Name: kpi.NewText(kpi.English, "Night crews"), Date: kpi.NewDate(2014, 5, 1)}}
	if compared {
		e.Method = kpi.EvaluateDifferences
	}
	for i, pt := range r.Series {
		p := scorecard.EvaluationPoint{Period: pt.Period.ID, Value: pt.Observation.Value, Rows: pt.Observation.Rows, After: i >= 10}
		switch {
		case i >= 10:
			p.Fitted, p.Counterfactual = at(80-0.5*float64(i-10)), at(74+0.3*float64(i))
		case i >= 8:
			p.LeftOut = true
		default:
			p.Fitted = at(72 + 0.3*float64(i))
		}
		e.Treated = append(e.Treated, p)
		if compared {
			e.Compared = append(e.Compared, scorecard.EvaluationPoint{Period: pt.Period.ID, Value: at(63 + float64(i*5%7)), Rows: 100, After: i >= 10})
		}
	}
	return e
}

// school is a project that is behind.
func school() (*kpi.Project, kpi.ProjectState) {
	day := kpi.NewDate
	p := &kpi.Project{
		ID: "school", Name: kpi.NewText(kpi.English, "Harbor School"), PlannedStart: day(2024, 9, 1), PlannedEnd: day(2026, 8, 31), ActualStart: day(2024, 10, 7), Budget: at(12_400_000),
		Milestones: []kpi.Milestone{
			{Name: kpi.NewText(kpi.English, "Foundations"), Planned: day(2025, 1, 31), Done: day(2025, 3, 14)},
			{Name: kpi.NewText(kpi.English, "Roof closed"), Planned: day(2025, 9, 30), Done: day(2025, 12, 5)},
			{Name: kpi.NewText(kpi.English, "Classrooms ready"), Planned: day(2026, 5, 31), Revised: day(2026, 9, 15)},
			{Name: kpi.NewText(kpi.English, "Opening"), Planned: day(2026, 8, 31), Revised: day(2026, 11, 30)},
		},
	}
	for i, v := range []float64{4, 12, 25, 42, 60, 78, 92} {
		p.PlannedProgress = append(p.PlannedProgress, kpi.ProjectPoint{Date: day(2024, 12, 31).AddMonths(3 * i), Value: v})
		p.PlannedSpending = append(p.PlannedSpending, kpi.ProjectPoint{Date: day(2024, 12, 31).AddMonths(3 * i), Value: 124_000 * (v + 3)})
	}
	for i, v := range []float64{2, 5, 9, 15, 22, 29, 36, 41} {
		p.Progress = append(p.Progress, kpi.ProjectPoint{Date: day(2024, 12, 31).AddMonths(2 * i), Value: v})
		p.Spending = append(p.Spending, kpi.ProjectPoint{Date: day(2024, 12, 31).AddMonths(2 * i), Value: 124_000 * (v*1.15 + 4)})
	}
	return p, p.Assess(kpi.ProjectOptions{AsOf: day(2026, 3, 20)})
}

// furtherCases are the figures of golden files beyond those of a line, bars and a map.
func furtherCases(t testing.TB) map[string]*Figure {
	en, fr := printer(t, kpi.English), printer(t, kpi.French)
	nan := math.NaN()
	list := map[string]*Figure{
		"line-limits":         Trend(en, "f", uneven(normal(t))),
		"line-breaks":         Trend(en, "f", broken(normal(t))),
		"line-ahead":          Trend(en, "f", outlook(normal(t), kpi.NewDate(2015, 12, 31))),
		"line-ahead-far":      Trend(fr, "f", outlook(broken(normal(t)), kpi.NewDate(2031, 6, 30))),
		"line-ahead-one":      Trend(en, "f", outlook(months(t, 65.1), kpi.NewDate(2013, 7, 31))),
		"line-hidden":         Trend(en, "f", hidden(normal(t))),
		"groups-bars-hidden":  hiddenBars(t),
		"project":             schoolFigure(t, kpi.English),
		"project-fr":          schoolFigure(t, kpi.French),
		"project-empty":       Project(en, "f", "Finding", &kpi.Project{}, kpi.ProjectState{}),
		"project-one":         Project(en, "f", "Finding", &kpi.Project{Progress: []kpi.ProjectPoint{{Date: kpi.NewDate(2025, 1, 1), Value: 5}}}, kpi.ProjectState{AsOf: kpi.NewDate(2025, 1, 1)}),
		"project-long":        Project(en, "f", "Finding", &kpi.Project{PlannedStart: kpi.NewDate(1899, 1, 1), PlannedEnd: kpi.NewDate(2199, 1, 1)}, kpi.ProjectState{AsOf: kpi.NewDate(2025, 1, 1)}),
		"line-run-chart":      Trend(en, "f", median(months(t, 61, 64, 59, 70, 66, 71, 73, 69))),
		"line-limits-nothing": Trend(en, "f", uneven(months(t, nan, nan, nan, nan, nan, nan, nan))),
	}
	city, r := planting(t)
	list["to-date"] = YearToDate(en, "f", "Finding", city, r)
	list["to-date-fr"] = YearToDate(fr, "f", "Constat", city, r)
	c, g, e := verdicts(t)
	list["groups"] = Equity(en, "f", "Finding", c, g, e)
	list["groups-fr"] = Equity(fr, "f", "Constat", c, g, e)
	list["groups-empty"] = Equity(en, "f", "Finding", c, g, &scorecard.Equity{})
	list["groups-one"] = Equity(en, "f", "Finding", c, g, &scorecard.Equity{Groups: e.Groups[:1]})
	list["groups-hidden"] = Equity(en, "f", "Finding", c, g, &scorecard.Equity{Groups: e.Groups[7:], Hidden: 2})
	for name, n := range map[string]int{"drivers-0": 0, "drivers-1": 1, "drivers-6": 6, "drivers-24": 24} {
		c, r, d := parts(t, n, n > 1)
		list[name] = Drivers(en, "f", "Finding", c, r, d)
	}
	c, r, d := parts(t, 8, false)
	list["drivers-additive"] = Drivers(fr, "f", "Constat", c, countOf(r), d)
	utc := &kpi.City{TimeZone: "UTC"}
	list["evaluation"] = Evaluation(en, "f", "Finding", utc, normal(t), answered(normal(t), false))
	list["evaluation-compared"] = Evaluation(fr, "f", "Constat", utc, normal(t), answered(normal(t), true))
	list["evaluation-one"] = Evaluation(en, "f", "Finding", utc, normal(t), &scorecard.Evaluation{Treated: []scorecard.EvaluationPoint{{Period: "2014-05", Value: at(3), After: true}}})
	list["evaluation-nothing"] = Evaluation(en, "f", "Finding", utc, normal(t), &scorecard.Evaluation{Treated: []scorecard.EvaluationPoint{{Period: "2014-04"}, {Period: "2014-05", After: true}}})
	hostileCases(t, list)
	return list
}

func schoolFigure(t testing.TB, lang kpi.Lang) *Figure {
	p, s := school()
	return Project(printer(t, lang), "f", "Finding", p, s)
}

// median gives a run chart its line.
func median(r *scorecard.Result) *scorecard.Result {
	for i := range r.Series {
		r.Series[i].Mean = at(67.5)
	}
	r.Assessment.Signal = kpi.Signal{Kind: kpi.Steady, Chart: kpi.ChartRun, Points: len(r.Series), Needed: 8, Mean: at(67.5)}
	return r
}

// hiddenBars are districts of which two are not shown.
func hiddenBars(t testing.TB) *Figure {
	city, r := squares(t, 6)
	for i, why := range map[int]kpi.Suppression{1: kpi.SuppressedPrimary, 3: kpi.SuppressedComplementary} {
		o := &r.Members[i].Series[0]
		o.Value, o.Numerator, o.Denominator, o.Rows, o.Suppressed = nil, nil, nil, 0, why
	}
	return DistrictBars(printer(t, kpi.English), "f", city, r, "2013-07")
}

// hostileCases adds figures whose texts and numbers are as bad as they come.
func hostileCases(t testing.TB, list map[string]*Figure) {
	en := printer(t, kpi.English)
	texts := scorecardtest.HostileTexts()
	edges := []float64{1e300, -1e300, math.SmallestNonzeroFloat64, 9007199254740993, -1e-9, 1e21, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.NaN()}
	city, r := squares(t, len(texts))
	e, d := &scorecard.Equity{Dimension: kpi.DimensionDistrict, Value: at(1e300)}, &scorecard.Drivers{Dimension: kpi.DimensionDistrict, Change: math.MaxFloat64}
	for i, bad := range texts {
		city.Districts[i].Name = kpi.NewText(kpi.English, bad)
		v := edges[i%len(edges)]
		e.Groups = append(e.Groups, scorecard.Group{Member: city.Districts[i].ID, Value: at(v), Low: at(-math.MaxFloat64), High: at(math.MaxFloat64), Difference: at(v), DiffLow: at(v), DiffHigh: at(v),
			Ratio: at(v), Rows: math.MaxInt64, Verdict: scorecard.VerdictBetter})
		d.Groups = append(d.Groups, scorecard.Driver{Member: city.Districts[i].ID, Rate: v, Mix: -v, Total: v})
	}
	r.Indicator.Name = kpi.NewText(kpi.English, texts[0])
	list["groups-hostile"] = Equity(en, "f", texts[0], city, r, e)
	list["drivers-hostile"] = Drivers(en, "f", texts[0], city, r, d)
	bad := months(t, edges...)
	bad.Indicator.Name = kpi.NewText(kpi.English, texts[4])
	bad.Assessment.Outlook = &kpi.Outlook{By: kpi.NewDate(9999, 12, 31), Low: -math.MaxFloat64, Mean: 0, High: math.MaxFloat64}
	for i := range bad.Series {
		bad.Series[i].Segment, bad.Series[i].Observation.Version = i, i+1
		bad.Series[i].Lower, bad.Series[i].Upper, bad.Series[i].Mean = at(-math.MaxFloat64), at(math.MaxFloat64), at(0)
	}
	list["line-edges"] = Trend(en, "f", bad)
	ev := answered(bad, true)
	ev.Definition.Name = kpi.NewText(kpi.English, texts[2])
	ev.Treated[0].After, ev.Treated[9].After = false, true
	list["evaluation-edges"] = Evaluation(en, "f", texts[1], &kpi.City{TimeZone: "UTC"}, bad, ev)
	project := &kpi.Project{Name: kpi.NewText(kpi.English, texts[3]), PlannedStart: kpi.NewDate(1, 1, 1), PlannedEnd: kpi.NewDate(9999, 12, 31), Budget: at(math.SmallestNonzeroFloat64)}
	for i, v := range edges {
		project.Milestones = append(project.Milestones, kpi.Milestone{Name: kpi.NewText(kpi.English, texts[i]), Planned: kpi.NewDate(2025, 1, 1+i)})
		project.Progress = append(project.Progress, kpi.ProjectPoint{Date: kpi.NewDate(2024, 1, 1+i), Value: v})
		project.Spending = append(project.Spending, kpi.ProjectPoint{Date: kpi.NewDate(2024, 1, 1+i), Value: v})
	}
	list["project-hostile"] = Project(en, "f", texts[3], project, project.Assess(kpi.ProjectOptions{AsOf: kpi.NewDate(2025, 1, 3)}))
	adding := countOf(months(t, edges...))
	adding.Indicator.AddsUpIn, adding.Indicator.Targets = kpi.Year, []kpi.Target{{By: kpi.NewDate(2014, 12, 31), Value: 1e300}}
	for i := range adding.Series {
		adding.Series[i].ToDate = at(edges[i])
	}
	list["to-date-edges"] = YearToDate(en, "f", texts[5], &kpi.City{TimeZone: "UTC"}, adding)
	for name, f := range list {
		if f == nil {
			t.Fatalf("%s is no figure", name)
		}
	}
}

// furtherNamed are figures in which a text stands as the name of everything that a city names.
func furtherNamed(t testing.TB, city *kpi.City, members, r *scorecard.Result, text string) []*Figure {
	en, name := printer(t, kpi.English), kpi.NewText(kpi.English, text)
	utc, trees := planting(t)
	trees.Indicator.Name = name
	e := &scorecard.Equity{Dimension: kpi.DimensionDistrict, Reference: city.Districts[0].ID, Value: at(3)}
	d := &scorecard.Drivers{Dimension: kpi.DimensionDistrict}
	for i, dist := range city.Districts {
		city.Districts[i].Name = name
		e.Groups = append(e.Groups, scorecard.Group{Member: dist.ID, Value: at(float64(i)), Verdict: scorecard.VerdictSimilar})
		d.Groups = append(d.Groups, scorecard.Driver{Member: dist.ID, Rate: 1, Total: 1})
	}
	evaluation := answered(r, true)
	evaluation.Definition.Name = name
	p, s := school()
	p.Name = name
	for i := range p.Milestones {
		p.Milestones[i].Name = name
	}
	year := YearToDate(en, "f", text, utc, trees)
	return []*Figure{year, Equity(en, "f", text, city, members, e), Drivers(en, "f", text, city, members, d), Evaluation(en, "f", text, utc, r, evaluation), Project(en, "f", text, p, s)}
}

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
