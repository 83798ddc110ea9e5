package stats

import "math"

// Overlapping intervals do not say that two groups are alike, nor that one point of time is like another: the difference itself has an
// interval, and a test.

// pair says whether the counts are two proportions.
func pair(events1, trials1, events2, trials2 float64) bool {
	return binomialData(events1, trials1) && binomialData(events2, trials2)
}

// ProportionDifference gives events1/trials1 − events2/trials2, as a fraction, with the limits that Newcombe makes of Wilson's (R. G.
// Newcombe, Statistics in Medicine 17, 1998, method 10). ok is false for data that are not two proportions.
func ProportionDifference(events1, trials1, events2, trials2, confidence float64) (difference float64, i Interval, ok bool) {
	if !pair(events1, trials1, events2, trials2) {
		return 0, Interval{}, false
	}
	p1, p2 := events1/trials1, events2/trials2
	w1, w2 := Wilson(events1, trials1, confidence), Wilson(events2, trials2, confidence)
	if !w1.HasLower || !w2.HasLower {
		return p1 - p2, Interval{}, true
	}
	return p1 - p2, interval(p1-p2-math.Hypot(p1-w1.Lower, w2.Upper-p2), p1-p2+math.Hypot(w1.Upper-p1, p2-w2.Lower)), true
}

// ProportionRatio gives (events1/trials1)/(events2/trials2) with the limits of Katz and others, Biometrics 34, 1978: normal on the
// logarithm. There are no limits without events in both groups; use RateRatio then. ok is false without events in the second.
func ProportionRatio(events1, trials1, events2, trials2, confidence float64) (ratio float64, i Interval, ok bool) {
	ratio = events1 / trials1 / (events2 / trials2)
	if !pair(events1, trials1, events2, trials2) || events2 == 0 || !finite(ratio) {
		return 0, Interval{}, false
	}
	z, ok := normalQuantile(confidence)
	if !ok || events1 == 0 {
		return ratio, Interval{}, true
	}
	deviation := math.Sqrt((1-events1/trials1)/events1 + (1-events2/trials2)/events2)
	return ratio, interval(ratio*math.Exp(-z*deviation), ratio*math.Exp(z*deviation)), true
}

// RateRatio gives (events1/exposure1)/(events2/exposure2) with exact limits, and the probability of a result no more likely than this
// one if the rates were equal. Given their sum, the events of the first are binomial: the limits are those of Clopper and Pearson, made
// into a ratio. Without events in the second there is no ratio (0) and no upper limit; without any there is nothing to compare, and the
// probability is 1. ok is false for counts that are not whole numbers from 0 to 1e9 and for exposures that are not positive.
func RateRatio(events1, exposure1, events2, exposure2, confidence float64) (ratio float64, i Interval, probability float64, ok bool) {
	scale := exposure2 / exposure1
	if !whole(events1) || !whole(events2) || !(exposure1 > 0 && exposure2 > 0) || !finite(scale) || scale == 0 {
		return 0, Interval{}, 0, false
	}
	if r := events1 / events2 * scale; finite(r) {
		ratio = r
	}
	n := events1 + events2
	if n == 0 {
		return 0, interval(0, math.Inf(1)), 1, confidence > 0 && confidence < 1
	}
	if confidence > 0 && confidence < 1 {
		// An upper limit near 1 is exact only as the lower limit of the others, so the odds are made of both.
		tail := (1 - confidence) / 2
		lower, upper := 0.0, math.Inf(1)
		if events1 > 0 {
			lower = oddsQuantile(tail, events1, events2+1)
		}
		if events2 > 0 {
			upper = 1 / oddsQuantile(tail, events2, events1+1)
		}
		i = interval(lower*scale, upper*scale)
	}
	return ratio, i, binomialTest(events1, n, 1/scale), true
}

// oddsQuantile is the quantile of the beta distribution as odds.
func oddsQuantile(tail, a, b float64) float64 {
	if a <= b {
		q := betaQuantile(tail, a, b)
		return q / (1 - q)
	}
	q := betaQuantile(1-tail, b, a)
	return (1 - q) / q
}

// whole says whether a count is a whole number that the exact methods take.
func whole(v float64) bool { return v >= 0 && v <= mostTested && v == math.Trunc(v) }

// binomialTest is the probability of all outcomes of n trials that are no more likely than events, at those odds of each.
func binomialTest(events, n, odds float64) float64 {
	return asExtreme(min(math.Floor((n+1)/(1+1/odds)), n), 0, n, events, func(k float64) float64 { return (n - k) / (k + 1) * odds })
}

// EqualityTests are the probabilities of a difference as large as the one that was seen if two proportions were equal.
type EqualityTests struct {
	// ChiSquared is Pearson's test without correction for continuity. HasChiSquared is false where all or none of the trials are events.
	ChiSquared    float64
	HasChiSquared bool
	// Fisher is Fisher's exact test: of all tables with the same margins, those that are no more likely than the one seen.
	Fisher float64
}

// ProportionTest tests whether two proportions are equal. ok is false for counts that are not whole numbers from 0 to 1e9 and for data
// that are not two proportions. Where a cell of the table is expected to be below 5, Fisher's is the one to believe.
func ProportionTest(events1, trials1, events2, trials2 float64) (t EqualityTests, ok bool) {
	if !pair(events1, trials1, events2, trials2) || !whole(events1) || !whole(events2) || !whole(trials1) || !whole(trials2) {
		return EqualityTests{}, false
	}
	events, n := events1+events2, trials1+trials2
	if events > 0 && events < n {
		// (ad − bc)² n / (product of the margins), in an order that no such count makes overflow.
		cross := events1*(trials2-events2) - events2*(trials1-events1)
		chi := cross / trials1 * (cross / trials2) * (n / events / (n - events))
		t.ChiSquared, t.HasChiSquared = math.Erfc(math.Sqrt(chi/2)), true
	}
	lo, hi := max(0, events-trials2), min(events, trials1)
	mode := min(max(math.Floor((trials1+1)*(events+1)/(n+2)), lo), hi)
	t.Fisher = asExtreme(mode, lo, hi, events1, func(k float64) float64 {
		return (trials1 - k) / (k + 1) * ((events - k) / (trials2 - events + k + 1))
	})
	return t, true
}

// asExtreme adds up the probabilities of all whole numbers from lo to hi that are no more likely than the one seen, but for 1 in 10
// million, since equal ones come out of the arithmetic a little different. The distribution rises to its mode and falls behind it; step
// is the ratio of the probability of k + 1 to that of k. All are relative to the mode, so only their ratios count; those too small for a
// float are taken for 0.
func asExtreme(mode, lo, hi, seen float64, step func(k float64) float64) float64 {
	weight := 1.0
	for k := mode; k < seen && weight > 0; k++ {
		weight *= step(k)
	}
	for k := mode; k > seen && weight > 0; k-- {
		weight /= step(k - 1)
	}
	limit := weight * (1 + 1e-7)
	all, extreme := 0.0, 0.0
	add := func(w float64) {
		all += w
		if w <= limit {
			extreme += w
		}
	}
	add(1)
	w := 1.0
	for k := mode; k < hi && w > 0; k++ {
		w *= step(k)
		add(w)
	}
	w = 1.0
	for k := mode; k > lo && w > 0; k-- {
		w /= step(k - 1)
		add(w)
	}
	return min(1, extreme/all)
}
