package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// alarmCounts says in what share of charts something was flagged.
type alarmCounts struct {
	any, last, share float64 // share is that of points
	variance         float64 // of share from chart to chart
	rules            map[Rule]float64
}

// alarms draws charts of n points, screened as in the product, and counts what they flag. draw fills a series.
func alarms(n, charts int, draw func(r *rand.Rand, x []float64)) alarmCounts {
	r := rand.New(rand.NewPCG(20260101, uint64(n)))
	a := alarmCounts{rules: map[Rule]float64{}}
	one := 1 / float64(charts)
	x := make([]float64, n)
	for range charts {
		draw(r, x)
		c := XmR(x, Options{Screen: true})
		seen, points := map[Rule]bool{}, 0.0
		for _, p := range c.Points {
			if p.Rule != RuleNone {
				points++
				seen[p.Rule] = true
			}
		}
		points /= float64(n)
		a.share, a.variance = a.share+points*one, a.variance+points*points*one
		for rule := range seen {
			a.rules[rule] += one
		}
		if len(seen) > 0 {
			a.any += one
		}
		if c.Points[n-1].Rule != RuleNone {
			a.last += one
		}
	}
	a.variance -= a.share * a.share
	return a
}

func normalPoints(r *rand.Rand, x []float64) {
	for i := range x {
		x[i] = r.NormFloat64()
	}
}

func correlatedPoints(phi float64) func(r *rand.Rand, x []float64) {
	return func(r *rand.Rand, x []float64) {
		at := r.NormFloat64() / math.Sqrt(1-phi*phi) // as if it had always been running
		for i := range x {
			x[i] = at
			at = phi*at + r.NormFloat64()
		}
	}
}

func seasonalPoints(r *rand.Rand, x []float64) {
	for i := range x {
		x[i] = r.NormFloat64() + 2*math.Sin(2*math.Pi*float64(i)/12)
	}
}

func skewedPoints(r *rand.Rand, x []float64) {
	for i := range x {
		x[i] = math.Exp(0.5 * r.NormFloat64())
	}
}

func rarePoints(r *rand.Rand, x []float64) {
	for i := range x {
		k, p := 0, r.Float64()
		for p > math.Exp(-2) {
			k, p = k+1, p*r.Float64()
		}
		x[i] = float64(k)
	}
}

// The false alarms that the rules give on stable data are those of an independent simulation of 40,000 charts, within 4 standard
// errors of the two: so much, and no more, is to be expected of the signals on a scorecard.
func TestFalseAlarmsAreThePublishedOnes(t *testing.T) {
	var file map[string]json.RawMessage
	fromJSON(t, "false_alarm_simulation.json", &file)
	const charts = 8000
	for name, c := range map[string]struct {
		n    int
		draw func(*rand.Rand, []float64)
	}{
		"in_control_normal_n12": {12, normalPoints},
		"in_control_normal_n24": {24, normalPoints},
		"in_control_normal_n36": {36, normalPoints},
		"in_control_normal_n52": {52, normalPoints},
		"AR1_phi0.3_n36":        {36, correlatedPoints(0.3)},
		"AR1_phi0.6_n36":        {36, correlatedPoints(0.6)},
		"seasonal_amp2sd_n36":   {36, seasonalPoints},
		"lognormal_s0.5_n36":    {36, skewedPoints},
		"poisson_mean2_n36":     {36, rarePoints},
	} {
		a := alarms(c.n, charts, c.draw)
		got := map[string]float64{
			"P_any_point_flagged": a.any, "P_last_point_flagged": a.last, "P_any_outside": a.rules[RuleOutside], "P_any_trend7": a.rules[RuleTrend],
			"P_any_2of3": a.rules[RuleTwoOfThree], "P_any_run7": a.rules[RuleShift], "mean_share_points_flagged": a.share,
		}
		var figures map[string]float64
		if err := json.Unmarshal(file[name], &figures); err != nil || len(figures) == 0 {
			t.Errorf("%s: %d figures, %v", name, len(figures), err)
		}
		for figure, want := range figures {
			variance := want * (1 - want)
			if figure == "mean_share_points_flagged" {
				variance = a.variance
			}
			if tolerance := 4 * math.Sqrt(variance*(1.0/charts+1.0/40000)); math.Abs(got[figure]-want) > tolerance {
				t.Errorf("%s: %s is %.4f, want %.4f ± %.4f", name, figure, got[figure], want, tolerance)
			}
		}
	}
}
