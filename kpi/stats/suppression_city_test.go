package stats

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestAuditAgainstFlows compares the bounds in tables of rows and columns with those of another method: in such a table, a count can grow by
// as much as can flow back from its column to its row through the other counts that are withheld.
func TestAuditAgainstFlows(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		rows, columns := 3+r.IntN(8), 3+r.IntN(8)
		counts := make([][]int64, rows)
		for i := range counts {
			for range columns {
				counts[i] = append(counts[i], r.Int64N(40))
			}
		}
		table := Grid(counts, CMSLargest)
		share := 1 + r.IntN(9)
		for i := range rows {
			for k := range columns {
				c := &table.Cells[i*(columns+1)+k]
				c.Withheld = c.Count > 0 && (c.Count <= CMSLargest || r.IntN(10) < share)
			}
		}
		audit, err := table.Audit()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range audit.Bounds {
			i, k := b.Cell/(columns+1), b.Cell%(columns+1)
			v := table.Cells[b.Cell].Count
			most, least := v+gridFlow(table, rows, columns, i, k, true), v-min(v-1, gridFlow(table, rows, columns, i, k, false))
			if b.Least != least || b.Most != most || b.Open || !b.Exact {
				t.Fatalf("seed %d: %+v, want %d to %d", seed, b, least, most)
			}
		}
	}
}

// gridFlow is the largest flow from column k to row i, or back, without the cell itself. Each other cell that is withheld carries any flow
// from its row to its column, growing by it, and back as much as it can shrink to 1.
func gridFlow(t *CountTable, rows, columns, i, k int, back bool) int64 {
	width := columns + 1
	room := func(r, c int) int64 { return t.Cells[r*width+c].Count - 1 }
	grown := map[[2]int]int64{}
	from, to := rows+k, i
	if !back {
		from, to = to, from
	}
	total := int64(0)
	for {
		prev := slices.Repeat([]int{-1}, rows+columns)
		prev[from] = from
		for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
			n := queue[0]
			for m := range rows + columns {
				r, c := min(n, m), max(n, m)-rows
				if prev[m] >= 0 || (n < rows) == (m < rows) || !t.Cells[r*width+c].Withheld || r == i && c == k {
					continue
				}
				if n < rows || room(r, c)+grown[[2]int{r, c}] > 0 {
					prev[m] = n
					queue = append(queue, m)
				}
			}
		}
		if prev[to] < 0 {
			return total
		}
		step := int64(1 << 40)
		for m := to; m != from; m = prev[m] {
			if n := prev[m]; n >= rows {
				step = min(step, room(m, n-rows)+grown[[2]int{m, n - rows}])
			}
		}
		if step == 1<<40 {
			step = 1
		}
		for m := to; m != from; m = prev[m] {
			if n := prev[m]; n >= rows {
				grown[[2]int{m, n - rows}] -= step
			} else {
				grown[[2]int{n, m - rows}] += step
			}
		}
		total += step
	}
}

// TestCitiesAreProtected protects tables as large as a city has them, and looks at what was found again with another seed.
func TestCitiesAreProtected(t *testing.T) {
	for _, c := range cityTables {
		table := cityTable(rand.New(rand.NewPCG(4, 5)), 12, 24, c.mean, c.quarters, c.fiscal, c.denominators)
		p, err := table.Protect()
		if err != nil || !p.Audit.Safe() || len(p.Unprotected) > 0 {
			t.Fatalf("%s: %v, %v unprotected", c.name, err, p.Unprotected)
		}
		again, err := table.Protect()
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("%s: another result the second time", c.name)
		}
		for _, b := range p.Audit.Bounds {
			v := table.Cells[b.Cell].Count
			if b.Least > v || !b.Open && b.Most < v || b.Found() {
				t.Errorf("%s: %+v of %d", c.name, b, v)
			}
		}
		for i, cell := range p.Table.Cells {
			if before := table.Cells[i]; cell.Count != before.Count || cell.Withheld && !p.Table.Primary(i) && !slices.Contains(p.Added, i) {
				t.Errorf("%s: cell %d was %+v, is %+v", c.name, i, before, cell)
			}
		}
	}
}

// TestPlentyIsShown: where all counts are large, or small ones hide each other, nothing else is withheld.
func TestPlentyIsShown(t *testing.T) {
	large := Grid([][]int64{{50, 60, 0}, {11, 12, 300}}, CMSLargest)
	if p, err := large.Protect(); err != nil || len(p.Audit.Bounds) > 0 || len(p.Added) > 0 {
		t.Errorf("no small count: %+v, %v", p, err)
	}
	each := Grid([][]int64{{9, 8, 40}, {7, 9, 60}}, CMSLargest)
	if p, err := each.Protect(); err != nil || len(p.Added) > 0 || len(p.Audit.Bounds) != 4 || !p.Audit.Safe() {
		t.Errorf("four small counts: %+v, %v", p, err)
	}
}

