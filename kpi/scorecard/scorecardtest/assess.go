package scorecardtest

import (
	"math"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// assess writes down what the plan claims of the history, with every figure computed from it.
func (b *builder) assess(ind *kpi.Indicator, p history, r *scorecard.Result) kpi.Assessment {
	a := kpi.Assessment{
		Status: p.status, Rule: p.rule, AsOf: b.asOf, Bands: b.city.Bands, Baseline: ind.Baseline, Flags: b.flags(ind, p, r),
		Signal: signal(p, r.Series),
	}
	if n := len(r.Series); n > 0 {
		a.Newest = r.Series[n-1].Period.ID
	}
	judged := judged(r.Series)
	if judged == nil {
		a.Target = target(ind, b.asOf)
		return a
	}
	o := judged.Observation
	a.Period, a.Value, a.Rows, a.Excluded = judged.Period.ID, o.Value, o.Rows, o.Excluded
	a.Target, a.Expected = target(ind, judged.Period.Last), judged.Expected
	if a.Target == nil {
		return a
	}
	a.Met = met(ind, *o.Value, a.Target)
	if a.Expected != nil {
		a.Gap = ptr(*o.Value - *a.Expected)
	}
	if base := ind.Baseline; base != nil && a.Expected != nil && a.Target.Value != base.Value {
		whole := a.Target.Value - base.Value
		a.Progress = ptr((*o.Value - base.Value) / whole)
		if e := (*a.Expected - base.Value) / whole; e > 0 {
			a.Pace = ptr(*a.Progress / e)
		}
	}
	return a
}

// judged returns the last settled point with a value, or nil.
func judged(series []scorecard.Point) *scorecard.Point {
	for i := len(series) - 1; i >= 0; i-- {
		if series[i].Settled && series[i].Observation.Value != nil {
			return &series[i]
		}
	}
	return nil
}

func (b *builder) flags(ind *kpi.Indicator, p history, r *scorecard.Result) []kpi.Flag {
	var list []kpi.Flag
	if n := len(r.Series); n > 0 {
		newest := r.Series[n-1].Observation
		if newest.Partial {
			list = append(list, kpi.FlagPartial)
		} else if newest.Provisional {
			list = append(list, kpi.FlagProvisional)
		}
	}
	list = append(list, p.flags...)
	if t := target(ind, b.asOf); t != nil && t.Illustrative {
		list = append(list, kpi.FlagIllustrative)
	}
	return list
}

// target returns the target that governs a day: the first whose date is not before it, or the last.
func target(ind *kpi.Indicator, day kpi.Date) *kpi.Target {
	for i := range ind.Targets {
		if !ind.Targets[i].By.Before(day) {
			return &ind.Targets[i]
		}
	}
	if n := len(ind.Targets); n > 0 {
		return &ind.Targets[n-1]
	}
	return nil
}

// expected is where the trajectory is on a day; nil where there is none.
func expected(ind *kpi.Indicator, day kpi.Date) *float64 {
	t := target(ind, day)
	switch {
	case t == nil || ind.Direction == kpi.Range || ind.Direction == kpi.Neutral:
		return nil
	case ind.Trajectory == kpi.TrajectoryEveryPeriod || ind.Trajectory == kpi.TrajectoryStep:
		return ptr(t.Value)
	case ind.Baseline == nil || day.Before(ind.Baseline.Date):
		return nil
	}
	share := float64(day.Sub(ind.Baseline.Date)) / float64(t.By.Sub(ind.Baseline.Date))
	return ptr(ind.Baseline.Value + (t.Value-ind.Baseline.Value)*math.Min(1, share))
}

func met(ind *kpi.Indicator, v float64, t *kpi.Target) bool {
	switch ind.Direction {
	case kpi.Up:
		return v >= t.Value
	case kpi.Down:
		return v <= t.Value
	case kpi.Range:
		return v >= t.Low && v <= t.High
	}
	return false
}

// signal gives the claimed signal the mean and the limits (mean ± 2.66 · mean moving range, after Wheeler) of the settled values.
func signal(p history, series []scorecard.Point) kpi.Signal {
	s := kpi.Signal{Kind: p.signal, Rule: p.signalRule, Needed: 8}
	var values []float64
	for _, pt := range series {
		if pt.Settled && pt.Observation.Value != nil {
			values = append(values, *pt.Observation.Value)
		}
	}
	s.Points = len(values)
	if s.Points < s.Needed {
		s.Kind, s.Rule = kpi.TooEarly, ""
		return s
	}
	if s.Kind == "" {
		s.Kind = kpi.Steady
	}
	sum, moving := values[0], 0.0
	for i, v := range values[1:] {
		sum += v
		moving += math.Abs(v - values[i])
	}
	mean := sum / float64(len(values))
	width := 2.66 * moving / float64(len(values)-1)
	s.Mean, s.Lower, s.Upper, s.Trial = ptr(mean), ptr(mean-width), ptr(mean+width), s.Points < 12
	if s.Rule != "" {
		s.Since = series[len(series)/2].Period.ID
	}
	for i := range series {
		v := series[i].Observation.Value
		series[i].Outside = series[i].Settled && v != nil && math.Abs(*v-mean) > width
	}
	return s
}
