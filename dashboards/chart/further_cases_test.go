package chart

import (
	"math"
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
	over, overTime := byMonth(t, 4, 8)
	for i := range over.Districts {
		over.Districts[i].Name = name
	}
	heat, panels := DistrictHeat(en, "f", over, overTime), DistrictPanels(en, "f", over, overTime)
	heat.Finding, panels.Finding = text, text
	ds, st := delivered()
	ds.Name = name
	fresh := Freshness(en, "f", ds, st, freshDay)
	return []*Figure{heat, panels, fresh, Process(en, "f", named(uneven(normal(t)), name)), year, Equity(en, "f", text, city, members, e), Drivers(en, "f", text, city, members, d), Evaluation(en, "f", text, utc, r, evaluation), Project(en, "f", text, p, s)}
}

// named gives a result's indicator a name.
func named(r *scorecard.Result, name kpi.Text) *scorecard.Result {
	r.Indicator.Name = name
	return r
}
