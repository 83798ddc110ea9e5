package stats

import "math"

// MaxETSPeriod is the longest cycle whose seasons exponential smoothing estimates one by one.
const MaxETSPeriod = 24

// Bounds of the smoothing parameters, those of R's forecast package: 0.0001 ≤ β ≤ α ≤ 0.9999, γ ≤ 1 − α, 0.8 ≤ φ ≤ 0.98. A smaller φ is
// hardly a trend, a larger one hardly damped.
const (
	smoothLow, smoothHigh = 1e-4, 0.9999
	dampLow, dampHigh     = 0.8, 0.98
)

// FitETS fits a model by maximum likelihood. Parameters in fixed that are not 0 are kept. The initial states are estimated too: with
// additive errors the errors are linear in them, so they follow from the smoothing parameters by least squares and only those are
// searched for; with multiplicative errors all are.
//
// A period without a value passes without an error, so σ is that of periods whose predecessor has a value. It is false with fewer
// values than parameters and two more, for a period above MaxETSPeriod or a season without a value, and for values that are not positive
// if errors are multiplicative.
func FitETS(values []float64, period int, model ETSModel, fixed ETSParams) (ETS, bool) {
	s := newStretch(values)
	f, ok := newETSFitter(s.x, period, model, fixed)
	if !ok || s.points < model.Parameters(period)+2 {
		return ETS{}, false
	}
	if model.Error == 'M' {
		ok = f.searchAll()
	} else {
		ok = f.searchProfile()
	}
	if !ok {
		return ETS{}, false
	}
	return f.result(s)
}

// etsFitter fits one model to one series.
type etsFitter struct {
	x      []float64
	period int
	model  ETSModel
	fixed  ETSParams
	names  []byte // the parameters that are searched for: a, b, g, p
	run    *etsRun
	params ETSParams
	start  ETSState
	work   [][]float64 // columns of the linear problem
	errors []float64
	coef   []float64
	search *nelderMead
	at     []float64 // a point of the search, and its steps
	step   []float64
}

func newETSFitter(x []float64, period int, model ETSModel, fixed ETSParams) (*etsFitter, bool) {
	if !model.seasonal() {
		period = 1
	}
	if !model.known() || model.seasonal() && (period < 2 || period > MaxETSPeriod || !everySeason(x, period)) || !fixed.allowed(model) {
		return nil, false
	}
	f := &etsFitter{x: x, period: period, model: model, fixed: fixed, params: fixed}
	for _, p := range []struct {
		name byte
		free bool
	}{
		{'a', fixed.Alpha == 0}, {'b', model.Trend == 'A' && fixed.Beta == 0}, {'g', model.seasonal() && fixed.Gamma == 0}, {'p', model.Damped && fixed.Phi == 0},
	} {
		if p.free {
			f.names = append(f.names, p.name)
		}
	}
	if model.seasonal() {
		f.start.Season = make([]float64, period)
	}
	f.run = newETSRun(model, fixed, f.start)
	f.search = newNelderMead(len(f.names))
	f.at, f.step = make([]float64, len(f.names)), make([]float64, len(f.names))
	if model.Error == 'M' {
		for _, v := range x {
			if v <= 0 {
				return nil, false
			}
		}
	}
	return f, true
}

// allowed reports whether the parameters that are given are such, and belong to the model.
func (p ETSParams) allowed(m ETSModel) bool {
	for _, v := range []float64{p.Alpha, p.Beta, p.Gamma, p.Phi} {
		if !(v >= 0 && v <= 1) {
			return false
		}
	}
	return (m.Trend == 'A' || p.Beta == 0) && (m.seasonal() || p.Gamma == 0) && (m.Damped || p.Phi == 0)
}

// everySeason reports whether every season has a value.
func everySeason(x []float64, period int) bool {
	for g := range period {
		seen := false
		for i := g; i < len(x) && !seen; i += period {
			seen = finite(x[i])
		}
		if !seen {
			return false
		}
	}
	return true
}

