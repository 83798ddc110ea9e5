package stats

import (
	"math"
	"strings"
	"testing"
)

// asem are the nodes of the reference's index by name, its units, and how a file of its numbers is read.
type asem struct {
	names []string
	index map[string]int
	nodes []Node
	up    map[string]bool // direction of the indicators
}

func asemIndex(t *testing.T, how Averaging) asem {
	t.Helper()
	a := asem{index: map[string]int{}, up: map[string]bool{}}
	rows := records(t, "asem_meta.csv.gz")
	for i, row := range rows {
		a.names, a.index[row["iCode"]] = append(a.names, row["iCode"]), i
		a.up[row["iCode"]] = row["Direction"] == "1"
	}
	for _, row := range rows {
		n := Node{Parent: -1, Weight: number(t, row["Weight"]), Mean: how}
		if p, ok := a.index[row["Parent"]]; ok {
			n.Parent = p
		}
		a.nodes = append(a.nodes, n)
	}
	return a
}

func (a asem) values(t *testing.T, name string) map[string][]float64 {
	t.Helper()
	units := map[string][]float64{}
	for _, row := range records(t, name) {
		values := make([]float64, len(a.names))
		for i, indicator := range a.names {
			values[i] = math.NaN()
			if field := row[indicator]; field != "" && field != "NA" {
				values[i] = number(t, field)
			}
		}
		units[row["uCode"]] = values
	}
	return units
}

// column is one indicator of all units.
func column(units map[string][]float64, i int) []float64 {
	var list []float64
	for _, v := range units {
		list = append(list, v[i])
	}
	return list
}

func scoreIs(t *testing.T, what string, got float64, ok bool, want float64) {
	t.Helper()
	if ok != finite(want) || ok && math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
		t.Errorf("%s: got %v (%v), want %v", what, got, ok, want)
	}
}

func TestScalesAgainstReference(t *testing.T) {
	a := asemIndex(t, Arithmetic)
	raw := a.values(t, "asem_raw.csv.gz")
	for name, make := range map[string]func(v []float64, up bool) (Scale, bool){
		"asem_normalised_minmax_0_100.csv.gz": func(v []float64, up bool) (Scale, bool) { return MinMax(v, up, 0, 100) },
		"asem_zscore.csv.gz":                  ZScores,
	} {
		want, compared := a.values(t, name), 0
		for i, indicator := range a.names {
			s, ok := make(column(raw, i), a.up[indicator])
			for unit := range raw {
				v, has := s.Score(raw[unit][i])
				scoreIs(t, name+" "+unit+" "+indicator, v, has && ok, want[unit][i])
				compared++
			}
		}
		if compared != 51*len(a.names) {
			t.Errorf("%s: %d scores", name, compared)
		}
	}
}

func TestAggregationAgainstReference(t *testing.T) {
	for _, c := range []struct {
		how       Averaging
		low, high float64
		file      string
	}{{Arithmetic, 0, 100, "asem_agg_arithmetic.csv.gz"}, {Geometric, 1, 100, "asem_agg_geometric_1_100.csv.gz"}} {
		a := asemIndex(t, c.how)
		tree, err := NewTree(a.nodes)
		if err != nil {
			t.Fatal(err)
		}
		raw, want := a.values(t, "asem_raw.csv.gz"), a.values(t, c.file)
		scales := make([]Scale, len(a.names))
		for i, indicator := range a.names {
			scales[i], _ = MinMax(column(raw, i), a.up[indicator], c.low, c.high)
		}
		held := 0
		for unit, values := range raw {
			scored := make([]float64, len(values))
			for i, v := range values {
				scored[i] = math.NaN()
				if s, ok := scales[i].Score(v); ok {
					scored[i] = s
				}
			}
			for i, s := range tree.Scores(scored, Coverage{}) {
				if s.Leaves > 1 {
					scoreIs(t, string(c.how)+" "+unit+" "+a.names[i], s.Value, s.Known, want[unit][i])
				}
			}
			held += thresholdHolds(t, tree, a, scored, want[unit])
		}
		if held < 100 {
			t.Errorf("%s: %d scores above the threshold, too few to tell", c.how, held)
		}
	}
}

