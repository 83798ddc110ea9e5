package warehouse

import (
	"database/sql"
	"math/big"
	"math/bits"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"citystat/kpi"
)

// wholeCity stands for the whole city in place of a dimension.
const wholeCity = -1

// place is where a value belongs: the whole city, or a member of one of the dataset's dimensions.
type place struct {
	dimension int
	member    string
}

var theCity = place{wholeCity, ""}

// exactSum is a sum of values, in units of the last decimal, and how many values are in it.
type exactSum struct {
	sum  *big.Int // nil: nothing was added
	rows int64
}

func (a *exactSum) add(sum *big.Int, rows int64) {
	if a.sum == nil {
		a.sum = new(big.Int)
	}
	a.sum.Add(a.sum, sum)
	a.rows += rows
}

func (a exactSum) same(b exactSum) bool {
	return a.rows == b.rows && (a.sum == nil) == (b.sum == nil) && (a.sum == nil || a.sum.Cmp(b.sum) == 0)
}

// float is the sum, rounded once.
func (a *exactSum) float() float64 {
	if a.sum == nil {
		return 0
	}
	return ratio(a.sum)
}

// cell counts the rows of one indicator in one place and one period.
type cell struct {
	counted  int64
	holds    int64 // of these, those for which what a share asks for holds, and the closed cases of a duration
	excluded []int64
	of, per  exactSum // of the rows counted; of a last: of those of the last day
	quantile *float64 // in the indicator's unit
	ranked   int64    // the values among which the quantile was found

	row     int64 // of what is kept, counted from 1; 0: nothing is
	changed bool  // rows were put in or taken out since it was kept
	was     *cell // what was kept, where something was to be found anew
}

// unfind empties what cannot be added up, to be found anew.
func (c *cell) unfind() {
	was := *c
	c.of, c.quantile, c.ranked, c.was = exactSum{}, nil, 0, &was
}

// differs reports whether the cell is another than the one that is kept.
func (c *cell) differs() bool {
	if c.changed || c.was == nil {
		return c.changed
	}
	return c.ranked != c.was.ranked || !sameNumber(c.quantile, c.was.quantile) || !c.of.same(c.was.of)
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
	c.changed = true
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
	members []map[string]int64 // the rows of the dataset, whether they take part or not, by dimension and member
	rows    int64              // all of them

	takeOut bool           // what is found is taken out
	touched []map[int]bool // by plan: the periods in which rows that are counted were found; nil: nobody asks
}

func newTally(g *group) *tally {
	t := &tally{group: g, series: make([]map[place]*series, len(g.plans)), members: make([]map[string]int64, len(g.dataset.Dimensions))}
	for i := range t.series {
		t.series[i] = map[place]*series{theCity: {periods: map[int]*cell{}}}
	}
	for i := range t.members {
		t.members[i] = map[string]int64{}
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

// negate makes less of what was found to be more.
func (f *found) negate() {
	f.rows = -f.rows
	for i, v := range f.sums {
		f.valued[i] = -f.valued[i]
		if d, ok := v.(duckdb.Decimal); ok {
			d.Value = new(big.Int).Neg(d.Value)
			f.sums[i] = d
		}
	}
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
	if t.takeOut {
		f.negate()
	}
	dimension, word := t.group.set(f.id)
	if word == 0 { // every word counts all rows
		if dimension >= 0 {
			t.members[dimension][f.member.String] += f.rows
		}
		if dimension <= 0 {
			t.rows += f.rows
		}
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
			if err := t.addTo(i, theCity, class, &f); err != nil {
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
		if t.touched != nil && class < classFirstReason {
			t.touched[plan][int(f.period.Int64)] = true
		}
	}
	for _, c := range cells {
		c.add(class, f.rows)
		if class != classCounted {
			continue
		}
		amounts := []*exactSum{&c.of, &c.per}
		for k := range t.group.plans[plan].summed() {
			v := t.group.plans[plan].value + k
			sum, err := exact(f.sums[v])
			if err != nil {
				return err
			}
			amounts[k].add(sum, f.valued[v])
		}
	}
	return nil
}

// settle finishes what can be told only when all rows were counted: over all periods a last is that of the last one with a counted row.
func (t *tally) settle() {
	for i, p := range t.group.plans {
		if !p.is(kpi.MeasureLast) {
			continue
		}
		last := -1
		for n, c := range t.series[i][theCity].periods {
			if c.counted > 0 {
				last = max(last, n)
			}
		}
		for _, s := range t.series[i] {
			of := exactSum{}
			if c := s.periods[last]; c != nil {
				of = c.of
			}
			if s.total.was == nil {
				s.total.unfind()
			}
			s.total.of = of
		}
	}
}

// finding is a row of the result of one of the scans for what cannot be added up: it tells by its grouping set to which cell it belongs.
type finding struct {
	id     int64
	period sql.NullInt64
	member sql.NullString
}

// place tells where a finding belongs: of the bits of its id the lowest are the dimensions', clear where one is in the set.
func (t *tally) place(f finding) place {
	n := len(t.group.dataset.Dimensions)
	if absent := bits.OnesCount64(uint64(f.id) & (1<<n - 1)); absent < n {
		for d := range n {
			if f.id>>(n-1-d)&1 == 0 {
				return place{d, f.member.String}
			}
		}
	}
	return theCity
}

// cell returns the cell of a plan to which the finding belongs. byPeriod says whether the scan was by period too: then the highest bit of the id is the
// period's.
func (t *tally) cell(plan int, f finding, byPeriod bool) *cell {
	s := t.at(plan, t.place(f))
	if byPeriod && f.id>>len(t.group.dataset.Dimensions)&1 == 0 {
		return s.cell(int(f.period.Int64))
	}
	return &s.total
}
