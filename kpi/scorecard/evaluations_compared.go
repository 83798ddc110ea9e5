package scorecard

import (
	"math"
	"slices"

	"citystat/kpi/stats"
)

const (
	// comparedBefore and comparedAfter are the periods that a comparison asks for: two before, so that one can see whether the two sides went the
	// same way, and one after. How sure it is comes from the members, not from the periods.
	comparedBefore = 2
	comparedAfter  = 1
)

// comparedMember is one member of a comparison: its values, NaN where there is none.
type comparedMember struct {
	treated bool
	values  []float64
}

// differences answers by how much more those where it was done changed than those where it was not. Every member counts as much as any other, by the
// mean of its periods; the series show what members have together, or a member on average of what adds up, beside the means that are
// compared.
func (v *evaluator) differences(a *Evaluation) {
	treated, compared := v.sides()
	a.Treated = v.points(treated, nil, compared)
	if len(v.Where) == 0 || len(v.ComparedTo) == 0 {
		a.State = evaluationNoOthers
		return
	}
	a.Compared = v.points(compared, nil, treated)
	members := v.compare()
	for range 2 { // all of them, then those that remain
		both := v.both(members)
		if both == nil {
			a.State = evaluationNoOthers
			return
		}
		if a.Before, a.After = 0, 0; !v.around(a, both, comparedBefore, comparedAfter) {
			return
		}
		members = v.whole(members)
	}
	a.State = evaluationNotFitted
	c, panel, err := v.difference(members)
	if err != nil {
		return
	}
	a.State, a.Members, a.Effects = evaluationAnswered, c.TreatedUnits+c.ControlUnits, []Effect{effectOf(effectDifference, "", c.Effect)}
	if c.Few() {
		a.Warnings = append(a.Warnings, EvaluationFewMembers)
	}
	if before, err := stats.PreTrends(panel, v.start); err == nil {
		slope := effectOf(effectSlope, "", before.Slope)
		if a.Pretrend = &slope; slope.P != nil && *slope.P < evaluationLevel {
			a.Warnings = append(a.Warnings, EvaluationPretrend)
		}
	}
	a.Treated = v.points(treated, v.means(c.TreatedBefore, c.TreatedAfter, c.TreatedBefore+(c.ControlAfter-c.ControlBefore)), compared)
	a.Compared = v.points(compared, v.means(c.ControlBefore, c.ControlAfter, math.NaN()), treated)
}

// sides are the two series that are shown.
func (v *evaluator) sides() (treated, compared []amount) {
	if v.result.Indicator.Measure.Ratio() {
		return v.amounts(v.Where), v.amounts(v.ComparedTo)
	}
	return v.average(v.Where), v.average(v.ComparedTo)
}

// average is the mean of the members' values in every period, of what is not Σ/Σ.
func (v *evaluator) average(members []string) []amount {
	list := make([]amount, len(v.axis))
	for k := range list {
		sum := amount{}
		for _, m := range members {
			a := v.amount(k, []string{m})
			sum.rows += a.rows
			if !math.IsNaN(a.value) {
				sum.value, sum.members = sum.value+a.value/float64(len(members)), sum.members+1
			}
		}
		if sum.members < len(members) || sum.members == 0 || math.IsInf(sum.value, 0) {
			sum.value = math.NaN()
		}
		list[k] = sum
	}
	return list
}

// compare returns the members of both sides, without the periods that are left out.
func (v *evaluator) compare() []comparedMember {
	var list []comparedMember
	for k, m := range slices.Concat(v.Where, v.ComparedTo) {
		list = append(list, comparedMember{treated: k < len(v.Where), values: v.used(v.amounts([]string{m}), valueOf)})
	}
	return list
}

// both is 0 in the periods in which both sides have a value and NaN in others; nil if a side has none at all.
func (v *evaluator) both(members []comparedMember) []float64 {
	values := make([]float64, len(v.axis))
	sides := [2]bool{}
	for k := range values {
		has := [2]bool{}
		for _, m := range members {
			side := 0
			if m.treated {
				side = 1
			}
			has[side] = has[side] || !math.IsNaN(m.values[k])
		}
		sides[0], sides[1] = sides[0] || has[0], sides[1] || has[1]
		if !has[0] || !has[1] {
			values[k] = math.NaN()
		}
	}
	if !sides[0] || !sides[1] {
		return nil
	}
	return values
}

// whole returns the members that have a value before and one after: another would change the mean of its side by coming or going.
func (v *evaluator) whole(members []comparedMember) []comparedMember {
	has := func(values []float64) bool {
		return slices.ContainsFunc(values, func(x float64) bool { return !math.IsNaN(x) })
	}
	return slices.DeleteFunc(members, func(m comparedMember) bool { return !has(m.values[:v.start]) || !has(m.values[v.start:]) })
}

// difference compares the members. If all have a value in the same periods, each of them counts, with errors by member; otherwise each member's
// mean before and mean after do, so that a side does not change because a member lacks a month.
func (v *evaluator) difference(members []comparedMember) (stats.Comparison, []stats.PanelValue, error) {
	var panel []stats.PanelValue
	before, after, treated := make([]float64, len(members)), make([]float64, len(members)), make([]bool, len(members))
	even := true
	for i, m := range members {
		treated[i] = m.treated
		before[i], after[i] = meanOf(m.values[:v.start]), meanOf(m.values[v.start:])
		for k, x := range m.values {
			even = even && math.IsNaN(x) == math.IsNaN(members[0].values[k])
			if !math.IsNaN(x) {
				panel = append(panel, stats.PanelValue{Unit: i, Period: k, Treated: m.treated, Value: x})
			}
		}
	}
	if even {
		c, err := stats.DifferenceInDifferences(panel, v.start)
		return c, panel, err
	}
	c, err := stats.ChangeComparison(before, after, treated)
	return c, panel, err
}

// meanOf is the mean of the values that are there; NaN if none is.
func meanOf(values []float64) float64 {
	n := 0.0
	for _, x := range values {
		if !math.IsNaN(x) {
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	mean := 0.0
	for _, x := range values {
		if !math.IsNaN(x) {
			mean += x / n
		}
	}
	return mean
}

// means are level lines; without is where the one after would be had it moved as the comparison did.
func (v *evaluator) means(before, after, without float64) lines {
	return func(k int) (*float64, *float64) {
		switch {
		case v.left[k]:
			return nil, nil
		case k < v.start:
			return number(before), nil
		}
		return number(after), number(without)
	}
}
