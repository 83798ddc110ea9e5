package stats

import "math"

// HoltWintersOptions choose a model of exponential smoothing in the manner of Holt and Winters. Parameters that are nil are fitted.
type HoltWintersOptions struct {
	Alpha, Beta, Gamma *float64 // 0–1; Alpha above 0
	NoTrend, NoSeason  bool     // without slope; without season
	Multiplicative     bool     // a season by which the level is multiplied, instead of one that is added
}

// HoltWintersFit is the model at the end of the series. Beta and Gamma smooth new level and new effect against the old, which is not how
// ETSParams count them: there β is α·Beta and γ is (1 − α)·Gamma.
type HoltWintersFit struct {
	HoltWintersOptions // all parameters of the model set
	Period             int
	Level, Slope       float64
	Season             []float64 // Season[0] is the effect of the next period
	SSE                float64   // sum of squares of the errors one step ahead
	Sigma              float64   // their standard deviation about their mean
	Fitted             []float64 // the forecasts of the last len(Fitted) values, one step ahead
	Points             int       // values
	ahead              int
}

// HoltWinters smooths as R's function of that name does: it begins with the classical decomposition of the first two cycles (level and
// slope from the line through its trend), without a season with the first two values, and finds the parameters with the smallest sum of
// squares, 0–1. It is false for a series with gaps, one that is too short to begin, values of 0 with a multiplicative season, and
// parameters outside 0–1.
func HoltWinters(values []float64, period int, o HoltWintersOptions) (HoltWintersFit, bool) {
	s := newStretch(values)
	if !s.whole() || !o.usable() {
		return HoltWintersFit{}, false
	}
	w := winters{x: s.x, period: period, o: o}
	if !w.begin() {
		return HoltWintersFit{}, false
	}
	w.search()
	return w.result(s)
}

func (o HoltWintersOptions) usable() bool {
	for _, p := range []*float64{o.Alpha, o.Beta, o.Gamma} {
		if p != nil && !(*p >= 0 && *p <= 1) {
			return false
		}
	}
	return o.Alpha == nil || *o.Alpha > 0
}

// winters is a series on its way through the smoothing.
type winters struct {
	x        []float64
	period   int
	o        HoltWintersOptions
	free     []*float64 // into p
	p        [3]float64
	from     int // the first value that is forecast
	level, b float64
	s        []float64
	l0, b0   float64
	s0       []float64
	fitted   []float64
}

// begin sets the state before the first forecast; false if there is none.
func (w *winters) begin() bool {
	w.p = [3]float64{}
	for i, p := range []*float64{w.o.Alpha, w.o.Beta, w.o.Gamma} {
		switch {
		case i == 1 && w.o.NoTrend || i == 2 && w.o.NoSeason:
		case p != nil:
			w.p[i] = *p
		default:
			w.free = append(w.free, &w.p[i])
		}
	}
	if w.o.NoSeason {
		w.period, w.from = 1, 2
		if w.o.NoTrend {
			w.from = 1
		}
		if len(w.x) <= w.from {
			return false
		}
		w.l0 = w.x[w.from-1]
		if !w.o.NoTrend {
			w.b0 = w.x[1] - w.x[0]
		}
		w.s0 = []float64{0}
		return true
	}
	return w.beginSeason()
}

func (w *winters) beginSeason() bool {
	if w.period < 2 || len(w.x) < 2*w.period {
		return false
	}
	for _, v := range w.x {
		if v == 0 && w.o.Multiplicative {
			return false
		}
	}
	trend, effects, ok := classicParts(w.x[:2*w.period], w.period, w.o.Multiplicative)
	if !ok {
		return false
	}
	w.from, w.s0, w.l0 = w.period, effects, trend[0]
	if l, ok := (stretch{x: trend, points: len(trend)}).line(1, true); ok {
		w.l0 = l.level[0] - l.slope*(l.time[0]+1) // R counts the trend's points from 1
		w.b0 = l.slope
	} else if len(trend) == 2 { // a line through two points leaves no error to estimate
		w.b0 = trend[1] - trend[0]
		w.l0 = trend[0] - w.b0
	}
	if w.o.NoTrend {
		w.b0 = 0
	}
	return true
}

// squares smooths the series and returns the sum of squared errors.
func (w *winters) squares() float64 {
	w.level, w.b = w.l0, w.b0
	w.s = append(w.s[:0], w.s0...)
	w.fitted = w.fitted[:0]
	sum, pos := 0.0, 0
	for _, y := range w.x[w.from:] {
		expected := w.next(pos)
		w.fitted = append(w.fitted, expected)
		sum += squareOf(y - expected)
		w.take(y, pos)
		pos = (pos + 1) % w.period
	}
	return sum
}

// next returns the forecast for the next period.
func (w *winters) next(pos int) float64 {
	switch {
	case w.o.NoSeason:
		return w.level + w.b
	case w.o.Multiplicative:
		return (w.level + w.b) * w.s[pos]
	}
	return w.level + w.b + w.s[pos]
}

