package scorecard

import (
	"citystat/kpi"
	"citystat/kpi/stats"
)

// explain adds to the assessment why signal, trend and outlook are as they are.
func (s subject) explain(r *Result) {
	a := &r.Assessment
	a.Reasons = append(a.Reasons, s.signalReason(r))
	if a.Outlook != nil {
		a.Reasons = append(a.Reasons, s.outlookReason(r))
	}
	if a.Trend != nil {
		a.Reasons = append(a.Reasons, s.trendReason(r))
	}
}

// looked notes the first and the last period of the history from a place on, and its rows.
func (s subject) looked(reason *kpi.Reason, series []Point, from int) {
	h := s.history(series)
	for j := from; j < len(h.at); j++ {
		o := series[h.at[j]].Observation
		reason.Rows += o.Rows
		for code, n := range o.Excluded {
			if reason.Excluded == nil {
				reason.Excluded = map[string]int64{}
			}
			reason.Excluded[code] += n
		}
	}
	if from < len(h.at) {
		reason.Periods = append(reason.Periods, series[h.at[from]].Period.ID)
		if last := len(h.at) - 1; last > from {
			reason.Periods = append(reason.Periods, series[h.at[last]].Period.ID)
		}
	}
}

func (s subject) signalReason(r *Result) kpi.Reason {
	signal, unit := r.Assessment.Signal, string(s.indicator.Unit)
	reason := kpi.NewReason(kpi.QuestionSignal, string(signal.Kind), signal.Rule)
	h := s.history(r.Series)
	s.looked(&reason, r.Series, h.from)
	if signal.Kind == kpi.NotAsked {
		return reason
	}
	points := float64(signal.Points)
	reason.Add("points", &points, kpi.QuantityCount)
	if n := len(h.values); n > 0 && signal.Kind != kpi.TooEarly {
		reason.Add("value", &h.values[n-1], unit)
		reason.Add("adjusted", r.Series[h.at[n-1]].Adjusted, unit)
	}
	reason.Add("mean", signal.Mean, unit)
	reason.Add("lower", signal.Lower, unit)
	reason.Add("upper", signal.Upper, unit)
	reason.Add("sigma", signal.Sigma, kpi.QuantityRatio)
	reason.Add("lag1", signal.Lag1, kpi.QuantityRatio)
	reason.Limit("needed", float64(signal.Needed), kpi.QuantityCount)
	if signal.Chart == kpi.ChartRun {
		t := readRuns(h).runs
		longest, crossings := float64(t.Longest), float64(t.Crossings)
		reason.Add("longest_run", &longest, kpi.QuantityCount)
		reason.Add("crossings", &crossings, kpi.QuantityCount)
		reason.Limit("longest_run_max", float64(t.LongestMax), kpi.QuantityCount)
		reason.Limit("crossings_min", float64(t.CrossingsMin), kpi.QuantityCount)
	}
	return reason
}

func (s subject) trendReason(r *Result) kpi.Reason {
	t := r.Assessment.Trend
	answer := "no_trend"
	switch {
	case t.Real && t.Tau > 0:
		answer = "rising"
	case t.Real:
		answer = "falling"
	}
	rule := "mann_kendall"
	switch {
	case t.Seasonal:
		rule = "seasonal_kendall"
	case t.Lag1 != nil:
		rule = "hamed_rao"
	}
	reason := kpi.NewReason(kpi.QuestionTrend, answer, rule)
	s.looked(&reason, r.Series, 0)
	points := float64(t.Points)
	reason.Add("points", &points, kpi.QuantityCount)
	reason.Add("slope", &t.Slope, kpi.QuantityPerYear)
	reason.Add("slope_low", &t.Low, kpi.QuantityPerYear)
	reason.Add("slope_high", &t.High, kpi.QuantityPerYear)
	reason.Add("p_value", &t.P, kpi.QuantityProbability)
	reason.Add("tau", &t.Tau, kpi.QuantityRatio)
	reason.Add("lag1", t.Lag1, kpi.QuantityRatio)
	reason.Limit("p_value", trendLevel, kpi.QuantityProbability)
	reason.Limit("points", stats.KendallPoints, kpi.QuantityCount)
	return reason
}

func (s subject) outlookReason(r *Result) kpi.Reason {
	o, unit := r.Assessment.Outlook, string(s.indicator.Unit)
	reason := kpi.NewReason(kpi.QuestionOutlook, string(o.Word), o.Method)
	s.looked(&reason, r.Series, max(len(s.history(r.Series).at)-o.Points, 0)) // perhaps since limits began anew alone
	points, horizon := float64(o.Points), float64(o.Horizon)
	reason.Add("points", &points, kpi.QuantityCount)
	reason.Add("horizon", &horizon, kpi.QuantityCount)
	reason.Add("probability", &o.Probability, kpi.QuantityProbability)
	reason.Add("forecast_mean", &o.Mean, unit)
	reason.Add("forecast_low", &o.Low, unit)
	reason.Add("forecast_high", &o.High, unit)
	reason.Add("target", &o.Target, unit)
	reason.Add("so_far", o.SoFar, unit)
	reason.Add("needed", o.Needed, unit)
	reason.Add("best", o.Best, unit)
	for _, t := range o.Tried {
		if t.Method == o.Method {
			reason.Add("error", &t.Error, kpi.QuantityRatio)
		}
	}
	for _, limit := range outlookWords {
		reason.Limit(string(limit.word), limit.below, kpi.QuantityProbability)
	}
	return reason
}
