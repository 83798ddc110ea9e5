package stats

import (
	"cmp"
	"math"
	"slices"
)

// cover finds what must be withheld in a part of a table that has nothing to do with its other parts. It has two linear programs. In the
// first, only what is not shown can move, as readers know it: it tells whether a cell has a disguise. In the second, all can move, at a
// cost: it tells what to withhold for one. Its variables are, for each count, how far it is moved up and how far down.
type cover struct {
	t        *CountTable
	s        *countSystem
	vars     []int32
	rows     []int32
	hidden   *simplex
	priced   *simplex
	work     *dualSteps
	cost     []float64 // of moving a count up, or down, by one
	primary  []int     // indices in vars of the primary cells that are not safe yet
	disguise []disguise
	moved    []int64
	doubt    bool
}

// disguise is a table in which a primary cell is safe: its count there, and the variables that have other values. It is none without such
// variables.
type disguise struct {
	count int64
	moves []int32
}

func (d disguise) ok() bool { return len(d.moves) > 0 }

// newCovers makes the parts of a table that have primary cells which are not safe.
func newCovers(t *CountTable, unsafe []int) []*cover {
	all := t.clone()
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

// begin writes the linear programs down.
func (c *cover) begin() {
	c.hidden, c.priced = newSimplex(len(c.rows)), newSimplex(len(c.rows))
	var rows []int32
	var up, down []float64
	for j, v := range c.vars {
		rows, up, down = rows[:0], up[:0], down[:0]
		for _, i := range c.s.uses[v] {
			r := &c.s.rows[i]
			sign := signOf(r.plus[slices.Index(r.vars, v)])
			rows, up, down = append(rows, c.s.place[i]), append(up, sign), append(down, -sign)
		}
		truth := float64(c.s.truth[v])
		c.hidden.variable(truth, truth, truth, rows, up)
		c.priced.variable(0, upperBound(c.s.hi[v])-truth, 0, rows, up)
		c.priced.variable(0, truth-float64(c.s.lo[v]), 0, rows, down)
		c.cost = append(c.cost, max(1, truth), max(1, truth))
		if !c.shown(j) {
			c.release(j)
		}
	}
	c.hidden.begin()
	c.priced.begin()
	c.work = newDualSteps(c.priced)
	c.disguise = make([]disguise, len(c.primary))
	slices.SortStableFunc(c.primary, func(a, b int) int { // those that must be moved furthest first
		return cmp.Compare(c.s.truth[c.vars[a]], c.s.truth[c.vars[b]])
	})
}

// shown reports whether a variable is a count that is shown.
func (c *cover) shown(j int) bool {
	v := int(c.vars[j])
	return v < len(c.t.Cells) && c.t.Cells[v].shown()
}

// release lets a count move freely that is not shown. The little that it costs keeps disguises simple, and a little more for each makes one
// of them the best.
func (c *cover) release(j int) {
	v := c.vars[j]
	c.hidden.lo[j], c.hidden.hi[j] = float64(c.s.lo[v]), upperBound(c.s.hi[v])
	little := (1 + float64(j%1021)/1024) / (1 << 20)
	c.cost[2*j], c.cost[2*j+1] = little, little
}

// cover withholds cells until every primary cell has a disguise, where there is one, and shows again what is not needed for any.
func (c *cover) cover(p *protector) {
	var open []int // primary cells for which a table was found, but none in whole numbers
	for n := range c.primary {
		if c.disguise[n].ok() || c.try(n) || !c.find(n) {
			continue
		}
		for j := range c.vars {
			if c.shown(j) && math.Abs(c.shifted(j)) > wholeNear {
				c.withhold(j, p.added)
			}
		}
		if !c.keep(n, c.shifted) && !c.search(n) {
			open = append(open, n)
		}
	}
	c.widen(open, p.added)
	c.spare(p.added)
	for n, d := range c.disguise {
		if d.ok() {
			p.found(int(c.vars[c.primary[n]]), d.count, d.count)
		}
	}
}

func (c *cover) withhold(j int, added []bool) {
	v := c.vars[j]
	c.t.Cells[v].Withheld, added[v] = true, true
	c.release(j)
}

// widen withholds more for primary cells whose tables are not whole: the smallest counts that have a sum in common with them, or with
// counts not shown that hang together with them, twice as many each time.
func (c *cover) widen(open []int, added []bool) {
	for many := 1; ; many *= 2 {
		more := false
		open = slices.DeleteFunc(open, c.search) // what was withheld for others may have helped
		for _, n := range open {
			for range many {
				j := c.nearest(c.primary[n])
				if j < 0 {
					break
				}
				c.withhold(j, added)
				more = true
			}
		}
		if !more {
			return
		}
	}
}

// nearest returns the smallest count that is shown, in a sum with a variable or with one that hangs together with it by counts that are
// not shown; -1 if there is none.
func (c *cover) nearest(j int) int {
	best, queue, seen := -1, []int{j}, make([]bool, len(c.vars))
	for n := 0; n < len(queue); n++ {
		for _, i := range c.s.uses[c.vars[queue[n]]] {
			for _, v := range c.s.rows[i].vars {
				k := int(c.s.at[v])
				switch {
				case seen[k]:
				case !c.shown(k):
					queue = append(queue, k)
				case best < 0 || c.s.truth[v] < c.s.truth[c.vars[best]]:
					best = k
				}
				seen[k] = true
			}
		}
	}
	return best
}

// goal is the count that makes a primary cell safe.
func (c *cover) goal(j int) int64 { return max(c.t.Largest, c.s.truth[c.vars[j]]) + 1 }

// try looks for a disguise in which only counts move that are not shown. It notes a doubt where there is a table, but not in whole numbers.
func (c *cover) try(n int) bool {
	j := c.primary[n]
	truth := c.s.truth[c.vars[j]]
	c.doubt = c.reach(j, true, float64(c.goal(j)))
	if c.doubt && c.keep(n, c.reached) {
		return true
	}
	if truth <= c.t.Largest || !c.reach(j, false, float64(truth-1)) {
		return false
	}
	c.doubt = true
	return c.keep(n, c.reached)
}

// reach moves a count from the true table to a goal, and reports whether it gets there.
func (c *cover) reach(j int, up bool, goal float64) bool {
	lp := c.hidden
	for k, v := range c.vars {
		lp.x[k] = float64(c.s.truth[v])
	}
	lo, hi := lp.lo[j], lp.hi[j]
	if up && hi < goal || !up && lo > goal {
		return false
	}
	if up {
		lp.hi[j] = goal
	} else {
		lp.lo[j] = goal
	}
	lp.function[j] = signOf(up)
	lp.maximise()
	lp.function[j], lp.lo[j], lp.hi[j] = 0, lo, hi
	if lp.failed {
		lp.clear()
		return false
	}
	return math.Abs(lp.x[j]-goal) <= wholeNear
}

// reached is how far try moved a count.
func (c *cover) reached(j int) float64 { return c.hidden.x[j] - float64(c.s.truth[c.vars[j]]) }

// find looks for the cheapest table in which a primary cell is safe. It reports whether there is one; its numbers need not be whole.
func (c *cover) find(n int) bool {
	j := c.primary[n]
	truth := c.s.truth[c.vars[j]]
	return c.shift(2*j, 2*j+1, float64(c.goal(j)-truth)) || truth > c.t.Largest && c.shift(2*j+1, 2*j, 1)
}

// shift moves one variable by so much, and the others at the least cost. opposite is the same count in the other direction.
func (c *cover) shift(variable, opposite int, by float64) bool {
	lp := c.priced
	lo, hi, other := lp.lo[variable], lp.hi[variable], lp.hi[opposite]
	if hi < by {
		return false
	}
	lp.lo[variable], lp.hi[variable], lp.hi[opposite] = by, by, 0
	found := lp.settle(c.work, variable, c.cost)
	lp.lo[variable], lp.hi[variable], lp.hi[opposite] = lo, hi, other
	return found
}

// shifted is how far find moved a count.
func (c *cover) shifted(j int) float64 { return c.priced.x[2*j] - c.priced.x[2*j+1] }

// keep keeps a table as a disguise for all primary cells that are safe in it and have none, and reports whether one is that it was found
// for. It must be a table in whole numbers.
func (c *cover) keep(n int, move func(j int) float64) bool {
	if !c.whole(move) {
		return false
	}
	var moves []int32
	for j, m := range c.moved {
		if m != 0 {
			moves = append(moves, int32(j))
		}
	}
	for k, j := range c.primary {
		truth := c.s.truth[c.vars[j]]
		if count := truth + c.moved[j]; !c.disguise[k].ok() && count != truth && (count > c.t.Largest || truth > c.t.Largest) {
			c.disguise[k] = disguise{count: count, moves: moves}
		}
	}
	return c.disguise[n].ok()
}

// whole notes how far a table moves each count, and checks it against every equation. Only counts that are not shown may move.
func (c *cover) whole(move func(j int) float64) bool {
	for j, v := range c.vars {
		m := move(j)
		w := math.Round(m)
		c.moved[j] = int64(w)
		if count := c.s.truth[v] + c.moved[j]; math.Abs(m-w) > wholeNear || count < c.s.lo[v] || count > c.s.hi[v] || w != 0 && c.shown(j) {
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

// search leaves it to an audit to search for a disguise in whole numbers, which may then move everything.
func (c *cover) search(n int) bool {
	cell := int(c.vars[c.primary[n]])
	a := newCountAudit(c.t)
	if a.run([]int{cell}); !a.safe(cell) {
		return false
	}
	d := disguise{count: a.most[cell], moves: make([]int32, len(c.vars))}
	if d.count == a.s.truth[cell] {
		d.count = a.least[cell]
	}
	for j := range d.moves {
		d.moves[j] = int32(j)
	}
	c.disguise[n] = d
	return true
}
