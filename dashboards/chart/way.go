package chart

import (
	"cmp"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// place is where a day stands among periods that follow each other: the last day of one at its number, other days before it, days after all of
// them beyond. It is false for a day before the first.
func place(d kpi.Date, periods []kpi.Period) (float64, bool) {
	for i, x := range periods {
		if d.Before(x.First) {
			return 0, false
		}
		if !d.After(x.Last) {
			return max(float64(i)-float64(x.Last.Sub(d))/float64(x.Days()), 0), true
		}
	}
	last := periods[len(periods)-1]
	return float64(len(periods)-1) + float64(d.Sub(last.Last))/float64(last.Days()), true
}

// waypoints are the targets whose day lies in the periods of a series, and the one that governs now, where it lies ahead. Of a target that holds in
// every period, and of a range, there are none: its line says all.
func waypoints(p *i18n.Printer, r *scorecard.Result, periods []kpi.Period) []Waypoint {
	ind, governing := r.Indicator, r.Assessment.Target
	if governing == nil || ind.Direction == kpi.Neutral || ind.Direction == kpi.Range || ind.Trajectory == kpi.TrajectoryEveryPeriod {
		return nil
	}
	last := periods[len(periods)-1]
	var list []Waypoint
	for _, t := range ind.TargetsInForce(last.Last) {
		at, ok := place(t.By, periods)
		if !ok || t.By.After(last.Last) && t.By != governing.By || slices.ContainsFunc(list, func(w Waypoint) bool { return w.At == at }) {
			continue
		}
		w := Waypoint{At: at, Value: t.Value, Label: p.Upper(p.By(t.By)), Shown: p.T("chart.target", "target", p.Target(&t, ind))}
		w.Tick, w.Group = p.PeriodTick(kpi.Period{Kind: kpi.Day, First: t.By, Last: t.By})
		list = append(list, w)
	}
	slices.SortStableFunc(list, func(a, b Waypoint) int { return cmp.Compare(a.At, b.At) })
	return list
}

// fan is the way to where the value will probably be; nil where the outlook has none, or its periods do not follow those of the series.
func fan(p *i18n.Printer, ind *kpi.Indicator, o *kpi.Outlook, periods []kpi.Period) []FanStep {
	var list []FanStep
	next := len(periods)
	for i := range o.Fan {
		s := &o.Fan[i]
		at := slices.IndexFunc(periods, func(x kpi.Period) bool { return x.ID == s.Period.ID })
		switch {
		case at < 0 && i == 0 && s.Period.First != periods[len(periods)-1].Last.AddDays(1):
			return nil
		case at < 0:
			at, next = next, next+1
		}
		list = append(list, FanStep{
			At: float64(at), Low: s.Low, High: s.High, Mean: s.Mean, InnerLow: s.InnerLow, InnerHigh: s.InnerHigh,
			Label: p.Period(s.Period), Shown: interval(p, ind, &s.Low, &s.High),
		})
	}
	return list
}
