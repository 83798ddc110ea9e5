package i18n

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Finding returns what an indicator's judged value did, beside the target that holds, in a sentence that names the indicator. It says up and down,
// reached and missed; whether that is good is said by status and signal.
func Finding(p *Printer, r scorecard.Result) string { return finding(p, r, "finding.") }

// Headline is [Finding] where the indicator's name stands above it.
func Headline(p *Printer, r scorecard.Result) string { return finding(p, r, "headline.") }

// finding fills one of the messages that begin with a prefix.
func finding(p *Printer, r scorecard.Result, prefix string) string {
	a := r.Assessment
	judged, previous := judged(r)
	args := []any{"name", r.Indicator.Name}
	switch {
	case a.Status == kpi.TooFew && judged != nil:
		return p.T(prefix+"too_few", append(args, "in_period", p.InPeriod(judged.Period), "n", judged.Observation.Rows, "min", r.Indicator.Minimum)...)
	case judged == nil || a.Value == nil:
		return missing(p, r, prefix)
	}
	if a.Judged != nil && a.Target != nil {
		return yearFinding(p, r, judged.Period, prefix)
	}
	args = append(args, "value", p.Value(a.Value, r.Indicator.Unit, r.Indicator.Decimals))
	when := p.InPeriod(judged.Period)
	verb, against := comparedWith(p, r, judged, previous, when)
	if a.Target == nil || r.Indicator.Direction == kpi.Neutral || r.Indicator.AddsUp() { // one period is no part of a year's target
		return p.T(prefix+verb+"_plain", append(args, "in_period", against)...)
	}
	args = append(args, "target", p.Target(a.Target, r.Indicator))
	by := a.Target.By
	due := !by.Before(judged.Period.First) && !by.After(judged.Period.Last) // the target's date lies in the judged period
	switch {
	case a.Status == kpi.Achieved, due && a.Met:
		return p.T(prefix+"reached", append(args, "in_period", when)...)
	case due:
		return p.T(prefix+"missed", append(args, "in_period", when)...)
	case judged.Period.First.After(by):
		return p.T(prefix+verb+"_past", append(args, "in_period", against, "date", by)...)
	}
	return p.T(prefix+verb, append(args, "in_period", against)...)
}

// yearFinding is the finding of what adds up in a year: the total since the year began, beside the target for all of it, or the limit.
func yearFinding(p *Printer, r scorecard.Result, judged kpi.Period, prefix string) string {
	a, ind := r.Assessment, r.Indicator
	first, ok := inSeries(r, a.Since)
	if !ok {
		first = judged
	}
	since := p.SincePeriod(first)
	args := []any{"name", ind.Name, "value", p.Value(a.Judged, ind.Unit, ind.Decimals), "target", p.Target(a.Target, ind)}
	reached, missed, open := "reached", "missed", "year"
	limit := yearDirection(r) == kpi.Down
	if limit { // nobody wants to reach it
		reached, missed, open = "kept", "exceeded", "year_limit"
	}
	over := !judged.Last.Before(a.Target.By)
	switch {
	case a.Status == kpi.Achieved, over && a.Met:
		return p.T(prefix+reached, append(args, "in_period", since)...)
	case over, limit && a.Rule == kpi.RuleYearExceeded:
		return p.T(prefix+missed, append(args, "in_period", since)...)
	}
	return p.T(prefix+open, append(args, "since_period", since, "by_date", p.By(a.Target.By))...)
}

// missing is the finding of an indicator without a judged value.
func missing(p *Printer, r scorecard.Result, prefix string) string {
	name := r.Indicator.Name
	for i := len(r.Series) - 1; i >= 0; i-- {
		if o := r.Series[i].Observation; o.Value != nil {
			value := p.Observed(r.Indicator, &o)
			return p.T(prefix+"provisional", "name", name, "value", value, "in_period", p.InPeriod(r.Series[i].Period))
		}
	}
	if r.Total != nil && r.Total.ExcludedRows() > 0 {
		return p.T(prefix+"no_rows", "name", name, "left_out", r.Total.ExcludedRows())
	}
	return p.T(prefix+"no_data", "name", name)
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

// comparedWith says how the judged value compares, and when, as a finished phrase. Of a series with seasons the value before is of another season, beside
// which a better one can look like a fall: it is compared with the same season of the year before.
func comparedWith(p *Printer, r scorecard.Result, judged, previous *scorecard.Point, when string) (verb, against string) {
	if !r.Assessment.Signal.Adjusted {
		return movement(r, previous), when
	}
	before := yearBefore(r, judged)
	if before != nil {
		when = p.T("sentence.season", "in_period", when)
	}
	return movement(r, before), when
}

// yearBefore returns the settled point of the same season a year before, with a value; nil if there is none.
func yearBefore(r scorecard.Result, now *scorecard.Point) *scorecard.Point {
	first := now.Period.First.AddMonths(-12)
	for i := range r.Series {
		if pt := &r.Series[i]; pt.Period.First == first && pt.Settled && pt.Observation.Value != nil {
			return pt
		}
	}
	return nil
}

// movement says how the judged value compares with an earlier one, as both are shown.
func movement(r scorecard.Result, previous *scorecard.Point) string {
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
