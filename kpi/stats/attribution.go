package stats

import (
	"math"
	"sort"
)

// What moved a number, as arithmetic: the parts add up to the change and nothing is left over. None of it says what caused the change,
// and a grouping that was chosen after seeing the answer proves nothing.

// Additive is the change of a total by the groups that make it up.
type Additive struct {
	Known          bool
	Total0, Total1 float64
	// Points holds what each group's value changed by, in the unit of the values; they add up to Total1 − Total0.
	Points []float64
	// Shares holds the same as shares of Total0 (0.02 is two percent of it); they add up to the growth of the total. It is nil where
	// Total0 is as good as zero beside the values it is made of: use the points then.
	Shares []float64
}

// smallTotal is the share of the sizes of its groups below which a total counts as zero: what is left of groups that cancel out.
const smallTotal = 1e-9

// Contributions takes the change of a total apart: before and after hold each group's value, in the same order. A group that came or
// went has the value 0 in the other period. The result is not known if the slices differ in length, are empty, or hold a value that is
// not finite: what is missing from a part is missing from the whole.
func Contributions(before, after []float64) Additive {
	if len(before) != len(after) || len(before) == 0 {
		return Additive{}
	}
	a := Additive{Points: make([]float64, len(before))}
	size := 0.0
	for i, v := range before {
		a.Points[i] = after[i] - v
		a.Total0 += v
		a.Total1 += after[i]
		size += math.Abs(v) + math.Abs(after[i])
	}
	if !finite(size) {
		return Additive{}
	}
	a.Known = true
	if math.Abs(a.Total0) <= smallTotal*size {
		return a
	}
	shares := make([]float64, len(before))
	for i, p := range a.Points {
		if shares[i] = p / a.Total0; !finite(shares[i]) {
			return a
		}
	}
	a.Shares = shares
	return a
}

// MixGroup is one group of a rate in two periods: its weight (a share of the whole, or a count of what the rate is per) and its rate.
// A weight that is 0 or not finite, and a rate that is not finite, mean that the group is not there in that period.
type MixGroup struct {
	Weight0, Weight1 float64
	Rate0, Rate1     float64
}

// GroupEffect is what a group contributes to the change of the overall rate, in the unit of the rate.
type GroupEffect struct {
	Rate float64 // its own rate changed: (r1 − r0)(w0 + w1)/2
	// Mix: its share changed, seen against the overall rate: (w1 − w0)((r0 + r1)/2 − (R0 + R1)/2). A group that grows adds to it only
	// if its rate lies above the overall one.
	Mix float64
	// MixAsIs is the share's change by itself, (w1 − w0)(r0 + r1)/2: it adds up to the same sum over all groups, but of one group it
	// says only that it grew or shrank. It is for checking against published tables.
	MixAsIs float64
	// Entered and Left: the group is there in one period only, which leaves its whole change to the mix.
	Entered, Left bool
}

// Total is the group's whole contribution.
func (g GroupEffect) Total() float64 { return g.Rate + g.Mix }

// MixRate is a change of a rate, taken apart.
type MixRate struct {
	Known        bool
	Rate0, Rate1 float64 // overall
	// RateEffect and MixEffect are the sums over the groups; together they are Rate1 − Rate0.
	RateEffect, MixEffect float64
	Groups                []GroupEffect // parallel to the groups given
}

// Kitagawa splits the change of a rate Σwr/Σw into an effect of the groups' rates and one of their shares, without a rest (Kitagawa
// 1955; Das Gupta, U.S. Census P23-186, 1993). Weights are divided by their sum in each period. A group that appears or vanishes
// changes the mix only. The result is not known where a weight is negative, where one period has no group, or where numbers are too
// large to be added up.
func Kitagawa(groups []MixGroup) MixRate {
	w0, r0, ok0 := mixShares(groups, func(g MixGroup) (float64, float64) { return g.Weight0, g.Rate0 })
	w1, r1, ok1 := mixShares(groups, func(g MixGroup) (float64, float64) { return g.Weight1, g.Rate1 })
	if !ok0 || !ok1 {
		return MixRate{}
	}
	m := MixRate{Groups: make([]GroupEffect, len(groups)), Rate0: r0, Rate1: r1}
	overall := r0/2 + r1/2
	for i, g := range groups {
		e, rate := &m.Groups[i], g.Rate0
		switch {
		case w0[i] == 0 && w1[i] == 0:
			continue
		case w0[i] == 0:
			e.Entered, rate = true, g.Rate1
		case w1[i] == 0:
			e.Left = true
		default:
			rate = g.Rate0/2 + g.Rate1/2
			e.Rate = (g.Rate1 - g.Rate0) * (w0[i]/2 + w1[i]/2)
		}
		e.Mix, e.MixAsIs = (w1[i]-w0[i])*(rate-overall), (w1[i]-w0[i])*rate
		m.RateEffect += e.Rate
		m.MixEffect += e.Mix
		if !finite(e.Mix) || !finite(e.MixAsIs) || !finite(m.RateEffect) || !finite(m.MixEffect) {
			return MixRate{}
		}
	}
	m.Known = true
	return m
}

