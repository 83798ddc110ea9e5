package stats

import (
	"cmp"
	"slices"
)

// widen withholds more where the audit does not find primary cells safe although they could be: the tables that were found for them are
// not whole. It takes the smallest count that has a sum in common with them, or with cells withheld that hang together with them, one
// after the other, and shows those again that were not the ones.
func (p *Protection) widen(added []bool) (err error) {
	if p.Audit, err = p.Table.Audit(); err != nil || p.Audit.Safe() {
		return err
	}
	hopeless, err := p.Table.hopeless()
	if err != nil {
		return err
	}
	sums, wide := p.Table.sums(), false
	for more := true; more; {
		more = false
		for _, cell := range p.Audit.Unsafe() {
			if hopeless[cell] {
				continue
			}
			next := p.Table.nearest(cell, sums)
			if next < 0 {
				hopeless[cell] = true
				continue
			}
			p.Table.Cells[next].Withheld, added[next], more, wide = true, true, true, true
		}
		if more {
			if p.Audit, err = p.Table.Audit(); err != nil {
				return err
			}
		}
	}
	if wide {
		p.narrow(added)
		p.Audit, err = p.Table.Audit()
	}
	return err
}

// narrow shows each cell again that was withheld, the largest first, if no cell that is safe becomes unsafe by that.
func (p *Protection) narrow(added []bool) {
	var list, safe []int
	for _, b := range p.Audit.Bounds {
		if b.Primary && b.Safe {
			safe = append(safe, b.Cell)
		}
		if added[b.Cell] {
			list = append(list, b.Cell)
		}
	}
	cells := p.Table.Cells
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(cells[b].Count, cells[a].Count) })
	for _, cell := range list {
		cells[cell].Withheld = false
		a := newCountAudit(&p.Table)
		a.run(safe)
		added[cell] = slices.ContainsFunc(safe, func(i int) bool { return !a.safe(i) })
		cells[cell].Withheld = added[cell]
	}
}

// hopeless tells which primary cells are not safe even if everything is withheld that can be.
func (t *CountTable) hopeless() (map[int]bool, error) {
	all := CountTable{Cells: slices.Clone(t.Cells), Totals: t.Totals, Facts: t.Facts, Largest: t.Largest, HideZeros: t.HideZeros}
	for i := range all.Cells {
		all.Cells[i].Withheld = all.Cells[i].Withheld || t.free(i)
	}
	audit, err := all.Audit()
	list := map[int]bool{}
	for _, cell := range audit.Unsafe() {
		list[cell] = true
	}
	return list, err
}

// sums returns the cells of each total and fact.
func (t *CountTable) sums() [][]int {
	var list [][]int
	for _, total := range t.Totals {
		list = append(list, append([]int{total.Cell}, total.Parts...))
	}
	for _, fact := range t.Facts {
		list = append(list, fact.Parts)
	}
	return list
}

// nearest returns the smallest count that is shown and could be withheld, in a sum with a cell or with one that hangs together with it by
// cells that are not shown; -1 if there is none.
func (t *CountTable) nearest(cell int, sums [][]int) int {
	of := make([][]int, len(t.Cells))
	for i, cells := range sums {
		for _, c := range cells {
			of[c] = append(of[c], i)
		}
	}
	best, queue, seen, done := -1, []int{cell}, make([]bool, len(t.Cells)), make([]bool, len(sums))
	for n := 0; n < len(queue); n++ {
		for _, i := range of[queue[n]] {
			if done[i] {
				continue
			}
			done[i] = true
			for _, c := range sums[i] {
				switch {
				case seen[c]:
				case !t.Cells[c].shown():
					queue = append(queue, c)
				case t.free(c) && (best < 0 || t.Cells[c].Count < t.Cells[best].Count):
					best = c
				}
				seen[c] = true
			}
		}
	}
	return best
}
