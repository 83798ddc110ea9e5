package stats

import "math"

// countSolver looks for tables in one part of the system.
type countSolver struct {
	a      *countAudit
	p      countPart
	lp     *simplex
	whole  []int64 // work space: the point in whole numbers
	goal   int64   // the count that is looked for, if it need not be the most
	budget int     // steps that are left for a bound
}

// How long whole numbers are searched for, in steps times variables and equations, for one bound and for a table; and how far a number
// may be from a whole one to be taken for it.
const (
	wholePatience = 300_000
	tablePatience = 4_000_000
	wholeNear     = 1e-6
)

func newCountSolver(a *countAudit, p countPart) *countSolver {
	c := &countSolver{a: a, p: p, whole: make([]int64, len(p.vars)), goal: unlimited}
	c.restart()
	return c
}

// home goes back to the true table, which fits every basis. From a point that is not whole, others that are not would follow.
func (c *countSolver) home() {
	for j, v := range c.p.vars {
		c.lp.x[j] = float64(c.a.s.truth[v])
	}
}

// restart goes back to the true table and to the first basis.
func (c *countSolver) restart() {
	c.lp = newSimplex(len(c.p.rows))
	s := c.a.s
	var rows []int32
	var coef []float64
	for _, v := range c.p.vars {
		rows, coef = rows[:0], coef[:0]
		for _, i := range s.uses[v] {
			r := &s.rows[i]
			for k, w := range r.vars {
				if w == v {
					rows, coef = append(rows, s.place[i]), append(coef, signOf(r.plus[k]))
				}
			}
		}
		c.lp.variable(float64(s.lo[v]), upperBound(s.hi[v]), float64(s.truth[v]), rows, coef)
	}
	c.lp.begin()
}

func signOf(plus bool) float64 {
	if plus {
		return 1
	}
	return -1
}

func upperBound(v int64) float64 {
	if v == unlimited {
		return math.Inf(1)
	}
	return float64(v)
}

// extreme looks for the largest value of a variable, or the smallest. It narrows the bounds of the system to what must be and widens what
// was found.
func (c *countSolver) extreme(j int, up bool) {
	v := c.p.vars[j]
	if c.reached(v, up) {
		return
	}
	bounded, ok := c.climb(j, up, c.limit(j, up))
	switch {
	case !ok:
		c.restart()
		return
	case !bounded: // some whole direction leads away for ever
		c.a.most[v] = unlimited
		return
	}
	c.narrow(v, up, wholeBound(c.lp.x[j], up))
	if c.note() || c.reached(v, up) {
		return
	}
	complete := c.search(j, up)
	if c.home(); complete { // all was searched, so nothing lies beyond what was found
		c.narrow(v, up, c.found(v, up))
	}
}

// search is branch with patience.
func (c *countSolver) search(j int, up bool) (complete bool) {
	size := len(c.p.vars) + len(c.p.rows)
	c.budget = min(wholePatience, c.a.patience) / size
	before := c.budget
	complete = c.branch(j, up)
	c.a.patience -= (before - max(0, c.budget)) * size
	return complete
}

// enough looks for a table in which a primary cell has just the count that makes it safe, where none was found on the way to the most.
func (c *countSolver) enough(j int) {
	v := int(c.p.vars[j])
	if v >= len(c.a.t.Cells) || !c.a.t.Primary(v) || c.a.safe(v) || c.reached(int32(v), true) {
		return
	}
	c.home()
	hi := c.lp.hi[j]
	c.goal = max(c.a.t.Largest, c.a.s.truth[v]) + 1
	c.lp.hi[j] = min(hi, float64(c.goal))
	if _, ok := c.climb(j, true, c.lp.hi[j]); !ok {
		c.restart()
	} else if !c.note() {
		c.search(j, true)
	}
	c.goal, c.lp.hi[j] = unlimited, hi
	c.home()
}

// reached reports whether a table was found with as much, or as little, as can be, or as is asked for.
func (c *countSolver) reached(v int32, up bool) bool {
	if up {
		return c.a.most[v] >= min(c.goal, c.a.s.hi[v])
	}
	return c.a.least[v] <= c.a.s.lo[v]
}

func (c *countSolver) found(v int32, up bool) int64 {
	if up {
		return c.a.most[v]
	}
	return c.a.least[v]
}