// TestLeaks are the ways in which a count gets out that are forgotten most easily.
func TestLeaks(t *testing.T) {
	small := CountCell{Count: 4, Withheld: true}
	for name, c := range map[string]struct {
		table       CountTable
		least, most int64
	}{
		// 7.0 % of 57 can only be 4.
		"a percentage": {CountTable{Cells: []CountCell{small}, Facts: []CountFact{{[]int{0}, 4, 4}}}, 4, 4},
		// Last month's release told that the district and its neighbour had 34 together; the neighbour's 30 are shown now.
		"an earlier release": {CountTable{Cells: []CountCell{small, {Count: 30}}, Facts: []CountFact{{[]int{0, 1}, 34, 34}}}, 4, 4},
		// Two areas that overlap: 4 + 9 withheld in one, 9 + 20 in the other, and 4 + 9 + 20 in both together.
		"areas that overlap": {CountTable{Cells: []CountCell{small, {Count: 9, Withheld: true}, {Count: 20, Withheld: true}, {Count: 13}, {Count: 29}},
			Totals: []CountTotal{{3, []int{0, 1}}, {4, []int{1, 2}}}, Facts: []CountFact{{[]int{0, 1, 2}, 33, 33}}}, 4, 4},
		// The total of a drill-down is withheld on one page and can be added up on another.
		"a drill-down": {CountTable{Cells: []CountCell{{Count: 25, Withheld: true}, small, {Count: 21}, {Count: 11}, {Count: 14}},
			Totals: []CountTotal{{0, []int{1, 2}}, {0, []int{3, 4}}}}, 4, 4},
		// The share of 12.5 % rounded to whole percent leaves little: 4 of 31 to 33.
		"a rounded share": {CountTable{Cells: []CountCell{small}, Facts: []CountFact{{[]int{0}, 3, 5}}}, 3, 5},
	} {
		c.table.Largest = CMSLargest
		audit, err := c.table.Audit()
		if err != nil || audit.Safe() {
			t.Fatalf("%s: %+v, %v", name, audit, err)
		}
		i := slices.IndexFunc(c.table.Cells, func(c CountCell) bool { return c.Count == 4 })
		b := audit.Bounds[slices.IndexFunc(audit.Bounds, func(b CellBounds) bool { return b.Cell == i })]
		if b.Least != c.least || b.Most != c.most || b.Safe || !b.Small {
			t.Errorf("%s: %+v, want %d to %d", name, b, c.least, c.most)
		}
	}
}

// TestNumeratorsAndDenominators: a numerator is no more than its denominator, and what is left of it counts as well if it is sensitive.
func TestNumeratorsAndDenominators(t *testing.T) {
	table := &CountTable{Cells: []CountCell{{Count: 8}, {Count: 30}, {Count: 9, Withheld: true}, {Count: 40}}, Largest: CMSLargest}
	table.AddPart(0, 1)
	table.AddPart(2, 3)
	table.Cells[0].Withheld = true
	audit, err := table.Audit()
	if err != nil || !audit.Safe() || audit.Bounds[0].Most != 30 || audit.Bounds[0].Least != 1 {
		t.Errorf("8 of 30: %+v, %v", audit, err)
	}
	late := &CountTable{Cells: []CountCell{{Count: 96}, {Count: 100}}, Largest: CMSLargest}
	rest := late.AddPart(0, 1)
	if audit, err = late.Audit(); err != nil || !audit.Safe() {
		t.Errorf("96 of 100 where 4 do not matter: %+v, %v", audit, err)
	}
	late.Cells[rest].Sensitive = true
	p, err := late.Protect()
	if err != nil || !slices.Equal(p.Added, []int{0}) || !p.Audit.Safe() {
		t.Errorf("96 of 100 where 4 do: %+v, %v", p, err)
	}
	wrong := &CountTable{Cells: []CountCell{{Count: 3}}}
	wrong.AddPart(0, 7)
	if _, err := wrong.Audit(); err == nil {
		t.Error("a part of a cell that is not there")
	}
}

