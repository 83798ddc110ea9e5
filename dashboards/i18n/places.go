package i18n

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// DistrictCounts counts how a district stands to the rest of the city: by verdict where it can be compared, and all others as
// [scorecard.VerdictNone].
func DistrictCounts(list []scorecard.Local) map[scorecard.Verdict]int {
	n := map[scorecard.Verdict]int{}
	for i := range list {
		switch v := list[i].Verdict(); {
		case !list[i].WithRest():
			n[scorecard.VerdictNone]++
		case v == scorecard.VerdictBetter, v == scorecard.VerdictWorse, v == scorecard.VerdictSimilar, v == scorecard.VerdictDifferent:
			n[v]++
		default:
			n[scorecard.VerdictNone]++
		}
	}
	return n
}

// DistrictFinding says in a sentence how a district stands to the rest of the city, or why nobody can say.
func DistrictFinding(p *Printer, list []scorecard.Local) string {
	some := false
	for i := range list {
		some = some || list[i].State != scorecard.LocalNone
	}
	n := DistrictCounts(list)
	better, worse := n[scorecard.VerdictBetter], n[scorecard.VerdictWorse]
	compared := better + worse + n[scorecard.VerdictSimilar] + n[scorecard.VerdictDifferent]
	switch {
	case len(list) == 0:
		return p.T("places.finding.none")
	case !some:
		return p.T("places.finding.nothing")
	case compared == 0:
		return p.T("places.finding.not_compared")
	case n[scorecard.VerdictSimilar] == compared:
		return p.T("places.finding.similar", "n", compared)
	}
	return p.T("places.finding.compared", "better", better, "worse", worse, "n", compared)
}

// DistrictVerdictShort is DistrictVerdict under a heading that says with what a district is compared.
func DistrictVerdictShort(p *Printer, l *scorecard.Local) string {
	switch v := l.Verdict(); {
	case l.WithRest() && (v == scorecard.VerdictBetter || v == scorecard.VerdictWorse):
		return p.T("chart.verdict." + string(v))
	default:
		return DistrictVerdict(p, l)
	}
}

// DistrictVerdict returns the words for how a district stands to the rest of the city, or to the group that the city compares with.
func DistrictVerdict(p *Printer, l *scorecard.Local) string {
	switch v := l.Verdict(); {
	case l.WithRest() && (v == scorecard.VerdictBetter || v == scorecard.VerdictWorse):
		return p.T("places.verdict." + string(v))
	default:
		return p.Verdict(v, l.Equity != nil && !l.WithRest())
	}
}

// DistrictNotes says what a verdict about a district rests on, or why there is none.
func DistrictNotes(p *Printer, city *kpi.City, l *scorecard.Local) []string {
	ind := l.Result.Indicator
	if l.Group == nil {
		adds := ind.Measure.Flow() || ind.Measure.Kind == kpi.MeasureLast && ind.Unit != kpi.Percent
		if adds && l.State != scorecard.LocalNone {
			return []string{p.T("places.why.sum")}
		}
		return nil
	}
	if l.Verdict() == scorecard.VerdictNone {
		if l.Group.Value == nil || l.Equity.Method != "none" {
			return nil
		}
		return []string{p.T("places.why.untested")}
	}
	if l.Verdict() == scorecard.VerdictHidden {
		return []string{p.Suppression(l.Group.Suppressed)}
	}
	if l.Verdict() == scorecard.VerdictTooFew { // one of one is not 100%
		return nil
	}
	show := func(v *float64) string { return p.Value(v, ind.Unit, ind.Decimals) }
	args := []any{"periods", p.Upper(p.span(periodsOf(city, *l.Result, l.Equity.From, l.Equity.To))), "value", show(l.Group.Value), "city_value", show(l.Equity.Value)}
	if l.WithRest() {
		return []string{p.T("places.pooled", args...)}
	}
	return []string{p.T("places.pooled_reference", append(args, "district", p.Member(l.Equity.Dimension, l.Equity.Reference, city))...)}
}

// DistrictVerdictOver is DistrictVerdict with the periods that were put together for it, where they are several: the value of the newest of them,
// beside which it stands, may lie on the other side.
func DistrictVerdictOver(p *Printer, city *kpi.City, l *scorecard.Local) string {
	word := DistrictVerdict(p, l)
	if l.Equity == nil || l.Equity.From == l.Equity.To {
		return word
	}
	return p.T("places.verdict.over", "verdict", word, "periods", p.span(periodsOf(city, *l.Result, l.Equity.From, l.Equity.To)))
}

// DistrictValue returns a district's value as a reader should see it: in cases where these are few, and in words where it is not shown, or where
// there is none.
func DistrictValue(p *Printer, l *scorecard.Local) string {
	if l.Here == nil {
		return p.Status(kpi.NoData)
	}
	return p.Observed(l.Result.Indicator, l.Here)
}

// DistrictCourse returns the words for a district's change since a year earlier, as far as chance lets it be said; "" where nothing can be added.
func DistrictCourse(p *Printer, l *scorecard.Local) string {
	switch {
	case l.State != scorecard.LocalShown:
		return ""
	case l.Change == nil:
		return p.T("places.course.unknown")
	case l.Course == scorecard.VerdictNone:
		return ""
	}
	return p.T("places.course." + string(l.Course))
}
