package stats

import "math"

// relativeLoss is −2 times the likelihood of a model with multiplicative errors at a point of the search: smoothing parameters, level and
// slope, and all but one of the effects of the seasons.
func (f *etsFitter) relativeLoss(u []float64) float64 {
	n := len(f.names)
	f.place(u[:n])
	f.start.Level = u[n]
	n++
	if f.model.Trend == 'A' {
		f.start.Slope = u[n]
		n++
	}
	if f.model.seasonal() {
		rest := 0.0
		if f.model.Season == 'M' {
			rest = float64(f.period)
		}
		for i, v := range u[n:] {
			f.start.Season[i] = v
			rest -= v
		}
		f.start.Season[f.period-1] = rest
	}
	f.reset()
	t, ok := f.run.over(f.x)
	if !ok {
		return math.Inf(1)
	}
	return t.loss()
}

// relativeStarts are points from which the search for the smoothing parameters begins.
var relativeStarts = []map[byte]float64{
	{'a': 0.1, 'b': 0.1, 'g': 0.1, 'p': 0.9}, {'a': 0.5, 'b': 0.1, 'g': 0.1, 'p': 0.9}, {'a': 0.9, 'b': 0.1, 'g': 0.1, 'p': 0.9},
	{'a': 0.9, 'b': 0.5, 'g': 0.1, 'p': 0.1}, {'a': 0.1, 'b': 0.9, 'g': 0.5, 'p': 0.5},
}

// searchAll looks for the largest likelihood of a model with multiplicative errors, over parameters and initial state together. The
// initial state is at first that of a line through the seasons, of the first three cycles, and once of all. Short searches tell the two
// best starts, from which it is looked for until that gains nothing.
func (f *etsFitter) searchAll() bool {
	n := len(relativeStarts) + 1
	points, values := make([][]float64, n), make([]float64, n)
	steps := make([][]float64, n)
	for i := range points {
		reach := min(len(f.x), max(3*f.period, 10))
		if i == len(relativeStarts) {
			reach = len(f.x)
		}
		states, step := f.guess(f.x[:reach])
		for _, name := range f.names {
			points[i] = append(points[i], relativeStarts[i%len(relativeStarts)][name])
		}
		points[i], steps[i] = append(points[i], states...), step
		values[i] = f.settle(points[i], step, 2, 30)
	}
	var best []float64
	value := math.Inf(1)
	for range 2 {
		i := 0
		for j, v := range values {
			if v < values[i] {
				i = j
			}
		}
		if math.IsInf(values[i], 1) {
			break
		}
		if v := f.settle(points[i], steps[i], 30, 300); v < value {
			best, value = points[i], v
		}
		values[i] = math.Inf(1)
	}
	return best != nil && finite(f.relativeLoss(best))
}

// settle searches from at, with wide and narrow steps in turn and so many evaluations for each dimension, until it stands still.
func (f *etsFitter) settle(at, steps []float64, rounds, evaluations int) float64 {
	s := newNelderMead(len(at))
	value := math.Inf(1)
	for round := range rounds {
		narrow := round%2 == 1
		v := s.minimise(f.relativeLoss, at, f.spread(at, steps, narrow), evaluations*len(at), 1e-9)
		if narrow && value-v < 1e-7 {
			return v
		}
		value = math.Min(v, value)
	}
	return value
}

// spread returns the steps of a search from at, which it takes to the unit cube first: those of the parameters point into it.
func (f *etsFitter) spread(at, steps []float64, narrow bool) []float64 {
	step := make([]float64, len(at))
	for i := range step {
		if i < len(f.names) {
			at[i] = math.Min(math.Max(at[i], 0), 1)
			step[i] = math.Copysign(0.1, 0.5-at[i])
		} else {
			step[i] = steps[i-len(f.names)]
		}
		if narrow {
			step[i] /= 8
			if i >= len(f.names) {
				step[i] = -step[i]
			}
		}
	}
	return step
}

// guess returns initial states from which a search may begin, and steps of a size that suits each: level and slope of the line through a
// part of the series, the seasons' means beside it.
func (f *etsFitter) guess(x []float64) (states, steps []float64) {
	if !everySeason(x, f.period) {
		x = f.x
	}
	s := stretch{x: x, points: pointsOf(x)}
	l, ok := s.line(f.period, true)
	if !ok {
		l, _ = s.line(f.period, false)
	}
	level := 0.0
	for g := range l.level {
		level += (l.level[g] - l.slope*(l.time[g]+1)) / float64(f.period)
	}
	level = math.Max(level, smallestValue(f.x)/2)
	states, steps = []float64{level}, []float64{0.1 * level}
	if f.model.Trend == 'A' {
		states, steps = append(states, l.slope), append(steps, 0.01*level)
	}
	overall := mean(l.level)
	for g := 0; g < f.period-1; g++ {
		if f.model.Season == 'M' {
			states, steps = append(states, math.Max(l.level[g]/overall, 0.01)), append(steps, 0.1)
		} else {
			states, steps = append(states, l.level[g]-l.slope*(l.time[g]+1)-level), append(steps, 0.1*level)
		}
	}
	return states, steps
}

// smallestValue returns the smallest value.
func smallestValue(x []float64) float64 {
	low := math.Inf(1)
	for _, v := range x {
		if finite(v) {
			low = math.Min(low, v)
		}
	}
	return low
}