// take takes in a value.
func (w *winters) take(y float64, pos int) {
	alpha, beta, gamma := w.p[0], w.p[1], w.p[2]
	without := y - w.s[pos]
	if !w.o.NoSeason && w.o.Multiplicative {
		without = y / w.s[pos]
	}
	before := w.level
	w.level = alpha*without + (1-alpha)*(w.level+w.b)
	if !w.o.NoTrend {
		w.b = beta*(w.level-before) + (1-beta)*w.b
	}
	switch {
	case w.o.NoSeason:
	case w.o.Multiplicative:
		w.s[pos] = gamma*(y/w.level) + (1-gamma)*w.s[pos]
	default:
		w.s[pos] = gamma*(y-w.level) + (1-gamma)*w.s[pos]
	}
}

// search sets the free parameters, from several starts.
func (w *winters) search() {
	n := len(w.free)
	if n == 0 {
		return
	}
	simplex := newNelderMead(n)
	loss := func(u []float64) float64 {
		for i, p := range w.free {
			*p = math.Min(math.Max(u[i], 0), 1)
		}
		return w.squares()
	}
	best, value := make([]float64, n), math.Inf(1)
	at, step := make([]float64, n), make([]float64, n)
	for _, start := range [][3]float64{{0.3, 0.1, 0.1}, {0.8, 0.1, 0.1}, {0.2, 0.02, 0.7}, {0.6, 0.5, 0.5}} {
		copy(at, start[:])
		for range 3 {
			for i := range at {
				at[i] = math.Min(math.Max(at[i], 0), 1)
				step[i] = math.Copysign(0.1, 0.5-at[i])
			}
			if v := simplex.minimise(loss, at, step, 600, 1e-13*loss(at)); v < value {
				value = v
				copy(best, at)
			}
		}
	}
	loss(best)
}

func (w *winters) result(s stretch) (HoltWintersFit, bool) {
	sse := w.squares()
	m := HoltWintersFit{HoltWintersOptions: w.o, Period: w.period, Points: s.points, ahead: s.ahead, SSE: math.Ldexp(sse, 2*s.exp)}
	m.Level, m.Slope = math.Ldexp(w.level, s.exp), math.Ldexp(w.b, s.exp)
	alpha, beta, gamma := w.p[0], w.p[1], w.p[2]
	m.Alpha, m.Beta, m.Gamma = &alpha, &beta, &gamma
	n := len(w.x) - w.from
	ok := finite(m.SSE) && finite(m.Level) && finite(m.Slope)
	if !w.o.NoSeason {
		for i := range w.s {
			v := w.s[(n+i)%w.period]
			if !w.o.Multiplicative {
				v = math.Ldexp(v, s.exp)
			}
			m.Season = append(m.Season, v)
			ok = ok && finite(v)
		}
	}
	errors := make([]float64, n)
	for i := range errors {
		errors[i] = w.x[w.from+i] - w.fitted[i]
		m.Fitted = append(m.Fitted, math.Ldexp(w.fitted[i], s.exp))
		ok = ok && finite(m.Fitted[i])
	}
	if n > 1 {
		centre, sum := mean(errors), 0.0
		for _, e := range errors {
			sum += squareOf(e - centre)
		}
		m.Sigma = math.Ldexp(math.Sqrt(sum/float64(n-1)), s.exp)
	}
	if !ok || !finite(m.Sigma) {
		return HoltWintersFit{}, false
	}
	return m, true
}

// Forecast forecasts from the end of the series. With an additive season, or none, σ_h² = σ²·(1 + Σ_{j<h} c_j²), c_j = α·(1 + j·β) +
// γ·(1 − α)·[period divides j]; with a multiplicative one the weight of a shock is multiplied by the effect of the season forecast over
// that of the season of the shock.
//
// R gives other intervals for a multiplicative season: it takes α + γ·(1 − α) for the weight of the period's own shock, which is 1,
// and the slope for the effect of a cycle's last season. Its first interval is narrower than the errors that it rests on.
func (m HoltWintersFit) Forecast(h int) (Forecast, bool) {
	s := stretch{points: 1, ahead: m.ahead}
	steps := s.steps(h)
	if steps == 0 || !m.complete() {
		return Forecast{}, false
	}
	alpha := *m.Alpha
	beta, gamma := alpha**m.Beta, (1-alpha)**m.Gamma
	model := ETSModel{Error: 'A', Trend: 'A', Season: 'A'}
	if m.NoSeason {
		model.Season = 'N'
	}
	e := pathErrors{sigma: m.Sigma, psi: ETSParams{Alpha: alpha, Beta: beta, Gamma: gamma}.Psi(model, m.Period, steps)}
	means := make([]float64, steps)
	for k := range means {
		means[k] = m.Level + float64(k+1)*m.Slope
		switch {
		case m.NoSeason:
		case m.Multiplicative:
			effect := m.Season[k%m.Period]
			means[k] *= effect
			e.relative = append(e.relative, effect)
			if effect == 0 {
				return Forecast{}, false
			}
		default:
			means[k] += m.Season[k%m.Period]
		}
	}
	s.points = m.Points
	return s.forecast(MethodHoltWinters, m.Period, means, e)
}

// complete reports whether the fit is one.
func (m HoltWintersFit) complete() bool {
	if m.Alpha == nil || m.Beta == nil || m.Gamma == nil || m.Period < 1 || !m.usable() || !finite(m.Sigma) || m.Sigma < 0 {
		return false
	}
	return m.NoSeason || len(m.Season) == m.Period
}
