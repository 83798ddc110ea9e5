package stats

import (
	"fmt"
	"math"
)

// Counts that are kept back can be worked out from the totals, the shares and the other tables that are published. This file says what
// a table of counts and the facts about them are; Audit says what a reader can work out; Protect keeps back more until it is too little.

// CountCell is a count of a table. Totals are cells, too: a total may be small itself, and may be what has to be kept back.
type CountCell struct {
	Count int64 // not negative
	// Withheld says that a mark stands in place of the count. Unlisted says that nothing does: readers know only that it is not negative.
	// A count that is neither is shown.
	Withheld, Unlisted bool
	// Fixed says that the count is out, in an earlier release perhaps, and cannot be withheld any more.
	Fixed bool
	// Sensitive says that the count must not be found out although it is not small: the numerator of a denominator that is, for example.
	Sensitive bool
}

// shown says that readers see the count.
func (c CountCell) shown() bool { return !c.Withheld && !c.Unlisted }

// CountTotal says that the count of one cell is the sum of others.
type CountTotal struct {
	Cell  int   // index of the total
	Parts []int // indices of the cells that add up to it
}

// CountFact is what readers know of the sum of some cells from elsewhere: another release, another table, a share of a denominator that
// is published rounded (see Numerators).
type CountFact struct {
	Parts       []int
	Least, Most int64
}

// CountTable is a table of counts, or several that have cells or totals in common, with everything that links them.
type CountTable struct {
	Cells  []CountCell
	Totals []CountTotal
	Facts  []CountFact
	// Largest is the largest count that may not be shown, nor be found out to be that small: CMSLargest, say. Counts from 1 to Largest are
	// primary cells, and so are those that are Sensitive. Cells that are Unlisted are primary only if they are Sensitive.
	Largest int64
	// HideZeros makes 0 a primary cell, too. Without it zeros are shown always, which tells readers that nothing withheld is 0.
	HideZeros bool
}

// Numbers beyond which tables are refused, so that no sum overflows and all stay whole in a float.
const (
	mostCells   = 1 << 20
	mostInTable = 1 << 42
	unlimited   = math.MaxInt64
)

// AddTotal says that the cell is the total of the parts.
func (t *CountTable) AddTotal(cell int, parts ...int) {
	t.Totals = append(t.Totals, CountTotal{Cell: cell, Parts: parts})
}

// AddPart says that one cell is part of another, as a numerator is of its denominator. What is left is a cell of its own, unlisted; its
// index is returned. It can be made Sensitive where few that are left are as telling as few that are counted.
func (t *CountTable) AddPart(part, whole int) (rest int) {
	rest = len(t.Cells)
	left := CountCell{Unlisted: true}
	if min(part, whole) >= 0 && max(part, whole) < rest { // otherwise the total will be found to be wrong
		left.Count = t.Cells[whole].Count - t.Cells[part].Count
	}
	t.Cells = append(t.Cells, left)
	t.AddTotal(whole, part, rest)
	return rest
}

// Grid makes a table of rows and columns with the totals of each and of all. The cell of row r and column c has the index
// r·(columns + 1) + c; the last column holds the totals of the rows, the last row those of the columns. Rows that are shorter than the
// first are filled with zeros, what is longer is left out.
func Grid(counts [][]int64, largest int64) *CountTable {
	t := &CountTable{Largest: largest}
	if len(counts) == 0 {
		return t
	}
	rows, columns := len(counts), len(counts[0])
	at := func(r, c int) int { return r*(columns+1) + c }
	t.Cells = make([]CountCell, (rows+1)*(columns+1))
	for r, row := range counts {
		for c, v := range row[:min(len(row), columns)] {
			for _, i := range [4]int{at(r, c), at(r, columns), at(rows, c), at(rows, columns)} {
				t.Cells[i].Count += v
			}
		}
	}
	line := func(n int, cell func(i int) int) {
		parts := make([]int, n)
		for i := range parts {
			parts[i] = cell(i)
		}
		t.AddTotal(cell(n), parts...)
	}
	for r := range rows + 1 {
		line(columns, func(i int) int { return at(r, i) })
	}
	for c := range columns {
		line(rows, func(i int) int { return at(i, c) })
	}
	return t
}

// Primary reports whether the count of a cell must not be found out.
func (t *CountTable) Primary(cell int) bool {
	if cell < 0 || cell >= len(t.Cells) {
		return false
	}
	c := t.Cells[cell]
	small := c.Count <= t.Largest && (c.Count > 0 || t.HideZeros)
	return c.Sensitive || small && !c.Unlisted
}

// least is the smallest count that a cell can have for all that readers know at first sight.
func (t *CountTable) least(cell int) int64 {
	switch c := t.Cells[cell]; {
	case c.shown():
		return c.Count
	case c.Withheld && !t.HideZeros:
		return 1
	}
	return 0
}

// check finds what is wrong with the table: facts that the counts do not bear out, above all, since nothing can be concluded from them.
func (t *CountTable) check() error {
	if err := t.checkCells(); err != nil {
		return err
	}
	seen := make([]int, len(t.Cells)) // the sum in which a cell was met last
	for i, total := range t.Totals {
		got, err := t.sum(total.Parts, seen, i+1)
		if err == nil {
			_, err = t.sum([]int{total.Cell}, seen, i+1)
		}
		if err != nil {
			return fmt.Errorf("total %d: %w", i, err)
		}
		if want := t.Cells[total.Cell].Count; got != want {
			return fmt.Errorf("total %d: the parts add up to %d, the total is %d", i, got, want)
		}
	}
	for i, fact := range t.Facts {
		got, err := t.sum(fact.Parts, seen, len(t.Totals)+i+1)
		if err != nil {
			return fmt.Errorf("fact %d: %w", i, err)
		}
		if got < fact.Least || got > fact.Most {
			return fmt.Errorf("fact %d: the cells add up to %d, not to %d to %d", i, got, fact.Least, fact.Most)
		}
	}
	return nil
}

func (t *CountTable) checkCells() error {
	if len(t.Cells) > mostCells || len(t.Totals)+len(t.Facts) > mostCells {
		return fmt.Errorf("%d cells with %d sums are too many for a table", len(t.Cells), len(t.Totals)+len(t.Facts))
	}
	all := int64(0)
	for i, c := range t.Cells {
		if c.Count < 0 || c.Count > mostInTable {
			return fmt.Errorf("cell %d: count %d", i, c.Count)
		}
		if all += c.Count; all > mostInTable {
			return fmt.Errorf("cell %d: the counts of the table are too large", i)
		}
		if c.Withheld && (c.Unlisted || c.Fixed) {
			return fmt.Errorf("cell %d: withheld, and unlisted or fixed", i)
		}
		if c.Withheld && c.Count == 0 && !t.HideZeros {
			return fmt.Errorf("cell %d: a 0 is withheld, but zeros are shown", i)
		}
	}
	return nil
}

// sum adds up cells that must exist and not come twice; sums are told apart by their numbers.
func (t *CountTable) sum(cells, seen []int, number int) (int64, error) {
	all := int64(0)
	for _, c := range cells {
		if c < 0 || c >= len(t.Cells) {
			return 0, fmt.Errorf("no cell %d", c)
		}
		if seen[c] == number {
			return 0, fmt.Errorf("cell %d comes twice", c)
		}
		seen[c] = number
		all += t.Cells[c].Count
	}
	return all, nil
}