// narrow moves a bound of the system.
func (c *countSolver) narrow(v int32, up bool, to int64) {
	if up {
		c.a.s.bound(v, math.MinInt64, to)
	} else {
		c.a.s.bound(v, to, unlimited)
	}
}

// wholeBound is the bound of a whole number that lies within a bound that was computed.
func wholeBound(x float64, up bool) int64 {
	if up {
		return int64(math.Floor(x + wholeNear))
	}
	return int64(math.Ceil(x - wholeNear))
}

// limit is the bound of a variable in the linear program.
func (c *countSolver) limit(j int, up bool) float64 {
	if up {
		return c.lp.hi[j]
	}
	return c.lp.lo[j]
}

// climb moves one variable as far as it goes within a limit. ok is false if arithmetic fails.
func (c *countSolver) climb(j int, up bool, limit float64) (bounded, ok bool) {
	lo, hi := c.lp.lo[j], c.lp.hi[j]
	if up {
		c.lp.hi[j] = max(c.lp.x[j], min(hi, limit))
	} else {
		c.lp.lo[j] = min(c.lp.x[j], max(lo, limit))
	}
	c.lp.function[j] = signOf(up)
	bounded = c.lp.maximise()
	c.lp.function[j] = 0
	c.lp.lo[j], c.lp.hi[j] = lo, hi
	return bounded, !c.lp.failed
}

// note checks whether the point is a table, in whole numbers, and if so widens what was found by it.
func (c *countSolver) note() bool {
	s := c.a.s
	for j, v := range c.p.vars {
		x := c.lp.x[j]
		w := math.Round(x)
		if math.Abs(x-w) > wholeNear {
			return false
		}
		if c.whole[j] = int64(w); c.whole[j] < s.lo[v] || c.whole[j] > s.hi[v] {
			return false
		}
	}
	for _, i := range c.p.rows {
		sum := int64(0)
		for k, v := range s.rows[i].vars {
			if w := c.whole[s.at[v]]; s.rows[i].plus[k] {
				sum += w
			} else {
				sum -= w
			}
		}
		if sum != s.rows[i].sum {
			return false
		}
	}
	for j, v := range c.p.vars {
		c.a.least[v], c.a.most[v] = min(c.a.least[v], c.whole[j]), max(c.a.most[v], c.whole[j])
	}
	return true
}

// branch searches for tables beyond what was found, where the point of the linear program is none: a number that is not whole must be
// no more than the whole number below it, or no less than the one above. It reports whether everything was searched.
func (c *countSolver) branch(j int, up bool) (complete bool) {
	k := c.broken()
	if k < 0 {
		return false // whole, and yet no table: arithmetic is not to be trusted
	}
	complete = true
	below := math.Floor(c.lp.x[k])
	near := c.lp.x[k]-below < 0.5
	for _, down := range [2]bool{near, !near} { // the nearer side first
		if c.budget--; c.budget < 0 {
			return false
		}
		saved := c.lp.save()
		complete = c.side(j, k, up, down, below) && complete
		c.lp.load(saved)
		if c.reached(c.p.vars[j], up) {
			return true
		}
	}
	return complete
}

// side searches where variable k is at most below, or at least one more.
func (c *countSolver) side(j, k int, up, down bool, below float64) (complete bool) {
	edge := below + 1
	if down {
		edge = below
	}
	if _, ok := c.climb(k, !down, edge); !ok {
		return false
	}
	if x := c.lp.x[k]; down && x > edge+wholeNear || !down && x < edge-wholeNear {
		return true // no such point
	}
	if c.lp.x[k] = edge; down {
		c.lp.hi[k] = edge
	} else {
		c.lp.lo[k] = edge
	}
	if bounded, ok := c.climb(j, up, c.limit(j, up)); !ok || !bounded {
		return false
	}
	v := c.p.vars[j]
	if bound := wholeBound(c.lp.x[j], up); up && bound <= c.a.most[v] || !up && bound >= c.a.least[v] {
		return true // nothing beyond what was found
	}
	return c.note() || c.branch(j, up)
}

// broken returns a variable that is not whole, the one with the narrowest bounds, which are soon exhausted; -1 if all are whole.
func (c *countSolver) broken() int {
	k := -1
	for j, x := range c.lp.x {
		if math.Abs(x-math.Round(x)) > wholeNear && (k < 0 || c.lp.hi[j]-c.lp.lo[j] < c.lp.hi[k]-c.lp.lo[k]) {
			k = j
		}
	}
	return k
}
