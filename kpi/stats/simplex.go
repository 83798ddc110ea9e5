package stats

import "math"

// simplex finds the largest value of a linear function of variables that have bounds and fulfil equations, from a point that does
// already: the primal simplex method for bounded variables with a product form of the inverse. It is made for tables of counts: all
// coefficients are 1 and −1, so that most bases are triangular and most numbers stay whole; and a point is always known, the table
// itself, so that no first phase is needed. The basis starts with one variable for each equation that must be 0. Variables outside of the
// basis may lie between their bounds: they move when that pays.
type simplex struct {
	n, m      int
	start     []int32 // where the column of each variable begins in row and coef
	row       []int32
	coef      []float64
	lo, hi, x []float64
	basis     []int32 // the variable of each place; n + i is the variable of equation i that must be 0
	place     []int32 // of each variable in the basis, or -1
	etas      []eta
	base      int // how many etas there were after the last start from scratch
	failed    bool

	function, column, price []float64 // work space: what is to be largest; of m numbers each
}

// eta is a step of the inverse: the column at has these numbers, all others are those of the identity.
type eta struct {
	at    int32
	index []int32
	value []float64
}

// Numbers below which a coefficient is 0, and below which it is too small to divide by; and after how many steps, at
// least, the inverse starts from scratch.
const (
	simplexZero  = 1e-9
	simplexPivot = 1e-7
	simplexSteps = 100
)

func newSimplex(equations int) *simplex {
	return &simplex{m: equations, start: []int32{0}, column: make([]float64, equations), price: make([]float64, equations)}
}

// variable adds a variable at the value x and returns its index.
func (s *simplex) variable(lo, hi, x float64, rows []int32, coef []float64) int {
	s.row, s.coef = append(s.row, rows...), append(s.coef, coef...)
	s.start = append(s.start, int32(len(s.row)))
	s.lo, s.hi, s.x, s.place = append(s.lo, lo), append(s.hi, hi), append(s.x, x), append(s.place, -1)
	s.n++
	return s.n - 1
}

// begin makes the first basis, when all variables are there.
func (s *simplex) begin() {
	s.function = make([]float64, s.n)
	s.basis = make([]int32, s.m)
	for i := range s.basis {
		s.basis[i] = int32(s.n + i)
	}
}

// clear goes back to the first basis, and forgets a failure. The steps are dropped, not cut short: a state that was saved may hold them.
func (s *simplex) clear() {
	s.failed, s.etas, s.base = false, nil, 0
	for j := range s.place {
		s.place[j] = -1
	}
	for i := range s.basis {
		s.basis[i] = int32(s.n + i)
	}
}

// maximise moves to a point where function·x is largest. It reports false if there is no largest. failed is set, and the point is valid
// still, if arithmetic or patience does not suffice.
func (s *simplex) maximise() (bounded bool) {
	still := 0
	for round := 0; !s.failed; round++ {
		if round > 50*(s.n+s.m)+1000 {
			s.failed = true
			break
		}
		bland := still > 200+2*s.m // after many steps without progress: the rule that cannot go round in circles
		j, up, ok := s.choose(bland)
		if !ok {
			return true
		}
		length := s.move(j, up, bland)
		if math.IsInf(length, 1) {
			return false
		}
		if still++; length > 0 {
			still = 0
		}
		if len(s.etas) > s.base+simplexSteps+s.m/4 {
			s.refactor()
		}
	}
	return true
}

// choose returns the variable whose move gains most, or the first that gains, and whether it goes up.
func (s *simplex) choose(bland bool) (variable int, up, ok bool) {
	s.prices()
	most := simplexZero
	for j := range s.n {
		if s.place[j] >= 0 || s.lo[j] == s.hi[j] {
			continue
		}
		d := s.function[j]
		for k := s.start[j]; k < s.start[j+1]; k++ {
			d -= s.price[s.row[k]] * s.coef[k]
		}
		if d > most && s.x[j] < s.hi[j] || -d > most && s.x[j] > s.lo[j] {
			variable, up, ok, most = j, d > 0, true, math.Abs(d)
			if bland {
				break
			}
		}
	}
	return variable, up, ok
}

// prices computes what a unit of the right side of each equation is worth.
func (s *simplex) prices() {
	y := s.price
	for i, j := range s.basis {
		y[i] = 0
		if int(j) < s.n {
			y[i] = s.function[j]
		}
	}
	s.transpose(y)
}

// transpose multiplies a row with the inverse.
func (s *simplex) transpose(y []float64) {
	for e := len(s.etas) - 1; e >= 0; e-- {
		t, sum := &s.etas[e], 0.0
		for k, i := range t.index {
			sum += y[i] * t.value[k]
		}
		y[t.at] = sum
	}
}

// expand computes the column of a variable in terms of the basis.
func (s *simplex) expand(j int) {
	for i := range s.column {
		s.column[i] = 0
	}
	for k := s.start[j]; k < s.start[j+1]; k++ {
		s.column[s.row[k]] = s.coef[k]
	}
	s.transform(s.column)
}

// transform multiplies the inverse with a column.
func (s *simplex) transform(column []float64) {
	for e := range s.etas {
		t := &s.etas[e]
		v := column[t.at]
		if v == 0 {
			continue
		}
		column[t.at] = 0
		for k, i := range t.index {
			column[i] += v * t.value[k]
		}
	}
}

