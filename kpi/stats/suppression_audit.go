package stats

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
	a, cells := newCountAudit(t), t.audited()
	a.run(cells)
	return a.report(cells), nil
}

// audited returns the cells that an audit is about.
func (t *CountTable) audited() []int {
	var cells []int
	for i, c := range t.Cells {
		if c.Withheld || t.Primary(i) {
			cells = append(cells, i)
		}
	}
	return cells
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

// know takes over counts that cells have in tables that were found.
func (a *countAudit) know(least, most []int64) {
	for i := range least {
		a.least[i], a.most[i] = min(a.least[i], least[i]), max(a.most[i], most[i])
	}
}

// run finds the bounds of the cells.
func (a *countAudit) run(cells []int) {
	wanted := make([]bool, len(a.s.truth))
	for _, i := range cells {
		wanted[i] = true
	}
	apart := make([]bool, len(a.s.truth))
	for _, d := range a.s.derived {
		wanted[d.from] = wanted[d.from] || wanted[d.cell]
		apart[d.cell] = true
	}
	for v := range a.s.truth {
		if len(a.s.uses[v]) == 0 && !apart[v] {
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
		least, most := d.ranged(a.least[d.from], a.most[d.from])
		a.least[d.cell], a.most[d.cell] = min(a.least[d.cell], least), max(a.most[d.cell], most)
	}
}

// solve finds the bounds of the wanted variables of a part.
func (a *countAudit) solve(p countPart, wanted []bool) {
	c := newCountSolver(a, p)
	for j, v := range p.vars {
		if wanted[v] {
			c.extreme(j, true)
			c.extreme(j, false)
			c.enough(j)
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

func (a *countAudit) report(cells []int) SuppressionAudit {
	r := SuppressionAudit{Bounds: make([]CellBounds, 0, len(cells))}
	for _, i := range cells {
		r.Bounds = append(r.Bounds, a.bounds(i))
	}
	return r
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