// TestWhatIsOutIsOut: counts that were published already cannot be protected, and the cell says so.
func TestWhatIsOutIsOut(t *testing.T) {
	table := Grid([][]int64{{4, 50, 60}, {70, 80, 90}}, CMSLargest)
	for i := range table.Cells {
		table.Cells[i].Fixed = i != 0
	}
	p, err := table.Protect()
	if err != nil || !slices.Equal(p.Unprotected, []int{0}) || len(p.Added) > 0 {
		t.Errorf("all others fixed: %+v, %v", p, err)
	}
	table.Cells[0].Fixed = true
	if p, err = table.Protect(); err != nil || !slices.Equal(p.Unprotected, []int{0}) || p.Table.Cells[0].Withheld {
		t.Errorf("a small count that is out: %+v, %v", p, err)
	}
	zero := &CountTable{Cells: []CountCell{{Sensitive: true}, {Count: 20}}, Largest: CMSLargest}
	if p, err = zero.Protect(); err != nil || !slices.Equal(p.Unprotected, []int{0}) {
		t.Errorf("a sensitive 0 where zeros are shown: %+v, %v", p, err)
	}
}

// TestWhatIsNotDecidedIsUnsafe takes away the patience to search for whole numbers: nothing may become safe by that, and bounds stay true.
func TestWhatIsNotDecidedIsUnsafe(t *testing.T) {
	undecided := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 6))
		table := randomTable(r)
		for range 3 {
			table.Facts = append(table.Facts, randomFact(r, table))
		}
		withhold(r, table)
		patient, hasty := newCountAudit(table), newCountAudit(table)
		hasty.patience = 0
		var cells []int
		for i := range table.Cells {
			if table.Cells[i].Withheld && table.Primary(i) {
				cells = append(cells, i)
			}
		}
		patient.run(cells)
		hasty.run(cells)
		for _, i := range cells {
			if hasty.safe(i) && !patient.safe(i) {
				t.Errorf("seed %d: cell %d is safe without a search only", seed, i)
			}
			a, b := hasty.bounds(i), patient.bounds(i)
			if !a.Exact {
				undecided++
			}
			if a.Least > b.Least || !a.Open && (b.Open || a.Most < b.Most) {
				t.Errorf("seed %d: bounds %+v without a search, %+v with one", seed, a, b)
			}
		}
	}
	if undecided == 0 {
		t.Error("all was decided without a search: no such table among them")
	}
}

// TestSearchOfOpenEnds: x + 3y = 9 leaves two tables only, but counts without upper bound hang on them, which can take up any fraction: a
// search that tries these first does not end.
func TestSearchOfOpenEnds(t *testing.T) {
	table := &CountTable{Largest: 2, Cells: []CountCell{
		{Count: 3, Withheld: true}, {Count: 2, Withheld: true}, {Count: 5, Withheld: true}, // x, y, x + y
		{Count: 1, Withheld: true}, {Count: 9, Withheld: true}, {Count: 2, Withheld: true}, {Count: 11, Withheld: true}, {Count: 5},
	}}
	table.AddTotal(2, 0, 1)
	table.AddTotal(4, 0, 3, 7)
	table.AddTotal(5, 1)
	table.AddTotal(6, 4, 5)
	table.Facts = []CountFact{{Parts: []int{1, 2, 5}, Least: 9, Most: 9}}
	audit, err := table.Audit()
	if err != nil {
		t.Fatal(err)
	}
	want := map[int][2]int64{0: {3, 6}, 1: {1, 2}, 2: {5, 7}, 5: {1, 2}}
	for _, b := range audit.Bounds {
		if w, ok := want[b.Cell]; !b.Exact || ok != !b.Open || ok && (b.Least != w[0] || b.Most != w[1]) {
			t.Errorf("%+v, want %v", b, w)
		}
	}
}

// TestSimplexThatFails: a solver that cannot go on leaves bounds that are true, and no count safe.
func TestSimplexThatFails(t *testing.T) {
	table := Grid([][]int64{{4, 50, 60}, {70, 80, 90}, {20, 30, 40}}, CMSLargest)
	for _, i := range []int{0, 1, 4, 5} {
		table.Cells[i].Withheld = true
	}
	a := newCountAudit(table)
	parts := a.s.parts()
	if len(parts) != 1 {
		t.Fatalf("%d parts", len(parts))
	}
	c := newCountSolver(a, parts[0])
	c.lp.failed = true
	c.extreme(0, true)
	if b := a.bounds(0); b.Safe || b.Exact || b.Least > 4 || b.Most < 53 {
		t.Errorf("after a failure: %+v", b)
	}
	c.extreme(0, true) // it began anew
	c.extreme(0, false)
	if b := a.bounds(0); !b.Safe || !b.Exact || b.Least != 1 || b.Most != 53 {
		t.Errorf("after that: %+v", b)
	}
}

