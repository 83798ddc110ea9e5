package stats

import (
	"math"
	"strings"
)

// ETSModel names a model of exponential smoothing in the taxonomy of Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential
// Smoothing" (2008): errors are additive (A) or multiplicative (M), the trend none (N), additive (A) or damped (Ad), the season none,
// additive or multiplicative.
//
// Left out are multiplicative trends, which explode, and a multiplicative season with additive errors, whose variance may be infinite;
// neither has a closed form for its intervals.
type ETSModel struct {
	Error, Trend, Season byte // 'A', 'M' or 'N'
	Damped               bool
}

// ParseETS reads a model's short name, such as "AAdN" or "MAM"; false for a model that is left out or does not exist.
func ParseETS(name string) (ETSModel, bool) {
	short := strings.Replace(name, "d", "", 1)
	if len(short) != 3 {
		return ETSModel{}, false
	}
	m := ETSModel{Error: short[0], Trend: short[1], Season: short[2], Damped: name != short}
	return m, m.known() && (!m.Damped || name[2] == 'd')
}

// String returns the model's name, such as "ETS(A,Ad,N)".
func (m ETSModel) String() string {
	trend := string(m.Trend)
	if m.Damped {
		trend += "d"
	}
	return "ETS(" + string(m.Error) + "," + trend + "," + string(m.Season) + ")"
}

func (m ETSModel) known() bool {
	switch {
	case m.Error != 'A' && m.Error != 'M', m.Trend != 'N' && m.Trend != 'A', m.Damped && m.Trend == 'N':
		return false
	case m.Season == 'M':
		return m.Error == 'M'
	}
	return m.Season == 'N' || m.Season == 'A'
}

func (m ETSModel) seasonal() bool { return m.Season != 'N' }

// Parameters returns the number of parameters of the model, initial states included: smoothing parameters, level, slope, and all
// but one of the season's effects.
func (m ETSModel) Parameters(period int) int {
	k := 2
	if m.Trend == 'A' {
		k += 2
	}
	if m.Damped {
		k++
	}
	if m.seasonal() {
		k += period
	}
	return k
}

// ETSParams are smoothing parameters: of level, slope and season, and the damping of the slope. They are those of the state equations:
// b_t = φ·b_{t−1} + β·e_t, s_t = s_{t−m} + γ·e_t. What the model does not have is 0.
type ETSParams struct{ Alpha, Beta, Gamma, Phi float64 }

// ETSState is what the model knows at a time: level, slope, and the effects of the seasons, Season[0] being that of the next period.
type ETSState struct {
	Level, Slope float64
	Season       []float64
}

// ETS is a fitted model. Initial is the state before the first value, Last that after the last period.
type ETS struct {
	Model  ETSModel
	Period int // periods in a cycle
	ETSParams
	Initial, Last ETSState

	Points int     // values
	Sigma  float64 // standard deviation of the errors, with n − k below the sum of squares; of relative ones if they are multiplicative
	RMSE   float64 // root of the mean square of value − one-step forecast
	// LogLik is the likelihood as R's forecast package gives it, constants left out: −n/2·log Σe² − Σ log|ŷ| (the latter for
	// multiplicative errors). Exact is set, and it is 0, where the model leaves no error.
	LogLik float64
	Exact  bool
	Free   int // parameters that were estimated

	ahead int // periods after the last value
}

// AIC returns Akaike's criterion: −2·LogLik + 2·p, with p the estimated parameters and σ.
func (e ETS) AIC() float64 { return -2*e.LogLik + 2*float64(e.Free+1) }

// BIC returns the Bayesian criterion: −2·LogLik + log n·p.
func (e ETS) BIC() float64 {
	return -2*e.LogLik + math.Log(math.Max(float64(e.Points), 1))*float64(e.Free+1)
}

// AICc returns Akaike's criterion with the correction for few points; false where there are too few for it.
func (e ETS) AICc() (float64, bool) {
	p, n := float64(e.Free+1), float64(e.Points)
	if n-p-1 <= 0 {
		return 0, false
	}
	return e.AIC() + 2*p*(p+1)/(n-p-1), true
}

// etsRun is a model on its way through a series.
type etsRun struct {
	model ETSModel
	p     ETSParams
	l, b  float64
	s     []float64 // the effects, the next one at pos
	pos   int
}

// newETSRun sets a model to its initial state.
func newETSRun(model ETSModel, p ETSParams, state ETSState) *etsRun {
	r := &etsRun{model: model, p: p}
	if !model.Damped {
		r.p.Phi = 1
	}
	r.set(state)
	return r
}

func (r *etsRun) set(state ETSState) {
	r.l, r.b, r.pos = state.Level, state.Slope, 0
	r.s = append(r.s[:0], state.Season...)
}

func (r *etsRun) clone() *etsRun {
	c := *r
	c.s = append(make([]float64, 0, len(r.s)), r.s...)
	return &c
}

// rescaled returns the model for values multiplied by 2^exp.
func (r *etsRun) rescaled(exp int) *etsRun {
	c := r.clone()
	c.l, c.b = math.Ldexp(c.l, exp), math.Ldexp(c.b, exp)
	if r.model.Season == 'A' {
		for i := range c.s {
			c.s[i] = math.Ldexp(c.s[i], exp)
		}
	}
	return c
}

