package stats

import "math"

// leastWeight keeps weights positive that lost their digits.
const leastWeight = 1e-4

// dualSteps is the work space of settle.
type dualSteps struct {
	across   [][]int32 // where each equation has its numbers in coef
	owner    []int32   // the variable that a number in coef belongs to
	value    []float64 // of the variable in each place of the basis
	weight   []float64 // square of the length of each row of the inverse
	turned   []float64
	reduced  []float64 // what a unit of a variable costs beyond what it saves
	alpha    []float64 // the row of the place that is mended
	touched  []int32   // the variables that have a number there
	isMarked []bool
}

func newDualSteps(s *simplex) *dualSteps {
	w := &dualSteps{across: make([][]int32, s.m), value: make([]float64, s.m), weight: make([]float64, s.m), turned: make([]float64, s.m), reduced: make([]float64, s.n), alpha: make([]float64, s.n), isMarked: make([]bool, s.n)}
	for j := range s.n {
		for k := s.start[j]; k < s.start[j+1]; k++ {
			w.across[s.row[k]] = append(w.across[s.row[k]], k)
			w.owner = append(w.owner, int32(j))
		}
	}
	return w
}

// settle finds the cheapest point at which one variable has the value that its bounds, which are equal, give it. The others are not
// negative. It is the dual simplex method: it begins with all others at 0, which costs least but breaks equations, and mends one equation
// after the other, the most broken first, by the variable that adds the least cost. In a table of rows and columns that is a search for the cheapest cycle. No
// cost is negative. It reports whether there is such a point, and was found with some patience.
func (s *simplex) settle(w *dualSteps, variable int, cost []float64) bool {
	s.clear()
	clear(s.x)
	clear(w.value)
	for i := range w.weight {
		w.weight[i] = 1
	}
	copy(w.reduced, cost)
	s.x[variable] = s.lo[variable]
	for k := s.start[variable]; k < s.start[variable+1]; k++ {
		w.value[s.row[k]] = -s.coef[k] * s.x[variable]
	}
	for range 20*s.m + 1000 {
		at, bound := s.broken(w)
		if at < 0 {
			for i, b := range s.basis {
				if int(b) < s.n {
					s.x[b] = w.value[i]
				}
			}
			return true
		}
		if !s.mend(w, at, bound) {
			return false
		}
	}
	return false
}

// broken returns the place whose variable is furthest out of its bounds, measured by the length of its row, and the bound; -1 if none is.
func (s *simplex) broken(w *dualSteps) (at int, bound float64) {
	at = -1
	worst := 0.0
	for i, v := range w.value {
		lo, hi := 0.0, 0.0
		if b := s.basis[i]; int(b) < s.n {
			lo, hi = s.lo[b], s.hi[b]
		}
		edge := min(max(v, lo), hi)
		if d := math.Abs(v - edge); d > simplexZero && d*d > worst*w.weight[i] {
			at, bound, worst = i, edge, d*d/w.weight[i]
		}
	}
	return at, bound
}

// mend brings the variable in a place to its bound, by another one that takes the place. It reports false if there is none.
func (s *simplex) mend(w *dualSteps, at int, bound float64) bool {
	s.across(w, at)
	j := s.cheapest(w, w.value[at] < bound)
	if j < 0 {
		return false
	}
	s.expand(j)
	if math.Abs(s.column[at]-w.alpha[j]) > simplexPivot {
		return false // arithmetic is not to be trusted
	}
	s.reweigh(w, at)
	step := (w.value[at] - bound) / s.column[at]
	for i, a := range s.column {
		w.value[i] -= a * step
	}
	w.value[at] = s.x[j] + step
	theta := w.reduced[j] / w.alpha[j]
	for _, k := range w.touched {
		if s.place[k] < 0 {
			w.reduced[k] -= theta * w.alpha[k]
		}
	}
	if b := s.basis[at]; int(b) < s.n {
		s.x[b], w.reduced[b] = bound, -theta
	}
	w.reduced[j] = 0
	s.pivot(at, j)
	return !s.failed
}

// reweigh updates the lengths of the rows of the inverse for the step that is taken next. price holds the row of the place, column that of
// the variable that enters. (J. Forrest and D. Goldfarb, Mathematical Programming 57, 1992.)
func (s *simplex) reweigh(w *dualSteps, at int) {
	length := 0.0
	for i, y := range s.price {
		w.turned[i] = y
		length += y * y
	}
	s.transform(w.turned)
	pivot := s.column[at]
	for i, a := range s.column {
		if a != 0 && i != at {
			q := a / pivot
			w.weight[i] = max(w.weight[i]-2*q*w.turned[i]+q*q*length, q*q, leastWeight)
		}
	}
	w.weight[at] = max(length/(pivot*pivot), leastWeight)
}

// across computes the row of a place: how much its variable falls for a unit of each other one.
func (s *simplex) across(w *dualSteps, at int) {
	for _, k := range w.touched {
		w.alpha[k], w.isMarked[k] = 0, false
	}
	w.touched = w.touched[:0]
	for i := range s.price {
		s.price[i] = 0
	}
	s.price[at] = 1
	s.transpose(s.price)
	for i, y := range s.price {
		if y == 0 {
			continue
		}
		for _, k := range w.across[i] {
			j := w.owner[k]
			if !w.isMarked[j] {
				w.touched, w.isMarked[j] = append(w.touched, j), true
			}
			w.alpha[j] += y * s.coef[k]
		}
	}
}

// cheapest returns the variable that moves the place that is mended up, or down, at the least cost; -1 if none does.
func (s *simplex) cheapest(w *dualSteps, up bool) int {
	best, least := -1, math.Inf(1)
	for _, j := range w.touched {
		a := w.alpha[j]
		if math.Abs(a) <= simplexPivot || s.place[j] >= 0 || s.lo[j] == s.hi[j] {
			continue
		}
		if full := s.x[j] > 0; (a < 0) == up == full { // a full one can only fall
			continue
		}
		ratio := math.Abs(w.reduced[j] / a)
		if ratio < least || ratio == least && (math.Abs(a) > math.Abs(w.alpha[best]) || math.Abs(a) == math.Abs(w.alpha[best]) && int(j) < best) {
			best, least = int(j), ratio
		}
	}
	return best
}
