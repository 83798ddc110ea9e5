package stats

import (
	"cmp"
	"math"
	"slices"
)

// Protection says what to withhold so that no primary cell can be found out.
type Protection struct {
	Table CountTable // the table with its cells withheld
	Added []int      // the cells that were withheld for the sake of the primary ones: complementary suppressions
	// Unprotected are primary cells that can be found out whatever is withheld, since facts or fixed cells tell too much of them. They
	// keep the table from being published as it is.
	Unprotected []int
	Audit       SuppressionAudit // of Table
}

// Protect withholds all primary cells that are not fixed, and then others until Audit finds them safe. Each primary cell needs a table
// that a reader cannot tell from the true one and in which the cell is not small. Protect looks for the one that moves the least, counted
// in what the cells are worth that would have to be withheld for it: their counts, so that small cells are taken first and totals last. In
// the end it shows again what turned out not to be needed, the largest first. The result is the same every time. It is not always the
// best one: to find that takes more time than there is.
func (t *CountTable) Protect() (Protection, error) {
	p := Protection{Table: CountTable{Cells: slices.Clone(t.Cells), Totals: t.Totals, Facts: t.Facts, Largest: t.Largest, HideZeros: t.HideZeros}}
	for i := range p.Table.Cells {
		if c := &p.Table.Cells[i]; c.shown() && !c.Fixed && p.Table.Primary(i) && (c.Count > 0 || t.HideZeros) {
			c.Withheld = true
		}
	}
	audit, err := p.Table.Audit()
	if err != nil {
		return Protection{}, err
	}
	if p.Audit, p.Unprotected = audit, audit.Unsafe(); audit.Safe() {
		return p, nil
	}
	added := make([]bool, len(t.Cells))
	for _, c := range newCovers(&p.Table, p.Unprotected) {
		c.cover(added)
	}
	if err := p.widen(added); err != nil {
		return Protection{}, err
	}
	for i, is := range added {
		if is {
			p.Added = append(p.Added, i)
		}
	}
	p.Unprotected = p.Audit.Unsafe()
	return p, nil
}

// free reports whether a cell that is shown could be withheld.
func (t *CountTable) free(i int) bool {
	c := t.Cells[i]
	return c.shown() && !c.Fixed && (c.Count > 0 || t.HideZeros)
}

// cover finds what must be withheld in a part of a table that has nothing to do with its other parts. The variables of its linear
// program are, for each count, how much it is moved up and how much down.
type cover struct {
	t        *CountTable
	s        *countSystem
	vars     []int32
	rows     []int32
	lp       *simplex
	work     *dualSteps
	cost     []float64 // of moving a count up, or down, by one
	primary  []int     // indices in vars of the primary cells that are not safe yet
	disguise [][]int32 // for each of them, the variables that a table moves in which it is safe; nil if there is none yet
	moved    []int64
}

// hidden is the cost of moving what is withheld anyhow: little, so that disguises stay simple, and a little different for each, so that
// there is a best one.
func (c *cover) hidden(j int) float64 { return (1 + float64(j%1021)/1024) / (1 << 20) }

// newCovers makes the parts of a table that have primary cells which are not safe.
func newCovers(t *CountTable, unsafe []int) []*cover {
	all := CountTable{Cells: slices.Clone(t.Cells), Totals: t.Totals, Facts: t.Facts, Largest: t.Largest, HideZeros: t.HideZeros}
	for i := range all.Cells {
		if t.free(i) {
			all.Cells[i].Withheld = true
		}
	}
	s := newCountSystem(&all, func(i int) bool { return !all.Cells[i].shown() })
	s.condense()
	s.propagate()
	s.condense()
	var list []*cover
	for _, p := range s.parts() {
		c := &cover{t: t, s: s, vars: p.vars, rows: p.rows, moved: make([]int64, len(p.vars))}
		for j, v := range p.vars {
			if _, is := slices.BinarySearch(unsafe, int(v)); is {
				c.primary = append(c.primary, j)
			}
		}
		if len(c.primary) > 0 {
			c.begin()
			list = append(list, c)
		}
	}
	return list
}