// place sets the parameters from a point of the unit cube: β and γ are parts of what α leaves them. A point outside is taken to the
// cube's face.
func (f *etsFitter) place(u []float64) {
	part := func(v, low, high float64) float64 { return low + math.Min(math.Max(v, 0), 1)*math.Max(high-low, 0) }
	for i, name := range f.names {
		switch p := &f.params; name {
		case 'a':
			p.Alpha = part(u[i], math.Max(smoothLow, f.fixed.Beta), math.Min(smoothHigh, 1-math.Max(f.fixed.Gamma, smoothLow)))
			if !f.model.seasonal() {
				p.Alpha = part(u[i], math.Max(smoothLow, f.fixed.Beta), smoothHigh)
			}
		case 'b':
			p.Beta = part(u[i], smoothLow, math.Min(smoothHigh, p.Alpha))
		case 'g':
			p.Gamma = part(u[i], smoothLow, math.Min(smoothHigh, 1-p.Alpha))
		case 'p':
			p.Phi = part(u[i], dampLow, dampHigh)
		}
	}
}

// reset brings the run to its initial state with the parameters as they are.
func (f *etsFitter) reset() {
	f.run.p = f.params
	if !f.model.Damped {
		f.run.p.Phi = 1
	}
	f.run.set(f.start)
}

// squares returns the sum of squared errors of an additive model as it is set.
func (f *etsFitter) squares() float64 {
	f.reset()
	sum := 0.0
	for _, y := range f.x {
		e := f.run.step(y)
		sum += e * e
	}
	return sum
}

// solve sets the initial state of a model with additive errors to the one with the smallest sum of squares for its parameters. Its
// columns are what a unit of each state alone adds to the errors; the effects of the seasons add up to 0.
func (f *etsFitter) solve() {
	states := 1
	if f.model.Trend == 'A' {
		states = 2
	}
	if f.model.seasonal() {
		states += f.period - 1
	}
	for len(f.work) < states {
		f.work = append(f.work, make([]float64, 0, len(f.x)))
		f.coef = append(f.coef, 0)
	}
	f.start.Level, f.start.Slope = 0, 0
	clear(f.start.Season)
	f.errors = f.trace(f.errors[:0], 1)
	for k := range f.work {
		f.unit(k, 1)
		f.work[k] = f.trace(f.work[k][:0], 0)
		f.unit(k, 0)
	}
	reflectionSolve(f.work, f.errors, f.coef)
	for k, c := range f.coef {
		f.unit(k, c)
	}
}

// unit sets the k-th free state to v.
func (f *etsFitter) unit(k int, v float64) {
	slope := 0
	if f.model.Trend == 'A' {
		slope = 1
	}
	switch {
	case k == 0:
		f.start.Level = v
	case k == slope:
		f.start.Slope = v
	default:
		last := f.period - 1
		i := k - 1 - slope
		f.start.Season[last] += f.start.Season[i] - v
		f.start.Season[i] = v
	}
}

// trace appends the errors of the periods with a value, the values multiplied by times.
func (f *etsFitter) trace(errors []float64, times float64) []float64 {
	f.reset()
	for _, y := range f.x {
		e := f.run.step(y * times)
		if finite(y) {
			errors = append(errors, e)
		}
	}
	return errors
}

// profile returns the sum of squares at a point of the cube with the best initial state for it.
func (f *etsFitter) profile(u []float64) float64 {
	f.place(u)
	f.solve()
	return f.squares()
}

// grid returns the points from which a search may start.
func (f *etsFitter) grid() [][]float64 {
	points := [][]float64{{}}
	for _, name := range f.names {
		values := map[byte][]float64{'a': {0, 0.1, 0.3, 0.6, 0.95}, 'b': {0.01, 0.3, 0.99}, 'g': {0.01, 0.3, 0.8}, 'p': {0.2, 0.9}}[name]
		var next [][]float64
		for _, p := range points {
			for _, v := range values {
				next = append(next, append(append([]float64(nil), p...), v))
			}
		}
		points = next
	}
	return points
}