func FuzzSuppression(f *testing.F) {
	f.Add(uint64(1), uint8(3), int64(10), false)
	f.Add(uint64(2), uint8(40), int64(2), true)
	f.Fuzz(func(t *testing.T, seed uint64, damage uint8, largest int64, hideZeros bool) {
		r := rand.New(rand.NewPCG(seed, 8))
		table := randomTable(r)
		table.Largest, table.HideZeros = largest, hideZeros
		withhold(r, table)
		for range damage % 4 { // numbers that make no sense, here and there
			i := r.IntN(len(table.Cells))
			switch r.IntN(5) {
			case 0:
				table.Cells[i].Count = r.Int64() - r.Int64()
			case 1:
				table.AddTotal(i, r.IntN(40)-3, r.IntN(40)-3)
			case 2:
				table.Facts = append(table.Facts, CountFact{Parts: []int{i}, Least: -r.Int64(), Most: r.Int64()})
			case 3:
				table.AddPart(r.IntN(40)-3, i)
			case 4:
				table.Cells[i].Fixed, table.Cells[i].Unlisted = true, r.IntN(2) == 0
			}
		}
		audit, err := table.Audit()
		if err != nil {
			return
		}
		for _, b := range audit.Bounds {
			if v := table.Cells[b.Cell].Count; b.Least > v || !b.Open && b.Most < v || b.Least < 0 || b.Found() && b.Safe && b.Primary {
				t.Errorf("%+v of %d", b, v)
			}
		}
		p, err := table.Protect()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.Audit.Unsafe(), p.Unprotected) {
			t.Errorf("unsafe %v, unprotected %v", p.Audit.Unsafe(), p.Unprotected)
		}
	})
}

// cityTable is a district by month table of counts as a city has them, with everything that is published of it: totals of months and
// districts, of quarters and years, fiscal years among them, and denominators, if asked for.
func cityTable(r *rand.Rand, districts, months int, mean float64, quarters, fiscal, denominators bool) *CountTable {
	counts := make([][]int64, districts)
	for d := range counts {
		size := mean * (0.3 + 2*r.Float64()*r.Float64())
		for range months {
			counts[d] = append(counts[d], poissonDraw(r, size))
		}
	}
	t := Grid(counts, CMSLargest)
	at := func(d, m int) int { return d*(months+1) + m }
	if quarters {
		for d := range districts + 1 {
			t.addSpans(d, at, months, 3, 0)
			t.addSpans(d, at, months, 12, 0)
		}
	}
	if fiscal {
		for d := range districts + 1 {
			t.addSpans(d, at, months, 12, 6)
		}
	}
	if denominators {
		for d := range districts {
			for m := range months {
				n := t.Cells[at(d, m)].Count
				t.Cells = append(t.Cells, CountCell{Count: n + poissonDraw(r, mean)})
				t.AddPart(at(d, m), len(t.Cells)-1)
			}
		}
	}
	return t
}

// addSpans adds totals of so many months, from the first one on.
func (t *CountTable) addSpans(d int, at func(d, m int) int, months, span, first int) {
	for m := first; m+span <= months; m += span {
		var parts []int
		sum := int64(0)
		for k := range span {
			parts = append(parts, at(d, m+k))
			sum += t.Cells[at(d, m+k)].Count
		}
		t.Cells = append(t.Cells, CountCell{Count: sum})
		t.AddTotal(len(t.Cells)-1, parts...)
	}
}

func poissonDraw(r *rand.Rand, mean float64) int64 {
	n, left := int64(0), mean
	for left > 0 {
		if left -= r.ExpFloat64(); left > 0 {
			n++
		}
	}
	return n
}

var cityTables = []struct {
	name                           string
	mean                           float64
	quarters, fiscal, denominators bool
}{
	{"plenty", 60, false, false, false},
	{"some", 25, false, false, false},
	{"few", 8, false, false, false},
	{"quarters", 25, true, false, false},
	{"quarters few", 8, true, false, false},
	{"fiscal", 25, true, true, false},
	{"denominators", 25, false, false, true},
}

func BenchmarkProtect(b *testing.B) {
	for _, c := range cityTables {
		table := cityTable(rand.New(rand.NewPCG(1, 2)), 25, 60, c.mean, c.quarters, c.fiscal, c.denominators)
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				p, err := table.Protect()
				if err != nil || len(p.Unprotected) > 0 {
					b.Fatal(err, p.Unprotected)
				}
				b.ReportMetric(float64(len(p.Added)), "added")
				b.ReportMetric(float64(len(p.Audit.Bounds)), "withheld")
			}
		})
	}
}

func BenchmarkAudit(b *testing.B) {
	for _, c := range cityTables {
		table := cityTable(rand.New(rand.NewPCG(1, 2)), 25, 60, c.mean, c.quarters, c.fiscal, c.denominators)
		b.Run(c.name, func(b *testing.B) {
			p, err := table.Protect()
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for range b.N {
				if _, err := p.Table.Audit(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