// begin writes the linear program down.
func (c *cover) begin() {
	c.lp = newSimplex(len(c.rows))
	var rows []int32
	var up, down []float64
	for _, v := range c.vars {
		rows, up, down = rows[:0], up[:0], down[:0]
		for _, i := range c.s.uses[v] {
			r := &c.s.rows[i]
			sign := signOf(r.plus[slices.Index(r.vars, v)])
			rows, up, down = append(rows, c.s.place[i]), append(up, sign), append(down, -sign)
		}
		truth := c.s.truth[v]
		c.lp.variable(0, upperBound(c.s.hi[v])-float64(truth), 0, rows, up)
		c.lp.variable(0, float64(truth-c.s.lo[v]), 0, rows, down)
		cost := 0.0
		if int(v) < len(c.t.Cells) && c.t.free(int(v)) {
			cost = float64(max(1, c.t.Cells[v].Count))
		}
		cost += c.hidden(len(c.cost) / 2)
		c.cost = append(c.cost, cost, cost)
	}
	c.lp.begin()
	c.work = newDualSteps(c.lp)
	c.disguise = make([][]int32, len(c.primary))
	slices.SortStableFunc(c.primary, func(a, b int) int { // those that must be moved furthest first
		return cmp.Compare(c.s.truth[c.vars[a]], c.s.truth[c.vars[b]])
	})
}

// cover withholds cells until every primary cell has a disguise, where there is one, and shows again what is not needed for any.
func (c *cover) cover(added []bool) {
	for n := range c.primary {
		if c.disguise[n] == nil && c.find(n) {
			for _, j := range c.touched() {
				c.withhold(j, added)
			}
			c.keep(n)
		}
	}
	c.restrict()
	c.spare(added)
}

// need is how far a primary cell must be moved.
func (c *cover) need(j int) float64 {
	return float64(max(c.t.Largest, c.s.truth[c.vars[j]]) + 1 - c.s.truth[c.vars[j]])
}

// find looks for the cheapest table in which a primary cell is safe. It reports whether there is one; its numbers need not be whole.
func (c *cover) find(n int) bool {
	j := c.primary[n]
	if c.shift(2*j, 2*j+1, c.need(j)) {
		return true
	}
	return c.s.truth[c.vars[j]] > c.t.Largest && c.shift(2*j+1, 2*j, 1)
}

// shift moves one variable by so much, and the others as little as that takes. opposite is the same count in the other direction.
func (c *cover) shift(variable, opposite int, by float64) bool {
	lp := c.lp
	lo, hi, other := lp.lo[variable], lp.hi[variable], lp.hi[opposite]
	if hi < by {
		return false
	}
	lp.lo[variable], lp.hi[variable], lp.hi[opposite] = by, by, 0
	found := lp.settle(c.work, variable, c.cost)
	lp.lo[variable], lp.hi[variable], lp.hi[opposite] = lo, hi, other
	return found
}

// touched returns the counts that the table found moves.
func (c *cover) touched() []int {
	var list []int
	for j := range c.vars {
		if math.Abs(c.lp.x[2*j]-c.lp.x[2*j+1]) > wholeNear {
			list = append(list, j)
		}
	}
	return list
}

func (c *cover) withhold(j int, added []bool) {
	if v := int(c.vars[j]); v < len(c.t.Cells) && c.t.free(v) {
		c.t.Cells[v].Withheld, added[v] = true, true
		c.cost[2*j], c.cost[2*j+1] = c.hidden(j), c.hidden(j)
	}
}

// keep keeps the table found as a disguise for all primary cells that are safe in it, and reports whether the one is that it was found
// for. If the table is not one in whole numbers, it is left to an audit to search for one, which may then move everything.
func (c *cover) keep(n int) bool {
	if !c.whole() {
		cell := int(c.vars[c.primary[n]])
		a := newCountAudit(c.t)
		if a.run([]int{cell}); a.safe(cell) {
			c.disguise[n] = c.everything()
		}
		return c.disguise[n] != nil
	}
	var touched []int32
	for j, m := range c.moved {
		if m != 0 {
			touched = append(touched, int32(j))
		}
	}
	for k, j := range c.primary {
		if c.disguise[k] == nil && c.disguised(j) {
			c.disguise[k] = touched
		}
	}
	return c.disguise[n] != nil
}

