package pages

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// status is how a value is compared with the path to the target.
func (m methods) status() *methodSection {
	p, b := m.P, m.bands()
	s := &methodSection{
		ID: "status", Heading: p.T("indicator.status"),
		Text: []string{p.T("method.status.text"), p.T("method.status.settled")},
		Facts: []fact{
			m.fact("quantity.band_on_track", own(m.share(b.OnTrack))), m.fact("quantity.band_behind", own(m.share(b.Behind))),
		},
		Formulas: []string{p.T("method.status.formula"), p.T("why.distance", "share", m.share(1-b.Behind)), p.T("why.distance_range", "share", m.share(1-b.Behind))},
	}
	s.More = []string{p.T("method.status.own")}
	if b == kpi.DefaultBands {
		s.More = []string{p.T("method.status.usual")}
	}
	s.Facts = append(s.Facts, counted(m, kpi.Trajectories, func(res *scorecard.Result) (kpi.Trajectory, bool) {
		return res.Indicator.Trajectory, res.Assessment.Target != nil && res.Indicator.Judge.By == kpi.MethodPace
	}, func(t kpi.Trajectory) string { return p.T("method.path", "path", p.Trajectory(t)) })...)
	return s
}

// year is how the total of a year is compared with what should be there by now.
func (m methods) year() *methodSection {
	list := m.used(func(res *scorecard.Result) bool { return res.Indicator.AddsUp() })
	if len(list) == 0 {
		return nil
	}
	return &methodSection{
		ID: "year", Heading: m.P.T("method.year"), Text: []string{m.P.T("method.year.text"), m.P.T("method.year.limit")},
		Facts: counted(m, kpi.Phasings, func(res *scorecard.Result) (string, bool) {
			return res.Assessment.Phasing, res.Assessment.Phasing != ""
		}, m.P.Phasing),
		Formulas: []string{m.P.T("method.year.formula")}, Uses: m.uses(list),
	}
}

// named is a method of judging that other programs use too; nil where no indicator is judged by it.
func (m methods) named(by kpi.MethodName, text ...string) *methodSection {
	list := m.used(func(res *scorecard.Result) bool { return res.Indicator.Judge.By == by })
	if len(list) == 0 {
		return nil
	}
	s := &methodSection{ID: string(by), Heading: m.P.Upper(m.P.Method(by)), Uses: m.uses(list)}
	for _, id := range text {
		s.Text = append(s.Text, m.P.T(id))
	}
	t := methodTable{Caption: m.P.T("method.named.words"), Name: m.P.T("method.named.own"), Value: m.P.T("public.label")}
	for _, word := range kpi.NamedWords[by] {
		public := namedStatus(by, word).Public()
		t.Rows = append(t.Rows, methodRow{own(m.P.Upper(m.P.NamedWord(&kpi.Named{Method: by, Word: word}))), Value{Text: m.P.Upper(m.P.PublicStatus(public))}})
	}
	s.Tables = []methodTable{t}
	return s
}

// namedStatus is the status for the own word of a method.
func namedStatus(by kpi.MethodName, word string) kpi.Status {
	switch by {
	case kpi.MethodOpenSDG:
		return kpi.OpenSDGStatus(word).Status()
	case kpi.MethodExecuted:
		return kpi.ExecutedBand(word).Status()
	}
	return kpi.Status(word) // CityScore has our words, and one for no answer, which is none of the statuses
}

func (m methods) openSDG() *methodSection {
	s := m.named(kpi.MethodOpenSDG, "method.open_sdg.text", "method.open_sdg.without")
	if s == nil {
		return nil
	}
	with, without := kpi.OpenSDGBands.WithTarget, kpi.OpenSDGBands.Without
	s.Facts = []fact{
		m.fact("method.open_sdg.on_track", own(m.share(with.OnTrack))), m.fact("method.open_sdg.behind", own(m.share(with.Behind))),
		m.fact("method.open_sdg.growth", own(m.share(without.OnTrack))), m.fact("method.open_sdg.moderate", own(m.share(without.Behind))),
	}
	s.Formulas = []string{m.P.T("method.open_sdg.rate"), m.P.T("method.open_sdg.needed"), m.P.T("method.open_sdg.ratio")}
	return s
}

func (m methods) cityScore() *methodSection {
	s := m.named(kpi.MethodCityScore, "method.cityscore.text")
	if s == nil {
		return nil
	}
	s.Facts = []fact{m.fact("method.cityscore.on_track", m.number(1)), m.fact("method.cityscore.behind", own(m.P.Number(m.bands().Behind, 2)))}
	s.Formulas = []string{m.P.T("method.cityscore.up"), m.P.T("method.cityscore.down")}
	return s
}