// thresholdHolds checks the threshold of COINr, a share of the children of each node, and that scores above it are those without it
// where nothing is missing further down. It returns how many such scores there are.
func thresholdHolds(t *testing.T, tree *Tree, a asem, scored, want []float64) (held int) {
	t.Helper()
	children, there := make([]int, len(a.nodes)), make([]int, len(a.nodes))
	scores := tree.Scores(scored, Coverage{ByCount: 0.9})
	for i, n := range a.nodes {
		if n.Parent >= 0 {
			children[n.Parent]++
			if scores[i].Known {
				there[n.Parent]++
			}
		}
	}
	for i, s := range scores {
		if children[i] == 0 {
			continue
		}
		if s.Children != children[i] || s.Available != there[i] || s.Known != (10*there[i] >= 9*children[i]) {
			t.Errorf("%s: %+v of %d and %d children", a.names[i], s, there[i], children[i])
		}
		if s.Known && s.Leaves == s.LeavesScored {
			scoreIs(t, a.names[i], s.Value, true, want[i])
			held++
		}
	}
	return held
}

// TestHumanDevelopmentIndex reproduces the worked example of the technical notes of the Human Development Report 2020.
func TestHumanDevelopmentIndex(t *testing.T) {
	income, ok := Scale{Bottom: math.Log(100), Top: math.Log(75000), High: 1, Capped: true}.Score(math.Log(3829))
	if !ok || math.Abs(income-0.5506) > 5e-5 {
		t.Errorf("income index %v", income)
	}
	index, ok := Average(Geometric, []float64{0.6971, 0.3447, income}, []float64{1, 1, 1})
	if !ok || math.Abs(index-0.510) > 5e-4 {
		t.Errorf("index %v", index)
	}
}

func TestGoalposts(t *testing.T) {
	for _, c := range []struct{ value, baseline, target, want float64 }{
		{50, 40, 80, 25}, {40, 40, 80, 0}, {90, 40, 80, 100}, {30, 40, 80, 0}, // more is better
		{9, 12, 6, 50}, {6, 12, 6, 100}, {20, 12, 6, 0}, // less is better
		{5, 5, 5, math.NaN()}, {math.NaN(), 0, 1, math.NaN()}, {1, math.Inf(1), 0, math.NaN()}, {1, -math.MaxFloat64, math.MaxFloat64, math.NaN()},
	} {
		got, ok := Goalposts(c.baseline, c.target).Score(c.value)
		scoreIs(t, "goalposts", got, ok, c.want)
	}
}

func TestAverages(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		how             Averaging
		values, weights []float64
		want            float64
	}{
		{Arithmetic, []float64{1, 4}, []float64{1, 1}, 2.5},
		{Geometric, []float64{1, 4}, []float64{1, 1}, 2},
		{Harmonic, []float64{1, 4}, []float64{1, 1}, 1.6},
		{Geometric, []float64{2, 16}, []float64{2, 1}, 4},
		{Harmonic, []float64{2, 6}, []float64{1, 3}, 4},
		{Arithmetic, []float64{1, nan, 4}, []float64{1, 7, 2}, 3},
		{Arithmetic, []float64{1, 4}, []float64{0, 0}, nan},
		{Arithmetic, []float64{1, 4}, []float64{1, -1}, nan},
		{Arithmetic, []float64{-1, -3}, []float64{1, 1}, -2},
		{Arithmetic, []float64{1}, nil, nan},
		{Geometric, []float64{0, 100}, []float64{1, 1}, 0},
		{Harmonic, []float64{0, 100}, []float64{1, 1}, 0},
		{Geometric, []float64{0, 100}, []float64{0, 1}, 100},
		{Geometric, []float64{-1, 100}, []float64{1, 1}, nan},
		{Harmonic, []float64{-1, 100}, []float64{1, 1}, nan},
		{Arithmetic, []float64{3, 5}, []float64{1e300, 1e300}, 4},
		{"median", []float64{1}, []float64{1}, nan},
	} {
		got, ok := Average(c.how, c.values, c.weights)
		scoreIs(t, string(c.how), got, ok, c.want)
	}
}

