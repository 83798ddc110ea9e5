package stats

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// suppressionFile is the reference: tables with exact bounds.
type suppressionFile struct {
	Cases []struct {
		Name      string
		Table     [][]int64
		Vector    []int64
		Mask      json.RawMessage `json:"suppressed_mask"`
		Published bool            `json:"total_published"`
		Bounds    []struct {
			Row, Col, I int
			True, Min   int64
			Max         *int64
		}
		Exact    bool `json:"exact_disclosure"`
		Interval bool `json:"interval_inside_1_to_10"`
	}
	Percent []struct {
		Numerator, Denominator int64
		Decimals               int
		Published              float64 `json:"published_pct"`
		Candidates             []int64 `json:"candidate_numerators"`
		Small                  bool    `json:"discloses_small"`
	} `json:"percent_leak"`
}

func suppressionCases(t *testing.T) suppressionFile {
	t.Helper()
	raw, err := os.ReadFile("testdata/suppression_audit.json")
	if err != nil {
		t.Fatal(err)
	}
	var file suppressionFile
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// vectorTable is a line of counts, with its total if that is published.
func vectorTable(counts []int64, total bool) *CountTable {
	t := &CountTable{Largest: CMSLargest}
	parts := []int{}
	sum := int64(0)
	for i, v := range counts {
		t.Cells, parts = append(t.Cells, CountCell{Count: v}), append(parts, i)
		sum += v
	}
	if total {
		t.Facts = []CountFact{{Parts: parts, Least: sum, Most: sum}}
	}
	return t
}

func TestAuditAgainstReference(t *testing.T) {
	for _, c := range suppressionCases(t).Cases {
		var table *CountTable
		columns := 0
		if c.Table != nil {
			table, columns = Grid(c.Table, CMSLargest), len(c.Table[0])
			var mask [][]int
			if err := json.Unmarshal(c.Mask, &mask); err != nil {
				t.Fatal(err)
			}
			for r, row := range mask {
				for k, hidden := range row {
					table.Cells[r*(columns+1)+k].Withheld = hidden == 1
				}
			}
		} else {
			table = vectorTable(c.Vector, c.Published)
			var mask []int
			if err := json.Unmarshal(c.Mask, &mask); err != nil {
				t.Fatal(err)
			}
			for i, hidden := range mask {
				table.Cells[i].Withheld = hidden == 1
			}
		}
		audit, err := table.Audit()
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if len(audit.Bounds) != len(c.Bounds) {
			t.Errorf("%s: %d bounds, want %d", c.Name, len(audit.Bounds), len(c.Bounds))
			continue
		}
		var found, small bool
		for i, want := range c.Bounds {
			got := audit.Bounds[i]
			cell := want.I
			if c.Table != nil {
				cell = want.Row*(columns+1) + want.Col
			}
			if got.Cell != cell || table.Cells[cell].Count != want.True || got.Least != want.Min || got.Open != (want.Max == nil) || !got.Exact ||
				want.Max != nil && got.Most != *want.Max {
				t.Errorf("%s: %+v, want %+v", c.Name, got, want)
			}
			found, small = found || got.Found(), small || got.Primary && got.Small
		}
		if found != c.Exact || small != c.Interval || audit.Safe() == (c.Exact || c.Interval) {
			t.Errorf("%s: found %v, small %v, safe %v; want %v and %v", c.Name, found, small, audit.Safe(), c.Exact, c.Interval)
		}
	}
}

func TestNumeratorsAgainstReference(t *testing.T) {
	for _, c := range suppressionCases(t).Percent {
		for _, ties := range []Ties{TiesAny, TiesEven} { // the reference rounds as R does
			least, most, ok := Numerators(c.Published, c.Decimals, 100, c.Denominator, ties)
			var list []int64
			for x := least; ok && x <= most; x++ {
				list = append(list, x)
			}
			if !slices.Equal(list, c.Candidates) || TellsSmall(least, most, CMSLargest) != c.Small {
				t.Errorf("%v %% of %d: %v, want %v", c.Published, c.Denominator, list, c.Candidates)
			}
		}
	}
}

// solutions are the bounds of each cell over all tables that agree with what is known, found by trying them all, up to a count of most.
type solutions struct {
	least, most []int64
}

func enumerate(t *CountTable, most int64) (result solutions, ok bool) {
	s := newCountSystem(t, func(i int) bool { return !t.Cells[i].shown() })
	n := len(s.truth)
	value, known := make([]int64, n), make([]bool, n)
	result = solutions{make([]int64, n), make([]int64, n)}
	for v := range n {
		result.least[v], result.most[v] = most+1, -1
		if s.lo[v] == s.hi[v] {
			value[v], known[v] = s.lo[v], true
		}
	}
	patience := 20000
	var try func()
	set := func(v int, to int64) {
		if to >= s.lo[v] && to <= min(s.hi[v], most) {
			value[v], known[v] = to, true
			try()
			known[v] = false
		}
	}
	try = func() {
		if patience--; patience < 0 {
			return
		}
		free := -1
		for _, r := range s.rows {
			open, at, rest := 0, 0, r.sum
			for k, v := range r.vars {
				switch {
				case !known[v]:
					open, at = open+1, k
				case r.plus[k]:
					rest -= value[v]
				default:
					rest += value[v]
				}
			}
			if open == 0 && rest != 0 {
				return
			}
			if open == 1 {
				if !r.plus[at] {
					rest = -rest
				}
				set(int(r.vars[at]), rest)
				return
			}
			if open > 1 && free < 0 {
				free = int(r.vars[at])
			}
		}
		if free < 0 {
			free = slices.Index(known, false)
		}
		if free < 0 {
			for v := range n {
				result.least[v], result.most[v] = min(result.least[v], value[v]), max(result.most[v], value[v])
			}
			return
		}
		for to := s.lo[free]; to <= min(s.hi[free], most); to++ {
			set(free, to)
		}
	}
	try()
	return result, patience >= 0
}

// randomTable is a small table with totals, ranges, drill-downs and sums that overlap.
func randomTable(r *rand.Rand) *CountTable {
	rows, columns := 1+r.IntN(3), 2+r.IntN(2)
	counts := make([][]int64, rows)
	for i := range counts {
		for range columns {
			counts[i] = append(counts[i], r.Int64N(6))
		}
	}
	t := Grid(counts, 1+r.Int64N(3))
	t.HideZeros = r.IntN(3) == 0
	if r.IntN(2) == 0 { // totals of the whole are not told
		t.Totals = t.Totals[:r.IntN(len(t.Totals)+1)]
	}
	for range r.IntN(3) {
		t.Facts = append(t.Facts, randomFact(r, t))
	}
	if r.IntN(2) == 0 {
		i := r.IntN(len(t.Cells))
		t.AddPart(i, slices.IndexFunc(t.Cells, func(c CountCell) bool { return c.Count >= t.Cells[i].Count }))
		if last := &t.Totals[len(t.Totals)-1]; last.Cell == last.Parts[0] {
			t.Totals, t.Cells = t.Totals[:len(t.Totals)-1], t.Cells[:len(t.Cells)-1]
		}
	}
	for i := range t.Cells {
		c := &t.Cells[i]
		if c.Sensitive = r.IntN(12) == 0; !c.Unlisted && r.IntN(12) == 0 {
			c.Fixed = true
		}
	}
	return t
}

// randomFact is a sum of some cells, known exactly or to within a few.
func randomFact(r *rand.Rand, t *CountTable) CountFact {
	f := CountFact{}
	for i, c := range t.Cells {
		if r.IntN(3) == 0 {
			f.Parts = append(f.Parts, i)
			f.Least += c.Count
		}
	}
	f.Most = f.Least
	if r.IntN(2) == 0 {
		f.Least, f.Most = f.Least-r.Int64N(3), f.Most+r.Int64N(3)
	}
	return f
}

// withhold marks some cells, primary ones nearly always.
func withhold(r *rand.Rand, t *CountTable) {
	for i := range t.Cells {
		c := &t.Cells[i]
		if c.Unlisted || c.Fixed || c.Count == 0 && !t.HideZeros {
			continue
		}
		c.Withheld = t.Primary(i) && r.IntN(20) > 0 || r.IntN(3) == 0
	}
}

func TestAuditAgainstEnumeration(t *testing.T) {
	const most = 48
	inexact, tried := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		table := randomTable(r)
		withhold(r, table)
		audit, err := table.Audit()
		if err != nil {
			t.Fatal(err)
		}
		want, ok := enumerate(table, most)
		if !ok {
			continue // too many to try
		}
		tried++
		for _, b := range audit.Bounds {
			checkBounds(t, seed, table, b, want, most)
			if !b.Exact {
				inexact++
			}
		}
	}
	if inexact > 0 || tried < 2000 {
		t.Errorf("%d bounds of such small tables are not exact, %d tables tried", inexact, tried)
	}
}

