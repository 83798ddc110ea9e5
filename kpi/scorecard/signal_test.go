package scorecard

import (
	"testing"

	"citystat/kpi"
)

// chart makes a subject and a series of settled months of 2014 and 2015 with the values.
func chart(t *testing.T, direction kpi.Direction, values ...float64) (subject, []Point) {
	t.Helper()
	s := subject{indicator: &kpi.Indicator{Direction: direction, Period: kpi.Month, Minimum: 5, Targets: []kpi.Target{{By: date("2016-12-31"), Low: 40, High: 60}}}, city: &kpi.City{}}
	var series []Point
	for k, v := range values {
		p, err := s.calendar.Period(kpi.Month, date("2014-01-01").AddMonths(k))
		if err != nil {
			t.Fatal(err)
		}
		series = append(series, Point{Period: p, Settled: true, Observation: kpi.Observation{Version: 1, Value: ptr(v), Rows: 50}})
	}
	return s, series
}

func TestSignal(t *testing.T) {
	steady := []float64{10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9}
	high := append(append([]float64(nil), steady...), 30)
	low := append(append([]float64(nil), steady...), -10)
	around := func(middle float64, last float64) []float64 {
		var v []float64
		for _, x := range steady {
			v = append(v, x-10+middle)
		}
		return append(v, last)
	}
	for _, c := range []struct {
		name      string
		direction kpi.Direction
		values    []float64
		kind      kpi.SignalKind
		rule      string
		since     string
		trial     bool
	}{
		{"seven points", kpi.Up, steady[:7], kpi.TooEarly, "", "", true},
		{"eight points", kpi.Up, steady[:8], kpi.Steady, "", "", true},
		{"eleven points", kpi.Up, steady[:11], kpi.Steady, "", "", true},
		{"twelve points", kpi.Up, steady, kpi.Steady, "", "", false},
		{"up, higher is better", kpi.Up, high, kpi.Improving, "outside", "2015-01", false},
		{"up, lower is better", kpi.Down, high, kpi.Worsening, "outside", "2015-01", false},
		{"down, higher is better", kpi.Up, low, kpi.Worsening, "outside", "2015-01", false},
		{"down, lower is better", kpi.Down, low, kpi.Improving, "outside", "2015-01", false},
		{"no direction", kpi.Neutral, high, kpi.Changing, "outside", "2015-01", false},
		{"towards the range from below", kpi.Range, high, kpi.Improving, "outside", "2015-01", false},
		{"away from the range, below", kpi.Range, low, kpi.Worsening, "outside", "2015-01", false},
		{"away from the range, above", kpi.Range, around(70, 90), kpi.Worsening, "outside", "2015-01", false},
		{"towards the range from above", kpi.Range, around(90, 70), kpi.Improving, "outside", "2015-01", false},
		{"within the range", kpi.Range, around(42, 58), kpi.Changing, "outside", "2015-01", false},
		{"rising", kpi.Up, []float64{10, 18, 5, 18, 10, 11, 12, 13, 14, 15, 16, 17}, kpi.Improving, "trend", "2014-05", false},
	} {
		s, series := chart(t, c.direction, c.values...)
		got := s.signal(series)
		if got.Kind != c.kind || got.Rule != c.rule || got.Since != c.since || got.Trial != c.trial || got.Points != len(c.values) || got.Needed != 8 {
			t.Errorf("%s: %+v", c.name, got)
		}
		known, limits := c.kind != kpi.TooEarly, c.kind != kpi.TooEarly && len(c.values) >= 12 // fewer are read by their runs
		if (got.Mean != nil) != known || (got.Lower != nil) != limits || (got.Upper != nil) != limits {
			t.Errorf("%s: limits %v %v %v", c.name, got.Mean, got.Lower, got.Upper)
		}
		for k, p := range series {
			if want := c.rule == "outside" && k == len(series)-1; p.Outside != want {
				t.Errorf("%s: point %d outside %v", c.name, k, p.Outside)
			}
		}
	}
}

// What is not settled, has no value or too few rows, or another definition is not in the chart.
func TestSignalLeavesOut(t *testing.T) {
	s, series := chart(t, kpi.Up, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 30)
	if got := s.signal(series); got.Points != 13 || got.Kind != kpi.Improving {
		t.Errorf("%+v", got)
	}
	for name, change := range map[string]func(*Point){
		"not settled":  func(p *Point) { p.Settled = false },
		"no value":     func(p *Point) { p.Observation.Value = nil },
		"too few rows": func(p *Point) { p.Observation.Rows = 4 },
	} {
		s, series := chart(t, kpi.Up, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 30)
		change(&series[12])
		if got := s.signal(series); got.Points != 12 || got.Kind != kpi.Steady || series[12].Outside {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for k := range 4 {
		series[k].Observation.Version = 0
	}
	if got := s.signal(series); got.Points != 9 {
		t.Errorf("with four points of another definition: %+v", got)
	}
}
