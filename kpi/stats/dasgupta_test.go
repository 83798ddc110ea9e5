package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// population is one side of a case of the reference: a factor is a number or a list.
type population struct {
	Factors map[string]json.RawMessage
}

// list returns a factor as a list.
func (p population) list(t *testing.T, name string) []float64 {
	t.Helper()
	var one float64
	if json.Unmarshal(p.Factors[name], &one) == nil {
		return []float64{one}
	}
	var many []float64
	if err := json.Unmarshal(p.Factors[name], &many); err != nil {
		t.Fatal(err)
	}
	return many
}

// formulas are the functions of the reference by the way in which it writes them; factors come in alphabetical order.
var formulas = map[string]func([][]float64) float64{
	"a*b":       SumOfProducts,
	"a*b*c":     SumOfProducts,
	"a*b*c*d*e": SumOfProducts,
	"a-b":       func(f [][]float64) float64 { return f[0][0] - f[1][0] },
	"sum(A*B*C)/(sum(A*B*C)+sum(A*(1-B)*D))": func(f [][]float64) float64 {
		var unmarried, married float64
		for i, a := range f[0] {
			unmarried += a * f[1][i] * f[2][i]
			married += a * (1 - f[1][i]) * f[3][i]
		}
		return unmarried / (unmarried + married)
	},
	"sum(size/sum(size)*rate)": func(f [][]float64) float64 {
		var sum, all float64
		for i, r := range f[0] {
			sum, all = sum+r*f[1][i], all+f[1][i]
		}
		return sum / all
	},
}

func TestDasGuptaAgainstReference(t *testing.T) {
	var all map[string]json.RawMessage
	readExpected(t, "dasgupta_kitagawa.json", &all)
	done := 0
	for id, raw := range all {
		var c struct {
			Formula        string
			Pop1, Pop2     population
			Crude1, Crude2 float64
			Difference     float64
			Effects        map[string]float64
			Published      map[string]float64 `json:"published_effects"`
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		if c.Formula == "" {
			continue // the cases by group: TestKitagawa*, TestLMDIAgainstReference
		}
		var names []string
		for name := range c.Pop1.Factors {
			names = append(names, name)
		}
		slices.Sort(names)
		var before, after [][]float64
		for _, name := range names {
			before, after = append(before, c.Pop1.list(t, name)), append(after, c.Pop2.list(t, name))
		}
		f := DasGupta(formulas[c.Formula], before, after)
		if !f.Known {
			t.Fatalf("%s: not known", id)
		}
		matches(t, id+" before", f.Value0, c.Crude1, 0)
		matches(t, id+" after", f.Value1, c.Crude2, 0)
		matches(t, id+" difference", total(f.Effects), c.Difference, 0)
		for i, name := range names {
			matches(t, id+" "+name, f.Effects[i], c.Effects[name], 0)
			if math.Abs(f.Effects[i]-c.Published[name]) > 1e-6*math.Abs(c.Published[name]) { // printed with 7 digits or so
				t.Errorf("%s %s: %g, published %g", id, name, f.Effects[i], c.Published[name])
			}
		}
		done++
	}
	if done != 6 {
		t.Errorf("%d cases checked, want 6", done)
	}
}

func TestLMDIAgainstReference(t *testing.T) {
	var all map[string]json.RawMessage
	readExpected(t, "dasgupta_kitagawa.json", &all)
	var c struct {
		X0, X1     map[string]float64
		V0, V1     float64
		Effects    map[string]float64
		Shapley    map[string]float64 `json:"shapley_effects"`
		Difference float64
	}
	if err := json.Unmarshal(all["own_lmdi_cost"], &c); err != nil {
		t.Fatal(err)
	}
	names := []string{"population", "requests_per_capita", "cost_per_request"}
	var before, after [][]float64
	for _, name := range names {
		before, after = append(before, []float64{c.X0[name]}), append(after, []float64{c.X1[name]})
	}
	m, f := LMDI(before, after), DasGupta(SumOfProducts, before, after)
	if !m.Known || !f.Known || m.Zeros != 0 {
		t.Fatalf("%+v %+v", m, f)
	}
	matches(t, "before", m.Value0, c.V0, 0)
	matches(t, "after", m.Value1, c.V1, 0)
	matches(t, "difference", total(m.Effects), c.Difference, 0)
	for i, name := range names {
		matches(t, name, m.Effects[i], c.Effects[name], 0)
		matches(t, name, f.Effects[i], c.Shapley[name], 0)
	}
}

// every calls f with every order of 0 … n−1.
func every(n int, f func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var walk func(int)
	walk = func(i int) {
		if i == n {
			f(order)
			return
		}
		for j := i; j < n; j++ {
			order[i], order[j] = order[j], order[i]
			walk(i + 1)
			order[i], order[j] = order[j], order[i]
		}
	}
	walk(0)
}

// The effects are what the words say: the average over all orders of changing the factors one after the other.
func TestDasGuptaIsTheAverageOverOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for k := 1; k <= 6; k++ {
		before, after := make([][]float64, k), make([][]float64, k)
		for j := range before {
			before[j], after[j] = make([]float64, 3), make([]float64, 3)
			for g := range before[j] {
				before[j][g], after[j][g] = r.NormFloat64(), r.NormFloat64()
			}
		}
		odd := func(f [][]float64) float64 { // no product
			sum := 0.0
			for j, x := range f {
				sum += x[0]*f[(j+1)%k][1] + math.Exp(x[2])
			}
			return sum
		}
		for _, value := range []func([][]float64) float64{SumOfProducts, odd} {
			want, orders := make([]float64, k), 0.0
			every(k, func(order []int) {
				current := slices.Clone(before)
				last := value(current)
				for _, j := range order {
					current[j] = after[j]
					v := value(current)
					want[j] += v - last
					last = v
				}
				orders++
			})
			got := DasGupta(value, before, after)
			for j := range want {
				matches(t, "effect", got.Effects[j], want[j]/orders, 1)
			}
			matches(t, "sum", total(got.Effects), got.Value1-got.Value0, 1)
		}
	}
}

