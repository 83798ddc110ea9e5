package i18n

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Finding returns the headline of an indicator: what its judged value did, beside the target that holds. It says up and down, reached
// and missed; whether that is good is said by status and signal.
func Finding(p *Printer, r scorecard.Result) string {
	name := p.Text(r.Indicator.Name)
	a := r.Assessment
	judged, previous := judged(r)
	switch {
	case a.Status == kpi.TooFew && judged != nil:
		return p.T("finding.too_few", "name", name, "in_period", p.InPeriod(judged.Period), "n", judged.Observation.Rows, "min", r.Indicator.Minimum)
	case judged == nil || a.Value == nil:
		return missing(p, r, name)
	}
	value := p.Value(a.Value, r.Indicator.Unit, r.Indicator.Decimals)
	args := []any{"name", name, "value", value, "in_period", p.InPeriod(judged.Period)}
	verb := movement(p, r, previous)
	if a.Target == nil || r.Indicator.Direction == kpi.Neutral {
		return p.T("finding."+verb+"_plain", args...)
	}
	args = append(args, "target", p.Target(a.Target, r.Indicator))
	by := a.Target.By
	due := !by.Before(judged.Period.First) && !by.After(judged.Period.Last) // the target's date lies in the judged period
	switch {
	case a.Status == kpi.Achieved, due && a.Met:
		return p.T("finding.reached", args...)
	case due:
		return p.T("finding.missed", args...)
	case judged.Period.First.After(by):
		return p.T("finding."+verb+"_past", append(args, "by_date", p.By(by))...)
	}
	return p.T("finding."+verb, args...)
}

// missing is the finding of an indicator without a judged value.
func missing(p *Printer, r scorecard.Result, name string) string {
	for i := len(r.Series) - 1; i >= 0; i-- {
		if o := r.Series[i].Observation; o.Value != nil {
			value := p.Observed(r.Indicator, &o)
			return p.T("finding.provisional", "name", name, "value", value, "in_period", p.InPeriod(r.Series[i].Period))
		}
	}
	if r.Total != nil && r.Total.ExcludedRows() > 0 {
		return p.T("finding.no_rows", "name", name, "left_out", r.Total.ExcludedRows())
	}
	return p.T("finding.no_data", "name", name)
}

// judged returns the judged point of a series and the settled value before it; nil where there is none.
func judged(r scorecard.Result) (judged, previous *scorecard.Point) {
	for i := range r.Series {
		pt := &r.Series[i]
		if pt.Period.ID == r.Assessment.Period {
			return pt, previous
		}
		if pt.Settled && pt.Observation.Value != nil {
			previous = pt
		}
	}
	return nil, nil
}

// movement says how the judged value compares with the one before it, as both are shown.
func movement(p *Printer, r scorecard.Result, previous *scorecard.Point) string {
	if previous == nil {
		return "first"
	}
	decimals := r.Indicator.Decimals
	now, before := Round(*r.Assessment.Value, decimals), Round(*previous.Observation.Value, decimals)
	switch {
	case now > before:
		return "rose"
	case now < before:
		return "fell"
	}
	return "stayed"
}

// Newest returns one sentence about the newest value when it is not settled, "" when the judged value is the newest.
func Newest(p *Printer, r scorecard.Result) string {
	for i := len(r.Series) - 1; i >= 0; i-- {
		pt := r.Series[i]
		if pt.Period.ID == r.Assessment.Period || pt.Settled {
			return ""
		}
		if pt.Observation.Value == nil {
			continue
		}
		args := []any{"value", p.Observed(r.Indicator, &pt.Observation), "in_period", p.InPeriod(pt.Period)}
		if pt.Observation.Partial {
			return p.T("sentence.partial", args...)
		}
		return p.T("sentence.unsettled", append(args, "date", r.Indicator.SettledOn(pt.Period))...)
	}
	return ""
}

// CityResult returns the front page's sentence with the result: the four counts.
func CityResult(p *Printer, t scorecard.Tally) string {
	if t.Total() == 0 {
		return p.T("home.no_indicators")
	}
	return p.T("home.result", "total", t.Total(), "on_track", t[kpi.PublicOnTrack], "behind", t[kpi.PublicBehind],
		"off_track", t[kpi.PublicOffTrack], "cannot_say", t[kpi.PublicCannotSay])
}

// PrioritySentence returns pattern 21 for the results of one priority.
func PrioritySentence(p *Printer, name kpi.Text, results []scorecard.Result) string {
	onTrack, noData := 0, 0
	for _, r := range results {
		switch s := r.Assessment.Status; {
		case s.Public() == kpi.PublicOnTrack:
			onTrack++
		case s == kpi.NoData:
			noData++
		}
	}
	return p.T("sentence.priority", "name", name, "n", onTrack, "total", len(results), "no_data", noData)
}

// RowsSentence returns pattern 19: rows counted and rows left out of one observation.
func RowsSentence(p *Printer, o kpi.Observation) string {
	return p.T("sentence.rows", "n", o.Rows, "left_out", o.ExcludedRows())
}

