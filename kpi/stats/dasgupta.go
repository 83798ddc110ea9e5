package stats

import (
	"math"
	"math/bits"
)

// MaxFactors is the largest number of factors that DasGupta takes: it asks for the value of every combination of them, 2^K in all.
const MaxFactors = 16

// FactorEffects is a change of a value that is computed from factors, taken apart.
type FactorEffects struct {
	Known          bool
	Value0, Value1 float64
	Effects        []float64 // one a factor; they add up to Value1 − Value0
}

// DasGupta splits a change between its factors: the effect of each is what its change does to the value, averaged over every order in
// which the factors could have changed (Das Gupta, U.S. Census P23-186, 1993; the Shapley value). before and after hold the factors in
// the same order, each a number or a list of numbers by group; value computes from them what changed, and may be any function, such as
// SumOfProducts. The slice that value is given is used again: it must keep nothing of it.
// The result is not known without factors, with more than MaxFactors, if the lists differ in length, and where a value is not finite.
func DasGupta(value func(factors [][]float64) float64, before, after [][]float64) FactorEffects {
	k := len(before)
	if k == 0 || k > MaxFactors || !sameFactors(before, after) {
		return FactorEffects{}
	}
	values := make([]float64, 1<<k) // by the set of factors that have changed
	current := make([][]float64, k)
	for set := range values {
		for j := range current {
			current[j] = before[j]
			if set>>j&1 == 1 {
				current[j] = after[j]
			}
		}
		if values[set] = value(current); !finite(values[set]) {
			return FactorEffects{}
		}
	}
	f := FactorEffects{Known: true, Value0: values[0], Value1: values[len(values)-1], Effects: make([]float64, k)}
	weight := orderWeights(k)
	for set, v := range values {
		changed := bits.OnesCount(uint(set))
		for j := range f.Effects {
			if set>>j&1 == 0 {
				f.Effects[j] += weight[changed]*values[set|1<<j] - weight[changed]*v
			}
		}
	}
	for _, e := range f.Effects {
		if !finite(e) {
			return FactorEffects{}
		}
	}
	return f
}

// orderWeights returns, by the number s of k things that came before one of them, the share of the orders in which it is just these that
// came before: s!(k−1−s)!/k!.
func orderWeights(k int) []float64 {
	w := make([]float64, k)
	w[0] = 1 / float64(k)
	for s := 1; s < k; s++ {
		w[s] = w[s-1] * float64(s) / float64(k-s)
	}
	return w
}

func sameFactors(a, b [][]float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
	}
	return true
}

// SumOfProducts multiplies the factors group by group and adds up the groups: Σ_g Π_k factors[k][g]. A factor that is one number
// applies to every group. It is NaN if the lists do not fit each other.
func SumOfProducts(factors [][]float64) float64 {
	n := 1
	for _, f := range factors {
		n = max(n, len(f))
	}
	sum := 0.0
	for g := range n {
		p := 1.0
		for _, f := range factors {
			switch len(f) {
			case 1:
				p *= f[0]
			case n:
				p *= f[g]
			default:
				return math.NaN()
			}
		}
		sum += p
	}
	return sum
}

// LogMean is a change of a product, or of a sum of products, by logarithmic means.
type LogMean struct {
	Known          bool
	Value0, Value1 float64
	Effects        []float64 // one a factor; they add up to Value1 − Value0
	// Zeros is the number of groups in which a factor is zero in one period only. The logarithm has no value there and the effects are
	// its limit: the whole change goes to the factors that were or became zero, in equal parts, and a group whose product is zero in
	// both periods adds nothing, although factors changed in it. Das Gupta's effects need no such rule.
	Zeros int
}

// LMDI splits the change of Σ_g Π_k x[k][g] between the factors by ΔV_k = Σ_g L(V1, V0) ln(x1/x0) with L the logarithmic mean (LMDI-I,
// additive: Ang, Energy Policy 33, 2005). before and after hold the factors in the same order, each a number or a list by group, as for
// SumOfProducts. The result is not known with a negative factor or one that is not finite, if the lists do not fit each other, and
// where numbers are too large.
func LMDI(before, after [][]float64) LogMean {
	k := len(before)
	if k == 0 || !sameFactors(before, after) {
		return LogMean{}
	}
	m := LogMean{Known: true, Effects: make([]float64, k), Value0: SumOfProducts(before), Value1: SumOfProducts(after)}
	groups := 1
	for _, f := range before {
		groups = max(groups, len(f))
	}
	x0, x1 := make([]float64, k), make([]float64, k)
	for g := 0; g < groups && finite(m.Value0) && finite(m.Value1); g++ {
		for j := range x0 {
			i := min(g, len(before[j])-1)
			x0[j], x1[j] = before[j][i], after[j][i]
			if !(x0[j] >= 0 && x1[j] >= 0) {
				return LogMean{}
			}
		}
		m.add(x0, x1)
	}
	for _, v := range append([]float64{m.Value0, m.Value1}, m.Effects...) {
		if !finite(v) {
			return LogMean{}
		}
	}
	return m
}

// add adds one group's effects.
func (m *LogMean) add(x0, x1 []float64) {
	v0, v1 := 1.0, 1.0
	var zeros []int
	for j := range x0 {
		v0, v1 = v0*x0[j], v1*x1[j]
		if (x0[j] == 0) != (x1[j] == 0) {
			zeros = append(zeros, j)
		}
	}
	if len(zeros) > 0 {
		m.Zeros++
	}
	if v0 == 0 && v1 == 0 {
		return
	}
	if v0 == 0 || v1 == 0 {
		m.limit(x0, x1, zeros, v1-v0)
		return
	}
	l := logarithmicMean(v0, v1)
	for j := range x0 {
		m.Effects[j] += l * logRatio(x0[j], x1[j])
	}
}

// limit gives a group's change to the factors that are zero in one of the periods. Where no factor is zero and still the product is, it
// is too small for a float: its change is shared by the sizes of the logarithms.
func (m *LogMean) limit(x0, x1 []float64, zeros []int, change float64) {
	if len(zeros) > 0 {
		for _, j := range zeros {
			m.Effects[j] += change / float64(len(zeros))
		}
		return
	}
	total := 0.0
	for j := range x0 {
		total += logRatio(x0[j], x1[j])
	}
	for j := range x0 {
		m.Effects[j] += change * logRatio(x0[j], x1[j]) / total
	}
}

// logarithmicMean is (b − a)/ln(b/a), for positive numbers, and a where they are equal.
func logarithmicMean(a, b float64) float64 {
	if a == b {
		return a
	}
	return (b - a) / logRatio(a, b)
}

// logRatio is ln(b/a), also to the last digits where they are nearly equal, and without an overflow of the quotient.
func logRatio(a, b float64) float64 {
	if r := (b - a) / a; math.Abs(r) < 0.5 {
		return math.Log1p(r)
	}
	return math.Log(b) - math.Log(a)
}