// mixShares returns the weights of one period as shares of their sum, 0 for a group that is not there, and the overall rate.
func mixShares(groups []MixGroup, of func(MixGroup) (weight, rate float64)) (w []float64, rate float64, ok bool) {
	w = make([]float64, len(groups))
	top := 0.0
	for i, g := range groups {
		weight, r := of(g)
		if weight < 0 && finite(weight) {
			return nil, 0, false
		}
		if finite(weight) && finite(r) {
			w[i] = weight
			top = math.Max(top, weight)
		}
	}
	if top == 0 {
		return nil, 0, false
	}
	sum := 0.0
	for i := range w { // divided by the largest first, their sum is neither infinite nor lost in denormals
		w[i] /= top
		sum += w[i]
	}
	for i, g := range groups {
		if w[i] /= sum; w[i] > 0 {
			_, r := of(g)
			rate += w[i] * r
		}
	}
	return w, rate, finite(rate)
}

// RateGroups makes the groups of a rate from counts: of num in den, in two periods, all four slices in the same order. A group whose
// denominator is 0, or of which a number is missing, is not there in that period. ok is false if the slices differ in length.
func RateGroups(num0, den0, num1, den1 []float64) (groups []MixGroup, ok bool) {
	n := len(num0)
	if len(den0) != n || len(num1) != n || len(den1) != n {
		return nil, false
	}
	groups = make([]MixGroup, n)
	for i := range groups {
		groups[i] = MixGroup{Weight0: den0[i], Weight1: den1[i], Rate0: rateOf(num0[i], den0[i]), Rate1: rateOf(num1[i], den1[i])}
	}
	return groups, true
}

// rateOf is NaN where there is none.
func rateOf(num, den float64) float64 {
	if den == 0 {
		return math.NaN()
	}
	return num / den
}

// ThreePart is the older split of a change of a rate, with the first period's weights and an interaction. It is not symmetric, its parts
// are not those of Kitagawa and must not be shown beside them; it is here to check tables that others published.
type ThreePart struct {
	Rate        float64 // Σ w0 (r1 − r0)
	Mix         float64 // Σ (w1 − w0) r0
	Interaction float64 // Σ (w1 − w0)(r1 − r0)
}

// BaseWeighted computes the three parts. ok is false where Kitagawa's result is not known and where a group is missing from a period:
// this split has no place for it.
func BaseWeighted(groups []MixGroup) (t ThreePart, ok bool) {
	w0, _, ok0 := mixShares(groups, func(g MixGroup) (float64, float64) { return g.Weight0, g.Rate0 })
	w1, _, ok1 := mixShares(groups, func(g MixGroup) (float64, float64) { return g.Weight1, g.Rate1 })
	if !ok0 || !ok1 {
		return ThreePart{}, false
	}
	for i, g := range groups {
		if w0[i] == 0 || w1[i] == 0 {
			return ThreePart{}, false
		}
		t.Rate += w0[i] * (g.Rate1 - g.Rate0)
		t.Mix += (w1[i] - w0[i]) * g.Rate0
		t.Interaction += (w1[i] - w0[i]) * (g.Rate1 - g.Rate0)
	}
	if !finite(t.Rate) || !finite(t.Mix) || !finite(t.Interaction) {
		return ThreePart{}, false
	}
	return t, true
}

// LargestEffects returns the indices of the n effects that are farthest from zero, the largest first; of two equally large ones the
// earlier. Effects of zero and what is not finite are left out, so there may be fewer than n.
func LargestEffects(effects []float64, n int) []int {
	var list []int
	for i, e := range effects {
		if finite(e) && e != 0 {
			list = append(list, i)
		}
	}
	sort.SliceStable(list, func(a, b int) bool { return math.Abs(effects[list[a]]) > math.Abs(effects[list[b]]) })
	return list[:max(0, min(n, len(list)))]
}
