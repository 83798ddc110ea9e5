package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MaxHorizon is the largest number of periods that is forecast.
const MaxHorizon = 1200

// ForecastMethod names a way of forecasting.
type ForecastMethod string

// The methods.
const (
	MethodNaive         ForecastMethod = "naive"          // the last value
	MethodSeasonalNaive ForecastMethod = "seasonal_naive" // the last value of the same season
	MethodDrift         ForecastMethod = "drift"          // the last value, going on by the mean step
	MethodMean          ForecastMethod = "mean"           // the mean of all values
	MethodTrend         ForecastMethod = "trend"          // a straight line, with the seasons' levels if there are seasons
	MethodTheta         ForecastMethod = "theta"          // exponential smoothing with half of the line's slope
	MethodETS           ForecastMethod = "ets"            // exponential smoothing, see ETS
	MethodHoltWinters   ForecastMethod = "holt_winters"   // exponential smoothing by least squares, see HoltWinters
)

// Forecast is the distribution of the values to come. Its steps are counted from 1, the first period after the values that it was made
// of, whether the last of these had a value or not. Mean and SD are on the scale of Scale, in the values' unit if that is ScaleLinear.
type Forecast struct {
	Method ForecastMethod
	Model  string // of exponential smoothing, such as "ETS(A,Ad,N)"
	Season int    // periods in a cycle; 1: none
	Points int    // values that it rests on
	Scale  ForecastScale

	Mean, SD []float64 // by step, Mean[0] is step 1
	Sigma    float64   // the standard deviation of the errors one step ahead; of relative errors for a model with multiplicative errors
	Freedom  int       // degrees of freedom of Student's t, where an estimated level or slope is part of the error; 0: normal

	Reason     ForecastReason // why this method, from Choose
	Candidates []Candidate    // and the errors of those that were compared

	errors  pathErrors
	squeeze float64 // the points of ScaleLogit
}

// pathErrors says how the errors of all steps come from independent ones of standard deviation sigma. The error of step h is
// Σ_{i ≤ h} psi[h−i]·relative[h]/relative[i]·ε_i + Σ_d load[h][d]·z_d: the ε are shocks of the periods, the z are errors of what was
// estimated once. Steps are counted from 0 here, and begin after the last period with a value; skip of them are over.
type pathErrors struct {
	sigma    float64
	psi      []float64
	relative []float64 // nil: all 1
	load     [][]float64
	skip     int
	model    *etsRun // of multiplicative errors: no sum of shocks, paths follow from the model
}

// shock returns the weight of the shock of step i in the error of step h.
func (p *pathErrors) shock(h, i int) float64 {
	if p.relative == nil {
		return p.psi[h-i]
	}
	return p.psi[h-i] * p.relative[h] / p.relative[i]
}

// spread returns the standard deviation of step h.
func (p *pathErrors) spread(h int) float64 {
	sum := 0.0
	for i := 0; i <= h; i++ {
		sum += squareOf(p.shock(h, i))
	}
	if p.load != nil {
		for _, v := range p.load[h] {
			sum += v * v
		}
	}
	return p.sigma * math.Sqrt(sum)
}

// spreads returns the standard deviations of all steps that are not over. Without relative weights they are cumulated.
func (p *pathErrors) spreads(steps int) []float64 {
	sd := make([]float64, steps)
	sum := 0.0
	for h := 0; h < steps+p.skip; h++ {
		if p.relative != nil {
			if h >= p.skip {
				sd[h-p.skip] = p.spread(h)
			}
			continue
		}
		sum += squareOf(p.psi[h])
		if h < p.skip {
			continue
		}
		all := sum
		if p.load != nil {
			for _, v := range p.load[h] {
				all += v * v
			}
		}
		sd[h-p.skip] = p.sigma * math.Sqrt(all)
	}
	return sd
}

func squareOf(v float64) float64 { return v * v }

// stretch is a series as the forecasters read it: from its first value to its last, divided by a power of two so that squares neither
// overflow nor vanish.
type stretch struct {
	x      []float64 // NaN: no value
	exp    int       // the values are x · 2^exp
	ahead  int       // periods after the last value
	points int
}

func newStretch(values []float64) stretch {
	first, last, n, top := -1, -1, 0, 0.0
	for i, v := range values {
		if !finite(v) {
			continue
		}
		if first < 0 {
			first = i
		}
		last, n, top = i, n+1, math.Max(top, math.Abs(v))
	}
	if n == 0 {
		return stretch{}
	}
	s := stretch{x: make([]float64, last-first+1), ahead: len(values) - 1 - last, points: n}
	if top > 0 {
		_, s.exp = math.Frexp(top)
	}
	for i := range s.x {
		s.x[i] = math.NaN()
		if v := values[first+i]; finite(v) {
			s.x[i] = math.Ldexp(v, -s.exp)
		}
	}
	return s
}

// whole reports whether every period has a value.
func (s stretch) whole() bool { return s.points == len(s.x) }

// level reports whether all values are the same.
func (s stretch) level() bool {
	for _, v := range s.x {
		if finite(v) && v != s.x[0] {
			return false
		}
	}
	return true
}