// SignalSentence returns what the signal says about the indicator's own history, patterns 9 to 12.
func SignalSentence(p *Printer, r scorecard.Result) string {
	s := r.Assessment.Signal
	id := map[kpi.SignalKind]string{
		kpi.Improving: "sentence.improved", kpi.Worsening: "sentence.worsened", kpi.Changing: "sentence.changed", kpi.Steady: "sentence.noise",
	}[s.Kind]
	if id == "" {
		return p.T("sentence.too_early", "n", s.Points, "min", s.Needed)
	}
	since := ""
	for _, pt := range r.Series {
		if pt.Period.ID == s.Since {
			since = p.SincePeriod(pt.Period)
			break
		}
		if pt.Period.ID == r.Assessment.Period {
			since = p.SincePeriod(pt.Period) // the run began with the judged period itself
		}
	}
	return p.T(id, "name", r.Indicator.Name, "since_period", since)
}

// SignalLimits returns the sentence with the limits of the usual ups and downs, "" when there are none.
func SignalLimits(p *Printer, r scorecard.Result) string {
	s, ind := r.Assessment.Signal, r.Indicator
	if s.Lower == nil || s.Upper == nil || s.Mean == nil {
		return ""
	}
	low, high := possible(ind, *s.Lower), possible(ind, *s.Upper)
	return p.T("signal.limits", "low", p.Value(&low, ind.Unit, ind.Decimals), "high", p.Value(&high, ind.Unit, ind.Decimals),
		"mean", p.Value(s.Mean, ind.Unit, ind.Decimals))
}

// possible keeps a limit among the values that the indicator can have: the formula does not know that a share ends at 0 and at 100 %,
// and that nothing can be counted or last less than nothing.
func possible(ind *kpi.Indicator, limit float64) float64 {
	switch {
	case ind.Measure.Kind == kpi.MeasureShare:
		return min(max(limit, 0), 100)
	case ind.Measure.Kind == kpi.MeasureCount, ind.Unit == kpi.Days, ind.Unit == kpi.Hours:
		return max(limit, 0)
	}
	return limit
}

// StatusReason returns the sentences that say why an indicator has its status: value, expected value and the rule, in words and
// numbers. Each is a whole sentence of its own.
func StatusReason(p *Printer, r scorecard.Result) []string {
	a, ind := r.Assessment, r.Indicator
	switch a.Status {
	case kpi.NoData:
		return []string{p.T("why.no_data")}
	case kpi.TooFew:
		return []string{p.T("why.too_few", "n", a.Rows, "min", ind.Minimum)}
	case kpi.BaselineBeingSet:
		return []string{p.T("why.baseline")}
	case kpi.NoTarget:
		if ind.Direction == kpi.Neutral {
			return []string{p.T("why.neutral")}
		}
		return []string{p.T("why.no_target")}
	}
	var list []string
	if first := against(p, r); first != "" {
		list = append(list, first)
	}
	return append(list, rule(p, r)...)
}

// rule returns the sentences for the rule that decided a status of the order.
func rule(p *Printer, r scorecard.Result) []string {
	a := r.Assessment
	share := func(v float64) string { return p.Percent(100*v, 0) }
	switch {
	case a.Status == kpi.Achieved:
		return []string{p.T("why.achieved")}
	case a.Status == kpi.WrongWay:
		return []string{p.T("why.wrong_way")}
	case a.Status == kpi.NoClearChange:
		return []string{p.T("why.no_clear_change")}
	case a.Met:
		return []string{p.T("why.met")}
	case a.Rule == kpi.RuleExpected:
		return []string{p.T("why.expected")}
	case a.Rule == kpi.RuleDistance && r.Indicator.Direction == kpi.Range:
		return []string{p.T("why.distance_range", "share", share(1-a.Bands.Behind))}
	case a.Rule == kpi.RuleDistance:
		return []string{p.T("why.distance", "share", share(1-a.Bands.Behind))}
	case a.Pace != nil:
		return []string{p.T("why.pace", "pace", share(*a.Pace)), p.T("why.bands", "on_track", share(a.Bands.OnTrack), "behind", share(a.Bands.Behind))}
	}
	return nil
}

// against is the sentence that sets the judged value against the expected value or the target's range, pattern 8.
func against(p *Printer, r scorecard.Result) string {
	a, ind := r.Assessment, r.Indicator
	pt, _ := judged(r)
	if pt == nil || a.Value == nil {
		return ""
	}
	show := func(v *float64) string { return p.Value(v, ind.Unit, ind.Decimals) }
	args := []any{"name", ind.Name, "value", show(a.Value), "in_period", p.InPeriod(pt.Period)}
	switch {
	case ind.Direction == kpi.Range && a.Target != nil:
		return p.T("why.range", append(args, "low", p.Exact(a.Target.Low, ind.Unit), "high", p.Exact(a.Target.High, ind.Unit))...)
	case a.Expected != nil:
		return p.T("sentence.expected", append(args, "expected", show(a.Expected))...)
	}
	return ""
}

// OutlookSentence returns pattern 13, and the word for "we do not know yet" where no outlook was computed.
func OutlookSentence(p *Printer, o *kpi.Outlook) string {
	if o == nil {
		return p.T("indicator.outlook_none")
	}
	return p.T("sentence.outlook", "by_date", p.By(o.By), "outlook", p.Outlook(o.Word))
}