func (c *cover) everything() []int32 {
	list := make([]int32, len(c.vars))
	for j := range list {
		list[j] = int32(j)
	}
	return list
}

// disguised reports whether the table found makes a primary cell safe.
func (c *cover) disguised(j int) bool {
	truth := c.s.truth[c.vars[j]]
	if truth > c.t.Largest {
		return c.moved[j] != 0
	}
	return truth+c.moved[j] > c.t.Largest
}

// whole computes how far the table found moves each count, and checks it against every equation. Only counts that are withheld may move.
func (c *cover) whole() bool {
	for j, v := range c.vars {
		x := c.lp.x[2*j] - c.lp.x[2*j+1]
		w := math.Round(x)
		c.moved[j] = int64(w)
		count := c.s.truth[v] + c.moved[j]
		if math.Abs(x-w) > wholeNear || count < c.s.lo[v] || count > c.s.hi[v] {
			return false
		}
		if w != 0 && int(v) < len(c.t.Cells) && c.t.Cells[v].shown() {
			return false
		}
	}
	for _, i := range c.rows {
		sum := int64(0)
		for k, v := range c.s.rows[i].vars {
			if m := c.moved[c.s.at[v]]; c.s.rows[i].plus[k] {
				sum += m
			} else {
				sum -= m
			}
		}
		if sum != 0 {
			return false
		}
	}
	return true
}

// restrict keeps the counts that are shown from being moved, from now on.
func (c *cover) restrict() {
	for j, v := range c.vars {
		if int(v) < len(c.t.Cells) && c.t.Cells[v].shown() {
			c.lp.hi[2*j], c.lp.hi[2*j+1] = 0, 0
		}
	}
}

// spare shows again the cells that were withheld and need not be, the largest first.
func (c *cover) spare(added []bool) {
	var list []int
	for j, v := range c.vars {
		if int(v) < len(added) && added[v] {
			list = append(list, j)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(c.s.truth[c.vars[b]], c.s.truth[c.vars[a]]) })
	for _, j := range list {
		v := c.vars[j]
		up, down := c.lp.hi[2*j], c.lp.hi[2*j+1]
		c.lp.hi[2*j], c.lp.hi[2*j+1] = 0, 0
		c.t.Cells[v].Withheld = false
		if c.without(j) {
			added[v] = false
			continue
		}
		c.t.Cells[v].Withheld = true
		c.lp.hi[2*j], c.lp.hi[2*j+1] = up, down
	}
}

// without finds other disguises for the primary cells whose disguise moves a count that is shown now, and reports whether all have one.
func (c *cover) without(j int) bool {
	if c.leavesAlone(j) {
		return false
	}
	before := slices.Clone(c.disguise)
	for n, touched := range c.disguise {
		if slices.Contains(touched, int32(j)) {
			c.disguise[n] = nil
		}
	}
	for n := range c.primary {
		if before[n] == nil || c.disguise[n] != nil {
			continue
		}
		if !c.find(n) || !c.keep(n) {
			c.disguise = before
			return false
		}
	}
	return true
}

// leavesAlone reports whether a primary cell that is safe would be the only count of a sum that is not known if the count, which is held
// fast, were shown: a quick answer to most of the question.
func (c *cover) leavesAlone(j int) bool {
	for _, i := range c.s.uses[c.vars[j]] {
		open, last := 0, 0
		for _, v := range c.s.rows[i].vars {
			if k := c.s.at[v]; c.lp.hi[2*k] > 0 || c.lp.hi[2*k+1] > 0 {
				open, last = open+1, int(v)
			}
		}
		if open == 1 && last < len(c.t.Cells) && c.t.Primary(last) && !c.lost(int(c.s.at[last])) {
			return true
		}
	}
	return false
}

// lost reports whether the count is a primary cell that no disguise was found for.
func (c *cover) lost(j int) bool {
	n := slices.Index(c.primary, j)
	return n >= 0 && c.disguise[n] == nil
}
