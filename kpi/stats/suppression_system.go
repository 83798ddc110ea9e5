package stats

import "math"

// What readers know of the counts that they do not see is a system of equations, Σ ±x = sum, with bounds for each x. It falls into parts
// that have nothing to do with each other, most of which are tiny, and many of its counts follow from one equation.

// countRow is an equation.
type countRow struct {
	vars []int32
	plus []bool // whether a variable is added or subtracted
	sum  int64
}

// countSystem holds the variables, cells first, then the slack of facts that are ranges.
type countSystem struct {
	truth, lo, hi []int64 // hi is unlimited where there is no bound
	rows          []countRow
	uses          [][]int32 // the rows of each variable
	derived       []derivedCount
	at, place     []int32 // the index of each variable, and of each equation, in its part
}

// derivedCount is a variable that is offset ± another one, and in no equation but that.
type derivedCount struct {
	cell, from int32
	offset     int64
	plus       bool
}

// newCountSystem writes down the totals and the facts; cells that are not free have their counts.
func newCountSystem(t *CountTable, free func(cell int) bool) *countSystem {
	s := &countSystem{}
	for i, c := range t.Cells {
		if free(i) {
			s.variable(c.Count, t.least(i), unlimited)
		} else {
			s.variable(c.Count, c.Count, c.Count)
		}
	}
	for _, total := range t.Totals {
		r := countRow{}
		for _, p := range total.Parts {
			r.add(p, true)
		}
		r.add(total.Cell, false)
		s.rows = append(s.rows, r)
	}
	for _, fact := range t.Facts {
		r := countRow{sum: fact.Most}
		got := int64(0)
		for _, p := range fact.Parts {
			r.add(p, true)
			got += t.Cells[p].Count
		}
		least := max(fact.Least, -mostInTable)
		if r.sum = min(fact.Most, mostInTable); r.sum > least {
			r.add(s.variable(r.sum-got, 0, r.sum-least), true)
		}
		s.rows = append(s.rows, r)
	}
	return s
}

func (r *countRow) add(v int, plus bool) {
	r.vars, r.plus = append(r.vars, int32(v)), append(r.plus, plus)
}

func (s *countSystem) variable(truth, lo, hi int64) int {
	s.truth, s.lo, s.hi = append(s.truth, truth), append(s.lo, lo), append(s.hi, hi)
	return len(s.truth) - 1
}

// simplify draws the conclusions that single equations allow, and leaves equations of counts that are still open.
func (s *countSystem) simplify() {
	s.condense()
	s.propagate()
	s.condense()
	s.derive()
}

// condense drops the variables that are known from all equations, and equations that have none left.
func (s *countSystem) condense() {
	kept := s.rows[:0]
	for _, r := range s.rows {
		n := 0
		for k, v := range r.vars {
			switch {
			case s.lo[v] < s.hi[v]:
				r.vars[n], r.plus[n] = v, r.plus[k]
				n++
			case r.plus[k]:
				r.sum -= s.lo[v]
			default:
				r.sum += s.lo[v]
			}
		}
		if r.vars, r.plus = r.vars[:n], r.plus[:n]; n > 0 {
			kept = append(kept, r)
		}
	}
	s.rows = kept
	s.index()
}

// index notes in which equations each variable is.
func (s *countSystem) index() {
	if s.uses == nil {
		s.uses = make([][]int32, len(s.truth))
	}
	for v := range s.uses {
		s.uses[v] = s.uses[v][:0]
	}
	for i, r := range s.rows {
		for _, v := range r.vars {
			s.uses[v] = append(s.uses[v], int32(i))
		}
	}
}

// propagate tightens the bounds of each variable by those of the others in its equations, until nothing changes any more. Where two
// counts push each other down by one a round that takes long, so it ends after some rounds; the bounds it leaves are valid anyhow.
func (s *countSystem) propagate() {
	queue, queued := make([]int32, len(s.rows)), make([]bool, len(s.rows))
	for i := range queue {
		queue[i], queued[i] = int32(i), true
	}
	for n, left := 0, 30*len(s.rows); n < len(queue) && left > 0; n, left = n+1, left-1 {
		i := queue[n]
		queued[i] = false
		for _, v := range s.tighten(&s.rows[i]) {
			for _, other := range s.uses[v] {
				if !queued[other] {
					queue, queued[other] = append(queue, other), true
				}
			}
		}
	}
}

// activity is the range of the left side of an equation: the finite part, and how many terms are without bound.
type activity struct {
	least, most         int64
	leastOpen, mostOpen int
}

// term is the range of one term; a bound that is open is 0.
func (s *countSystem) term(v int32, plus bool) activity {
	a := activity{least: s.lo[v], most: s.hi[v]}
	if s.hi[v] == unlimited {
		a.most, a.mostOpen = 0, 1
	}
	if !plus {
		a = activity{-a.most, -a.least, a.mostOpen, 0}
	}
	return a
}

