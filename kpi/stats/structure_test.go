package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// deathRates are the cells of Das Gupta's example 5.3: two races of eleven ages each, United States, 1970 and 1985.
func deathRates(t *testing.T) (cells []MixGroup, shape []int) {
	t.Helper()
	var all map[string]json.RawMessage
	readExpected(t, "dasgupta_kitagawa.json", &all)
	var c struct{ Pop1, Pop2 population }
	if err := json.Unmarshal(all["5.3a"], &c); err != nil {
		t.Fatal(err)
	}
	n0, r0, n1, r1 := c.Pop1.list(t, "size"), c.Pop1.list(t, "rate"), c.Pop2.list(t, "size"), c.Pop2.list(t, "rate")
	for i := range n0 {
		cells = append(cells, MixGroup{Weight0: n0[i], Weight1: n1[i], Rate0: r0[i], Rate1: r1[i]})
	}
	return cells, []int{2, 11}
}

// The published effect of race is 0.01977; with rate, age and race as three factors of one product it would be 0.01997.
func TestStructureAgainstPublished(t *testing.T) {
	cells, shape := deathRates(t)
	s := Structure(cells, shape)
	if !s.Known || len(s.Dimensions) != 2 {
		t.Fatalf("%+v", s)
	}
	if math.Abs(s.Dimensions[0]-0.01977) > 5e-6 {
		t.Errorf("effect of race %.7f, published 0.01977", s.Dimensions[0])
	}
	matches(t, "rate effect", s.RateEffect, -2.2277253693041725, 0)
	matches(t, "structure", total(s.Dimensions), 1.5415096112753837, 0)

	var n0, n1, r0, r1 []float64
	for _, c := range cells {
		n0, n1, r0, r1 = append(n0, c.Weight0), append(n1, c.Weight1), append(r0, c.Rate0), append(r1, c.Rate1)
	}
	a0, _ := StructureFactors(n0, shape)
	a1, _ := StructureFactors(n1, shape)
	flat := DasGupta(SumOfProducts, append(a0, r0), append(a1, r1))
	if math.Abs(flat.Effects[0]-0.01997) > 5e-6 {
		t.Errorf("effect of race among three factors %.7f, want 0.01997", flat.Effects[0])
	}
}

// For two and for three dimensions the factors are those of the formulas in the book.
func TestStructureFactorsAreThoseOfTheBook(t *testing.T) {
	const a, b, c = 3, 4, 2
	r := rand.New(rand.NewPCG(7, 8))
	n := make([]float64, a*b*c)
	for i := range n {
		n[i] = math.Floor(r.Float64() * 100)
	}
	n[5] = 0
	at := func(i, j, k int) float64 { // −1: over all
		sum := 0.0
		for x := range n {
			p, q, s := x/(b*c), x/c%b, x%c
			if (i < 0 || i == p) && (j < 0 || j == q) && (k < 0 || k == s) {
				sum += n[x]
			}
		}
		return sum
	}
	f, ok := StructureFactors(n, []int{a, b, c})
	if !ok {
		t.Fatal("no factors")
	}
	for x := range n {
		i, j, k := x/(b*c), x/c%b, x%c
		want := math.Pow(at(i, j, k)/at(-1, j, k), 1./3) * math.Pow(at(i, j, -1)/at(-1, j, -1)*at(i, -1, k)/at(-1, -1, k), 1./6) * math.Pow(at(i, -1, -1)/at(-1, -1, -1), 1./3)
		matches(t, "first of three", f[0][x], want, 0)
		matches(t, "product of three", f[0][x]*f[1][x]*f[2][x], n[x]/at(-1, -1, -1), 0)
	}
	f, _ = StructureFactors(n, []int{a, b * c})
	for x := range n {
		i, rest := x/(b*c), 0.0
		for y := x % (b * c); y < len(n); y += b * c {
			rest += n[y]
		}
		matches(t, "first of two", f[0][x], math.Sqrt(n[x]/rest*at(i, -1, -1)/at(-1, -1, -1)), 0)
		matches(t, "second of two", f[1][x], math.Sqrt(n[x]/at(i, -1, -1)*rest/at(-1, -1, -1)), 0)
	}
}

func TestStructureAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, shape := range [][]int{{6}, {2, 3}, {2, 3, 4}, {2, 1, 3, 2}} {
		for range 50 {
			cells := randomGroups(r, tableSize(shape))
			s, k := Structure(cells, shape), Kitagawa(cells)
			if !s.Known {
				t.Fatalf("%v: not known", shape)
			}
			matches(t, "all", s.RateEffect+total(s.Dimensions), s.Rate1-s.Rate0, 1)
			matches(t, "structure", total(s.Dimensions), k.MixEffect, 1)
			for d, size := range shape {
				if size == 1 && math.Abs(s.Dimensions[d]) > 1e-12 {
					t.Errorf("%v: a dimension of one class has an effect: %v", shape, s.Dimensions)
				}
			}
		}
	}
	// Where only one dimension's margin changes and the cells stay independent, the other has no effect.
	s := Structure([]MixGroup{{12, 30, 1, 1}, {18, 45, 2, 2}, {28, 10, 3, 3}, {42, 15, 9, 9}}, []int{2, 2})
	matches(t, "dimension that stayed", s.Dimensions[1], 0, 1)
	matches(t, "dimension that changed", s.Dimensions[0], s.Rate1-s.Rate0, 0)
}

func TestStructureEdges(t *testing.T) {
	cells := []MixGroup{{1, 1, 1, 1}, {1, 2, 1, 2}}
	for _, shape := range [][]int{nil, {3}, {0, 2}, {-1, -2}, {2, 2}, {1 << 40, 1 << 40}, {2, 1, 1, 1, 1, 1, 1, 1, 1}} {
		if s := Structure(cells, shape); s.Known || s.Dimensions != nil {
			t.Errorf("%v: %+v", shape, s)
		}
	}
	if s := Structure([]MixGroup{{0, 1, 1, 1}}, []int{1}); s.Known {
		t.Errorf("%+v", s)
	}
	for _, counts := range [][]float64{{0, 0}, {-1, 2}, {math.NaN(), 1}, {math.Inf(1), 1}, {1}} {
		if f, ok := StructureFactors(counts, []int{2}); ok || f != nil {
			t.Errorf("%v: %v", counts, f)
		}
	}
	huge, ok := StructureFactors([]float64{1e308, 1e308, 1e-300, 1e308}, []int{2, 2})
	if !ok || !finite(huge[0][2]) || huge[0][0] <= 0 {
		t.Errorf("%v", huge)
	}
}

// FuzzStructure: no input panics, and no result is NaN or infinite.
func FuzzStructure(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, 0.5, 0.25)
	f.Add(0.0, 1e300, 1e-300, math.NaN(), -1e300, math.Inf(1))
	f.Fuzz(func(t *testing.T, a, b, c, d, p, q float64) {
		cells := []MixGroup{{a, b, p, q}, {b, c, q, p}, {c, d, 1, p}, {d, a, q, 0}, {1, b, 1, 1}, {a, 1, p, p}}
		s := Structure(cells, []int{3, 2})
		for _, v := range append([]float64{s.Rate0, s.Rate1, s.RateEffect}, s.Dimensions...) {
			if !finite(v) {
				t.Fatalf("%+v", s)
			}
		}
	})
}

func BenchmarkStructure(b *testing.B) {
	cells := randomGroups(rand.New(rand.NewPCG(1, 2)), 100)
	b.ReportAllocs()
	for b.Loop() {
		Structure(cells, []int{25, 4})
	}
}
