package stats

import "math"

// ForecastReason says why a method was chosen.
type ForecastReason string

// The reasons.
const (
	ReasonLowestError ForecastReason = "lowest_error" // it had the smallest error on the last periods, each forecast from what came before
	ReasonConstant    ForecastReason = "constant"     // all values are the same
	ReasonFewTests    ForecastReason = "few_tests"    // too few periods to compare methods on: the simplest one
)

// Candidate is a method that was compared, and its error.
type Candidate struct {
	Method ForecastMethod
	Model  string  // of exponential smoothing
	MASE   float64 // mean absolute error over the origins, in mean steps from season to season before the first
	Tests  int     // forecasts that were compared with a value
}

// Origins from which methods are compared, steps that are forecast from each, origins after which a model is fitted anew, and tests below
// which nothing is compared.
const (
	originsMost  = 12
	originsLeast = 4
	stepsMost    = 12
	refitAfter   = 4
	testsLeast   = 4
)

// recentMost is the number of periods, up to the last value, that Choose looks at: ten years of weeks. What was before says little of what
// comes, and a daily series would take a thousand times as long as a monthly one.
const recentMost = 520

// PointsNeeded returns the number of values below which nothing is forecast: 8, or two cycles and 4.
func PointsNeeded(season int) int {
	if season > 1 {
		return 2*season + 4
	}
	return 8
}

// Choose forecasts a series by the method that did best on it: the last value of the same season, drift, or exponential smoothing with a
// damped trend, without a season and, for cycles of up to MaxETSPeriod, with one. Each forecasts the last periods (at most 12, a quarter
// of the series) from what came before them, up to 12 steps or h; the smallest MASE wins, the simpler one if two are equal. A model is
// fitted to what came before the first origin and anew after every 4, never to what it is to forecast. Of a long series the last 520
// periods are used.
//
// If there are too few periods to compare on, the last value of the same season is the forecast; if fewer than two cycles have values
// in every season, the last value. A constant series is forecast to stay, with a standard deviation of 0. It is false for fewer values
// than PointsNeeded, and for h below 1 or above MaxHorizon.
//
// A period without a value stays one: nothing is put in its place. Steps over it count as steps over several periods, models pass it
// without an error, and periods after the last value are forecast too, so that step 1 is the first period after the slice, and as
// uncertain as its distance from the last value makes it. On a scale other than ScaleLinear everything happens to the values on that
// scale; values that the scale does not know (a negative count, 120 %) make it ScaleLinear.
func Choose(values []float64, season, h int, scale ForecastScale) (Forecast, bool) {
	season = max(season, 1)
	values = recentPeriods(values)
	s := newStretch(values)
	if s.points < PointsNeeded(season) || s.steps(h) == 0 || season > len(values) {
		return Forecast{}, false
	}
	if !scale.fits(values) {
		scale = ScaleLinear
	}
	n := float64(s.points)
	if scale != ScaleLinear {
		scaled := make([]float64, len(values))
		for i, v := range values {
			scaled[i] = scale.to(v, n)
		}
		s = newStretch(scaled)
	}
	c := chooser{stretch: s, season: season, steps: s.steps(h)}
	f, ok := c.choose()
	if !ok {
		return Forecast{}, false
	}
	f.Scale, f.squeeze, f.Candidates = scale, n, c.candidates
	return f, true
}

// recentPeriods returns the end of a series, from recentMost periods before its last value on.
func recentPeriods(values []float64) []float64 {
	end := len(values)
	for end > 0 && !finite(values[end-1]) {
		end--
	}
	return values[max(end-recentMost, 0):]
}

// chooser compares methods on a series.
type chooser struct {
	stretch
	season, steps int
	candidates    []Candidate
}

func (c *chooser) choose() (Forecast, bool) {
	if c.level() {
		return c.simplest(ReasonConstant)
	}
	origins := c.origins()
	if origins < 1 {
		return c.simplest(ReasonFewTests)
	}
	best := c.compare(len(c.x) - origins)
	if best < 0 {
		return c.simplest(ReasonFewTests)
	}
	f, ok := c.final(c.candidates[best])
	if !ok {
		return c.simplest(ReasonFewTests)
	}
	f.Reason = ReasonLowestError
	return f, true
}

// origins returns the number of origins, each with enough values before it.
func (c *chooser) origins() int {
	n := min(originsMost, max(originsLeast, len(c.x)/4))
	return min(n, len(c.x)-max(2*c.season, 6))
}

// simplest returns the forecast of the last value of the same season, if two cycles have a value in every season; of the last value
// otherwise.
func (c *chooser) simplest(reason ForecastReason) (Forecast, bool) {
	var f Forecast
	var ok bool
	if c.season > 1 && c.cycles() {
		f, ok = c.seasonalNaive(c.season, c.steps)
	}
	if !ok {
		f, ok = c.naive(c.steps)
	}
	f.Reason = reason
	return f, ok
}

// cycles reports whether each season has at least two values.
func (c *chooser) cycles() bool {
	for g := range c.season {
		n := 0
		for i := g; i < len(c.x); i += c.season {
			if finite(c.x[i]) {
				n++
			}
		}
		if n < 2 {
			return false
		}
	}
	return true
}

