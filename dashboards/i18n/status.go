package i18n

import (
	"math"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// StatusReason returns the sentences that say why an indicator has its status: value, expected value and the rule, in words and
// numbers. Each is a whole sentence of its own.
func StatusReason(p *Printer, r scorecard.Result) []string {
	a, ind := r.Assessment, r.Indicator
	switch {
	case a.Rule == kpi.RuleYearUnknown:
		return []string{p.T("why.year_unknown")}
	case a.Named != nil:
		return namedReason(p, r)
	}
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
		if ind.AddsUp() && len(ind.Targets) > 0 {
			return []string{p.T("why.no_target_year")}
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
	if list, ok := yearRule(p, r); ok {
		return list
	}
	switch {
	case a.Status == kpi.Achieved:
		return []string{p.T("why.achieved")}
	case a.Status == kpi.WrongWay:
		return []string{p.T("why.wrong_way")}
	case a.Status == kpi.NoClearChange:
		return []string{p.T(notClear(a.Signal))}
	case a.Met:
		return []string{p.T("why.met")}
	case a.Rule == kpi.RuleExpected:
		return []string{p.T("why.expected")}
	case a.Rule == kpi.RuleDistance && r.Indicator.Direction == kpi.Range:
		return []string{p.T("why.distance_range", "share", p.Share(1-a.Bands.Behind))}
	case a.Rule == kpi.RuleDistance:
		return []string{p.T("why.distance", "share", p.Share(1-a.Bands.Behind))}
	case a.Pace != nil:
		return []string{p.T("why.pace", "pace", p.pace(*a.Pace, a.Bands)), p.bands(a.Bands)}
	}
	return nil
}

// notClear is the sentence for a value that is worse than the baseline, without a signal that says so.
func notClear(s kpi.Signal) string {
	switch s.Kind {
	case kpi.TooEarly:
		return "why.no_clear_change_early"
	case kpi.Improving, kpi.Changing, kpi.NotAsked:
		return "why.no_clear_change_other"
	}
	return "why.no_clear_change"
}

// yearRule is rule for what adds up in a year; false if a rule decided that holds for all.
func yearRule(p *Printer, r scorecard.Result) ([]string, bool) {
	a, d := r.Assessment, yearDirection(r)
	by := func(up, down, within string) ([]string, bool) {
		switch d {
		case kpi.Down:
			return []string{p.T(down)}, true
		case kpi.Range:
			return []string{p.T(within)}, true
		}
		return []string{p.T(up)}, true
	}
	switch {
	case a.Judged == nil:
		return nil, false
	case a.Rule == kpi.RuleYearMet:
		return by("why.year_met", "why.year_kept", "why.year_kept_range")
	case a.Rule == kpi.RuleYearExceeded:
		return by("why.year_exceeded", "why.year_exceeded", "why.year_exceeded_range")
	case a.Rule == kpi.RuleYearPace && a.Pace != nil:
		id := "why.year_pace"
		if d == kpi.Down {
			id = "why.year_pace_limit"
		}
		return []string{p.T(id, "pace", p.pace(*a.Pace, a.Bands)), p.bands(a.Bands)}, true
	case a.Rule == kpi.RuleYearPace:
		return []string{p.T("why.year_open_range")}, true
	case a.Rule == kpi.RuleDistance:
		if pt, _ := judged(r); pt != nil && a.Target != nil && !pt.Period.Last.Before(a.Target.By) {
			return []string{p.T("why.year_short")}, true
		}
		return nil, true // a total below zero: there is no pace, and the first sentence says it all
	}
	return nil, false
}

// yearDirection is the direction in which the total of a year should go. A loss to be kept small stays under a limit, however it is written.
func yearDirection(r scorecard.Result) kpi.Direction {
	d := r.Indicator.Direction
	if t := r.Assessment.Target; t != nil && t.Value < 0 && d != kpi.Range {
		return map[kpi.Direction]kpi.Direction{kpi.Up: kpi.Down, kpi.Down: kpi.Up}[d]
	}
	return d
}

// bands returns the rule for the words on track, behind and well behind.
func (p *Printer) bands(b kpi.Bands) string {
	return p.T("why.bands", "on_track", p.Share(b.OnTrack), "behind", p.Share(b.Behind))
}

// pace returns a pace as a percentage, with as many decimals as it takes not to look as if it had reached a band that it missed.
func (p *Printer) pace(pace float64, b kpi.Bands) string {
	for decimals := range 4 {
		shown := Round(100*pace, decimals) / 100
		if atLeast(shown, b.OnTrack) == atLeast(pace, b.OnTrack) && atLeast(shown, b.Behind) == atLeast(pace, b.Behind) {
			return p.Percent(100*pace, decimals)
		}
	}
	return p.Percent(100*pace, 4)
}

// atLeast compares as the rules do.
func atLeast(v, bound float64) bool { return v >= bound-1e-9*math.Abs(bound) }

// against is the sentence that sets the judged value against the expected value or the target's range, pattern 8.
func against(p *Printer, r scorecard.Result) string {
	a, ind := r.Assessment, r.Indicator
	pt, _ := judged(r)
	if pt == nil || a.Value == nil {
		return ""
	}
	if a.Judged != nil && a.Target != nil {
		return againstYear(p, r)
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

// againstYear sets a year's total so far against its target and what should be there by now.
func againstYear(p *Printer, r scorecard.Result) string {
	a, ind := r.Assessment, r.Indicator
	show := func(v *float64) string { return p.Value(v, ind.Unit, ind.Decimals) }
	args := []any{"name", ind.Name, "value", show(a.Judged), "target", p.Exact(a.Target.Value, ind.Unit)}
	if ind.Direction == kpi.Range {
		return p.T("why.year_range", append(args, "low", p.Exact(a.Target.Low, ind.Unit), "high", p.Exact(a.Target.High, ind.Unit))...)
	}
	id, plain := "why.year_", "total"
	if ind.Direction == kpi.Down {
		id, plain = "why.year_limit", ""
	}
	if a.Expected == nil || a.Phasing == "" {
		return p.T(id+plain, args...)
	}
	if ind.Direction == kpi.Down {
		id += "_"
	}
	return p.T(id+a.Phasing, append(args, "expected", show(a.Expected))...)
}

// namedReason says what a named method found: the value, the method's own word and number, and that the status is the nearest of ours.
func namedReason(p *Printer, r scorecard.Result) []string {
	a, ind, n := r.Assessment, r.Indicator, r.Assessment.Named
	var list []string
	if pt, _ := judged(r); pt != nil && a.Value != nil {
		args := []any{"name", ind.Name, "value", p.Value(a.Value, ind.Unit, ind.Decimals), "in_period", p.InPeriod(pt.Period)}
		switch {
		case a.Target != nil && (a.Judged != nil || ind.Direction == kpi.Range):
			list = append(list, against(p, r))
		case a.Target != nil && !ind.AddsUp():
			list = append(list, p.T("why.value_target", append(args, "target", p.Exact(a.Target.Value, ind.Unit))...))
		default:
			list = append(list, p.T("why.value", args...))
		}
	}
	list = append(list, p.T("why.named", "method", p.Method(n.Method), "word", p.NamedWord(n)))
	if n.Value != nil {
		list = append(list, namedValue(p, r))
	}
	if n.Score != nil {
		list = append(list, p.T("why.score", "score", p.Number(*n.Score, 1), "low", p.Number(-5, 0), "high", p.Number(5, 0)))
	}
	if n.Why != "" {
		list = append(list, p.T("named.why."+n.Why))
	}
	return append(list, p.T("why.named_status"))
}

// namedValue says the number of a named method.
func namedValue(p *Printer, r scorecard.Result) string {
	a, v := r.Assessment, *r.Assessment.Named.Value
	switch {
	case a.Named.Method == kpi.MethodCityScore:
		return p.T("why.cityscore", "score", p.Number(v, 2))
	case a.Named.Method == kpi.MethodExecuted:
		return p.T("why.executed", "share", p.Percent(v, 1))
	case a.Target != nil && r.Indicator.Direction != kpi.Range:
		return p.T("why.sdg_ratio", "share", p.Share(v))
	}
	return p.T("why.sdg_growth", "share", p.Share(v))
}

// StandingSentences says how the judged value stands to the targets that hold beside the one that was judged: the term's beside the year's.
func StandingSentences(p *Printer, r scorecard.Result) []string {
	ind := r.Indicator
	var list []string
	for _, s := range r.Assessment.Standings {
		kind := s.Target.Kind
		if kind == "" {
			kind = kpi.TargetAnnual
		}
		args := []any{"target", p.Target(&s.Target, ind), "by_date", p.By(s.Target.By)}
		switch {
		case s.Met:
			list = append(list, p.T("standing."+kind+".met", args...))
		case s.Expected != nil:
			list = append(list, p.T("standing."+kind+".expected", append(args, "expected", p.Value(s.Expected, ind.Unit, ind.Decimals))...))
		default:
			list = append(list, p.T("standing."+kind+".open", args...))
		}
		if s.Progress != nil && !s.Met {
			list = append(list, p.T("standing.progress", "share", p.Share(*s.Progress)))
		}
		if s.Outlook != nil {
			list = append(list, OutlookSentence(p, s.Outlook))
		}
	}
	return list
}
