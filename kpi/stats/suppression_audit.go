package stats

import "math"

// CellBounds is what readers can find out of a count that is withheld, or that must not be found out.
type CellBounds struct {
	Cell        int
	Least, Most int64 // Most is 0 if there is no upper bound
	Open        bool  // there is none
	// Exact says that tables exist that agree with everything published and have the least and the most. Otherwise the true bounds may be
	// narrower, and the count is taken for unsafe unless such a table was found.
	Exact   bool
	Primary bool // the count must not be found out; others are withheld for its sake
	Small   bool // readers know that the count is one of those that may not be shown: Most ≤ Largest
	Safe    bool // it is not primary; or a table that agrees with everything published has a count that need not be hidden, and another one than the true
}

// Found reports whether readers know the count.
func (b CellBounds) Found() bool { return !b.Open && b.Least == b.Most }

// SuppressionAudit is what readers can find out of a table.
type SuppressionAudit struct {
	Bounds []CellBounds // of all cells that are withheld and of all primary cells, by their index
}

// Safe reports whether no primary cell can be found out.
func (a SuppressionAudit) Safe() bool { return len(a.Unsafe()) == 0 }

// Unsafe returns the primary cells that can be found out, or found out to be small.
func (a SuppressionAudit) Unsafe() []int {
	var list []int
	for _, b := range a.Bounds {
		if !b.Safe {
			list = append(list, b.Cell)
		}
	}
	return list
}

// Audit finds the least and the most that each count can be that is withheld, given everything that readers know. A primary cell is safe
// only if a table was found, in whole numbers and checked against every equation, in which its count is above Largest (for a Sensitive
// one that is larger: another one than it is). What cannot be decided is unsafe. Readers who know how cells were chosen may conclude
// more. The table must agree with its own totals and facts; an error names the first that does not.
//
// The bounds solve, for each cell, two linear programs over the equations that have to do with it; tables of rows and columns have whole
// numbers for solutions, other structures are searched for them a while.
func (t *CountTable) Audit() (SuppressionAudit, error) {
	if err := t.check(); err != nil {
		return SuppressionAudit{}, err
	}
	a := newCountAudit(t)
	var cells []int
	for i, c := range t.Cells {
		if c.Withheld || t.Primary(i) {
			cells = append(cells, i)
		}
	}
	a.run(cells)
	report := SuppressionAudit{Bounds: make([]CellBounds, 0, len(cells))}
	for _, i := range cells {
		report.Bounds = append(report.Bounds, a.bounds(i))
	}
	return report, nil
}

// countAudit collects what is known of each variable: the bounds within which it must be (lo and hi of the system) and the least and most
// that tables have that were found.
type countAudit struct {
	t           *CountTable
	s           *countSystem
	least, most []int64
	patience    int // see tablePatience
}

func newCountAudit(t *CountTable) *countAudit {
	s := newCountSystem(t, func(i int) bool { return !t.Cells[i].shown() })
	s.simplify()
	return &countAudit{t: t, s: s, least: append([]int64(nil), s.truth...), most: append([]int64(nil), s.truth...), patience: tablePatience}
}

// run finds the bounds of the cells.
func (a *countAudit) run(cells []int) {
	wanted := make([]bool, len(a.s.truth))
	for _, i := range cells {
		wanted[i] = true
	}
	for _, d := range a.s.derived {
		wanted[d.from] = wanted[d.from] || wanted[d.cell]
	}
	for v := range a.s.truth {
		if len(a.s.uses[v]) == 0 {
			a.least[v], a.most[v] = a.s.lo[v], a.s.hi[v]
		}
	}
	for _, p := range a.s.parts() {
		if len(p.rows) == 1 { // one equation: the bounds that it gives are reached
			a.s.tighten(&a.s.rows[p.rows[0]])
			for _, v := range p.vars {
				a.least[v], a.most[v] = a.s.lo[v], a.s.hi[v]
			}
			continue
		}
		a.solve(p, wanted)
	}
	for n := len(a.s.derived) - 1; n >= 0; n-- {
		d := a.s.derived[n]
		a.s.lo[d.cell], a.s.hi[d.cell] = d.ranged(a.s.lo[d.from], a.s.hi[d.from])
		a.least[d.cell], a.most[d.cell] = d.ranged(a.least[d.from], a.most[d.from])
	}
}

// solve finds the bounds of the wanted variables of a part.
func (a *countAudit) solve(p countPart, wanted []bool) {
	c := newCountSolver(a, p)
	for j, v := range p.vars {
		if wanted[v] {
			c.extreme(j, true)
			c.extreme(j, false)
		}
	}
}

// safe reports whether a table was found that makes the cell safe.
func (a *countAudit) safe(v int) bool {
	if a.t.Cells[v].shown() {
		return false
	}
	if a.s.truth[v] > a.t.Largest {
		return a.least[v] < a.s.truth[v] || a.most[v] > a.s.truth[v]
	}
	return a.most[v] > a.t.Largest
}

func (a *countAudit) bounds(i int) CellBounds {
	b := CellBounds{Cell: i, Least: a.s.lo[i], Most: a.s.hi[i], Exact: a.least[i] == a.s.lo[i] && a.most[i] == a.s.hi[i], Primary: a.t.Primary(i)}
	b.Small = b.Most <= a.t.Largest
	b.Safe = !b.Primary || a.safe(i)
	if b.Most == unlimited {
		b.Most, b.Open = 0, true
	}
	return b
}

// countSolver looks for tables in one part of the system.
type countSolver struct {
	a      *countAudit
	p      countPart
	lp     *simplex
	whole  []int64 // work space: the point in whole numbers
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
	c := &countSolver{a: a, p: p, whole: make([]int64, len(p.vars))}
	c.restart()
	return c
}

// restart goes back to the true table.
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
	size := len(c.p.vars) + len(c.p.rows)
	c.budget = min(wholePatience, c.a.patience) / size
	before := c.budget
	complete := c.branch(j, up)
	c.a.patience -= (before - max(0, c.budget)) * size
	if complete { // all was searched, so nothing lies beyond what was found
		c.narrow(v, up, c.found(v, up))
	}
}

// reached reports whether a table was found with as much, or as little, as can be.
func (c *countSolver) reached(v int32, up bool) bool {
	if up {
		return c.a.most[v] >= c.a.s.hi[v]
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

// broken returns the variable furthest from a whole number, -1 if all are whole.
func (c *countSolver) broken() int {
	k, most := -1, wholeNear
	for j, x := range c.lp.x {
		if d := math.Abs(x - math.Round(x)); d > most {
			k, most = j, d
		}
	}
	return k
}
