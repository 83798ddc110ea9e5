package stats

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Simulated paths: as many as bring the standard error of a probability below one point, far finer than its words. The seed is fixed, so
// that the same series always gives the same answer.
const (
	pathPairs = 2000
	pathSeed  = 20260101
)

// pathChance returns the share of simulated paths of the steps 1 to last, in the values' unit, that are met. Each path comes with its
// mirror image, so that symmetric errors cancel.
func (f Forecast) pathChance(last int, met func(path []float64) bool) (float64, bool) {
	if !f.has(last) || len(f.errors.psi) < last+f.errors.skip && f.errors.model == nil {
		return 0, false
	}
	w := walker{Forecast: f, last: last, random: rand.New(rand.NewPCG(pathSeed, pathSeed))}
	w.prepare()
	count := 0
	for range pathPairs {
		w.draw()
		for _, side := range []float64{1, -1} {
			path := w.walk(side)
			if path == nil {
				return 0, false
			}
			if met(path) {
				count++
			}
		}
	}
	return float64(count) / (2 * pathPairs), true
}

// walker holds what one simulation works with.
type walker struct {
	Forecast
	last          int
	random        *rand.Rand
	shocks, loads []float64
	common        float64 // what Student's t adds to a path: one factor for the whole of it
	path, errs    []float64
	lags          []int // at which psi is not 0
}

func (w *walker) prepare() {
	e := &w.errors
	w.shocks = make([]float64, w.last+e.skip)
	if e.load != nil {
		w.loads = make([]float64, len(e.load[0]))
	}
	w.path, w.errs = make([]float64, w.last), make([]float64, w.last)
	for j, c := range e.psi {
		if c != 0 && j < len(w.shocks) {
			w.lags = append(w.lags, j)
		}
	}
}

// draw takes the random numbers of a path and computes its errors.
func (w *walker) draw() {
	for i := range w.shocks {
		w.shocks[i] = w.random.NormFloat64()
	}
	for d := range w.loads {
		w.loads[d] = w.random.NormFloat64()
	}
	w.common = 1
	if w.Freedom > 0 {
		nu := float64(w.Freedom)
		w.common = math.Sqrt(nu / math.Max(distuv.ChiSquared{K: nu, Src: w.random}.Rand(), 1e-9))
	}
	if w.errors.model != nil {
		return
	}
	for k := range w.errs {
		w.errs[k] = w.common * w.errors.sigma * w.errorAt(k+w.errors.skip)
	}
}

// errorAt returns the error of a step, in units of sigma.
func (w *walker) errorAt(h int) float64 {
	e, sum := &w.errors, 0.0
	for _, j := range w.lags {
		if j > h {
			break
		}
		sum += e.shock(h, h-j) * w.shocks[h-j]
	}
	for d, z := range w.loads {
		sum += e.load[h][d] * z
	}
	return sum
}

// walk returns the path, or its mirror image, in the values' unit; nil if it leaves the numbers that a float can hold.
func (w *walker) walk(side float64) []float64 {
	if w.errors.model != nil {
		w.follow(side)
	} else {
		for k := range w.path {
			w.path[k] = w.Mean[k] + side*w.errs[k]
		}
	}
	for k, v := range w.path {
		if w.path[k] = w.Scale.back(v, w.squeeze); !finite(w.path[k]) {
			return nil
		}
	}
	return w.path
}

// follow lets a model with multiplicative errors run.
func (w *walker) follow(side float64) {
	r := w.errors.model.clone()
	for i, z := range w.shocks {
		v := r.forecast() * (1 + side*w.errors.sigma*z)
		r.step(v)
		if k := i - w.errors.skip; k >= 0 {
			w.path[k] = v
		}
	}
}
