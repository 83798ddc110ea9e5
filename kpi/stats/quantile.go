package stats

import (
	"math"
	"slices"
)

// QuantileType is one of the nine ways to say what a quantile of a handful of values is, numbered as by Hyndman & Fan (The American
// Statistician 50, 1996) and in R. On ten values they differ by as much as half a rank: the 95th percentile of 1 to 10 is 10 by the
// first, 9.5 by the fourth and 9.55 by the seventh.
type QuantileType int

// The types. Type 7 is the project's: it is what R, spreadsheets and DuckDB's quantile_cont compute.
const (
	QuantileInverse        QuantileType = 1 // the smallest value that at least a share p of the values does not exceed
	QuantileInverseMean    QuantileType = 2 // the same, and the mean of two values where p falls between them
	QuantileNearestEven    QuantileType = 3 // the nearest rank, the even one of two
	QuantileInterpolated   QuantileType = 4 // linear between the steps of type 1
	QuantileHazen          QuantileType = 5 // linear between the midpoints of the steps
	QuantileWeibull        QuantileType = 6 // linear, ranks spread over n + 1
	QuantileDefault        QuantileType = 7 // linear, ranks spread over n − 1
	QuantileMedianUnbiased QuantileType = 8 // linear, near the median of the rank's distribution
	QuantileNormal         QuantileType = 9 // linear, unbiased for normal values
)

// Quantile returns the p-quantile of the finite values of x, in their unit, 0 ≤ p ≤ 1. x need not be sorted and is not changed. ok is
// false without a value, for another p, and for a type that there is not. Ranks within 4·2⁻⁵² of a whole number count as that number,
// as in R: 0.1 · 10 is 1 whatever the last digit of 0.1.
func Quantile(x []float64, p float64, kind QuantileType) (q float64, ok bool) {
	sorted := valid(x)
	if len(sorted) == 0 || !(p >= 0 && p <= 1) || kind < QuantileInverse || kind > QuantileNormal {
		return 0, false
	}
	slices.Sort(sorted)
	return sortedQuantile(sorted, p, kind), true
}

// sortedQuantile is Quantile of sorted finite values.
func sortedQuantile(x []float64, p float64, kind QuantileType) float64 {
	n := float64(len(x))
	rank := quantileRank(n, p, kind)
	const fuzz = 4 * 0x1p-52
	low := math.Floor(rank + fuzz)
	part := rank - low
	if math.Abs(part) < fuzz {
		part = 0
	}
	switch kind {
	case QuantileInverse:
		part = math.Ceil(part)
	case QuantileInverseMean:
		if part > 0 {
			part = 1
		} else {
			part = 0.5
		}
	case QuantileNearestEven:
		if part > 0 || math.Mod(low, 2) == 1 {
			part = 1
		}
	}
	at := func(rank float64) float64 { return x[int(max(1, min(rank, n)))-1] }
	a, b := at(low), at(low+1)
	if part == 0 || a == b {
		return a
	}
	if part == 1 {
		return b
	}
	return (1-part)*a + part*b
}

// quantileRank is the rank of p among n values, from 1; it may lie below 1 and beyond n.
func quantileRank(n, p float64, kind QuantileType) float64 {
	spread := func(a, b float64) float64 { return a + p*(n+1-a-b) }
	switch kind {
	case QuantileNearestEven:
		return n*p - 0.5
	case QuantileInterpolated:
		return spread(0, 1)
	case QuantileHazen:
		return spread(0.5, 0.5)
	case QuantileWeibull:
		return spread(0, 0)
	case QuantileDefault:
		return spread(1, 1)
	case QuantileMedianUnbiased:
		return spread(1.0/3, 1.0/3)
	case QuantileNormal:
		return spread(3.0/8, 3.0/8)
	}
	return n * p
}