func TestDasGuptaEdges(t *testing.T) {
	one := [][]float64{{1}}
	for name, f := range map[string]FactorEffects{
		"none":    DasGupta(SumOfProducts, nil, nil),
		"many":    DasGupta(SumOfProducts, make([][]float64, MaxFactors+1), make([][]float64, MaxFactors+1)),
		"factors": DasGupta(SumOfProducts, one, nil),
		"lengths": DasGupta(SumOfProducts, one, [][]float64{{1, 2}}),
		"unfit":   DasGupta(SumOfProducts, [][]float64{{1, 2}, {1, 2, 3}}, [][]float64{{1, 2}, {1, 2, 3}}),
		"gap":     DasGupta(SumOfProducts, one, [][]float64{{math.NaN()}}),
		"large":   DasGupta(SumOfProducts, [][]float64{{-math.MaxFloat64}}, [][]float64{{math.MaxFloat64}}),
	} {
		if f.Known || f.Effects != nil || f.Value0 != 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	f := DasGupta(SumOfProducts, [][]float64{{2}, {1, 2}}, [][]float64{{3}, {1, 4}}) // one factor for both groups
	if !f.Known || f.Value0 != 6 || f.Value1 != 15 || f.Effects[0] != 4 || f.Effects[1] != 5 {
		t.Errorf("%+v", f)
	}
}

// Where a factor is zero in one period the effects are those of a number that is nearly so, to the limit.
func TestLMDIAtZero(t *testing.T) {
	m := LMDI([][]float64{{0}, {5}, {2}}, [][]float64{{3}, {4}, {2}})
	if !m.Known || m.Zeros != 1 || !slices.Equal(m.Effects, []float64{24, 0, 0}) {
		t.Errorf("a factor appears: %+v", m)
	}
	near := LMDI([][]float64{{1e-300}, {5}, {2}}, [][]float64{{3}, {4}, {2}})
	if near.Zeros != 0 || math.Abs(near.Effects[0]-24) > 0.1 || math.Abs(near.Effects[1]) > 0.1 {
		t.Errorf("a factor nearly appears: %+v", near)
	}
	m = LMDI([][]float64{{3, 1}, {4, 2}}, [][]float64{{0, 1}, {0, 2}})
	if !m.Known || m.Zeros != 1 || !slices.Equal(m.Effects, []float64{-6, -6}) {
		t.Errorf("two factors vanish: %+v", m)
	}
	m = LMDI([][]float64{{0}, {5}}, [][]float64{{3}, {0}})
	if !m.Known || m.Zeros != 1 || !slices.Equal(m.Effects, []float64{0, 0}) {
		t.Errorf("zero before and after: %+v", m)
	}
	m = LMDI([][]float64{{0}, {5}}, [][]float64{{0}, {6}})
	if !m.Known || m.Zeros != 0 || total(m.Effects) != 0 {
		t.Errorf("zero all along: %+v", m)
	}
	m = LMDI([][]float64{{1e-200}, {1e-200}}, [][]float64{{2}, {3}}) // the product is zero as a float
	if !m.Known || math.Abs(total(m.Effects)-6) > 1e-12 {
		t.Errorf("too small: %+v", m)
	}
	for name, m := range map[string]LogMean{
		"none":     LMDI(nil, nil),
		"negative": LMDI([][]float64{{-1}}, [][]float64{{1}}),
		"gap":      LMDI([][]float64{{1}}, [][]float64{{math.NaN()}}),
		"empty":    LMDI([][]float64{{}}, [][]float64{{}}),
		"large":    LMDI([][]float64{{1e200}, {1e200}}, [][]float64{{1}, {1}}),
		"lengths":  LMDI([][]float64{{1, 2}, {1, 2, 3}}, [][]float64{{1, 2}, {1, 2, 3}}),
	} {
		if m.Known || m.Effects != nil {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestLMDIAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		k, n := 1+r.IntN(5), 1+r.IntN(5)
		before, after := make([][]float64, k), make([][]float64, k)
		for j := range before {
			before[j], after[j] = make([]float64, n), make([]float64, n)
			for g := range n {
				before[j][g] = math.Exp(r.NormFloat64())
				after[j][g] = before[j][g] * math.Exp(r.NormFloat64()*math.Pow(10, float64(-r.IntN(14)))) // from large changes to almost none
				if r.IntN(10) == 0 {
					after[j][g] = 0
				}
			}
		}
		m := LMDI(before, after)
		if !m.Known {
			t.Fatalf("%v to %v", before, after)
		}
		if d := m.Value1 - m.Value0; math.Abs(total(m.Effects)-d) > 1e-13*math.Abs(m.Value0) {
			t.Fatalf("%v add up to %g, not %g", m.Effects, total(m.Effects), d)
		}
	}
}

// FuzzFactors: no input panics, no result is NaN or infinite, and what is known adds up.
func FuzzFactors(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
	f.Add(0.0, 1e300, -1e-300, 1e-300, math.Inf(1), math.NaN())
	f.Add(1e-200, 1.0, 1e-200, 1.0, 0.0, 0.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g float64) {
		before, after := [][]float64{{a, e}, {c, g}}, [][]float64{{b, g}, {d, e}}
		scale := 0.0
		for i := range before {
			for j := range before[i] {
				scale = math.Max(scale, math.Max(math.Abs(before[i][j]), math.Abs(after[i][j])))
			}
		}
		s, l := DasGupta(SumOfProducts, before, after), LMDI(before, after)
		for _, x := range []FactorEffects{s, {l.Known, l.Value0, l.Value1, l.Effects}} {
			for _, v := range append([]float64{x.Value0, x.Value1}, x.Effects...) {
				if !finite(v) {
					t.Fatalf("%v to %v: %+v", before, after, x)
				}
			}
			if x.Known && !(math.Abs(total(x.Effects)-(x.Value1-x.Value0)) <= 1e-12*math.Max(scale*scale, 1e-300)) {
				t.Fatalf("%v to %v does not add up: %+v", before, after, x)
			}
		}
	})
}

func BenchmarkDasGupta(b *testing.B) {
	before := [][]float64{{.58}, {.76}, {.84}, {.66}, {16.573}}
	after := [][]float64{{.72}, {.97}, {.97}, {.56}, {16.158}}
	b.ReportAllocs()
	for b.Loop() {
		DasGupta(SumOfProducts, before, after)
	}
}