// TestCoverage: half a city's scores do not make a city's score, and what is there is always told.
func TestCoverage(t *testing.T) {
	// 0 is the city; 1 and 2 are priorities; 3, 4, 5 are indicators of 1; 6 and 7 of 2.
	tree, err := NewTree([]Node{{-1, 1, Geometric}, {0, 1, ""}, {0, 1, ""}, {1, 2, ""}, {1, 1, ""}, {1, 1, ""}, {2, 3, ""}, {2, 1, ""}})
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	s := tree.Scores([]float64{nan, nan, nan, 60, nan, 90, 30, nan}, DefaultCoverage())
	if p := s[1]; !p.Known || !same(p.Value, 70) || p.Available != 2 || p.Children != 3 || p.Weight != 0.75 || !same(p.Count, 2./3) {
		t.Errorf("first priority: %+v", p)
	}
	if c := s[0]; !c.Known || !same(c.Value, math.Sqrt(70*30)) || c.Leaves != 5 || c.LeavesScored != 3 || c.LeafWeight != 0.75 || c.Count != 1 {
		t.Errorf("city: %+v", c)
	}
	s = tree.Scores([]float64{nan, nan, nan, 60, nan, nan, 30, 10}, DefaultCoverage())
	if s[1].Known || s[1].Value != 0 || s[1].Weight != 0.5 || s[0].Known || s[0].Count != 0.5 || s[0].LeafWeight != 0.75 || !s[2].Known {
		t.Errorf("half of the weight: %+v", s)
	}
	if s = tree.Scores([]float64{nan, nan, nan, 60, nan, nan, 30, 10}, Coverage{}); !s[0].Known {
		t.Errorf("no coverage asked for: %+v", s[0])
	}
	if s = tree.Scores([]float64{nan, nan, nan, nan, nan, nan, nan, nan}, Coverage{}); s[0].Known || s[0].LeavesScored != 0 {
		t.Errorf("nothing there: %+v", s[0])
	}
	if tree.Scores([]float64{1}, Coverage{}) != nil {
		t.Error("values that are not parallel to the nodes have scores")
	}
}

func TestTreeMustBeATree(t *testing.T) {
	for want, nodes := range map[string][]Node{
		"no parent":          {{Parent: 7}},
		"no parent 0":        {{Parent: 0}},
		"themselves":         {{Parent: 1}, {Parent: 0}},
		"weight":             {{Parent: -1, Weight: -1}},
		"weight NaN":         {{Parent: -1, Weight: math.NaN()}},
		"unknown mean \"x\"": {{Parent: -1, Mean: "x"}},
	} {
		if _, err := NewTree(nodes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", nodes, err, want)
		}
	}
}

func FuzzComposite(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 1.0, 1.0, 0.5)
	f.Add(1e300, -1e300, 1e-300, 1e300, 1e-300, 0.0)
	f.Add(math.NaN(), math.Inf(1), 0.0, 1.0, 0.0, 1.0)
	f.Fuzz(func(t *testing.T, a, b, c, v, w, need float64) {
		values := []float64{a, b, c}
		for _, up := range []bool{true, false} {
			m, _ := MinMax(values, up, v, w)
			z, _ := ZScores(values, up)
			for _, s := range []Scale{m, z, Goalposts(a, b)} {
				if score, _ := s.Score(c); !finite(score) {
					t.Errorf("%+v gives %v the score %v", s, c, score)
				}
			}
		}
		for _, how := range []Averaging{Arithmetic, Geometric, Harmonic} {
			if score, _ := Average(how, values, []float64{v, w, need}); !finite(score) {
				t.Errorf("%s mean of %v is %v", how, values, score)
			}
			tree, err := NewTree([]Node{{-1, 1, how}, {0, v, ""}, {0, w, ""}, {0, need, ""}})
			if err != nil {
				continue
			}
			for _, s := range tree.Scores([]float64{0, a, b, c}, Coverage{need, need}) {
				if !finite(s.Value) || !finite(s.Weight) || !finite(s.LeafWeight) || !s.Known && s.Value != 0 {
					t.Errorf("%+v", s)
				}
			}
		}
	})
}

func BenchmarkTree(b *testing.B) {
	nodes := []Node{{-1, 1, Geometric}}
	for p := range 8 {
		nodes = append(nodes, Node{0, 1, Arithmetic})
		at := len(nodes) - 1
		for i := range 25 {
			nodes = append(nodes, Node{at, float64(i%3 + 1), ""})
		}
		_ = p
	}
	tree, err := NewTree(nodes)
	if err != nil {
		b.Fatal(err)
	}
	values := make([]float64, len(nodes))
	for i := range values {
		values[i] = float64(i % 101)
	}
	for range b.N {
		tree.Scores(values, DefaultCoverage())
	}
}
