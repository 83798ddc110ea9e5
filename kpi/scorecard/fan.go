package scorecard

import (
	"citystat/kpi"
	"citystat/kpi/stats"
)

// mostSteps is the number of periods ahead up to which every one of them is kept for a drawing.
const mostSteps = 120

// innerLevel is the probability of the inner interval of a fan.
const innerLevel = 0.50

// fan is the forecast on which an outlook rests, for every period after the last one until that of the target's date; nil where there is none, or
// where the way is longer than any drawing has room for.
func (f *forecaster) fan(last kpi.Period, a *kpi.Assessment, steps int) []kpi.OutlookStep {
	if steps > mostSteps {
		return nil
	}
	var list []kpi.OutlookStep
	period := last
	for k := 1; k <= steps; k++ {
		period = f.calendar.Next(period)
		s, ok := f.step(a, k)
		if !ok || !ordered(s.Low, s.InnerLow, s.InnerHigh, s.High) {
			return nil
		}
		s.Period = period
		list = append(list, s)
	}
	return list
}

// step is the forecast of the k-th period ahead. Its intervals come the same way as that of the outlook itself.
func (f *forecaster) step(a *kpi.Assessment, k int) (s kpi.OutlookStep, ok bool) {
	if f.indicator.AddsUp() {
		const inner = 0.6744897501960817 / 1.2815515655446004 // of 50 % over that of 80 %, of a normal distribution
		made, known := f.made[stats.ScaleLinear]
		var o kpi.Outlook
		if !known || a.Judged == nil || !f.sum(&o, made, *a.Judged, k) {
			return s, false
		}
		return kpi.OutlookStep{Low: o.Low, High: o.High, Mean: o.Mean, InnerLow: o.Mean - inner*(o.Mean-o.Low), InnerHigh: o.Mean + inner*(o.High-o.Mean)}, true
	}
	made, known := f.made[f.scale()]
	if !known {
		return s, false
	}
	outer, within := false, false
	s.Mean, ok = made.Median(k)
	s.Low, s.High, outer = made.Interval(k, outlookLevel)
	s.InnerLow, s.InnerHigh, within = made.Interval(k, innerLevel)
	return s, ok && outer && within
}

// ordered reports whether numbers rise, or stay; one that is none does neither.
func ordered(list ...float64) bool {
	for k := 1; k < len(list); k++ {
		if !(list[k-1] <= list[k]) {
			return false
		}
	}
	return true
}
