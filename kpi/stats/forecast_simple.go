package stats

import "math"

// Naive forecasts the last value: σ_h = σ·√h. σ² is the mean square of the steps; a step over k periods without a value counts as its
// square divided by k, as a random walk takes it. It is false with fewer than 2 values.
func Naive(values []float64, h int) (Forecast, bool) {
	s := newStretch(values)
	steps := s.steps(h)
	if steps == 0 || s.points < 2 {
		return Forecast{}, false
	}
	return s.naive(steps)
}

func (s stretch) naive(steps int) (Forecast, bool) {
	sum, n, last := 0.0, 0.0, 0
	for i := 1; i < len(s.x); i++ {
		if finite(s.x[i]) {
			sum += squareOf(s.x[i]-s.x[last]) / float64(i-last)
			n, last = n+1, i
		}
	}
	e := pathErrors{sigma: math.Sqrt(sum / math.Max(n, 1)), psi: filledWith(1, steps)}
	return s.forecast(MethodNaive, 1, filledWith(s.x[last], steps), e)
}

// SeasonalNaive forecasts the last value of the same season: σ_h = σ·√(k+1), k = ⌊(h−1)/season⌋. σ² is the mean square of the steps from
// season to season; one over k cycles counts as its square divided by k. With a season of 1 it is Naive. It is false where a season
// has no value, or none has two.
func SeasonalNaive(values []float64, season, h int) (Forecast, bool) {
	s := newStretch(values)
	steps := s.steps(h)
	if steps == 0 || season < 1 {
		return Forecast{}, false
	}
	if season == 1 {
		return Naive(values, h)
	}
	return s.seasonalNaive(season, steps)
}

func (s stretch) seasonalNaive(season, steps int) (Forecast, bool) {
	if len(s.x) <= season {
		return Forecast{}, false
	}
	sum, n := 0.0, 0.0
	for i, v := range s.x {
		if !finite(v) {
			continue
		}
		if j := s.sameSeason(i-season, season); j >= 0 {
			sum += squareOf(v-s.x[j]) / float64((i-j)/season)
			n++
		}
	}
	means := make([]float64, steps)
	for k := range means {
		j := s.sameSeason(len(s.x)+k%season-season, season)
		if j < 0 {
			return Forecast{}, false
		}
		means[k] = s.x[j]
	}
	if n == 0 {
		return Forecast{}, false
	}
	e := pathErrors{sigma: math.Sqrt(sum / n), psi: make([]float64, steps)}
	for j := 0; j < steps; j += season {
		e.psi[j] = 1
	}
	return s.forecast(MethodSeasonalNaive, season, means, e)
}

// sameSeason returns the last index at i or whole cycles before it that has a value, or -1.
func (s stretch) sameSeason(i, season int) int {
	for ; i >= 0; i -= season {
		if finite(s.x[i]) {
			return i
		}
	}
	return -1
}

// Drift forecasts the last value going on by the mean step, which is the straight line from the first value to the last:
// σ_h = σ·√(h·(1 + h/(T−1))), T the periods from the first value to the last. It is false with fewer than 3 values.
func Drift(values []float64, h int) (Forecast, bool) {
	s := newStretch(values)
	steps := s.steps(h)
	if steps == 0 || s.points < 3 {
		return Forecast{}, false
	}
	return s.drift(steps)
}

func (s stretch) drift(steps int) (Forecast, bool) {
	last := len(s.x) - 1
	slope := (s.x[last] - s.x[0]) / float64(last)
	sum, n, before := 0.0, 0, 0
	for i := 1; i <= last; i++ {
		if !finite(s.x[i]) {
			continue
		}
		k := float64(i - before)
		sum += squareOf(s.x[i]-s.x[before]-k*slope) / k
		n, before = n+1, i
	}
	e := pathErrors{sigma: math.Sqrt(sum / float64(n-1)), psi: filledWith(1, steps), load: make([][]float64, steps)}
	means := make([]float64, steps)
	loads := make([]float64, steps)
	for k := range means {
		means[k] = s.x[last] + float64(k+1)*slope
		loads[k] = float64(k+1) / math.Sqrt(float64(last))
		e.load[k] = loads[k : k+1]
	}
	return s.forecast(MethodDrift, 1, means, e)
}

// MeanForecast forecasts the mean of all values: σ_h = s·√(1 + 1/n), with Student's t of n−1 degrees of freedom. It is false with fewer
// than 2 values.
func MeanForecast(values []float64, h int) (Forecast, bool) {
	return lineForecast(values, 1, h, false)
}

// LinearTrend forecasts a straight line in time, fitted by least squares; with a season above 1 with a level for each season. The
// interval is that of a new observation, with Student's t. It is false where the line is not determined: with fewer values than levels
// and slope and one more, or a season without a value.
func LinearTrend(values []float64, season, h int) (Forecast, bool) {
	return lineForecast(values, season, h, true)
}

func lineForecast(values []float64, season, h int, sloped bool) (Forecast, bool) {
	s := newStretch(values)
	steps := s.steps(h)
	if steps == 0 || season < 1 || season > s.points {
		return Forecast{}, false
	}
	l, ok := s.line(season, sloped)
	if !ok {
		return Forecast{}, false
	}
	e := pathErrors{sigma: l.sigma, psi: make([]float64, steps), load: make([][]float64, steps)}
	e.psi[0] = 1
	means := make([]float64, steps)
	for k := range means {
		t := len(s.x) + k
		g := t % season
		means[k] = l.level[g] + l.slope*(float64(t)-l.time[g])
		e.load[k] = make([]float64, season+1)
		e.load[k][g] = 1 / math.Sqrt(l.count[g])
		if sloped {
			e.load[k][season] = (float64(t) - l.time[g]) / math.Sqrt(l.moment)
		}
	}
	method := MethodTrend
	if !sloped {
		method = MethodMean
	}
	f, ok := s.forecast(method, season, means, e)
	if ok {
		f.Freedom = l.freedom
	}
	return f, ok
}

// seasonLine is a line of one slope through the means of the seasons. With the seasons' means taken off values and times, the
// regression on a slope and a level for each season is one of a single slope.
type seasonLine struct {
	level, time, count []float64 // mean value, mean time, values, of each season
	slope, moment      float64   // moment: Σ (t − t̄)²
	sigma              float64
	freedom            int
}

func (s stretch) line(season int, sloped bool) (seasonLine, bool) {
	l := seasonLine{level: make([]float64, season), time: make([]float64, season), count: make([]float64, season)}
	for t, v := range s.x {
		if g := t % season; finite(v) {
			l.count[g]++
			l.level[g] += v
			l.time[g] += float64(t)
		}
	}
	for g := range l.count {
		if l.count[g] == 0 {
			return l, false
		}
		l.level[g] /= l.count[g]
		l.time[g] /= l.count[g]
	}
	l.freedom = s.points - season
	if sloped {
		l.freedom--
		cross := 0.0
		for t, v := range s.x {
			if g := t % season; finite(v) {
				l.moment += squareOf(float64(t) - l.time[g])
				cross += (float64(t) - l.time[g]) * (v - l.level[g])
			}
		}
		if l.moment == 0 {
			return l, false
		}
		l.slope = cross / l.moment
	}
	if l.freedom < 1 {
		return l, false
	}
	sum := 0.0
	for t, v := range s.x {
		if g := t % season; finite(v) {
			sum += squareOf(v - l.level[g] - l.slope*(float64(t)-l.time[g]))
		}
	}
	l.sigma = math.Sqrt(sum / float64(l.freedom))
	return l, true
}

// filledWith returns n times v.
func filledWith(v float64, n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = v
	}
	return list
}
