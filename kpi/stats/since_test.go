package stats

import (
	"math"
	"testing"
)

func TestSince(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		values []float64
		rule   Rule
		since  int
	}{
		"steady":          {[]float64{10, 11, 9, 10, 11, 9, 10, 11, 9, 10}, RuleNone, 9},
		"one outside":     {[]float64{10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 30}, RuleOutside, 10},
		"two outside":     {[]float64{10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 30, 30}, RuleOutside, 16},
		"rising":          {[]float64{10, 20, 5, 30, 10, 11, 12, 13, 14, 15, 16, 17}, RuleTrend, 4},
		"above the mean":  {[]float64{5, 20, 5, 1, 20, 2, 5, 20, 2, 12, 13, 12, 13, 12, 13, 12, 13}, RuleShift, 9},
		"near the limit":  {[]float64{0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 3.1, 1, 3.1}, RuleTwoOfThree, 24},
		"only a segment":  {[]float64{10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 30, nan}, RuleOutside, 10},
		"a gap in a rise": {[]float64{10, 20, 5, 30, 10, 11, nan, 12, 13, 14, 15, 16, 17}, RuleTrend, 4},
	} {
		chart := XmR(c.values, Options{Screen: true})
		i, p, ok := chart.Last()
		if !ok || p.Rule != c.rule {
			t.Errorf("%s: rule %q, want %q (%+v)", name, p.Rule, c.rule, chart.Segments[0].Limits)
			continue
		}
		if got := chart.Since(c.values, i); p.Rule != RuleNone && got != c.since {
			t.Errorf("%s: since %d, want %d", name, got, c.since)
		}
	}
}
