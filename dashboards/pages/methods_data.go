package pages

import (
	"cmp"
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// periods is what the marks beside a value mean, and when a value is settled.
func (m methods) periods() *methodSection {
	p := m.P
	s := &methodSection{ID: "periods", Heading: p.T("method.periods"), Text: []string{p.T("method.periods.text")}, Prose: true}
	for _, f := range []kpi.Flag{kpi.FlagPartial, kpi.FlagProvisional, kpi.FlagStale, kpi.FlagDefinitionChanged} {
		s.Facts = append(s.Facts, fact{Label: p.Upper(p.Flag(f)), Words: own(p.FlagText(f))})
	}
	s.More = []string{p.T("method.periods.stale", "n", m.engine.StalePeriods)}
	settles := func(res *scorecard.Result) (int, bool) { return res.Indicator.SettlesAfter, true }
	days := func(n int) string { v := float64(n); return p.Value(&v, kpi.Days, 0) }
	t := methodTable{Caption: p.T("indicator.settles"), Name: p.T("indicator.settles"), Value: p.T("nav.indicators"), Number: true}
	for _, f := range counted(m, distinct(m, settles), settles, days) {
		t.Rows = append(t.Rows, methodRow{own(f.Label), Value{Text: f.Words.Text}})
	}
	if len(t.Rows) > 0 {
		s.Tables = []methodTable{t}
	}
	return s
}

// counting is how rows become values.
func (m methods) counting() *methodSection {
	s := &methodSection{ID: "counting", Heading: m.P.T("indicator.measure"), Text: []string{m.P.T("method.counting.text"), m.P.T("method.counting.sums")}}
	measure := func(res *scorecard.Result) (string, bool) { return m.P.Measure(res.Indicator.Measure), true }
	s.Facts = counted(m, distinct(m, measure), measure, func(s string) string { return s })
	has := func(kind kpi.MeasureKind) bool {
		return len(m.used(func(res *scorecard.Result) bool { return res.Indicator.Measure.Kind == kind })) > 0
	}
	for _, kind := range []kpi.MeasureKind{kpi.MeasureShare, kpi.MeasureRate, kpi.MeasureMedian, kpi.MeasurePercentile, kpi.MeasureDuration} {
		if has(kind) {
			s.Formulas = append(s.Formulas, m.P.T("method.measure."+string(kind)))
		}
	}
	return s
}

// leftOut is why rows are not counted, and from how many on a value is judged.
func (m methods) leftOut() *methodSection {
	p := m.P
	s := &methodSection{ID: "left-out", Heading: p.T("indicator.left_out"), Text: []string{p.T("method.left_out.text"), p.T("method.left_out.rejected")}}
	uses := map[string]int{}
	for _, res := range m.results {
		reasons := map[string]bool{}
		for _, x := range res.Indicator.Measure.Exclude {
			reasons[x.Because] = true
		}
		if res.Total != nil {
			for code, n := range res.Total.Excluded {
				reasons[code] = reasons[code] || n > 0
			}
		}
		for code, there := range reasons {
			if there {
				uses[code]++
			}
		}
	}
	t := methodTable{Caption: p.T("method.left_out.reasons"), Name: p.T("table.reason"), Value: p.T("nav.indicators"), Number: true}
	for code, n := range uses {
		t.Rows = append(t.Rows, methodRow{m.reason(code), m.Count(int64(n))})
	}
	slices.SortFunc(t.Rows, func(a, b methodRow) int { return cmp.Compare(a.Name.Text, b.Name.Text) }) // a map has no order
	i18n.SortBy(p, t.Rows, func(row methodRow) string { return row.Name.Text })
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
	least := func(res *scorecard.Result) (int, bool) { return res.Indicator.Minimum, res.Indicator.Minimum > 0 }
	for _, f := range counted(m, distinct(m, least), least, func(n int) string { return p.Int(int64(n)) }) {
		s.Facts = append(s.Facts, fact{Label: p.T("method.left_out.minimum", "n", f.Label), Words: f.Words})
	}
	return s
}

// reason is why rows are left out, at the beginning of a line.
func (m methods) reason(code string) Words {
	if t, ok := m.City.Reasons[code]; ok && !slices.Contains(kpi.BuiltInReasons, code) && !t.IsZero() {
		return m.Words(t)
	}
	return own(m.P.Upper(m.P.Reason(code, m.City)))
}

// privacy is which numbers are not shown; nil where all are.
func (m methods) privacy() *methodSection {
	below := func(res *scorecard.Result) (int, bool) { return res.Indicator.Suppress, res.Indicator.Suppress > 1 }
	list := m.used(func(res *scorecard.Result) bool { _, ok := below(res); return ok })
	if len(list) == 0 {
		return nil
	}
	s := &methodSection{
		ID: "privacy", Heading: m.P.T("method.privacy"), Text: []string{m.P.T("method.privacy.text"), m.P.T("method.privacy.others")},
		More: []string{m.P.T("method.privacy.names", "min", m.engine.NamedRows)}, Uses: m.uses(list),
	}
	for _, f := range counted(m, distinct(m, below), below, func(n int) string { return m.P.Int(int64(n)) }) {
		s.Facts = append(s.Facts, fact{Label: m.P.T("method.privacy.below", "min", f.Label), Words: f.Words})
	}
	return s
}

// groups is how districts and other groups are compared; nil where none are.
func (m methods) groups() *methodSection {
	p, e := m.P, m.engine
	s := &methodSection{
		ID: "groups", Heading: p.T("page.equity"), Text: []string{p.T("method.groups.text"), p.T("method.groups.clear")},
		Facts: []fact{
			m.fact("method.groups.confidence", own(m.share(e.EquityConfidence))), m.fact("method.groups.months", m.number(e.EquityMonths)),
			m.fact("method.groups.events", m.number(e.EquityEvents)),
		},
	}
	ways := map[string]bool{}
	for _, res := range m.results {
		for _, q := range res.Equity {
			ways[q.Method] = true
		}
	}
	if len(ways) == 0 {
		return nil
	}
	for _, way := range []string{"wilson", "byar", "none"} {
		if ways[way] {
			s.Formulas = append(s.Formulas, p.T("equity.method."+way, "share", m.share(e.EquityConfidence)))
		}
	}
	s.Formulas = append(s.Formulas, p.T("method.groups.difference"))
	return s
}

// drivers is how a change is divided among groups; nil where none is.
func (m methods) drivers() *methodSection {
	if len(m.used(func(res *scorecard.Result) bool { return len(res.Drivers) > 0 })) == 0 {
		return nil
	}
	return &methodSection{
		ID: "drivers", Heading: m.P.T("page.drivers"), Text: []string{m.P.T("method.drivers.text"), m.P.T("drivers.arithmetic")},
		Formulas: []string{m.P.T("method.drivers.parts"), m.P.T("method.drivers.mix")},
	}
}

// evaluated is how what the city did is looked at; nil where it asks no such question.
func (m methods) evaluated() *methodSection {
	n := map[kpi.EvaluationMethod]int{}
	for _, e := range m.Request.evaluations("") {
		n[e.Method]++
	}
	if len(n) == 0 {
		return nil
	}
	s := &methodSection{
		ID: "evaluations", Heading: m.P.T("page.evaluated"), Text: []string{m.P.T("method.evaluated.text"), m.P.T("method.evaluated.others")},
		Facts: []fact{m.fact("method.groups.confidence", own(m.share(m.engine.EvaluationConfidence)))},
		Link:  &Link{URL: m.To(evaluationsPage.Path), Words: own(m.P.T("evaluations.menu"))},
	}
	for _, method := range kpi.EvaluationMethods {
		if n[method] > 0 {
			s.Facts = append(s.Facts, fact{Label: m.P.Upper(m.P.EvaluationMethod(method)), Words: m.number(n[method])})
		}
	}
	return s
}

// together is how indicators are put together.
func (m methods) together() *methodSection {
	s := &methodSection{ID: "together", Heading: m.P.T("method.together"), Text: []string{m.P.T("method.together.counts")}}
	if m.City.RollUp == nil {
		s.Text = append(s.Text, m.P.T("method.together.none"))
		return s
	}
	s.Text = append(s.Text, m.P.T("method.together.score"))
	s.More = []string{m.P.T("method.together.coverage", "share", m.share(m.engine.ScoreCoverage))}
	s.Formulas = []string{m.P.T("method.together.formula")}
	weights := methodTable{Caption: m.P.T("method.together.weights"), Name: m.P.T("table.indicator"), Value: m.P.T("method.together.weight"), Number: true}
	for _, res := range m.results {
		if w, ok := m.City.RollUp.Weights[res.Indicator.ID]; ok {
			weights.Rows = append(weights.Rows, methodRow{m.Words(res.Indicator.Name), Value{m.P.Exact(w, kpi.Number), raw(&w)}})
		}
	}
	if len(weights.Rows) > 0 {
		s.Tables = []methodTable{weights}
	}
	return s
}

// calendar is the time in which the city counts: its zone, its fiscal year, its working days.
func (m methods) calendar() *methodSection {
	p, city := m.P, m.City
	s := &methodSection{ID: "calendar", Heading: p.T("method.calendar"), Text: []string{p.T("method.calendar.text")}}
	s.Facts = []fact{m.fact("method.calendar.zone", own(strings.ReplaceAll(city.TimeZone, "_", " ")))}
	if city.FiscalStart > 0 {
		s.Facts = append(s.Facts, m.fact("method.calendar.fiscal", own(p.Upper(p.Month(city.FiscalStart)))))
		if year, err := m.Cal.Period(kpi.FiscalYear, m.Card.AsOf); err == nil {
			s.Facts = append(s.Facts, m.fact("method.calendar.current", own(p.Upper(p.Period(year)))))
		}
	}
	weekend := city.Weekend
	if len(weekend) == 0 {
		weekend = kpi.DefaultWeekend
	}
	var names []string
	for _, d := range weekend {
		names = append(names, p.Weekday(d))
	}
	s.Facts = append(s.Facts, m.fact("method.calendar.weekend", own(p.Upper(p.List(names)))))
	if len(city.Holidays) > 0 {
		s.Facts = append(s.Facts, m.fact("method.calendar.holidays", m.number(len(city.Holidays))))
		t := methodTable{Caption: p.T("method.calendar.holidays"), Name: p.T("method.calendar.day"), Value: p.T("method.calendar.weekday")}
		for _, h := range slices.SortedFunc(slices.Values(city.Holidays), kpi.Date.Compare) {
			t.Rows = append(t.Rows, methodRow{own(p.Date(h)), Value{Text: p.Upper(p.Weekday(h.Weekday()))}})
		}
		s.Tables = []methodTable{t}
	}
	s.Formulas = []string{p.T("method.calendar.working"), p.T("method.calendar.same_day")}
	return s
}

// population is the number of residents that rates are computed with; nil where the city gives none.
func (m methods) population() *methodSection {
	pop := m.City.Population
	if pop == nil || pop.Value <= 0 {
		return nil
	}
	s := &methodSection{
		ID: "population", Heading: m.P.T("method.population"), Text: []string{m.P.T("method.population.text")},
		Facts: []fact{m.fact("method.population.city", own(m.P.Int(pop.Value)))},
	}
	if !pop.AsOf.IsZero() {
		s.Facts = append(s.Facts, m.fact("method.population.as_of", own(m.P.Date(pop.AsOf))))
	}
	t := methodTable{Caption: m.P.T("method.population.districts"), Name: m.P.T("table.district"), Value: m.P.T("method.population.city"), Number: true}
	for i := range m.City.Districts {
		d := &m.City.Districts[i]
		if n, ok := pop.ByDistrict[d.ID]; ok {
			t.Rows = append(t.Rows, methodRow{m.Words(d.Name), m.Count(n)})
		}
	}
	i18n.SortBy(m.P, t.Rows, func(row methodRow) string { return row.Name.Text })
	if len(t.Rows) > 0 {
		s.Tables = []methodTable{t}
	}
	return s
}

// changed is what happens when the city changes a target or a definition, and when the public sees new numbers.
func (m methods) changed() *methodSection {
	publish := "method.changed.every_load"
	if m.City.Publish == kpi.PublishByRelease {
		publish = "method.changed.by_release"
	}
	return &methodSection{
		ID: "changes", Heading: m.P.T("method.changed"),
		Text: []string{m.P.T("method.changed.text"), m.P.T("method.changed.breaks"), m.P.T(publish)},
		Link: &Link{URL: m.To(changesPath), Words: own(m.P.T("changes.menu"))},
	}
}