func (m methods) executed() *methodSection {
	s := m.named(kpi.MethodExecuted, "method.executed.text")
	if s == nil {
		return nil
	}
	b := kpi.DefaultExecutedBands
	s.Facts = []fact{m.fact("method.executed.on_track", own(m.share(b.OnPlan/100))), m.fact("method.executed.behind", own(m.share(b.Behind/100)))}
	s.Formulas = []string{m.P.T("method.executed.formula")}
	return s
}

// signal is how a real change is told from the usual ups and downs.
func (m methods) signal() *methodSection {
	p, e := m.P, m.engine
	s := &methodSection{
		ID: "signal", Heading: p.T("indicator.signal"), Text: []string{p.T("method.signal.text"), p.T("method.signal.why")},
		Facts: []fact{m.fact("signal.needed", m.number(e.SignalPeriods)), m.fact("method.signal.trial", m.number(e.TrialPeriods))},
	}
	charts := map[kpi.ChartKind]bool{}
	s.Facts = append(s.Facts, counted(m, kpi.ChartKinds, func(res *scorecard.Result) (kpi.ChartKind, bool) {
		chart := res.Assessment.Signal.Chart
		charts[chart] = true
		return chart, chart != ""
	}, p.ChartKind)...)
	if charts[kpi.ChartXmR] || charts[kpi.ChartPPrime] || charts[kpi.ChartUPrime] {
		s.Formulas = append(s.Formulas, p.T("signal.rule.outside"), p.T("method.rule.shift", "n", e.ShiftPoints), p.T("method.rule.trend", "n", e.TrendPoints),
			p.T("method.rule.near", "n", e.NearPoints, "total", e.NearOf))
	}
	for _, chart := range kpi.ChartKinds {
		if charts[chart] {
			s.Formulas = append(s.Formulas, p.T("method.chart."+string(chart), "factor", p.Number(e.LimitFactor, 2), "times", p.Number(e.UnevenBy, 1), "n", e.TrialPeriods))
		}
	}
	if len(m.used(func(res *scorecard.Result) bool { return res.Assessment.Signal.Adjusted })) > 0 {
		s.More = append(s.More, p.T("method.signal.season", "n", e.SeasonYears))
	}
	if len(m.used(func(res *scorecard.Result) bool { return len(res.Indicator.Rebases) > 0 })) > 0 {
		s.More = append(s.More, p.T("method.signal.rebase"))
	}
	return s
}

// trend is how the course of the whole history is found.
func (m methods) trend() *methodSection {
	if len(m.used(func(res *scorecard.Result) bool { return res.Assessment.Trend != nil })) == 0 {
		return nil
	}
	return &methodSection{
		ID: "trend", Heading: m.P.T("indicator.trend"), Text: []string{m.P.T("method.trend.text")},
		Facts:    []fact{m.fact("signal.needed", m.number(m.engine.TrendPeriods)), m.fact("method.trend.level", own(m.share(m.engine.TrendLevel)))},
		Formulas: []string{m.P.T("method.trend.slope"), m.P.T("method.trend.test")},
	}
}

// outlook is what the words for a probability mean; nil where the public does not read them.
func (m methods) outlook() *methodSection {
	if !m.City.Outlook {
		return nil
	}
	p, e := m.P, m.engine
	s := &methodSection{ID: "outlook", Heading: p.T("indicator.outlook"), Text: []string{p.T("method.outlook.text"), p.T("method.outlook.care")}}
	low := 0.0
	for k, b := range e.OutlookBounds {
		said := p.T("method.outlook.between", "low", m.share(low), "high", m.share(b.Below))
		switch k {
		case 0:
			said = p.T("method.outlook.under", "high", m.share(b.Below))
		case len(e.OutlookBounds) - 1:
			said = p.T("method.outlook.over", "low", m.share(low))
		}
		s.Facts = append(s.Facts, fact{Label: p.Upper(p.Outlook(b.Word)), Words: own(said)})
		low = b.Below
	}
	s.Facts = append(s.Facts, fact{Label: p.Upper(p.Outlook(kpi.OutOfReach)), Words: own(p.T("method.outlook.reach"))},
		m.fact("signal.needed", m.number(e.OutlookPeriods)), m.fact("method.outlook.range", own(m.share(e.OutlookLevel))))
	s.More = []string{p.T("method.outlook.clipped", "low", m.share(e.LeastChance), "high", m.share(e.MostChance))}
	for _, method := range kpi.ForecastMethods {
		if len(m.used(func(res *scorecard.Result) bool { o := res.Assessment.Outlook; return o != nil && o.Method == method })) > 0 {
			s.Formulas = append(s.Formulas, p.ForecastMethod(method))
		}
	}
	return s
}
