package stats

import "math"

// Autocorrelation returns the correlation of the values with those lag periods later: at lag i of n values Σ y_t y_{t+i} / (pairs + i) by
// Σ y² / n, where y is the value less the mean, over the pairs without a gap. Without gaps this is the usual estimate, Σ y_t y_{t+i} / Σ y²;
// with gaps it is that of R's acf. ok is false for a lag below 1, where no two values are lag periods apart, and for a constant.
func Autocorrelation(values []float64, lag int) (rho float64, ok bool) {
	s := newKendallSeries(values)
	if lag < 1 || len(s.x) < 2 || lag >= s.span() {
		return 0, false
	}
	g, ok := s.grid(s.x, s.scale)
	if !ok {
		return 0, false
	}
	rho, pairs := g.at(lag)
	return rho, pairs > 0
}

// kendallSeries are the values that a series has, scaled by a power of two to about 1, with their periods.
type kendallSeries struct {
	x     []float64
	at    []int
	scale float64 // the largest of the values
}

func newKendallSeries(values []float64) kendallSeries {
	s := kendallSeries{x: make([]float64, 0, len(values)), at: make([]int, 0, len(values))}
	for i, v := range values {
		if finite(v) {
			s.x, s.at = append(s.x, v), append(s.at, i)
		}
	}
	scaleDown(s.x, 0, 1)
	s.scale = largest(s.x)
	return s
}

// span returns the number of periods from the first value to the last.
func (s kendallSeries) span() int {
	if len(s.at) == 0 {
		return 0
	}
	return s.at[len(s.at)-1] - s.at[0] + 1
}

// correct returns what to multiply the variance of S with, or puts pre-whitened values into the series' place.
func (s *kendallSeries) correct(o KendallOptions) float64 {
	slope := halfway(pairSlopes(indices(s.at), s.x))
	if o.Compact {
		for i := range s.at {
			s.at[i] = i
		}
	}
	lags := s.span() - 1
	if o.Lags > 0 {
		lags = min(lags, o.Lags)
	}
	switch o.Autocorrelated {
	case HamedRao:
		return s.hamedRao(s.detrended(slope), lags)
	case YueWang:
		return s.yueWang(s.detrended(slope), lags)
	case PreWhiten:
		s.preWhiten(s.x, 0)
		return 1
	case TrendFreePreWhiten:
		s.preWhiten(s.detrended(slope), slope)
		return 1
	}
	return 0 // no such correction
}

// indices returns the periods as times.
func indices(at []int) []float64 {
	t := make([]float64, len(at))
	for i, v := range at {
		t[i] = float64(v)
	}
	return t
}

// detrended returns the values less the slope.
func (s kendallSeries) detrended(slope float64) []float64 {
	list := make([]float64, len(s.x))
	for i, v := range s.x {
		list[i] = v - float64(float64(s.at[i]+1)*slope) // the conversion keeps a compiler from fusing the two operations
	}
	return list
}

// hamedRao returns the factor 1 + 2/(n(n−1)(n−2)) · Σ (n−i)(n−i−1)(n−i−2) ρ_i over the lags whose autocorrelation of the ranks of the
// detrended values is significant. With gaps, the pairs i periods apart stand for n − i. Two points on the line itself differ by rounding
// after detrending, and are ranked by it: to call them equal would be better, and would not be what the reference computes.
func (s kendallSeries) hamedRao(detrended []float64, lags int) float64 {
	n := float64(len(s.x))
	if _, ok := s.grid(detrended, s.scale); !ok || n < 3 {
		return 1
	}
	g, ok := s.grid(kendallRanks(detrended, 0), n)
	if !ok {
		return 1
	}
	z, sum := math.Sqrt2*math.Erfinv(1-autocorrelationLevel), 0.0
	for i := 1; i <= lags; i++ {
		rho, pairs := g.at(i)
		if math.Abs(rho) > z/math.Sqrt(pairs+float64(i)) {
			sum += pairs * (pairs - 1) * (pairs - 2) * rho
		}
	}
	return 1 + 2/(n*(n-1)*(n-2))*sum
}

// yueWang returns the factor 1 + 2 Σ (1 − i/n) ρ_i of the detrended values. With gaps, the pairs i periods apart stand for n − i.
func (s kendallSeries) yueWang(detrended []float64, lags int) float64 {
	g, ok := s.grid(detrended, s.scale)
	if !ok {
		return 1
	}
	sum := 0.0
	for i := 1; i <= lags; i++ {
		rho, pairs := g.at(i)
		sum += pairs * rho
	}
	return 1 + 2*sum/float64(len(s.x))
}

// preWhiten replaces the series by x_t − ρ₁ x_{t−1} + slope · t, where there are both; they are compared to the last digit, as the
// reference does.
func (s *kendallSeries) preWhiten(x []float64, slope float64) {
	rho := 0.0
	if g, ok := s.grid(x, s.scale); ok {
		rho, _ = g.at(1)
	}
	var list []float64
	for i := 1; i < len(x); i++ {
		if s.at[i] == s.at[i-1]+1 {
			list = append(list, x[i]-float64(x[i-1]*rho)+float64(float64(s.at[i])*slope))
		}
	}
	s.x, s.scale = list, 0
}

// lagGrid holds deviations from their mean, one a period, 0 where there is no value.
type lagGrid struct {
	y        []float64
	has      []bool
	gaps     bool
	variance float64
}

// grid lays x, which has the series' periods, out for the lags; it is false where the spread of x is rounding for numbers as large as
// scale.
func (s kendallSeries) grid(x []float64, scale float64) (lagGrid, bool) {
	n := s.span()
	g := lagGrid{y: make([]float64, n), has: make([]bool, n), gaps: n > len(x)}
	m, spread := mean(x), 0.0
	for i, v := range x {
		d := v - m
		g.y[s.at[i]-s.at[0]], g.has[s.at[i]-s.at[0]] = d, true
		g.variance += d * d
		spread = math.Max(spread, math.Abs(d))
	}
	g.variance /= float64(len(x))
	return g, sign(spread, 0, scale) != 0
}

// at returns the autocorrelation at a lag and the number of pairs it rests on.
func (g lagGrid) at(lag int) (rho, pairs float64) {
	sum, n := 0.0, len(g.y)-lag
	for t, v := range g.y[lag:] {
		sum += v * g.y[t]
	}
	if g.gaps {
		n = 0
		for t, is := range g.has[lag:] {
			if is && g.has[t] {
				n++
			}
		}
	}
	return sum / float64(n+lag) / g.variance, float64(n)
}
