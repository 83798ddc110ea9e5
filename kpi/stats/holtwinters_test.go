package stats

import (
	"math"
	"strings"
	"testing"
)

// wintersReference is a result of R's HoltWinters.
type wintersReference struct {
	Series, Seasonal       string
	Alpha, Beta, Gamma     *float64
	Coefficients           map[string]float64
	SSE                    float64
	FittedHead             []float64 `json:"fitted_head"`
	NFitted                int       `json:"n_fitted"`
	Forecast, Upr95, Lwr95 []float64
}

func (r wintersReference) options() HoltWintersOptions {
	return HoltWintersOptions{Alpha: r.Alpha, Beta: r.Beta, Gamma: r.Gamma, NoTrend: r.Beta == nil, NoSeason: r.Gamma == nil, Multiplicative: r.Seasonal == "multiplicative"}
}

// With the reference's parameters everything is the reference's, but for the intervals of a multiplicative season.
func TestHoltWintersIsThatOfR(t *testing.T) {
	values, period := forecastSeries(t)
	list := map[string]wintersReference{}
	forecastJSON(t, "holtwinters_expected.json", &list)
	if len(list) != 8 {
		t.Fatalf("%d cases", len(list))
	}
	for name, r := range list {
		m, ok := HoltWinters(values[r.Series], period[r.Series], r.options())
		if !ok || len(m.Fitted) != r.NFitted || forecastApart(m.SSE, r.SSE, 0, 1e-9) || forecastApart(m.Level, r.Coefficients["a"], 0, 1e-9) || forecastApart(m.Slope, r.Coefficients["b"], 0, 1e-9) {
			t.Fatalf("%s: %t %+v", name, ok, m)
		}
		for i, want := range r.FittedHead {
			if forecastApart(m.Fitted[i], want, 0, 1e-9) {
				t.Errorf("%s: value %d fitted as %v, want %v", name, i, m.Fitted[i], want)
			}
		}
		f, ok := m.Forecast(len(r.Forecast))
		for k, want := range r.Forecast {
			if !ok || forecastApart(f.Mean[k], want, 0, 1e-9) {
				t.Errorf("%s step %d: %v, want %v", name, k+1, f.Mean[k], want)
			}
			low, high, _ := f.Interval(k+1, 0.95)
			if m.Multiplicative {
				reach := 1.959963984540054 * spreadOfR(m, k+1)
				low, high = f.Mean[k]-reach, f.Mean[k]+reach
			}
			if forecastApart(low, r.Lwr95[k], f.SD[k], 1e-9) || forecastApart(high, r.Upr95[k], f.SD[k], 1e-9) {
				t.Errorf("%s step %d: %v to %v, want %v to %v", name, k+1, low, high, r.Lwr95[k], r.Upr95[k])
			}
		}
	}
}

// spreadOfR returns the standard deviation that R 4.2.2 gives a forecast with a multiplicative season, with its two defects: a period's own
// shock has the weight α + γ(1 − α), which is 1, and for the effect of a cycle's last season it takes the slope. That our intervals differ
// from R's by these two alone is what the test shows.
func spreadOfR(m HoltWintersFit, h int) float64 {
	alpha, beta, gamma := *m.Alpha, *m.Beta, *m.Gamma
	effect := func(k int) float64 { // R's coefficients from the slope on: b, s1, s2, …
		if k == 0 {
			return m.Slope
		}
		return m.Season[k-1]
	}
	turn, sum := 1+(h-1)%m.Period, 0.0
	for j := range h {
		psi := alpha * (1 + float64(j)*beta)
		if j%m.Period == 0 {
			psi += gamma * (1 - alpha)
		}
		sum += squareOf(psi * effect(turn) / effect(((turn-j)%m.Period+m.Period)%m.Period))
	}
	return m.Sigma * math.Sqrt(sum)
}

// The sum of squares of fitted parameters is no larger than R's, and no larger than that of parameters which were given.
func TestHoltWintersFindsTheOptimum(t *testing.T) {
	values, period := forecastSeries(t)
	list := map[string]wintersReference{}
	forecastJSON(t, "holtwinters_expected.json", &list)
	for name, r := range list {
		o := r.options()
		o.Alpha, o.Beta, o.Gamma = nil, nil, nil
		m, ok := HoltWinters(values[r.Series], period[r.Series], o)
		if !ok || m.SSE > r.SSE*(1+1e-9) {
			t.Errorf("%s: %t, sum of squares %v, R has %v", name, ok, m.SSE, r.SSE)
		}
		if strings.HasSuffix(name, "_optim") && m.SSE < r.SSE*(1-1e-5) {
			t.Errorf("%s: sum of squares %v far below R's optimum %v: another criterion", name, m.SSE, r.SSE)
		}
	}
}

func TestHoltWintersRefuses(t *testing.T) {
	x := forecastQuarters(20)
	high, zero := 1.5, 0.0
	gap := append([]float64(nil), x...)
	gap[4] = math.NaN()
	for what, o := range map[string]struct {
		x      []float64
		period int
		o      HoltWintersOptions
	}{
		"a gap":             {gap, 4, HoltWintersOptions{}},
		"alpha above 1":     {x, 4, HoltWintersOptions{Alpha: &high}},
		"alpha 0":           {x, 4, HoltWintersOptions{Alpha: &zero}},
		"less than 2 years": {x[:7], 4, HoltWintersOptions{}},
		"no cycle":          {x, 1, HoltWintersOptions{}},
		"two values":        {x[:2], 4, HoltWintersOptions{NoSeason: true}},
		"none":              {nil, 4, HoltWintersOptions{NoSeason: true}},
		"zero, relative":    {append([]float64{0}, x...), 4, HoltWintersOptions{Multiplicative: true}},
	} {
		if m, ok := HoltWinters(o.x, o.period, o.o); ok {
			t.Errorf("%s: %+v", what, m)
		}
	}
	if _, ok := (HoltWintersFit{}).Forecast(3); ok {
		t.Error("nothing was fitted, but it is forecast")
	}
}
