package stats

import "slices"

// Protection says what to withhold so that no primary cell can be found out.
type Protection struct {
	Table CountTable // the table with its cells withheld
	Added []int      // the cells that were withheld for the sake of the primary ones: complementary suppressions
	// Unprotected are primary cells that can be found out whatever is withheld, since facts or fixed cells tell too much of them; or that
	// no way was found for. They keep the table from being published as it is.
	Unprotected []int
	Audit       SuppressionAudit // of Table
}

// Protect withholds all primary cells that are not fixed, and then others until Audit finds them safe. Each primary cell needs a disguise: a
// table that a reader cannot tell from the true one, and in which the cell is not small. Protect looks for the one that moves the least,
// counted in what the cells are worth that would have to be withheld for it: their counts, so that small cells are taken first and totals
// last. In the end it shows again what turned out not to be needed, the largest first. The result is the same every time. It is not always
// the best one: to find that takes more time than there is. The error is that of Audit.
func (t *CountTable) Protect() (Protection, error) {
	p := newProtector(t)
	if err := p.table.check(); err != nil {
		return Protection{}, err
	}
	audit := p.audit(p.table.audited())
	unsafe := audit.Unsafe()
	if len(unsafe) > 0 {
		for _, c := range newCovers(&p.table, unsafe) {
			c.cover(p)
		}
		audit = p.audit(p.table.audited())
	}
	result := Protection{Table: p.table, Audit: audit, Unprotected: audit.Unsafe()}
	for i, is := range p.added {
		if is {
			result.Added = append(result.Added, i)
		}
	}
	return result, nil
}

// protector is the table on its way to be safe.
type protector struct {
	table CountTable
	added []bool
	// least and most are counts of each cell in tables that readers cannot tell from the true one. More that is withheld never makes them
	// wrong.
	least, most []int64
}

func newProtector(t *CountTable) *protector {
	p := &protector{table: t.clone(), added: make([]bool, len(t.Cells)), least: make([]int64, len(t.Cells)), most: make([]int64, len(t.Cells))}
	for i := range p.table.Cells {
		c := &p.table.Cells[i]
		if p.least[i], p.most[i] = c.Count, c.Count; p.table.free(i) && p.table.Primary(i) {
			c.Withheld = true
		}
	}
	return p
}

// audit finds the bounds of cells, with the help of what was found before.
func (p *protector) audit(cells []int) SuppressionAudit {
	a := newCountAudit(&p.table)
	a.know(p.least, p.most)
	a.run(cells)
	for _, i := range cells {
		p.found(i, a.least[i], a.most[i])
	}
	return a.report(cells)
}

// found keeps counts that a cell has in tables that were found.
func (p *protector) found(cell int, least, most int64) {
	p.least[cell], p.most[cell] = min(p.least[cell], least), max(p.most[cell], most)
}

// free reports whether a cell that is shown could be withheld.
func (t *CountTable) free(i int) bool {
	c := t.Cells[i]
	return c.shown() && !c.Fixed && (c.Count > 0 || t.HideZeros)
}

// clone copies the table with cells of its own.
func (t *CountTable) clone() CountTable {
	c := *t
	c.Cells = slices.Clone(t.Cells)
	return c
}