// tighten returns the variables whose bounds the equation moved.
func (s *countSystem) tighten(r *countRow) (moved []int32) {
	var all activity
	for k, v := range r.vars {
		t := s.term(v, r.plus[k])
		all.least, all.most = all.least+t.least, all.most+t.most
		all.leastOpen, all.mostOpen = all.leastOpen+t.leastOpen, all.mostOpen+t.mostOpen
	}
	if all.leastOpen > 1 && all.mostOpen > 1 {
		return nil
	}
	for k, v := range r.vars {
		t := s.term(v, r.plus[k])
		lo, hi := int64(math.MinInt64), int64(unlimited)
		if all.mostOpen == t.mostOpen {
			lo = r.sum - (all.most - t.most)
		}
		if all.leastOpen == t.leastOpen {
			hi = r.sum - (all.least - t.least)
		}
		if !r.plus[k] {
			lo, hi = negated(hi), negated(lo)
		}
		if s.bound(v, lo, hi) {
			moved = append(moved, v)
		}
	}
	return moved
}

// negated turns a bound around; none stays none.
func negated(v int64) int64 {
	switch v {
	case unlimited:
		return math.MinInt64
	case math.MinInt64:
		return unlimited
	}
	return -v
}

// bound narrows the range of a variable and reports whether it did. An upper bound beyond every table's counts is none.
func (s *countSystem) bound(v int32, lo, hi int64) (moved bool) {
	if lo > s.lo[v] {
		s.lo[v], moved = lo, true
	}
	if hi < s.hi[v] && hi <= mostInTable {
		s.hi[v], moved = hi, true
	}
	return moved
}

// derive takes out variables that are in one equation only, together with one other: what is known of them becomes a bound of the other.
func (s *countSystem) derive() {
	count := make([]int, len(s.truth))
	for v, rows := range s.uses {
		count[v] = len(rows)
	}
	gone := make([]bool, len(s.rows))
	var queue []int32
	for i := range s.rows {
		queue = append(queue, int32(i))
	}
	for n := 0; n < len(queue); n++ {
		i := queue[n]
		r := s.rows[i]
		if gone[i] || len(r.vars) != 2 || count[r.vars[0]] > 1 && count[r.vars[1]] > 1 {
			continue
		}
		k := 0 // which of the two goes
		if count[r.vars[0]] > 1 {
			k = 1
		}
		gone[i] = true
		d := derivedCount{cell: r.vars[k], from: r.vars[1-k], offset: r.sum, plus: r.plus[0] != r.plus[1]}
		if !r.plus[k] {
			d.offset = -d.offset
		}
		s.derived = append(s.derived, d)
		lo, hi := d.inverse(s.lo[d.cell], s.hi[d.cell])
		s.bound(d.from, lo, hi)
		count[d.from]--
		queue = append(queue, s.uses[d.from]...)
	}
	kept := s.rows[:0]
	for i, r := range s.rows {
		if !gone[i] {
			kept = append(kept, r)
		}
	}
	s.rows = kept
	s.index()
}

// ranged is the range of the derived variable for one of the other.
func (d derivedCount) ranged(lo, hi int64) (int64, int64) {
	if d.plus {
		return shifted(lo, d.offset), shifted(hi, d.offset)
	}
	return shifted(negated(hi), d.offset), shifted(negated(lo), d.offset)
}

// inverse is the range of the other for one of the derived variable.
func (d derivedCount) inverse(lo, hi int64) (int64, int64) {
	if d.plus {
		return shifted(lo, -d.offset), shifted(hi, -d.offset)
	}
	return shifted(negated(hi), d.offset), shifted(negated(lo), d.offset)
}

func shifted(v, by int64) int64 {
	if v == unlimited || v == math.MinInt64 {
		return v
	}
	return v + by
}

// countPart is a part of the system that shares no variable with the others.
type countPart struct {
	vars, rows []int32
}

// parts returns the parts that still have equations, in the order of their first variables.
func (s *countSystem) parts() []countPart {
	var list []countPart
	s.at, s.place = make([]int32, len(s.truth)), make([]int32, len(s.rows))
	seen, done := make([]bool, len(s.truth)), make([]bool, len(s.rows))
	for v := range s.truth {
		if seen[v] || len(s.uses[v]) == 0 {
			continue
		}
		p := countPart{vars: []int32{int32(v)}}
		seen[v] = true
		for n := 0; n < len(p.vars); n++ {
			s.at[p.vars[n]] = int32(n)
			for _, i := range s.uses[p.vars[n]] {
				if done[i] {
					continue
				}
				done[i] = true
				s.place[i] = int32(len(p.rows))
				p.rows = append(p.rows, i)
				for _, w := range s.rows[i].vars {
					if !seen[w] {
						seen[w] = true
						p.vars = append(p.vars, w)
					}
				}
			}
		}
		list = append(list, p)
	}
	return list
}
