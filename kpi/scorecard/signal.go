package scorecard

import (
	"citystat/kpi"
	"citystat/kpi/stats"
)

// needed is the number of settled periods below which it is too early to speak of change (Wheeler reads charts from five or six
// points, the NHS from twelve; between eight and twelve the limits are called trial limits).
const needed = 8

// signal reads the series as a process-behaviour chart and marks the points that lie outside its limits. It uses settled periods with a
// value, enough rows and the definition of the newest of them: a chart over two definitions would report the change of the
// definition. What the last of these points says is the signal.
func (s subject) signal(series []Point) kpi.Signal {
	at, values := s.chartable(series)
	signal := kpi.Signal{Kind: kpi.TooEarly, Points: len(values), Needed: needed, Trial: len(values) < stats.TrialPoints}
	if len(values) < needed {
		return signal
	}
	chart := stats.XmR(values, stats.Options{Screen: true})
	l := chart.Segments[0].Limits
	if !l.Known {
		return signal
	}
	signal.Kind, signal.Mean, signal.Lower, signal.Upper = kpi.Steady, &l.Mean, &l.Lower, &l.Upper
	for k, p := range chart.Points {
		series[at[k]].Outside = p.Rule == stats.RuleOutside
	}
	last, p, _ := chart.Last()
	if p.Rule == stats.RuleNone {
		return signal
	}
	signal.Kind = s.meaning(series[at[last]].Period, values[last], p.Direction)
	signal.Rule = string(p.Rule)
	signal.Since = series[at[chart.Since(values, last)]].Period.ID
	return signal
}

// chartable returns the values that can stand in one chart, and their places in the series.
func (s subject) chartable(series []Point) (at []int, values []float64) {
	version := 0
	for k := len(series) - 1; k >= 0; k-- {
		p := series[k]
		o := p.Observation
		if !p.Settled || o.Value == nil || o.Rows < int64(s.indicator.Minimum) {
			continue
		}
		if len(at) == 0 {
			version = o.Version
		}
		if o.Version != version {
			break
		}
		at, values = append(at, k), append(values, *o.Value)
	}
	for a, b := 0, len(at)-1; a < b; a, b = a+1, b-1 {
		at[a], at[b] = at[b], at[a]
		values[a], values[b] = values[b], values[a]
	}
	return at, values
}

// meaning says whether a change towards higher values (1) or lower ones (-1) is one for the better. For an indicator to be kept in a
// range, it is if it leads to the range; within the range, without a target and without a direction there is no better or worse.
func (s subject) meaning(p kpi.Period, value float64, direction int) kpi.SignalKind {
	wanted := 0
	switch s.indicator.Direction {
	case kpi.Up:
		wanted = 1
	case kpi.Down:
		wanted = -1
	case kpi.Range:
		if t := s.indicator.TargetFor(p); t != nil && value < t.Low {
			wanted = 1
		} else if t != nil && value > t.High {
			wanted = -1
		}
	}
	switch wanted * direction {
	case 1:
		return kpi.Improving
	case -1:
		return kpi.Worsening
	}
	return kpi.Changing
}