func checkBounds(t *testing.T, seed uint64, table *CountTable, b CellBounds, want solutions, most int64) {
	t.Helper()
	least, largest := want.least[b.Cell], want.most[b.Cell]
	right := b.Most == largest
	if b.Open || b.Most > most/2 { // what was tried ends at a count of most of any cell, so of those it adds up as well
		right = largest >= most/4 && (b.Open || largest <= b.Most)
	}
	if b.Least != least || !right {
		t.Fatalf("seed %d, cell %d: %+v, want %d to %d\n%+v", seed, b.Cell, b, least, largest, table)
	}
	v := table.Cells[b.Cell].Count
	safe := largest > table.Largest
	if v > table.Largest {
		safe = least < largest
	}
	if b.Primary && b.Safe != safe || !b.Primary && !b.Safe {
		t.Fatalf("seed %d, cell %d: %+v, safe is %v (%d to %d)", seed, b.Cell, b, safe, least, largest)
	}
}

func TestTablesThatContradictThemselves(t *testing.T) {
	cells := []CountCell{{Count: 3}, {Count: 4}, {Count: 7}}
	for want, table := range map[string]CountTable{
		"add up to 11, the total is 3": {Cells: cells, Totals: []CountTotal{{0, []int{1, 2}}}},
		"no cell 9":                    {Cells: cells, Totals: []CountTotal{{9, []int{0, 1}}}},
		"no cell -1":                   {Cells: cells, Facts: []CountFact{{[]int{-1}, 0, 9}}},
		"comes twice":                  {Cells: cells, Totals: []CountTotal{{2, []int{0, 1, 2}}}},
		"cell 1 comes twice":           {Cells: cells, Facts: []CountFact{{[]int{1, 1}, 8, 8}}},
		"not to 8 to 9":                {Cells: cells, Facts: []CountFact{{[]int{0, 1}, 8, 9}}},
		"count -1":                     {Cells: []CountCell{{Count: -1}}},
		"too large":                    {Cells: []CountCell{{Count: 1 << 42}, {Count: 1}}},
		"count 9223372036854775807":    {Cells: []CountCell{{Count: 1<<63 - 1}}},
		"a 0 is withheld":              {Cells: []CountCell{{Withheld: true}}},
		"unlisted or fixed":            {Cells: []CountCell{{Count: 1, Withheld: true, Fixed: true}}},
	} {
		if _, err := table.Audit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if a, err := (&CountTable{}).Audit(); err != nil || !a.Safe() {
		t.Errorf("an empty table: %+v, %v", a, err)
	}
}

func TestProtectReference(t *testing.T) {
	want := map[string][]int{ // what is withheld for the sake of others: the smallest counts that do
		"one_primary_only": {1, 5, 6}, "two_primary_same_row": {2, 8, 9, 10}, "zero_not_primary": {1, 9, 10}, "all_row_primary": {4, 5, 6},
		"2x2_all": {1, 4}, "1d_single": {3}, "1d_no_total": nil, "1d_two_small": {1},
	}
	for _, c := range suppressionCases(t).Cases {
		table := vectorTable(c.Vector, c.Published)
		if c.Table != nil {
			table = Grid(c.Table, CMSLargest)
		}
		before := slices.Clone(table.Cells)
		p, err := table.Protect()
		if err != nil || !p.Audit.Safe() || len(p.Unprotected) > 0 || !slices.Equal(table.Cells, before) {
			t.Errorf("%s: %+v, %v", c.Name, p, err)
		}
		if added, ok := want[c.Name]; ok && !slices.Equal(p.Added, added) {
			t.Errorf("%s: withheld %v, want %v", c.Name, p.Added, added)
		}
	}
}

// TestProtectAgainstEnumeration tries all tables that readers cannot tell from the true one.
func TestProtectAgainstEnumeration(t *testing.T) {
	const most = 48
	tried, added := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		table := randomTable(r)
		p, err := table.Protect()
		if err != nil {
			t.Fatal(err)
		}
		want, ok := enumerate(&p.Table, most)
		if !ok {
			continue // too many to try
		}
		tried++
		added += len(p.Added)
		for i, c := range p.Table.Cells {
			if c.Withheld && !slices.Contains(p.Unprotected, i) && want.least[i] == want.most[i] {
				t.Fatalf("seed %d: cell %d is withheld, and can be found out to be %d\n%+v", seed, i, want.least[i], p.Table)
			}
			if p.Table.Primary(i) && !slices.Contains(p.Unprotected, i) && (c.shown() || want.most[i] <= p.Table.Largest) {
				t.Fatalf("seed %d: cell %d can be found out to be %d to %d\n%+v", seed, i, want.least[i], want.most[i], p.Table)
			}
		}
		checkNeeded(t, seed, p)
	}
	if tried < 1000 || added < 500 {
		t.Errorf("%d tables tried, %d cells withheld", tried, added)
	}
}

// checkNeeded shows each cell that was withheld for the sake of others, and expects that something can be found out then; and it withholds
// all cells where one is said not to be protected.
func checkNeeded(t *testing.T, seed uint64, p Protection) {
	t.Helper()
	for _, cell := range p.Added {
		p.Table.Cells[cell].Withheld = false
		audit, err := p.Table.Audit()
		if err != nil || len(audit.Unsafe()) <= len(p.Unprotected) {
			t.Fatalf("seed %d: cell %d is withheld without need (%v)\n%+v", seed, cell, err, p.Table)
		}
		p.Table.Cells[cell].Withheld = true
	}
	if len(p.Unprotected) == 0 {
		return
	}
	all := p.Table
	all.Cells = slices.Clone(all.Cells)
	for i := range all.Cells {
		all.Cells[i].Withheld = all.Cells[i].Withheld || all.free(i)
	}
	audit, err := all.Audit()
	if err != nil || !slices.Equal(audit.Unsafe(), p.Unprotected) {
		t.Fatalf("seed %d: %v are unprotected, but %v with everything withheld (%v)\n%+v", seed, p.Unprotected, audit.Unsafe(), err, p.Table)
	}
}