// steps returns the number of steps to compute for a horizon, those that are over included; 0 if there is none.
func (s stretch) steps(h int) int {
	if s.points == 0 || h < 1 || h > MaxHorizon || s.ahead > MaxHorizon {
		return 0
	}
	return h + s.ahead
}

// forecast assembles a forecast from the means of all steps and the errors, both on the scale of the stretch.
func (s stretch) forecast(method ForecastMethod, season int, means []float64, errors pathErrors) (Forecast, bool) {
	errors.skip = s.ahead
	f := Forecast{Method: method, Season: max(season, 1), Points: s.points, Mean: means[s.ahead:], errors: errors}
	f.SD = f.errors.spreads(len(f.Mean))
	return f.rescale(s.exp)
}

// rescale multiplies a forecast by 2^exp; false if that gives numbers too large.
func (f Forecast) rescale(exp int) (Forecast, bool) {
	for k := range f.Mean {
		f.Mean[k], f.SD[k] = math.Ldexp(f.Mean[k], exp), math.Ldexp(f.SD[k], exp)
		if !finite(f.Mean[k]) || !finite(f.SD[k]) {
			return Forecast{}, false
		}
	}
	if f.errors.model == nil {
		f.errors.sigma = math.Ldexp(f.errors.sigma, exp)
	} else {
		f.errors.model = f.errors.model.rescaled(exp)
	}
	if f.Sigma = f.errors.sigma; !finite(f.Sigma) {
		return Forecast{}, false
	}
	return f, true
}

// has reports whether the forecast reaches the step.
func (f Forecast) has(step int) bool {
	return step >= 1 && step <= len(f.Mean) && len(f.SD) == len(f.Mean)
}

// Median returns the middle of the distribution at a step, in the values' unit: half of what may come lies above it.
func (f Forecast) Median(step int) (float64, bool) {
	if !f.has(step) {
		return 0, false
	}
	if v := f.Scale.back(f.Mean[step-1], f.squeeze); finite(v) {
		return v, true
	}
	return 0, false
}

// Interval returns the limits within which the value at a step lies with the given probability, 0 < level < 1, in the values' unit:
// mean ∓ z·sd on the forecast's scale. Nominal 95 % intervals cover less in truth, see ClipChance.
func (f Forecast) Interval(step int, level float64) (low, high float64, ok bool) {
	if !f.has(step) || !(level > 0 && level < 1) {
		return 0, 0, false
	}
	reach := f.quantile(level) * f.SD[step-1]
	low, high = f.Scale.back(f.Mean[step-1]-reach, f.squeeze), f.Scale.back(f.Mean[step-1]+reach, f.squeeze)
	if !finite(low) || !finite(high) {
		return 0, 0, false
	}
	return low, high, true
}

// quantile returns how many standard deviations a central interval of the given probability reaches to either side.
func (f Forecast) quantile(level float64) float64 {
	if f.Freedom > 0 {
		return distuv.StudentsT{Sigma: 1, Nu: float64(f.Freedom)}.Quantile((1 + level) / 2)
	}
	return math.Sqrt2 * math.Erfinv(level)
}

// below returns the probability that the value lies below mean + z·sd.
func (f Forecast) below(z float64) float64 {
	if f.Freedom > 0 {
		return distuv.StudentsT{Sigma: 1, Nu: float64(f.Freedom)}.CDF(z)
	}
	return math.Erfc(-z/math.Sqrt2) / 2
}

// Sum returns mean and standard deviation of a weighted sum of the values to come, weights[0] belonging to step 1: of a total with
// weights 1, of an average with weights 1/n. Errors of different steps are not independent: what goes wrong in one month goes on.
// Var = σ²·[Σ_i (Σ_{h ≥ i} w_h·c_{h−i})² + Σ_d (Σ_h w_h·l_hd)²], c_0 = 1. It is false where the values are no sum of shocks: on a scale
// that is not linear, and for multiplicative errors; TotalChance simulates those.
func (f Forecast) Sum(weights []float64) (mean, sd float64, ok bool) {
	if len(weights) > len(f.Mean) || len(weights) == 0 || f.Scale != ScaleLinear || f.errors.model != nil {
		return 0, 0, false
	}
	skip, end := f.errors.skip, f.errors.skip+len(weights)
	if len(f.errors.psi) < end {
		return 0, 0, false
	}
	variance := 0.0
	for i := 0; i < end; i++ {
		share := 0.0
		for h := max(i, skip); h < end; h++ {
			share += weights[h-skip] * f.errors.shock(h, i)
		}
		variance += share * share
	}
	if f.errors.load != nil {
		for d := range f.errors.load[0] {
			share := 0.0
			for h := skip; h < end; h++ {
				share += weights[h-skip] * f.errors.load[h][d]
			}
			variance += share * share
		}
	}
	for k, w := range weights {
		mean += w * f.Mean[k]
	}
	sd = f.errors.sigma * math.Sqrt(variance)
	if !finite(mean) || !finite(sd) {
		return 0, 0, false
	}
	return mean, sd, true
}
