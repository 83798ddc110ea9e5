package warehouse

import (
	"database/sql"
	"math/big"
	"math/bits"
)

// wholeCity stands for the whole city in place of a dimension.
const wholeCity = -1

// place is where a value belongs: the whole city, or a member of one of the dataset's dimensions.
type place struct {
	dimension int
	member    string
}

// cell counts the rows of one indicator in one place and one period.
type cell struct {
	counted  int64
	holds    int64 // of these, those for which what a share asks for holds
	excluded []int64
	sum      *big.Int // in units of the last decimal; nil: nothing was added
	valued   int64    // rows whose value went into the sum or quantile
	quantile *float64
}

func (c *cell) taking() bool {
	if c.counted > 0 {
		return true
	}
	for _, n := range c.excluded {
		if n > 0 {
			return true
		}
	}
	return false
}

// add adds n rows of a class.
func (c *cell) add(class int, n int64) {
	switch class {
	case classCounted:
		c.counted += n
	case classHolds:
		c.counted += n
		c.holds += n
	default:
		for len(c.excluded) <= class-classFirstReason {
			c.excluded = append(c.excluded, 0)
		}
		c.excluded[class-classFirstReason] += n
	}
}

func (c *cell) addSum(sum *big.Int, valued int64) {
	if c.sum == nil {
		c.sum = new(big.Int)
	}
	c.sum.Add(c.sum, sum)
	c.valued += valued
}

// series are the cells of one indicator in one place.
type series struct {
	periods map[int]*cell
	total   cell
}

func (s *series) cell(period int) *cell {
	c := s.periods[period]
	if c == nil {
		c = &cell{}
		s.periods[period] = c
	}
	return c
}

// tally adds up what the scans of a group find: by plan, place and period.
type tally struct {
	group   *group
	series  []map[place]*series
	members []map[string]bool // that occur in the dataset at all, by dimension
}

func newTally(g *group) *tally {
	t := &tally{group: g, series: make([]map[place]*series, len(g.plans)), members: make([]map[string]bool, len(g.dataset.Dimensions))}
	for i := range t.series {
		t.series[i] = map[place]*series{{wholeCity, ""}: {periods: map[int]*cell{}}}
	}
	for i := range t.members {
		t.members[i] = map[string]bool{}
	}
	return t
}

func (t *tally) at(plan int, where place) *series {
	s := t.series[plan][where]
	if s == nil {
		s = &series{periods: map[int]*cell{}}
		t.series[plan][where] = s
	}
	return s
}

// found is a row of the scan's result: so many rows of one period, member and signature.
type found struct {
	id        int64 // of the grouping set
	period    sql.NullInt64
	member    sql.NullString
	signature int64
	rows      int64
	sums      []any
	valued    []int64
}

// add takes a row of the scan.
func (t *tally) add(scan func(...any) error) error {
	f := found{sums: make([]any, len(t.group.sums)), valued: make([]int64, len(t.group.sums))}
	dest := []any{&f.id, &f.period, &f.member, &f.signature, &f.rows}
	for i := range f.sums {
		dest = append(dest, &f.sums[i], &f.valued[i])
	}
	if err := scan(dest...); err != nil {
		return err
	}
	dimension, word := t.group.set(f.id)
	if dimension >= 0 {
		t.members[dimension][f.member.String] = true
	}
	for i, p := range t.group.plans {
		class := int(f.signature >> p.shift & p.mask)
		if p.word != word || class == classNone {
			continue
		}
		if err := t.addTo(i, place{dimension, f.member.String}, class, &f); err != nil {
			return err
		}
		if dimension == 0 { // every row has one member in the first dimension: together they are the city
			if err := t.addTo(i, place{wholeCity, ""}, class, &f); err != nil {
				return err
			}
		}
	}
	return nil
}

// set tells from the id of a grouping set its dimension, wholeCity if there is none, and its word.
func (g *group) set(id int64) (dimension, word int) {
	n := len(g.dataset.Dimensions)
	present := func(column int) bool { return id>>(n+g.words-1-column)&1 == 0 }
	dimension = wholeCity
	for d := range n {
		if present(d) {
			dimension = d
		}
	}
	for w := range g.words {
		if present(n + w) {
			word = w
		}
	}
	return dimension, word
}

func (t *tally) addTo(plan int, where place, class int, f *found) error {
	s := t.at(plan, where)
	cells := []*cell{&s.total}
	if f.period.Valid {
		cells = append(cells, s.cell(int(f.period.Int64)))
	}
	for _, c := range cells {
		c.add(class, f.rows)
		if v := t.group.plans[plan].value; v >= 0 && class == classCounted {
			sum, err := exact(f.sums[v])
			if err != nil {
				return err
			}
			c.addSum(sum, f.valued[v])
		}
	}
	return nil
}

// addQuantiles takes a row of the quantiles' scan.
func (t *tally) addQuantiles(scan func(...any) error, plans []*plan) error {
	var id int64
	var period sql.NullInt64
	var member sql.NullString
	values, valued := make([]sql.NullFloat64, len(plans)), make([]int64, len(plans))
	dest := []any{&id, &period, &member}
	for i := range plans {
		dest = append(dest, &values[i], &valued[i])
	}
	if err := scan(dest...); err != nil {
		return err
	}
	// Of the bits of id the highest is the period's; the others are the dimensions', clear where it is in the set.
	n := len(t.group.dataset.Dimensions)
	where := place{wholeCity, ""}
	if absent := bits.OnesCount64(uint64(id) & (1<<n - 1)); absent < n {
		for d := range n {
			if id>>(n-1-d)&1 == 0 {
				where = place{d, member.String}
			}
		}
	}
	for i, p := range plans {
		if !values[i].Valid {
			continue
		}
		s := t.at(t.group.index(p), where)
		c := &s.total
		if id>>n&1 == 0 {
			c = s.cell(int(period.Int64))
		}
		c.quantile, c.valued = &values[i].Float64, valued[i]
	}
	return nil
}

func (g *group) index(p *plan) int {
	for i, q := range g.plans {
		if p == q {
			return i
		}
	}
	return -1
}