// state returns where the model is.
func (r *etsRun) state() ETSState {
	s := ETSState{Level: r.l, Slope: r.b}
	if len(r.s) > 0 {
		s.Season = append(append(make([]float64, 0, len(r.s)), r.s[r.pos:]...), r.s[:r.pos]...)
	}
	return s
}

// forecast returns the value expected in the next period.
func (r *etsRun) forecast() float64 {
	v := r.l
	if r.model.Trend == 'A' {
		v += r.p.Phi * r.b
	}
	switch r.model.Season {
	case 'A':
		return v + r.s[r.pos]
	case 'M':
		return v * r.s[r.pos]
	}
	return v
}

// step takes in the value of the next period and returns its error, absolute or relative as the model has it. A period without a
// value (NaN) passes without an error: level and slope go on as they were expected to.
func (r *etsRun) step(y float64) float64 {
	expected := r.forecast()
	q := r.l
	if r.model.Trend == 'A' {
		r.b *= r.p.Phi
		q += r.b
	}
	if math.IsNaN(y) {
		r.l = q
		r.turn()
		return 0
	}
	e := y - expected
	move := e // of the level, before smoothing
	if r.model.Season == 'M' {
		move = e / r.s[r.pos]
	}
	r.l = q + r.p.Alpha*move
	if r.model.Trend == 'A' {
		r.b += r.p.Beta * move
	}
	switch r.model.Season {
	case 'A':
		r.s[r.pos] += r.p.Gamma * e
	case 'M':
		r.s[r.pos] += r.p.Gamma * e / q
	}
	r.turn()
	if r.model.Error == 'M' {
		return e / expected
	}
	return e
}

// turn goes on to the next season.
func (r *etsRun) turn() {
	if r.pos++; r.pos >= len(r.s) {
		r.pos = 0
	}
}

// fit is what a run over a series sums up.
type etsFit struct {
	squares float64 // Σe²
	raw     float64 // Σ(value − forecast)²
	logs    float64 // Σ log|forecast|, for multiplicative errors
	n       int
}

// loss is −2 times the likelihood.
func (t etsFit) loss() float64 {
	return float64(t.n)*math.Log(math.Max(t.squares, math.SmallestNonzeroFloat64)) + 2*t.logs
}

// over runs the model through the values. It is false where the model breaks: a forecast of 0, to which no error is relative, or a number
// that is none.
func (r *etsRun) over(x []float64) (etsFit, bool) {
	var t etsFit
	relative := r.model.Error == 'M'
	for _, y := range x {
		if math.IsNaN(y) {
			r.step(y)
			continue
		}
		expected := r.forecast()
		if relative {
			if expected == 0 {
				return t, false
			}
			t.logs += math.Log(math.Abs(expected))
		}
		e := r.step(y)
		t.squares += e * e
		t.raw += (y - expected) * (y - expected)
		t.n++
	}
	return t, finite(t.squares) && finite(t.raw) && finite(t.logs)
}

// Apply runs the model with its parameters and initial state through the values, which sets all but those: last state, σ, likelihood.
// It is false for fewer values than parameters and one more, and where the model breaks on its way.
func (e ETS) Apply(values []float64) (ETS, bool) {
	s := newStretch(values)
	if !e.complete() || s.points <= e.Model.Parameters(e.Period) {
		return ETS{}, false
	}
	return e.apply(s)
}

// complete reports whether the states fit the model.
func (e ETS) complete() bool {
	if !e.Model.known() || e.Model.seasonal() && (e.Period < 2 || len(e.Initial.Season) != e.Period) || !e.Model.seasonal() && len(e.Initial.Season) > 0 {
		return false
	}
	for _, v := range append([]float64{e.Alpha, e.Beta, e.Gamma, e.Phi, e.Initial.Level, e.Initial.Slope}, e.Initial.Season...) {
		if !finite(v) {
			return false
		}
	}
	return true
}

func (e ETS) apply(s stretch) (ETS, bool) {
	r := newETSRun(e.Model, e.ETSParams, e.Initial).rescaled(-s.exp)
	t, ok := r.over(s.x)
	if !ok {
		return ETS{}, false
	}
	n, k := float64(t.n), e.Model.Parameters(e.Period)
	e.Points, e.ahead = t.n, s.ahead
	if e.Free == 0 {
		e.Free = k
	}
	e.Sigma = math.Sqrt(t.squares / (n - float64(k)))
	e.RMSE = math.Ldexp(math.Sqrt(t.raw/n), s.exp)
	e.LogLik = -t.loss() / 2
	if e.Exact = t.squares <= n*1e-28; e.Exact { // the values are scaled to 1: less than the last digits
		e.Sigma, e.LogLik = 0, 0
	} else { // the scale's part of the likelihood: of Σe², or of the forecasts
		e.LogLik -= n * float64(s.exp) * math.Ln2
	}
	if e.Model.Error == 'A' {
		e.Sigma = math.Ldexp(e.Sigma, s.exp)
	}
	r = r.rescaled(s.exp)
	e.Last = r.state()
	if !e.sound() {
		return ETS{}, false
	}
	return e, true
}

// sound reports whether all numbers are such.
func (e ETS) sound() bool {
	for _, v := range append([]float64{e.Sigma, e.RMSE, e.LogLik, e.Initial.Level, e.Last.Level, e.Last.Slope}, e.Last.Season...) {
		if !finite(v) {
			return false
		}
	}
	return true
}