// searchProfile looks for the smallest sum of squares of a model with additive errors: from the three best points of the grid and
// from where the quick search ends, each search twice.
func (f *etsFitter) searchProfile() bool {
	best, value := make([]float64, len(f.names)), math.Inf(1)
	starts := f.bestStarts(3)
	f.searchQuick()
	for _, start := range append(starts, append([]float64(nil), f.at...)) {
		copy(f.at, start)
		v := f.descend(f.profile, 0.1, 400)
		if v = math.Min(v, f.descend(f.profile, 0.03, 400)); v < value {
			value = v
			copy(best, f.at)
		}
	}
	return finite(f.profile(best))
}

// descend searches from the point f.at with steps of a size, turned inwards at the faces of the cube.
func (f *etsFitter) descend(loss func([]float64) float64, size float64, evaluations int) float64 {
	if len(f.at) == 0 {
		return loss(f.at)
	}
	for i, v := range f.at {
		f.at[i] = math.Min(math.Max(v, 0), 1)
		f.step[i] = math.Copysign(size, 0.5-f.at[i])
	}
	return f.search.minimise(loss, f.at, f.step, evaluations, math.Abs(loss(f.at))*1e-11)
}

// bestStarts returns the n points of the grid with the smallest sum of squares.
func (f *etsFitter) bestStarts(n int) [][]float64 {
	var points [][]float64
	var values []float64
	for _, p := range f.grid() {
		v := f.profile(p)
		at := len(values)
		for at > 0 && v < values[at-1] {
			at--
		}
		if at >= n {
			continue
		}
		points = append(points[:at], append([][]float64{p}, points[at:]...)...)
		values = append(values[:at], append([]float64{v}, values[at:]...)...)
		points, values = points[:min(n, len(points))], values[:min(n, len(values))]
	}
	return points
}

// quickRounds is the largest number of turns of a quick search, which ends when a turn gains less than quickGain; quickStarts is where it
// begins.
const (
	quickRounds = 8
	quickGain   = 1e-3
)

var quickStarts = []map[byte]float64{
	{'a': 0.3, 'b': 0.1, 'g': 0.1, 'p': 0.7}, {'a': 0.1, 'b': 0.9, 'g': 0.9, 'p': 0.8}, {'a': 0.9, 'b': 0.9, 'g': 0.1, 'p': 0.1},
}

// searchQuick is searchProfile with a hundredth of the work, for models that are fitted to thousands of series: parameters for the
// initial state as it is and the initial state for the parameters take turns, from three starts.
func (f *etsFitter) searchQuick() bool {
	best, value := make([]float64, len(f.names)), math.Inf(1)
	for _, start := range quickStarts {
		for i, name := range f.names {
			f.at[i] = start[name]
		}
		f.improve()
		if v := f.squares(); v < value {
			value = v
			copy(best, f.at)
		}
	}
	copy(f.at, best)
	return f.improve()
}

// improve goes on from where the last quick search ended.
func (f *etsFitter) improve() bool {
	loss := func(u []float64) float64 {
		f.place(u)
		return f.squares()
	}
	f.place(f.at)
	f.solve()
	value := f.squares()
	for range quickRounds {
		before := value
		f.descend(loss, 0.15, 60)
		f.place(f.at)
		f.solve()
		if value = f.squares(); !(value < before*(1-quickGain)) {
			break
		}
	}
	return finite(value)
}

// result returns the model as it is set.
func (f *etsFitter) result(s stretch) (ETS, bool) {
	e := ETS{Model: f.model, Period: f.period, ETSParams: f.params, Initial: f.start, Free: f.model.Parameters(f.period)}
	for _, v := range []float64{f.fixed.Alpha, f.fixed.Beta, f.fixed.Gamma, f.fixed.Phi} {
		if v != 0 {
			e.Free--
		}
	}
	e.Initial.Level, e.Initial.Slope = math.Ldexp(e.Initial.Level, s.exp), math.Ldexp(e.Initial.Slope, s.exp)
	e.Initial.Season = append([]float64(nil), f.start.Season...)
	if f.model.Season == 'A' {
		for i, v := range e.Initial.Season {
			e.Initial.Season[i] = math.Ldexp(v, s.exp)
		}
	}
	return e.apply(s)
}
