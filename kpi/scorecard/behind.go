package scorecard

import (
	"math"
	"slices"

	"citystat/kpi"
)

// Behind returns the settled periods in a row, up to the judged one, whose values were worse than expected: for how long a number has been off. Of what adds
// up in a year it is the total so far that is compared. Periods without a value end no row. It is empty where the judged value is as good as expected, or
// nobody expected anything.
func (r *Result) Behind() []kpi.Period {
	end := slices.IndexFunc(r.Series, func(p Point) bool { return p.Period.ID == r.Assessment.Period })
	var list []kpi.Period
	for k := end; k >= 0; k-- {
		p := &r.Series[k]
		v := p.Observation.Value
		if r.Assessment.Judged != nil && p.ToDate != nil {
			v = p.ToDate
		}
		if v == nil || !p.Settled {
			continue
		}
		if !r.worse(*v, p.Expected) {
			break
		}
		list = append(list, p.Period)
	}
	slices.Reverse(list)
	return list
}

// worse reports whether a value is worse than expected; of a range, whether it lies outside.
func (r *Result) worse(v float64, expected *float64) bool {
	if t := r.Assessment.Target; r.Indicator.Direction == kpi.Range && t != nil {
		return kpi.RangeDistance(v, t.Low, t.High) > 0
	}
	if expected == nil {
		return false
	}
	slack := 1e-9 * math.Max(math.Abs(v), math.Abs(*expected))
	switch r.Indicator.Direction {
	case kpi.Up:
		return v < *expected-slack
	case kpi.Down:
		return v > *expected+slack
	}
	return false
}