// move changes a variable until it, or one of the basis, meets a bound, and returns how far that was; without limit, it does nothing.
func (s *simplex) move(j int, up, bland bool) (length float64) {
	s.expand(j)
	step, length := 1.0, s.hi[j]-s.x[j]
	if !up {
		step, length = -1, s.x[j]-s.lo[j]
	}
	leaves, at := -1, 0.0 // the place that meets its bound, and the bound
	for i, a := range s.column {
		if math.Abs(a) <= simplexZero {
			continue
		}
		room, bound := s.room(s.basis[i], -a*step)
		if math.IsInf(room, 1) {
			continue
		}
		near := simplexZero + 1e-15*room
		if room < length-near || leaves >= 0 && room <= length+near && s.better(i, leaves, bland) {
			length, leaves, at = min(length, room), i, bound
		}
	}
	if math.IsInf(length, 1) {
		return length
	}
	for i, a := range s.column {
		if b := s.basis[i]; a != 0 && int(b) < s.n {
			s.x[b] -= a * step * length
		}
	}
	s.x[j] += step * length
	if leaves < 0 {
		if s.x[j] = s.hi[j]; !up {
			s.x[j] = s.lo[j]
		}
		return length
	}
	if b := s.basis[leaves]; int(b) < s.n {
		s.x[b] = at
	}
	s.pivot(leaves, j)
	return length
}

// room is how far a variable of the basis can move that changes by rate for each unit, and the bound that it meets then.
func (s *simplex) room(b int32, rate float64) (room, bound float64) {
	switch {
	case int(b) >= s.n:
		return 0, 0
	case rate > 0:
		return max(0, (s.hi[b]-s.x[b])/rate), s.hi[b]
	}
	return max(0, (s.lo[b]-s.x[b])/rate), s.lo[b]
}

// better decides which of two variables that meet their bounds together leaves the basis: those that must be 0 first, then the one with
// the largest coefficient; or the first one, so as not to go in circles.
func (s *simplex) better(i, than int, bland bool) bool {
	a, b := s.basis[i], s.basis[than]
	if zero := int(a) >= s.n; zero != (int(b) >= s.n) {
		return zero
	}
	if bland {
		return a < b
	}
	return math.Abs(s.column[i]) > math.Abs(s.column[than])+simplexZero
}

// pivot puts a variable, whose column is expanded, into a place of the basis.
func (s *simplex) pivot(at, j int) {
	p := s.column[at]
	if math.Abs(p) < simplexPivot {
		s.failed = true
		return
	}
	t := eta{at: int32(at)}
	n := 0
	for _, a := range s.column {
		if math.Abs(a) > simplexZero {
			n++
		}
	}
	t.index, t.value = make([]int32, 0, n), make([]float64, 0, n)
	for i, a := range s.column {
		if math.Abs(a) <= simplexZero {
			continue
		}
		v := -a / p
		if i == at {
			v = 1 / p
		}
		t.index, t.value = append(t.index, int32(i)), append(t.value, v)
	}
	s.etas = append(s.etas, t)
	if b := s.basis[at]; int(b) < s.n {
		s.place[b] = -1
	}
	s.basis[at] = int32(j)
	if j < s.n {
		s.place[j] = int32(at)
	}
}

// refactor computes the inverse anew from the variables of the basis. Those go first that have one coefficient left in the equations
// that are still open: most tables are done with these, and fill nothing in.
func (s *simplex) refactor() {
	var inside []int32
	for _, b := range s.basis {
		if int(b) < s.n {
			inside = append(inside, b)
		}
	}
	s.clear()
	uses := make([][]int32, s.m) // the variables of each equation, by their index in inside
	left := make([]int32, len(inside))
	var ready []int32
	for k, j := range inside {
		for e := s.start[j]; e < s.start[j+1]; e++ {
			uses[s.row[e]] = append(uses[s.row[e]], int32(k))
		}
		if left[k] = s.start[j+1] - s.start[j]; left[k] == 1 {
			ready = append(ready, int32(k))
		}
	}
	done := make([]bool, len(inside))
	for next := 0; next < len(inside); {
		k := int32(next)
		if n := len(ready); n > 0 {
			k, ready = ready[n-1], ready[:n-1]
		} else {
			next++
		}
		if done[k] {
			continue
		}
		done[k] = true
		at := s.enter(int(inside[k]))
		if at < 0 {
			break
		}
		for _, other := range uses[at] {
			if left[other]--; left[other] == 1 && !done[other] {
				ready = append(ready, other)
			}
		}
	}
	s.base = len(s.etas)
}

// enter puts a variable into the place of an equation that has none yet, and returns which; -1 if its column adds nothing.
func (s *simplex) enter(j int) int {
	s.expand(j)
	at := -1
	for i, a := range s.column {
		if int(s.basis[i]) >= s.n && math.Abs(a) > simplexPivot && (at < 0 || math.Abs(a) > math.Abs(s.column[at])+simplexZero) {
			at = i
		}
	}
	if at < 0 {
		s.failed = true
		return at
	}
	s.pivot(at, j)
	return at
}

// simplexState is what moves change.
type simplexState struct {
	lo, hi, x    []float64
	basis, place []int32
	etas         []eta
	base         int
}

func (s *simplex) save() simplexState {
	return simplexState{
		lo: append([]float64(nil), s.lo...), hi: append([]float64(nil), s.hi...), x: append([]float64(nil), s.x...),
		basis: append([]int32(nil), s.basis...), place: append([]int32(nil), s.place...),
		etas: s.etas[:len(s.etas):len(s.etas)], base: s.base,
	}
}

// load goes back to a state that was saved, once; a failure since then is forgotten.
func (s *simplex) load(saved simplexState) {
	s.lo, s.hi, s.x, s.basis, s.place, s.etas, s.base = saved.lo, saved.hi, saved.x, saved.basis, saved.place, saved.etas, saved.base
	s.failed = false
}
