package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval holds two confidence limits. A limit that the method does not have for these data, or that would be infinite, is 0 and said
// to be missing.
type Interval struct {
	Lower, Upper       float64
	HasLower, HasUpper bool
}

// Width is the distance between the limits, and whether there are both.
func (i Interval) Width() (float64, bool) {
	w := i.Upper - i.Lower
	return w, i.HasLower && i.HasUpper && finite(w)
}

// Scale multiplies both limits by a factor that is not negative.
func (i Interval) Scale(factor float64) Interval { return i.shape(0, factor) }

// shape is the interval of offset + factor · value.
func (i Interval) shape(offset, factor float64) Interval {
	s := interval(offset+factor*i.Lower, offset+factor*i.Upper)
	s.HasLower, s.HasUpper = s.HasLower && i.HasLower, s.HasUpper && i.HasUpper
	if !s.HasLower {
		s.Lower = 0
	}
	if !s.HasUpper {
		s.Upper = 0
	}
	return s
}

// interval makes an interval of two limits; one that is not finite is missing.
func interval(lower, upper float64) Interval {
	i := Interval{HasLower: finite(lower), HasUpper: finite(upper)}
	if i.HasLower {
		i.Lower = lower
	}
	if i.HasUpper {
		i.Upper = upper
	}
	return i
}

// Counts that the methods take: above the first the quantiles of the beta distribution are not computed, above the second no exact
// tests, which add up single outcomes; below the third OHID asks for exact limits of a rate, and for none of a standardised one.
const (
	mostCounted = 1e12
	mostTested  = 1e9
	ohidExact   = 10
)

// normalQuantile is z such that the confidence lies between −z and z; 0 and false for a confidence that is not between 0 and 1.
func normalQuantile(confidence float64) (float64, bool) {
	if !(confidence > 0 && confidence < 1) {
		return 0, false
	}
	return -distuv.UnitNormal.Quantile((1 - confidence) / 2), true
}

// binomialData says whether events of trials is a proportion; sums of a few of them must be finite, too.
func binomialData(events, trials float64) bool {
	return finite(events) && finite(8*trials) && trials > 0 && events >= 0 && events <= trials
}

// Wilson gives the score limits of the proportion events/trials, as a fraction. Both are missing unless 0 ≤ events ≤ trials, 0 < trials
// and 0 < confidence < 1. E. B. Wilson, 1927; they are the limits that the two-sided score test would accept.
func Wilson(events, trials, confidence float64) Interval {
	z, ok := normalQuantile(confidence)
	if !ok || !binomialData(events, trials) {
		return Interval{}
	}
	lower := func(x float64) float64 { // the smaller root, by way of the larger: the difference would lose the digits of a small one
		p := x / trials
		if x == 0 {
			return 0
		}
		upper := (2*x + z*z + z*math.Sqrt(z*z+4*x*(1-p))) / (2 * (trials + z*z))
		return p * (x / (trials + z*z)) / upper
	}
	upper := func(x float64) float64 {
		return min(1, (2*x+z*z+z*math.Sqrt(z*z+4*x*(1-x/trials)))/(2*(trials+z*z)))
	}
	l, u := lower(events), upper(events)
	if events > trials/2 { // by symmetry, so that limits near 1 are as good as limits near 0
		l, u = 1-upper(trials-events), 1-lower(trials-events)
	}
	return interval(max(0, min(l, events/trials)), u)
}

// ClopperPearson gives the exact limits of the proportion events/trials, as a fraction: quantiles of the beta distribution. Both are
// missing for data that are no proportion, and above 1e12 trials. events need not be whole: survey statistics take effective numbers.
func ClopperPearson(events, trials, confidence float64) Interval {
	if !binomialData(events, trials) || trials > mostCounted || !(confidence > 0 && confidence < 1) {
		return Interval{}
	}
	if events > trials/2 { // by symmetry, so that limits near 1 are as good as limits near 0
		lower, upper := exactLimits(trials-events, trials, (1-confidence)/2)
		return interval(1-upper, 1-lower)
	}
	return interval(exactLimits(events, trials, (1-confidence)/2))
}

func exactLimits(events, trials, tail float64) (lower, upper float64) {
	if events > 0 {
		lower = betaQuantile(tail, events, trials-events+1)
	}
	if events == trials {
		return lower, 1
	}
	return lower, betaQuantile(1-tail, events+1, trials-events)
}

// ExactPoisson gives the exact limits of the expected number of events when so many were seen: half the quantiles of chi-squared with
// 2x and 2x + 2 degrees of freedom (F. Garwood, 1936). The lower one of no events is 0. Above 1e12 events it gives Byar's limits, which
// are equal to them in all digits by then.
func ExactPoisson(events, confidence float64) Interval {
	if events > mostCounted {
		return Byar(events, confidence)
	}
	if !(events >= 0) || !(confidence > 0 && confidence < 1) {
		return Interval{}
	}
	tail, lower := (1-confidence)/2, 0.0
	if events > 0 {
		lower = distuv.ChiSquared{K: 2 * events}.Quantile(tail) / 2
	}
	return interval(lower, distuv.ChiSquared{K: 2*events + 2}.Quantile(1-tail)/2)
}

// Byar gives an approximation to the exact limits of the expected number of events that needs no quantile of chi-squared. There is no
// lower limit where the formula would make it negative: at no events, and at one event with a confidence of 99.8 %. Breslow and Day,
// Statistical Methods in Cancer Research II, 1987.
func Byar(events, confidence float64) Interval {
	z, ok := normalQuantile(confidence)
	if !ok || !finite(events) || events < 0 {
		return Interval{}
	}
	i := interval(0, byarTerm(events+1, z))
	if root := 1 - 1/(9*events) - z/(3*math.Sqrt(events)); events > 0 && root >= 0 {
		i.Lower = events * root * root * root
	} else {
		i.HasLower = false
	}
	return i
}

func byarTerm(events, z float64) float64 {
	root := 1 - 1/(9*events) + z/(3*math.Sqrt(events))
	return events * root * root * root
}

// OHID gives the limits that England's Office for Health Improvement and Disparities publishes for a number of events: exact below 10,
// Byar's from there on.
func OHID(events, confidence float64) Interval {
	if events < ohidExact {
		return ExactPoisson(events, confidence)
	}
	return Byar(events, confidence)
}

// Rate is events per so many units of exposure, with limits that come from those of the count: ExactPoisson, Byar or OHID. ok is false
// without events, exposure and per that make a finite rate.
func Rate(events, exposure, per, confidence float64, limits func(events, confidence float64) Interval) (rate float64, i Interval, ok bool) {
	rate = events / exposure * per
	if !(events >= 0 && exposure > 0 && per > 0) || !finite(events) || !finite(exposure) || !finite(rate) {
		return 0, Interval{}, false
	}
	factor := per / exposure
	if !finite(factor) {
		return rate, Interval{}, true
	}
	return rate, limits(events, confidence).Scale(factor), true
}
