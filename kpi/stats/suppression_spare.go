package stats

import (
	"cmp"
	"slices"
)

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
		lo, hi := c.hidden.lo[j], c.hidden.hi[j]
		c.hidden.lo[j], c.hidden.hi[j] = float64(c.s.truth[v]), float64(c.s.truth[v])
		c.t.Cells[v].Withheld = false
		if added[v] = !c.without(j); added[v] {
			c.t.Cells[v].Withheld = true
			c.hidden.lo[j], c.hidden.hi[j] = lo, hi
		}
	}
}

// without finds other disguises for the primary cells whose disguise moves a count that is shown now, and reports whether all have one.
func (c *cover) without(j int) bool {
	if c.leavesAlone(j) {
		return false
	}
	before := slices.Clone(c.disguise)
	for n, d := range c.disguise {
		if slices.Contains(d.moves, int32(j)) {
			c.disguise[n] = disguise{}
		}
	}
	for n, d := range before {
		if d.ok() && !c.disguise[n].ok() && !c.try(n) && !(c.doubt && c.search(n)) {
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
			if k := c.s.at[v]; c.hidden.lo[k] < c.hidden.hi[k] {
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
	return n >= 0 && !c.disguise[n].ok()
}
