package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// TrendLine is a line by medians: half of the slopes between two points are steeper, half are less steep.
type TrendLine struct {
	Slope     float64 // units of the value per unit of time
	Intercept float64 // at time 0
	// Lower and Upper are the confidence limits of the slope, where Bounded is true.
	Lower, Upper float64
	Bounded      bool
}

// TheilSen fits a line to values at the times t (Theil 1950, Sen 1968). The slope is the median over all pairs at different times of
// (x_j − x_i)/(t_j − t_i), the intercept the median of the values less slope times the median of the times (Conover 1980). The limits,
// for a two-sided confidence such as 0.95, are the slopes at two ranks that follow from the variance of Kendall's S, corrected for ties
// in values and in times (as scipy 1.10 has them). Times may come in any order; a time or value that is not finite leaves its point out.
// ok is false where no two times differ, with more than 5,000 points, and where a number is too large; the line is not Bounded with a
// confidence that does not lie between 0 and 1.
func TheilSen(t, values []float64, confidence float64) (l TrendLine, ok bool) {
	var at, x []float64
	for i := range min(len(t), len(values)) {
		if finite(t[i]) && finite(values[i]) {
			at, x = append(at, t[i]), append(x, values[i])
		}
	}
	if len(x) > kendallMaximum {
		return TrendLine{}, false
	}
	et, ex := scaleDown(at, 0, 1), scaleDown(x, 0, 1)
	slopes := pairSlopes(at, x)
	if len(slopes) == 0 {
		return TrendLine{}, false
	}
	l.Slope = halfway(slopes)
	l.Intercept = halfwayOf(x) - l.Slope*halfwayOf(at)
	if confidence > 0 && confidence < 1 {
		l.Lower, l.Upper, l.Bounded = slopeLimits(slopes, at, x, confidence)
	}
	return l.unscaled(ex, et)
}

// unscaled takes powers of two out of a line.
func (l TrendLine) unscaled(value, time int) (TrendLine, bool) {
	l.Intercept = math.Ldexp(l.Intercept, value)
	for _, v := range []*float64{&l.Slope, &l.Lower, &l.Upper} {
		*v = math.Ldexp(*v, value-time)
	}
	if !finite(l.Intercept) || !finite(l.Slope) || !finite(l.Lower) || !finite(l.Upper) {
		return TrendLine{}, false
	}
	return l, true
}

// slopeLimits returns the slopes whose ranks bound the median slope. The rounding of the ranks, to even, is scipy's.
func slopeLimits(slopes, at, x []float64, confidence float64) (lower, upper float64, ok bool) {
	variance := kendallScore(x, largest(x)).VarS
	for first, end := range tieGroups(at, ascending(at), 0) {
		t := float64(end - first)
		variance -= t * (t - 1) * (2*t + 5) / 18
	}
	if variance < 0 {
		return 0, 0, false
	}
	n := float64(len(slopes))
	reach := distuv.UnitNormal.Quantile((1+confidence)/2) * math.Sqrt(variance)
	first := max(int(math.RoundToEven((n-reach)/2))-1, 0)
	last := min(int(math.RoundToEven((n+reach)/2)), len(slopes)-1)
	return slopes[first], slopes[last], true
}

// pairSlopes returns the slopes between any two points at different times, ascending.
func pairSlopes(at, x []float64) []float64 {
	slopes := make([]float64, 0, len(x)*max(len(x)-1, 0)/2)
	for i := range x {
		for j := range i {
			if d := at[i] - at[j]; d != 0 {
				slopes = append(slopes, (x[i]-x[j])/d)
			}
		}
	}
	slices.Sort(slopes)
	return slopes
}

// halfway returns the median of ascending values.
func halfway(sorted []float64) float64 {
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}

// halfwayOf returns the median.
func halfwayOf(x []float64) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	return halfway(sorted)
}
