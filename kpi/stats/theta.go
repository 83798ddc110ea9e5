package stats

import "math"

// Theta forecasts by the theta method of Assimakopoulos and Nikolopoulos (2000) in the form of Hyndman and Billah (2003): exponential
// smoothing, to whose forecast half of the slope of the least squares line is added,
// b/2·(h − 1 + (1 − (1 − α)^n)/α), with the intervals of exponential smoothing. If the season is above 1 and the autocorrelation at its lag is
// significant (one-sided, 95 %), the values are divided by the effects of a classical multiplicative decomposition first and the
// forecasts multiplied by them. It is false with fewer than 4 values, and for a series with gaps or of which the decomposition has
// effects that are not positive.
func Theta(values []float64, season, h int) (Forecast, bool) {
	s := newStretch(values)
	steps := s.steps(h)
	if steps == 0 || s.points < 4 || !s.whole() || season < 1 {
		return Forecast{}, false
	}
	effects := []float64{1}
	adjusted := s
	if season > 1 && s.repeats(season) {
		var ok bool
		if _, effects, ok = classicParts(s.x, season, true); !ok {
			return Forecast{}, false
		}
		adjusted.x = make([]float64, len(s.x))
		for i, v := range s.x {
			if effects[i%season] <= 0 {
				return Forecast{}, false
			}
			adjusted.x[i] = v / effects[i%season]
		}
	}
	return adjusted.theta(effects, steps)
}

func (s stretch) theta(effects []float64, steps int) (Forecast, bool) {
	l, _ := s.line(1, true)
	fitter, ok := newETSFitter(s.x, 1, ETSModel{Error: 'A', Trend: 'N', Season: 'N'}, ETSParams{})
	if !ok || !fitter.searchProfile() {
		return Forecast{}, false
	}
	e, ok := fitter.result(stretch{x: s.x, points: s.points})
	if !ok {
		return Forecast{}, false
	}
	n, season := len(s.x), len(effects)
	means := make([]float64, steps)
	for k := range means {
		step := float64(k) + (1-math.Pow(1-e.Alpha, float64(n)))/e.Alpha
		means[k] = (e.Last.Level + l.slope/2*step) * effects[(n+k)%season]
	}
	errors := pathErrors{sigma: e.Sigma, psi: e.Psi(e.Model, 1, steps)}
	return s.forecast(MethodTheta, season, means, errors)
}

// repeats reports whether a whole series has a season, by the autocorrelation at its lag: |r_m| > 1.645·√((1 + 2·Σ_{k<m} r_k²)/n), with
// more than two cycles.
func (s stretch) repeats(season int) bool {
	n := len(s.x)
	if n <= 2*season || s.level() {
		return false
	}
	sum := 0.0
	for k := 1; k < season; k++ {
		sum += squareOf(autocorrelationAt(s.x, k))
	}
	return math.Abs(autocorrelationAt(s.x, season)) > 1.6448536269514722*math.Sqrt((1+2*sum)/float64(n))
}

// autocorrelationAt returns the autocorrelation of a series that is not constant, both sums over n.
func autocorrelationAt(x []float64, lag int) float64 {
	m, cross, all := mean(x), 0.0, 0.0
	for i, v := range x {
		all += squareOf(v - m)
		if i >= lag {
			cross += (v - m) * (x[i-lag] - m)
		}
	}
	if all == 0 {
		return 0
	}
	return cross / all
}

// classicParts returns the parts of a classical decomposition: the moving average over a cycle, from index season/2 on as far as it reaches,
// and the effect of each season, centred (or, multiplicative, of mean 1). It is false with fewer than two cycles, or where a season has
// no moving average to be compared with.
func classicParts(x []float64, season int, multiplicative bool) (trend, effects []float64, ok bool) {
	half := season / 2
	if season < 2 || len(x) < 2*season {
		return nil, nil, false
	}
	for i := half; i+half < len(x); i++ {
		sum := 0.0
		for j := i - half; j <= i+half; j++ {
			w := 1.0
			if season%2 == 0 && (j == i-half || j == i+half) {
				w = 0.5
			}
			sum += w * x[j]
		}
		trend = append(trend, sum/float64(season))
	}
	effects = make([]float64, season)
	count := make([]float64, season)
	for k, t := range trend {
		g := (k + half) % season
		count[g]++
		if multiplicative {
			effects[g] += x[k+half] / t
		} else {
			effects[g] += x[k+half] - t
		}
	}
	for g := range effects {
		effects[g] /= count[g]
	}
	centre := mean(effects)
	for g := range effects {
		if multiplicative {
			effects[g] /= centre
		} else {
			effects[g] -= centre
		}
		ok = finite(effects[g])
		if !ok {
			return nil, nil, false
		}
	}
	return trend, effects, true
}