// compare tests every method from the first origin on and returns the index of the best candidate; -1 if nothing can be compared.
func (c *chooser) compare(first int) int {
	scale, ok := lagStep(c.x[:first], c.season)
	if !ok {
		if scale, ok = lagStep(c.x, 1); !ok {
			return -1
		}
	}
	horizon := min(stepsMost, c.steps-c.ahead)
	best := -1
	for _, r := range c.rivals(first) {
		sum, n := 0.0, 0
		for origin := first; origin < len(c.x); origin++ {
			predict, ok := r.at(origin)
			if !ok {
				n = 0
				break
			}
			for k := 0; k < horizon && origin+k < len(c.x); k++ {
				if v := c.x[origin+k]; finite(v) {
					sum += math.Abs(v - predict(k))
					n++
				} else {
					predict(k)
				}
			}
		}
		if n < testsLeast || !finite(sum) {
			continue
		}
		r.MASE, r.Tests = sum/float64(n)/scale, n
		c.candidates = append(c.candidates, r.Candidate)
		i := len(c.candidates) - 1
		if best < 0 || sign(r.MASE, c.candidates[best].MASE, c.candidates[best].MASE) < 0 {
			best = i
		}
	}
	return best
}

// rival is a method under test. at gives its forecasts from an origin, the number of periods that are known, origins ascending; step 0
// is the first to come, and each step is asked for once, in order.
type rival struct {
	Candidate
	at func(origin int) (predict func(k int) float64, ok bool)
}

// rivals returns the methods, the simplest first.
func (c *chooser) rivals(first int) []rival {
	name := MethodSeasonalNaive
	if c.season == 1 {
		name = MethodNaive
	}
	list := []rival{
		{Candidate{Method: name}, c.repeat},
		{Candidate{Method: MethodDrift}, c.straight},
	}
	for _, model := range dampedModels(c.season) {
		if e, ok := c.smoothing(model, first); ok {
			list = append(list, rival{Candidate{Method: MethodETS, Model: model.String()}, e})
		}
	}
	return list
}

// dampedModels returns the models of exponential smoothing that are candidates.
func dampedModels(season int) []ETSModel {
	damped := ETSModel{Error: 'A', Trend: 'A', Season: 'N', Damped: true}
	if season < 2 || season > MaxETSPeriod {
		return []ETSModel{damped}
	}
	seasonal := damped
	seasonal.Season = 'A'
	return []ETSModel{damped, seasonal}
}

// repeat forecasts the last value of the same season.
func (c *chooser) repeat(origin int) (func(int) float64, bool) {
	for g := origin - c.season; g < origin; g++ {
		if c.sameSeason(g, c.season) < 0 {
			return nil, false
		}
	}
	return func(k int) float64 {
		return c.x[c.sameSeason(origin+k%c.season-c.season, c.season)]
	}, true
}

// straight forecasts the line from the first value through the last.
func (c *chooser) straight(origin int) (func(int) float64, bool) {
	last := c.sameSeason(origin-1, 1)
	if last < 1 {
		return nil, false
	}
	slope := (c.x[last] - c.x[0]) / float64(last)
	return func(k int) float64 { return c.x[last] + float64(origin+k-last)*slope }, true
}

// marginETS is the number of values that a model must have beyond its parameters to be a candidate.
const marginETS = 5

// smoothing forecasts by a model that is fitted to what came before the first origin and anew after every few.
func (c *chooser) smoothing(model ETSModel, first int) (func(int) (func(int) float64, bool), bool) {
	if pointsOf(c.x[:first]) < model.Parameters(c.season)+marginETS {
		return nil, false
	}
	fitter, ok := newETSFitter(c.x[:first], c.season, model, ETSParams{})
	if !ok {
		return nil, false
	}
	if !fitter.searchQuick() {
		return nil, false
	}
	run, ahead := newETSRun(model, ETSParams{}, ETSState{}), newETSRun(model, ETSParams{}, ETSState{})
	known := 0
	return func(origin int) (func(int) float64, bool) {
		if (origin-first)%refitAfter == 0 {
			fitter.x = c.x[:origin]
			if origin > first && !fitter.improve() {
				return nil, false
			}
			fitter.reset()
			run.p = fitter.run.p
			run.set(fitter.start)
			known = 0
		}
		for ; known < origin; known++ {
			run.step(c.x[known])
		}
		s := ahead.s
		*ahead = *run
		ahead.s = append(s[:0], run.s...)
		return func(int) float64 {
			v := ahead.forecast()
			ahead.step(math.NaN())
			return v
		}, true
	}, true
}

// pointsOf returns the number of values.
func pointsOf(x []float64) int {
	n := 0
	for _, v := range x {
		if finite(v) {
			n++
		}
	}
	return n
}

// final forecasts by a method from all values.
func (c *chooser) final(best Candidate) (Forecast, bool) {
	switch best.Method {
	case MethodSeasonalNaive:
		return c.seasonalNaive(c.season, c.steps)
	case MethodNaive:
		return c.naive(c.steps)
	case MethodDrift:
		return c.drift(c.steps)
	}
	for _, model := range dampedModels(c.season) {
		if model.String() != best.Model {
			continue
		}
		fitter, ok := newETSFitter(c.x, c.season, model, ETSParams{})
		if !ok {
			return Forecast{}, false
		}
		if !fitter.searchQuick() {
			return Forecast{}, false
		}
		e, ok := fitter.result(c.stretch)
		if !ok {
			return Forecast{}, false
		}
		return e.Forecast(c.steps - c.ahead)
	}
	return Forecast{}, false
}
