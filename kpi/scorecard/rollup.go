package scorecard

import (
	"math"

	"citystat/kpi"
)

// fullestCoverage is the part of the weight that must have a status before a score is said at all (OECD/JRC Handbook on composite
// indicators: below two thirds an average speaks of something else).
const fullestCoverage = 2.0 / 3

// RollUp puts the results of a priority together, or of the whole city if priority is "". Public ones alone if public is set.
func (s *Scorecard) RollUp(priority string, public bool) RollUp {
	var list []Result
	for _, r := range s.Results {
		if (priority == "" || r.Indicator.Priority == priority) && (r.Indicator.Public || !public) {
			list = append(list, r)
		}
	}
	roll := RollUp{Counts: map[kpi.Status]int{}, Tally: Tally{}, Total: len(list)}
	worst := math.MaxInt
	for _, r := range list {
		status := r.Assessment.Status
		roll.Counts[status]++
		roll.Tally[status.Public()]++
		if status.Rank() == 0 {
			continue
		}
		roll.Answered++
		if status.Rank() < worst {
			worst, roll.Worst = status.Rank(), r.Indicator.ID
		}
	}
	if s.City.RollUp != nil {
		roll.Score = score(list, s.City.RollUp.Weights)
	}
	return roll
}

// score is the weighted mean of how far each indicator came on the way from its baseline to its target, 0 to 100; nil where too little of
// the weight has such a way. An indicator that is kept in a range, or whose baseline already was the target, counts 100 while it is met and
// 0 while it is not. Missing ones are left out and never guessed.
func score(list []Result, weights map[string]float64) *Score {
	var values, w []float64
	all := 0.0
	for _, r := range list {
		weight := 1.0
		if x, ok := weights[r.Indicator.ID]; ok {
			weight = x
		}
		all += weight
		if v, ok := goalpost(r.Assessment); ok {
			values, w = append(values, v), append(w, weight)
		}
	}
	value, used, ok := weightedMean(values, w)
	if !ok || all <= 0 || used < fullestCoverage*all*(1-1e-9) {
		return nil
	}
	s := &Score{Value: value, Coverage: used / all, Low: value, High: value}
	for k := range w {
		for _, factor := range []float64{0.5, 2} {
			other := append([]float64(nil), w...)
			other[k] *= factor
			if v, _, ok := weightedMean(values, other); ok {
				s.Low, s.High = math.Min(s.Low, v), math.Max(s.High, v)
			}
		}
	}
	return s
}

// goalpost is 100·(y − b)/(T − b), capped at both ends.
func goalpost(a kpi.Assessment) (float64, bool) {
	switch {
	case a.Status.Rank() == 0:
		return 0, false
	case a.Met:
		return 100, true
	case a.Progress != nil:
		return 100 * min(max(*a.Progress, 0), 1), true
	case a.Target != nil && a.Baseline != nil:
		return 0, true
	}
	return 0, false
}

func weightedMean(values, weights []float64) (mean, used float64, ok bool) {
	sum := 0.0
	for k, v := range values {
		sum += weights[k] * v
		used += weights[k]
	}
	if used <= 0 {
		return 0, 0, false
	}
	return sum / used, used, true
}
