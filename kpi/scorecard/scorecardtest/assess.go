package scorecardtest

import (
	"math"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// assess lets the domain judge the invented history, with the claimed signal.
func (b *builder) assess(ind *kpi.Indicator, p history, r *scorecard.Result) kpi.Assessment {
	cal, err := b.city.Calendar()
	must(err)
	in := kpi.AssessInput{Indicator: ind, Calendar: cal, AsOf: b.asOf, Bands: b.city.Bands, Signal: signal(p, r.Series)}
	for _, pt := range r.Series {
		in.Series = append(in.Series, kpi.SeriesPoint{Period: pt.Period, Observation: pt.Observation})
	}
	return kpi.Assess(in)
}

// expected is where the trajectory is at the end of a period; nil where there is none.
func expected(ind *kpi.Indicator, p kpi.Period) *float64 {
	if e, ok := ind.Expected(p); ok {
		return &e
	}
	return nil
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
