package scorecard

import (
	"citystat/kpi"
	"citystat/kpi/stats"
)

const (
	trendConfidence = 0.95
	trendLevel      = 0.05 // of the test
	trendLags       = 3    // autocorrelations that Hamed and Rao look at
	daysInYear      = 365.25
)

// trend returns which way the values of the newest definition went, nil with too few of them. The slope is Theil and Sen's, of the values
// without their season where they have one. The test is Mann and Kendall's: of a seasonal series that of every month with the same month
// of other years; where periods resemble their neighbours, with Hamed and Rao's correction.
func (s subject) trend(series []Point) *kpi.Trend {
	h := s.history(series)
	if len(h.values) < stats.KendallPoints || s.grows() {
		return nil
	}
	values := h.values
	adjusted, seasonal := s.season(series, h)
	if seasonal {
		values = adjusted
	}
	years := make([]float64, len(h.at))
	for j, k := range h.at {
		years[j] = float64(series[k].Period.First.Sub(series[h.at[0]].Period.First)) / daysInYear
	}
	line, ok := stats.TheilSen(years, values, trendConfidence)
	if !ok || !line.Bounded {
		return nil
	}
	t := &kpi.Trend{Slope: line.Slope, Low: line.Lower, High: line.Upper, Points: len(values), Seasonal: seasonal}
	test, ok := kendall(t, h.whole(series, h.values), cycle(s.indicator.Period))
	if !ok {
		return nil
	}
	t.P, t.Tau, t.Real = test.P, test.Tau, test.Direction(trendLevel) != 0
	return t
}

// kendall chooses the test for values, one a period with gaps, and notes in the trend what it was corrected for.
func kendall(t *kpi.Trend, whole []float64, period int) (stats.Kendall, bool) {
	if t.Seasonal {
		return stats.SeasonalKendall(whole, period, false)
	}
	if suits := stats.SuitsXmR(whole); suits.Autocorrelated {
		if k, ok := stats.MannKendall(whole, stats.KendallOptions{Autocorrelated: stats.HamedRao, Lags: trendLags}); ok {
			t.Lag1 = &suits.LagOne
			return k, true
		}
	}
	return stats.MannKendall(whole, stats.KendallOptions{})
}
