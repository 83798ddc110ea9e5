package i18n

import (
	"slices"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// SignalSentence returns what the signal says about the indicator's own history, patterns 9 to 12.
func SignalSentence(p *Printer, r scorecard.Result) string {
	s := r.Assessment.Signal
	id := map[kpi.SignalKind]string{
		kpi.Improving: "sentence.improved", kpi.Worsening: "sentence.worsened", kpi.Changing: "sentence.changed", kpi.Steady: "sentence.noise",
	}[s.Kind]
	switch {
	case s.Kind == kpi.NotAsked:
		return p.T("sentence.signal_not_asked")
	case id == "":
		return p.T("sentence.too_early", "n", s.Points, "min", s.Needed)
	}
	since := ""
	if x, ok := inSeries(r, s.Since); ok {
		since = p.SincePeriod(x)
	} else if x, ok := inSeries(r, r.Assessment.Period); ok {
		since = p.SincePeriod(x) // the run began with the judged period itself
	}
	return p.T(id, "name", r.Indicator.Name, "since_period", since)
}

// SignalLimits returns the sentence with the limits of the usual ups and downs at the judged period, or with the median of a run chart, "" when
// there are none.
func SignalLimits(p *Printer, r scorecard.Result) string {
	s, ind := r.Assessment.Signal, r.Indicator
	show := func(v float64) string { return p.Value(&v, ind.Unit, ind.Decimals) }
	if s.Mean != nil && s.Chart == kpi.ChartRun {
		return p.T("signal.median", "mean", show(*s.Mean))
	}
	if s.Lower == nil || s.Upper == nil || s.Mean == nil {
		return ""
	}
	args := []any{"low", show(possible(ind, *s.Lower)), "high", show(possible(ind, *s.Upper))}
	switch {
	case s.Adjusted:
		return p.T("signal.limits_adjusted", args...)
	case s.Chart == kpi.ChartPPrime, s.Chart == kpi.ChartUPrime:
		return p.T("signal.limits_cases", append(args, "mean", show(*s.Mean))...)
	}
	return p.T("signal.limits", append(args, "mean", show(*s.Mean))...)
}

// SignalReasons returns the sentences that say how a signal was found: the rule, the limits, what was done to the series before, whether the
// target will be met as things are, and why to read it with care.
func SignalReasons(p *Printer, r scorecard.Result) []string {
	s := r.Assessment.Signal
	list := []string{p.SignalRule(s.Rule), SignalLimits(p, r)}
	if s.Adjusted {
		list = append(list, p.T("signal.adjusted"))
	}
	if s.Sigma != nil {
		list = append(list, p.T("signal.sigma", "share", p.Share(*s.Sigma)))
	}
	list = append(list, rebased(p, r)...)
	list = append(list, p.Assurance(s.Assurance))
	for _, w := range s.Warnings {
		if w != kpi.WarnRebased { // said above, with who decided it
			list = append(list, p.SignalWarning(w))
		}
	}
	if s.Trial && s.Lower != nil && !slices.Contains(s.Warnings, kpi.WarnTrial) {
		list = append(list, p.SignalWarning(kpi.WarnTrial))
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// rebased says since when the limits hold and, if somebody decided so, who and why.
func rebased(p *Printer, r scorecard.Result) []string {
	s := r.Assessment.Signal
	decided := slices.Contains(s.Warnings, kpi.WarnRebased)
	x, ok := inSeries(r, s.From)
	switch {
	case !ok && decided:
		return []string{p.SignalWarning(kpi.WarnRebased)}
	case !ok:
		return nil
	case !decided:
		return []string{p.T("signal.from", "since_period", p.SincePeriod(x))}
	}
	list := []string{p.T("signal.rebased", "since_period", p.SincePeriod(x))}
	for _, d := range r.Indicator.Rebases {
		if !d.From.Before(x.First) && !d.From.After(x.Last) {
			list = append(list, p.decision(d.ByWhom, d.Set, d.Reason, "")...)
		}
	}
	return list
}

// decision says who decided something and when, why, and by which legal act; what nobody said is left out.
func (p *Printer) decision(who string, on kpi.Date, why kpi.Text, act string) []string {
	var list []string
	switch {
	case who != "" && !on.IsZero():
		list = append(list, p.T("decision.by", "person", who, "on_date", p.On(on)))
	case who != "":
		list = append(list, p.T("decision.by_whom", "person", who))
	case !on.IsZero():
		list = append(list, p.T("decision.on", "on_date", p.On(on)))
	}
	if !why.IsZero() {
		list = append(list, p.T("decision.why", "reason", why))
	}
	if act != "" {
		list = append(list, p.T("decision.act", "act", act))
	}
	return list
}

// inSeries returns the period with an id, if the series has it.
func inSeries(r scorecard.Result, id string) (kpi.Period, bool) {
	for _, pt := range r.Series {
		if pt.Period.ID == id {
			return pt.Period, true
		}
	}
	return kpi.Period{}, false
}

// possible keeps a limit among the values that the indicator can have: the formula does not know that a share ends at 0 and at 100 %,
// and that nothing can be counted or last less than nothing.
func possible(ind *kpi.Indicator, limit float64) float64 {
	switch {
	case ind.Measure.Kind == kpi.MeasureShare:
		return min(max(limit, 0), 100)
	case ind.Measure.Kind == kpi.MeasureCount, ind.Measure.Kind == kpi.MeasureRate, ind.Unit == kpi.Days, ind.Unit == kpi.WorkingDays, ind.Unit == kpi.Hours:
		return max(limit, 0)
	}
	return limit
}

// TrendSentence says which way an indicator went over all its settled periods, and by how much a year, "" if nothing was computed.
// Whether that is good is said by the signal.
func TrendSentence(p *Printer, r scorecard.Result) string {
	t, ind := r.Assessment.Trend, r.Indicator
	if t == nil {
		return ""
	}
	id := "sentence.trend_none"
	if t.Real {
		id = "sentence.trend"
	}
	low, high := p.between(t.Low, t.High, ind.Unit, perYear(ind))
	return p.T(id, "name", ind.Name, "slope", p.Change(&t.Slope, ind.Unit, perYear(ind)), "low", low, "high", high)
}

// perYear is the number of decimals of a change per year, which is smaller than the values.
func perYear(ind *kpi.Indicator) int { return min(ind.Decimals+1, 6) }

// TrendReasons returns the sentences that say what a trend rests on.
func TrendReasons(p *Printer, t *kpi.Trend) []string {
	list := []string{p.T("trend.points", "n", t.Points)}
	if t.Seasonal {
		list = append(list, p.T("trend.seasonal"))
	}
	if t.Lag1 != nil {
		list = append(list, p.T("trend.autocorrelated"))
	}
	return list
}
